"""HubSpot's records in the asset graph."""

from typing import Any

import dagster as dg

from assets.hubspot.api_extract import extract_api
from assets.hubspot.extract import extract
from assets.hubspot.stage import stage
from assets.shared.assets import build
from schemas.hubspot import ENTITIES


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The assets of the stage: raw/hubspot/*, staged/hubspot/*, rejected/hubspot/*."""
    return build("hubspot", ENTITIES, extract, extract_api, stage, partitions)
