"""Whole nights of tables that keep versions now: keys were kept so until schema version 2, pairs and golden records until 3."""

import pyarrow as pa
from sqlglot import exp

from assets.identity import versions
from assets.identity.past import WEIGHT
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.rewrite import write_anew
from assets.shared.sql import BATCH
from schemas.arrow import arrow_schema, duckdb_type
from schemas.tables import KEYS, ORDER, TABLES


def as_versions(lake: Lake, key: str) -> list[str]:
    """Write the table anew as the nights would have written it; which nights were whole ones. Hold the lock.

    Rows of a whole night say nothing of `gone`, and one of no rows is known by its weights alone; the state of every night stays
    what it was.
    """
    if not lake.exists(key):
        return []
    columns = {field.name: duckdb_type(field.type) for field in arrow_schema(TABLES[key])}
    said = [name for name in columns if name != "gone"]
    same = exp.and_(*[exp.column(name, "before").eq(exp.column(name, "whole")) for name in KEYS[key]])
    with lake.connect() as session:
        session.use(key, columns, versions=True)
        nights = exp.select("night").distinct().from_(keys.relation(key)).where("gone IS NULL")
        whole = [night for (night,) in session.sql(nights.order_by("night")).fetchall()]
        there = lake.nights(key)
        until = min((night for night in there if night not in whole), default="~")
        blank = [night for night in lake.nights(WEIGHT) if whole and whole[0] < night < until and night not in there]
        whole = sorted([*whole, *blank])

        def rows(night: str) -> pa.RecordBatchReader:
            if night not in whole:
                found: exp.Select | exp.Union = _night(key, night, [*columns])
            else:
                before = [other for other in whole if other < night]
                session.define("whole", _night(key, night, said))
                session.define("before", _night(key, before[-1] if before else None, said))
                session.define(
                    "differing", exp.except_(exp.select("*").from_("whole"), exp.select("*").from_("before"))
                )
                session.define("away", exp.select("*").from_("before").join("whole", on=same, join_type="anti"))
                found = versions.of(key, "differing", "away")
            ordered = exp.select("*").from_(found.subquery("version")).order_by(*ORDER[key])
            return session.sql(ordered).to_arrow_reader(BATCH)

        if whole:
            write_anew(lake, key, rows, whole)
    return whole


def _night(key: str, night: str | None, columns: list[str]) -> exp.Select:
    at = exp.column("night").eq(exp.Literal.string(night) if night else exp.null())
    return exp.select(*[exp.column(c, quoted=True) for c in columns]).from_(keys.relation(key)).where(at)
