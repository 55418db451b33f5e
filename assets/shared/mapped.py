"""Rows of a table kept on disk until they are written: a night's large results would not all fit into memory."""

import tempfile
from collections.abc import Iterable

import pyarrow as pa
from sqlglot import exp

from assets.shared.sql import BATCH, Session
from schemas.arrow import arrow_schema
from schemas.tables import ORDER, TABLES


def mapped(session: Session, key: str, relations: Iterable[str]) -> pa.Table:
    """The rows of relations as those of the table `key`, in its order: a file in the spill folder, read from there page by page.

    Each relation is asked for when those before it are read, and its rows come after theirs in the table's order. The file has
    no name any more when this returns, so it goes with the last that reads it, however the process ends.
    """
    schema = arrow_schema(TABLES[key])
    rows = exp.select(*(exp.column(name) for name in schema.names)).order_by(*ORDER[key])
    with tempfile.NamedTemporaryFile(dir=session.lake.spill) as file:
        with pa.ipc.new_file(file, schema) as sink:
            for relation in relations:
                for batch in session.sql(rows.from_(relation)).to_arrow_reader(BATCH):
                    sink.write_batch(pa.RecordBatch.from_arrays([*batch.columns], batch.schema.names).cast(schema))
        file.flush()
        return pa.ipc.open_file(pa.memory_map(file.name)).read_all()
