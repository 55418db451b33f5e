"""A small pair of CRMs over four nights, and comparisons of whole lakes."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from assets.shared.lake import Lake
from assets.shared.rollback import tables
from pipelines.configuration import read_config
from tests.support.configuration import write_config
from tests.support.night import run_night
from tests.support.portal import Portal, night_of

NIGHTS = [night_of(n) for n in (1, 2, 3, 4)]
# What changes on each night: linked and unlinked people, an edit on each side, one that vanishes.
EDITS: list[dict[str, Any]] = [
    {
        "H1": {"email": "a@x.com", "firstname": "Ann"},
        "H2": {"email": "b@x.com", "jobtitle": "CEO"},
        "H3": {"email": None},
        "L1": {"Email": "a@x.com", "FirstName": "Anna"},
        "C2": {"Email": "b@x.com", "Title": "CFO"},
        "L4": {"Email": "d@x.com"},
    },
    {"L1": {"FirstName": "Anne"}, "H5": {"email": "e@x.com", "firstname": "Eve"}},
    {"C2": {"Title": "COO"}, "H2": {"phone": "+4722334455"}, "L6": {"Email": "f@x.com"}},
    {"H5": {"firstname": "Eva"}, "L4": {"Title": "CTO"}},
]


class World:
    """Exports of four nights under one folder, and a sync.yaml beside them."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config = write_config(folder / "sync.yaml", overrides)
        self.lake = folder / "lake"
        self.portal = Portal()
        for number, night in enumerate(NIGHTS):
            for name, values in EDITS[number].items():
                self.portal.edit(name, values, night, first=number == 0)
            self.portal.write(self.exports(night))

    def exports(self, night: str) -> Path:
        """Folder of one night's deliveries."""
        return self.folder / "exports" / night


def rows(lake: Path) -> dict[str, list[str]]:
    """Every row of every table as sorted text, tables without rows left out: what two lakes have in common or not."""
    found: dict[str, list[str]] = {}
    opened = Lake(lake)
    with opened.connect(None) as session:
        for key in tables(opened):
            files = opened.files(key)
            if not files:
                continue
            listed = ", ".join(f"'{file}'" for file in files)
            source = (
                f"read_parquet([{listed}], union_by_name = true, hive_partitioning = true, hive_types_autocast = false)"
            )
            query = f"SELECT CAST(to_json(t) AS VARCHAR) FROM {source} AS t ORDER BY 1"
            if texts := [row[0] for row in session.sql(query).fetchall()]:
                found[key] = texts
    return found


def files(lake: Path) -> dict[str, str]:
    """Digest of every import file."""
    root = lake / "files"
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def two_nights(folder: Path) -> World:
    """One night that was run, in `<folder>/lake`, and the same with the second night in `<folder>/whole/lake`."""
    world = World(folder, initial_sync="full")
    run_night(read_config(world.config), Lake(world.lake), NIGHTS[0], who_is_who=world.config)
    shutil.copytree(world.lake, world.folder / "whole" / "lake")
    run_night(read_config(world.config), Lake(world.folder / "whole" / "lake"), NIGHTS[1], who_is_who=world.config)
    return world
