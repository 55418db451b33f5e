"""Refused means nothing written: tables go back to the versions they had when the run began.

Delta keeps the old version until it is vacuumed, so going back is one commit a table and copies no rows.
"""

from pathlib import Path

from deltalake import CommitProperties, DeltaTable

from assets.shared.lake import Lake, version_of
from assets.shared.nights import RESTORED


def tables(lake: Lake) -> list[str]:
    """Keys of every table there is, sorted."""
    logs = [log for log in Path(lake.root).glob("*/*/*/_delta_log") if version_of(log) >= 0]
    found = [log.parent.relative_to(lake.root).as_posix() for log in logs]
    return sorted(key for key in found if not key.startswith("."))


def versions(lake: Lake) -> dict[str, int]:
    """The version of every table."""
    return {key: lake.version(key) for key in tables(lake)}


def roll_back(lake: Lake, before: dict[str, int]) -> None:
    """Put every table back to a version of `versions`; a table that was not there yet is removed.

    What says that a night was fetched goes first: were this killed half way, the night must be fetched again.
    """
    for key in sorted(tables(lake), key=lambda one: (not one.endswith("/delivery"), one)):
        if key not in before:
            lake.discard(key)
        elif lake.version(key) != before[key]:
            table = DeltaTable(str(lake.root / key))
            table.restore(before[key], commit_properties=CommitProperties(custom_metadata={RESTORED: str(before[key])}))
