"""Pages of HubSpot's answers as far as the client looks into them: ids and cursors; whether they are whole."""

from dataclasses import dataclass

import msgspec

from assets.hubspot import client_answers
from assets.shared.http import Answer
from assets.shared.http_failures import Retry


class _Id(msgspec.Struct, gc=False):
    id: str


class _Next(msgspec.Struct, gc=False):
    after: str | None = None


class _Paging(msgspec.Struct, gc=False):
    next: _Next | None = None


class _Page(msgspec.Struct, gc=False):
    results: list[_Id]
    paging: _Paging | None = None
    total: int | None = None


_DECODE = msgspec.json.Decoder(_Page)


@dataclass(frozen=True)
class Page:
    """One page of records: its bytes, the ids in it, where the next starts, and a search's total."""

    body: bytes
    ids: list[int]
    after: str | None
    total: int | None


def decoded(answer: Answer) -> Page:
    """A page of records. Raises Retry for what is not one."""
    try:
        found = _DECODE.decode(answer.body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        found = _leniently(answer)
    following = found.paging.next.after if found.paging and found.paging.next else None
    try:
        ids = [int(row.id) for row in found.results]
    except ValueError:
        raise Retry("an answer whose ids are no numbers") from None
    return Page(answer.body, ids, following or None, found.total)


def _leniently(answer: Answer) -> _Page:
    """A page with half a character in a text, which is not quite JSON. Raises Retry for what is not a page."""
    try:
        return msgspec.convert(answer.json(), _Page)
    except msgspec.ValidationError:
        raise Retry("an answer that is not a page") from None


def whole(answer: Answer) -> None:
    """Raises Retry for a page that was cut off although its length was right, or that a proxy replaced, or that lacks inputs."""
    has_results(answer)
    client_answers.complete(answer)


def has_results(answer: Answer) -> bool:
    """Whether a page has results. Raises Retry for what is not a page."""
    try:
        return bool(msgspec.json.decode(answer.body, type=_Shape).results)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise Retry("an answer that is not a page") from None


class _Shape(msgspec.Struct):
    results: list[msgspec.Raw]
