"""The identity stage in the asset graph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.identity import charts, tables
from assets.identity.link import auto_tiers, link, rules_used
from assets.shared import keys
from assets.shared.metadata import spec, table_metadata
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from schemas.identity import TABLES

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
    return [_who(partitions), _link(partitions)]


def _link(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="link",
        specs=[
            spec(
                keys.LINK,
                "One row: a HubSpot record and a Salesforce record that belong together by stored ids, primary e-mail, "
                "or a tier of matching that sync.yaml lets link; the current one syncs.",
                deps=(*LINK_DEPS, tables.PAIR),
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
            rows = link(session, before=span.first, tiers=auto_tiers(crosswalk.config.identity.auto_link))
        written = crosswalk.lake.write(keys.LINK, span.last, rows)
        crosswalk.fold(context, keys.LINK)
        return dg.MaterializeResult(
            asset_key=keys.LINK.split("/"),
            metadata=table_metadata(crosswalk.lake, keys.LINK, written, {"rules": rules_used(rows)}),
        )

    return link_asset


WHO = {
    tables.KEY: "One row: one record of either CRM with what it is compared by, normalised.",
    tables.WEIGHT: "One row: the model that scored the night's people or companies, and on which night it was learnt.",
    tables.SHARE: "One row: how common a value was when the weights were learnt; values by their digest.",
    tables.OVERRIDE: "One row: what a person had decided about two records when the night was computed.",
    tables.PAIR: "One row: two records that are one entity by some tier, or near enough to look at, with the evidence by field.",
    tables.REVIEW: "One row: what a guard stopped: a role inbox, a name veto, a household, conflicting stored ids.",
    tables.CLUSTER: "One row: one live record and the entity it belongs to, under an id that lasts over nights.",
    tables.ALIAS: "One row: an entity id that was merged into another one.",
    tables.PERSON: "One row: one person, the best value of each field over all records, with its source.",
    tables.COMPANY: "One row: one company, the best value of each field over all records, with its source.",
    tables.DUPLICATES["hubspot"]: "One row: one HubSpot record to merge into another; a suggestion, nothing is sent.",
    tables.DUPLICATES[
        "salesforce"
    ]: "One row: one Salesforce record to merge into another; a suggestion, nothing is sent.",
}
LARGEST = 10


def _who(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    checked = dg.AssetCheckSpec(
        "largest_cluster",
        asset=tables.CLUSTER.split("/"),
        description=f"No entity has more than {LARGEST} records; a larger one is worth a look before anyone merges it.",
    )

    @dg.multi_asset(
        name="who_is_who",
        specs=[
            spec(key, words, deps=LINK_DEPS, group="identity", kinds=("duckdb", "polars")) for key, words in WHO.items()
        ],
        check_specs=[checked],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
    )
    def who_asset(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> Iterator[dg.MaterializeResult[Any]]:
        span = crosswalk.span(context)
        passed = dg.AssetCheckResult(passed=True, check_name="largest_cluster", asset_key=tables.CLUSTER.split("/"))
        if not span.decides:
            for key in TABLES:
                result = crosswalk.left_alone(context, key)
                yield result._replace(check_results=[passed] if key == tables.CLUSTER else [])
            return
        decided = tables.decided(Path(crosswalk.config_path))
        night = tables.build(crosswalk.lake, span.last, span.first, decided)
        check = dg.AssetCheckResult(
            passed=night.largest <= LARGEST,
            check_name="largest_cluster",
            asset_key=tables.CLUSTER.split("/"),
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"largest": night.largest, "entities": night.clusters},
        )
        for key, table in night.tables.items():
            written = crosswalk.lake.write(key, span.last, table.to_reader())
            crosswalk.fold(context, key)
            extra = {
                k: dg.MetadataValue.md(v) if charts.is_picture(v) else v for k, v in night.metadata.get(key, {}).items()
            }
            yield dg.MaterializeResult(
                asset_key=key.split("/"),
                metadata=table_metadata(crosswalk.lake, key, written, extra),
                check_results=[check] if key == tables.CLUSTER else [],
            )

    return who_asset
