"""One run at a time: an exclusive lock on the lake, held from the first read to the last write.

The kernel keeps it, so a killed run leaves nothing behind. It is re-entrant in one process: a command that runs several
nights holds it over all of them. The file says who holds it, for the one who waits.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.shared.failures import CrosswalkError, InputRefused

_UNREADABLE = frozenset("%\\\t\r\n")  # in a table's path, deltalake decodes or drops them on the way to the log
INTERVAL = 0.25  # seconds between two tries
_held: dict[Path, int] = {}
_guard = threading.Lock()


class LakeBusy(CrosswalkError):
    """Another run holds the lake and did not finish in time. Exit status 1."""


def make_root(root: Path) -> None:
    """Make the private folder of a lake where there is none. Raises InputRefused where it cannot be one."""
    if not _UNREADABLE.isdisjoint(str(root.absolute())):
        raise InputRefused(
            f"{str(root)!r}: Delta Lake would read the %, \\, tab or line end in it otherwise; take another folder"
        )
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise InputRefused(f"{root}: a file is in the way; the lake is a folder") from None


@contextmanager
def lake_lock(
    root: Path, holder: str, *, wait_seconds: float = 3600, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lake at `root`. `holder` is one line for others to read; `waiting` is told once whom we wait for.

    Raises LakeBusy when the lake is still held after `wait_seconds`, InputRefused where it cannot be.
    """
    root = root.resolve()
    with _guard:
        nested = root in _held
        if nested:
            _held[root] += 1
    if nested:
        try:
            yield
        finally:
            with _guard:
                _held[root] -= 1
        return
    make_root(root)
    descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, root, wait_seconds, waiting)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        with _guard:
            _held[root] = 1
        try:
            yield
        finally:
            with _guard:
                del _held[root]
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever is written meanwhile is for its owner only: folders 0700, files 0600."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def write_whole(path: Path, text: str) -> None:
    """Write a small private file in one step: whoever is killed meanwhile leaves the old one or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)


def _acquire(descriptor: int, root: Path, wait_seconds: float, waiting: Callable[[str], None] | None) -> None:
    pause = threading.Event()
    for attempt in range(int(wait_seconds / INTERVAL) + 1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            if attempt == 0 and waiting is not None:
                waiting(f"{root} is held by {_holder(descriptor)}; waiting up to {wait_seconds:.0f} s")
            pause.wait(INTERVAL)
        else:
            return
    raise LakeBusy(f"{root} is held by {_holder(descriptor)}; gave up after {wait_seconds:.0f} s")


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 500, 0).decode(errors="replace").strip() or "another run"
