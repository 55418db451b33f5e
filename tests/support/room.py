"""A lake that cannot be written: a full disk, a read-only one, a limit on files. For one process, in ways that need no rights.

A process may have name spaces of its own, in which it may mount what nobody else sees; where the system forbids that, a
limit on the size of files and the refusal of every new file stand for them.
"""

import ctypes
import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000

Finish = Callable[[], None]


def nothing() -> None:
    """There is nothing to undo."""


def limited(size: int) -> Finish:
    """No file may grow beyond a size."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def full(lake: Path, free: int, after: Path) -> Finish:
    """The lake on a disk of its own with so many bytes free; what is on it in the end is copied to `after`."""
    if not _own_mounts():
        unlimited = limited(free)

        def copy() -> None:
            unlimited()
            _copy(lake, after)

        return copy
    there = lake.with_name("copied")
    shutil.copytree(lake, there)
    size = sum(path.stat().st_size + 8192 for path in lake.rglob("*")) + free + (1 << 20)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(lake)], check=True)
    shutil.copytree(there, lake, dirs_exist_ok=True)
    left = os.statvfs(lake)
    (lake / ".filler").write_bytes(b"x" * max(left.f_bavail * left.f_frsize - free, 0))

    def finish() -> None:
        (lake / ".filler").unlink()
        _copy(lake, after)

    return finish


def read_only(lake: Path) -> Finish:
    """The lake on a file system that is mounted read-only."""
    if _own_mounts():
        subprocess.run(["mount", "--bind", str(lake), str(lake)], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(lake)], check=True)
        return nothing
    inner = os.open

    def refused(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(lake)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return inner(path, flags, *rest, **options)

    os.open = refused
    return nothing


def _own_mounts() -> bool:
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None).unshare(_NEW_USERS | _NEW_MOUNTS) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    except OSError:
        return False
    return True


def _copy(lake: Path, after: Path) -> None:
    shutil.copytree(lake, after)
