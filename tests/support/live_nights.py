"""The small pair of CRMs of `tests.pipeline.world`, served by an emulator as it was at the end of a night, and run from there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

import pipelines.cli
from assets.shared import keys
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.emulate.serve import Serving
from tests.pipeline.world import World

assert pipelines.cli.app  # registers the commands
DECIDED = (keys.LINK, keys.MEMBERSHIP, keys.DECISION, keys.CHANGE, keys.DELTA_HUBSPOT, keys.DELTA_SALESFORCE)


def api_config(world: World, **api: Any) -> Path:
    """The world's sync.yaml with both CRMs live."""
    config = yaml.safe_load(world.config.read_text())
    source = {"kind": "api", "api": {"extra_properties": ["*"], "id_sweep_nights": 1, **api}}
    config["sources"] = {"hubspot": source, "salesforce": source}
    path = world.folder / "api.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


def serve_night(crm: Serving, world: World, night: str) -> None:
    """The emulator holds what the world delivers for a night, and its clock stands an hour before the night's end."""
    folder = world.exports(night)
    crm.emulator.load(folder / "hubspot", folder / "salesforce")
    late = datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(hours=23)
    crm.emulator.world.offset += late.timestamp() - crm.emulator.world.now()


@contextmanager
def secrets_of(crm: Serving) -> Iterator[None]:
    """The environment that points at the emulator, which takes any number of searches a second."""
    with mock.patch.dict(os.environ, crm.secrets()), mock.patch("assets.hubspot.client._SEARCH_PER_SECOND", 1_000):
        yield


def command(config: Path, lake: Path, *arguments: str) -> int:
    """A command's exit status."""
    return run([*arguments, "--config", str(config), "--lake", str(lake)])


def both(left: Path, right: Path, key: str) -> tuple[list[Any], list[Any]]:
    """Rows of a table in two lakes: the columns that both have, without where a row was delivered."""
    tables = []
    for root in (left, right):
        lake = Lake(root)
        with lake.connect(None) as session:
            session.use(key, versions=True)
            tables.append(session.sql(f"FROM {keys.relation(key)}").to_arrow_table())
    known = [set(table.column_names) for table in tables]
    names = [n for n in tables[0].column_names if n in known[1] and n not in ("source_file", "source_line")]
    found = [sorted(table.select(names).to_pylist(), key=str) for table in tables]
    return found[0], found[1]
