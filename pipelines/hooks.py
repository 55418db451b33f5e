"""Alerts: one for a failed, guarded or late night, by command or webhook from the environment.

An alert names the night, the status and the run; it never carries data of a person.
"""

import contextlib
import json
import shlex
import subprocess
import urllib.request
from typing import Any

import dagster as dg

from pipelines.settings import Settings

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
        request = urllib.request.Request(  # noqa: S310
            settings.alert_webhook, data=line.encode(), headers={"Content-Type": "application/json"}
        )
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=30):  # noqa: S310
            pass


def alert_sensor(settings: Settings) -> dg.SensorDefinition:
    """Alerts for runs that the UI or the schedule started; the command line sends its own."""

    @dg.run_failure_sensor(name="alert", default_status=dg.DefaultSensorStatus.RUNNING)
    def alert(context: dg.RunFailureSensorContext) -> None:
        """One alert for each failed run."""
        tags = context.dagster_run.tags
        if CLI_TAG in tags:
            return
        night = tags.get("dagster/partition") or tags.get("dagster/asset_partition_range_end")
        send_alert(settings, {"night": night, "status": "failed", "run": context.dagster_run.run_id})

    return alert
