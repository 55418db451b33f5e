"""Why two records are, or are not, one entity: the path between them, each edge with its tier and evidence, values masked."""

from dataclasses import dataclass

import polars as pl

from assets.identity import paths, words
from assets.identity.compare import SQL
from assets.shared.failures import CrosswalkError
from assets.shared.lake import Lake
from assets.shared.sql import Session

PAIR, KEY, CLUSTER, ALIAS = (f"core/identity/{t}" for t in ("pair", "key", "cluster", "alias"))
_COLUMNS = {"email": "email_canon", "street": "street"}


@dataclass(frozen=True)
class Step:
    """One edge: its records, tier, rule in words, weight, probability, and by field (name, level, weight, both values masked)."""

    a: str
    b: str
    tier: str
    why: str
    weight: float
    probability: float
    guard: str | None
    fields: list[tuple[str, str, float, str, str]]


@dataclass(frozen=True)
class Explained:
    """Whether two records are one entity, which, and the edges that say so (or the one that was stopped)."""

    a: str
    b: str
    entity_ids: tuple[str | None, str | None]
    steps: list[Step]

    @property
    def same(self) -> bool:
        """Both are live and one entity."""
        return self.entity_ids[0] is not None and self.entity_ids[0] == self.entity_ids[1]


def between(lake: Lake, night: str, one: str, other: str) -> Explained:
    """The path between two records of a night, each by its id or an address that is only its own of the two.

    Raises CrosswalkError for one that is not known or stands for several.
    """
    with lake.connect(night) as session:
        for key in (PAIR, KEY, CLUSTER):
            session.use(key)
        meant = {asked: _records(session, asked) for asked in (one, other)}
        a, b = sorted((_only(one, meant, night), _only(other, meant, night)))
        session.register("end_given", pl.DataFrame({"record": [a, b]}))
        for step in ("told_member", "told_pair", "told_key"):
            session.run(SQL / f"{step}.sql")
        members, pairs, known = (session.sql(f"FROM told_{name}").pl() for name in ("member", "pair", "key"))
    entities = dict(members.rows())
    edges = paths.best(_near(pairs.filter(pl.col("zone") == "merge"), a), a, b)
    wanted = [(edge[0], edge[1]) for edge in edges] or [(a, b)]
    rows = {(row["a"], row["b"]): row for row in pairs.rows(named=True)}
    values = {row["record"]: row for row in known.rows(named=True)}
    steps = [_step(rows[pair], values) for pair in wanted if pair in rows]
    return Explained(a, b, (entities.get(a), entities.get(b)), steps)


def mask(value: str | None) -> str:
    """A value by its first character and its length: `Ana` -> `A••`."""
    if not value:
        return ""
    return value[0] + "•" * min(len(value) - 1, 11)


def _near(merged: pl.DataFrame, start: str) -> list[paths.Edge]:
    """Edges of the component of a record."""
    edges: list[paths.Edge] = merged.select("a", "b", "tier", "probability").rows()
    near: dict[str, list[paths.Edge]] = {}
    for edge in edges:
        near.setdefault(edge[0], []).append(edge)
        near.setdefault(edge[1], []).append(edge)
    seen, queue = {start}, [start]
    found: set[paths.Edge] = set()
    for record in queue:
        for edge in near.get(record, []):
            found.add(edge)
            fresh = {edge[0], edge[1]} - seen
            seen |= fresh
            queue.extend(fresh)
    return sorted(found)


def _step(row: dict[str, object], values: dict[str, dict[str, object]]) -> Step:
    one, two = values.get(str(row["a"]), {}), values.get(str(row["b"]), {})
    told = []
    for item in row["evidence"] or []:  # type: ignore[attr-defined]
        column = _COLUMNS.get(item["field"], item["field"])
        shown = [mask(str(side.get(column) or "")) for side in (one, two)]
        told.append((words.field(item["field"]), item["level"], item["weight"], shown[0], shown[1]))
    told.sort(key=lambda line: (-abs(line[2]), line[0]))
    guard = None if row["guard"] is None else str(row["guard"])
    numbers = (float(str(row["weight"])), float(str(row["probability"])))
    return Step(str(row["a"]), str(row["b"]), str(row["tier"]), words.rule(str(row["rule"])), *numbers, guard, told)


def _records(session: Session, asked: str) -> set[str]:
    session.register("asked", pl.DataFrame({"id": [asked.strip()]}))
    return set(session.sql((SQL / "asked_record.sql").read_text(encoding="utf-8")).pl()["record"].to_list())


def _only(asked: str, meant: dict[str, set[str]], night: str) -> str:
    """The one record that was meant: of several that share an address, the one that was not named beside it."""
    others = {record for other, records in meant.items() if other != asked and len(records) == 1 for record in records}
    found = sorted(meant[asked] - others if len(meant[asked]) > 1 else meant[asked])
    if len(found) != 1:
        what = "is not known" if not found else f"stands for {len(found)} records; write <system>/<object>/<id>"
        raise CrosswalkError(f"{asked} {what} (night {night})")
    return found[0]
