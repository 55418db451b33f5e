"""The identity stage in the asset graph."""

from typing import Any

import dagster as dg

from assets.identity.link import link, rules_used
from assets.shared import keys
from assets.shared.metadata import spec, table_metadata
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk

LINK_DEPS = (
    keys.staged("hubspot", "contact"),
    keys.staged("hubspot", "company"),
    keys.staged("hubspot", "contact_company"),
    keys.staged("salesforce", "lead"),
    keys.staged("salesforce", "contact"),
    keys.staged("salesforce", "account"),
)


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The assets of the stage."""
    return [_link(partitions)]


def _link(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="link",
        specs=[
            spec(
                keys.LINK,
                "One row: a HubSpot record and a Salesforce record that belong together by stored ids or primary e-mail; "
                "the current one syncs.",
                deps=LINK_DEPS,
            )
        ],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
    )
    def link_asset(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> dg.MaterializeResult[Any]:
        span = crosswalk.span(context)
        if not span.decides:
            return crosswalk.left_alone(context, keys.LINK)
        with crosswalk.lake.connect(span.last) as session:
            rows = link(session, before=span.first)
        written = crosswalk.lake.write(keys.LINK, span.last, rows)
        crosswalk.fold(context, keys.LINK)
        return dg.MaterializeResult(
            asset_key=keys.LINK.split("/"),
            metadata=table_metadata(crosswalk.lake, keys.LINK, written, {"rules": rules_used(rows)}),
        )

    return link_asset
