"""The kinds of failure of a call, which is all that decides what happens next. None carries a word of the answer's text.

`CallRefused` is permanent (exit status 1), `Retry` may go away by waiting, `Expired` by signing in again, and
`assets.shared.failures.QuotaReached` ends the run with what was fetched kept (exit status 4).
"""

from assets.shared.failures import CrosswalkError


class CallRefused(CrosswalkError):
    """The CRM will answer the same tomorrow: a missing scope, a field that is not there, another host."""

    def __init__(self, message: str, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


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
