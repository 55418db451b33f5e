"""The jobs: each one sentence. A range is the same job with the two range tags of Dagster instead of a partition."""

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def nightly(hooks: set[dg.HookDefinition] | None = None) -> "UnresolvedAssetJobDefinition":
    """The nightly job: every asset of one night, or of a range as one long night, in one process."""
    return dg.define_asset_job(
        "nightly",
        selection=dg.AssetSelection.all(),
        description="Every asset of one night, from the CRMs' records to the import files; a range is one long night.",
        executor_def=dg.in_process_executor,  # forty small steps cost seconds in one process, minutes in forty
        hooks=hooks or set(),
        tags={"crosswalk/kind": "nightly"},
    )
