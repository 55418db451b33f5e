"""Alerts: one for a failed, guarded or late night, by command or webhook from the environment.

An alert names the night, the status and the run; it never carries data of a person.
"""

import contextlib
import http.client
import json
import shlex
import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from assets.shared.lake import Lake
from pipelines.configuration import read_config
from pipelines.report.plans import decided_nights
from pipelines.settings import Settings
from schemas.config import SyncConfig

CLI_TAG = "crosswalk/from"


def send_alert(settings: Settings, status: dict[str, Any]) -> None:
    """Hand one JSON line to the alert command (its standard input) and post it to the webhook. Never raises.

    An alert that cannot be delivered must not change how the run ends.
    """
    line = json.dumps(status, sort_keys=True)
    if settings.alert_command:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired, ValueError):
            subprocess.run(shlex.split(settings.alert_command), input=line, text=True, timeout=60, check=False)  # noqa: S603
    if settings.alert_webhook and settings.alert_webhook.startswith(("https://", "http://")):
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            request = urllib.request.Request(  # noqa: S310
                settings.alert_webhook, data=line.encode(), headers={"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=30):  # noqa: S310
                pass


def alert_sensor(settings: Settings) -> dg.SensorDefinition:
    """Alerts for runs that the UI or the schedule started; the command line sends its own."""

    @dg.run_failure_sensor(name="alert", default_status=dg.DefaultSensorStatus.RUNNING)
    def alert(context: dg.RunFailureSensorContext) -> None:
        """One alert for each failed run."""
        tell(settings, context.dagster_run)

    return alert


def tell(settings: Settings, run: dg.DagsterRun) -> None:
    """The alert of a failed run; the command line has sent its own."""
    if CLI_TAG not in run.tags:
        night = run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_end")
        send_alert(settings, {"night": night, "status": "failed", "run": run.run_id})


def late_sensor(settings: Settings, config: Path, lake: Path) -> dg.SensorDefinition:
    """Alerts once for a night that is over, is not in the lake and should be by CROSSWALK_LATE_HOUR."""
    running = dg.DefaultSensorStatus.RUNNING if settings.schedule_running else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(name="late_night", minimum_interval_seconds=600, default_status=running)
    def late(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """One alert for each late night."""
        loaded = read_config(config)
        night = late_night(loaded, Lake(lake), settings.late_hour, datetime.now(UTC))
        if night is None or night == context.cursor:
            return dg.SkipReason("the last night is there, or is not late yet")
        send_alert(settings, {"night": night, "status": "late"})
        context.update_cursor(night)
        return dg.SkipReason(f"{night} is late; the alert was sent")

    return late


def late_night(config: SyncConfig, lake: Lake, late_hour: int, now: datetime) -> str | None:
    """The night that is late at an instant, None where none is."""
    local = now.astimezone(config.zone)
    night = (local.date() - timedelta(days=1)).isoformat()
    if local.hour < late_hour or night < config.start:
        return None
    return None if night in decided_nights(lake) else night
