"""The stage's reference data: limits, lifecycle stages, legal bases, the CRMs' standard fields. Read once a process."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from schemas.imports import ImportLimits

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"


@cache
def limits() -> ImportLimits:
    """What the CRMs take in a file and in a day."""
    return ImportLimits.model_validate(yaml.safe_load((REFERENCE / "import_limits.yaml").read_text()))


@cache
def default_stages() -> tuple[tuple[str, str], ...]:
    """HubSpot's own lifecycle stages in their default order: (internal value, English label) (section 2.7)."""
    return tuple((row["stage"], row["label"]) for row in _rows("lifecycle_stages.csv"))


@cache
def legal_bases() -> tuple[str, ...]:
    """The exact values of hs_legal_basis; two have an en dash, one a hyphen (P2-9F)."""
    return tuple(row["value"] for row in _rows("import_legal_basis.csv"))


@cache
def converted_statuses() -> tuple[str, ...]:
    """Lead statuses that only a conversion sets (P1-27)."""
    return tuple(row["status"] for row in _rows("converted_statuses.csv"))


@cache
def default_targets() -> tuple[tuple[str, str], ...]:
    """What the default mappings fill: (Salesforce object, field)."""
    rows = _rows("default_mappings.csv")
    return tuple((name.lower(), row["salesforce"]) for row in rows for name in row["applies_to"].split(";"))


@cache
def default_properties() -> tuple[dict[str, Any], ...]:
    """HubSpot's default properties in the shape of staged/hubspot/property, for portals without a property file."""
    return tuple(_typed(row, ("read_only", "calculated", "hasUniqueValue")) for row in _rows("import_properties.csv"))


@cache
def standard_fields() -> tuple[dict[str, Any], ...]:
    """Salesforce's standard fields in the shape of staged/salesforce/field, for organisations without a describe."""
    flags = ("nillable", "createable", "updateable", "calculated", "restrictedPicklist", "defaultedOnCreate")
    return tuple(_typed(row, (*flags, "externalId", "idLookup")) for row in _rows("import_fields.csv"))


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _typed(row: dict[str, str], flags: tuple[str, ...]) -> dict[str, Any]:
    return {k: (v == "true" if k in flags else v or None) for k, v in row.items()}
