"""What HubSpot's answers mean: which failure an error is, and what the headers say about limits."""

import json
from collections.abc import Mapping
from typing import Any

from assets.shared.failures import QuotaReached
from assets.shared.http_bucket import Bucket
from assets.shared.http_failures import CallRefused, Expired, Retry

_SECONDS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Exception | None:
    """The failure of an answer, or None. 207 is an answer: some inputs of a batch failed."""
    if status < 400:
        return None
    said = _document(body)
    wait = _number(headers.get("retry-after"))
    if status == 429:
        return _limit(said, wait)
    if status == 401:
        return Expired()
    if status == 403:
        return CallRefused(_scopes(said), 403, str(said.get("category") or ""))
    if status in (423, 477):
        return Retry(f"status {status}", wait if wait is not None else 2.0)
    if status >= 500 or status in (408, 425):
        return Retry(f"status {status}", wait)
    code = str(said.get("category") or "")
    return CallRefused(f"status {status} {code}".strip(), status, code)


def learn(bucket: Bucket, headers: Mapping[str, str]) -> None:
    """Feed the portal's bucket from the headers; search answers have none."""
    limit, remaining = (
        _number(headers.get("x-hubspot-ratelimit-max")),
        _number(headers.get("x-hubspot-ratelimit-remaining")),
    )
    interval = _number(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
    if interval:
        bucket.seconds = interval / 1000
    bucket.learn(None if limit is None else int(limit), None if remaining is None else int(remaining))


def _limit(said: Mapping[str, Any], wait: float | None) -> Exception:
    policy = str(said.get("policyName") or "")
    message = str(said.get("message") or "")
    if policy == "DAILY" or "daily" in message.lower():
        return QuotaReached(
            "hubspot: the portal's daily limit of API calls is used up; what was fetched is kept, the same command goes on "
            "after midnight of the portal's time zone"
        )
    seconds = 1.0 if "secondly limit" in message and "ten_secondly" not in message else _SECONDS.get(policy, 10.0)
    return Retry("status 429", seconds if wait is None else wait, throttled=True, whole_portal=seconds > 1.0)


def _scopes(said: Mapping[str, Any]) -> str:
    wanted: set[str] = set()
    for error in (said, *(e for e in said.get("errors") or [] if isinstance(e, dict))):
        context = error.get("context")
        if isinstance(context, dict):
            for name in ("requiredGranularScopes", "requiredScopes"):
                wanted.update(str(scope) for scope in context.get(name) or [])
    return (
        f"status 403; the token lacks the scope {', '.join(sorted(wanted))}" if wanted else "status 403; not permitted"
    )


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
