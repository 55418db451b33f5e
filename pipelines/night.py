"""One night in plain calls, without an orchestrator: what its exports bring, and what a configuration decides of it.

The simulation calls it; the command line and the UI run the same functions through Dagster.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pyarrow as pa

from assets.hubspot import extract as hubspot_extract
from assets.hubspot import stage as hubspot_stage
from assets.identity.link import auto_tiers, link
from assets.salesforce import extract as salesforce_extract
from assets.salesforce import stage as salesforce_stage
from assets.segments.membership import segment_tables
from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.sync.decide import decide
from schemas.config import SyncConfig


@dataclass
class Delivered:
    """What nights brought: versions and rejected rows by table, notes of the sources."""

    rows: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def deliver(
    config: SyncConfig, lake: Lake, nights: Sequence[str], *, refetch: bool = False, accept_shrink: bool = False
) -> Delivered:
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
    report = Delivered()
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
                max_shrink=config.guards.max_shrink,
            )
            report.notes += found.notes
    _stage("hubspot", hubspot_stage, lake, nights, report, snapshot=sources.hubspot.snapshot)
    about = {"snapshot": sources.salesforce.snapshot, "absent": sources.salesforce.absent}
    _stage("salesforce", salesforce_stage, lake, nights, report, **about)
    return report


def plan_tables(config: SyncConfig, lake: Lake, night: str) -> dict[str, pa.Table]:
    """Link, membership, core/sync and out/delta of a night as this configuration would have them; writes nothing."""
    with decided(config, lake, night, night) as tables:
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


def _stage(crm: str, module: ModuleType, lake: Lake, nights: Sequence[str], report: Delivered, **options: str) -> None:
    fetched = set(lake.nights(keys.raw(crm, "delivery")))
    for staged in module.stage(lake, [night for night in nights if night in fetched], **options).values():
        for entity, found in staged.entities.items():
            report.rows[keys.staged(crm, entity)] = found.versions
            report.rows[keys.rejected(crm, entity)] = found.rejected


def _dated(table: pa.Table, night: str) -> pa.Table:
    column = pa.array([night] * table.num_rows, pa.string())
    return table if "night" in table.column_names else table.append_column("night", column)
