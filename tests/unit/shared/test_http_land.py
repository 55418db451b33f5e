"""What an API gave and a fetch keeps, into `raw`: read once, unless an id comes twice; a reading that fails changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from assets.shared.failures import CrosswalkError
from assets.shared.http_land import ApiLanding
from assets.shared.lake import Lake
from schemas.salesforce import ENTITIES

NIGHT, KEY = "2026-11-20", "raw/salesforce/lead"
Row = tuple[str, str, str | None]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.prepare()
    return made


def keep(lake: Lake, *pages: list[Row], said: int | None = None, name: str = "Email") -> None:
    """Land pages of (Id, cell, SystemModstamp) as one fetch of a night. `said`: how many rows the source told of."""
    landing = ApiLanding(lake, "salesforce", ENTITIES, {NIGHT: datetime(2026, 11, 21, tzinfo=UTC)})

    def tables() -> Iterator[pa.Table]:
        for page in pages:
            columns = {"Id": 0, name: 1, "SystemModstamp": 2}
            yield pa.table({c: pa.array([row[n] for row in page], pa.string()) for c, n in columns.items()})

    ids = pa.array([row[0] for page in pages for row in page], pa.string())
    rows = len(ids) if said is None else said
    landing.keep("lead", "Lead.csv", tables, rows, lambda: ids, modified=("SystemModstamp",), dead="IsDeleted")
    try:
        landing.finish({}, [], 0.0)
    finally:
        landing.close()


def landed(lake: Lake) -> list[tuple[str, ...]]:
    with lake.connect(NIGHT) as session:
        session.use(KEY, {"Email": "VARCHAR", "Phone": "VARCHAR"})
        query = f'SELECT "Id", "Email", "Phone", source_file, source_line FROM {KEY.replace("/", "__")} ORDER BY ALL'
        return session.sql(query).fetchall()


def test_rows_land_as_they_came_with_their_lines(lake: Lake) -> None:
    keep(lake, [("00Q1", "a", None), ("00Q2", "b", None)], [("00Q3", "c", None)])
    assert landed(lake) == [(f"00Q{n}", c, None, "Lead.csv", n) for n, c in ((1, "a"), (2, "b"), (3, "c"))]
    assert not list((lake.root / ".spill").iterdir())


def test_of_two_rows_with_one_id_the_newer_lands(lake: Lake) -> None:
    keep(
        lake,
        [("00Q1", "new", "2026-11-20T09:00:00.000Z"), ("00Q2", "b", None)],
        [("00Q1", "old", "2026-11-19T09:00:00.000Z")],
    )
    assert [row[:2] for row in landed(lake)] == [("00Q1", "new"), ("00Q2", "b")]


def test_a_night_fetched_again_replaces_it_and_may_bring_other_columns(lake: Lake) -> None:
    keep(lake, [("00Q1", "a", None)])
    keep(lake, [("00Q2", "1234", None)], name="Phone")
    assert landed(lake) == [("00Q2", None, "1234", "Lead.csv", 1)]


def test_fewer_rows_than_were_told_of_change_nothing(lake: Lake) -> None:
    keep(lake, [("00Q1", "a", None)])
    before = landed(lake), sorted(lake.files(KEY))
    with pytest.raises(CrosswalkError, match=r"kept 1 record of the 2 that came"):
        keep(lake, [("00Q2", "b", None)], said=2)
    there = [str(path) for path in (lake.root / KEY).rglob("*.parquet")]
    assert (landed(lake), sorted(there)) == before
