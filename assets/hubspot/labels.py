"""What HubSpot's labels mean: property labels and option labels of the portal, else the default English ones.

`data/reference/hubspot_properties.csv` and `hubspot_options.csv` hold the defaults; an analyst may add to them.
"""

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from assets.shared.failures import InputRefused
from assets.shared.labels import REFERENCE, fold, internal_names
from assets.shared.stream import ByteStream
from schemas.hubspot import ENTITIES

OWNER = "hubspot_owner_id"


class Portal:
    """Labels and options of one night's portal. Broken files count as absent here; the landing reports them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[str, list[dict[str, Any]]] = {}

    def names(self, entity: str, header: list[str]) -> tuple[list[str], set[str]]:
        """Internal names of header cells, and those that came from labels.

        An exact internal name counts first, then a label of the portal, then a default label, then an internal name in
        other letters; anything else is kept as it is.
        """
        found = internal_names(entity, header, self._properties(entity))
        return [name for name, _, _ in found], {name for name, _, is_label in found if is_label}

    def options(self, entity: str, name: str) -> tuple[dict[str, str], bool]:
        """Folded option label -> internal value, and whether a cell may hold several."""
        if name == OWNER:
            return self._owners(), False
        for row in self._properties(entity):
            if row["name"] == name and isinstance(row.get("options"), list) and row["options"]:
                found = [o for o in row["options"] if isinstance(o, dict) and o.get("value") is not None]
                return _mapping([(str(o.get("label")), str(o["value"])) for o in found]), row.get(
                    "fieldType"
                ) == "checkbox"
        return _mapping(
            [(o["label"], o["value"]) for o in default_options() if o["name"] == name and o["object"] == entity]
        ), False

    def _owners(self) -> dict[str, str]:
        pairs = []
        for owner in self._answer("owners"):
            if owner.get("id") is None:
                continue
            full = " ".join(str(owner.get(part) or "") for part in ("firstName", "lastName")).strip()
            pairs += [(label, str(owner["id"])) for label in (full, str(owner.get("email") or "")) if label]
        labels = [fold(label) for label, _ in pairs]
        return _mapping([pair for pair in pairs if labels.count(fold(pair[0])) == 1])

    def _properties(self, entity: str) -> list[dict[str, Any]]:
        found = self._answer(f"properties/{ENTITIES[entity].file}") or self._answer(f"properties/{entity}")
        return [row for row in found if isinstance(row.get("name"), str)]

    def _answer(self, stem: str) -> list[dict[str, Any]]:
        if stem not in self._cache:
            self._cache[stem] = _read(self._folder, stem)
        return self._cache[stem]


def translate(column: pl.Expr, options: tuple[dict[str, str], bool]) -> pl.Expr:
    """Internal values for cells that are option labels; several separated by `;` where the property takes several."""
    mapping, several = options
    if several:
        parts = column.str.split(";")
        return parts.list.eval(_value(pl.element(), mapping)).list.join(";")
    return _value(column, mapping)


@cache
def default_options() -> tuple[dict[str, str], ...]:
    """Options of HubSpot's default enumerations: object, name, value, label."""
    return tuple(_rows("hubspot_options.csv"))


def _value(cell: pl.Expr, mapping: Mapping[str, str]) -> pl.Expr:
    values = sorted(set(mapping.values()))
    label = cell.str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase()
    translated = label.replace_strict(mapping, default=None, return_dtype=pl.String)
    return pl.when(cell.str.strip_chars().is_in(values)).then(cell).otherwise(pl.coalesce(translated, cell))


def _mapping(pairs: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, value in pairs:
        found.setdefault(fold(label), value)
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _read(folder: Path, stem: str) -> list[dict[str, Any]]:
    for ending in (".json", ".json.gz"):
        path = folder / f"{stem}{ending}"
        if path.is_file():
            try:
                found = json.loads(b"".join(ByteStream(path, path.name).blocks()))
            except (InputRefused, ValueError, RecursionError):
                return []
            if isinstance(found, dict):
                found = next((found[key] for key in ("results", "owners") if isinstance(found.get(key), list)), [])
            return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return []
