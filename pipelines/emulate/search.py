"""HubSpot's search over one object: filter groups, one sort, pages by offset, the cap, and an index that lags."""

from collections.abc import Callable
from typing import Any

from pipelines.emulate.portal import Kind, Row
from pipelines.emulate.state import seconds

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
_DATES = ("createdate", "lastmodifieddate", "hs_lastmodifieddate", "closedate")


class Wrong(Exception):
    """A request that HubSpot answers with 400."""


def search(kind: Kind, body: Row) -> tuple[list[Row], int, int | None]:
    """Records of one page, the total, and where the next page starts. Raises Wrong beyond the limits."""
    settings = kind.world.settings
    limit, after = int(body.get("limit") or 10), int(body.get("after") or 0)
    groups, sorts = body.get("filterGroups") or [], body.get("sorts") or []
    if limit > 200 or len(groups) > 5 or any(len(g["filters"]) > 6 for g in groups) or len(sorts) > 1:
        raise Wrong("limit, filterGroups, filters or sorts beyond their bounds")
    if after + limit > settings.search_cap:
        raise Wrong(f"a search gives the first {settings.search_cap} results")
    horizon = kind.world.now() - settings.index_lag
    tests = [[_test(f) for f in g["filters"]] for g in groups]
    ids = kind.ids(archived=False)
    if len(groups) == 1 and not tests[0]:
        tests = []
    found = []
    for i in ids:
        row = kind.rows[i]
        if row["at"] > horizon and settings.index_lag:
            continue
        if not tests or any(all(test(row) for test in group) for group in tests):
            found.append(row)
    name, ascending = _sort(sorts)
    found.sort(key=lambda row: _value(row, name), reverse=not ascending)
    end = after + limit
    return found[after:end], len(found), end if end < len(found) else None


def _sort(sorts: list[Any]) -> tuple[str, bool]:
    if not sorts:
        return "hs_object_id", True
    first = sorts[0]
    if isinstance(first, str):
        return first.lstrip("-"), not first.startswith("-")
    return first["propertyName"], first.get("direction", "ASCENDING") != "DESCENDING"


def _value(row: Row, name: str) -> Any:
    if name == "hs_object_id":
        return int(row["id"])
    value = row["properties"].get(name)
    return round(seconds(value) * 1000) if name in _DATES else (value or "")


def _test(given: Row) -> Callable[[Row], bool]:
    name, operator = given["propertyName"], given["operator"]
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return lambda row: (row["properties"].get(name) is not None) == (operator == "HAS_PROPERTY")
    if operator in ("IN", "NOT_IN"):
        values = {_typed(name, v) for v in given["values"]}
        return lambda row: (_value(row, name) in values) == (operator == "IN")
    if operator == "BETWEEN":
        low, high = _typed(name, given["value"]), _typed(name, given["highValue"])
        return lambda row: bool(low <= _value(row, name) <= high)
    if operator == "NEQ":
        other = _typed(name, given["value"])
        return lambda row: bool(_value(row, name) != other)
    if operator == "CONTAINS_TOKEN":
        part = str(given["value"]).strip("*").lower()
        return lambda row: part in str(_value(row, name)).lower()
    if operator not in _ORDERED:
        raise Wrong("operator")
    value, compare = _typed(name, given["value"]), _ORDERED[operator]
    blank = name not in ("hs_object_id", *_DATES)
    return lambda row: (not blank or row["properties"].get(name) is not None) and compare(_value(row, name), value)


def _typed(name: str, value: Any) -> Any:
    if name == "hs_object_id":
        return int(value)
    return round(seconds(str(value)) * 1000) if name in _DATES else str(value)
