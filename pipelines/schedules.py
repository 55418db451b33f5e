"""When it runs: the night that has just closed, once a day. Off until CROSSWALK_SCHEDULE says otherwise."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


def nightly_schedule(job: "UnresolvedAssetJobDefinition", settings: Settings) -> Any:
    """A schedule in the time zone of the partitions, at CROSSWALK_SCHEDULE_HOUR (2 o'clock)."""
    running = dg.DefaultScheduleStatus.RUNNING if settings.schedule_running else dg.DefaultScheduleStatus.STOPPED
    return dg.build_schedule_from_partitioned_job(
        job,
        name="nightly_schedule",
        description="Runs the night that has just closed.",
        hour_of_day=settings.schedule_hour,
        minute_of_hour=0,
        default_status=running,
    )


def freshness(timezone: str, settings: Settings) -> dg.FreshnessPolicy:
    """What leaves is there by CROSSWALK_LATE_HOUR of every morning, else the asset's page says so."""
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"0 {settings.late_hour} * * *",
        lower_bound_delta=timedelta(hours=settings.late_hour),
        timezone=timezone,
    )
