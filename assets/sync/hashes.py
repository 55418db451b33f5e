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
    marks = digest(mappings, {side.relation: sorted(side.columns) for _, side, _ in sources})[:DIGEST]
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


def _wanted(session: Session, object_: str, side: Side, previous: str, has_older: bool) -> str:
    """The records of a source that are hashed: newer ones, asked for alone so that only their files are read, and older ones."""
    night = exp.column("night", table="record")
    records = exp.select("record.*").from_(exp.to_table(side.relation).as_("record"))
    wanted: exp.Select | exp.Union = records.where(exp.GT(this=night, expression=exp.Literal.string(previous)))
    if has_older:
        same = exp.and_(
            exp.column("object", table="unhashed").eq(exp.Literal.string(object_)),
            exp.column("system", table="unhashed").eq(exp.Literal.string(side.name)),
            exp.column("record_id", table="unhashed").eq(exp.column(side.id_column, table="record", quoted=True)),
        )
        older = records.copy().where(exp.LTE(this=night.copy(), expression=exp.Literal.string(previous)))
        wanted = exp.union(wanted, older.join("unhashed", on=same, join_type="semi"), distinct=False)
    name = f"{side.relation}__unhashed"
    session.define(name, wanted)
    return name


def _of_object(query: exp.Select, object_: str) -> exp.Select:
    return exp.select(exp.Literal.string(object_).as_("object"), "*").from_(
        query.subquery("hashed", copy=False), copy=False
    )
