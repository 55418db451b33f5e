"""Rows that wait for being written: parts on disk and in memory, one after the other, as often as they are asked for."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.shared import rows
from assets.shared.lake import Lake
from assets.shared.rows import Rows, Standing, spilled
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


NIGHT = "2026-01-01"
names = st.sets(st.tuples(st.sampled_from(["company", "person"]), st.text("ab/1\u00e9", max_size=3)), max_size=30)


@settings(deadline=None, max_examples=50)
@given(before=names, gone=names, fresh=names, batch=st.integers(1, 7))
def test_rows_that_stand_and_tonights_are_one_table_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    before: set[tuple[str, str]],
    gone: set[tuple[str, str]],
    fresh: set[tuple[str, str]],
    batch: int,
) -> None:
    """Standing rows less those left, with tonight's, are what sorting all of them gives; of one entity where it is chosen."""
    schema = arrow_schema(TABLES[KEY])

    def table(of: set[tuple[str, str]], says: str) -> pa.Table:
        cells = [{"entity": e, "alias_id": a, "entity_id": says, "since": NIGHT} for e, a in sorted(of)]
        return pa.Table.from_pylist(cells, schema=schema)

    lake = Lake(tmp_path_factory.mktemp("lake"))
    lake.prepare()
    lake.write(KEY, NIGHT, table(before, "before"))
    left = table(gone | fresh, "").select(["entity", "alias_id"])
    with pytest.MonkeyPatch.context() as patched, lake.connect() as session:
        patched.setattr(rows, "BATCH", batch)
        session.register("tonight", table(fresh, "fresh"))
        made = spilled(session, KEY, ["tonight"])
        found = Rows(KEY, [Standing(KEY, lake.files(KEY), left.column_names, left, made)])
        expected = dict.fromkeys(before - gone, "before") | dict.fromkeys(fresh, "fresh")
        assert [(e, a, s) for e, a, s, _ in zip(*found.to_table().to_pydict().values(), strict=True)] == [
            (*name, says) for name, says in sorted(expected.items())
        ]
        people = {name for name in fresh if name[0] == "person"}
        session.register("tonight", table(people, "fresh"))
        made = spilled(session, KEY, ["tonight"])
        part = Standing(KEY, lake.files(KEY), left.column_names, left, made, ("entity", "person"))
        kept = {name: says for name, says in expected.items() if name[0] == "person"}
        assert [tuple(row.values())[:2] for row in Rows(KEY, [part]).to_table().to_pylist()] == sorted(kept)
