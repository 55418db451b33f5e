"""One entity's rows from one file of an API, on their way into `raw`: spilled night by night, or read straight into the table.

Rows that a fetch has kept on disk anyway need no second copy: they are read once, into the table. What must be known before a
table is replaced (how many rows, whether an id comes twice) is known at the end of that reading, and a reading that fails
leaves the table as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.shared.columns import settle
from assets.shared.failures import CrosswalkError
from assets.shared.spool import Spool
from assets.shared.words import counted
from schemas.delivery import Entity

_ROWS = 2_048  # of a batch
_TAIL = [("source_file", pa.string()), ("source_line", pa.int64())]
Tables = Callable[[], Iterable[pa.Table]]


class CameTwice(Exception):
    """An id has several rows, so that they must be compared before any of them is written."""


@dataclass
class Spilled:
    """Rows of all nights in the lake's spill folder."""

    entity: Entity
    file: str
    spools: dict[str, Spool]
    ids: list[pa.Array] = field(default_factory=list)
    times: list[pa.Array] = field(default_factory=list)
    live: list[pa.Array] = field(default_factory=list)
    keys: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    base: int = 0  # rows of the same file that came before, by another way
    says: bool = True  # whether the CRM was asked for the columns; the last values of what is no more are our own

    def all_ids(self) -> pa.Array:
        """Ids of the rows, as they came."""
        return pa.concat_arrays([pa.array([], pa.string()), *self.ids])

    def rows_of(self, night: str) -> int:
        """Rows of one night."""
        return self.spools[night].rows

    def columns_of(self, night: str) -> list[str]:
        """Delivered columns of one night."""
        return self.spools[night].columns

    def batches(self, night: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of one night in the columns of a schema."""
        self.spools[night].expect([name for name in schema.names if name not in dict(_TAIL)])
        return (batch.select(schema.names) for batch in self.spools[night].reader())


@dataclass
class Kept:
    """Rows of one night that a fetch has kept and that can be read as often as needed. `known`: how many they are."""

    entity: Entity
    file: str
    tables: Tables
    rows: int
    known_ids: Callable[[], pa.Array]
    modified: Sequence[str]
    dead: str | None
    names: Sequence[str]  # of columns that the table has or should have
    base: int = 0
    says: bool = True

    def __post_init__(self) -> None:
        first = next(iter(self.tables()), None)
        self._columns = settle(first.column_names, self.names) if first is not None else []

    def all_ids(self) -> pa.Array:
        """Ids of the rows, as they came."""
        return self.known_ids()

    def rows_of(self, night: str) -> int:
        """Rows of the one night."""
        return self.rows

    def columns_of(self, night: str) -> list[str]:
        """Delivered columns."""
        return list(self._columns)

    def batches(self, night: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows in the columns of a schema. Raises CrosswalkError where they are not as many as were known."""
        line = self.base
        for batch in compact(self.tables()):
            count = batch.num_rows
            cells = dict(zip(self._columns, batch.columns, strict=True))
            cells["source_file"] = pa.repeat(self.file, count)
            cells["source_line"] = pa.array(np.arange(line + 1, line + count + 1))
            line += count
            yield pa.RecordBatch.from_arrays(
                [cells[f.name] if f.name in cells else pa.nulls(count, f.type) for f in schema], schema=schema
            )
        if line != self.base + self.rows:
            raise CrosswalkError(
                f"{self.file}: kept {counted(line - self.base, 'record')} of the {self.rows:,} that came; nothing is written"
            )


Landed = Spilled | Kept


def schema_of(columns: Iterable[str]) -> pa.Schema:
    """Delivered columns as text, and where each row came from."""
    return pa.schema([*((name, pa.string()) for name in columns), *_TAIL])


def compact(tables: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    """The rows of tables copied together, some at a time: what a reader hands out lies in buffers many times its size."""
    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        if rows >= _ROWS:
            yield from pa.concat_tables(waiting).combine_chunks().to_batches()
            waiting, rows = [], 0
    if rows:
        yield from pa.concat_tables(waiting).combine_chunks().to_batches()


def each_once(batches: Iterable[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    """The same batches. Raises CameTwice after the last one where a value of a column came twice."""
    seen: list[pa.Array] = []
    rising, last = True, ""
    for batch in batches:
        column = batch.column(name)
        if rising and len(column):  # mostly: then nothing needs to be looked up
            steps = pc.less(column[:-1], column[1:])
            rising = last < (column[0].as_py() or "") and pc.all(steps, min_count=0).as_py() and not column.null_count
            last = column[-1].as_py() or ""
        seen.append(column)
        yield batch
    if not rising and sum(map(len, seen)) > pc.count_distinct(pa.chunked_array(seen, pa.string()), mode="all").as_py():
        raise CameTwice


def older(many: list[Spilled]) -> "dict[int, np.ndarray[Any, Any]]":
    """Rows of each part that another row with the same id replaces, by position in the part."""
    if not any(one.ids for one in many):
        return {}
    frame = pl.concat(
        [
            pl.DataFrame(
                {
                    "id": pl.Series(pl.from_arrow(pa.chunked_array(one.ids))),
                    "time": pl.Series(pl.from_arrow(pa.chunked_array(one.times)), dtype=pl.Int64),
                    "live": pl.Series(pl.from_arrow(pa.chunked_array(one.live))),
                }
            ).with_columns(pl.lit(place).alias("part"), pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
            for place, one in enumerate(many)
            if one.ids
        ]
    )
    twice = frame.filter(pl.col("id").is_duplicated())
    if twice.is_empty():
        return {}
    worse = twice.sort("id", "time", "live", "part", "row", nulls_last=False).filter(
        pl.int_range(pl.len()).over("id") < pl.len().over("id") - 1
    )
    return {place: worse.filter(pl.col("part") == place)["row"].to_numpy() for place in range(len(many))}


def heard(batches: Iterable[pa.RecordBatch], raised: list[Exception]) -> Iterator[pa.RecordBatch]:
    """The same batches. What reading them raises is put into `raised` too: the writer makes an error of its own of it."""
    try:
        yield from batches
    except Exception as error:
        raised.append(error)
        raise


def without(batches: Iterable[pa.RecordBatch], lines: "np.ndarray[Any, Any]") -> Iterator[pa.RecordBatch]:
    """The same batches without the rows of some lines."""
    for batch in batches:
        if len(lines):
            batch = batch.filter(pa.array(~np.isin(batch.column("source_line").to_numpy(), lines)))
        yield batch


def merged(files: list[dict[str, object]]) -> list[dict[str, object]]:
    """One row a file: parts that came by several ways (live, archived) are one file."""
    found: dict[object, dict[str, object]] = {}
    for file in files:
        if (first := found.get(file["file"])) is None:
            found[file["file"]] = dict(file)
        else:
            first["rows"] = int(str(first["rows"])) + int(str(file["rows"]))
            first["columns"] = list(dict.fromkeys([*_names(first), *_names(file)]))
    return list(found.values())


def _names(file: Mapping[str, object]) -> list[str]:
    columns = file["columns"]
    return [str(c) for c in columns] if isinstance(columns, list) else []
