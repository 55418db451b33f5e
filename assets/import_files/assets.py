"""Dagster's view of the stage: two assets that are one folder of files, written together or not at all."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.import_files.night import READS, folder_of, write_night
from assets.import_files.self_check import OwnFileRefusedError
from assets.shared import keys
from assets.shared.metadata import spec
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from assets.shared.steps import step
from schemas.imports import Manifest

_DESCRIPTION = (
    "Files that {crm} takes as they are, in the night's folder under files in the lake, with their requests and manifest.json: "
    "the order of loading, rows, bytes and hashes. No table; a replay writes nothing, a guard stops the files only."
)

_CHECK = "Every file passes the preflight that any import file gets; nothing is published otherwise."
# One folder and one manifest: both assets need both deltas, and what their guards, forms and bulk updates are read from.
DEPS = (keys.DELTA_HUBSPOT, keys.DELTA_SALESFORCE, keys.LIFECYCLE_REQUEST, *READS)
TARGETS = {keys.IMPORT_HUBSPOT: "hubspot", keys.IMPORT_SALESFORCE: "salesforce"}


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The two import assets."""

    @dg.multi_asset(
        name="import_files",
        specs=[
            spec(key, _DESCRIPTION.format(crm=crm), deps=DEPS, kinds=("csv", target))
            for (key, target), crm in zip(TARGETS.items(), ("HubSpot", "Salesforce"), strict=True)
        ],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
        check_specs=[
            dg.AssetCheckSpec("preflight", asset=key.split("/"), blocking=True, description=_CHECK) for key in TARGETS
        ],
    )
    @step
    def import_files(
        context: dg.AssetExecutionContext, crosswalk: Crosswalk
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        span = crosswalk.span(context)
        if not span.records:
            for key in TARGETS:
                yield crosswalk.left_alone(context, key)
            return
        try:
            manifest = write_night(crosswalk.lake, span.nights, crosswalk.config)
        except OwnFileRefusedError as error:
            yield from (_checked(key, error.refused.get(target, [])) for key, target in TARGETS.items())
            raise
        for warning in manifest.warnings:
            context.log.warning(warning)
        folder = str(folder_of(crosswalk.lake, span.last))
        for key, target in TARGETS.items():
            yield dg.MaterializeResult(asset_key=key.split("/"), metadata=_metadata(manifest, target, folder))
            yield _checked(key, [])

    return [import_files]


def _checked(key: str, refused: list[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not refused,
        asset_key=key.split("/"),
        check_name="preflight",
        metadata={"would be refused": len(refused), **({"first": refused[0]} if refused else {})},
    )


def _metadata(manifest: Manifest, target: str, folder: str) -> dict[str, Any]:
    """Numbers of one CRM's files: rows by kind of operation, files, what stayed out and why."""
    files = [f for f in manifest.files if f.target == target]
    by_kind = Counter[str]()
    for f in files:
        by_kind[f"{f.object} {f.operation}"] += f.rows
    held = Counter[str]()
    for h in manifest.held_back:
        if h.target == target:
            held[f"{h.code}: {h.field}" if h.field else h.code] += h.rows
    tier = manifest.marketing
    return {
        "dagster/partition_row_count": sum(by_kind.values()),
        "dagster/uri": folder,
        "folder": dg.MetadataValue.path(folder),
        "files": len(files),
        "bytes": sum(f.bytes for f in files),
        "operations": _table(by_kind, "operation"),
        "held back": _table(held, "reason"),
        **({"marketing contacts": tier.model_dump()} if tier and target == "hubspot" else {}),
    }


def _table(counts: Counter[str], name: str) -> Any:
    records = [dg.TableRecord({name: label, "rows": rows}) for label, rows in sorted(counts.items())]
    return dg.MetadataValue.table(records) if records else "none"
