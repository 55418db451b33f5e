"""The segments stage in the asset graph."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.segments import checks
from assets.segments.membership import segment_tables
from assets.shared import keys
from assets.shared.metadata import spec, table_metadata
from assets.shared.partitions import SINGLE_RUN
from assets.shared.resource import Crosswalk
from assets.shared.steps import step

DEPS = tuple(
    keys.staged("hubspot", name)
    for name in ("contact", "company", "deal", "list", "list_membership", "contact_company", "property")
)
SPECS = (
    (keys.MEMBERSHIP, "One row: one record in one segment tonight, or one that left it since the night before."),
    (keys.DEFINITION, "One row: one list or segment, its number of members, or why its members cannot be known."),
)


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The assets of the stage: one step evaluates every segment and writes both tables."""

    @dg.multi_asset(
        name="segments",
        specs=[spec(key, text, deps=DEPS) for key, text in SPECS],
        check_specs=[checks.spec(keys.DEFINITION)],
        partitions_def=partitions,
        backfill_policy=SINGLE_RUN,
    )
    @step
    def segments(
        context: dg.AssetExecutionContext, crosswalk: Crosswalk
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        span = crosswalk.span(context)
        if not span.decides:
            yield from (crosswalk.left_alone(context, key) for key, _ in SPECS)
            return
        lake = crosswalk.lake
        with lake.connect(span.last) as session:
            tables = segment_tables(session, crosswalk.config, before=span.first)
        numbers = {key: sizes(tables[keys.DEFINITION]) for key in tables}
        for key, rows in tables.items():
            written = lake.write(key, span.last, rows)
            crosswalk.fold(context, key)
            metadata = table_metadata(lake, key, written, numbers[key])
            yield dg.MaterializeResult(asset_key=key.split("/"), metadata=metadata)
        yield checks.judge(keys.DEFINITION, tables[keys.DEFINITION])

    return [segments]


def sizes(definitions: pa.Table) -> dict[str, int]:
    """Numbers that Dagster plots over the nights: members by segment, and how many segments cannot be known."""
    known = definitions.filter(pc.is_valid(definitions["members"]))
    found = {f"segment {row['segment_id']}": row["members"] for row in known.to_pylist()}
    return {"segments": definitions.num_rows, "not evaluable": definitions.num_rows - known.num_rows, **found}
