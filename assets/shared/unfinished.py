"""What a run that did not come to its end left in the lake, and how the next one puts it right.

A run writes down its nights and the version of every table before it writes anything (`<lake>/run.json`), and takes the note
away at its end. A note that is found was left by a run that was killed, or failed half way. The same nights again write over
whatever it left. Before any other night the tables go back to where they were: what is half written would count as the past.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from assets.shared import keys, rewrite
from assets.shared.lake import Lake
from assets.shared.lock import write_whole
from assets.shared.nights import Mode, note_first_range, span
from assets.shared.rollback import roll_back, versions

NOTE = "run.json"
_DECIDED = (keys.DECISION, keys.CHANGE, keys.DELTA_HUBSPOT, keys.DELTA_SALESFORCE, keys.LIFECYCLE_REQUEST)
_BEFORE = (keys.LINK, keys.MEMBERSHIP)
DRAFT, OLD = ".draft", ".old"  # as the import files' folders are called while one takes the place of another


@dataclass(frozen=True)
class Note:
    """The first and the last night of a run, how it treats them, and every table's version before it."""

    nights: list[str]
    mode: Mode
    before: dict[str, int]


def begin(lake: Lake, nights: Sequence[str]) -> Note:
    """Put right what is left of another run, and write down that this one begins. Hold the lake's lock."""
    settle(lake, nights)
    earlier = read(lake)
    note = Note(_ends(nights), span(lake, list(nights)).mode, earlier.before if earlier else versions(lake))
    write_whole(lake.root / NOTE, json.dumps(asdict(note)) + "\n")
    return note


def end(lake: Lake) -> None:
    """The run came to its end, done or stopped by a guard: what it decided stands."""
    note = read(lake)
    if note is not None and note.mode == "run" and note.nights:
        note_first_range(lake, note.nights[0], note.nights[-1])
    _forget(lake)


def take_back(lake: Lake, note: Note) -> None:
    """Refused: the tables as they were before the run."""
    roll_back(lake, note.before)
    _forget(lake)


def _forget(lake: Lake) -> None:
    (lake.root / NOTE).unlink(missing_ok=True)


def settle(lake: Lake, nights: Sequence[str] = ()) -> None:
    """Put right what is left of a run over other nights than these; finish an erasure, a migration. Hold the lake's lock."""
    _sweep(lake)
    rewrite.finish(lake)
    note = read(lake)
    if note is None:
        return
    if _whole(lake, note):
        end(lake)
    elif note.nights != _ends(nights):
        take_back(lake, note)


def read(lake: Lake) -> Note | None:
    """The note of a run that is going on or did not come to its end."""
    file = lake.root / NOTE
    return Note(**json.loads(file.read_text())) if file.exists() else None


def torn(lake: Lake) -> frozenset[str]:
    """Nights some of whose decisions are of a run that is going on or was killed, and some of the run before it."""
    note = read(lake)
    if note is None or not any(_moved(lake, note, (*_BEFORE, *_written(note)))) or _whole(lake, note):
        return frozenset()
    return frozenset(note.nights)


def _ends(nights: Sequence[str]) -> list[str]:
    """The first and the last of some nights."""
    return sorted({min(nights), max(nights)}) if nights else []


def _whole(lake: Lake, note: Note) -> bool:
    """Whether the run decided its nights to the end, so that only files and suggestions are missing."""
    return note.mode != "history" and all(_moved(lake, note, _written(note)))


def _written(note: Note) -> tuple[str, ...]:
    """Tables that a run which decides writes together."""
    return _DECIDED if note.mode == "replay" else (*_DECIDED, keys.LEDGER, keys.LEDGER_FIELD)


def _moved(lake: Lake, note: Note, tables: Sequence[str]) -> list[bool]:
    """By table: whether the run has written it."""
    return [lake.version(key) > note.before.get(key, -1) for key in tables]


def _sweep(lake: Lake) -> None:
    """Remove what killed runs had beside the tables: spilled rows, drafts of files; put back a folder not yet replaced."""
    shutil.rmtree(lake.trash, ignore_errors=True)
    for folder in (*(lake.root / ".spill").glob("*"), *lake.root.glob(".simulate-*")):
        owner = folder.name.removeprefix(".simulate-").partition("-")[0]
        if not (owner.isdigit() and _runs(int(owner))):
            shutil.rmtree(folder, ignore_errors=True)
    files = lake.root / "files"
    for draft in sorted(files.glob(f".*{DRAFT}")):
        shutil.rmtree(draft)
    for old in sorted(files.glob(f".*{OLD}")):
        place = files / old.name.removeprefix(".").removesuffix(OLD)
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
