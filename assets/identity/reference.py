"""The slice's reference data: small tables under `data/reference/identity_*` that an analyst may read or change.

Reading only; what the tables mean is said where they are used. Files are read once a process.
"""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "reference"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `identity_<name>.csv`, in file order."""
    with (FOLDER / f"identity_{name}.csv").open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def column(name: str, which: str) -> tuple[str, ...]:
    """One column of `identity_<name>.csv`."""
    return tuple(row[which] for row in rows(name))


@cache
def mapping(name: str, key: str, value: str) -> dict[str, str]:
    """Two columns of `identity_<name>.csv` as a mapping."""
    return {row[key]: row[value] for row in rows(name)}


@cache
def words(kind: str) -> tuple[str, ...]:
    """Words of one kind from `identity_words.csv`: title, suffix, blank, compound_surname, header_noise or header_other."""
    return tuple(row["word"] for row in rows("words") if row["kind"] == kind)


@cache
def weights(entity: str) -> dict[str, Any]:
    """The shipped, versioned weights of an entity (person or company)."""
    found: dict[str, Any] = json.loads((FOLDER / f"identity_weights_{entity}.json").read_text(encoding="utf-8"))
    return found
