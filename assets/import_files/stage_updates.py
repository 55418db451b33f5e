"""`lifecycle.updates` of one night: which of them run, what they ask for, and their operations together."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from assets.import_files import portal
from assets.import_files.beside import Beside
from assets.import_files.header import Column, Header, hubspot_header
from assets.import_files.knowledge import Knowledge
from assets.import_files.lifecycle import FIELD, StagePlan, plan_stages
from assets.import_files.opened import NotReadableError
from assets.import_files.rules import stage_options
from assets.import_files.scan import Scanner
from assets.import_files.write import SQL
from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.sql import Session
from schemas.arrow import arrow_schema
from schemas.config_parts import StageUpdate
from schemas.sync import Delta

LIST = keys.staged("hubspot", "list")
MEMBER = keys.staged("hubspot", "list_membership")
READS = (portal.CONTACT, portal.COMPANY, portal.PROPERTY, portal.OWNER, portal.FIELD, LIST, MEMBER)
IGNORED = "lifecycle-ignored.jsonl"
REQUEST = pa.schema([("line", pa.int64()), ("record_id", pa.string()), ("name", pa.string()), ("stage", pa.string())])
_NAMES = {"contact": "email", "company": "domain"}


@dataclass
class StageUpdates:
    """Operations of a night's bulk updates, what they would not do by object and code, and which updates ran."""

    operations: pa.Table = field(default_factory=lambda: arrow_schema(Delta).empty_table())
    ignored: list[dict[str, object]] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def lists(self) -> dict[str, bytes]:
        """`lifecycle-ignored.jsonl`, one line a request that comes to nothing; nothing where there is none."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.ignored)
        return {IGNORED: text.encode()} if text else {}


def stage_updates(session: Session, known: Knowledge, nights: Sequence[str], earlier: frozenset[str]) -> StageUpdates:
    """All bulk updates that run on the last of the nights. Needs the relation `planned`, the night's deltas.

    `earlier` are the updates that ran on nights before. Raises InputRefused for a file or segment that cannot be used.
    """
    found = StageUpdates()
    for number, update in enumerate(known.config.lifecycle.updates):
        identity = identity_of(update)
        if not _runs(update, nights, identity in earlier):
            continue
        path = f"lifecycle.updates.{number}"
        plan = _plan(session, known, update, path, nights[-1])
        found.operations = pa.concat_tables([found.operations, plan.operations])
        found.ignored += [{"update": path, "object": update.object, **row} for row in plan.ignored.to_pylist()]
        found.ran.append(identity)
    return found


def identity_of(update: StageUpdate) -> str:
    """A name for an update that stays the same as long as it says the same."""
    said = json.dumps(update.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _runs(update: StageUpdate, nights: Sequence[str], ran_before: bool) -> bool:
    """Every night; on its night; or, without one, once: on the first night that has it."""
    if update.continuous:
        return True
    return update.night in nights if update.night is not None else not ran_before


def _plan(session: Session, known: Knowledge, update: StageUpdate, path: str, night: str) -> StagePlan:
    stages = stage_options(known.field("hubspot", update.object, FIELD))
    if update.source is not None:
        requests = read_requests(update.source, update.object, known, path)
        because, backward = "P1-66", update.backward
    else:
        because, backward = "P1-62", "clear_then_set"
        if str(update.set).lower() not in {word.lower() for pair in stages for word in pair}:
            raise InputRefused(f"{path}.set: is no lifecycle stage of the portal, by internal value or label (P2-63)")
        requests = _enrolled(session, update, path)
    records, names = _records(session, update.object)
    return plan_stages(
        requests, records, names, stages, object_name=update.object, backward=backward, because=because, night=night
    )


def read_requests(file: Path, object_name: str, known: Knowledge, path: str) -> pa.Table:
    """Rows of a stage file (P1-67, P1-68): line, record id, e-mail or domain, stage. Raises InputRefused."""
    try:
        scanner = Scanner(file)
    except NotReadableError as error:
        raise InputRefused(f"{path}.file: {file.name}: {error}") from None
    try:
        header = hubspot_header(scanner.header, object_name, known, Beside())
        stage, by_id, by_name = _columns(header, object_name)
        if stage is None or (by_id is None and by_name is None):
            wanted = "a Lifecycle stage column" if stage is None else "an e-mail, domain or Record ID column"
            raise InputRefused(f"{path}.file: {file.name}: has no {wanted} ({'P1-68' if stage is None else 'P1-67'})")
        parts = []
        for block in scanner.blocks():
            for defect in block.defects:
                raise InputRefused(f"{path}.file: {file.name}: line {defect.line}: {defect.problem}")
            if block.cells is not None:
                none = pa.nulls(block.cells.num_rows, pa.string())
                cells = [none if c is None else block.cells.column(c.place) for c in (by_id, by_name, stage)]
                parts.append(pa.Table.from_arrays([pa.array(block.lines), *cells], schema=REQUEST))
    finally:
        scanner.close()
    return pa.concat_tables(parts) if parts else REQUEST.empty_table()


def _columns(header: Header, object_name: str) -> tuple[Column | None, Column | None, Column | None]:
    by_id = next((c for c in header.columns if c.target is not None and c.target.kind == "record_id"), None)
    return header.of(FIELD), by_id, header.of(_NAMES[object_name])


def _enrolled(session: Session, update: StageUpdate, path: str) -> pa.Table:
    """The members of a segment, each asking for the stage."""
    segment = _segment_id(session, str(update.enroll))
    session.register("enrolled", pa.table({"segment_id": [segment]}))
    session.use(keys.MEMBERSHIP)
    session.use(MEMBER, columns={"listId": "VARCHAR", "recordId": "VARCHAR", "op": "VARCHAR"})
    session.run(SQL / "segment_member.sql")
    members = session.table("segment_member")["record_id"]
    if len(members) == 0 and not _is_known(session, segment):
        raise InputRefused(f"{path}.enroll: segment {segment} is neither delivered nor evaluated")
    none = pa.nulls(len(members), pa.string())
    stages = pa.array([update.set]).take(pa.nulls(len(members), pa.int64()).fill_null(0))
    return pa.table({"line": pa.nulls(len(members), pa.int64()), "record_id": members, "name": none, "stage": stages})


def _segment_id(session: Session, named: str) -> str:
    """A segment by id, else by name."""
    lists = portal.living(session, LIST, {"listId": "VARCHAR", "name": "VARCHAR"})
    if lists is None or pc.any(pc.equal(lists["listId"], named), min_count=0).as_py():
        return named
    found = lists.filter(pc.equal(lists["name"], named))["listId"].to_pylist()
    return str(min(found)) if found else named


def _is_known(session: Session, segment: str) -> bool:
    lists = portal.living(session, LIST, {"listId": "VARCHAR"})
    return lists is not None and bool(pc.any(pc.equal(lists["listId"], segment), min_count=0).as_py())


def _records(session: Session, object_name: str) -> tuple[pa.Table, pa.Table]:
    """Living records with their stage, a stage that the night's own deltas give counting as present; and their names."""
    name = _NAMES[object_name]
    wanted = {
        "hs_object_id": "VARCHAR",
        name: "VARCHAR",
        "lifecyclestage": "VARCHAR",
        "hs_additional_emails": "VARCHAR",
    }
    key = portal.CONTACT if object_name == "contact" else portal.COMPANY
    session.use(key, columns=wanted | {"op": "VARCHAR"})
    chosen = ("hs_object_id", "op", "lifecyclestage", "hs_additional_emails")
    columns = [
        *(exp.column(c) for c in chosen),
        exp.column(name).as_("name"),
        exp.Literal.string(object_name).as_("object"),
    ]
    session.keep("staged_record", exp.select(*columns).from_(keys.relation(key)))
    session.run(SQL / "stage_record.sql")
    session.run(SQL / "record_name.sql")
    return session.table("stage_record"), session.table("record_name")
