"""What every operator of every operation type means, said with four contacts (`people.py`): who passes.

One case an operator at least; docs/segments.md names each as its test, and a contract test validates each payload against
HubSpot's own SDK. `blank`: who passes besides when records without a value are to pass.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """An operator on a property: the ids that pass with `includeObjectsWithNoValueSet` false."""

    kind: str
    operator: str
    subject: str
    payload: dict[str, Any]
    passing: str
    blank: str = "4"

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.operator}"


def _milliseconds(text: str) -> int:
    from tests.unit.segments.people import at

    return int(at(text).timestamp() * 1000)


def _day(year: int, month: int, day: int, *clock: int) -> dict[str, Any]:
    names = ("hour", "minute", "second", "millisecond")
    point = {"timeType": "DATE", "timezoneSource": "CUSTOM", "zoneId": "Europe/Oslo", "year": year, "month": month}
    return {**point, "day": day, **dict(zip(names, clock, strict=False))}


def _indexed(reference: str, **offset: int) -> dict[str, Any]:
    point = {"timeType": "INDEXED", "timezoneSource": "CUSTOM", "zoneId": "Europe/Oslo"}
    return {**point, "indexReference": {"referenceType": reference}, **({"offset": offset} if offset else {})}


def _both(kind: str, positive: str, negative: str, name: str, payload: dict[str, Any], passing: str) -> list[Case]:
    """A positive operator and its negative one: the same payload, the other records that have a value."""
    others = "".join(i for i in "123" if i not in passing)
    return [Case(kind, positive, name, payload, passing), Case(kind, negative, name, payload, others)]


_ZONE = {"requiresTimeZoneConversion": False}
_OTHER = {"comparisonPropertyName": "closed"}
_RANGED = {"type": "TIME_RANGED", "propertyParser": "VALUE"}
_POINT = {"type": "TIME_POINT", "propertyParser": "VALUE", "endpointBehavior": "EXCLUSIVE"}

CASES: list[Case] = [
    Case("ALL_PROPERTY", "IS_KNOWN", "name", {}, "123", ""),
    Case("ALL_PROPERTY", "IS_UNKNOWN", "name", {}, "4", ""),
    Case("ALL_PROPERTY", "IS_NOT_BLANK", "score", {}, "123", ""),
    Case("ALL_PROPERTY", "IS_BLANK", "score", {}, "4", ""),
    *_both("STRING", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "name", {"value": "ann lee"}, "1"),
    *_both("STRING", "CONTAINS", "DOES_NOT_CONTAIN", "name", {"value": "ANN"}, "13"),
    Case("STRING", "STARTS_WITH", "name", {"value": "ann"}, "1"),
    Case("STRING", "ENDS_WITH", "name", {"value": "son"}, "3"),
    *_both("STRING", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO", "name", {"value": "ann old"}, "2"),
    *_both("STRING", "HAS_EVER_CONTAINED", "HAS_NEVER_CONTAINED", "name", {"value": "old"}, "2"),
    *_both("MULTISTRING", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "name", {"values": ["bo ek", "x"]}, "2"),
    *_both("MULTISTRING", "CONTAINS", "DOES_NOT_CONTAIN", "name", {"values": ["lee", "EK"]}, "12"),
    *_both("MULTISTRING", "CONTAINS_EXACTLY", "DOES_NOT_CONTAIN_EXACTLY", "name", {"values": ["ann"]}, "1"),
    Case("MULTISTRING", "STARTS_WITH", "name", {"values": ["b", "C"]}, "23"),
    Case("MULTISTRING", "ENDS_WITH", "name", {"values": ["ee", "k"]}, "12"),
    *_both("MULTISTRING", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO", "name", {"values": ["ann lee", "ann old"]}, "12"),
    *_both("NUMBER", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "score", {"value": 5}, "1"),
    Case("NUMBER", "IS_GREATER_THAN", "score", {"value": 5}, "2"),
    Case("NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", "score", {"value": 5}, "12"),
    Case("NUMBER", "IS_LESS_THAN", "score", {"value": 5}, "3"),
    Case("NUMBER", "IS_LESS_THAN_OR_EQUAL_TO", "score", {"value": 5}, "13"),
    *_both("NUMBER", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO", "score", {"value": 5}, "12"),
    *_both("NUMBER_RANGED", "IS_BETWEEN", "IS_NOT_BETWEEN", "score", {"lowerBound": 5, "upperBound": 10}, "12"),
    *_both("BOOL", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "optin", {"value": True}, "13"),
    *_both("BOOL", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO", "optin", {"value": True}, "123"),
    *_both("ENUMERATION", "IS_ANY_OF", "IS_NONE_OF", "hobby", {"values": ["a", "x"]}, "13"),
    *_both("ENUMERATION", "IS_EXACTLY", "IS_NOT_EXACTLY", "hobby", {"values": ["b", "a"]}, "1"),
    *_both("ENUMERATION", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL", "hobby", {"values": ["b", "a"]}, "13"),
    *_both("ENUMERATION", "HAS_EVER_BEEN_ANY_OF", "HAS_NEVER_BEEN_ANY_OF", "hobby", {"values": ["c"]}, "23"),
    *_both("ENUMERATION", "HAS_EVER_BEEN_EXACTLY", "HAS_NEVER_BEEN_EXACTLY", "hobby", {"values": ["a", "c"]}, "2"),
    *_both("ENUMERATION", "HAS_EVER_CONTAINED_ALL", "HAS_NEVER_CONTAINED_ALL", "hobby", {"values": ["a", "c"]}, "23"),
    Case("DATETIME", "IS_EQUAL_TO", "created", {"timestamp": _milliseconds("2026-11-20T10:00Z"), **_ZONE}, "1"),
    Case("DATETIME", "IS_BEFORE", "created", {"timestamp": _milliseconds("2026-11-20T10:00Z"), **_ZONE}, "2"),
    Case("DATETIME", "IS_AFTER", "created", {"timestamp": _milliseconds("2026-11-20T09:59Z"), **_ZONE}, "13"),
    Case("DATETIME", "IS_BEFORE_DATE", "created", {"timestamp": _milliseconds("2026-11-18T23:00Z"), **_ZONE}, "2"),
    Case("DATETIME", "IS_AFTER_DATE", "created", {"timestamp": _milliseconds("2026-11-20T22:59:59.999Z"), **_ZONE}, "3"),
    Case("DATE", "IS_EQUAL_TO", "created", {"year": 2026, "month": "NOVEMBER", "day": 18}, "2"),
    Case("DATE", "IS_BEFORE", "birthday", {"year": 2026, "month": "NOVEMBER", "day": 20}, "2"),
    Case("DATE", "IS_AFTER", "birthday", {"year": 2026, "month": "NOVEMBER", "day": 20}, "3"),
    Case("DATE", "IS_BEFORE_DATE", "created", {"year": 2026, "month": "NOVEMBER", "day": 19}, "2"),
    Case("DATE", "IS_AFTER_DATE", "created", {"year": 2026, "month": "NOVEMBER", "day": 18}, "13"),
    Case("DATE", "IS_LESS_THAN_X_DAYS_AGO", "created", {"numberOfDays": 1}, "1"),
    Case("DATE", "IS_MORE_THAN_X_DAYS_AGO", "created", {"numberOfDays": 1}, "2"),
    Case("DATE", "IS_LESS_THAN_X_DAYS_FROM_NOW", "created", {"numberOfDays": 11}, "3"),
    Case("DATE", "IS_MORE_THAN_X_DAYS_FROM_NOW", "created", {"numberOfDays": 9}, "3"),
    Case("ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", "created", {"numberOfDays": 2, **_ZONE}, "12"),
    Case("ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", "created", {"numberOfDays": 1, **_ZONE}, "2"),
    Case("ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_FROM_NOW", "birthday", {"numberOfDays": 11, **_ZONE}, "3"),
    Case("ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_FROM_NOW", "birthday", {"numberOfDays": 10, **_ZONE}, "3"),
    *_both("RANGED_DATE", "IS_BETWEEN", "IS_NOT_BETWEEN", "created",
           {"lowerBound": _milliseconds("2026-11-18T22:30Z"), "upperBound": _milliseconds("2026-11-20T10:00Z"), **_ZONE}, "12"),
    Case("CALENDAR_DATE", "IN_THIS_TIME_UNIT", "created", {"timeUnit": "MONTH"}, "123"),
    Case("CALENDAR_DATE", "IN_THIS_TIME_UNIT_SO_FAR", "created", {"timeUnit": "MONTH"}, "12"),
    Case("CALENDAR_DATE", "IN_NEXT_TIME_UNIT", "birthday", {"timeUnit": "MONTH", "timeUnitCount": 1}, "3"),
    Case("CALENDAR_DATE", "IN_LAST_TIME_UNIT", "created", {"timeUnit": "DAY", "timeUnitCount": 2}, "2"),
    Case("COMPARATIVE_DATE", "IS_BEFORE", "created", _OTHER, "1", ""),
    Case("COMPARATIVE_DATE", "IS_AFTER", "created", _OTHER, "2", ""),
    Case("COMPARATIVE_PROPERTY_UPDATED", "IS_BEFORE", "name",
         {"comparisonPropertyName": "closed", "defaultComparisonValue": "2026-11-14"}, "", "4"),
    Case("COMPARATIVE_PROPERTY_UPDATED", "IS_AFTER", "name",
         {"comparisonPropertyName": "closed", "defaultComparisonValue": "2026-11-13"}, "3", "4"),
    *_both("BOOL_COMPARATIVE", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "optin", {"comparisonPropertyName": "other_optin"}, "1"),
    *_both("NUMBER_COMPARATIVE", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "score", {"comparisonPropertyName": "limit"}, "1"),
    Case("NUMBER_COMPARATIVE", "IS_GREATER_THAN", "score", {"comparisonPropertyName": "limit"}, "2"),
    Case("NUMBER_COMPARATIVE", "IS_GREATER_THAN_OR_EQUAL_TO", "score", {"comparisonPropertyName": "limit"}, "12"),
    Case("NUMBER_COMPARATIVE", "IS_LESS_THAN", "score", {"comparisonPropertyName": "limit"}, "3"),
    Case("NUMBER_COMPARATIVE", "IS_LESS_THAN_OR_EQUAL_TO", "score", {"comparisonPropertyName": "limit"}, "13"),
    *_both("STRING_COMPARATIVE", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "name", {"comparisonPropertyName": "nick"}, "1"),
    *_both("STRING_COMPARATIVE", "CONTAINS", "DOES_NOT_CONTAIN", "name", {"comparisonPropertyName": "nick"}, "123"),
    Case("STRING_COMPARATIVE", "STARTS_WITH", "name", {"comparisonPropertyName": "nick"}, "12"),
    Case("STRING_COMPARATIVE", "ENDS_WITH", "name", {"comparisonPropertyName": "nick"}, "1"),
    Case("ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", "name", {"numberOfDays": 6}, "13"),
    Case("ROLLING_PROPERTY_UPDATED", "NOT_UPDATED_IN_LAST_X_DAYS", "name", {"numberOfDays": 6}, "2"),
    Case("TIME_POINT", "IS_BEFORE", "created", {"timePoint": _day(2026, 11, 20, 0, 0, 0, 0), **_POINT}, "2"),
    Case("TIME_POINT", "IS_AFTER", "created", {"timePoint": _indexed("TODAY", days=2), **_POINT}, "3"),
    *_both("TIME_RANGED", "IS_BETWEEN", "IS_NOT_BETWEEN", "created",
           {"lowerBoundTimePoint": _indexed("TODAY", days=-2), "upperBoundTimePoint": _indexed("NOW"),
            "lowerBoundEndpointBehavior": "INCLUSIVE", "upperBoundEndpointBehavior": "INCLUSIVE", **_RANGED}, "12"),
]  # fmt: skip

# Comparative operations fail where the other property has no value, whatever the flag says: nobody passes by being blank.
COMPARATIVE = ("BOOL_COMPARATIVE", "NUMBER_COMPARATIVE", "STRING_COMPARATIVE")
