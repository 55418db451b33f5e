"""What an operation compares with, in words: values, days, points in time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import segment_operations as shapes
from schemas.segment_time import ClockTime, DatePoint, IndexedPoint, Offset, TimePoint
from schemas.segment_values import month_name

_SHOWN = 8  # values of a list that are printed
READINGS = {
    "VALUE": "",
    "VALUE_WITH_ZONE_SAME_LOCAL_CONVERSION": "",
    "UPDATED_AT": "the last update of ",
    "ANNIVERSARY": "this year's anniversary of ",
    "ANNIVERSARY_WITH_ZONE_SAME_LOCAL_CONVERSION": "this year's anniversary of ",
}
_REFERENCES = {
    "NOW": "now", "TODAY": "today", "WEEK": "this week's", "MONTH": "this month's", "QUARTER": "this quarter's",
    "YEAR": "this year's", "FISCAL_QUARTER": "the beginning of this fiscal quarter",
    "FISCAL_YEAR": "the beginning of this fiscal year",
}  # fmt: skip


def operand(operation: shapes.Operation) -> str:
    """The operand of any operation; empty where it has none."""
    return _WORDS[type(operation)](operation)


def listed(values: Sequence[str]) -> str:
    """Values one after the other, cut short."""
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def point(at: TimePoint) -> str:
    """A point in time: `2026-11-20`, `30 days before today (US/Eastern)`, `closedate`."""
    zone = f" ({at.zone_id})" if at.zone_id else ""
    if isinstance(at, DatePoint):
        return f"{at.year:04}-{at.month:02}-{at.day:02}{_clock(at)}{zone}"
    if isinstance(at, IndexedPoint):
        return f"{_offset(at.offset)}{_reference(at.index_reference)}{_clock(at.index_reference)}{zone}"
    return f"{READINGS[at.reference_type]}{at.property}"


def _reference(reference: Any) -> str:
    name = _REFERENCES[reference.reference_type]
    if reference.reference_type == "WEEK":
        return f"{name} {reference.day_of_week.capitalize()}"
    if reference.reference_type == "MONTH":
        return f"{name} day {reference.day}"
    if reference.reference_type == "QUARTER":
        return f"{name} month {reference.month}, day {reference.day}"
    if reference.reference_type == "YEAR":
        return f"{name} {reference.day} {month_name(reference.month)}"
    if reference.reference_type.startswith("FISCAL"):
        return f"{name} (years begin on {reference.day} {month_name(reference.month)})"
    return name


def _offset(offset: Offset | None) -> str:
    given = {} if offset is None else {unit: n for unit, n in offset.model_dump(exclude_none=True).items() if n}
    parts = [f"{abs(n)} {unit.removesuffix('s') if abs(n) == 1 else unit}" for unit, n in given.items()]
    ahead = [n > 0 for n in given.values()]
    if not parts:
        return ""
    if len(set(ahead)) == 1:
        return f"{' and '.join(parts)} {'after' if ahead[0] else 'before'} "
    signed = [f"{'plus' if up else 'minus'} {part}" for part, up in zip(parts, ahead, strict=True)]
    return f"{' '.join(signed)} from "


def _clock(at: ClockTime) -> str:
    if at.hour is None and at.minute is None:
        return ""
    seconds = f":{at.second or 0:02}" if at.second or at.millisecond else ""
    fraction = f".{at.millisecond:03}" if at.millisecond else ""
    return f" {at.hour or 0:02}:{at.minute or 0:02}{seconds}{fraction}"


def _instant(milliseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return at.isoformat(sep=" ", timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _days(operation: shapes.RollingDays) -> str:
    suffix = {"IS_LESS_THAN_X_DAYS_AGO": " ago", "IS_MORE_THAN_X_DAYS_AGO": " ago"}.get(operation.operator, "")
    ahead = " from now" if operation.operator.endswith("FROM_NOW") else ""
    return f"{operation.number_of_days} {'day' if operation.number_of_days == 1 else 'days'}{suffix}{ahead}"


def _units(operation: shapes.CalendarUnits) -> str:
    count = operation.time_unit_count or 1
    fiscal = operation.use_fiscal_year and operation.time_unit in ("QUARTER", "YEAR")
    unit = ("fiscal " if fiscal else "") + operation.time_unit.lower()
    if operation.operator in ("IN_LAST_TIME_UNIT", "IN_NEXT_TIME_UNIT") and count > 1:
        return f"{count} {unit}s"
    return unit + (" so far" if operation.operator == "IN_THIS_TIME_UNIT_SO_FAR" else "")


_WORDS: dict[type[shapes.Operation], Callable[[Any], str]] = {
    shapes.Known: lambda o: "",
    shapes.OneText: lambda o: f'"{o.value}"',
    shapes.ManyTexts: lambda o: listed([f'"{v}"' for v in o.values]),
    shapes.Options: lambda o: listed(o.values),
    shapes.OneNumber: lambda o: _number(o.value),
    shapes.NumberRange: lambda o: f"{_number(o.lower_bound)} and {_number(o.upper_bound)}",
    shapes.OneBool: lambda o: "true" if o.value else "false",
    shapes.OneInstant: lambda o: _instant(o.timestamp),
    shapes.OneDay: lambda o: f"{o.year:04}-{o.month:02}-{o.day:02}",
    shapes.RollingDays: _days,
    shapes.InstantRange: lambda o: f"{_instant(o.lower_bound)} and {_instant(o.upper_bound)}",
    shapes.CalendarUnits: _units,
    shapes.OtherProperty: lambda o: o.comparison_property_name,
    shapes.OtherDate: lambda o: o.comparison_property_name,
    shapes.AtPoint: lambda o: point(o.time_point),
    shapes.BetweenPoints: lambda o: f"{point(o.lower_bound_time_point)} and {point(o.upper_bound_time_point)}",
}
