"""The identity stage in the asset graph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from assets.identity import charts, tables
from assets.identity.link import auto_tiers, by_tiers, rules_used
from assets.shared import keys
from assets.shared.metadata import spec, table_metadata
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from assets.shared.steps import step
from schemas.identity import TABLES

DEPS = (
    keys.staged("hubspot", "contact"),
    keys.staged("hubspot", "company"),
    keys.staged("hubspot", "contact_company"),
    keys.staged("salesforce", "lead"),
    keys.staged("salesforce", "contact"),
    keys.staged("salesforce", "account"),
)


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The assets of the stage: who is who, and from it and the rules, who is linked with whom."""
    return [_identity(partitions)]


LINKED = (
    "One row: a HubSpot record and a Salesforce record that belong together by stored ids, primary e-mail, "
    "or a tier of matching that sync.yaml lets link; the current one syncs."
)
WHO = {
    tables.KEY: "One row: one version of what a record of either CRM is compared by, normalised; only versions that differ.",
    tables.WEIGHT: "One row: the model that scored the night's people or companies, and on which night it was learnt.",
    tables.SHARE: "One row: how common a value was when the weights were learnt; values by their digest.",
    tables.OVERRIDE: "One row: what a person had decided about two records when the night was computed.",
    tables.PAIR: "One row: one version of a pair that is one entity by some tier, or near enough to look at, with evidence.",
    tables.REVIEW: "One row: what a guard stopped: a role inbox, a name veto, a household, conflicting stored ids.",
    tables.CLUSTER: "One row: one version of the entity that a live record belongs to, under an id that lasts over nights.",
    tables.ALIAS: "One row: an entity id that was merged into another one.",
    tables.PERSON: "One row: one version of a person, the best value of each field over all records, with its source.",
    tables.COMPANY: "One row: one version of a company, the best value of each field over all records, with its source.",
    tables.DUPLICATES["hubspot"]: "One row: one HubSpot record to merge into another; a suggestion, nothing is sent.",
    tables.DUPLICATES[
        "salesforce"
    ]: "One row: one Salesforce record to merge into another; a suggestion, nothing is sent.",
}
LARGEST = 10


def _identity(partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    checked = dg.AssetCheckSpec(
        "largest_cluster",
        asset=tables.CLUSTER.split("/"),
        description=f"No entity has more than {LARGEST} records; a larger one is worth a look before anyone merges it.",
    )

    @dg.multi_asset(
        name="identity",
        specs=[
            *(spec(key, words, deps=DEPS, group="identity", kinds=("duckdb", "polars")) for key, words in WHO.items()),
            spec(keys.LINK, LINKED, deps=(*DEPS, tables.PAIR)),
        ],
        check_specs=[checked],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
    )
    @step
    def identity_asset(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> Iterator[dg.MaterializeResult[Any]]:
        span = crosswalk.span(context)
        passed = dg.AssetCheckResult(passed=True, check_name="largest_cluster", asset_key=tables.CLUSTER.split("/"))
        if not span.decides:
            for key in TABLES:
                result = crosswalk.left_alone(context, key)
                yield result._replace(check_results=[passed] if key == tables.CLUSTER else [])
            yield crosswalk.left_alone(context, keys.LINK)
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
        with crosswalk.lake.connect(span.last) as session:
            links = by_tiers(session, night.links, auto_tiers(crosswalk.config.identity.auto_link), span.first)
        written = crosswalk.lake.write(keys.LINK, span.last, links)
        crosswalk.fold(context, keys.LINK)
        yield dg.MaterializeResult(
            asset_key=keys.LINK.split("/"),
            metadata=table_metadata(crosswalk.lake, keys.LINK, written, {"rules": rules_used(links)}),
        )

    return identity_asset
