"""The SQL of staging that depends on a portal's columns: keys, row hashes and tonight's versions, as sqlglot expressions."""

import pyarrow as pa
from sqlglot import exp

from assets.shared.contract import KEY, SOURCE
from schemas.arrow import duckdb_type
from schemas.contract import HASH_VERSION, POLARS, RESERVED, Contract, Kind, arrow_types
from schemas.delivery import Entity


def row_hash(found: Contract) -> exp.Expr:
    """md5 over `name=value` of the columns that have a value, in name order, so that a new blank column changes nothing."""
    parts: list[exp.Expr] = []
    for name, kind in sorted(found.kinds.items()):
        value: exp.Expr = column(name)
        if kind is Kind.DATETIME:
            value = exp.func("epoch_us", value)
        if kind in POLARS:
            value = exp.cast(value, "VARCHAR")
        parts.append(_joined(exp.Literal.string(f"{name}="), value))
    separator = exp.Chr(expressions=[exp.Literal.number(31)])
    return exp.func("md5", exp.Anonymous(this="concat_ws", expressions=[separator, *parts]))


def key_of(entity: Entity) -> exp.Expr:
    """What identifies a staged record, as `assets.shared.contract.record_key` has it."""
    declared = entity.model.to_schema().columns
    parts: list[exp.Expr] = []
    for name in entity.key:
        value: exp.Expr = column(name)
        parts += [exp.Literal.string("/")] if parts else []
        parts.append(exp.func("coalesce", value, exp.Literal.string("")) if declared[name].nullable else value)
    return _joined(*parts)


CHANGED = "op IS DISTINCT FROM op_before OR merged_into IS DISTINCT FROM merged_before"


def ended_keys() -> exp.Select:
    """The keys of records that end tonight."""
    return exp.select(KEY).from_("intake_ending").where(CHANGED)


def candidates(found: Contract) -> exp.Select:
    """Rows of `batch` whose record differs from its newest version, with key and hash of `marked`."""
    live = exp.EQ(this=column("op", "state"), expression=exp.Literal.string("upsert"))
    unchanged = exp.and_(_same("marked", "state", KEY, "row_hash"), live)
    mark = exp.select("*").from_("marked").join("state", on=unchanged, join_type="anti", copy=False)
    names = [column(name, "batch") for name in found.kinds]
    names += [column(n, "mark") for n in (KEY, "row_hash", *SOURCE)]
    query = exp.select(*names, copy=False).from_("batch", copy=False)
    return query.join(mark.subquery("mark", copy=False), on=_same("batch", "mark", *SOURCE), copy=False)


def versions(entity: Entity, found: Contract, relation: str, before: pa.Schema | None) -> exp.Select:
    """Tonight's versions in the order of their keys: upserts with tonight's values, endings with the last ones there are.

    Reads `candidate`, `intake_winner`, `intake_upsert`, `intake_ending` and the staged state `relation`. Columns are the
    contract's, then those that only the lake has; a version that tonight's delivery wrote has no value for them.
    """
    types = {f.name: f.type for f in (before or [])} | {f.name: f.type for f in arrow_types(found.kinds)}
    known = [f.name for f in (before or [])]
    names = [*found.kinds, *(n for n in known if n not in found.kinds and n not in RESERVED)]
    here = [column(n, "candidate") if n in found.kinds else _null(n, types[n]) for n in names]
    there = [column(n, "past") if n in known else _null(n, types[n]) for n in names]
    current = exp.Literal.string(HASH_VERSION).as_("hash_version")
    origin = [column(n, "candidate") for n in (*SOURCE, KEY)]
    kept = _same("candidate", "intake_upsert", KEY, "row_hash", *SOURCE)
    upserts = exp.select(*here, exp.Literal.string("upsert").as_("op"), _null("merged_into", pa.string()), copy=False)
    upserts = upserts.select(column("row_hash", "candidate"), current, *origin, copy=False).from_(
        "candidate", copy=False
    )
    upserts = upserts.join("intake_upsert", on=kept, join_type="semi", copy=False)
    ended = exp.select("*").from_("intake_ending").where(CHANGED).subquery("ended")
    winning = _same("candidate", "intake_winner", KEY, "row_hash", *SOURCE)
    delivered = exp.select("candidate.*").from_("candidate").join("intake_winner", on=winning, join_type="semi")
    ending = [column("op", "ended"), column("merged_into", "ended")]
    ended_here = exp.select(*here, *ending, column("row_hash", "candidate"), current, *origin, copy=False)
    ended_here = ended_here.from_(delivered.subquery("candidate"), copy=False)
    ended_here = ended_here.join(ended, on=_same("candidate", "ended", KEY), copy=False)
    past = exp.select("*", key_of(entity).as_(KEY)).from_(relation).subquery("past")
    origin_there = [column(n, "past") for n in ("row_hash", "hash_version", *SOURCE, KEY)]
    ended_there = exp.select(*there, *ending, *origin_there, copy=False).from_(past, copy=False)
    ended_there = ended_there.join(ended.copy(), on=_same("past", "ended", KEY), copy=False)
    same = _same("past", "candidate", KEY)
    ended_there = ended_there.join(delivered.subquery("candidate"), on=same, join_type="anti", copy=False)
    every = exp.union(upserts, ended_here, ended_there, distinct=False, copy=False).subquery("version", copy=False)
    return exp.select(exp.Star(except_=[exp.to_identifier(KEY)])).from_(every, copy=False).order_by(KEY, copy=False)


def column(name: str, table: str | None = None) -> exp.Column:
    """A column by its exact name."""
    return exp.column(name, table=table, quoted=True)


def _same(left: str, right: str, *columns: str) -> exp.Expr:
    return exp.and_(*(exp.EQ(this=column(c, left), expression=column(c, right)) for c in columns), copy=False)


def _joined(*parts: exp.Expr) -> exp.Expr:
    found = parts[0]
    for part in parts[1:]:
        found = exp.DPipe(this=found, expression=part, safe=True)
    return found


def _null(name: str, kind: pa.DataType) -> exp.Expr:
    return exp.cast(exp.null(), duckdb_type(kind)).as_(name, quoted=True, copy=False)
