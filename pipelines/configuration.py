"""sync.yaml as a command or a run reads it: with the default mappings of data/reference beside it."""

import csv
from pathlib import Path

from pipelines.settings import REFERENCE
from schemas.config import SyncConfig, load


def read_config(path: Path) -> SyncConfig:
    """The checked configuration. Raises ConfigError with every problem of the file at once."""
    return load(path, default_pairs(), legal_bases())


def legal_bases() -> list[str]:
    """HubSpot's legal bases for processing, letter for letter."""
    with (REFERENCE / "import_legal_basis.csv").open(encoding="utf-8", newline="") as file:
        return [row["value"] for row in csv.DictReader(file)]


def default_pairs() -> list[tuple[str, str]]:
    """HubSpot property and Salesforce field of every default mapping of people."""
    with (REFERENCE / "default_mappings.csv").open(encoding="utf-8", newline="") as file:
        return [(row["hubspot"], row["salesforce"]) for row in csv.DictReader(file) if row["object"] == "person"]
