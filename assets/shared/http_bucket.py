"""How fast a CRM may be asked: a bucket of tokens that everybody who asks the same portal shares, and a meter of what was asked.

The server counts a request somewhere between sending and answering. A token that was taken comes back one interval after its
*answer* arrived, less (almost) the least round trip that any answer took: of that way the one answer had to come back, and the
next request has to go there, before it is counted. So no interval holds more requests than the limit, however slow the network is
and however much its delay varies, and only what delays differ by is lost. What others take shows in the headers.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType

from assets.shared.failures import QuotaReached
from assets.shared.words import counted

_MARGIN = 0.02  # seconds; two machines do not measure an interval alike
_CERTAIN = 0.9  # of the least round trip: the way may become a little shorter


class Bucket:
    """At most `limit` requests in any `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._free = limit
        self._owed = 0
        self._held_until = 0.0
        self._least: float | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> "Bucket":
        loop = asyncio.get_running_loop()
        while True:
            if (pause := self._held_until - loop.time()) > 0:
                await asyncio.sleep(pause)
            elif self._free > 0:
                self._free -= 1
                return self
            else:
                turn: asyncio.Future[None] = loop.create_future()
                self._waiting.append(turn)
                await turn

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sure = _CERTAIN * (self._least or 0.0)
        asyncio.get_running_loop().call_later(max(self.seconds + _MARGIN - sure, 0.0), self._back, 1)

    def heard(self, seconds: float) -> None:
        """Note how many seconds an answer took, counted from when its request was sent."""
        self._least = seconds if self._least is None else min(self._least, seconds)

    def learn(self, limit: int | None, remaining: int | None) -> None:
        """Take over what an answer's headers say: the portal's limit, and how much of it is left for all who ask."""
        if limit and limit != self.limit:
            more = limit - self.limit
            self.limit = limit
            if more > 0:
                self._back(more)
            else:
                self._owed += -more
        if remaining is not None and self._free > remaining:
            taken = self._free - remaining
            self._free = remaining
            asyncio.get_running_loop().call_later(self.seconds + _MARGIN, self._back, taken)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so many seconds, because the server said that it was asked too much."""
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)

    def _back(self, tokens: int) -> None:
        paid = min(tokens, self._owed)
        self._owed -= paid
        self._free += tokens - paid
        for _ in range(min(self._free, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)


@dataclass
class Meter:
    """What a run asked of one CRM. `budget` is the most calls that it may make."""

    crm: str
    budget: int | None = None
    stop: str | None = None  # why no further call may be made
    calls: int = 0
    throttled: int = 0
    retried: int = 0
    signed_in: int = 0
    bytes: int = 0
    planned: int | None = None  # calls of the whole fetch, where they were counted out beforehand
    by_kind: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        """Count one more call. Raises QuotaReached where the budget of the configuration, or the CRM's day, is used up."""
        if self.stop is not None:
            raise QuotaReached(self.stop)
        if self.budget is not None and self.calls >= self.budget:
            raise QuotaReached(
                f"{self.crm}: sources.{self.crm}.api.request_budget of {counted(self.budget, 'call')} is used up; "
                "what was fetched is kept, the same command goes on"
            )
        self.calls += 1
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1

    def sentence(self) -> str:
        """How far the fetch is."""
        of = f"{self.calls:,} of about {counted(self.planned, 'call')}" if self.planned else counted(self.calls, "call")
        waited = f", {self.throttled:,} of them too soon" if self.throttled else ""
        return f"{self.crm}: {of}{waited}, {self.bytes / 1e6:,.0f} MB"

    def stats(self) -> dict[str, object]:
        """What the fetch cost: metadata of the night."""
        kinds = {f"calls of {kind}": number for kind, number in sorted(self.by_kind.items())}
        return {
            "calls": self.calls, "throttled": self.throttled, "retried": self.retried, "signed in": self.signed_in,
            "bytes": self.bytes, **({"planned calls": self.planned} if self.planned else {}), **kinds,
        }  # fmt: skip
