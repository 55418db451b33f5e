"""What HubSpot's answers mean: which failure an error is, and what the headers say about limits."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from assets.shared.failures import QuotaReached
from assets.shared.http import Answer
from assets.shared.http_bucket import Bucket
from assets.shared.http_failures import About, CallRefused, Expired, Retry

_ABSENT = ("NOT_FOUND", "NO_ASSOCIATIONS_FOUND")  # of a batch's inputs
_PROPERTIES = frozenset(
    {"property", "properties", "propertyname", "propertynames"}
)  # a property's value stands beside them
_POSITIONS = frozenset({"after", "cursor", "offset", "paging"})
_POSITION = re.compile(r"\b(cursor|offset|paging|pagination)\b|['\"`]after['\"`]|\bafter parameter\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)  # of a property; never a value with more in it
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
    about, names = _wrong(said) if status == 400 else ("", [])
    which = f"({', '.join(names)})" if names else ""
    return CallRefused(" ".join(filter(None, (f"status {status}", code, which))), status, code, about)


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


def complete(answer: Answer) -> None:
    """Raises Retry for a batch that failed in part: what is not there may be missing (`NOT_FOUND`), and nothing else."""
    if b'"errors"' not in answer.body:
        return
    said = answer.json()
    for error in (said.get("errors") or []) if isinstance(said, dict) else []:
        words = f"{error.get('category')} {error.get('subCategory')}" if isinstance(error, dict) else ""
        if not any(word in words for word in _ABSENT):
            raise Retry("a batch that failed in part")


def answers_for_all(answer: Answer) -> None:
    """The same of a batch of one: it has the record, or says that there is none."""
    complete(answer)
    said = answer.json()
    if not said.get("results") and not said.get("errors"):
        raise Retry("a batch without its record")


def not_found(body: bytes) -> set[int]:
    """Ids that a batch names as not there."""
    said = json.loads(body) if b'"errors"' in body else {}
    contexts = [error.get("context") or {} for error in said.get("errors") or [] if isinstance(error, dict)]
    named = [one for context in contexts for ids in context.values() if isinstance(ids, list) for one in ids]
    return {int(one) for one in named if str(one).isdigit()}


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


def _wrong(said: Mapping[str, Any]) -> tuple[About, list[str]]:
    """What an answer calls wrong: properties, with their names, or the position. HubSpot's categories do not tell the two apart.

    Of the texts, which may quote a record, only this is read, and nothing is kept.
    """
    listed = said.get("errors")
    errors = [said, *(error for error in (listed if isinstance(listed, list) else []) if isinstance(error, dict))]
    contexts = [context for error in errors if isinstance(context := error.get("context"), dict)]
    named = [(key, value) for context in contexts for key, value in context.items()]
    if about := [value for key, value in named if key.lower() in _PROPERTIES]:
        names = {str(one) for value in about for one in (value if isinstance(value, list) else [value])}
        return "field", sorted(filter(_NAME.fullmatch, names))
    places = {str(error.get("in")).lower() for error in errors} | {key.lower() for key, _ in named}
    texts = " ".join(f"{error.get('subCategory')} {error.get('message')}" for error in errors)
    return ("position" if places & _POSITIONS or _POSITION.search(texts) else ""), []


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(text: str | None) -> float | None:
    try:
        found = None if text is None else float(text)
    except ValueError:
        return None
    return found if found is not None and isfinite(found) else None
