"""The kinds of failure of a call, which is all that decides what happens next. None carries a word of the answer's text.

`CallRefused` is permanent (exit status 1), `Retry` may go away by waiting, `Expired` by signing in again, and
`assets.shared.failures.QuotaReached` ends the run with what was fetched kept (exit status 4).
"""

from typing import Literal

from assets.shared.failures import CrosswalkError
from assets.shared.words import counted

About = Literal["", "position", "field"]


class CallRefused(CrosswalkError):
    """The CRM will answer the same tomorrow: a missing scope, a field that is not there, another host.

    `about`: what the answer calls wrong, where it does: a position (a cursor, a query locator) that is good no longer, or a
    field that is asked for.
    """

    def __init__(self, message: str, status: int = 0, code: str = "", about: About = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.about = about


class GaveUp(CallRefused):
    """Asked again until patience ended: a network or a CRM that is down, which may be up in a minute."""


class RecordsMissing(CrosswalkError):
    """The source counts more records, or fewer, than came. Nothing was written."""

    def __init__(self, what: str, found: int, low: int, high: int) -> None:
        told = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        super().__init__(f"{what}: {counted(found, 'record')} came, the source counts {told}; nothing is written")
        self.what, self.found, self.low, self.high = what, found, low, high


class Retry(Exception):
    """Worth asking again. `wait`: seconds that the CRM asks for; `throttled`: it was a rate limit."""

    def __init__(
        self, message: str, wait: float | None = None, *, throttled: bool = False, whole_portal: bool = True
    ) -> None:
        super().__init__(message)
        self.wait = wait
        self.throttled = throttled
        self.whole_portal = whole_portal


class Expired(Exception):
    """The token is no longer taken."""
