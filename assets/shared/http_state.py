"""What earlier nights asked of a CRM's API, which is how tonight knows where to go on: the table `raw/<crm>/api`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from assets.shared import keys
from assets.shared.lake import Lake

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
    ]
)


@dataclass(frozen=True)
class Before:
    """An entity's newest earlier fetch."""

    night: str
    asked_at: datetime
    swept_night: str | None


def earlier(lake: Lake, crm: str, first: str) -> dict[str, Before]:
    """By entity: the newest night before `first` that came through the API."""
    key = keys.raw(crm, "api")
    nights = [n for n in lake.nights(key) if n < first]
    if not nights:
        return {}
    listed: list[dict[str, Any]] = []
    for night in nights:
        with lake.connect(night) as session:
            session.use(key)
            listed += session.sql(f"SELECT * FROM {keys.relation(key)}").to_arrow_table().to_pylist()  # noqa: S608
    found: dict[str, Before] = {}
    for row in listed:
        before = found.get(row["entity"])
        swept = row["night"] if row["swept"] else before.swept_night if before else None
        found[row["entity"]] = Before(row["night"], row["asked_at"], swept)
    return found


def record(lake: Lake, crm: str, night: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what a night asked."""
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
        rows = session.sql(f"SELECT * FROM {keys.relation(key)} WHERE op = 'upsert'").to_arrow_table()  # noqa: S608
    return rows.select(list(columns)).cast(empty.schema)
