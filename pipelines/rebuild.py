"""`crosswalk rebuild --from D`: take staged, rejected and the ledger back to before D, then run the rest from raw.

While it lasts a marker lies in the lake: a rebuild that was killed is finished by the same command, and no other run
builds on a ledger with a hole. One that is refused on its way leaves the lake as it was, import files too.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.shared import keys, unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.lock import lake_lock, write_whole
from assets.shared.nights import decided_nights, fetched, interrupted, nights_between, rebuild_marker
from assets.shared.rollback import roll_back, tables, versions
from assets.shared.upkeep import look_after
from pipelines.cli.core import Place
from pipelines.delivered import delivered, has_nights
from schemas.config import ConfigError, SyncConfig

_KEPT = ".rebuilt"  # beside the nights' folders of import files: those that a rebuild writes anew, until it is done


@contextmanager
def rebuilding(
    place: Place,
    lake: Lake,
    config: SyncConfig,
    first: str,
    *,
    refetch: bool = False,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[list[list[str]]]:
    """Hold the lake, drop what `first` and later nights wrote, and give the runs to make, each one night or a range.

    Raises InputRefused; where that or ConfigError is raised inside, everything is as it was before.
    """
    holder = f"crosswalk rebuild --from {first} (process {os.getpid()})"
    with lake_lock(lake.root, holder, wait_seconds=place.settings.lock_seconds, waiting=waiting):
        begun = interrupted(lake)
        if begun is not None and begun < first:
            raise InputRefused(
                f"a rebuild from {begun} was interrupted; finish it with `crosswalk rebuild --from {begun}`"
            )
        _settle(lake, first)
        runs = _runs(lake, config, first, refetch=refetch)
        before = _begin(lake, first)
        for key in (*_versioned(lake), keys.LEDGER, keys.LEDGER_FIELD, keys.LIFECYCLE_REQUEST, *keys.IDENTITY_VERSIONS):
            nights = decided_nights(lake) if key == keys.LEDGER else lake.nights(key)
            lake.drop(key, [night for night in nights if night >= first])
        try:
            yield runs
        except (InputRefused, ConfigError):
            if before is not None:
                roll_back(lake, before)
                _put_back(lake, first)
                rebuild_marker(lake).unlink()
            raise
        rebuild_marker(lake).unlink()
        shutil.rmtree(_kept(lake), ignore_errors=True)
        look_after(lake, runs[-1][-1], config.retention)


def _begin(lake: Lake, first: str) -> dict[str, int] | None:
    """Leave the marker and keep the import files; every table's version before.

    A rebuild that was killed has kept files and versions already, of before it took anything out: those count. None where an
    older Crosswalk began it, which kept none.
    """
    marker, begun = rebuild_marker(lake), interrupted(lake)
    before = versions(lake) if begun is None else json.loads(marker.read_text()).get("before")
    if begun is None:
        shutil.rmtree(_kept(lake), ignore_errors=True)
    for folder in _written(lake.root / "files", first):
        if begun is None or folder.name < begun:
            shutil.rmtree(_kept(lake) / folder.name, ignore_errors=True)
            shutil.copytree(folder, _kept(lake) / folder.name, copy_function=os.link)
    write_whole(marker, json.dumps({"from": first, "before": before}) + "\n")
    return before


def _put_back(lake: Lake, first: str) -> None:
    """The import files that were there before."""
    for folder in _written(lake.root / "files", first):
        shutil.rmtree(folder)
    for folder in _written(_kept(lake), first):
        folder.rename(lake.root / "files" / folder.name)
    shutil.rmtree(_kept(lake), ignore_errors=True)


def _written(folder: Path, first: str) -> list[Path]:
    return sorted(night for night in folder.glob("????-??-??") if night.name >= first)


def _kept(lake: Lake) -> Path:
    return lake.root / "files" / _KEPT


def _settle(lake: Lake, first: str) -> None:
    """A run that was killed over nights that are rebuilt is done again; one over earlier nights is taken back."""
    left = unfinished.read(lake)
    if left is not None and left.nights[0] >= first:
        unfinished.settle(lake, left.nights)
        unfinished.end(lake)
    else:
        unfinished.settle(lake)


def _runs(lake: Lake, config: SyncConfig, first: str, *, refetch: bool) -> list[list[str]]:
    """Nights to run: all that raw has from `first` on, and those that were delivered late where the sources are read again.

    A night of which raw has one CRM alone is folded into the next one, as in the range that fetched it. Refused where one that
    staged or the ledger has is gone from raw, or cannot be read again.
    """
    raw = {night for key in _keys(lake, "raw") for night in lake.nights(key)}
    known = {night for key in (*_versioned(lake), keys.LEDGER, keys.LEDGER_FIELD) for night in lake.nights(key)}
    lost = sorted(night for night in known - raw if night >= first)
    if lost:
        raise InputRefused(f"raw has no night {lost[0]} any more (retention.raw); rebuild from a later night")
    whole = fetched(lake)
    if refetch and has_nights(config):
        there = set(delivered(config))
        if away := sorted(night for night in whole - there if night >= first):
            raise InputRefused([f"{night}: was delivered, but is not there to be read again" for night in away])
        late = {night for night in there if night < max(raw, default=first)}
        raw, whole = raw | late, whole | late
    runs: list[list[str]] = []
    begins = None
    for night in sorted(night for night in raw if night >= first):
        begins = begins or night
        if night in whole:
            runs.append(nights_between(begins, night))
            begins = None
    if not runs or begins is not None:
        raise InputRefused(f"raw has no night of both CRMs from {begins or first} on")
    return runs


def _versioned(lake: Lake) -> list[str]:
    return [*_keys(lake, "staged"), *_keys(lake, "rejected")]


def _keys(lake: Lake, layer: str) -> list[str]:
    return [key for key in tables(lake) if key.startswith(f"{layer}/")]
