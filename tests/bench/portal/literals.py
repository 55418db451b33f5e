"""Cells that stories spell out, and rows that are delivered twice."""

from collections.abc import Callable

import numpy as np
import polars as pl

from tests.bench.portal.draw import Ints
from tests.bench.portal.nights import HOUR
from tests.bench.portal.telling import Records, S

_TRANSFORMATIONS: dict[str, Callable[[str], str]] = {
    "@upper": str.upper,
    "@space": lambda cell: f" {cell.partition('@')[0]}@{cell.partition('@')[2].upper()} ",
    "@plus": lambda cell: cell.replace("@", "+news@"),
    "@trail": lambda cell: f"{cell}  ",
    "@decimals": lambda cell: f"{cell}.00",
    "@next": lambda cell: str(int(cell) + 1),
    "@checksum": lambda cell: cell[:-1] + ("A" if cell[-1] != "A" else "B"),
    "@short": lambda cell: cell[:14],
}
_STAMPS = ("lastmodifieddate", "LastModifiedDate", "SystemModstamp")
_TITLES = ("jobtitle", "Title")


def literal(rows: pl.DataFrame, found: Records[S], name: str, which: Ints) -> pl.DataFrame:
    """Rows of one record with the literal cells and repeated rows of its stories; `which` are the rows' positions in `found`."""
    where = np.full(len(found.subjects), -1, dtype=np.int64)
    where[which] = np.arange(len(which))
    cells: dict[str, dict[int, str | None]] = {}
    for column, who, texts in found.text.get(name, []):
        cells.setdefault(column, {}).update(zip(where[who].tolist(), texts, strict=True))
    for column, wanted in cells.items():
        kept = {row: cell for row, cell in wanted.items() if row >= 0 and cell is not None}
        if column in rows.columns and kept:
            present = rows[column].gather(list(kept)).to_list()
            spoken = [_spoken(cell, old) for cell, old in zip(kept.values(), present, strict=True)]
            rows = rows.with_columns(rows[column].scatter(list(kept), spoken))
    parts = [rows]
    for how, who in found.repeat.get(name, []):
        chosen = where[who]
        parts.append(_again(rows[chosen[chosen >= 0].tolist()], how))
    return pl.concat(parts)


def _spoken(cell: str, old: str | None) -> str | None:
    if not cell.startswith("@"):
        return cell
    return None if old is None else _TRANSFORMATIONS[cell](old)


def _again(rows: pl.DataFrame, how: str) -> pl.DataFrame:
    if how == "identical":
        return rows
    stamps = [name for name in _STAMPS if name in rows.columns]
    older = rows.with_columns(pl.lit("Outdated title").alias(name) for name in _TITLES if name in rows.columns)
    return older if how == "tied" else older.with_columns(pl.col(stamps) - HOUR)
