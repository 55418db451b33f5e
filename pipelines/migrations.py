"""Steps from one schema version of the lake to the next. Additive columns need none: they merge as they are written."""

import json
from collections.abc import Callable
from pathlib import Path

from assets.shared import unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import SCHEMA_VERSION, Lake
from assets.shared.lock import write_whole

Step = Callable[[Path], str]
STEPS: dict[int, Step] = {}  # from this version to the next; each step may be run again after it was killed


def migrate(root: Path) -> list[str]:
    """Run every step that is missing; returns what was done. Raises InputRefused where there is no way."""
    file = root / "lake.json"
    if not file.exists():
        raise InputRefused(f"{root}: there is no lake here")
    version = int(json.loads(file.read_text())["schema_version"])
    if version > SCHEMA_VERSION:
        raise InputRefused(
            f"{root}: the lake has schema version {version}, newer than this Crosswalk ({SCHEMA_VERSION}); update it"
        )
    if version < SCHEMA_VERSION:
        unfinished.settle(Lake(root))  # a note of a killed run names versions of tables that a step may write anew
    done = []
    while version < SCHEMA_VERSION:
        if version not in STEPS:
            raise InputRefused(
                f"{root}: there is no step from schema version {version}; rebuild the lake from its exports"
            )
        done.append(STEPS[version](root))
        version += 1
        write_whole(file, json.dumps({"schema_version": version}) + "\n")
    return done
