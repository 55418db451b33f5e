"""The Dagster instance that the command line shares with the UI.

A run is recorded in the persistent DAGSTER_HOME when one is set in the environment, or when the lake is the one the UI
looks at; a run on any other lake (a test, a trial) leaves no trace there.
"""

import os
from datetime import datetime

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipelines.cli.core import Place

LAKE_TAG = "crosswalk/lake"
_FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_UNFINISHED = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING]


def open_instance(place: Place) -> dg.DagsterInstance:
    """The persistent instance where the run belongs to it, else one that ends with the process."""
    home = place.settings.dagster_home
    named = "DAGSTER_HOME" in os.environ
    shared = place.lake_path.resolve() == place.settings.lake_path().resolve()
    if home is None or not (named or shared) or not home.is_dir():
        return dg.DagsterInstance.ephemeral()
    os.environ["DAGSTER_HOME"] = str(home.resolve())
    return dg.DagsterInstance.get()


def bury_the_dead(instance: dg.DagsterInstance, lake: str) -> None:
    """Mark runs of this lake that a killed process left unfinished. Call it while holding the lake's lock."""
    if instance.is_ephemeral:
        return
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED, tags={LAKE_TAG: lake})):
        instance.report_run_failed(run, "its process ended without finishing it")


def prune(instance: dg.DagsterInstance, before: datetime) -> tuple[int, int]:
    """Delete finished runs created before an instant that no night depends on; how many went, how many had to stay.

    Dagster forgets a run's materializations with it, so a run that is the last to have written a partition stays.
    """
    gone = kept = 0
    for record in instance.get_run_records(RunsFilter(statuses=_FINISHED, created_before=before)):
        run_id = record.dagster_run.run_id
        if _is_last(instance, run_id):
            kept += 1
        else:
            instance.delete_run(run_id)
            gone += 1
    return gone, kept


def _is_last(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether some partition was last materialized by this run."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        event = entry.get_dagster_event()
        key, partition = event.asset_key, event.partition
        if key is None:
            continue
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[partition] if partition else None)
        newest = instance.fetch_materializations(wanted, limit=1).records
        if newest and newest[0].run_id == run_id:
            return True
    return False
