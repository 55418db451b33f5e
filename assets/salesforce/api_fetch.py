"""One query of Salesforce into the fetch folder: Bulk for many records, REST for few; a killed run goes on at its page."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from assets.salesforce.client import PAGES_AT_ONCE, SalesforceClient, fits_url
from assets.shared.failures import CrosswalkError
from assets.shared.http_csv import read_page
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal
from assets.shared.http_rows import text_table
from assets.shared.http_run import together
from assets.shared.http_walk import Walk

_NOT_BULK = frozenset({"FEATURENOTENABLED", "INVALIDENTITY", "API_ERROR", "FUNCTIONALITY_NOT_ENABLED", "JOB_FAILED"})
_LOST = frozenset({"NOT_FOUND", "INVALIDJOB", "INVALID_QUERY_LOCATOR"})


class Fetched:
    """What one query brought: pages in files, or rows in the journal."""

    def __init__(
        self,
        client: SalesforceClient,
        journal: Journal,
        folder: Path,
        name: str,
        soql: str,
        *,
        everything: bool = True,
    ) -> None:
        self.client = client
        self.journal = journal
        self.name = name
        self.soql = soql
        self.columns = [c.strip() for c in soql[len("SELECT ") : soql.index(" FROM ")].split(",")]
        self._folder = folder
        self._everything = everything

    async def run(self, *, bulk: bool = True) -> bool:
        """Fetch what is not yet there, by Bulk or by REST, or by the other one where it has to be.

        False, and nothing is fetched, where Bulk does not take the query and no address holds it.
        """
        if self.journal.mark(f"done:{self.name}:") is None:
            fits = fits_url(self.soql)
            if fits and (not bulk or self.journal.count(f"rest:{self.name}")):
                await self._rest()
            elif not await self._bulk():
                if not fits:
                    return False
                await self._rest()
            self.journal.put_mark(f"done:{self.name}:", "yes")
        return True

    @property
    def rows(self) -> int | None:
        """How many records came, as the headers of the result pages say; None where they do not."""
        if self.journal.count(f"rest:{self.name}"):
            return None
        pages = int(self.journal.mark(f"pages:{self.name}:") or 0)
        said = [int(self.journal.mark(f"page:{self.name}:{number}") or -1) for number in range(pages)]
        return None if min(said, default=-1) < 0 else sum(said)

    def ids(self) -> pa.Array:
        """Ids of the rows."""
        return pa.concat_arrays(
            [c for t in self._tables(["Id"]) for c in t.column(0).chunks] or [pa.array([], pa.string())]
        )

    def tables(self) -> Iterator[pa.Table]:
        """The rows as text columns."""
        return self._tables(self.columns)

    def _tables(self, columns: list[str]) -> Iterator[pa.Table]:
        for number in range(int(self.journal.mark(f"pages:{self.name}:") or 0)):
            expected = int(self.journal.mark(f"page:{self.name}:{number}") or -1)
            path = self._path(number)
            try:
                yield from read_page(path, columns, expected)
            except CrosswalkError:
                for mark in (f"page:{self.name}:{number}", f"next:{self.name}:", f"done:{self.name}:"):
                    self.journal.forget(f"job:{self.name}", mark)
                raise
        for pages in self.journal.pages(f"rest:{self.name}"):
            records = [row for body, _, _ in pages for row in json.loads(body)]
            yield text_table(records, {column: (column,) for column in columns})

    async def _rest(self) -> None:
        """In the order of ids, so that a run that was stopped goes on behind the last one: no locator lives that long.

        Nor does every locator live while it is used: a user has only some of them, and the oldest is dropped for a new one.
        """
        while True:
            came = self.journal.count(f"rest:{self.name}")
            try:
                return await self._behind()
            except CallRefused as refused:
                if refused.code not in _LOST or self.journal.count(f"rest:{self.name}") == came:
                    raise

    async def _behind(self) -> None:
        """The pages behind the last one that is kept."""
        mark = f"rest:{self.name}:"
        place, _, last = (self.journal.mark(mark) or "0,").partition(",")
        number = int(place)
        behind = f" {'AND' if ' WHERE ' in self.soql else 'WHERE'} Id > '{last}'" if last else ""
        async for records in self.client.query(f"{self.soql}{behind} ORDER BY Id", everything=self._everything):
            rows = [{key: value for key, value in row.items() if key != "attributes"} for row in records]
            number += 1
            marks = {mark: f"{number},{rows[-1]['Id']}"} if rows else {}
            self.journal.put(f"rest:{self.name}", number, json.dumps(rows).encode(), marks)

    async def _bulk(self) -> bool:
        """Whether Bulk takes the query, whose result is then there."""
        try:
            await self._job()
        except CallRefused as refused:
            if refused.code not in _NOT_BULK | _LOST:
                raise
            self._forget_job()  # whatever comes next, it is not this job
            if refused.code in _NOT_BULK:
                return False
            await self._job()  # the one before is older than its seven days
        return True

    async def _job(self) -> None:
        job = self.journal.mark(f"job:{self.name}:")
        if job is None:
            job = await self.client.start(self.soql, everything=self._everything)
            self.journal.put_mark(f"job:{self.name}:", job)
        await self.client.finished(job)
        urls = await self._listed(job)
        if urls is None:
            await self._one_by_one(job)
            return
        slots = asyncio.Semaphore(PAGES_AT_ONCE)

        async def page(number: int, url: str) -> None:
            async with slots:
                if self.journal.mark(f"page:{self.name}:{number}") is None:
                    await self._page(number, url)

        await together(*(page(number, url) for number, url in enumerate(urls)))
        self.journal.put_mark(f"pages:{self.name}:", str(len(urls)))

    async def _listed(self, job: str) -> list[str] | None:
        """Addresses of the result pages, each part of their list asked for once; None where the org does not list them."""
        stream, mark = f"list:{self.name}", f"list:{self.name}:"
        following = self.journal.mark(mark)
        try:
            if following != "":
                async for urls, at in self.client.pages(job, following):
                    self.journal.put(stream, self.journal.count(stream), json.dumps(urls).encode(), {mark: at or ""})
        except CallRefused as refused:
            if refused.status == 404 and not self.journal.count(stream):
                return None
            raise
        return [url for parts in self.journal.pages(stream) for body, _, _ in parts for url in json.loads(body)]

    async def _one_by_one(self, job: str) -> None:
        """Result pages of which each names the next."""
        mark = f"next:{self.name}:"
        place, _, locator = (self.journal.mark(mark) or "0,").partition(",")
        number, following = int(place), locator or None
        walk = Walk("salesforce: the results of a Bulk query", following)
        while following is not None or number == 0:
            cursor = f"?locator={quote(following)}" if following else ""
            url = self.client.path("jobs", "query", job, "results") + cursor
            following = walk.on(await self._page(number, url))
            number += 1
            self.journal.put_mark(mark, f"{number},{following or ''}")
        self.journal.put_mark(f"pages:{self.name}:", str(number))

    async def _page(self, number: int, url: str) -> str | None:
        """Keep one result page; where the next one begins."""
        part = self._path(number).with_suffix(".part")
        rows, following = await self.client.download(url, part)
        part.replace(self._path(number))
        self.journal.put_mark(f"page:{self.name}:{number}", str(rows))
        return following

    def _forget_job(self) -> None:
        for prefix in ("job", "list", "page", "pages", "next"):
            self.journal.forget(f"list:{self.name}", f"{prefix}:{self.name}:")

    def _path(self, number: int) -> Path:
        return self._folder / f"{self.name}-{number}.csv"
