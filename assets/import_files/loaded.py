"""What of a night's files has been loaded: marks beside the night's folder, so that a big history can be loaded over days.

A mark names a file and the bytes it had. A file that was written anew with other bytes is not the one that was loaded.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assets.import_files.folder import beside
from assets.shared.failures import InputRefused
from schemas.imports import Manifest, ManifestFile

Status = Literal["loaded", "changed", "next", "waiting"]


@dataclass(frozen=True)
class Standing:
    """One file of a manifest, the day of its CRM's allowance on which it fits, and where it stands.

    `changed`: other bytes were loaded under its name. `next`: everything that it waits for is loaded, and so is everything
    of its CRM's earlier days. `waiting`: not yet.
    """

    file: ManifestFile
    day: int
    status: Status


def standings(manifest: Manifest, folder: Path) -> list[Standing]:
    """Every file in loading order. `folder` is the night's; the marks lie beside it."""
    marks = _marks(folder)
    day_of = {(day.target, order): day.day for day in manifest.days for order in day.orders}
    days = {f.file: day_of.get((f.target, f.order), 1) for f in manifest.files}
    is_open = {f.file for f in manifest.files if marks.get(f.file) != f.sha256}
    today = {
        target: min((days[f.file] for f in manifest.files if f.target == target and f.file in is_open), default=0)
        for target in ("hubspot", "salesforce")
    }
    found = []
    for file in manifest.files:
        if file.file not in is_open:
            status: Status = "loaded"
        elif file.file in marks:
            status = "changed"
        elif days[file.file] > today[file.target] or is_open.intersection(file.waits_for):
            status = "waiting"
        else:
            status = "next"
        found.append(Standing(file, days[file.file], status))
    return found


def mark(manifest: Manifest, folder: Path, names: Iterable[str]) -> None:
    """Note that files were loaded without failure. Raises InputRefused, and notes none, for what cannot have been."""
    marks, known = _marks(folder), {f.file: f for f in manifest.files}
    wanted = [Path(name).name for name in names]
    problems = [f"{name}: is no file of {manifest.night}" for name in wanted if name not in known]
    for file in (known[name] for name in wanted if name in known):
        if _digest(folder / file.file) != file.sha256:
            problems.append(f"{file.file}: has other bytes than the manifest says")
        missing = [n for n in file.waits_for if n not in wanted and marks.get(n) != known[n].sha256]
        if missing:
            problems.append(f"{file.file}: waits for {', '.join(missing)}")
    if problems:
        raise InputRefused(problems)
    marks |= {name: known[name].sha256 for name in wanted}
    text = "".join(json.dumps({"file": name, "sha256": digest}) + "\n" for name, digest in sorted(marks.items()))
    place = _place(folder)
    beside(place.parent, f".{place.name}.draft", text.encode())
    place.with_name(f".{place.name}.draft").rename(place)


def _marks(folder: Path) -> dict[str, str]:
    place = _place(folder)
    lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    return {entry["file"]: entry["sha256"] for entry in map(json.loads, lines)}


def _place(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.loaded.jsonl")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
