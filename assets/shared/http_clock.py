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
    """The middle one of the times that the last answers said."""

    def __init__(self) -> None:
        self._said: deque[float] = deque(maxlen=_LAST)

    def hear(self, stamp: str | None) -> None:
        """An answer's header `date`."""
        try:
            said = parsedate_to_datetime(stamp or "")
            self._said.append((said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            return

    @property
    def now(self) -> float | None:
        """Seconds since the epoch; None where no answer said."""
        return median_low(self._said) if self._said else None

    @property
    def latest(self) -> float | None:
        """What the last answer said: right after a call, for what is good for minutes only; the middle one may be hours old."""
        return self._said[-1] if self._said else None


def began(journal: Journal, clock: Clock, end: datetime) -> float:
    """When a fetch began, seconds since the epoch: as its first run wrote it down.

    `end`: of its last night, before whose beginning no fetch begins; that it is where no answer says what time it is.
    """
    if (kept := journal.mark("started")) is None:
        kept = str(clock.now if clock.now is not None else (end - _LONGEST_DAY).timestamp())
        journal.put_mark("started", kept)
    return float(kept)
