"""Dates and date-times: SQL of comparisons with instants and with other properties.

A `date` property is a calendar day in the zone of the point it is compared with: it begins there. Compared with a constant
it therefore becomes a comparison of dates, with the constant moved to a day in Python; no zone reaches the SQL. Only two
properties of different kinds meet as wall-clock times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from assets.segments.moment import start_of_day, wall_clock
from assets.segments.points import Span
from assets.segments.sqltext import all_of, day, matches, stamp, text
from schemas.segment_registry import DATE, DATETIME, TEXT

_OPERATORS: dict[str, type[exp.Binary]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What a cell of an undeclared text column may hold: how it looks, how it is read.
_DAY_TEXT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_INSTANT_TEXT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"
_MILLISECOND_TEXT = r"\A-?[0-9]{9,15}\z"


@dataclass(frozen=True)
class When:
    """A date (`date`) or an instant (`datetime`) of one record, as SQL."""

    value: exp.Expr
    kind: str

    def compare(self, operator: str, at: datetime, zone: str) -> exp.Expr:
        """Whether it is before or after an instant; a date begins where `zone` says."""
        if self.kind == DATE:
            operator, bound = _day_bound(operator, at, zone)
            return _OPERATORS[operator](this=self.value.copy(), expression=bound)
        return _OPERATORS[operator](this=self.value.copy(), expression=stamp(at))

    def compare_with(self, operator: str, other: "When", zone: str) -> exp.Expr:
        """Whether it is before or after another property of the record."""
        if self.kind == other.kind:
            return _OPERATORS[operator](this=self.value.copy(), expression=other.value.copy())
        return _OPERATORS[operator](this=self.wall(zone), expression=other.wall(zone))

    def equals(self, at: datetime, zone: str) -> exp.Expr:
        """The same instant; for a date, the day that the instant is on in `zone`."""
        if self.kind == DATE:
            return exp.EQ(this=self.value.copy(), expression=day(wall_clock(at, zone).date()))
        return exp.EQ(this=self.value.copy(), expression=stamp(at))

    def within(self, span: Span, zone: str) -> exp.Expr:
        """Whether it is in a span."""
        bounds = []
        if span.lower is not None:
            bounds.append(self.compare(">=" if span.upper is not None else ">", span.lower, zone))
        if span.upper is not None:
            bounds.append(self.compare("<=" if span.closed else "<", span.upper, zone))
        return all_of(bounds)

    def wall(self, zone: str) -> exp.Expr:
        """Wall-clock time in a zone."""
        naive = exp.cast(self.value.copy(), "TIMESTAMP")
        return naive if self.kind == DATE else _shifted(naive, "UTC", zone)

    def anniversary(self, year: int, zone: str) -> "When":
        """Its day of the year in another year, as a date; 29 February is the 28th where there is none."""
        value = self.value.copy() if self.kind == DATE else exp.cast(self.wall(zone), "DATE")
        month, number = exp.Month(this=value.copy()), exp.Day(this=value.copy())
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if leap:
            found: exp.Expr = number
        else:
            is_leap_day = all_of([month.copy().eq(2), number.copy().eq(29)])
            found = exp.Case(ifs=[exp.If(this=is_leap_day, true=exp.Literal.number(28))], default=number)
        return When(exp.DateFromParts(year=exp.Literal.number(year), month=month, day=found), DATE)

    def same_local(self, zone: str) -> "When":
        """The instant that shows in `zone` the wall-clock time that this one shows in UTC; a date is a date."""
        if self.kind == DATE:
            return self
        utc = _shifted(exp.cast(self.value.copy(), "TIMESTAMP"), zone, "UTC")
        return When(exp.cast(utc, "TIMESTAMPTZ"), DATETIME)


def condition_on(value: exp.Expr, stored: str, condition: Callable[[When], exp.Expr]) -> exp.Expr:
    """A condition on a cell that holds a date or a date-time, however it is stored; a text that is neither fails it."""
    if stored != TEXT:
        return condition(When(value, stored))
    readings = (
        (_DAY_TEXT, When(_try(value, "DATE"), DATE)),
        (_INSTANT_TEXT, When(_try(value, "TIMESTAMPTZ"), DATETIME)),
        (_MILLISECOND_TEXT, When(_since_epoch(_try(value, "BIGINT")), DATETIME)),
    )
    cases = [exp.If(this=matches(value, look), true=condition(when)) for look, when in readings]
    return exp.Coalesce(this=exp.Case(ifs=cases), expressions=[exp.false()])


def _day_bound(operator: str, at: datetime, zone: str) -> tuple[str, exp.Expr]:
    """The comparison of days that says the same as one of their beginnings with an instant."""
    local = wall_clock(at, zone).date()
    begins = start_of_day(local, zone) == at
    if operator in ("<", "<="):
        return ("<" if operator == "<" and begins else "<="), day(local)
    return (">=" if operator == ">=" and begins else ">"), day(local)


def _since_epoch(milliseconds: exp.Expr) -> exp.Expr:
    return exp.TimestampAdd(this=stamp(_EPOCH), expression=milliseconds, unit=exp.var("MILLISECOND"))


def _shifted(naive: exp.Expr, source: str, target: str) -> exp.Expr:
    """Wall-clock time of one zone as that of another; a form that DuckDB and Spark both know."""
    return exp.ConvertTimezone(source_tz=text(source), target_tz=text(target), timestamp=naive)


def _try(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.TryCast(this=value.copy(), to=exp.DataType.build(kind))
