"""Assembly: what `workspace.yaml` loads. Nothing is defined here.

`build_defs` is a function so that the command line and the tests get fresh definitions for another configuration or
lake, with any resource replaced.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.shared.partitions import nightly as nightly_partitions
from assets.shared.resource import Crosswalk
from pipelines import jobs, schedules, stages
from pipelines.configuration import defaults, legal_bases, read_config
from pipelines.hooks import alert_sensor, late_sensor
from pipelines.live import live_crms
from pipelines.progress import console_logger
from pipelines.settings import Settings


def build_defs(
    *,
    config: Path | None = None,
    lake: Path | None = None,
    resources: Mapping[str, Any] | None = None,
    refetch: bool = False,
    accept_shrink: bool = False,
    rebuilding: bool = False,
    ahead: int = 0,
    step: Callable[[str, bool], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> dg.Definitions:
    """All assets, checks, jobs, schedules and resources for one configuration and one lake.

    `ahead` opens that many nights after the last one that is over; `step` is told of each step and `say` of
    how far a live CRM is read (command line only).

    Raises ConfigError where sync.yaml is refused: the time zone and the first night of the partitions come from it.
    """
    settings = Settings()
    config_path, lake_path = settings.config_path(config), settings.lake_path(lake, config)
    loaded = read_config(config_path)
    partitions = nightly_partitions(loaded.timezone, loaded.start, ahead)
    job = jobs.nightly()
    crosswalk = Crosswalk(
        config_path=str(config_path.resolve()),
        lake_path=str(lake_path.resolve()),
        defaults=[list(one) for one in defaults()],
        legal_bases=legal_bases(),
        lock_seconds=settings.lock_seconds,
        refetch=refetch,
        accept_shrink=accept_shrink,
        rebuilding=rebuilding,
        debug=settings.debug,
    )
    return dg.Definitions(
        assets=stages.assets(partitions, schedules.freshness(loaded.timezone, settings)),
        jobs=[job],
        schedules=[schedules.nightly_schedule(job, settings)],
        sensors=[alert_sensor(settings, lake_path), late_sensor(settings, config_path, lake_path)],
        resources={"crosswalk": crosswalk, "live": live_crms(say), **(resources or {})},
        executor=dg.in_process_executor,
        loggers={"console": console_logger(step)} if step else None,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location."""
    return build_defs()
