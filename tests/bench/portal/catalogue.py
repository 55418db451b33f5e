"""The field catalogues of the portal, read from fields/*.csv: options, Salesforce fields, HubSpot properties."""

import csv
import functools
from pathlib import Path

import polars as pl

_FOLDER = Path(__file__).parent / "fields"


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@functools.cache
def options(name: str) -> tuple[dict[str, str], ...]:
    """The options of a set, in order: value, label, flags."""
    return tuple(row for row in _rows("options") if row["set"] == name)


@functools.cache
def values(name: str) -> pl.Series:
    """The values of a set of options, in order."""
    return pl.Series([row["value"] for row in options(name)], dtype=pl.String)


@functools.cache
def salesforce(sobject: str) -> tuple[dict[str, str], ...]:
    """The fields of an sObject, in order."""
    return tuple(row for row in _rows("salesforce") if row["object"] in {"*", sobject})


@functools.cache
def hubspot(kind: str) -> tuple[dict[str, str], ...]:
    """The properties of a HubSpot object, in order."""
    return tuple(row for row in _rows("hubspot") if row["object"] in {"*", kind})


@functools.cache
def datetimes(system: str, kind: str) -> tuple[str, ...]:
    """The columns of an object that hold instants."""
    rows = salesforce(kind) if system == "salesforce" else hubspot(kind)
    return tuple(row["name"] for row in rows if row["type"] == "datetime")
