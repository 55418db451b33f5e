"""Numbers that no double holds: beside such a column of a night another one has them as they were delivered."""

from collections.abc import Mapping

import polars as pl
from sqlglot import exp

from assets.shared import keys
from assets.shared.sql import Session
from assets.shared.versions import column
from schemas.contract import EXACT, Kind

_LONG = r"[1-9]\.?(?:[0-9]\.?){14,}[1-9]"  # sixteen digits that count, or more: a double keeps fifteen of any number


def exact_columns(reading: Session, key: str, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Kinds of the columns that tonight's rows of a raw table need beside their numbers; hardly ever any."""
    reading.use(key)
    present = reading.sql(f"FROM {keys.relation(key)}").columns
    numbers = [name for name, kind in kinds.items() if kind is Kind.NUMBER and name in present]
    if not numbers:
        return {}
    long = [exp.LogicalOr(this=_is_long(column(name))) for name in numbers]
    (row,) = reading.sql(exp.select(*long, copy=False).from_(keys.relation(key), copy=False)).fetchall()
    return {f"{EXACT}{name}": Kind.TEXT for name, is_long in zip(numbers, row, strict=True) if is_long}


def with_exact(rows: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Rows of text with the columns of `exact_columns`."""
    names = [name for name in kinds if name.startswith(EXACT)]
    return rows.with_columns([_long_cells(rows[name.removeprefix(EXACT)]).alias(name) for name in names])


def _is_long(cell: exp.Expr) -> exp.Expr:
    """A CASE, for an AND of a SELECT list looks for the pattern in every cell, and hardly any cell is long enough."""
    pattern = exp.RegexpLike(this=cell.copy(), expression=exp.Literal.string(_LONG))
    return exp.Case().when(exp.GT(this=exp.Length(this=cell), expression=exp.Literal.number(15)), pattern)


def _long_cells(cells: pl.Series) -> pl.Series:
    return cells.set(~cells.str.contains(_LONG).fill_null(False), None).str.strip_chars()
