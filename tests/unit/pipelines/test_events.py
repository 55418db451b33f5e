"""Dagster's event log, written in batches, says what Dagster's own says, in the same place and form."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.events import EventLog

ROOT = Path(__file__).parents[3]
NIGHTS = dg.StaticPartitionsDefinition([f"2026-11-{day:02}" for day in range(1, 31)])
RANGE = {"dagster/asset_partition_range_start": "2026-11-01", "dagster/asset_partition_range_end": "2026-11-30"}


@contextmanager
def instance_of(home: Path, batch: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The instance that dagster.yaml describes, or Dagster's own (`batch` None)."""
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", str(batch or 0))
    monkeypatch.setenv("DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS", "true")
    if batch is None:
        (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    else:
        shutil.copy(ROOT / "dagster.yaml", home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def run_a_range(instance: dg.DagsterInstance) -> str:
    """Two assets over a range of nights, one of which has data versions and checks, and a night with a failure."""

    def policy() -> dict[str, Any]:
        return {"partitions_def": NIGHTS, "backfill_policy": dg.BackfillPolicy.single_run()}

    @dg.asset(**policy(), check_specs=[dg.AssetCheckSpec("whole", asset="one")])
    def one() -> dg.MaterializeResult:  # type: ignore[type-arg]
        said = dg.AssetCheckResult(passed=True, metadata={"rows": 3})
        return dg.MaterializeResult(metadata={"rows": 3}, data_version=dg.DataVersion("v1"), check_results=[said])

    @dg.asset(**policy(), deps=[one])
    def two(context: dg.AssetExecutionContext) -> None:
        context.log_event(dg.AssetObservation("two", partition="2026-11-01", metadata={"folded into": "2026-11-30"}))

    @dg.asset(**policy(), deps=[two])
    def three() -> None:
        raise ValueError("three")

    job = dg.Definitions([one, two, three], jobs=[dg.define_asset_job("all")]).resolve_job_def("all")
    return job.execute_in_process(instance=instance, tags=RANGE, raise_on_error=False).run_id


def said(home: Path, shard: str) -> list[tuple[Any, ...]]:
    """What a file of the log holds of its run, without times."""
    with sqlite3.connect(home / "history" / "runs" / f"{shard}.db") as con:
        return con.execute(
            "SELECT dagster_event_type, step_key, asset_key, partition FROM event_logs ORDER BY id"
        ).fetchall()


def tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The other tables of the index, without ids and times."""
    with sqlite3.connect(home / "history" / "runs" / "index.db") as con:
        return {
            "tags": con.execute(
                "SELECT tag.asset_key, key, partition FROM asset_event_tags AS tag "
                "JOIN event_logs ON event_logs.id = event_id ORDER BY event_id, key"
            ).fetchall(),
            "assets": con.execute(
                "SELECT asset_key, json_extract(last_materialization, '$.event_log_entry.dagster_event.event_type_value'), "
                "json_extract(last_materialization, '$.storage_id') FROM asset_keys ORDER BY asset_key"
            ).fetchall(),
            "checks": con.execute(
                "SELECT asset_key, check_name, execution_status FROM asset_check_executions"
            ).fetchall(),
        }


@pytest.mark.parametrize("batch", [1000, 7, 0], ids=["at once", "in parts", "one by one"])
def test_a_range_is_logged_as_dagster_logs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    found = []
    for name, size in (("own", None), ("batched", batch)):
        with instance_of(tmp_path / name, size, monkeypatch) as instance:
            assert isinstance(instance.event_log_storage, EventLog) is (size is not None)
            run = run_a_range(instance)
        home = tmp_path / name
        found.append((said(home, run), said(home, "index"), tables(home)))
    assert found[0] == found[1]
    assert len([row for row in found[1][0] if row[0] == "ASSET_MATERIALIZATION"]) == 60


def test_dagsters_own_reads_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with instance_of(tmp_path, 1000, monkeypatch) as instance:
        run = run_a_range(instance)
    assert not list(tmp_path.rglob("*.db-wal"))  # tidied up when the last connection closed
    with instance_of(tmp_path, None, monkeypatch) as again:
        assert type(again.event_log_storage) is SqliteEventLogStorage
        assert again.get_materialized_partitions(dg.AssetKey("one")) == set(NIGHTS.get_partition_keys())
        assert again.get_latest_materialization_event(dg.AssetKey("two")).run_id == run
        observed = again.fetch_observations(dg.AssetKey("two"), limit=10).records
        assert [record.partition_key for record in observed] == ["2026-11-01"]


def test_commits_do_not_wait_for_the_disk(tmp_path: Path) -> None:
    storage = EventLog(str(tmp_path))
    try:
        for connect in (storage.index_connection, lambda: storage.run_connection("some-run")):
            with connect() as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
    finally:
        storage.dispose()


def test_engines_of_a_few_runs_are_kept(tmp_path: Path) -> None:
    storage = EventLog(str(tmp_path))
    try:
        for number in range(20):
            with storage.run_connection(f"run-{number}") as connection:
                assert connection.exec_driver_sql("SELECT count(*) FROM event_logs").scalar_one() == 0
        with storage.index_connection() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM asset_keys").scalar_one() == 0
        assert sorted(storage._engines) == ["index", *sorted(f"run-{number}" for number in range(12, 20))]
    finally:
        storage.dispose()
