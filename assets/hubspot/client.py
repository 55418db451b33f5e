"""HubSpot's API as the extraction needs it: pages as bytes with their cursors, and small answers as documents.

Bodies of object pages stay bytes until Arrow reads them; only ids and cursors are decoded here.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import msgspec

from assets.hubspot import client_answers
from assets.hubspot.client_auth import HubspotSecrets, HubspotTokens
from assets.hubspot.client_paths import PLURAL, path
from assets.shared.http import Answer, Http, Patience
from assets.shared.http_bucket import Bucket, Meter
from assets.shared.http_failures import CallRefused, Retry
from assets.shared.http_redact import Recorder

PAGE, HISTORY_PAGE, SEARCH_PAGE, BATCH, ASSOCIATION_BATCH = 100, 50, 200, 100, 1000
LONGEST_URL = 6_000  # HubSpot's front refuses from 8 to 16 thousand characters on, depending on the path
_SEARCH_PER_SECOND = 5
_TEN_SECONDS = 100  # the smallest tier; the first answer says what holds


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


class HubspotClient:
    """Use as an async context manager. All calls share one bucket a portal; searches have a second one."""

    def __init__(
        self,
        secrets: HubspotSecrets,
        *,
        budget: int | None = None,
        patience: Patience | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.bucket = Bucket(_TEN_SECONDS, 10.0)
        self.meter = Meter("hubspot", budget)
        waits = patience or Patience()
        searching = Bucket(_SEARCH_PER_SECOND, waits.scale)
        self.http = Http(
            "hubspot",
            secrets.base_url,
            client_answers.classify,
            self.meter,
            HubspotTokens(secrets),
            {"rest": [self.bucket], "search": [self.bucket, searching], "token": []},
            self._learn,
            waits,
            recorder,
        )
        self.left_today: int | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "HubspotClient":
        await self._stack.enter_async_context(self.http)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def _learn(self, headers: Mapping[str, str]) -> None:
        client_answers.learn(self.bucket, headers)
        left = headers.get("x-hubspot-ratelimit-daily-remaining", "")
        self.left_today = int(left) if left.isdigit() else self.left_today

    async def page(
        self,
        entity: str,
        after: str | None,
        properties: Sequence[str],
        *,
        archived: bool = False,
        history: Sequence[str] = (),
    ) -> Page:
        """One page of records in HubSpot's own order."""
        query = [f"limit={HISTORY_PAGE if history else PAGE}", f"archived={'true' if archived else 'false'}"]
        query += [f"after={after}"] if after else []
        query += [f"properties={','.join(properties)}"] if properties else []
        query += [f"propertiesWithHistory={','.join(history)}"] if history else []
        return await self._page("GET", f"{path('objects', PLURAL[entity])}?{'&'.join(query)}")

    async def search(
        self,
        entity: str,
        filters: list[dict[str, str]],
        sort: str,
        properties: Sequence[str] = (),
        *,
        limit: int = SEARCH_PAGE,
        descending: bool = False,
    ) -> Page:
        """The first records that meet all filters. Never asks for an offset: callers move a filter on the sorted property."""
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "properties": list(properties),
            "sorts": [{"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}],
            "limit": limit,
            "after": "0",
        }
        return await self._page("POST", path("objects", PLURAL[entity], "search"), body, kind="search")

    async def read(
        self,
        entity: str,
        ids: Sequence[int],
        properties: Sequence[str],
        *,
        archived: bool = False,
        history: Sequence[str] = (),
    ) -> Page:
        """Up to 100 records by id (50 with history); ids that are no longer there are left out."""
        body = {
            "inputs": [{"id": str(i)} for i in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        url = f"{path('objects', PLURAL[entity], 'batch', 'read')}?archived={'true' if archived else 'false'}"
        return await self._page("POST", url, body)

    async def _page(self, method: str, url: str, body: object = None, *, kind: str = "rest") -> Page:
        """A page that is whole: what was cut off on the way, or replaced by a proxy, is asked for again."""
        found: list[Page] = []

        def decode(answer: Answer) -> None:
            found.append(_decoded(answer))

        await self.http.call(method, url, body=body, kind=kind, check=decode)
        return found[-1]

    async def associations(
        self, ids: Sequence[int], *, left: str = "contacts", right: str = "companies"
    ) -> list[bytes]:
        """Bodies that together hold all associations of up to 1,000 records, further pages of each included.

        None where there are no associations.
        """
        bodies = []
        inputs: list[dict[str, str]] = [{"id": str(i)} for i in ids]
        while inputs:
            answer = await self.http.call(
                "POST", path("associations", left, right, "batch", "read"), body={"inputs": inputs}, check=_whole
            )
            if _any(answer):
                bodies.append(answer.body)
            asked, inputs = {given["id"]: given.get("after") for given in inputs}, []
            if b'"paging"' in answer.body:
                for result in answer.json()["results"]:
                    following = (result.get("paging") or {}).get("next") or {}
                    number, after = str(result["from"]["id"]), str(following.get("after") or "")
                    if after and after != asked.get(number):  # a page that leads to itself is the last
                        inputs.append({"id": number, "after": after})
        return bodies

    async def total(self, entity: str, filters: list[dict[str, str]] | None = None) -> int:
        """How many live records the search index has."""
        return (await self.search(entity, filters or [], "hs_object_id", limit=1)).total or 0

    async def properties(self, entity: str) -> list[Any]:
        """All properties of an object."""
        return list((await self.http.document("GET", path("properties", PLURAL[entity]), "results"))["results"])

    async def results(self, url: str, limit: int) -> list[Any]:
        """All results of a small paged resource. A page that leads to itself ends it (a naive pager would loop)."""
        found: list[Any] = []
        after: str | None = None
        mark = "&" if "?" in url else "?"
        while True:
            cursor = f"&after={after}" if after else ""
            document = await self.http.document("GET", f"{url}{mark}limit={limit}{cursor}", "results")
            found += document["results"]
            following = ((document.get("paging") or {}).get("next") or {}).get("after")
            if not following or following == after or not document["results"]:
                return found
            after = str(following)

    async def lists(self) -> list[dict[str, Any]]:
        """All lists with their definitions."""
        found: list[dict[str, Any]] = []
        offset = 0
        while True:
            body = {"offset": offset, "count": 500, "query": "", "additionalProperties": []}
            document = await self.http.document("POST", path("lists", "search"), "lists", body=body)
            found += document["lists"]
            if not document.get("hasMore") or not document["lists"]:
                break
            offset += len(document["lists"])
        return [await self._defined(row) for row in found]

    async def _defined(self, row: Mapping[str, Any]) -> dict[str, Any]:
        document = await self.http.document("GET", f"{path('lists', str(row['listId']))}?includeFilters=true")
        return {**row, **document.get("list", document)}

    async def members(self, list_id: str, after: str | None = None) -> AsyncIterator[tuple[bytes, str | None]]:
        """Bodies that together hold the members of one list from a cursor on, each with the cursor of the next one."""
        while True:
            cursor = f"&after={after}" if after else ""
            answer = await self.http.call(
                "GET", f"{path('lists', list_id, 'memberships')}?limit=250{cursor}", check=_whole
            )
            document = answer.json()
            following = ((document.get("paging") or {}).get("next") or {}).get("after")
            after = str(following) if following and following != after else None
            yield answer.body, after
            if after is None:
                return

    async def account(self) -> dict[str, Any]:
        """The portal's id, time zone, currency: a probe of the credentials. Empty where the token may not see them."""
        try:
            found: dict[str, Any] = await self.http.document("GET", path("account", "details"))
        except CallRefused as refused:
            if refused.status not in (403, 404):
                raise
            return {}
        return found


def url_fits(properties: Sequence[str]) -> bool:
    """Whether a page's address may hold these properties; otherwise they are asked for in the body of a batch read."""
    return sum(len(name) + 1 for name in properties) <= LONGEST_URL


def _decoded(answer: Answer) -> Page:
    try:
        found = _DECODE.decode(answer.body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        found = _leniently(answer)
    following = found.paging.next.after if found.paging and found.paging.next else None
    return Page(answer.body, [int(row.id) for row in found.results], following or None, found.total)


def _leniently(answer: Answer) -> _Page:
    """A page with half a character in a text, which is not quite JSON. Raises Retry for what is not a page."""
    try:
        return msgspec.convert(answer.json(), _Page)
    except msgspec.ValidationError:
        raise Retry("an answer that is not a page") from None


def _whole(answer: Answer) -> None:
    """Raises Retry for a page that was cut off although its length was right, or that a proxy replaced."""
    _any(answer)


def _any(answer: Answer) -> bool:
    """Whether a page has results. Raises Retry for what is not a page."""
    try:
        return bool(msgspec.json.decode(answer.body, type=_Shape).results)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise Retry("an answer that is not a page") from None


class _Shape(msgspec.Struct):
    results: list[msgspec.Raw]
