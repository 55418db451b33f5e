"""Types of Salesforce's standard fields, for orgs that deliver no describe files. Reading only, once a process."""

import csv
from functools import cache
from pathlib import Path

from schemas.contract import Kind

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"


@cache
def standard_kinds(entity: str) -> dict[str, Kind]:
    """Column -> kind, of one entity."""
    with (REFERENCE / "salesforce_types.csv").open(newline="", encoding="utf-8") as file:
        return {row["name"]: Kind(row["kind"]) for row in csv.DictReader(file) if row["entity"] in (entity, "*")}
