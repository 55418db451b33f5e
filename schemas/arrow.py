"""One declaration, four renderings: a pandera model becomes an Arrow schema, DuckDB types and column documentation.

The validator is the model itself. Dagster's column schema is made from `columns()` by `assets.shared.metadata`.
"""

from dataclasses import dataclass
from typing import Any

import pandera.polars as pa
import polars as pl
import pyarrow as arrow


@dataclass(frozen=True)
class Column:
    """One documented column: its name, DuckDB type, whether it may be null, and what it means."""

    name: str
    type: str
    nullable: bool
    description: str


_SCALARS: dict[type[pl.DataType], tuple[arrow.DataType, str]] = {
    pl.String: (arrow.string(), "VARCHAR"),
    pl.Int64: (arrow.int64(), "BIGINT"),
    pl.Float64: (arrow.float64(), "DOUBLE"),
    pl.Boolean: (arrow.bool_(), "BOOLEAN"),
    pl.Date: (arrow.date32(), "DATE"),
    pl.Datetime: (arrow.timestamp("us", tz="UTC"), "TIMESTAMPTZ"),
}


_BY_NAME = {name: kind for kind, name in _SCALARS.values()}


def arrow_type(dtype: pl.DataType) -> arrow.DataType:
    """Arrow type of a polars type, in the lake's vocabulary (design section 3): plain, never `large_`, never null.

    Raises TypeError for a type that the lake does not keep.
    """
    if isinstance(dtype, pl.Decimal):
        return arrow.decimal128(dtype.precision or 38, dtype.scale)
    if isinstance(dtype, pl.List):
        return arrow.list_(arrow_type(_instance(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        return arrow.struct([arrow.field(f.name, arrow_type(_instance(f.dtype))) for f in dtype.fields])
    try:
        return _SCALARS[type(dtype)][0]
    except KeyError:
        raise TypeError(f"the lake keeps no columns of type {dtype}") from None


def duckdb_type(dtype: arrow.DataType) -> str:
    """DuckDB's name of an Arrow type of the lake."""
    if arrow.types.is_decimal(dtype):
        return f"DECIMAL({dtype.precision}, {dtype.scale})"
    if arrow.types.is_list(dtype) or arrow.types.is_large_list(dtype):
        return f"{duckdb_type(dtype.value_type)}[]"
    if arrow.types.is_struct(dtype):
        inner = ", ".join(f'"{f.name}" {duckdb_type(f.type)}' for f in dtype)
        return f"STRUCT({inner})"
    if arrow.types.is_large_string(dtype):
        return "VARCHAR"
    for kind, name in _SCALARS.values():
        if dtype.equals(kind):
            return name
    raise TypeError(f"the lake keeps no columns of type {dtype}")


def arrow_of(duckdb_type: str) -> arrow.DataType:
    """Arrow type of a scalar DuckDB type by its name. Raises KeyError for another one."""
    return _BY_NAME[duckdb_type]


def arrow_schema(model: type[pa.DataFrameModel]) -> arrow.Schema:
    """Arrow schema of a model, columns in the model's order."""
    columns = model.to_schema().columns
    return arrow.schema([arrow.field(name, arrow_type(_instance(c.dtype.type))) for name, c in columns.items()])


def columns(model: type[pa.DataFrameModel]) -> list[Column]:
    """The documented columns of a model, in its order."""
    kinds = arrow_schema(model)
    return [
        Column(name, duckdb_type(kinds.field(name).type), bool(c.nullable), c.description or "")
        for name, c in model.to_schema().columns.items()
    ]


def _instance(dtype: Any) -> pl.DataType:
    found: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return found
