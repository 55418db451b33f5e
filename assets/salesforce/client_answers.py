"""What Salesforce's answers mean: which failure an error is, and how much of the day's calls is used."""

import json
import re
from collections.abc import Mapping

from assets.shared.failures import QuotaReached
from assets.shared.http_bucket import Meter
from assets.shared.http_failures import CallRefused, Expired, Retry

_AGAIN = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"})
_SESSION = frozenset({"INVALID_SESSION_ID", "InvalidSessionId"})
_MOST = 0.95  # of the org's daily calls; the rest is for those who work in it
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
QUOTA = "salesforce: the org's DailyApiRequests are used up{}; what was fetched is kept, the same command goes on in some hours"


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Exception | None:
    """The failure of an answer, or None."""
    if status < 400:
        return None
    code = code_of(body)
    if status == 401 or code in _SESSION:
        return Expired()
    if code == "REQUEST_LIMIT_EXCEEDED":
        return QuotaReached(QUOTA.format(""))
    if status in (408, 420, 425, 429) or status >= 500 or code in _AGAIN:
        wait = headers.get("retry-after", "")
        return Retry(
            f"status {status} {code}".strip(), float(wait) if wait.isdigit() else None, throttled=status in (420, 429)
        )
    return CallRefused(f"status {status} {code}".strip(), status, code)


def learn(meter: Meter, headers: Mapping[str, str]) -> None:
    """Stop before the org's people are locked out."""
    match = _USAGE.search(headers.get("sforce-limit-info", ""))
    if match and int(match[2]) and int(match[1]) >= _MOST * int(match[2]):
        meter.stop = QUOTA.format(f" to {100 * int(match[1]) / int(match[2]):.0f} %")


def code_of(body: bytes) -> str:
    """The error's code; never its text."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    if isinstance(found, list):
        found = found[0] if found else {}
    if not isinstance(found, dict):
        return ""
    return str(found.get("errorCode") or found.get("exceptionCode") or found.get("error") or "")
