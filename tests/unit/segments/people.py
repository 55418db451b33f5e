"""Four contacts whose every value is known, for tests that say what a condition means.

The night is 2026-11-20 in Oslo (UTC+1): it begins at 2026-11-19T23:00Z and its last instant is 2026-11-20T22:59:59.999999Z.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from assets.segments.catalog import Catalog, KnownList, Link, ObjectTable, make_property
from assets.segments.compile import Compiled, compile_segment
from assets.segments.moment import Moment, moment_of
from schemas.contract import EXACT
from schemas.segment_parse import parse_branch

NIGHT, ZONE = "2026-11-20", "Europe/Oslo"
Record = dict[str, Any]


def at(text: str) -> datetime:
    """An instant: `2026-11-20T10:00Z`."""
    return datetime.fromisoformat(text).astimezone(UTC)


ANN: Record = {
    "hs_object_id": "1", "name": "Ann Lee", "nick": "ann lee", "stage": "a", "hobby": "a;b", "score": 5.0, "limit": 5.0,
    "optin": True, "other_optin": True, "birthday": date(2026, 11, 20), "renewal": date(2026, 11, 21),
    "created": at("2026-11-20T10:00Z"), "closed": at("2026-11-20T11:00Z"), "modified": at("2026-11-20T09:00Z"),
}  # fmt: skip
BO: Record = {
    "hs_object_id": "2", "name": "Bo Ek", "nick": "Bo", "stage": "b", "hobby": "b", "score": 10.0, "limit": 5.0,
    "optin": False, "other_optin": True, "birthday": date(2026, 11, 19), "renewal": None,
    "created": at("2026-11-18T22:30Z"), "closed": at("2026-10-01T00:00Z"), "modified": at("2026-10-01T00:00Z"),
}  # fmt: skip
CY: Record = {
    "hs_object_id": "3", "name": "cy Annson", "nick": "Ann", "stage": "c", "hobby": "a;b;c", "score": -1.0, "limit": 0.0,
    "optin": True, "other_optin": False, "birthday": date(2026, 12, 1), "renewal": date(2026, 11, 1),
    "created": at("2026-11-30T00:00Z"), "closed": None, "modified": at("2026-11-13T23:00Z"),
}  # fmt: skip
DI: Record = dict.fromkeys(ANN) | {"hs_object_id": "4", "name": "", "hobby": ""}
PEOPLE = (ANN, BO, CY, DI)
# What Bo was before; nobody else has a past.
BO_BEFORE: Record = BO | {"name": "Ann Old", "stage": "a", "hobby": "a;c", "score": 5.0, "optin": True}

TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("hs_object_id", "name", "nick", "stage", "hobby"), pa.string()),
    **dict.fromkeys(("score", "limit"), pa.float64()),
    **dict.fromkeys(("optin", "other_optin"), pa.bool_()),
    **dict.fromkeys(("birthday", "renewal"), pa.date32()),
    **dict.fromkeys(("created", "closed", "modified"), pa.timestamp("us", "UTC")),
}
_DECLARED = {
    "name": ("string", "text"), "nick": ("string", "text"), "stage": ("enumeration", "select"),
    "hobby": ("enumeration", "checkbox"),
}  # fmt: skip
_SQL = {
    pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


def table(records: tuple[Record, ...], types: dict[str, pa.DataType]) -> pa.Table:
    """Records as a staged table, all of them live."""
    columns = {name: pa.array([r.get(name) for r in records], kind) for name, kind in types.items()}
    return pa.table({**columns, "op": pa.array(["upsert"] * len(records))})


def properties(types: dict[str, pa.DataType], declared: dict[str, tuple[str | None, str | None]]) -> dict:
    """Properties of columns, declared where the portal declares them."""
    made = {n: make_property(n, _SQL[kind], *declared.get(n, (None, None))) for n, kind in types.items()}
    return {n: replace(found, exact=f"{EXACT}{n}" if f"{EXACT}{n}" in types else None) for n, found in made.items()}


class Office:
    """The contacts with their companies, lists and history: evaluates definitions about them."""

    def __init__(
        self,
        people: tuple[Record, ...] = PEOPLE,
        *,
        types: dict[str, pa.DataType] | None = None,
        declared: dict[str, tuple[str | None, str | None]] | None = None,
        past: tuple[Record, ...] = (BO_BEFORE,),
        companies: tuple[Record, ...] = (),
        pairs: tuple[tuple[str, str, bool], ...] = (),
        lists: dict[str, KnownList] | None = None,
        members: tuple[tuple[str, str], ...] = (),
        night: str = NIGHT,
        zone: str = ZONE,
        portal_zone: str | None = None,
    ) -> None:
        self.moment: Moment = moment_of(night, zone, portal_zone)
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'; SET threads = 1")
        types = types or TYPES
        firms = {"hs_object_id": pa.string(), "industry": pa.string(), "size": pa.float64()}
        self._keep("staged__hubspot__contact", table(people, types))
        self._keep("versions__hubspot__contact", table((*past, *people), types))
        self._keep("staged__hubspot__company", table(companies, firms))
        pair_types = pa.schema([("contact_id", pa.string()), ("company_id", pa.string()), ("primary", pa.bool_())])
        rows = [dict(zip(pair_types.names, pair, strict=True)) for pair in pairs]
        linked = pa.Table.from_pylist(rows, schema=pair_types)
        self._keep("staged__hubspot__contact_company", linked.append_column("op", pa.repeat("upsert", len(rows))))
        listed = pa.Table.from_pylist([{"listId": i, "recordId": r, "op": "upsert"} for i, r in members],
                                      schema=pa.schema([(n, pa.string()) for n in ("listId", "recordId", "op")]))  # fmt: skip
        self._keep("staged__hubspot__list_membership", listed)
        contact = ObjectTable(
            "contact", "staged__hubspot__contact", properties(types, _DECLARED if declared is None else declared),
            versions="versions__hubspot__contact", known_since="2026-11-01",
            modified="modified" if "modified" in types else None, history="history" if "history" in types else None,
        )  # fmt: skip
        company = ObjectTable(
            "company", "staged__hubspot__company", properties(firms, {"industry": ("enumeration", "select")})
        )
        links = (
            Link("contact", "company", "staged__hubspot__contact_company", "contact_id", "company_id", "primary"),
            Link("company", "contact", "staged__hubspot__contact_company", "company_id", "contact_id", "primary"),
        )
        self.catalog = Catalog({"contact": contact, "company": company}, links, lists or {})

    def _keep(self, name: str, rows: pa.Table) -> None:
        self.con.register("arrow", rows)
        self.con.execute(f"CREATE TABLE {name} AS FROM arrow")

    def compiled(self, definition: dict, obj: str = "contact", list_id: str | None = None) -> Compiled:
        return compile_segment(parse_branch(definition), obj, self.catalog, self.moment, list_id)

    def members(self, definition: dict, obj: str = "contact") -> set[str]:
        """Ids of the members of a filterBranch."""
        return {row[0] for row in self.con.execute(self.compiled(definition, obj).sql()).fetchall()}

    def passing(self, name: str, operation_type: str, operator: str, **payload: Any) -> set[str]:
        """Ids of contacts that pass one PROPERTY filter."""
        return self.members(everybody(condition(name, operation_type, operator, **payload)))


def everybody(*filters: dict, branches: tuple[dict, ...] = ()) -> dict:
    """The usual shape of a definition: OR of one AND."""
    inner = {
        "filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": list(branches), "filters": list(filters),
    }  # fmt: skip
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [inner], "filters": []}


def condition(name: str, operation_type: str, operator: str, **payload: Any) -> dict:
    """A PROPERTY filter as HubSpot exports it."""
    operation = {
        "operationType": operation_type,
        "operator": operator,
        "includeObjectsWithNoValueSet": False,
        **payload,
    }
    return {"filterType": "PROPERTY", "property": name, "operation": operation}
