"""What time it is by a CRM's own clock, as its answers say; this machine's clock is never asked.

The next night asks for what changed since a fetch began, so a time that is too late loses changes, and one that is too early
costs calls. One answer may say anything: a proxy kept it, or one of many servers has another clock.
"""

from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median_low

from assets.shared.http_journal import Journal

_LAST = 9  # answers
_LONGEST_DAY = timedelta(hours=25)


class Clock:
    """The CRM's time: the median of the times in its last answers, so that one wrong date does no harm."""

    def __init__(self) -> None:
        self._said: deque[float] = deque(maxlen=_LAST)

    def hear(self, stamp: str | None) -> None:
        """Take note of an answer's header `date`; one that is no date says nothing."""
        try:
            said = parsedate_to_datetime(stamp or "")
            self._said.append((said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            return

    @property
    def now(self) -> float | None:
        """Seconds since the epoch, the median of the last answers; None where none of them had a date."""
        return median_low(self._said) if self._said else None

    @property
    def latest(self) -> float | None:
        """The time in the last answer. For what is valid for minutes only, right after a call: the median may be hours old."""
        return self._said[-1] if self._said else None


def began(journal: Journal, clock: Clock, end: datetime) -> float:
    """When a fetch began, in seconds since the epoch, as its first run wrote it down in the journal.

    `end`: when its last night ends. Where no answer says what time it is, the fetch counts as begun when that night began, which
    no fetch can be earlier than.
    """
    if (kept := journal.mark("started")) is None:
        kept = str(clock.now if clock.now is not None else (end - _LONGEST_DAY).timestamp())
        journal.put_mark("started", kept)
    return float(kept)
