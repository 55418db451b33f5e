"""What the emulator knows: settings, a clock that a test may move, faults that wait for a call, limits, and a log of calls."""

import random
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Settings:
    """How the emulated CRMs behave; every value is that of the real ones where the docs give it."""

    limit: int = 190  # requests in ten seconds
    interval: float = 10.0
    search_limit: int = 5  # in one second
    daily: int = 650_000
    search_cap: int = 10_000
    index_lag: float = 0.0  # seconds until a search sees a change
    longest_url: int = 8_000
    latency: float = 0.0
    token: str = "pat-emulated"  # noqa: S105 (an emulator's own)
    client_id: str = "emulated-client"
    client_secret: str = "emulated-secret"  # noqa: S105
    refresh_token: str = "emulated-refresh"  # noqa: S105
    session_seconds: float = 1e9
    bulk_page: int = 50_000
    bulk_delay: float = 0.0
    rest_page: int = 2_000
    salesforce_daily: int = 100_000
    export_delay: float = 0.0  # seconds until an export's file is there
    export_rows: int = 1_000_000  # rows of one file of an export
    merge_mints_id: bool = False
    opaque_cursor: bool = False


@dataclass
class Fault:
    """One thing that goes wrong. `match`: of method and path; after `skip` calls, `times` times, with `chance`.

    kind: status (with `status`), 429, daily, reset, truncate, slow (`seconds`), expire, redirect.
    """

    kind: str
    match: str = ".*"
    times: int = 1
    skip: int = 0
    chance: float = 1.0
    status: int = 503
    seconds: float = 1.0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class World:
    """State that both CRMs share."""

    def __init__(self, settings: Settings | None = None, seed: int = 0) -> None:
        self.settings = settings or Settings()
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []
        self.throttled = 0
        self.offset = 0.0
        self.sessions: dict[str, float] = {}
        self.salesforce_calls = 0
        self._random = random.Random(seed)  # noqa: S311 (faults, not secrets)
        self._recent: dict[str, deque[float]] = {"all": deque(), "search": deque()}
        self._today = 0
        self._signed_in = 0

    def now(self) -> float:
        """Seconds since the epoch by the emulator's clock."""
        return time.time() + self.offset

    def stamp(self, at: float | None = None) -> str:
        """A time as both CRMs write it."""
        return iso(self.now() if at is None else at)

    def sign_in(self) -> str:
        """A new session's token, good for a while."""
        self._signed_in += 1
        token = f"session-{self._signed_in}"
        self.sessions[token] = self.now() + self.settings.session_seconds
        return token

    def knows(self, token: str) -> bool:
        """Whether a token is taken."""
        return token == self.settings.token or self.sessions.get(token, 0.0) > self.now()

    def fault(self, call: str) -> Fault | None:
        """The fault that hits this call, if one does."""
        for fault in self.faults:
            if fault.times <= 0 or not re.search(fault.match, call):
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif self._random.random() < fault.chance:
                fault.times -= 1
                return fault
        return None

    def allow(self, search: bool) -> str | None:
        """The policy that a call breaks, or None; rolling windows, as documented."""
        now = time.monotonic()
        self._today += 1
        if self._today > self.settings.daily:
            return "DAILY"
        if search and not self._room("search", now, 1.0, self.settings.search_limit):
            return "SECONDLY"
        return None if self._room("all", now, self.settings.interval, self.settings.limit) else "TEN_SECONDLY_ROLLING"

    def limits(self) -> dict[str, str]:
        """HubSpot's rate limit headers."""
        return {
            "X-HubSpot-RateLimit-Max": str(self.settings.limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self.settings.limit - len(self._recent["all"]))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(self.settings.interval * 1000)),
            "X-HubSpot-RateLimit-Daily": str(self.settings.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.settings.daily - self._today)),
        }

    def _room(self, name: str, now: float, seconds: float, limit: int) -> bool:
        recent = self._recent[name]
        while recent and recent[0] <= now - seconds:
            recent.popleft()
        if len(recent) >= limit:
            return False
        recent.append(now)
        return True


def form_of(body: bytes) -> dict[str, str]:
    """A form's fields."""
    return dict(parse_qsl(body.decode()))


def iso(at: float) -> str:
    """Seconds since the epoch as ISO 8601 with milliseconds."""
    return (
        datetime.fromtimestamp(round(at * 1000) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def seconds(text: str | None) -> float:
    """A time of an export as seconds since the epoch; 0 where it is blank."""
    if not text:
        return 0.0
    if text.isdigit():
        return int(text) / 1000
    return datetime.fromisoformat(text.replace("+0000", "+00:00")).timestamp()
