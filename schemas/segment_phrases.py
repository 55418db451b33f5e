"""What a condition of data/segments.yaml may say about a property: one row a phrase, and the HubSpot operation it stands for."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

Json = dict[str, Any]
Maker = Callable[[Any], Json]


class WrongValue(Exception):
    """A value that its phrase cannot use."""


def _values(operation: str, operator: str) -> Maker:
    def make(value: Any) -> Json:
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(v, str) for v in listed):
            raise WrongValue("must be a text or a list of texts; put numbers in quotes")
        return {"operationType": operation, "operator": operator, "values": listed}

    return make


def _value(operation: str, operator: str, kind: type | tuple[type, ...], what: str, key: str = "value") -> Maker:
    def make(value: Any) -> Json:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise WrongValue(f"must be {what}")
        return {"operationType": operation, "operator": operator, key: value}

    return make


def _equal(operator: str) -> Maker:
    def make(value: Any) -> Json:
        if isinstance(value, bool):
            return {"operationType": "BOOL", "operator": operator, "value": value}
        if isinstance(value, int | float):
            return {"operationType": "NUMBER", "operator": operator, "value": value}
        return _values("MULTISTRING", operator)(value)

    return make


def _number(operator: str) -> Maker:
    return _value("NUMBER", operator, (int, float), "a number")


def _days(operation: str, operator: str) -> Maker:
    return _value(operation, operator, int, "a whole number of days", "numberOfDays")


def _pair(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise WrongValue(f"must be two {what}: [from, to]")
    return value


def _between(operator: str) -> Maker:
    def make(value: Any) -> Json:
        lower, upper = _pair(value, "numbers")
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lower, upper)):
            raise WrongValue("must be two numbers: [from, to]")
        return {"operationType": "NUMBER_RANGED", "operator": operator, "lowerBound": lower, "upperBound": upper}

    return make


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise WrongValue("must be a day such as 2026-11-20") from None


def _on(operator: str) -> Maker:
    def make(value: Any) -> Json:
        day = _day(value)
        return {"operationType": "DATE", "operator": operator, "year": day.year, "month": day.month, "day": day.day}

    return make


def _between_days(operator: str) -> Maker:
    def point(day: date, *clock: int) -> Json:
        names = ("hour", "minute", "second", "millisecond")
        return {"timeType": "DATE", "year": day.year, "month": day.month, "day": day.day} | dict(
            zip(names, clock, strict=True)
        )

    def make(value: Any) -> Json:
        first, last = map(_day, _pair(value, "days"))
        return {
            "operationType": "TIME_RANGED",
            "type": "TIME_RANGED",
            "operator": operator,
            "lowerBoundTimePoint": point(first, 0, 0, 0, 0),
            "upperBoundTimePoint": point(last, 23, 59, 59, 999),
        }

    return make


_UNIT = re.compile(r"(?:(\d{1,4}) )?(day|week|month|quarter|year)s?")


def _unit(operator: str) -> Maker:
    def make(value: Any) -> Json:
        match = _UNIT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise WrongValue("must be a unit such as month, or a number of them such as 3 months")
        count = int(match[1] or 1)
        return {
            "operationType": "CALENDAR_DATE", "operator": operator, "timeUnit": match[2].upper(), "timeUnitCount": count,
        }  # fmt: skip

    return make


def _known(value: Any) -> Json:
    if not isinstance(value, bool):
        raise WrongValue("must be true or false")
    return {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN" if value else "IS_UNKNOWN"}


def _other(operator: str) -> Maker:
    return _value("COMPARATIVE_DATE", operator, str, "the name of a property", "comparisonPropertyName")


# What a condition on a property may say.
PHRASES: dict[str, Maker] = {
    "known": _known,
    "is": _equal("IS_EQUAL_TO"),
    "is_not": _equal("IS_NOT_EQUAL_TO"),
    "contains": _values("MULTISTRING", "CONTAINS"),
    "does_not_contain": _values("MULTISTRING", "DOES_NOT_CONTAIN"),
    "contains_phrase": _values("MULTISTRING", "CONTAINS_EXACTLY"),
    "does_not_contain_phrase": _values("MULTISTRING", "DOES_NOT_CONTAIN_EXACTLY"),
    "starts_with": _values("MULTISTRING", "STARTS_WITH"),
    "ends_with": _values("MULTISTRING", "ENDS_WITH"),
    "was_ever": _equal("HAS_EVER_BEEN_EQUAL_TO"),
    "was_never": _equal("HAS_NEVER_BEEN_EQUAL_TO"),
    "ever_contained": _value("STRING", "HAS_EVER_CONTAINED", str, "a text"),
    "never_contained": _value("STRING", "HAS_NEVER_CONTAINED", str, "a text"),
    "greater_than": _number("IS_GREATER_THAN"),
    "at_least": _number("IS_GREATER_THAN_OR_EQUAL_TO"),
    "less_than": _number("IS_LESS_THAN"),
    "at_most": _number("IS_LESS_THAN_OR_EQUAL_TO"),
    "between": _between("IS_BETWEEN"),
    "not_between": _between("IS_NOT_BETWEEN"),
    "any_of": _values("ENUMERATION", "IS_ANY_OF"),
    "none_of": _values("ENUMERATION", "IS_NONE_OF"),
    "exactly": _values("ENUMERATION", "IS_EXACTLY"),
    "not_exactly": _values("ENUMERATION", "IS_NOT_EXACTLY"),
    "all_of": _values("ENUMERATION", "CONTAINS_ALL"),
    "not_all_of": _values("ENUMERATION", "DOES_NOT_CONTAIN_ALL"),
    "was_ever_any_of": _values("ENUMERATION", "HAS_EVER_BEEN_ANY_OF"),
    "was_never_any_of": _values("ENUMERATION", "HAS_NEVER_BEEN_ANY_OF"),
    "was_ever_exactly": _values("ENUMERATION", "HAS_EVER_BEEN_EXACTLY"),
    "was_never_exactly": _values("ENUMERATION", "HAS_NEVER_BEEN_EXACTLY"),
    "ever_had_all_of": _values("ENUMERATION", "HAS_EVER_CONTAINED_ALL"),
    "never_had_all_of": _values("ENUMERATION", "HAS_NEVER_CONTAINED_ALL"),
    "on_day": _on("IS_EQUAL_TO"),  # `on` alone is true in YAML
    "before": _on("IS_BEFORE"),
    "after": _on("IS_AFTER"),
    "between_days": _between_days("IS_BETWEEN"),
    "not_between_days": _between_days("IS_NOT_BETWEEN"),
    "less_than_days_ago": _days("ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO"),
    "more_than_days_ago": _days("ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO"),
    "less_than_days_from_now": _days("ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_FROM_NOW"),
    "more_than_days_from_now": _days("ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_FROM_NOW"),
    "in_this": _unit("IN_THIS_TIME_UNIT"),
    "in_this_so_far": _unit("IN_THIS_TIME_UNIT_SO_FAR"),
    "in_last": _unit("IN_LAST_TIME_UNIT"),
    "in_next": _unit("IN_NEXT_TIME_UNIT"),
    "before_property": _other("IS_BEFORE"),
    "after_property": _other("IS_AFTER"),
    "updated_in_last_days": _days("ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS"),
    "not_updated_in_last_days": _days("ROLLING_PROPERTY_UPDATED", "NOT_UPDATED_IN_LAST_X_DAYS"),
}
