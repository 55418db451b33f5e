"""`crosswalk simulate`: what another configuration would do on the same night's data, beside the present one.

Both are decided against the same staged rows and the same ledger; nothing of the lake is written. A night that was
delivered and not yet run is fetched into a copy of the lake that is thrown away.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.resource import check_sources
from pipelines.night import deliver, plan_tables
from pipelines.report.plan_comparison import segment_moves, with_changed
from pipelines.report.plans import COLUMNS, DELTAS, ORDER, compared, decided_nights, decisions, operations
from schemas.config import SyncConfig

STATUS = {"new": "gained", "gone": "lost", "pending": "same"}


@dataclass
class Simulation:
    """Operations of both plans with `status` gained, lost, changed or same; both plans alone, and their decisions.

    `moves` are the contacts that enter or leave the inclusion segment: status, hubspot_id, email.
    """

    night: str
    operations: pl.DataFrame
    present: pl.DataFrame
    other: pl.DataFrame
    present_decisions: pl.DataFrame
    other_decisions: pl.DataFrame
    moves: pl.DataFrame


def simulate(lake: Lake, night: str, present: SyncConfig, other: SyncConfig) -> Simulation:
    """Decide a night by another configuration; the present plan is the lake's, else decided too.

    Raises what a run of that night would raise.
    """
    there = lake.root.is_dir() and night in decided_nights(lake)
    with _with_night(lake, night, present) as data:
        then, then_decided = _planned(other, data, night)
        if there:
            now, now_decided = operations(lake, night), decisions(lake, night)
        else:
            now, now_decided = _planned(present, data, night)
    both = compared(then, now).with_columns(pl.col("status").replace_strict(STATUS))
    moves = segment_moves(now_decided, then_decided)
    return Simulation(night, with_changed(both, now), now, then, now_decided, then_decided, moves)


def _planned(config: SyncConfig, lake: Lake, night: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    check_sources(config, [night])
    tables = plan_tables(config, lake, night)
    rows = pl.concat([_frame(tables[key], night) for key in DELTAS]).select(COLUMNS).sort(ORDER, nulls_last=False)
    return rows, _frame(tables[keys.DECISION], night)


@contextmanager
def _with_night(lake: Lake, night: str, config: SyncConfig) -> Iterator[Lake]:
    """The lake itself where it has the night, else a linked copy in which the night is fetched and staged."""
    known = lake.nights(keys.raw("hubspot", "delivery")) if (lake.root / "lake.json").exists() else []
    if night in known:
        yield lake
        return
    parent = lake.root if lake.root.is_dir() else Path(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix=f".simulate-{os.getpid()}-", dir=parent) as folder:
        copy = Lake(Path(folder) / "lake")
        if lake.root.is_dir():
            _link_tables(lake.root, copy.root)
        copy.prepare()
        deliver(config, copy, [night])
        yield copy


def _link_tables(source: Path, target: Path) -> None:
    """Hard links: files of a Delta table are written once, so the copy costs no bytes and cannot change the original."""
    for layer in ("raw", "staged", "rejected", "core", "out"):
        if (source / layer).is_dir():
            shutil.copytree(source / layer, target / layer, copy_function=os.link)


def _frame(table: pa.Table, night: str) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is never a series
    return frame.with_columns(pl.lit(night).alias("night"))
