"""Salesforce's records in the asset graph."""

from typing import Any

import dagster as dg

from assets.salesforce.api_extract import extract_api
from assets.salesforce.extract import extract
from assets.salesforce.stage import stage
from assets.shared.assets import build
from schemas.salesforce import ENTITIES


def build_assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """The assets of the stage: raw/salesforce/*, staged/salesforce/*, rejected/salesforce/*."""
    return build("salesforce", ENTITIES, extract, extract_api, stage, partitions)
