"""`crosswalk rebuild --from D`: take staged, rejected and the ledger back to before D, then run the rest from raw.

While it lasts a marker lies in the lake: a rebuild that was killed is finished by the same command, and no other run
builds on a ledger with a hole.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.shared import keys, unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock, write_whole
from assets.shared.nights import interrupted, rebuild_marker
from pipelines.cli.core import Place
from schemas.config import SyncConfig


@contextmanager
def rebuilding(
    place: Place, lake: Lake, config: SyncConfig, first: str, waiting: Callable[[str], None] | None = None
) -> Iterator[list[str]]:
    """Hold the lake, drop what `first` and later nights wrote, and give the nights to run. Raises InputRefused."""
    holder = f"crosswalk rebuild --from {first} (process {os.getpid()})"
    with lake_lock(lake.root, holder, wait_seconds=place.settings.lock_seconds, waiting=waiting):
        begun = interrupted(lake)
        if begun is not None and begun < first:
            raise InputRefused(
                f"a rebuild from {begun} was interrupted; finish it with `crosswalk rebuild --from {begun}`"
            )
        _settle(lake, first)
        nights = _nights(lake, first)
        marker = rebuild_marker(lake)
        write_whole(marker, json.dumps({"from": first}) + "\n")
        for key in (*_versioned(lake), keys.LEDGER, keys.LEDGER_FIELD, keys.LIFECYCLE_REQUEST, keys.MATCH_KEY):
            lake.drop(key, [night for night in lake.nights(key) if night >= first])
        yield nights
        marker.unlink()


def _settle(lake: Lake, first: str) -> None:
    """A run that was killed over nights that are rebuilt is done again; one over earlier nights is taken back."""
    left = unfinished.read(lake)
    if left is not None and left.nights[0] >= first:
        unfinished.settle(lake, left.nights)
        unfinished.end(lake)
    else:
        unfinished.settle(lake)


def _nights(lake: Lake, first: str) -> list[str]:
    """Nights to run: all that raw has from `first` on. Refused where one that staged or the ledger has is gone."""
    raw = {night for key in _keys(lake, "raw") for night in lake.nights(key)}
    known = {night for key in (*_versioned(lake), keys.LEDGER, keys.LEDGER_FIELD) for night in lake.nights(key)}
    lost = sorted(night for night in known - raw if night >= first)
    if lost:
        raise InputRefused(f"raw has no night {lost[0]} any more (retention.raw); rebuild from a later night")
    nights = sorted(night for night in raw if night >= first)
    if not nights:
        raise InputRefused(f"raw has no night from {first} on")
    return nights


def _versioned(lake: Lake) -> list[str]:
    return [*_keys(lake, "staged"), *_keys(lake, "rejected")]


def _keys(lake: Lake, layer: str) -> list[str]:
    logs = sorted(Path(lake.root, layer).glob("*/*/_delta_log"))
    return [str(log.parent.relative_to(lake.root)) for log in logs]
