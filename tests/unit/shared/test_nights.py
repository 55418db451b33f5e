"""Nights, spans and the calendar of a lake."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.nights import Span, as_of, check_calendar, newest_decided, nights_between, span
from schemas.arrow import arrow_schema
from schemas.config import ConfigError, SyncConfig, parse
from schemas.tables import TABLES

LEDGER = arrow_schema(TABLES[keys.LEDGER])
ROW = dict.fromkeys(LEDGER.names) | {"object": "person", "pair_id": "hs:1", "triggers": []}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    return lake


def decide(lake: Lake, night: str, rows: int = 1) -> None:
    lake.write(keys.LEDGER, night, LEDGER.empty_table() if not rows else table(rows))


def table(rows: int):  # type: ignore[no-untyped-def]
    import pyarrow as pa

    return pa.Table.from_pylist([ROW | {"pair_id": f"hs:{n}"} for n in range(rows)], schema=LEDGER)


@pytest.mark.parametrize(
    ("night", "ends"),
    [
        ("2026-01-15", datetime(2026, 1, 15, 23, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 15, 22, tzinfo=UTC)),
        ("2026-03-29", datetime(2026, 3, 29, 22, tzinfo=UTC)),  # the day on which summer time begins has 23 hours
        ("2026-10-25", datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_a_night_ends_at_midnight_in_its_own_zone(night: str, ends: datetime) -> None:
    assert as_of(night, ZoneInfo("Europe/Oslo")) == ends


def test_a_range_has_both_its_ends() -> None:
    assert nights_between("2024-02-28", "2024-03-01") == ["2024-02-28", "2024-02-29", "2024-03-01"]


def test_the_first_night_and_later_ones_run(lake: Lake) -> None:
    assert span(lake, ["2026-01-01"]).mode == "run"
    decide(lake, "2026-01-01")
    assert span(lake, ["2026-01-01"]).mode == "run"
    assert span(lake, ["2026-01-02"]).mode == "run"


def test_a_night_before_the_ledgers_newest_is_a_replay_and_says_so(lake: Lake) -> None:
    decide(lake, "2026-01-01")
    decide(lake, "2026-01-02")
    replay = span(lake, ["2026-01-01"])
    assert (replay.mode, replay.delivers, replay.decides, replay.records) == ("replay", False, True, False)
    assert "2026-01-02" in str(replay.note)


def test_a_night_without_changes_still_counts_as_decided(lake: Lake) -> None:
    decide(lake, "2026-01-01")
    decide(lake, "2026-01-02", rows=0)
    assert newest_decided(lake) == "2026-01-02"
    assert span(lake, ["2026-01-01"]).mode == "replay"


def test_a_night_that_was_taken_out_is_forgotten(lake: Lake) -> None:
    decide(lake, "2026-01-01")
    decide(lake, "2026-01-02")
    lake.drop(keys.LEDGER, ["2026-01-02"])
    assert newest_decided(lake) == "2026-01-01"


def test_an_old_range_only_fills_raw_and_staged(lake: Lake) -> None:
    decide(lake, "2026-01-05")
    history = span(lake, ["2026-01-01", "2026-01-02"])
    assert (history.mode, history.delivers, history.decides, history.records) == ("history", True, False, False)
    assert history.folded == ()


def test_a_range_is_one_long_night() -> None:
    long = Span(("2026-01-01", "2026-01-02", "2026-01-03"), "run", None)
    assert (long.first, long.last, long.folded) == ("2026-01-01", "2026-01-03", ("2026-01-01", "2026-01-02"))


def calendar(timezone: str, start: str) -> SyncConfig:
    sources = "sources: {salesforce: {path: sf}, hubspot: {path: hs}}"
    return parse(f"{sources}\ntimezone: {timezone}\nstart: {start}\n", file="my/sync.yaml")


def test_a_calendar_may_change_only_under_an_empty_lake(lake: Lake) -> None:
    check_calendar(lake, calendar("UTC", "2026-01-01"))
    check_calendar(lake, calendar("Europe/Oslo", "2026-01-01"))
    decide(lake, "2026-01-01")
    with pytest.raises(ConfigError) as caught:
        check_calendar(lake, calendar("UTC", "2025-01-01"))
    zone, start = str(caught.value).splitlines()
    assert zone.startswith("my/sync.yaml: line 2: timezone: UTC is not the Europe/Oslo of this lake")
    assert start.startswith("my/sync.yaml: line 3: start: 2025-01-01 is not the 2026-01-01 of this lake")
    check_calendar(lake, calendar("Europe/Oslo", "2026-01-01"))
