"""Running the nightly job from the command line: the same job as in the UI, in this process, with its failures kept."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg

from assets.shared import unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock
from assets.shared.nights import Span, check_calendar, fetched, refuse_interrupted, span
from assets.shared.resource import check_sources
from pipelines import jobs
from pipelines.cli.core import Place
from pipelines.definitions import build_defs
from pipelines.delivered import days_ahead
from pipelines.hooks import CLI_TAG
from pipelines.instance import LAKE_TAG, bury_the_dead, open_instance
from pipelines.progress import Step, silent
from schemas.config import SyncConfig


@dataclass(frozen=True)
class Options:
    """How a run treats its input."""

    refetch: bool = False
    accept_shrink: bool = False


def run_nights(
    place: Place,
    config: SyncConfig,
    nights: list[str],
    options: Options = Options(),
    step: Step | None = None,
    say: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    *,
    rebuilding: bool = False,
) -> Span:
    """Run the nightly job for one night or for a range as one long night; returns how the nights were treated.

    Raises what the stage raised: InputRefused, GuardStopped, QuotaReached, or the error itself.
    """
    os.umask(0o077)
    _check_nights(config, nights)
    lake = Lake(place.lake_path)
    seconds = place.settings.lock_seconds
    with lake_lock(lake.root, f"crosswalk {nights[-1]} (process {os.getpid()})", wait_seconds=seconds, waiting=waiting):
        lake.prepare()
        if not rebuilding:
            refuse_interrupted(lake)
        check_calendar(lake, config)
        unfinished.settle(lake, nights)
        treated = span(lake, nights)
        if treated.mode == "run":
            check_sources(config, nights)
        kept = sorted(fetched(lake) & set(nights)) if treated.delivers else []
        if kept and say and not (options.refetch or rebuilding):
            say(f"{_named(kept)}: fetched before and kept; --refetch reads the sources again")
        definitions = build_defs(
            config=place.config_path,
            lake=place.lake_path,
            refetch=options.refetch,
            accept_shrink=options.accept_shrink,
            ahead=days_ahead(config, nights[-1]),
            rebuilding=rebuilding,
            step=step or silent,
            say=say,
        )
        with open_instance(place) as instance:
            bury_the_dead(instance, str(lake.root))
            _execute(definitions, instance, nights, str(lake.root))
    return treated


def _execute(definitions: dg.Definitions, instance: dg.DagsterInstance, nights: list[str], lake: str) -> None:
    tags = {CLI_TAG: "command line", LAKE_TAG: lake}
    if len(nights) > 1:
        tags |= {jobs.RANGE_START: nights[0], jobs.RANGE_END: nights[-1]}
    definitions.resolve_job_def("nightly").execute_in_process(
        instance=instance,
        partition_key=nights[0] if len(nights) == 1 else None,
        tags=tags,
        run_config={"loggers": {"console": {}}},
        raise_on_error=True,
    )


def _check_nights(config: SyncConfig, nights: list[str]) -> None:
    if nights[0] < config.start:
        raise InputRefused(f"{nights[0]} is before the first night there is (start: {config.start})")
    live = "api" in (config.sources.hubspot.kind, config.sources.salesforce.kind)
    if live and days_ahead(config, nights[-1]) > 1:
        raise InputRefused(
            f"{nights[-1]} has not begun; a live CRM cannot be asked for it, and every night before would be a replay"
        )


def _named(nights: list[str]) -> str:
    return nights[0] if len(nights) == 1 else f"{len(nights)} nights from {nights[0]} to {nights[-1]}"
