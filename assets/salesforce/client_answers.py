"""What Salesforce's answers mean: which failure an error is, and how much of the day's calls is used."""

import json
import re
from collections.abc import Mapping

from assets.shared.failures import QuotaReached
from assets.shared.http_bucket import Meter
from assets.shared.http_failures import About, CallRefused, Expired, Retry

_AGAIN = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"})
_SESSION = frozenset({"INVALID_SESSION_ID", "InvalidSessionId"})
_FIELD = frozenset({"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"})  # a query that names what is not there
_COLUMN = re.compile(r"No such column '([A-Za-z]\w{0,99})' on entity '([A-Za-z]\w{0,99})'", re.ASCII)
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
    about: About = "position" if "LOCATOR" in code.upper() else "field" if code in _FIELD else ""
    return CallRefused(f"status {status} {code}{_column(body, code)}".strip(), status, code, about)


def _column(body: bytes, code: str) -> str:
    """The field that a query names and its object lacks: of the answer's text that alone, for the rest repeats the query."""
    match = _COLUMN.search(body.decode(errors="replace")) if code == "INVALID_FIELD" else None
    return f" ({match[2]}.{match[1]})" if match else ""


def learn(meter: Meter, headers: Mapping[str, str]) -> None:
    """Stop the fetch where an answer says that the org's day is nearly used up: the rest is for the people who work in it."""
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
