"""What the header of a HubSpot file means: internal names, or labels of the portal, else HubSpot's default English ones.

`data/reference/hubspot_properties.csv` holds the defaults; an analyst may add to them.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"


def fold(label: str) -> str:
    """Labels are compared without regard to letters and blanks (P2-63)."""
    return " ".join(label.split()).casefold()


@cache
def defaults(entity: str) -> tuple[dict[str, str], ...]:
    """HubSpot's default properties of one object: name, label, type."""
    with (REFERENCE / "hubspot_properties.csv").open(newline="", encoding="utf-8") as file:
        return tuple(row for row in csv.DictReader(file) if row["object"] == entity)


def internal_names(
    entity: str, header: Iterable[str], properties: Iterable[Mapping[str, Any]]
) -> list[tuple[str, bool, bool]]:
    """Of each header cell: its internal name, or the cell itself; is there such a property; was it a label.

    `properties` are the portal's, with `name` and `label`. An exact internal name counts first, then a label of the
    portal, then a default label, then an internal name in other letters. A label of several properties means HubSpot's own one
    of them, else none.
    """
    portal = [row for row in properties if isinstance(row.get("name"), str)]
    internal = {str(row["name"]) for row in portal} | {row["name"] for row in defaults(entity)}
    folded = {name.casefold(): name for name in sorted(internal)}
    own = {row["name"] for row in defaults(entity)}
    labels = {fold(row["label"]): row["name"] for row in defaults(entity)}
    called: dict[str, list[str]] = {}
    for row in portal:
        if row.get("label"):
            called.setdefault(fold(str(row["label"])), []).append(str(row["name"]))
    for label, names in called.items():
        known = [n for n in names if n == labels.get(label)] or [n for n in names if n in own] or names
        if len(known) == 1:
            labels[label] = known[0]
        else:
            labels.pop(label, None)
    found = []
    for cell in header:
        if cell in internal:
            found.append((cell, True, False))
        elif fold(cell) in labels:
            found.append((labels[fold(cell)], True, True))
        else:
            name = folded.get(cell.casefold())
            found.append((name or cell, name is not None, False))
    return found
