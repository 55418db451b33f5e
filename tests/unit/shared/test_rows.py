"""Rows that wait for being written: parts on disk and in memory, one after the other, as often as they are asked for."""

from pathlib import Path

import polars as pl
import pyarrow as pa

from assets.shared.lake import Lake
from assets.shared.rows import Rows, spilled
from schemas.arrow import arrow_schema
from schemas.tables import TABLES

KEY = "core/identity/alias"


def aliases(*names: str) -> pl.DataFrame:
    columns = arrow_schema(TABLES[KEY]).names
    return pl.DataFrame([{column: f"{column} {name}" for column in columns} for name in names])


def test_parts_come_in_their_order_and_leave_no_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.prepare()
    with lake.connect() as session:
        session.register("later", aliases("c", "a"))
        session.register("last", aliases("b"))
        on_disk = spilled(session, KEY, ["later", "last"])
    assert not [path for path in lake.spill.rglob("*") if path.is_file()]
    in_memory = aliases("d").to_arrow().cast(arrow_schema(TABLES[KEY]))
    rows = Rows(KEY, [on_disk, in_memory])
    assert rows.to_table().num_rows == 4
    for _ in range(2):
        assert [value[-1] for value in pl.DataFrame(rows)["entity_id"]] == ["a", "c", "b", "d"]
    assert rows.to_table() == pa.Table.from_batches(list(rows.to_reader()))


def test_no_parts_are_no_rows() -> None:
    assert Rows(KEY).to_table().num_rows == 0
    assert Rows(KEY).to_table() == arrow_schema(TABLES[KEY]).empty_table()
