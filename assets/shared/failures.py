"""How a run ends when it does not end well: one exception per exit status of the command line (design section 8)."""

import traceback
from pathlib import Path

# Words of the operating system that libraries below us wrap in errors of their own.
_SYSTEM = {
    "No space left on device": "the disk is full",
    "database or disk is full": "the disk is full",
    "File too large": "a file is larger than the disk, or the limit of this process, allows",
    "Read-only file system": "the lake is on a read-only file system",
    "Permission denied": "permission denied",
}


class CrosswalkError(Exception):
    """Failed: a blocking check, an id that is not known. One line that says what and where. Exit status 1."""

    exit_status = 1


class InputRefused(CrosswalkError):
    """Configuration or input refused before anything was written. Carries every problem at once. Exit status 2."""

    exit_status = 2

    def __init__(self, problems: str | list[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class GuardStopped(CrosswalkError):
    """A guard of sync.yaml kept the files from being written; decisions and deltas are there. Exit status 3."""

    exit_status = 3


class QuotaReached(CrosswalkError):
    """An API quota is used up; what was fetched is kept and the same command goes on. Exit status 4."""

    exit_status = 4


def in_words(error: BaseException) -> str:
    """What an unforeseen failure says, without what the data says: its own text may have cells in it (design section 4)."""
    place = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
    for words, meaning in _SYSTEM.items():
        if words in str(error):
            return f"{meaning}{place}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{place}"
    return f"{type(error).__name__} at {_where(error)}; set CROSSWALK_DEBUG=1 for the traceback"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/assets/" in f.filename or "/pipelines/" in f.filename or "/schemas/" in f.filename]
    frame = (ours or list(frames))[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
