"""The stages in their order, each with its assets and its checks."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
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


def assets(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetsDefinition]:
    """Every asset of every stage."""
    return [asset for build in _functions("assets", "build_assets") for asset in build(partitions)]


def checks(partitions: dg.PartitionsDefinition[Any]) -> list[dg.AssetChecksDefinition]:
    """Every asset check that is a step of its own."""
    return [check for build in _functions("checks", "build_checks") for check in build(partitions)]


def _functions(module: str, function: str) -> list[Callable[..., list[Any]]]:
    found = [f"{stage}.{module}" for stage in STAGES if find_spec(stage) and find_spec(f"{stage}.{module}")]
    return [getattr(import_module(name), function) for name in found]
