"""sync.yaml as a command or a run reads it: with the default mappings of data/reference beside it."""

import csv
from pathlib import Path

from pipelines.settings import REFERENCE
from schemas.config import SyncConfig, load
from schemas.config_rules import Default


def read_config(path: Path) -> SyncConfig:
    """The checked configuration. Raises ConfigError with every problem of the file at once."""
    return load(path, defaults(), legal_bases())


def legal_bases() -> list[str]:
    """HubSpot's legal bases for processing, letter for letter."""
    with (REFERENCE / "import_legal_basis.csv").open(encoding="utf-8", newline="") as file:
        return [row["value"] for row in csv.DictReader(file)]


def defaults() -> list[Default]:
    """Every default mapping, once an object that has its field."""
    with (REFERENCE / "default_mappings.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["hubspot"], row["salesforce"], object_)
            for row in csv.DictReader(file)
            for object_ in row["applies_to"].split(";")
        ]
