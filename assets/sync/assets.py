"""The deciding stage in the asset graph: decisions, changes, the ledger and the deltas of a night, computed together."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.shared import keys
from assets.shared.metadata import spec, table_metadata
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from assets.shared.sql import BATCH
from assets.shared.steps import step
from assets.sync.columns import READS
from assets.sync.decide import counts, decide, operations, reasons

DEPS = (*READS, keys.LINK, keys.MEMBERSHIP, keys.DEFINITION)
SPECS = (
    (keys.DECISION, "One row: a candidate record in one direction, what happens to it tonight and why. Read this first."),
    (keys.CHANGE, "One row: one field of one operation, with the value before and after and the rule that decided."),
    (keys.LIFECYCLE_REQUEST, "One row: one request of a bulk update (lifecycle.updates), and why nothing comes of it."),
    (keys.LEDGER, "One row: one pair of records whose state moved tonight: link, segment, open triggers."),
    (keys.LEDGER_FIELD, "One row: one mapped field of a pair whose state moved tonight: agreed, seen, changed, given."),
    (keys.DELTA_HUBSPOT, "One row: one operation that would be carried out in HubSpot, its fields nested."),
    (keys.DELTA_SALESFORCE, "One row: one operation that would be carried out in Salesforce, its fields nested."),
)  # fmt: skip
LEDGERS = frozenset({keys.LEDGER, keys.LEDGER_FIELD})


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The one multi-asset of the stage: one connection decides everything, six tables are written."""

    @dg.multi_asset(
        name="sync",
        specs=[spec(key, text, deps=DEPS) for key, text in SPECS],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
    )
    @step
    def sync(context: dg.AssetExecutionContext, crosswalk: Crosswalk) -> Iterator[dg.MaterializeResult[Any]]:
        span = crosswalk.span(context)
        if not span.decides:
            yield from (crosswalk.left_alone(context, key) for key, _ in SPECS)
            return
        lake = crosswalk.lake
        with lake.connect(span.last) as session:
            session.use(keys.LINK)
            session.use(keys.MEMBERSHIP)
            session.use(keys.DEFINITION)
            results = decide(session, crosswalk.config, span.first)
            numbers: dict[str, dict[str, Any]] = {
                keys.DECISION: {"outcomes": counts(session), "reasons": reasons(session)},
                keys.DELTA_HUBSPOT: dict(operations(session, "hubspot")),
                keys.DELTA_SALESFORCE: dict(operations(session, "salesforce")),
            }
            for key, relation in results.items():
                if key in LEDGERS and not span.records:
                    yield crosswalk.left_alone(context, key)
                    continue
                rows = lake.write(key, span.last, relation.to_arrow_reader(BATCH))
                crosswalk.fold(context, key)
                yield dg.MaterializeResult(
                    asset_key=key.split("/"), metadata=table_metadata(lake, key, rows, numbers.get(key))
                )

    return [sync]
