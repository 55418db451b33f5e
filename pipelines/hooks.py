"""Alerts: one for a failed, guarded or late night, by command or webhook from the environment, and its status line.

An alert names the night, the status and the run; it never carries data of a person.
"""

import contextlib
import http.client
import json
import os
import shlex
import subprocess
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from assets.shared.failures import GuardStopped, InputRefused, QuotaReached
from assets.shared.lake import Lake
from pipelines.configuration import read_config
from pipelines.report.plans import decided_nights
from pipelines.settings import Settings
from schemas.config import ConfigError, SyncConfig

CLI_TAG = "crosswalk/from"
STATUS = {0: "done", 1: "failed", 2: "refused", 3: "stopped by a guard", 4: "stopped at an API quota"}
_ENDS = {kind.__name__: kind.exit_status for kind in (InputRefused, ConfigError, GuardStopped, QuotaReached)}


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


def write_status(lake: Path, line: dict[str, Any]) -> None:
    """Append the line where there is a lake; a lake that cannot be written must not hide why the run ended."""
    if not (lake / "lake.json").exists():
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(lake / "status.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(line) + "\n").encode())
        finally:
            os.close(descriptor)


def alert_sensor(settings: Settings, lake: Path) -> dg.SensorDefinition:
    """Alerts for runs that the UI or the schedule started; the command line sends its own."""

    @dg.run_failure_sensor(name="alert", default_status=dg.DefaultSensorStatus.RUNNING)
    def alert(context: dg.RunFailureSensorContext) -> None:
        """One alert for each failed run."""
        tell(settings, lake, context.dagster_run, context.get_step_failure_events())

    return alert


def tell(settings: Settings, lake: Path, run: dg.DagsterRun, failures: Sequence[dg.DagsterEvent]) -> None:
    """Status line and alert of a run that did not end well; the command line has left its own."""
    if CLI_TAG not in run.tags:
        night = run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_end")
        code = exit_status(failures)
        line = {"night": night, "status": STATUS[code], "exit_status": code, "run": run.run_id}
        write_status(lake, line)
        send_alert(settings, line)


def exit_status(failures: Sequence[dg.DagsterEvent]) -> int:
    """The exit status that the command line would have ended with, by the failures of a run's steps."""
    for event in failures:
        error = event.step_failure_data.error
        while error is not None:
            if error.cls_name in _ENDS:
                return _ENDS[error.cls_name]
            error = error.cause
    return 1


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
        line = {"night": night, "status": "late"}
        write_status(lake, line)
        send_alert(settings, line)
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
