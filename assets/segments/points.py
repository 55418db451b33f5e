"""Points and spans of time in a definition to instants, for one moment. All but other properties are constants."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from assets.segments.moment import Moment, instant, start_of_day, wall_clock
from schemas.segment_operations import CalendarUnits, RollingDays
from schemas.segment_time import (
    ClockTime,
    DatePoint,
    FiscalQuarter,
    FiscalYear,
    IndexedPoint,
    IndexReference,
    Month,
    Now,
    Offset,
    Quarter,
    Week,
    YearDay,
)

_WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_MONTHS_OF = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


@dataclass(frozen=True)
class Span:
    """Instants from `lower` to `upper`; None is open. `lower` belongs to it; `upper` only if `closed`."""

    lower: datetime | None
    upper: datetime | None
    closed: bool = True


def point_instant(point: DatePoint | IndexedPoint, moment: Moment) -> datetime:
    """UTC instant of a point that does not depend on the record."""
    zone = moment.zone_of(point.zone_id)
    if isinstance(point, DatePoint):
        return instant(_at(date(point.year, point.month, point.day), point), zone)
    return _moved(_indexed(point.index_reference, moment, zone), point.offset, zone)


def rolling_span(test: str, operation: RollingDays, moment: Moment) -> Span:
    """Span of the operators with a number of days, in the portal's zone; bounds that are strict stay strict."""
    days = timedelta(days=operation.number_of_days)
    if test in ("less_ago", "updated"):
        return Span(start_of_day(moment.today - days, moment.zone), moment.now)
    if test == "more_ago":
        return Span(None, start_of_day(moment.today - days, moment.zone), closed=False)
    if test == "less_ahead":
        return Span(moment.now, start_of_day(moment.today + days, moment.zone))
    return Span(start_of_day(moment.today + days, moment.zone), None)


def calendar_span(test: str, operation: CalendarUnits, moment: Moment) -> Span:
    """Span of whole units around the night, in the portal's zone; `last` and `next` leave the present one out."""
    count = operation.time_unit_count or 1
    first = _unit_start(operation, moment.today)
    if test == "last":
        begin, end = _unit_shift(operation, first, -count), first
    elif test == "next":
        begin, end = _unit_shift(operation, first, 1), _unit_shift(operation, first, 1 + count)
    else:
        begin, end = first, _unit_shift(operation, first, 1)
    lower = start_of_day(begin, moment.zone)
    if test == "so_far":
        return Span(lower, moment.now)
    return Span(lower, start_of_day(end, moment.zone), closed=False)


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _unit_start(operation: CalendarUnits, today: date) -> date:
    unit = operation.time_unit
    if unit == "DAY":
        return today
    if unit == "WEEK":
        return today - timedelta(days=today.isoweekday() % 7)
    begins = operation.fiscal_year_start if operation.use_fiscal_year else None
    return _period_start(today, _MONTHS_OF[unit], begins or 1)


def _unit_shift(operation: CalendarUnits, day: date, count: int) -> date:
    unit = operation.time_unit
    if unit in _MONTHS_OF:
        return add_months(day, count * _MONTHS_OF[unit])
    return day + timedelta(days=count * (7 if unit == "WEEK" else 1))


def _period_start(today: date, months: int, first_month: int) -> date:
    """First day of the period of `months` months that `today` is in, where a year begins in `first_month`."""
    return add_months(today.replace(day=1), -((today.month - first_month) % months))


def _indexed(reference: IndexReference, moment: Moment, zone: str) -> datetime:
    """Wall-clock time of a reference in a zone."""
    today = moment.today
    if isinstance(reference, Now):
        return _with_clock(wall_clock(moment.now, zone), reference)
    if isinstance(reference, Week):
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return _at(sunday + timedelta(days=_WEEKDAYS.index(reference.day_of_week)), reference)
    if isinstance(reference, Month):
        return _at(_day_of(today.year, today.month, reference.day), reference)
    if isinstance(reference, Quarter):
        first = _period_start(today, 3, 1)
        return _at(_day_of(first.year, first.month + (reference.month - 1) % 3, reference.day), reference)
    if isinstance(reference, YearDay):
        return _at(_day_of(today.year, reference.month, reference.day), reference)
    if isinstance(reference, FiscalYear | FiscalQuarter):
        months = 12 if isinstance(reference, FiscalYear) else 3
        return _at(_fiscal_start(today, months, reference.month, reference.day), reference)
    return _at(today, reference)


def _fiscal_start(today: date, months: int, month: int, day: int) -> date:
    """The latest start of a fiscal period that is not after today."""
    first = _period_start(today, months, month)
    begin = _day_of(first.year, first.month, day)
    if begin <= today:
        return begin
    earlier = add_months(first, -months)
    return _day_of(earlier.year, earlier.month, day)


def _moved(wall: datetime, offset: Offset | None, zone: str) -> datetime:
    """Instant of a wall-clock time after an offset: calendar units move the clock, smaller ones the instant."""
    if offset is None:
        return instant(wall, zone)
    months = 12 * (offset.years or 0) + 3 * (offset.quarters or 0) + (offset.months or 0)
    days = 7 * (offset.weeks or 0) + (offset.days or 0)
    moved = datetime.combine(add_months(wall.date(), months) + timedelta(days=days), wall.time())
    return instant(moved, zone) + timedelta(
        hours=offset.hours or 0,
        minutes=offset.minutes or 0,
        seconds=offset.seconds or 0,
        milliseconds=offset.milliseconds or 0,
    )


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _at(day: date, clock: ClockTime) -> datetime:
    return _with_clock(datetime.combine(day, time.min), clock)


def _with_clock(wall: datetime, clock: ClockTime) -> datetime:
    """A wall-clock time with the parts that are given put in."""
    return wall.replace(
        hour=wall.hour if clock.hour is None else clock.hour,
        minute=wall.minute if clock.minute is None else clock.minute,
        second=wall.second if clock.second is None else clock.second,
        microsecond=wall.microsecond if clock.millisecond is None else clock.millisecond * 1000,
    )
