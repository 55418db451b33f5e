"""The mapped hash of the records that the ledger has none of that still holds: newer versions, and records it noted otherwise.

A stored hash is `<mappings>-<values>`, on the Salesforce side with `-<campaigns>` behind it where there are any.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from assets.shared.sql import Session
from assets.sync.mappings import digest
from assets.sync.values import Side, record_hash

SQL = Path(__file__).parent / "sql"
DIGEST = 12  # characters of the mappings' digest that a hash begins with


def hash_records(
    session: Session,
    mappings: pa.Table,
    sources: Iterable[tuple[str, Side, list[tuple[str, str]]]],
    previous: str | None,
) -> None:
    """Keep `hubspot_hash` and `salesforce_hash`: object, record_id, hash of every record of `unhashed`, and perhaps of others.

    `sources` are object, side and compared columns (with how each is compared) of each source; `previous` is the newest
    decided night before, null on the first. Needs the relation `pair`.
    """
    sources = list(sources)
    marks = digest(mappings, {side.relation: sorted({name for name, _ in compared}) for _, side, compared in sources})[
        :DIGEST
    ]
    session.register("mapping_digest", pa.table({"digest": [marks]}))
    session.run(SQL / "unhashed.sql")
    query = "SELECT DISTINCT object, system FROM unhashed CROSS JOIN run WHERE version_night <= run.previous_night"
    older = set(session.con.execute(query).fetchall())
    hashes: dict[str, list[exp.Query]] = {"hubspot": [], "salesforce": []}
    for object_, side, compared in sources:
        has_older = (object_, side.name) in older
        relation = side.relation if previous is None else _wanted(session, object_, side, previous, has_older)
        found = record_hash(Side(side.name, relation, side.id_column, side.columns), compared, marks)
        hashes[side.name].append(_of_object(found, object_))
    for name, parts in hashes.items():
        session.keep(f"{name}_hash", exp.union(*parts, distinct=False, copy=False))
    _hash_earlier(session, sources, previous or "", marks)


def _hash_earlier(
    session: Session, sources: list[tuple[str, Side, list[tuple[str, str]]]], previous: str, marks: str
) -> None:
    """Keep `earlier_hash`: system, object, record_id and hash of records as the night before had them, by tonight's mappings.

    Of those that have a newer version and a hash of other mappings in the ledger: so a change is told from what is mapped
    for the first time (P2-15). On most nights there are none.
    """
    session.run(SQL / "otherwise_hashed.sql")
    names = ("system", "object", "record_id", "hash")
    found = exp.select(*(exp.cast(exp.null(), "VARCHAR").as_(name) for name in names))
    earlier: exp.Select | exp.Union = found.where(exp.false())
    if session.scalar("SELECT count(*) FROM otherwise_hashed"):
        for object_, side, compared in sources:
            name = f"{side.relation}__earlier"
            types = {side.id_column: "VARCHAR", **side.columns}
            session.use(side.relation.replace("__", "/"), types, until=previous, name=f"{name}_state")
            session.define(name, _of_these("otherwise_hashed", f"{name}_state", object_, side))
            hashed = record_hash(Side(side.name, name, side.id_column, side.columns), compared, marks)
            of_side = exp.select(exp.Literal.string(side.name).as_("system"), "*")
            part = of_side.from_(_of_object(hashed, object_).subquery("hashed", copy=False), copy=False)
            earlier = earlier.union(part, distinct=False, copy=False)
    session.keep("earlier_hash", earlier)


def _of_these(listed: str, relation: str, object_: str, side: Side) -> exp.Select:
    """The records of a relation of one source that a relation (object, system, record_id) lists."""
    same = exp.and_(
        exp.column("object", table=listed).eq(exp.Literal.string(object_)),
        exp.column("system", table=listed).eq(exp.Literal.string(side.name)),
        exp.column("record_id", table=listed).eq(exp.column(side.id_column, table="record", quoted=True)),
    )
    records = exp.select("record.*").from_(exp.to_table(relation).as_("record"))
    return records.join(listed, on=same, join_type="semi")


def _wanted(session: Session, object_: str, side: Side, previous: str, has_older: bool) -> str:
    """The records of a source that are hashed: newer ones, asked for alone so that only their files are read, and older ones."""
    night = exp.column("night", table="record")
    records = exp.select("record.*").from_(exp.to_table(side.relation).as_("record"))
    wanted: exp.Select | exp.Union = records.where(exp.GT(this=night, expression=exp.Literal.string(previous)))
    if has_older:
        older = _of_these("unhashed", side.relation, object_, side)
        older = older.where(exp.LTE(this=night.copy(), expression=exp.Literal.string(previous)))
        wanted = exp.union(wanted, older, distinct=False)
    name = f"{side.relation}__unhashed"
    session.define(name, wanted)
    return name


def _of_object(query: exp.Select, object_: str) -> exp.Select:
    return exp.select(exp.Literal.string(object_).as_("object"), "*").from_(
        query.subquery("hashed", copy=False), copy=False
    )
