"""One night, stage after stage, without an orchestrator: what the Dagster job does, as plain calls.

Tests, the simulation and the bench call it; the command line and the UI run the same functions through Dagster.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

from assets.hubspot import extract as hubspot_extract
from assets.hubspot import stage as hubspot_stage
from assets.identity import tables as identity_tables
from assets.identity.link import auto_tiers, link
from assets.import_files.night import write_night
from assets.salesforce import extract as salesforce_extract
from assets.salesforce import stage as salesforce_stage
from assets.segments.membership import segment_tables
from assets.shared import keys, unfinished
from assets.shared.failures import GuardStopped, InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock, private_files
from assets.shared.nights import Span, check_calendar, span
from assets.shared.resource import check_sources
from assets.shared.sql import BATCH
from assets.sync.decide import decide
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
        check_calendar(lake, config.timezone, config.start)
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


def plan_tables(config: SyncConfig, lake: Lake, night: str, first: str | None = None) -> dict[str, pa.Table]:
    """Link, membership, core/sync and out/delta of a night as this configuration would have them; writes nothing."""
    with decided(config, lake, night, first or night) as tables:
        return {key: value if isinstance(value, pa.Table) else value.to_arrow_table() for key, value in tables.items()}


@contextmanager
def decided(config: SyncConfig, lake: Lake, night: str, first: str) -> Iterator[dict[str, Any]]:
    """The same, by key, as tables or relations that live as long as the context."""
    with lake.connect(night) as session:
        links = link(session, before=first, tiers=auto_tiers(config.identity.auto_link))
    with lake.connect(night) as session:
        segments = segment_tables(session, config, before=first)
    with lake.connect(night) as session:
        session.register(keys.relation(keys.LINK), _dated(links, night))
        for key in (keys.MEMBERSHIP, keys.DEFINITION):
            session.register(keys.relation(key), _dated(segments[key], night))
        yield {keys.LINK: links, **segments, **decide(session, config, first)}


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


def deliver(
    config: SyncConfig, lake: Lake, nights: Sequence[str], *, refetch: bool = False, accept_shrink: bool = False
) -> NightReport:
    """Read and stage nights of both CRMs' exports; a night that was read before is kept. Raises InputRefused."""
    sources = config.sources
    live = [name for name in ("hubspot", "salesforce") if getattr(sources, name).kind == "api"]
    if live:  # a live CRM is asked by the nightly job alone, which has the secrets
        raise InputRefused(
            [
                f"sources.{name}.kind: api: {nights[-1]} is not in the lake; run `crosswalk nightly` first"
                for name in live
            ]
        )
    report = NightReport(Span(tuple(nights), "history", None))
    for night in nights:
        for source, module in ((sources.hubspot, hubspot_extract), (sources.salesforce, salesforce_extract)):
            if night != nights[-1] and (not source.nightly or not source.folder(night).is_dir()):
                report.notes.append(f"{night}: nothing was delivered")
                continue  # a night inside a range may have brought nothing; its last night may not
            found = module.extract(
                lake,
                night,
                source.folder(night),
                refetch=refetch,
                accept_shrink=accept_shrink,
                snapshot=source.snapshot,
                max_shrink=1.0 if config.guards.max_shrink is None else config.guards.max_shrink,
            )
            report.notes += found.notes
    _stage("hubspot", hubspot_stage, lake, nights, report, snapshot=sources.hubspot.snapshot)
    about = {"snapshot": sources.salesforce.snapshot, "absent": sources.salesforce.absent}
    _stage("salesforce", salesforce_stage, lake, nights, report, **about)
    return report


def _stage(
    crm: str, module: ModuleType, lake: Lake, nights: Sequence[str], report: NightReport, **options: str
) -> None:
    fetched = set(lake.nights(keys.raw(crm, "delivery")))
    for staged in module.stage(lake, [night for night in nights if night in fetched], **options).values():
        for entity, found in staged.entities.items():
            report.rows[keys.staged(crm, entity)] = found.versions
            report.rows[keys.rejected(crm, entity)] = found.rejected


def _dated(table: pa.Table, night: str) -> pa.Table:
    column = pa.array([night] * table.num_rows, pa.string())
    return table if "night" in table.column_names else table.append_column("night", column)
