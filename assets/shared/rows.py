"""Rows of a table until they are written, part by part, in memory or on disk: a large night does not fit into memory."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlglot import exp

from assets.shared.sql import BATCH, Session
from schemas.arrow import arrow_schema
from schemas.tables import ORDER, TABLES

_BETWEEN = "\x1f"  # the columns of a name: below every character of theirs, so that names sort as the columns do


class Part(Protocol):
    """Some rows of a table, as often as they are asked for."""

    def to_batches(self) -> Iterable[pa.RecordBatch]:
        """The rows, from the first."""


class Spilled:
    """Batches in a file of the spill folder, read one at a time. The file has no name: it goes with its last reader."""

    def __init__(self, session: Session, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=session.lake.spill)  # noqa: SIM115 - read as long as this is
        with pa.ipc.new_file(self._file, schema) as sink:
            for batch in batches:
                sink.write_batch(batch)

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, from the first."""
        reader = pa.ipc.open_file(pa.PythonFile(self._file, mode="r"))
        return (reader.get_batch(number) for number in range(reader.num_record_batches))


@dataclass(frozen=True)
class Standing:
    """The rows that a night before left in `files`, without those that do not stand, and tonight's among them.

    A row is named by `columns`; `left` has those of the rows that do not stand. Both the files, in their order, and `fresh` are
    in the order of these names. Of the files only rows with this value (`where`: column, value) are read.
    """

    key: str
    files: Sequence[str]
    columns: Sequence[str]
    left: pa.Table
    fresh: Part
    where: tuple[str, str] | None = None

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, from the first."""
        coming, left = _Coming(self.fresh, self._names), self._names(self.left.combine_chunks())
        for batch in self._before():
            names = self._names(batch)
            stands = pc.invert(pc.is_in(names, value_set=left))
            yield from self._merged(batch, names, stands, coming.until(names[-1]))
        yield from coming.rest()

    def _names(self, batch: pa.RecordBatch | pa.Table) -> pa.Array:
        return pc.binary_join_element_wise(*(batch[name] for name in self.columns), _BETWEEN)

    def _before(self) -> Iterator[pa.RecordBatch]:
        schema = arrow_schema(TABLES[self.key])
        for file in self.files:
            for batch in pq.ParquetFile(file).iter_batches(BATCH, columns=schema.names):
                if self.where is not None:
                    batch = batch.filter(pc.equal(batch[self.where[0]], self.where[1]))
                if batch.num_rows:
                    yield batch.select(schema.names).cast(schema)

    def _merged(
        self, batch: pa.RecordBatch, names: pa.Array, stands: pa.Array, fresh: list[pa.RecordBatch]
    ) -> Iterable[pa.RecordBatch]:
        if not fresh and pc.all(stands).as_py():
            return [batch]
        rows = pa.Table.from_batches([batch, *fresh]).combine_chunks()
        every = pa.concat_arrays([names, *map(self._names, fresh)])
        keep = pa.concat_arrays([stands, *(pa.repeat(True, part.num_rows) for part in fresh)])
        order = pc.sort_indices(every)
        merged: list[pa.RecordBatch] = rows.take(order.filter(keep.take(order))).to_batches()
        return merged


class _Coming:
    """Rows in order, handed out up to a name at a time."""

    def __init__(self, rows: Part, names: Callable[[pa.RecordBatch], pa.Array]) -> None:
        self._batches = iter(rows.to_batches())
        self._names = names
        self._next = next(self._batches, None)

    def until(self, last: pa.Scalar) -> list[pa.RecordBatch]:
        """The next rows whose name is not beyond the last one."""
        found = []
        while self._next is not None:
            count = pc.sum(pc.less_equal(self._names(self._next), last)).as_py() or 0
            found += [self._next.slice(0, count)] if count else []
            if count < self._next.num_rows:
                self._next = self._next.slice(count)
                break
            self._next = next(self._batches, None)
        return found

    def rest(self) -> Iterator[pa.RecordBatch]:
        """All rows that are left."""
        if self._next is not None:
            yield self._next
        yield from self._batches


class Rows:
    """Rows of the table `key`, one part after the other. Another library reads them as a stream of Arrow."""

    def __init__(self, key: str, parts: Sequence[pa.Table | Part] = ()) -> None:
        self.schema = arrow_schema(TABLES[key])
        self._parts = list(parts)

    def to_reader(self) -> pa.RecordBatchReader:
        """The rows, a batch at a time."""
        batches = (batch for part in self._parts for batch in _batches(part))
        return pa.RecordBatchReader.from_batches(self.schema, batches)

    def to_table(self) -> pa.Table:
        """All rows, in memory."""
        return self.to_reader().read_all()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows for whoever speaks Arrow's stream protocol."""
        return self.to_reader().__arrow_c_stream__(requested_schema)


def spilled(session: Session, key: str, relations: Iterable[str]) -> Spilled:
    """The rows of relations as those of the table `key`, on disk, in its order.

    Each relation is asked for when those before it are read, and its rows come after theirs in the table's order.
    """
    schema = arrow_schema(TABLES[key])
    rows = exp.select(*(exp.column(name) for name in schema.names)).order_by(*ORDER[key])
    return Spilled(
        session,
        schema,
        (
            pa.RecordBatch.from_arrays([*batch.columns], batch.schema.names).cast(schema)
            for relation in relations
            for batch in session.sql(rows.from_(relation)).to_arrow_reader(BATCH)
        ),
    )


def _batches(part: pa.Table | Part) -> Iterable[pa.RecordBatch]:
    batches: Iterable[pa.RecordBatch] = part.to_batches(BATCH) if isinstance(part, pa.Table) else part.to_batches()
    return batches
