"""Dagster's event log is written without waiting for the disk, and whole."""

from pathlib import Path

import dagster as dg
from sqlalchemy import create_engine, text

from pipelines.events import unhurried_disk


def waits(folder: Path) -> int:
    """SQLite's `synchronous` of a connection that is made now: 2 waits with every commit, 1 does not."""
    with create_engine(f"sqlite:///{folder / 'some.db'}").connect() as connection:
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


def test_commits_wait_for_the_disk_outside_a_run_only(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        assert waits(tmp_path) == 2
        with unhurried_disk(instance):
            assert waits(tmp_path) == 1
        assert waits(tmp_path) == 2


def test_what_is_logged_meanwhile_is_there_for_another_instance(tmp_path: Path) -> None:
    @dg.asset
    def one() -> None: ...

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance, unhurried_disk(instance):
        assert dg.materialize([one], instance=instance).success
    assert not list(tmp_path.rglob("*.db-wal"))  # tidied up when the last connection closed
    with dg.DagsterInstance.local_temp(str(tmp_path)) as again:
        assert again.get_latest_materialization_event(one.key) is not None


def test_another_storage_is_left_alone(tmp_path: Path) -> None:
    with unhurried_disk(dg.DagsterInstance.ephemeral()):
        assert waits(tmp_path) == 2
