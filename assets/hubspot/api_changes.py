"""Records of one object that changed since a time: ids by search, values by batch read.

A search moves a filter on the id it sorts by and never asks for an offset, so no number of results meets the cap of 10,000,
not even
when an import gave them all the same time. Values come from the records themselves, because the index lags behind them.
"""

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np

from assets.hubspot.client import BATCH, HISTORY_PAGE, SEARCH_PAGE, HubspotClient
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Ids, Journal
from assets.shared.http_run import together

_LANES = 4  # ranges that are searched side by side; HubSpot allows five searches a second
_WORTH_LANES = 4 * SEARCH_PAGE


def modified(entity: str) -> str:
    """The property that says when a record last changed."""
    return "lastmodifieddate" if entity == "contact" else "hs_lastmodifieddate"


class Changes:
    """One object's changes since `since` (epoch milliseconds) into the journal's stream `<entity>/live`."""

    def __init__(
        self,
        client: HubspotClient,
        journal: Journal,
        entity: str,
        properties: Sequence[str],
        since: int,
        *,
        history: Sequence[str] = (),
    ) -> None:
        self.client = client
        self.journal = journal
        self.entity = entity
        self.properties = properties
        self.since = since
        self.history = history
        self.stream = f"{entity}/live"
        self.totals: tuple[int, int] = (0, 0)
        self.found = 0

    async def run(self) -> None:
        """Fetch what is not yet in the journal; `totals` are the index's counts before and after, `found` what came."""
        mark = f"changes:{self.stream}"
        if state := self.journal.mark(f"{mark}:done"):
            before, after, self.found = (int(n) for n in state.split(","))
            self.totals = (before, after)
            return
        since = {"propertyName": modified(self.entity), "operator": "GTE", "value": str(self.since)}
        before = await self.journal.once(f"{mark}:before", partial(self.client.total, self.entity, [since]))
        cuts = await self._cuts(since, before)
        await together(*(self._lane(since, low, high, f"{mark}:{low}") for low, high in cuts))
        after = await self.client.total(self.entity, [since])
        self.found = sum(
            int(value.split(",")[1]) for value in self.journal.marks(f"{mark}:").values() if value.count(",") == 1
        )
        self.totals = (before, after)
        self.journal.put_mark(f"{mark}:done", f"{before},{after},{self.found}")

    async def others(self, there: Ids, known: Ids) -> None:
        """Read what a sweep saw there, nobody knew and no search found: restored with its old time, or not shown before."""
        ids: list[int] = np.setdiff1d(there, np.concatenate([known, self.journal.ids(self.stream)])).tolist()
        size = HISTORY_PAGE if self.history else BATCH
        await together(*(self._read(ids[n : n + size]) for n in range(0, len(ids), size)))

    async def _cuts(self, since: dict[str, str], total: int) -> list[tuple[int, int | None]]:
        """Ranges of ids to be searched side by side; as the journal has them, where a run goes on."""
        kept = sorted(int(name) for name in self.journal.marks(f"changes:{self.stream}:") if name.isdigit())
        if not kept:
            kept = [0]
            if total > _WORTH_LANES:
                first = await self.client.search(self.entity, [since], "hs_object_id", limit=1)
                last = await self.client.search(self.entity, [since], "hs_object_id", limit=1, descending=True)
                if first.ids and last.ids:
                    step = max(1, (last.ids[0] - first.ids[0]) // _LANES)
                    kept += [first.ids[0] + step * n for n in range(1, _LANES)]
            for low in kept:
                self.journal.put_mark(f"changes:{self.stream}:{low}", f"{low},0")
        return [(low, high) for low, high in itertools.pairwise([*kept, None]) if low is not None]

    async def _lane(self, since: dict[str, str], low: int, high: int | None, mark: str) -> None:
        at, count = (int(n) for n in (self.journal.mark(mark) or f"{low},0").split(","))
        while True:
            filters = [since, {"propertyName": "hs_object_id", "operator": "GT", "value": str(at)}]
            if high is not None:
                filters.append({"propertyName": "hs_object_id", "operator": "LTE", "value": str(high)})
            page = await self.client.search(self.entity, filters, "hs_object_id")
            if not page.ids:
                return
            if page.ids[0] <= at:
                raise CallRefused(f"hubspot: the search of {self.entity} leads in a circle")
            size = HISTORY_PAGE if self.history else BATCH
            parts = [page.ids[n : n + size] for n in range(0, len(page.ids), size)]
            await together(*(self._read(part) for part in parts))
            at, count = page.ids[-1], count + len(page.ids)
            self.journal.put_mark(mark, f"{at},{count}")
            if page.after is None and len(page.ids) < SEARCH_PAGE:
                return

    async def _read(self, ids: list[int]) -> None:
        """Values of records that a search found, unless a run that was stopped has read these already."""
        mark = f"read:{self.stream}:{ids[0]}:{ids[-1]}:{len(ids)}"
        if self.journal.mark(mark) is None:
            pages = await self.client.read(self.entity, ids, self.properties, history=self.history)
            for number, (place, page) in enumerate(pages, start=1):
                self.journal.put(
                    self.stream, place, page.body, {mark: "yes"} if number == len(pages) else {}, ids=page.ids
                )
