"""The lake's tables as several readers and writers see them, and the database that the sessions of a run share."""

import gc
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from assets.shared import keys
from assets.shared.engine import SELDOM
from assets.shared.lake import Lake

RAW = keys.raw("hubspot", "contact")
ONE = pa.table({"hs_object_id": ["1"], "email": ["a"]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    return lake


def spilled(lake: Lake) -> list[Path]:
    return list((lake.root / ".spill").iterdir())


def test_a_version_is_the_number_of_the_newest_commit(lake: Lake) -> None:
    assert lake.version(RAW) == -1
    assert not lake.exists(RAW)
    for number in range(3):
        lake.write(RAW, "2026-01-01", ONE)
        assert lake.version(RAW) == number == DeltaTable(str(lake.root / RAW)).version()


def test_a_version_is_known_where_old_commits_are_tidied_away(lake: Lake) -> None:
    for _ in range(2):
        lake.write(RAW, "2026-01-01", ONE)
    DeltaTable(str(lake.root / RAW)).create_checkpoint()
    log = lake.root / RAW / "_delta_log"
    for commit in log.glob("*.json"):
        commit.unlink()
    assert lake.version(RAW) == 1


def test_a_log_without_a_commit_is_no_table(lake: Lake) -> None:
    (lake.root / RAW / "_delta_log").mkdir(parents=True)
    (lake.root / RAW / "_delta_log" / "_commit_0.json.tmp").touch()
    assert lake.version(RAW) == -1


def test_what_another_writer_commits_is_read(lake: Lake) -> None:
    lake.write(RAW, "2026-01-01", ONE)
    assert lake.nights(RAW) == ["2026-01-01"]
    other = Lake(lake.root)
    other.write(RAW, "2026-01-02", ONE)
    other.write(RAW, "2026-01-03", ONE)
    assert lake.nights(RAW) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    lake.write(RAW, "2026-01-04", ONE)
    assert other.nights(RAW) == lake.nights(RAW)


def test_a_table_that_takes_the_place_of_another_is_opened_anew(lake: Lake) -> None:
    for night in ("2026-01-01", "2026-01-02"):
        lake.write(RAW, night, ONE)
    assert len(lake.nights(RAW)) == 2
    other = Lake(lake.root)
    other.discard(RAW)
    other.write(RAW, "2026-01-05", ONE)
    assert lake.nights(RAW) == ["2026-01-05"]


def test_sessions_share_a_database_and_none_of_their_relations(lake: Lake) -> None:
    with lake.at_work(), lake.connect() as one, lake.connect() as other:
        one.register("given", ONE)
        one.keep("kept", "SELECT email FROM given")
        other.keep("kept", "SELECT 'b' AS email")
        assert one.scalar("SELECT email FROM kept") == "a"
        assert other.scalar("SELECT email FROM kept") == "b"
        assert other.scalar("SELECT count(*) FROM duckdb_views() WHERE view_name = 'given'") == 0
        for session in (one, other):
            assert session.scalar("SELECT current_setting('TimeZone')") == "UTC"
        assert len(spilled(lake)) == 1


def test_what_spilled_is_wiped_when_the_last_session_ends(lake: Lake) -> None:
    with lake.at_work():
        with lake.connect():
            pass
        assert len(spilled(lake)) == 1
        assert spilled(lake)[0].stat().st_mode & 0o777 == 0o700
    assert spilled(lake) == []
    with pytest.raises(ZeroDivisionError), lake.connect():
        raise ZeroDivisionError
    assert spilled(lake) == []


def test_garbage_is_looked_for_seldom_while_a_session_is_open_and_as_before_afterwards(lake: Lake) -> None:
    before = gc.get_threshold()
    with lake.at_work():
        with lake.connect():
            assert gc.get_threshold() == (SELDOM, *before[1:]) != before
        assert gc.get_threshold()[0] == SELDOM
    assert gc.get_threshold() == before
