"""One night of a table as one Parquet file, written as its rows come and in their order, and the commit that puts it in place.

The Delta writer mixes the batches that it is given and holds much of a large night; here one row group is all that is held. A
writing that fails leaves no file and no commit.
"""

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.transaction import AddAction, create_table_with_add_actions

NIGHT = pa.field("night", pa.string(), nullable=False)
GROUP = 122_880  # rows of a row group at most: what DuckDB reads on one thread
CELLS = 2_000_000  # of a row group at most, which is what is held


class OtherType(Exception):
    """A column of the rows has another type than in the table."""


def write_file(
    folder: Path, night: str, rows: pa.RecordBatchReader, counted: Sequence[str], group: int | None = None
) -> tuple[list[AddAction], int]:
    """Write the file of a night below a table's folder; what adds it (nothing where there are no rows), and its number of rows.

    Of the columns `counted` the file and the action say how small and how large their values are. `group`: rows of a row group,
    where it should hold less than `GROUP` and `CELLS` let it.
    """
    groups = _grouped(rows, group or min(GROUP, max(CELLS // max(len(rows.schema), 1), 1)))
    first = next(groups, None)
    if first is None:
        return [], 0
    inside = f"night={night}/part-{uuid.uuid4()}.zstd.parquet"
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        options = {"compression": "zstd", "store_schema": False, "write_statistics": list(counted) or False}
        with parquet.ParquetWriter(path, rows.schema, **options) as writer:
            for table in chain([first], groups):
                writer.write_table(table, row_group_size=table.num_rows)
        about = parquet.read_metadata(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    state, stats = path.stat(), json.dumps({"numRecords": about.num_rows} | _extremes(about, counted))
    action = AddAction(inside, state.st_size, {"night": night}, int(state.st_mtime * 1000), True, stats)
    return [action], about.num_rows


def create(
    folder: Path, actions: Sequence[AddAction], schema: pa.Schema, says: CommitProperties, options: dict[str, str]
) -> None:
    """The first commit of a table of these columns and `night`."""
    create_table_with_add_actions(
        str(folder), Schema.from_arrow(schema.append(NIGHT)), [*actions], mode="append", partition_by=["night"],
        configuration=options, commit_properties=says,
    )  # fmt: skip


def add(table: DeltaTable, actions: Sequence[AddAction], says: CommitProperties) -> None:
    """The commit that adds the files of nights that have none; nothing is looked up of what is there."""
    table.create_write_transaction([*actions], "append", table.schema(), ["night"], commit_properties=says)


def replace(table: DeltaTable, nights: Sequence[str], actions: Sequence[AddAction], says: CommitProperties) -> None:
    """The commit that puts files in the place of what the nights had."""
    among = [("night", "in", list(nights))]
    table.create_write_transaction([*actions], "overwrite", table.schema(), ["night"], among, commit_properties=says)


def widen(table: DeltaTable, schema: pa.Schema) -> None:
    """Add the columns that a table lacks. Raises OtherType where a column that it has is of another type."""
    there = {field.name: field.type for field in table.schema().fields}
    given = [Field.from_arrow(field) for field in schema]
    if any(field.name in there and there[field.name] != field.type for field in given):
        raise OtherType
    if fresh := [Field(field.name, field.type, nullable=True) for field in given if field.name not in there]:
        table.alter.add_columns(fresh)


def _grouped(reader: pa.RecordBatchReader, size: int) -> Iterator[pa.Table]:
    """Batches together, without a copy: a row group costs the writer the same, whatever it is made of."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        while rows + batch.num_rows >= size:
            yield pa.Table.from_batches([*waiting, batch.slice(0, size - rows)])
            batch = batch.slice(size - rows)
            waiting, rows = [], 0
        if batch.num_rows:
            waiting.append(batch)
            rows += batch.num_rows
    if rows:
        yield pa.Table.from_batches(waiting)


def _extremes(about: parquet.FileMetaData, counted: Sequence[str]) -> dict[str, dict[str, object]]:
    """Smallest and largest value and number of nulls by column, as Delta's log has them."""
    found: dict[str, dict[str, object]] = {"minValues": {}, "maxValues": {}, "nullCount": {}}
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    for position, name in enumerate(about.schema.names if counted and groups else ()):
        told = [group.column(position).statistics for group in groups]
        if name not in counted or any(one is None for one in told):
            continue
        found["nullCount"][name] = sum(one.null_count for one in told)
        if known := [one for one in told if one.has_min_max]:
            found["minValues"][name] = min(one.min for one in known)
            found["maxValues"][name] = max(one.max for one in known)
    return found if found["nullCount"] else {}
