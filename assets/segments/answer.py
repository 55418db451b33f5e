"""What `crosswalk segment` answers: members of a list, a segment or any definition on a night, and how that is known."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlglot import exp

from assets.segments.catalog import Catalog, KnownList
from assets.segments.compile import Compiled
from assets.segments.explain import Explanation, explain
from assets.segments.lists import refusal
from assets.segments.moment import Moment
from assets.segments.resolve import evaluate, find_segment, night_catalog, reasons_of
from assets.segments.sentence import sentence
from assets.segments.sqltext import column, text, written
from assets.shared import keys
from assets.shared.failures import CrosswalkError, InputRefused
from assets.shared.lake import Lake
from assets.shared.sql import Session
from schemas.config import SyncConfig
from schemas.segment_definition import Definition, load_json, read_definition
from schemas.segment_parse import parse_branch
from schemas.segment_problems import DefinitionError, NotEvaluable

_RECORDS = (keys.raw("hubspot", "delivery"), keys.staged("hubspot", "contact"), keys.MEMBERSHIP)
_LARGEST_FILE = 64 << 20


@dataclass
class Question:
    """One definition on one night: what was asked, of which lake."""

    session: Session
    known: KnownList
    catalog: Catalog
    moment: Moment
    file: str | None = None

    @property
    def from_file(self) -> bool:
        """Whether the definition is a file's, and not the lake's."""
        return self.file is not None

    @property
    def definition(self) -> Definition:
        """The definition asked about."""
        return self.known.definition

    def sentence(self) -> str | None:
        """The definition in words; None where there is none to read."""
        if self.definition.branch is None:
            return None
        try:
            tree = parse_branch(self.definition.branch, self.definition.path)
        except DefinitionError:
            return None
        return sentence(tree, self.definition.object or self.definition.object_type_id, self.catalog)

    def compiled(self) -> Compiled:
        """The statement. Raises InputRefused with every reason why there is none."""
        definition = self.definition
        if definition.branch is None:
            raise InputRefused(
                f"{definition.title} has no filters to evaluate" + (": it is static" if definition.static else "")
            )
        try:
            return evaluate(self.known, self.catalog, self.moment)
        except (DefinitionError, NotEvaluable) as error:
            raise InputRefused(list(reasons_of(error, self.file or definition.title))) from None

    def evaluated(self) -> list[str]:
        """Ids of the members by the definition, sorted. Raises InputRefused."""
        return self._ids(self.compiled().statement)

    def delivered(self) -> list[str] | None:
        """Ids of HubSpot's own members, sorted; None where they were not delivered."""
        list_id = self.definition.list_id
        stored = self.catalog.lists.get(list_id) if list_id is not None else None
        if list_id is None or stored is None or not stored.delivered:
            return None
        rows = exp.select(column("recordId").as_("record_id")).from_(self.catalog.membership)
        return self._ids(rows.where(column("listId").eq(text(list_id)), column("op").eq(text("upsert"))))

    def members(self) -> list[str]:
        """Members that count: HubSpot's own where they were delivered, else by the definition. Raises InputRefused."""
        self.refuse()
        own = None if self.from_file else self.delivered()
        return self.evaluated() if own is None else own

    def refuse(self) -> None:
        """Raises InputRefused for a list whose members cannot be used: processing, or static without members."""
        definition = self.definition
        if self.from_file and definition.static:
            raise InputRefused(f"{definition.title} is static; give its bare filterBranch to evaluate that")
        problem = refusal(self.known, str(definition.list_id), None)
        if problem is not None:
            raise InputRefused(problem)

    def explain(self, asked: str) -> tuple[str, Explanation]:
        """The record that was meant, and its conditions. Raises CrosswalkError for one that is not there."""
        definition = self.definition
        self.compiled()
        record_id = self._record(asked, str(definition.object))
        tree = parse_branch(definition.branch, definition.path)
        title = definition.list_id or definition.name
        found = explain(self.session, tree, str(definition.object), record_id, self.catalog, self.moment, title)
        return record_id, found

    def _record(self, asked: str, object_name: str) -> str:
        table = self.catalog.objects[object_name]
        named = {"contact": "email", "company": "domain", "deal": "dealname"}[object_name]
        same = [column(table.id_column).eq(text(asked))]
        if named in table.properties:
            same.append(exp.Lower(this=column(named)).eq(text(asked.strip().lower())))
        query = exp.select(column(table.id_column)).from_(table.relation)
        query = query.where(column("op").eq(text("upsert")), exp.or_(*same)).order_by(column(table.id_column)).limit(2)
        rows = self.session.con.execute(query.sql("duckdb")).fetchall()
        if len(rows) != 1:
            which = "several of this name" if rows else "none of this id or name"
            raise CrosswalkError(f"--explain: {which} among the {object_name} records of {self.session.night}")
        return str(rows[0][0])

    def _ids(self, query: exp.Select) -> list[str]:
        rows = self.session.con.execute(written(query)).fetchall()
        return sorted(str(row[0]) for row in rows)


def ask(session: Session, config: SyncConfig, wanted: str) -> Question:
    """About a list or segment by id or name. Raises CrosswalkError where there is none, InputRefused for several."""
    catalog, moment = night_catalog(session, config)
    segment_id = find_segment(wanted, catalog)
    if segment_id is None:
        raise CrosswalkError(f"there is no list or segment {wanted!r} on {session.night}")
    return Question(session, catalog.lists[segment_id], catalog, moment)


def ask_file(session: Session, config: SyncConfig, path: Path, object_type_id: str) -> Question:
    """About a definition in a file. Raises InputRefused for a file that holds none."""
    catalog, moment = night_catalog(session, config)
    definition = _read(path, object_type_id)
    return Question(session, KnownList(definition, delivered=False), catalog, moment, path.name)


def _read(path: Path, object_type_id: str) -> Definition:
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    if path.stat().st_size > _LARGEST_FILE:
        raise InputRefused(f"{path}: is larger than any definition")
    try:
        definition = read_definition(load_json(path.read_text(encoding="utf-8-sig"), path.name), object_type_id)
    except UnicodeDecodeError:
        raise InputRefused(f"{path}: is not UTF-8 text") from None
    except DefinitionError as error:
        raise InputRefused(
            [f"{path.name}: {p}" if p.path.startswith("$") else str(p) for p in error.problems]
        ) from None
    return definition


def night_of(lake: Lake, night: str | None) -> str:
    """The night asked for, else the newest in the lake. Raises CrosswalkError outside the nights there are."""
    known = sorted({found for key in _RECORDS for found in lake.nights(key)})
    if not known:
        raise CrosswalkError(f"{lake.root}: there is no night in the lake yet; run `crosswalk nightly`")
    if night is not None and not known[0] <= date.fromisoformat(night).isoformat() <= known[-1]:
        raise CrosswalkError(f"{night}: the lake has no such night; it has {known[0]} to {known[-1]}")
    return night or known[-1]
