"""What every asset gets: the configuration, the lake and the lock, as one Dagster resource.

A shell in a stage's assets.py reads like this (specs from `assets.shared.metadata.spec`):

    def build_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
        @dg.multi_asset(name="link", specs=[spec(keys.LINK, "One row: ...", deps=[...])],
                        partitions_def=partitions, backfill_policy=SINGLE_RUN)
        @step
        def link(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> Iterator[dg.MaterializeResult]:
            span = crosswalk.span(context)
            if not span.decides:
                yield crosswalk.left_alone(context, keys.LINK)
            else:
                rows = ...compute for span.last...; crosswalk.fold(context, keys.LINK)
                yield dg.MaterializeResult(metadata=table_metadata(crosswalk.lake, keys.LINK, rows))
        return [link]
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata
from pydantic import Field, PrivateAttr

from assets.shared import unfinished
from assets.shared.failures import GuardStopped, InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock, private_files
from assets.shared.nights import Span, check_calendar, note_config, refuse_interrupted, span
from assets.shared.source_check import source_problems
from assets.shared.upkeep import look_after
from schemas.config import ConfigError, SyncConfig, load

REFUSALS = frozenset({InputRefused.__name__, ConfigError.__name__})
STOPPED = frozenset({GuardStopped.__name__})  # by a guard: everything is written but the files


class Crosswalk(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The configuration and the lake of one run, locked from its first step to its last."""

    config_path: str
    lake_path: str
    defaults: list[list[str]] = Field(default_factory=list)
    legal_bases: list[str] = Field(default_factory=list)
    lock_seconds: float = 3600
    refetch: bool = False
    accept_shrink: bool = False
    rebuilding: bool = False
    debug: bool = False

    _config: SyncConfig | None = PrivateAttr(default=None)
    _lake: Lake | None = PrivateAttr(default=None)
    _span: Span | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Crosswalk"]:
        """Lock the lake, read sync.yaml, check it against the lake and the sources; everything written is private.

        A run that is refused leaves the tables as they were when it began.
        """
        log, run = context.log, context.run
        holder = f"run {run.run_id[:8] if run else 'direct'} (process {os.getpid()})"
        waiting = log.warning if log else None
        with (
            private_files(),
            lake_lock(Path(self.lake_path), holder, wait_seconds=self.lock_seconds, waiting=waiting),
        ):
            self._config = self._lake = self._span = None
            self.lake.prepare()
            if not self.rebuilding:
                refuse_interrupted(self.lake)
            check_calendar(self.lake, self.config)
            check_sources(self.config, _nights_of(run))
            note_config(self.lake, self.config_path)
            note = unfinished.begin(self.lake, _nights_of(run))
            try:
                with self.lake.at_work():
                    yield self
            finally:
                ended = _ended(context.instance, run.run_id) if run and context.instance else frozenset[str]()
                if ended is not None and ended & REFUSALS:
                    unfinished.take_back(self.lake, note)
                elif ended is not None and ended <= STOPPED:
                    unfinished.end(self.lake)
                    if self._span is not None and self._span.records and not self.rebuilding:
                        self._look_after(context, self._span)  # a rebuild may be taken back, and does it at its end

    def _look_after(self, context: dg.InitResourceContext, span: Span) -> None:
        """A run that has done its work is not failed by its housekeeping, which the next run does again."""
        problem = look_after(self.lake, span.last, self.config.retention)
        if problem and context.log:
            context.log.warning(f"housekeeping: {problem}; the next run tries again")

    @property
    def config(self) -> SyncConfig:
        """The configuration, read when the run began."""
        if self._config is None:
            self._config = load(self.config_path, [(p, f, o) for p, f, o in self.defaults], self.legal_bases)
        return self._config

    @property
    def lake(self) -> Lake:
        """The lake."""
        if self._lake is None:
            self._lake = Lake(Path(self.lake_path))
            self._lake.prepare()
        return self._lake

    def span(self, context: dg.AssetExecutionContext) -> Span:
        """The nights of the run and how it treats them; decided once, before anything is written."""
        if self._span is None:
            self._span = span(self.lake, list(context.partition_keys))
            if self._span.note:
                context.log.info(self._span.note)
        return self._span

    def fold(self, context: dg.AssetExecutionContext, key: str) -> None:
        """Empty the nights of a range before its last one, and say so on each.

        As `context.log_event` does it, but stored together where the event log takes batches: a long range folds many.
        """
        span, step, batch = self.span(context), context.get_step_execution_context(), f"{key} is folded"
        self.lake.drop(key, list(span.folded))
        for left, night in zip(range(len(span.folded), 0, -1), span.folded, strict=True):
            said = dg.AssetObservation(asset_key=key.split("/"), partition=night, metadata={"folded into": span.last})
            DagsterEvent.asset_observation(step, said, DagsterEventBatchMetadata(batch, is_end=left == 1))

    def left_alone(self, context: dg.AssetExecutionContext, key: str) -> dg.MaterializeResult[Any]:
        """The result of an asset that this run does not write (replay, history), with the reason; checks judge nothing."""
        note = self.span(context).note or "nothing to do"
        checks = [
            dg.AssetCheckResult(
                check_name=spec.name, asset_key=spec.asset_key, passed=True, metadata={"not judged": note}
            )
            for spec in context.assets_def.check_specs
            if spec.asset_key.to_user_string() == key
        ]
        return dg.MaterializeResult(asset_key=key.split("/"), metadata={"not written": note}, check_results=checks)


def check_sources(config: SyncConfig, nights: list[str]) -> None:
    """Raises ConfigError where sync.yaml asks for what the sources of the last night cannot give."""
    problems = source_problems(config, nights[-1]) if nights else []
    if problems:
        raise config.refusal(problems)


def _nights_of(run: dg.DagsterRun | None) -> list[str]:
    """First and last night of a run, as its tags name them."""
    tags = run.tags if run else {}
    named = [tags.get(tag) for tag in ("dagster/asset_partition_range_start", "dagster/partition")]
    named.append(tags.get("dagster/asset_partition_range_end"))
    return [night for night in named if night]


def _ended(instance: dg.DagsterInstance, run_id: str) -> frozenset[str] | None:
    """What the steps of a run failed of, as names of classes; None where one was interrupted and did not end at all."""
    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE}
    events = [entry.get_dagster_event() for entry in instance.all_logs(run_id, of_type=kinds)]
    begun = {e.step_key for e in events if e.event_type == dg.DagsterEventType.STEP_START}
    over = {e.step_key for e in events if e.event_type != dg.DagsterEventType.STEP_START}
    if begun - over:
        return None
    return frozenset(_cause(e.step_failure_data.error) for e in events if e.is_step_failure)


def _cause(error: Any) -> str:
    """Class of what a step failed of: the one of ours among an error and what caused it, else the error's own."""
    found, names = error, []
    while found is not None:
        names.append(str(found.cls_name))
        found = found.cause
    return next((name for name in names if name in REFUSALS | STOPPED), names[0] if names else "unknown")
