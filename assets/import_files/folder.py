"""A night's folder: written beside its place and renamed into it whole, so that nobody ever sees half of it."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.import_files.parts import FILE_MODE
from assets.shared.unfinished import DRAFT, OLD
from schemas.imports import Companion

FOLDER_MODE = 0o700


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """An empty folder to write into; it takes the place of `folder` when the block ends well, and vanishes otherwise."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    draft, old = folder.parent / f".{folder.name}{DRAFT}", folder.parent / f".{folder.name}{OLD}"
    for leftover in (draft, old):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir(mode=FOLDER_MODE)
    try:
        yield draft
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def remove(folder: Path) -> None:
    """Take a night's folder away: its files no longer belong to the night's deltas."""
    shutil.rmtree(folder, ignore_errors=True)


def beside(folder: Path, name: str, data: bytes) -> Companion:
    """Write one small file; returns its entry of the manifest."""
    path = folder / name
    path.write_bytes(data)
    path.chmod(FILE_MODE)
    return Companion(file=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
