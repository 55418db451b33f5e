"""Refused means nothing written: tables go back to the versions they had when the run began.

Delta keeps the old version until it is vacuumed, so going back is one commit a table and copies no rows.
"""

import shutil
from pathlib import Path

from deltalake import CommitProperties, DeltaTable

from assets.shared.lake import Lake

RESTORED = "restored to"


def tables(lake: Lake) -> list[str]:
    """Keys of every table there is, sorted."""
    found = [path.parent.relative_to(lake.root).as_posix() for path in Path(lake.root).glob("*/*/*/_delta_log")]
    return sorted(key for key in found if not key.startswith("."))


def versions(lake: Lake) -> dict[str, int]:
    """The version of every table."""
    return {key: DeltaTable(str(lake.root / key)).version() for key in tables(lake)}


def roll_back(lake: Lake, before: dict[str, int]) -> None:
    """Put every table back to a version of `versions`; a table that was not there yet is removed."""
    for key in tables(lake):
        table = DeltaTable(str(lake.root / key))
        if key not in before:
            shutil.rmtree(lake.root / key)
        elif table.version() != before[key]:
            table.restore(before[key], commit_properties=CommitProperties(custom_metadata={RESTORED: str(before[key])}))
