"""Whole nights of match keys, as they were kept before schema version 3, as the versions that are kept now."""

import pyarrow as pa
from sqlglot import exp

from assets.identity import compare
from assets.shared import keys
from assets.shared.anew import write_anew
from assets.shared.lake import Lake
from assets.shared.sql import BATCH
from schemas.arrow import arrow_schema, duckdb_type
from schemas.tables import TABLES

_COLUMNS = {f.name: duckdb_type(f.type) for f in arrow_schema(TABLES[keys.MATCH_KEY])}


def as_versions(lake: Lake) -> list[str]:
    """Write the table anew as the nights would have written it; which nights were whole ones. Hold the lock.

    Rows of a whole night say nothing of `gone`; the state of every night stays what it was.
    """
    if not lake.exists(keys.MATCH_KEY):
        return []
    with lake.connect() as session:
        session.use(keys.MATCH_KEY, _COLUMNS, versions=True)
        nights = exp.select("night").distinct().from_(keys.relation(keys.MATCH_KEY)).where("gone IS NULL")
        whole = [night for (night,) in session.sql(nights.order_by("night")).fetchall()]

        def rows(night: str) -> pa.RecordBatchReader:
            if night not in whole:
                return session.sql(_night(night, list(_COLUMNS)).order_by("record")).to_arrow_reader(BATCH)
            before = [other for other in whole if other < night]
            for name, at in (("whole_key", night), ("whole_key_before", before[-1] if before else None)):
                session.define(name, _night(at, [c for c in _COLUMNS if c != "gone"]))
            return session.sql((compare.SQL / "whole_key_version.sql").read_text("utf-8")).to_arrow_reader(BATCH)

        if whole:
            write_anew(lake, keys.MATCH_KEY, rows)
    return whole


def _night(night: str | None, columns: list[str]) -> exp.Select:
    at = exp.column("night").eq(exp.Literal.string(night) if night else exp.null())
    return exp.select(*[exp.column(c, quoted=True) for c in columns]).from_(keys.relation(keys.MATCH_KEY)).where(at)
