"""What every asset gets: the configuration, the lake and the lock, as one Dagster resource.

A shell in a stage's assets.py reads like this (specs from `assets.shared.metadata.spec`):

    def build_assets(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
        @dg.multi_asset(name="link", specs=[spec(keys.LINK, "One row: ...", deps=[...])],
                        partitions_def=partitions, backfill_policy=SINGLE_RUN)
        def link(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> dg.MaterializeResult:
            span = crosswalk.span(context)
            if not span.decides:
                return crosswalk.left_alone(context, keys.LINK)
            rows = ...compute for span.last...; crosswalk.fold(context, keys.LINK)
            return dg.MaterializeResult(metadata=table_metadata(crosswalk.lake, keys.LINK, rows))
        return [link]
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from assets.shared.lake import Lake
from assets.shared.lock import lake_lock
from assets.shared.nights import Span, check_calendar, span
from schemas.config import SyncConfig, load


class Crosswalk(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The configuration and the lake of one run, locked from its first step to its last."""

    config_path: str
    lake_path: str
    defaults: list[list[str]] = Field(default_factory=list)
    lock_seconds: float = 3600
    refetch: bool = False
    accept_shrink: bool = False

    _config: SyncConfig | None = PrivateAttr(default=None)
    _lake: Lake | None = PrivateAttr(default=None)
    _span: Span | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Crosswalk"]:
        """Lock the lake, read sync.yaml, check the lake's version; everything written is private (umask 077)."""
        log = context.log
        before = os.umask(0o077)
        run_id = context.run.run_id if context.run else "direct"
        try:
            with lake_lock(
                Path(self.lake_path),
                f"run {run_id[:8]} (process {os.getpid()})",
                wait_seconds=self.lock_seconds,
                waiting=log.warning if log else None,
            ):
                self._config = load(self.config_path, [(p, f) for p, f in self.defaults])
                self._lake = Lake(Path(self.lake_path))
                self._lake.prepare()
                check_calendar(self._lake, self._config.timezone, self._config.start)
                self._span = None
                yield self
        finally:
            os.umask(before)

    @property
    def config(self) -> SyncConfig:
        """The configuration, read when the run began."""
        if self._config is None:
            self._config = load(self.config_path, [(p, f) for p, f in self.defaults])
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
        """Empty the nights of a range before its last one, and say so on each."""
        folded = list(self.span(context).folded)
        self.lake.drop(key, folded)
        for night in folded:
            context.log_event(
                dg.AssetObservation(
                    asset_key=key.split("/"), partition=night, metadata={"folded into": self.span(context).last}
                )
            )

    def left_alone(self, context: dg.AssetExecutionContext, key: str) -> dg.MaterializeResult[Any]:
        """The result of an asset that this run does not write (replay, history), with the reason."""
        return dg.MaterializeResult(
            asset_key=key.split("/"), metadata={"not written": self.span(context).note or "nothing to do"}
        )
