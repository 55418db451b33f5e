"""What people decided: `identity_overrides.csv` beside sync.yaml, one line a decision about two records.

Columns: action (must_link or cannot_link), a, b (`<system>/<object>/<id>`), who, why. A missing file means no decisions.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.shared.failures import InputRefused

FILE = "identity_overrides.csv"
ACTIONS = ("must_link", "cannot_link")
OBJECTS = {
    "hubspot/contact": "person", "salesforce/lead": "person", "salesforce/contact": "person",
    "hubspot/company": "company", "salesforce/account": "company",
}  # fmt: skip
_COLUMNS = ("action", "a", "b", "who", "why")


@dataclass(frozen=True)
class Overrides:
    """Decisions as pairs of records (`x`, `y`), by action."""

    must_link: pl.DataFrame
    cannot_link: pl.DataFrame

    def rows(self) -> pl.DataFrame:
        """`action, a, b`, a < b: the rows of `core/identity/override`."""
        named = (("must_link", self.must_link), ("cannot_link", self.cannot_link))
        parts = [frame.select(pl.lit(action).alias("action"), a="x", b="y") for action, frame in named]
        return pl.concat(parts)


def read(path: Path) -> Overrides:
    """The decisions of a file. Raises InputRefused with every problem, each with file and line."""
    if not path.exists():
        return parse([], str(path))
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [c for c in _COLUMNS if c not in (reader.fieldnames or [])]
        if missing:
            raise InputRefused(f"{path}:1: the columns {', '.join(missing)} are missing")
        return parse(list(reader), str(path))


def parse(rows: list[dict[str, str]], file: str) -> Overrides:
    """Rows of the file, checked: known action and objects, who and why said, two records of one kind, no contradiction."""
    problems: list[str] = []
    decided: dict[tuple[str, str], tuple[str, int]] = {}
    for line, row in enumerate(rows, start=2):
        a, b = sorted(str(row[c] or "").strip() for c in ("a", "b"))
        action = str(row["action"] or "").strip()
        kinds = [OBJECTS.get(r.rpartition("/")[0]) if r.rpartition("/")[2] else None for r in (a, b)]
        if action not in ACTIONS:
            problems.append(f"{file}:{line}: action is one of {', '.join(ACTIONS)}")
        if None in kinds:
            problems.append(f"{file}:{line}: a record is named <system>/<object>/<id>, as hubspot/contact/101")
        elif kinds[0] != kinds[1]:
            problems.append(f"{file}:{line}: a person and a company are never one")
        elif a == b:
            problems.append(f"{file}:{line}: a and b are the same record")
        problems += [f"{file}:{line}: {c} is missing" for c in ("who", "why") if not str(row[c] or "").strip()]
        earlier = decided.setdefault((a, b), (action, line))
        if earlier[0] != action:
            problems.append(f"{file}:{line}: line {earlier[1]} decides the opposite")
    problems += _impossible(decided, file)
    if problems:
        raise InputRefused(problems)
    schema = {"x": pl.String, "y": pl.String}
    frames = [
        pl.DataFrame([pair for pair, (found, _) in decided.items() if found == action], schema=schema, orient="row")
        for action in ACTIONS
    ]
    return Overrides(*frames)


def _impossible(decided: dict[tuple[str, str], tuple[str, int]], file: str) -> list[str]:
    """Cannot-links between records that must-links join through others."""
    leader: dict[str, str] = {}

    def find(record: str) -> str:
        while leader.setdefault(record, record) != record:
            record = leader[record]
        return record

    for (a, b), (action, _) in decided.items():
        if action == "must_link":
            leader[find(a)] = find(b)
    return [
        f"{file}:{line}: must-links of other lines join these two records"
        for (a, b), (action, line) in decided.items()
        if action == "cannot_link" and a != b and find(a) == find(b)
    ]
