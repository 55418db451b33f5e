"""The files of one night: which are there, which entity each holds, and what is wrong with the set of them.

Nothing here opens a file; `assets.shared.landing` reads them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlglot import exp

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.words import counted
from schemas.delivery import Entity

RESULT = "result"
_PACKED = ".gz"


@dataclass(frozen=True)
class File:
    """One delivered file."""

    entity: str
    path: Path
    name: str  # inside the night's folder
    form: str  # csv, jsonl or json
    stem: str  # name without endings; tonight's `contacts.jsonl` stands for last night's `contacts.csv.gz`

    @property
    def shown(self) -> str:
        """The file as messages name it: by its whole path, for both CRMs, and every night, have files of one name."""
        return str(self.path)

    @property
    def object(self) -> str:
        """File name without endings: `Lead` of `describe/Lead.json`."""
        return self.stem.rsplit("/", 1)[-1]


def find(folder: Path, entities: Mapping[str, Entity]) -> tuple[list[File], list[str], list[str]]:
    """Files of a night's folder, problems with them, and notes.

    Two files for one entity are a problem (which one counts?), as is a night without people. Files of unknown name are noted.
    """
    if not folder.is_dir():
        return [], [f"{folder}: there is no such folder"], []
    files: list[File] = []
    problems: list[str] = []
    for entity in entities.values():
        files += [
            file
            for path in sorted(folder.glob(f"{entity.file}.*"))
            if (file := _file(folder, path, entity.name, entity.forms)) and _matches(file.stem, entity.file)
        ]
    files += [
        file for path in sorted(folder.glob("results/*")) if (file := _file(folder, path, RESULT, ("csv",))) is not None
    ]
    seen: dict[str, File] = {}
    for file in files:
        if file.stem in seen:
            problems.append(f"{file.shown}: {seen[file.stem].path.name} is there too; keep one of them")
        seen.setdefault(file.stem, file)
    needed = [entity for entity in entities.values() if entity.needed]
    if needed and not any(file.entity == entity.name for file in files for entity in needed):
        wanted = " or ".join(f"{entity.file}.{form}" for entity in needed for form in entity.forms)
        problems.append(f"{folder}: {wanted} is missing; a delivery has at least the people")
    known = {file.path for file in files}
    others = sorted(path for path in folder.rglob("*") if path.is_file() and path not in known)
    return files, problems, [f"{path}: not a file of this CRM's export; not read" for path in others]


@dataclass(frozen=True)
class Earlier:
    """The newest earlier night with a delivery, None where there is none; by stem its files, their columns and rows."""

    night: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


def earlier(lake: Lake, crm: str, night: str) -> Earlier:
    """What the newest night before this one brought."""
    key = keys.raw(crm, "delivery")
    nights = [n for n in lake.nights(key) if n < night]
    if not nights:
        return Earlier()
    with lake.connect(nights[-1]) as session:
        session.use(key)
        query = exp.select("entity", "file", "rows", "columns").from_(keys.relation(key)).order_by("file")
        found = session.sql(query).fetchall()
    stems = [(stem_of(file)[0], file, columns or [], rows) for entity, file, rows, columns in found if entity != RESULT]
    return Earlier(
        nights[-1],
        {stem: file for stem, file, _, _ in stems},
        {stem: columns for stem, _, columns, _ in stems},
        {stem: rows for stem, _, _, rows in stems},
    )


def missing(folder: Path, before: str, earlier_files: Mapping[str, str], files: list[File]) -> list[str]:
    """Problems: files of the earlier night that tonight's folder lacks."""
    there = {file.stem for file in files}
    return [
        f"{folder / name}: missing tonight, but was delivered on {before}; a missing file is not an empty one"
        for stem, name in sorted(earlier_files.items())
        if stem not in there
    ]


def lost(before: Earlier, file: File, columns: Collection[str]) -> str | None:
    """A note: columns of records that the earlier night had; their fields are not mapped until they are back (design 4)."""
    names = [name for name in before.columns.get(file.stem, []) if name not in columns]
    if not names or file.form == "json":
        return None
    seen = f"delivered on {before.night}, missing tonight"
    return f"{file.shown}: {', '.join(names)}: {seen}; nothing is compared by it until it is back"


def lacking(file: File, header: Sequence[str], columns: Collection[str], wanted: Sequence[str]) -> list[str]:
    """The problem, at most one, of a CSV file without the columns of its key, or of a result that is no table at all.

    `header` are its cells as delivered, `columns` what they are called; the cells are not told, for they may be a person's.
    """
    missing = [name for name in wanted if name not in columns]
    only = header[0] if missing and len(header) == 1 else ""
    if only[:1] in ("{", "["):
        return [f"{file.shown}: line 1: is JSON, not CSV (an error answer?)"]
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if mark in only:
            return [f"{file.shown}: line 1: cells are separated by {word}; a delivery separates them by commas"]
    if not missing or file.entity == RESULT:
        return []
    return [f"{file.shown}: line 1: has no column {' and no column '.join(missing)}; without it no record has an id"]


def unanswered(file: File, columns: Collection[str], answers: Sequence[str]) -> list[str]:
    """What to say of a result without any column that tells what became of a row, as that of unprocessed records (P2-B9)."""
    if any(name in columns for name in answers):
        return []
    return [f"{file.shown}: no column of {len(columns)} is {' or '.join(answers)}; it tells nothing of an import"]


def shrunk(file: File, rows: int, earlier_rows: int, before: str, max_shrink: float | None) -> str | None:
    """The problem of a file of a full delivery that is smaller than the one before by more than the guard allows.

    `max_shrink`: the share of the earlier rows that may be missing; None: all of them.
    """
    if max_shrink is None or earlier_rows == 0 or (earlier_rows - rows) / earlier_rows <= max_shrink:
        return None
    lost = 100 * (earlier_rows - rows) / earlier_rows
    return (
        f"{file.shown}: {counted(rows, f'{file.entity} row')}, {lost:.1f} % fewer than the {earlier_rows:,} of {before}; "
        f"guards.max_shrink allows {100 * max_shrink:g} %. If that is right, run once with --accept-shrink"
    )


def stem_of(name: str) -> tuple[str, str]:
    """Name without endings, and its form."""
    plain = name.removesuffix(_PACKED)
    stem, _, form = plain.rpartition(".")
    return stem, form


def _file(folder: Path, path: Path, entity: str, forms: tuple[str, ...]) -> File | None:
    name = path.relative_to(folder).as_posix()
    stem, form = stem_of(name)
    return File(entity, path, name, form, stem) if path.is_file() and stem and form in forms else None


def _matches(stem: str, pattern: str) -> bool:
    if pattern.endswith("/*"):
        return stem.startswith(pattern[:-1]) and "/" not in stem[len(pattern) - 1 :]
    return stem == pattern
