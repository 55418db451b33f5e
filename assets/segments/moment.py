"""The moment at which a segment is evaluated, and days in a zone: plain datetimes, worked out before any SQL.

TODAY is the night's own date and NOW its last instant. A day begins where its zone says, also on days that daylight
saving makes 23 or 25 hours long or whose midnight does not exist.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Moment:
    """A night: its date, its last instant in UTC, and the zone of definitions that name none."""

    today: date
    now: datetime
    zone: str

    def zone_of(self, named: str | None) -> str:
        """The definition's zone where it names one, else the portal's."""
        return named or self.zone


def moment_of(night: str, timezone: str, portal_zone: str | None = None) -> Moment:
    """The moment of a night `2026-11-20` whose nights begin at midnight in `timezone`."""
    today = date.fromisoformat(night)
    end = start_of_day(today + timedelta(days=1), timezone)
    return Moment(today, end - MICROSECOND, portal_zone or timezone)


def instant(wall: datetime, zone: str) -> datetime:
    """UTC instant of a wall-clock time: the first of two unless its fold says the second; moved on by a gap it is in."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def start_of_day(day: date, zone: str) -> datetime:
    """UTC instant at which a calendar day begins in a zone."""
    return instant(datetime.combine(day, time.min), zone)


def wall_clock(at: datetime, zone: str) -> datetime:
    """Naive wall-clock time of an instant in a zone; its fold says which of two it is, so that it leads back."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
