"""The intake in the asset graph: one step a CRM and layer, alike for both CRMs.

`raw/<crm>/*` and then `staged/<crm>/*` with `rejected/<crm>/*`; a range of nights is written a night at a time.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.shared import checks, keys
from assets.shared.http_compare import Count
from assets.shared.http_failures import GaveUp, RecordsMissing
from assets.shared.http_land import ApiExtraction
from assets.shared.http_progress import Live
from assets.shared.landing import Extraction
from assets.shared.metadata import spec, table_metadata
from assets.shared.nights import as_of
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from assets.shared.staging import StagingReport
from assets.shared.steps import step
from schemas.config_sources import Source
from schemas.delivery import Entity

Extract = Callable[..., Extraction]
ExtractApi = Callable[..., Mapping[str, Extraction | None]]
Stage = Callable[..., Mapping[str, StagingReport]]
_TRIES_AGAIN = 1

EXTRA = {
    "delivery": "One row: one file of the night as delivered, with its size, digest, rows and columns.",
    "unreadable": "One row: one line of a delivered file that could not be read as a record, with the reason.",
    "result": "One row: what the CRM answered to one row of our last import (success and error files).",
}


def build(
    crm: str,
    entities: Mapping[str, Entity],
    extract: Extract,
    extract_api: ExtractApi,
    stage: Stage,
    partitions: dg.PartitionsDefinition[Any],
) -> list[dg.AssetsDefinition]:
    """The raw and the staged step of one CRM. `extract` reads a night's files, `extract_api` asks the CRM for all nights."""
    return [_raw(crm, entities, extract, extract_api, partitions), _staged(crm, entities, stage, partitions)]


def _raw(
    crm: str,
    entities: Mapping[str, Entity],
    extract: Extract,
    extract_api: ExtractApi,
    partitions: dg.PartitionsDefinition[Any],
) -> dg.AssetsDefinition:
    described = {
        name: f"{_row(entity)} As delivered that night, all columns as text." for name, entity in entities.items()
    }
    specs = [
        spec(keys.raw(crm, name), text, kinds=(crm, "arrow"), skippable=True)
        for name, text in {**described, **EXTRA}.items()
    ]

    @dg.multi_asset(
        name=f"raw_{crm}",
        specs=specs,
        check_specs=[checks.counted(crm)],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        can_subset=False,
        pool=f"{crm}_api",  # one run at a time uses a portal's quota
    )
    @step
    def raw(context: dg.AssetExecutionContext, crosswalk: Crosswalk, live: dg.ResourceParam[Live]) -> Any:
        span = crosswalk.span(context)
        names = [*entities, *EXTRA]
        if not span.delivers:
            yield from (crosswalk.left_alone(context, keys.raw(crm, name)) for name in names)
            return
        try:
            if _source(crosswalk, crm).kind == "api":
                fetched = _ask(context, crosswalk, crm, extract_api, live)
            else:
                fetched = {n: _fetch(crosswalk, crm, extract, n, last=span.last) for n in span.nights}
        except RecordsMissing as missing:
            yield checks.missing(crm, missing)
            raise
        rows = dict.fromkeys(names, 0)
        notes: list[str] = []
        for night, found in fetched.items():
            for name, number in (found.rows if found else {}).items():
                rows[name] = rows.get(name, 0) + number
            notes += found.notes if found else [f"{night}: nothing was delivered"]
            rows["delivery"] += len(found.files) if found else 0
            rows["unreadable"] += sum(int(str(file["unreadable"])) for file in found.files) if found else 0
        last = fetched[span.last]
        for name in names:
            key = keys.raw(crm, name)
            extra = {"notes": _listed(list(dict.fromkeys(notes))), **_cost(last)} if name == "delivery" else {}
            yield dg.MaterializeResult(
                asset_key=key.split("/"),
                metadata=table_metadata(crosswalk.lake, key, rows[name], extra),
                check_results=[checks.reconciled(crm, _counts(last))] if name == "delivery" else [],
            )

    return raw


def _staged(
    crm: str, entities: Mapping[str, Entity], stage: Stage, partitions: dg.PartitionsDefinition[Any]
) -> dg.AssetsDefinition:
    raw = [keys.raw(crm, name) for name in ("delivery", "unreadable")]
    describing = [keys.raw(crm, name) for name, entity in entities.items() if entity.object is None]
    specs = []
    for name, entity in entities.items():
        deps = dict.fromkeys([keys.raw(crm, name), *raw, *(describing if entity.object else [])])
        versions = "One version of it: only versions that differ from the one before, deletions and merges too."
        refused = "One row: one delivered row that broke its contract, with every reason, file and line."
        specs.append(
            spec(
                keys.staged(crm, name),
                f"{_row(entity)} {versions}",
                deps=deps,
                kinds=("polars", "duckdb"),
                skippable=True,
            )
        )
        specs.append(spec(keys.rejected(crm, name), refused, deps=deps, kinds=("polars", "pandera"), skippable=True))

    @dg.multi_asset(
        name=f"staged_{crm}",
        specs=specs,
        check_specs=[check for name in entities for check in checks.specs(crm, name)],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        can_subset=False,
    )
    @step
    def staged(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> Any:
        span = crosswalk.span(context)
        if not span.delivers:
            for name in entities:
                yield crosswalk.left_alone(context, keys.staged(crm, name))
                yield crosswalk.left_alone(context, keys.rejected(crm, name))
            return
        source = _source(crosswalk, crm)
        # A live CRM tells what has ended; what it does not mention is unchanged.
        snapshot = "incremental" if source.kind == "api" else source.snapshot
        absent = {"absent": crosswalk.config.sources.salesforce.absent} if crm == "salesforce" else {}
        fetched = set(crosswalk.lake.nights(keys.raw(crm, "delivery")))
        nights = [night for night in span.nights if night in fetched]
        reports = stage(crosswalk.lake, nights, snapshot=snapshot, **absent)
        for name, entity in entities.items():
            yield from _results(crosswalk, crm, entity, {night: r.entities[name] for night, r in reports.items()})

    return staged


def _results(crosswalk: Crosswalk, crm: str, entity: Entity, reports: Mapping[str, Any]) -> Any:
    """Materializations and check results of one entity: numbers are sums over the nights of the run."""
    counts = ("delivered", "good", "rejected", "collapsed", "upserts", "deletes", "merges", "gone")
    total = {name: sum(getattr(report, name) for report in reports.values()) for name in counts}
    reasons: dict[str, int] = {}
    for report in reports.values():
        for code, number in report.reasons.items():
            reasons[f"rejected {code}"] = reasons.get(f"rejected {code}", 0) + number
    notes = [f"{night}: {note}" for night, report in reports.items() for note in report.notes]
    staged, rejected = keys.staged(crm, entity.name), keys.rejected(crm, entity.name)
    versions = sum(report.versions for report in reports.values())
    yield dg.MaterializeResult(
        asset_key=staged.split("/"),
        metadata=table_metadata(
            crosswalk.lake, staged, versions, {**total, **({"notes": _listed(notes)} if notes else {})}
        ),
        check_results=[c for c in _judged(crosswalk, crm, entity, reports) if c.check_name != checks.REJECTED],
    )
    yield dg.MaterializeResult(
        asset_key=rejected.split("/"),
        metadata=table_metadata(crosswalk.lake, rejected, total["rejected"], reasons),
        check_results=[c for c in _judged(crosswalk, crm, entity, reports) if c.check_name == checks.REJECTED],
    )


def _judged(crosswalk: Crosswalk, crm: str, entity: Entity, reports: Mapping[str, Any]) -> list[dg.AssetCheckResult]:
    """Check results of the last night; of an earlier one where that failed."""
    limit = crosswalk.config.guards.max_reject_rate
    found: dict[str | None, dg.AssetCheckResult] = {}
    for _, report in sorted(reports.items()):
        for result in checks.results(crm, entity.name, report, limit):
            if (before := found.get(result.check_name)) is None or before.passed:
                found[result.check_name] = result
    return list(found.values())


def _fetch(crosswalk: Crosswalk, crm: str, extract: Extract, night: str, *, last: str) -> Extraction | None:
    """One night's files. In a range, a night before the last one that has no folder of its own brought nothing."""
    source = _source(crosswalk, crm)
    folder: Path = source.folder(night)
    if night != last and (not source.nightly or not folder.is_dir()):
        return None
    return extract(
        crosswalk.lake,
        night,
        folder,
        refetch=crosswalk.refetch,
        accept_shrink=crosswalk.accept_shrink,
        snapshot=source.snapshot,
        max_shrink=crosswalk.config.guards.max_shrink,
    )


def _ask(
    context: dg.AssetExecutionContext, crosswalk: Crosswalk, crm: str, extract_api: ExtractApi, live: Live
) -> Mapping[str, Extraction | None]:
    """All nights of the run from the live CRM, in one go. A CRM that cannot be reached is tried once more, later."""
    span, config = crosswalk.span(context), crosswalk.config

    def say(text: str) -> None:
        for line in text.splitlines():
            context.log.info(line)
            if live.say:
                live.say(line)

    try:
        return extract_api(
            crosswalk.lake,
            {night: as_of(night, config.zone) for night in span.nights},
            _source(crosswalk, crm).api,
            live.environment(),
            mapped=live.mapped(config).get(crm, {}),
            wished=live.wished(config).get(crm, {}),
            refetch=crosswalk.refetch,
            max_shrink=None if crosswalk.accept_shrink else config.guards.max_shrink,
            patience=live.patience,
            recorder=live.recorder(crm),
            say=say,
        )
    except GaveUp as error:
        if context.retry_number >= _TRIES_AGAIN:
            raise
        raise dg.RetryRequested(max_retries=_TRIES_AGAIN, seconds_to_wait=live.pause) from error


def _cost(found: Extraction | None) -> dict[str, object]:
    """Calls, rows a call limit cost, bytes, lag: what an API fetch says of itself."""
    return dict(found.stats) if isinstance(found, ApiExtraction) else {}


def _counts(found: Extraction | None) -> list[Count]:
    return found.counts if isinstance(found, ApiExtraction) else []


def _source(crosswalk: Crosswalk, crm: str) -> Source:
    source: Source = getattr(crosswalk.config.sources, crm)
    return source


def _row(entity: Entity) -> str:
    return (entity.model.__doc__ or "").strip().splitlines()[0]


def _listed(notes: list[str]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {note}" for note in notes) or "none")
