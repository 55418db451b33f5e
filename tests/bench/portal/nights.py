"""When things happen: the nights of a portal as instants, in the portal's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tests.bench.portal.draw import Draw, Ints

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True)
class Nights:
    """Consecutive nights. Night 1 is the first; `starts[k]` is the instant, in epoch milliseconds, at which night k begins."""

    names: tuple[str, ...]
    starts: Ints
    zone: str

    @classmethod
    def of(cls, text: str, zone: str) -> "Nights":
        """From `2026-11-18..2026-11-20` or one date."""
        first, _, last = text.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if end < day:
            raise ValueError(f"the range of nights ends before it begins: {text}")
        days = [day + timedelta(days=step) for step in range((end - day).days + 1)]
        edges = [datetime.combine(each, time(), ZoneInfo(zone)) for each in [*days, end + timedelta(days=1)]]
        starts = [0] + [int(edge.timestamp()) * SECOND for edge in edges]
        return cls(tuple(each.isoformat() for each in days), np.array(starts, dtype=np.int64), zone)

    @property
    def base(self) -> int:
        """The instant before which everything happened that the first night finds."""
        return int(self.starts[1])

    def as_of(self, night: int) -> int:
        """The end of a night."""
        return int(self.starts[night + 1])

    def moment(self, draw: Draw, index: Ints, night: Ints | int) -> Ints:
        """A whole second within working hours of the night given, one for each index."""
        return np.asarray(self.starts[night] + 6 * HOUR + draw.below("moment", index, 14 * 3600) * SECOND)
