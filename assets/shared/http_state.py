"""What earlier nights asked of a CRM's API, which is how tonight knows where to go on: the table `raw/<crm>/api`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from schemas.contract import EXACT, RESERVED

SQL = Path(__file__).parent / "sql"
SCHEMA = pa.schema(
    [
        ("entity", pa.string()),
        ("mode", pa.string()),  # full, changes, snapshot
        ("asked_from", pa.timestamp("us", "UTC")),  # changes since then were asked for; null: everything
        ("asked_at", pa.timestamp("us", "UTC")),  # when the fetch began, by the CRM's clock
        ("rows", pa.int64()),
        ("swept", pa.bool_()),  # all ids were compared, so that what is gone without a trace was seen
        ("calls", pa.int64()),  # of the whole night, on each row
        ("throttled", pa.int64()),
        ("columns", pa.list_(pa.string())),  # what was asked for of each record
    ]
)


@dataclass(frozen=True)
class Before:
    """An entity's newest earlier fetch."""

    night: str
    asked_at: datetime
    swept_night: str | None
    columns: frozenset[str]

    def lacks(self, columns: Sequence[str]) -> list[str]:
        """Columns that were not asked for then: records that did not change since have values nobody has seen."""
        return sorted(set(columns) - self.columns)


def earlier(lake: Lake, crm: str, first: str) -> dict[str, Before]:
    """By entity: the newest night before `first` that came through the API."""
    key = keys.raw(crm, "api")
    if not any(night < first for night in lake.nights(key)):
        return {}
    with lake.connect(first) as session:
        session.use(key, {"columns": "VARCHAR[]"}, before=first, name="asked")
        rows = session.table(session.run(SQL / "api_before.sql")).to_pylist()
    return {
        row["entity"]: Before(row["night"], row["asked_at"], row["swept_night"], frozenset(row["columns"]))
        for row in rows
    }


def record(lake: Lake, crm: str, night: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what a fetch asked, under the last of its nights."""
    lake.write(keys.raw(crm, "api"), night, pa.Table.from_pylist([dict(row) for row in rows], schema=SCHEMA))


def due(before: str | None, night: str, every: int) -> bool:
    """Whether something that happens every so many nights happens tonight."""
    return before is None or date.fromisoformat(night) - date.fromisoformat(before) >= timedelta(days=every)


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def live_ids(lake: Lake, crm: str, entity: str, columns: Sequence[str], night: str) -> pa.Table:
    """Keys of the records that are live in `staged` before a night."""
    key = keys.staged(crm, entity)
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    if not [n for n in lake.nights(key) if n < night]:
        return empty
    with lake.connect(night) as session:
        session.use(key, dict.fromkeys([*columns, "op"], "VARCHAR"), before=night)
        live = exp.select("*").from_(keys.relation(key)).where(exp.column("op").eq("upsert"))
        rows = session.sql(live).to_arrow_table()
    return rows.select(list(columns)).cast(empty.schema)


def same_portal(lake: Lake, portal: str, night: str) -> None:
    """Raises InputRefused where the lake has another portal's records: its own would all look deleted."""
    key = keys.staged("hubspot", "account")
    if not portal or not [n for n in lake.nights(key) if n < night]:
        return
    known = set(live_ids(lake, "hubspot", "account", ["portalId"], night).column(0).to_pylist())
    if known and portal not in known:
        raise InputRefused(
            f"hubspot: the token is of portal {portal}, the lake has the records of portal {', '.join(sorted(known))}; "
            "another portal needs a lake of its own"
        )


def last_values(lake: Lake, crm: str, entity: str, ended: pa.Table, night: str) -> pa.Table:
    """Text columns of the newest versions, before a night, of the records with these keys: an ending keeps the last values."""
    key = keys.staged(crm, entity)
    with lake.connect(night) as session:
        session.use(key, before=night)
        session.register("ended", ended)
        found = session.sql(exp.select("*").from_(keys.relation(key)).limit(0))
        types = dict(zip(found.columns, (str(kind) for kind in found.types), strict=True))
        names = [name for name in types if name not in RESERVED and not name.startswith(EXACT)]
        cells = [_text(name, types).as_(name, quoted=True) for name in names]
        same = exp.and_(
            *(exp.NullSafeEQ(this=_of("past", name), expression=_of("ended", name)) for name in ended.column_names)
        )
        query = exp.select(*cells).from_(exp.to_table(keys.relation(key)).as_("past"))
        rows = session.sql(query.join("ended", on=same, join_type="semi")).to_arrow_table()
    return rows.cast(pa.schema([(name, pa.string()) for name in rows.column_names]))


def _text(name: str, types: Mapping[str, str]) -> exp.Expr:
    """A staged value as a CRM would write it: a number with the digits that it was delivered with."""
    column = _of("past", name)
    if types[name].startswith("TIMESTAMP"):
        return exp.func("strftime", column, exp.Literal.string("%Y-%m-%dT%H:%M:%S.%fZ"), dialect="duckdb")
    text = exp.cast(column, "VARCHAR")
    return exp.func("coalesce", _of("past", f"{EXACT}{name}"), text) if f"{EXACT}{name}" in types else text


def _of(table: str, name: str) -> exp.Column:
    return exp.column(name, table=table, quoted=True)
