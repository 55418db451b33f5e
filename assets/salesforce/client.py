"""Salesforce's API as the extraction needs it: describe, REST queries, Bulk API 2.0 queries with their pages side by side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assets.salesforce import client_answers
from assets.salesforce.client_auth import SalesforceSecrets, SalesforceTokens
from assets.shared.http import Http, Patience
from assets.shared.http_bucket import Meter
from assets.shared.http_failures import CallRefused
from assets.shared.http_redact import Recorder

TESTED, OLDEST = 67.0, 58.0  # result pages exist since 58
LONGEST_URL = 12_000  # Salesforce refuses a URI with headers of more than 16,384 bytes
LONGEST_QUERY = 100_000
_POLL, _SLOWEST_POLL = 0.1, 10.0
PAGES_AT_ONCE = 5


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
            listed = [str(row["version"]) for row in (await self.http.call("GET", "/services/data/")).json()]
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
            "GET", self.path("sobjects", name, "describe"), headers={"if-modified-since": since} if since else {}
        )
        return (None if answer.status == 304 else answer.json()), answer.headers.get("last-modified")

    async def limits(self) -> dict[str, Any]:
        """What is left of the day."""
        found: dict[str, Any] = (await self.http.call("GET", self.path("limits"))).json()
        return found

    async def count(self, name: str, where: str | None) -> int:
        """Records, deleted ones included."""
        condition = f" WHERE {where}" if where else ""
        query = f"SELECT COUNT() FROM {name}{condition}"  # noqa: S608 (SOQL)
        return int((await self.http.call("GET", f"{self.path('queryAll')}?q={quote(query)}")).json()["totalSize"])

    async def query(self, soql: str) -> AsyncIterator[tuple[str | None, list[dict[str, Any]]]]:
        """Pages of a REST query over live and deleted records."""
        url: str | None = f"{self.path('queryAll')}?q={quote(soql)}"
        while url:
            document = (await self.http.call("GET", url)).json()
            url = None if document["done"] else str(document["nextRecordsUrl"])
            yield url, document["records"]

    async def start(self, soql: str, *, everything: bool = True) -> str:
        """Start a Bulk query; its id. Raises CallRefused where Bulk does not take the object."""
        body = {
            "operation": "queryAll" if everything else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        return str((await self.http.call("POST", self.path("jobs", "query"), body=body, kind="bulk")).json()["id"])

    async def finished(self, job: str) -> int:
        """Wait until a Bulk query is complete; the number of its records. Raises CallRefused where it failed."""
        wait = _POLL
        while True:
            state = (await self.http.call("GET", self.path("jobs", "query", job), kind="bulk")).json()
            if state["state"] == "JobComplete":
                return int(state.get("numberRecordsProcessed") or 0)
            if state["state"] in ("Failed", "Aborted"):
                raise CallRefused(
                    f"salesforce: the Bulk query of {state.get('object')} {state['state'].lower()}", 0, "JOB_FAILED"
                )
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, _SLOWEST_POLL)

    async def pages(self, job: str) -> list[str]:
        """Addresses of a result's pages."""
        found: list[str] = []
        url: str | None = self.path("jobs", "query", job, "resultPages")
        while url:
            document = (await self.http.call("GET", url, kind="bulk")).json()
            found += [str(page["resultUrl"]) for page in document["resultPages"]]
            following = document.get("nextRecordsUrl") or document.get("nextRecordUrl")
            url = None if document.get("done") or following in (None, url) else str(following)
        return found

    async def download(self, url: str, to: Path) -> int:
        """One result page into a file; the number of its records as the header tells."""
        answer = await self.http.download(url, to, kind="bulk", headers={"accept": "text/csv"})
        return int(answer.headers.get("sforce-numberofrecords", "-1"))


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
