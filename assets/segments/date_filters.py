"""What each payload about dates and date-times asks of a value that is there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlglot import exp

from assets.segments.asked import Asked
from assets.segments.moment import start_of_day
from assets.segments.points import Span, calendar_span, point_instant, rolling_span
from assets.segments.predicates_time import When, condition_on
from assets.segments.scope import DoesNotFit, Scope, has_value
from assets.segments.sqltext import all_of, any_of, negated
from schemas import segment_operations as shapes
from schemas.segment_registry import DATETIME
from schemas.segment_time import PropertyPoint, TimePoint

_SIGNS = {"before": "<", "after": ">"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


def _instant(asked: Asked, scope: Scope) -> exp.Expr:
    at, test = _EPOCH + timedelta(milliseconds=asked.operation.timestamp), asked.operator.test
    if test == "equal":
        return asked.when(scope, lambda when: when.equals(at, asked.zone))
    return asked.when(scope, lambda when: when.compare(_SIGNS[test], at, asked.zone))


def _day(asked: Asked, scope: Scope) -> exp.Expr:
    """Before a day is before it begins, after a day is after it ends."""
    named = date(asked.operation.year, asked.operation.month, asked.operation.day)
    begins, ends = start_of_day(named, asked.zone), start_of_day(named + timedelta(days=1), asked.zone)
    if asked.operator.test == "after":
        return asked.when(scope, lambda when: when.compare(">=", ends, asked.zone))
    span = Span(None if asked.operator.test == "before" else begins, begins, closed=False)
    if asked.operator.test == "equal":
        span = Span(begins, ends, closed=False)
    return asked.when(scope, lambda when: when.within(span, asked.zone))


def _rolling(asked: Asked, scope: Scope) -> exp.Expr:
    span = rolling_span(asked.operator.test, asked.operation, asked.run.moment)
    if asked.operator.test == "updated":
        return asked.modified(scope, asked.subject).within(span, asked.zone)
    return asked.when(scope, lambda when: when.within(span, asked.zone))


def _instant_range(asked: Asked, scope: Scope) -> exp.Expr:
    lower, upper = (
        _EPOCH + timedelta(milliseconds=bound) for bound in (asked.operation.lower_bound, asked.operation.upper_bound)
    )
    return asked.when(scope, lambda when: when.within(Span(lower, upper), asked.zone))


def _calendar(asked: Asked, scope: Scope) -> exp.Expr:
    span = calendar_span(asked.operator.test, asked.operation, asked.run.moment)
    return asked.when(scope, lambda when: when.within(span, asked.zone))


def _other_date(asked: Asked, scope: Scope) -> exp.Expr:
    """Before or after another date of the record, or after its default where that has no value."""
    other = asked.other(asked.operation.comparison_property_name, ".operation.comparisonPropertyName")
    sign, zone, there = _SIGNS[asked.operator.test], asked.zone, has_value(scope, other)
    if asked.filter.kind == "COMPARATIVE_PROPERTY_UPDATED":
        update = asked.modified(scope, asked.subject)
        against_other = update.compare_with(sign, asked.modified(scope, other), zone)

        def compared(condition: Callable[[When], exp.Expr]) -> exp.Expr:
            return condition(update)
    else:

        def compared(condition: Callable[[When], exp.Expr]) -> exp.Expr:
            return asked.when(scope, condition)

        against_other = compared(
            lambda when: condition_on(
                scope.value(other), other.stored, lambda right: when.compare_with(sign, right, zone)
            )
        )
    default = _default(asked)
    if default is None:
        asked.needed.append(there)
        return against_other
    against_default = compared(lambda when: when.compare(sign, default, zone))
    return any_of([all_of([there, against_other]), all_of([negated(there.copy()), against_default])])


def _at_point(asked: Asked, scope: Scope) -> exp.Expr:
    inclusive = "=" if asked.operation.endpoint_behavior == "INCLUSIVE" else ""
    return _against(asked, scope, _SIGNS[asked.operator.test] + inclusive, asked.operation.time_point)


def _between_points(asked: Asked, scope: Scope) -> exp.Expr:
    operation = asked.operation
    lower = ">" if operation.lower_bound_endpoint_behavior == "EXCLUSIVE" else ">="
    upper = "<" if operation.upper_bound_endpoint_behavior == "EXCLUSIVE" else "<="
    bounds = ((lower, operation.lower_bound_time_point), (upper, operation.upper_bound_time_point))
    return all_of(_against(asked, scope, sign, point) for sign, point in bounds)


def _against(asked: Asked, scope: Scope, sign: str, point: TimePoint) -> exp.Expr:
    """The property, read as its parser says, compared with a point in time."""
    zone, parser = asked.run.moment.zone_of(point.zone_id), asked.operation.property_parser
    if not isinstance(point, PropertyPoint):
        at = point_instant(point, asked.run.moment)

        def compared(left: When) -> exp.Expr:
            return left.compare(sign, at, zone)
    else:
        other = asked.other(point.property, ".operation", point.reference_type)
        asked.needed.append(has_value(scope, other))
        updated = point.reference_type == "UPDATED_AT"
        value, stored = (
            (asked.modified(scope, other).value, DATETIME) if updated else (scope.value(other), other.stored)
        )

        def compared(left: When) -> exp.Expr:
            return condition_on(
                value,
                stored,
                lambda right: left.compare_with(sign, _read(asked, right, point.reference_type, zone), zone),
            )

    if parser == "UPDATED_AT":
        return compared(asked.modified(scope, asked.subject))
    return asked.when(scope, lambda when: compared(_read(asked, when, parser, zone)))


def _read(asked: Asked, when: When, reading: str, zone: str) -> When:
    """A value as a reading sees it; ..._WITH_ZONE_SAME_LOCAL_CONVERSION takes its wall-clock time in UTC."""
    if reading.startswith("ANNIVERSARY"):
        return when.anniversary(asked.run.moment.today.year, zone if reading == "ANNIVERSARY" else "UTC")
    return when.same_local(zone) if reading.startswith("VALUE_") else when


def _default(asked: Asked) -> datetime | None:
    """Instant of a default comparison value: epoch milliseconds or ISO 8601. Raises DoesNotFit.

    `9999-12-31` and the like, which say never, are a day of every zone.
    """
    found = _said(asked)
    return None if found is None else min(max(found, _FIRST), _LAST)


def _said(asked: Asked) -> datetime | None:
    value = asked.operation.default_comparison_value
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int) or value.lstrip("-").isdigit():
            return _EPOCH + timedelta(milliseconds=int(value))
        if len(value) == len("2026-11-20"):
            return start_of_day(date.fromisoformat(value), asked.zone)
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        problem = "is neither epoch milliseconds nor an ISO 8601 date"
        raise DoesNotFit(".operation.defaultComparisonValue", problem) from None
    return found


DATE_TESTS: dict[type[shapes.Operation], Callable[[Asked, Scope], exp.Expr]] = {
    shapes.OneInstant: _instant,
    shapes.OneDay: _day,
    shapes.RollingDays: _rolling,
    shapes.InstantRange: _instant_range,
    shapes.CalendarUnits: _calendar,
    shapes.OtherDate: _other_date,
    shapes.AtPoint: _at_point,
    shapes.BetweenPoints: _between_points,
}
