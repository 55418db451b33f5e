"""One night of a table as one Parquet file, written as its rows come: for rows that arrive by the million and need no sorting.

The Delta writer keeps what it is given until much of it is there; here one row group is all that is held, whatever the
size of the night. A reading that fails leaves no file and no commit.
"""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.transaction import AddAction, create_table_with_add_actions

from assets.shared.lake import NIGHT, Lake

GROUP = 4_096  # rows of a row group, which is what is held
_UNCOUNTED = {"delta.dataSkippingNumIndexedCols": "0"}  # a delivered cell may be anything: the log keeps none of them


def place(lake: Lake, key: str, night: str, data: pa.RecordBatchReader) -> int:
    """Replace one night of a raw table, in one commit; returns the number of rows.

    `data` has the table's columns without `night`; a column that the table lacks is added to it first.
    """
    folder, says = lake.root / key, CommitProperties(custom_metadata={"night": night})
    action, rows = _file(folder, night, data)
    if lake.exists(key):
        table = DeltaTable(str(folder))
        there = {field.name for field in table.schema().fields}
        if fresh := [Field.from_arrow(field) for field in data.schema if field.name not in there]:
            table.alter.add_columns(fresh)
        table.create_write_transaction(
            [action], "overwrite", table.schema(), ["night"], [("night", "=", night)], commit_properties=says
        )
    else:
        create_table_with_add_actions(
            str(folder), Schema.from_arrow(data.schema.append(NIGHT)), [action], mode="append", partition_by=["night"],
            configuration=_UNCOUNTED, commit_properties=says,
        )  # fmt: skip
    return rows


def _file(folder: Path, night: str, reader: pa.RecordBatchReader) -> tuple[AddAction, int]:
    """Write the file of a night below a table's folder; the action that adds it, and its rows."""
    inside = f"night={night}/part-{uuid.uuid4()}.zstd.parquet"
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    rows = 0
    try:
        with parquet.ParquetWriter(
            path, reader.schema, compression="zstd", store_schema=False, write_statistics=False
        ) as writer:
            for table in _grouped(reader):
                rows += table.num_rows
                writer.write_table(table, row_group_size=table.num_rows)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    about = path.stat()
    stats = json.dumps({"numRecords": rows})
    return AddAction(inside, about.st_size, {"night": night}, int(about.st_mtime * 1000), True, stats), rows


def _grouped(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Batches together, without a copy: a row group costs the writer the same, whatever it is made of."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= GROUP:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.Table.from_batches(waiting)
