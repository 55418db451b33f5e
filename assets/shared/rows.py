"""Rows of a table until they are written, part by part, in memory or on disk: a large night does not fit into memory."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import pyarrow as pa
from sqlglot import exp

from assets.shared.sql import BATCH, Session
from schemas.arrow import arrow_schema
from schemas.tables import ORDER, TABLES


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


class Rows:
    """Rows of the table `key`, one part after the other. Another library reads them as a stream of Arrow."""

    def __init__(self, key: str, parts: Sequence[pa.Table | Spilled] = ()) -> None:
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


def _batches(part: pa.Table | Spilled) -> Iterable[pa.RecordBatch]:
    batches: Iterable[pa.RecordBatch] = part.to_batches(BATCH) if isinstance(part, pa.Table) else part.to_batches()
    return batches
