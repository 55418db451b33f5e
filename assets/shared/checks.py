"""Checks of the intake, judged by the step that writes, so that they cost no step of their own."""

from typing import Any

import dagster as dg

from assets.shared import keys
from assets.shared.staging import EntityReport

RECONCILE = "rows_reconcile"
REJECTED = "reject_rate_below_guard"


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
