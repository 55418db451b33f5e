"""A table written anew beside the old one, whose place it then takes: neither the old files nor the old log remain.

Killed before the new one is whole, the old one stays as it was; killed later, `finish` puts the new one in place.
"""

import shutil
from collections.abc import Callable, Iterable

import pyarrow as pa

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.nights import decided_nights

WORK = ".anew"


def write_anew(
    lake: Lake, key: str, rows: Callable[[str], pa.Table | pa.RecordBatchReader], more: Iterable[str] = ()
) -> None:
    """Write a table again, night after night, from what `rows` has of each; without any night the table goes. Hold the lock.

    Nights that the ledger decided without a row are written too, for its log is what remembers them; so are `more`.
    """
    nights = sorted({*lake.nights(key), *more, *(decided_nights(lake) if key == keys.LEDGER else ())})
    if not nights:
        lake.discard(key)
        return
    shutil.rmtree(lake.root / WORK, ignore_errors=True)
    work = Lake(lake.root / WORK / "new")
    for night in nights:
        work.write(key, night, rows(night))
    old = lake.root / WORK / "old" / key
    old.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    (lake.root / key).rename(old)
    (work.root / key).rename(lake.root / key)
    shutil.rmtree(lake.root / WORK)


def finish(lake: Lake) -> None:
    """Put in place what a killed run had written anew, and remove its leftovers."""
    work = lake.root / WORK
    for fresh in sorted(work.glob("new/*/*/*")):
        key = fresh.relative_to(work / "new").as_posix()
        if not (lake.root / key).exists():
            fresh.rename(lake.root / key)
    shutil.rmtree(work, ignore_errors=True)
