"""A whole night in process, from the export files to the import files, without Dagster: what its job does, as plain calls."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from assets.identity import tables as identity_tables
from assets.import_files.night import write_night
from assets.shared import keys, unfinished
from assets.shared.failures import GuardStopped, InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock, private_files
from assets.shared.nights import Span, check_calendar, span
from assets.shared.resource import check_sources
from assets.shared.sql import BATCH
from pipelines.night import decided, deliver
from schemas.config import ConfigError, SyncConfig

LEDGERS = (keys.LEDGER, keys.LEDGER_FIELD)


@dataclass
class NightReport:
    """What a run did: how the nights were treated, rows written by table, notes of the sources."""

    span: Span
    rows: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def run_night(
    config: SyncConfig,
    lake: Lake,
    night: str | list[str],
    *,
    refetch: bool = False,
    accept_shrink: bool = False,
    write_files: bool = True,
    who_is_who: Path | None = None,
) -> NightReport:
    """Run one night, or a list of nights as one long night, with the semantics of design section 1.

    `who_is_who` is the sync.yaml beside which people's own decisions about duplicates lie; with it the suggestions of
    `core/identity` are computed too, on which the sync depends only where `identity.auto_link` lets it.
    Raises ConfigError or InputRefused with nothing written, GuardStopped with everything written but the files.
    """
    nights = [night] if isinstance(night, str) else list(night)
    with private_files(), lake_lock(lake.root, f"night {nights[-1]}"), lake.at_work():
        lake.prepare()
        check_calendar(lake, config)
        unfinished.settle(lake, nights)
        report = NightReport(span(lake, nights))
        if report.span.mode == "run":
            check_sources(config, nights)
        note = unfinished.begin(lake, nights)
        try:
            _run(
                config,
                lake,
                report,
                refetch=refetch,
                accept_shrink=accept_shrink,
                write_files=write_files,
                who=who_is_who,
            )
        except (InputRefused, ConfigError):
            unfinished.take_back(lake, note)
            raise
        except GuardStopped:
            unfinished.end(lake)
            raise
        unfinished.end(lake)
    return report


def _run(
    config: SyncConfig,
    lake: Lake,
    report: NightReport,
    *,
    refetch: bool,
    accept_shrink: bool,
    write_files: bool,
    who: Path | None,
) -> None:
    treated = report.span
    if treated.delivers:
        delivered = deliver(config, lake, treated.nights, refetch=refetch, accept_shrink=accept_shrink)
        report.rows, report.notes = delivered.rows, delivered.notes
    if not treated.decides:
        return
    if who is not None and treated.records:  # first, for a tier of matching may link (`identity.auto_link`)
        _suggest(lake, report, who)
    with decided(config, lake, treated.last, treated.first) as tables:
        for key, rows in tables.items():
            if key in LEDGERS and not treated.records:
                continue
            data = rows if isinstance(rows, pa.Table) else rows.to_arrow_reader(BATCH)
            report.rows[key] = lake.write(key, treated.last, data)
            lake.drop(key, list(treated.folded))
    if treated.records and write_files:
        write_night(lake, treated.nights, config)


def _suggest(lake: Lake, report: NightReport, config: Path) -> None:
    found = identity_tables.build(lake, report.span.last, report.span.first, identity_tables.decided(config))
    for key, table in found.tables.items():
        report.rows[key] = lake.write(key, report.span.last, table.to_reader())
        lake.drop(key, list(report.span.folded))
