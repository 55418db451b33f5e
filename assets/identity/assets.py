"""The identity stage in the asset graph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.identity import charts, tables
from assets.identity.link import auto_tiers, by_tiers, link, rules_used
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
        # What matching keeps is memory, as the ledger is: a later night is told by what it has otherwise than an earlier one.
        if not span.records:
            yield from (crosswalk.left_alone(context, key) for key in TABLES)
            yield _linked(context, crosswalk) if span.decides else crosswalk.left_alone(context, keys.LINK)
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
        yield _linked(context, crosswalk, night.links)

    return identity_asset


def _linked(
    context: dg.AssetExecutionContext, crosswalk: Crosswalk, by_rules: pa.Table | None = None
) -> dg.MaterializeResult[Any]:
    """Write the links of the night: by the rules, which a run that resolved it has already, and by the tiers that are let."""
    span, tiers = crosswalk.span(context), auto_tiers(crosswalk.config.identity.auto_link)
    with crosswalk.lake.connect(span.last) as session:
        links = link(session, span.first, tiers) if by_rules is None else by_tiers(session, by_rules, tiers, span.first)
    written = crosswalk.lake.write(keys.LINK, span.last, links)
    crosswalk.fold(context, keys.LINK)
    return dg.MaterializeResult(
        asset_key=keys.LINK.split("/"),
        metadata=table_metadata(crosswalk.lake, keys.LINK, written, {"rules": rules_used(links)}),
    )
