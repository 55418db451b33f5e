"""The relations of one entity's intake, into which its rows are read batch by batch."""

from collections.abc import Iterable, Mapping

import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared.contract import KEY, SOURCE
from assets.shared.sql import Session
from schemas.arrow import arrow_schema
from schemas.contract import Contract, Kind, arrow_types
from schemas.delivery import Rejected

_MARKS = {
    "mark__modified": pa.timestamp("us", tz="UTC"),
    "mark__deleted": pa.bool_(),
    "mark__master": pa.string(),
    "mark__merged": pa.string(),
}
MARKS = tuple(_MARKS)


def relations(session: Session, found: Contract) -> None:
    """Make them, without rows: `seen` (every good row), `candidate` (those that differ from their newest version), `refused`."""
    extra = [
        (KEY, pa.string()),
        ("row_hash", pa.string()),
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
    ]
    _create(session, "candidate", pa.schema([*arrow_types(found.kinds), *extra]))
    marks = [(name.removeprefix("mark__"), kind) for name, kind in _MARKS.items()]
    _create(session, "seen", pa.schema([*extra, *marks]))
    _create(session, "refused", arrow_schema(Rejected))


def gather(session: Session, batches: Iterable[pl.DataFrame], kinds: Mapping[str, Kind]) -> list[str]:
    """Make `typed` of the rows of all batches, which go to disk where memory is short; its columns: `kinds`, then the marks."""
    origin = [(KEY, pa.string()), ("source_file", pa.string()), ("source_line", pa.int64())]
    schema = pa.schema([*arrow_types(dict(kinds)), *origin, *_MARKS.items()])
    _create(session, "typed", schema)
    names = [*map(str, schema.names)]
    columns = [exp.column(name, quoted=True) for name in names]
    for batch in batches:
        session.register("typed_batch", batch)
        insert(session, "typed", exp.select(*columns).from_("typed_batch"))
    return names


def insert(session: Session, table: str, query: exp.Select) -> None:
    """Add the rows of a query to one of them."""
    session.con.execute(exp.Insert(this=exp.to_table(table), expression=query).sql("duckdb"))


def refusal(relation: str, key: str, reason: exp.Expr) -> exp.Select:
    """Rows of a relation as rows of `refused`, all for one reason. `key`: the column that has their ids."""
    reasons = exp.Array(expressions=[reason])
    return exp.select(exp.column(key), reasons, *SOURCE).from_(relation)


def _create(session: Session, name: str, schema: pa.Schema) -> None:
    session.register("shape", schema.empty_table())
    session.keep(name, exp.select("*").from_("shape"))
