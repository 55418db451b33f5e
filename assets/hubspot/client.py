"""HubSpot's API as the extraction needs it: pages as bytes with their cursors, and small answers as documents.

Bodies of object pages stay bytes until Arrow reads them; only ids and cursors are decoded here.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from assets.hubspot import client_answers
from assets.hubspot.client_auth import HubspotSecrets, HubspotTokens
from assets.hubspot.client_pages import Page, decoded, has_results, whole
from assets.hubspot.client_paths import PLURAL, path
from assets.shared.http import Answer, Http, Patience
from assets.shared.http_bucket import Bucket, Meter
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal
from assets.shared.http_redact import Recorder
from assets.shared.http_walk import Walk

PAGE, HISTORY_PAGE, SEARCH_PAGE, BATCH, ASSOCIATION_BATCH = 100, 50, 200, 100, 1000
LONGEST_URL = 6_000  # HubSpot's front refuses from 8 to 16 thousand characters on, depending on the path
_SEARCH_PER_SECOND = 5  # of a whole portal
_TEN_SECONDS = 100  # the smallest tier; the first answer says what holds


Check = Callable[[Answer], None]


class HubspotClient:
    """Use as an async context manager. All calls share one bucket a portal; searches have a second one.

    `journal`: of a fetch, which keeps the small answers page by page, so that one that was stopped goes on behind them.
    """

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
        self.journal: Journal | None = None
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
    ) -> list[tuple[int, Page]]:
        """Up to 100 records by id (50 with history); ids that are no longer there are left out.

        A record that the answer forgets is asked for alone, so that its change is not lost: pages after the first have such ones.
        Each page has a place of its own: the first id that was asked for, and below all ids the one that was forgotten.
        """
        body = {
            "inputs": [{"id": str(i)} for i in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        url = f"{path('objects', PLURAL[entity], 'batch', 'read')}?archived={'true' if archived else 'false'}"
        first = await self._page("POST", url, body, check=client_answers.complete)
        pages = [(ids[0], first)]
        answered = {*first.ids, *client_answers.not_found(first.body)}
        for lost in [i for i in ids if i not in answered]:
            alone = body | {"inputs": [{"id": str(lost)}]}
            page = await self._page("POST", url, alone, check=client_answers.answers_for_all)
            pages += [(-lost, page)] if page.ids and page.ids[0] not in first.ids else []
        return pages

    async def _page(
        self, method: str, url: str, body: object = None, *, kind: str = "rest", check: Check | None = None
    ) -> Page:
        """A page that is whole: what was cut off on the way, or replaced by a proxy, is asked for again."""
        found: list[Page] = []

        def decode(answer: Answer) -> None:
            found.append(decoded(answer))
            if check is not None:
                check(answer)

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
        walks: dict[str, Walk] = {}
        while inputs:
            answer = await self.http.call(
                "POST", path("associations", left, right, "batch", "read"), body={"inputs": inputs}, check=whole
            )
            if has_results(answer):
                bodies.append(answer.body)
            inputs = []
            if b'"paging"' in answer.body:
                for result in answer.json()["results"]:
                    number = str(result["from"]["id"])
                    walk = walks.setdefault(number, Walk(f"hubspot: associations of {left} with {right}"))
                    if after := walk.on(((result.get("paging") or {}).get("next") or {}).get("after")):
                        inputs.append({"id": number, "after": after})
        return bodies

    async def total(self, entity: str, filters: list[dict[str, str]] | None = None) -> int:
        """How many live records the search index has."""
        return (await self.search(entity, filters or [], "hs_object_id", limit=1)).total or 0

    async def _small(self, method: str, url: str, *names: str, body: object = None) -> Any:
        async def ask() -> Any:
            return await self.http.document(method, url, *names, body=body)

        return await (self.journal.once(f"{method} {url} {body}", ask) if self.journal else ask())

    async def properties(self, entity: str) -> list[Any]:
        """All properties of an object."""
        return list((await self._small("GET", path("properties", PLURAL[entity]), "results"))["results"])

    async def results(self, url: str, limit: int) -> list[Any]:
        """All results of a small paged resource."""
        found: list[Any] = []
        after: str | None = None
        walk = Walk(f"hubspot: {url.partition('?')[0]}")
        mark = "&" if "?" in url else "?"
        while True:
            cursor = f"&after={after}" if after else ""
            document = await self._small("GET", f"{url}{mark}limit={limit}{cursor}", "results")
            found += document["results"]
            after = walk.on(((document.get("paging") or {}).get("next") or {}).get("after"))
            if after is None:
                return found

    async def lists(self) -> list[dict[str, Any]]:
        """All lists with their definitions."""
        found: dict[str, dict[str, Any]] = {}
        offset = 0
        while True:
            body = {"offset": offset, "count": 500, "query": "", "additionalProperties": []}
            document = await self._small("POST", path("lists", "search"), "lists", body=body)
            before = len(found)
            found |= {str(row["listId"]): row for row in document["lists"]}
            if not document.get("hasMore") or len(found) == before:
                break
            offset += len(document["lists"])
        defined = [await self._defined(row) for row in found.values()]
        return [row for row in defined if row is not None]

    async def _defined(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """A list with its definition; None where it was deleted since it was listed."""
        try:
            document = await self._small("GET", f"{path('lists', str(row['listId']))}?includeFilters=true")
        except CallRefused as refused:
            if refused.status == 404:
                return None
            raise
        return {**row, **document.get("list", document)}

    async def members(self, list_id: str, after: str | None = None) -> AsyncIterator[tuple[bytes, str | None]]:
        """Bodies that together hold the members of one list from a cursor on, each with the cursor of the next one."""
        walk = Walk("hubspot: a list's members", after)
        while True:
            cursor = f"&after={after}" if after else ""
            answer = await self.http.call(
                "GET", f"{path('lists', list_id, 'memberships')}?limit=250{cursor}", check=whole
            )
            document = answer.json()
            after = walk.on(((document.get("paging") or {}).get("next") or {}).get("after"))
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
