"""The stages in their order, each with its assets. Checks are judged by the steps that write what they are about."""

from importlib import import_module
from typing import Any

import dagster as dg

STAGES = (
    "assets.hubspot",
    "assets.salesforce",
    "assets.identity",
    "assets.segments",
    "assets.sync",
    "assets.import_files",
)


def assets(
    partitions: dg.PartitionsDefinition[Any], fresh: dg.FreshnessPolicy | None = None
) -> list[dg.AssetsDefinition]:
    """Every asset of every stage.

    What is staged of one CRM waits for the delivery of the other too: where one is refused, nothing of the night is
    written (design section 4), and a step that has its own input would not wait. `fresh` is what is expected of `out`.
    """
    built = [asset for stage in STAGES for asset in import_module(f"{stage}.assets").build_assets(partitions)]

    def adapt(spec: dg.AssetSpec) -> dg.AssetSpec:
        spec = _after_both(spec)
        leaves = fresh is not None and spec.key.path[0] == "out"
        return spec.replace_attributes(freshness_policy=fresh) if leaves else spec

    return [asset.map_asset_specs(adapt) for asset in built]


def _after_both(spec: dg.AssetSpec) -> dg.AssetSpec:
    layer, crm, *_ = spec.key.path
    if layer not in ("staged", "rejected"):
        return spec
    other = {"hubspot": "salesforce", "salesforce": "hubspot"}[crm]
    return spec.merge_attributes(deps=[dg.AssetKey(["raw", other, "delivery"])])
