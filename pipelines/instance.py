"""The Dagster instance that the command line shares with the UI.

A run is recorded in the persistent DAGSTER_HOME when one is set in the environment, or when the lake is the one the UI
looks at; a run on any other lake (a test, a trial) leaves no trace there.
"""

import os

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipelines.cli.core import Place

LAKE_TAG = "crosswalk/lake"
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
