"""The mapped hash of every record: taken anew of what has a newer version than the ledger, else as the ledger noted it.

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
    """Keep `hubspot_hash` and `salesforce_hash`: object, record_id, hash of every record of the night.

    `sources` are object, side and compared columns (with how each is compared) of each source; `previous` is the newest
    decided night before, null on the first.
    """
    marks = digest(mappings)[:DIGEST]
    session.register("mapping_digest", pa.table({"digest": [marks]}))
    for step in ("known_hash", "stale_record"):
        session.run(SQL / f"{step}.sql")
    stale = {row[0] for row in session.con.execute("SELECT DISTINCT object FROM stale_record").fetchall()}
    hashes: dict[str, list[exp.Query]] = {"hubspot": [], "salesforce": []}
    for object_, side, compared in sources:
        relation = side.relation if previous is None else _fresh(session, side, previous, object_ in stale)
        found = record_hash(Side(side.name, relation, side.id_column, side.columns), compared, marks)
        hashes[side.name].append(_of_object(found, object_))
    for name, parts in hashes.items():
        known = exp.select("object", "record_id", "hash").from_("known_hash")
        known = known.join(f"{name}_record AS present", on=_is_present(name), join_type="semi")
        session.keep(f"{name}_hash", exp.union(known, *parts, distinct=False))


def _fresh(session: Session, side: Side, previous: str, has_stale: bool) -> str:
    """The records of a source that need a hash: newer ones, asked for alone so that only their files are read, and stale ones."""
    night = exp.column("night", table="record")
    records = exp.select("record.*").from_(exp.to_table(side.relation).as_("record"))
    newer = records.where(exp.GT(this=night, expression=exp.Literal.string(previous)))
    name = f"{side.relation}__fresh"
    if not has_stale:
        session.define(name, newer)
        return name
    identity = exp.column(side.id_column, table="record", quoted=True)
    older = records.copy().where(exp.LTE(this=night.copy(), expression=exp.Literal.string(previous)))
    same = identity.eq(exp.column("record_id", table="stale"))
    session.define(
        name, exp.union(newer, older.join("stale_record AS stale", on=same, join_type="semi"), distinct=False)
    )
    return name


def _is_present(name: str) -> exp.Expr:
    identity = exp.column(f"{name}_id", table="present")
    return exp.and_(
        exp.column("object", table="known_hash").eq(exp.column("object", table="present")),
        exp.column("record_id", table="known_hash").eq(identity),
    )


def _of_object(query: exp.Select, object_: str) -> exp.Select:
    return exp.select(exp.Literal.string(object_).as_("object"), "*").from_(query.subquery("hashed"))
