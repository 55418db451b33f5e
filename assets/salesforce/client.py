"""Salesforce's API as the extraction needs it: describe, REST queries, Bulk API 2.0 queries with their pages side by side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assets.salesforce import client_answers
from assets.salesforce.client_auth import SalesforceSecrets, SalesforceTokens
from assets.shared.http import Answer, Http, Patience
from assets.shared.http_bucket import Meter
from assets.shared.http_failures import CallRefused, Retry
from assets.shared.http_redact import Recorder
from assets.shared.http_walk import Walk

TESTED, OLDEST = 67.0, 58.0  # result pages exist since 58
LONGEST_URL = 12_000  # Salesforce refuses a URI with headers of more than 16,384 bytes
LONGEST_QUERY = 100_000  # characters of SOQL that Salesforce takes
_POLL, _SLOWEST_POLL = 0.1, 10.0
PAGES_AT_ONCE = 5  # result pages of one Bulk job that are downloaded side by side


class SalesforceClient:
    """Use as an async context manager: entering signs in and chooses the version."""

    def __init__(
        self,
        secrets: SalesforceSecrets,
        *,
        budget: int | None = None,
        patience: Patience | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.meter = Meter("salesforce", budget)
        self.http = Http(
            "salesforce",
            secrets.login_url,
            client_answers.classify,
            self.meter,
            SalesforceTokens(secrets),
            {},
            lambda headers: client_answers.learn(self.meter, headers),
            patience or Patience(),
            recorder,
            in_flight=10,
        )
        self.version = secrets.api_version
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "SalesforceClient":
        await self._stack.enter_async_context(self.http)
        try:
            await self.http.token()
            answer = await self.http.call("GET", "/services/data/", check=_listed)
            listed = [str(row["version"]) for row in answer.json()]
            self.version = choose_version(listed, self.version)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def path(self, *parts: str) -> str:
        """Path of a resource under the chosen version."""
        return "/".join((f"/services/data/v{self.version}", *parts))

    async def describe(self, name: str, since: str | None = None) -> tuple[dict[str, Any] | None, str | None]:
        """An object's description and its date; None where it has not changed since."""
        answer = await self.http.call(
            "GET",
            self.path("sobjects", name, "describe"),
            headers={"if-modified-since": since} if since else {},
            check=_described,
        )
        return (None if answer.status == 304 else answer.json()), answer.headers.get("last-modified")

    async def limits(self) -> dict[str, Any]:
        """What is left of the day; nothing where the integration's user may not see it."""
        try:
            found: dict[str, Any] = await self.http.document("GET", self.path("limits"))
        except CallRefused as refused:
            if refused.status not in (403, 404):
                raise
            return {}
        return found

    async def count(self, name: str, where: str | None) -> int:
        """Records, deleted ones included."""
        condition = f" WHERE {where}" if where else ""
        query = f"SELECT COUNT() FROM {name}{condition}"  # noqa: S608 (SOQL)
        url = f"{self.path('queryAll')}?q={quote(query)}"
        return int((await self.http.document("GET", url, "totalSize"))["totalSize"])

    async def query(self, soql: str, *, everything: bool = True) -> AsyncIterator[list[dict[str, Any]]]:
        """Pages of a REST query over live records, and deleted ones where `everything` is asked for."""
        url: str | None = f"{self.path('queryAll' if everything else 'query')}?q={quote(soql)}"
        walk = Walk("salesforce: a query", url)
        while url:
            document = await self.http.document("GET", url, "records", "done")
            url = None if document["done"] else walk.on(document["nextRecordsUrl"])
            yield document["records"]

    async def start(self, soql: str, *, everything: bool = True) -> str:
        """Start a Bulk query; its id. Raises CallRefused where Bulk does not take the object."""
        body = {
            "operation": "queryAll" if everything else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        url = self.path("jobs", "query")
        return str((await self.http.document("POST", url, "id", body=body, kind="bulk"))["id"])

    async def finished(self, job: str) -> int:
        """Wait until a Bulk query is complete; the number of its records. Raises CallRefused where it failed."""
        wait = _POLL
        while True:
            state = await self.http.document("GET", self.path("jobs", "query", job), "state", kind="bulk")
            if state["state"] == "JobComplete":
                return int(state.get("numberRecordsProcessed") or 0)
            if state["state"] in ("Failed", "Aborted"):
                raise CallRefused(
                    f"salesforce: the Bulk query of {state.get('object')} {state['state'].lower()}", 0, "JOB_FAILED"
                )
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, _SLOWEST_POLL)

    async def pages(self, job: str, url: str | None = None) -> AsyncIterator[tuple[list[str], str | None]]:
        """Addresses of a result's pages, some at a time from the list at `url` on, and where the list goes on.

        Raises CallRefused (404) where the org does not list them, and each page only names the next one.
        """
        url = url or self.path("jobs", "query", job, "resultPages")
        walk = Walk("salesforce: the result pages of a Bulk query", url)
        while url:
            document = await self.http.document("GET", url, "resultPages", kind="bulk")
            following = document.get("nextRecordsUrl") or document.get("nextRecordUrl")
            url = None if document.get("done") else walk.on(following)
            yield [str(page["resultUrl"]) for page in document["resultPages"]], url

    async def download(self, url: str, to: Path) -> tuple[int, str | None]:
        """One result page into a file; the number of its records, as the header tells, and where the next one begins."""
        answer = await self.http.download(url, to, kind="bulk", headers={"accept": "text/csv"}, check=_result)
        locator = answer.headers.get("sforce-locator", "null")
        return int(answer.headers.get("sforce-numberofrecords", "-1")), None if locator == "null" else locator


def _listed(answer: Answer) -> None:
    """Raises Retry for what is not a list of versions."""
    if not isinstance(answer.json(), list):
        raise Retry("an answer that is not a list of versions")


def _described(answer: Answer) -> None:
    """Raises Retry for what neither describes an object nor says that its description is still the same."""
    if answer.status != 304 and "fields" not in (answer.json() or ()):
        raise Retry("an answer that describes nothing")


def _result(answer: Answer) -> None:
    """Raises Retry for what is no page of a result, a proxy's page for one."""
    about = answer.headers
    if (
        "sforce-locator" not in about
        and "sforce-numberofrecords" not in about
        and "csv" not in about.get("content-type", "")
    ):
        raise Retry("an answer that is no result page")


def choose_version(listed: list[str], wanted: str | None) -> str:
    """The wanted version, or the newest that was tested. Raises CallRefused where the org is too old."""
    if wanted is not None:
        wanted = wanted.lower().removeprefix("v")
        if wanted not in listed or float(wanted) < OLDEST:
            raise CallRefused(f"salesforce: SALESFORCE_API_VERSION {wanted} is not offered, or older than {OLDEST}")
        return wanted
    fitting = [v for v in listed if OLDEST <= float(v) <= TESTED]
    if not fitting:
        raise CallRefused(f"salesforce: the org offers no API version from {OLDEST} to {TESTED}")
    return max(fitting, key=float)


def fits_url(soql: str) -> bool:
    """Whether a query may be asked in an address."""
    return len(quote(soql)) <= LONGEST_URL
