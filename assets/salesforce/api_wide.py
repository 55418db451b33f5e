"""One object, by as many queries over the same records as its fields fill, put together by Id.

A record that came with one query and not with another (made or deleted in between) is left to the next night; whether any is
missing shows when the records are counted against the org's own total.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa

from assets.salesforce.api_fetch import Fetched
from assets.salesforce.api_question import Ask
from assets.salesforce.client import LONGEST_QUERY, SalesforceClient, fits_url
from assets.shared.http_journal import Journal
from assets.shared.http_run import together

SMALL = 2_000  # records: one REST page


class Wide:
    """The queries of one object, asked side by side: mostly one. `number`: of the records, where it need not be counted."""

    def __init__(
        self, client: SalesforceClient, journal: Journal, folder: Path, ask: Ask, name: str, number: int | None = None
    ) -> None:
        self.client = client
        self.journal = journal
        self.ask = ask
        self.name = name
        self._folder = folder
        self._number = number
        self.totals: tuple[int, int] = (0, 0)
        self.parts = self._short() if journal.mark(f"short:{name}:") else self._cut(_fits_job, "-")

    @property
    def rows(self) -> int | None:
        """How many records came; None where that is not known before the parts are put together."""
        return self.parts[0].rows if len(self.parts) == 1 else None

    async def run(self) -> None:
        """Fetch what is not yet there. `totals` are the org's own counts before and after.

        What Bulk does not take and no address holds goes by addresses that hold some of its fields each.
        """
        before = await self.count("before")
        bulk = before > SMALL and not self.journal.mark(f"short:{self.name}:")
        if not all(await together(*(part.run(bulk=bulk) for part in self.parts))):
            self.journal.put_mark(f"short:{self.name}:", "yes")
            self.parts = self._short()
            await together(*(part.run(bulk=False) for part in self.parts))
        self.totals = (before, await self.count("after"))

    async def count(self, when: str) -> int:
        """The org's own count, before or after the records are fetched."""
        if self._number is not None:
            return self._number
        ask = partial(self.client.count, self.ask.object, self.ask.where)
        return int(await self.journal.once(f"{self.name} {when}", ask))

    def ids(self) -> pa.Array:
        """Ids of the rows."""
        return self.parts[0].ids() if len(self.parts) == 1 else next(self.tables()).column("Id").combine_chunks()

    def tables(self) -> Iterator[pa.Table]:
        """The rows as text columns; of several parts in the order of their ids, one table: few objects have so many fields."""
        if len(self.parts) == 1:
            yield from self.parts[0].tables()
            return
        first, *others = (_whole(part) for part in self.parts)
        for other in others:
            first = first.join(other, "Id", join_type="inner")
        yield first.sort_by("Id").select(self.ask.columns)

    def _short(self) -> list[Fetched]:
        return self._cut(fits_url, ".")

    def _cut(self, fits: Callable[[str], bool], mark: str) -> list[Fetched]:
        queries = self.ask.queries(fits)
        names = [self.name] if len(queries) == 1 else [f"{self.name}{mark}{number}" for number in range(len(queries))]
        made = (self.client, self.journal, self._folder)
        return [Fetched(*made, name, query) for name, query in zip(names, queries, strict=True)]


def _fits_job(soql: str) -> bool:
    return len(soql) <= LONGEST_QUERY


def _whole(part: Fetched) -> pa.Table:
    empty = pa.table({name: pa.array([], pa.string()) for name in part.columns})
    return pa.concat_tables([empty, *part.tables()])
