"""Checks of the intake, judged by the step that writes, so that they cost no step of their own."""

from typing import Any

import dagster as dg

from assets.shared import keys
from assets.shared.http_compare import Count
from assets.shared.http_failures import RecordsMissing
from assets.shared.staging import EntityReport

RECONCILE = "rows_reconcile"
REJECTED = "reject_rate_below_guard"
COUNTED = "counts_agree_with_the_source"


def specs(crm: str, entity: str) -> list[dg.AssetCheckSpec]:
    """The checks of one entity."""
    staged, rejected = keys.staged(crm, entity).split("/"), keys.rejected(crm, entity).split("/")
    return [
        dg.AssetCheckSpec(
            RECONCILE, asset=staged, description="Every delivered row is good, rejected, or a copy of another."
        ),
        dg.AssetCheckSpec(
            REJECTED,
            asset=rejected,
            description="Rejected rows by delivered rows are below guards.max_reject_rate; files are stopped above it.",
        ),
    ]


def counted(crm: str) -> dg.AssetCheckSpec:
    """The check of a fetch through the API; it blocks, and nothing is written where it fails."""
    return dg.AssetCheckSpec(
        COUNTED,
        asset=keys.raw(crm, "delivery").split("/"),
        description="Records that came through the API are as many as the CRM counts, before and after. Files are not judged.",
        blocking=True,
    )


def reconciled(crm: str, counts: list[Count]) -> dg.AssetCheckResult:
    """All counts agree: one row an object."""
    rows = [
        dg.TableRecord({"what": c.what, "came": c.found, "counted before": c.before, "counted after": c.after})
        for c in counts
    ]
    found: dict[str, Any] = {"not judged": "files, or a night fetched before"}
    if rows:
        found = {"counts": dg.MetadataValue.table(rows)}
    return dg.AssetCheckResult(
        check_name=COUNTED, asset_key=keys.raw(crm, "delivery").split("/"), passed=True, metadata=found
    )


def missing(crm: str, error: RecordsMissing) -> dg.AssetCheckResult:
    """Records are missing, or there are too many."""
    counted = {"counted at least": error.low, "counted at most": error.high}
    found: dict[str, Any] = {"what": error.what, "came": error.found, **counted}
    return dg.AssetCheckResult(
        check_name=COUNTED, asset_key=keys.raw(crm, "delivery").split("/"), passed=False, metadata=found
    )


def results(crm: str, entity: str, report: EntityReport, max_reject_rate: float | None) -> list[dg.AssetCheckResult]:
    """What the checks of one entity say of one night."""
    staged, rejected = keys.staged(crm, entity), keys.rejected(crm, entity)
    found: dict[str, Any] = {"delivered": report.delivered, "good": report.good, "rejected": report.rejected}
    rate = report.rejected / report.delivered if report.delivered else 0.0
    return [
        dg.AssetCheckResult(
            check_name=RECONCILE,
            asset_key=staged.split("/"),
            passed=report.collapsed >= 0 and report.upserts <= report.good,
            metadata={**found, "copies": report.collapsed},
        ),
        dg.AssetCheckResult(
            check_name=REJECTED,
            asset_key=rejected.split("/"),
            passed=max_reject_rate is None or rate <= max_reject_rate,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={**found, "rate": rate, "allowed": "any" if max_reject_rate is None else max_reject_rate},
        ),
    ]
