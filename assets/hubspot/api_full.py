"""Every record of one object, by paging, with several cursors at once where the portal's cursors allow it.

HubSpot pages in order of ids, and the cursor of a page is the last id on it. That is no promise, so every page proves it again:
ids rise, and the next cursor is the last id or the one after it. While that holds, the range of ids is cut among workers, and a
worker that is done takes half of the largest range left. Where it does not hold, one cursor goes through, as documented.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from operator import lt

from assets.hubspot.client import BATCH, HISTORY_PAGE, HubspotClient, url_fits
from assets.hubspot.client_pages import Page
from assets.shared.http_journal import Journal
from assets.shared.http_run import together
from assets.shared.http_walk import Walk

LAST = 1 << 62
_WORKERS = 24  # ranges that are fetched side by side; how fast they may ask, the bucket says
_WORTH_SPLITTING = 1_000  # records that a range should still hold: the last page of each may reach into the next
_MANY, _WORTH_OF_MANY = 40_000, 400  # where some such pages do not count, nobody waits long for the last range
_MOST_RANGES = 512


class Opaque(Exception):
    """The portal's cursors are not ids."""


@dataclass
class Range:
    """Ids in (start, end]; `at` is the last id that was fetched."""

    start: int
    at: int
    end: int
    busy: bool = False
    done: bool = False

    @property
    def left(self) -> int:
        """Ids that may still come."""
        return 0 if self.done else self.end - self.at


class FullFetch:
    """One object, live or archived, into the journal's stream `<entity>/live` or `<entity>/archived`, or as named."""

    def __init__(
        self,
        client: HubspotClient,
        journal: Journal,
        entity: str,
        properties: Sequence[str],
        *,
        archived: bool = False,
        history: Sequence[str] = (),
        stream: str | None = None,
    ) -> None:
        self.client = client
        self.journal = journal
        self.entity = entity
        self.properties = list(properties)
        self.archived = archived
        self.history = list(history)
        self.stream = stream or f"{entity}/{'archived' if archived else 'live'}"
        self._mark = f"range:{self.stream}:"
        self._listed = self.properties if url_fits([*properties, *history]) else []
        self._by_id = bool((properties or history) and not self._listed)
        self._ranges: list[Range] = []
        self._density = self._worth = 0.0

    async def run(self) -> None:
        """Fetch what is not yet in the journal."""
        done = f"done:{self.stream}"
        if self.journal.mark(done):
            return
        if self.journal.mark(f"opaque:{self.stream}"):
            await self._one_cursor()
        else:
            try:
                await self._by_ranges()
            except Opaque:
                self.journal.forget(self.stream, self._mark)
                self.journal.put_mark(f"opaque:{self.stream}", "yes")
                await self._one_cursor()
        self.journal.put_mark(done, "yes")

    async def _by_ranges(self) -> None:
        self._ranges = [_range(start, value) for start, value in self.journal.marks(self._mark).items()]
        looking = asyncio.create_task(self.client.search(self.entity, [], "hs_object_id", limit=1, descending=True))
        try:
            if not self._ranges:
                await self._first()
            top = await looking
        except BaseException:
            looking.cancel()
            raise
        highest = top.ids[0] if top.ids else 0
        self._density = (top.total or 0) / max(highest, 1)
        least = _WORTH_OF_MANY if (top.total or 0) > _MANY else _WORTH_SPLITTING
        self._worth = max(least, (top.total or 0) / _MOST_RANGES)
        for found in [r for r in self._ranges if r.end == LAST and not r.done and r.at < highest]:
            found.end = highest
            self._ranges.append(Range(highest, highest, LAST))
            for moved in (self._ranges[-1], found):
                self.journal.put_mark(*self._position(moved))
        for error in await together(*(self._work() for _ in range(_WORKERS))):
            if error:
                raise error

    async def _first(self) -> None:
        """The first page of all, which shows whether cursors are ids."""
        self._ranges = [Range(0, 0, LAST)]
        self.journal.put_mark(*self._position(self._ranges[0]))
        await self._step(self._ranges[0])

    async def _work(self) -> Opaque | None:
        """Take ranges until none is left. A failure other than opaque cursors cancels the others."""
        while (mine := self._take()) is not None:
            while not mine.done:
                try:
                    await self._step(mine)
                except Opaque as error:
                    for other in self._ranges:
                        other.done = True
                    return error
            mine.busy = False
        return None

    def _take(self) -> Range | None:
        for found in self._ranges:
            if not found.busy and not found.done:
                found.busy = True
                return found
        largest = max((r for r in self._ranges if r.end < LAST), key=lambda r: r.left, default=None)
        if largest is None or largest.left * self._density < self._worth:
            return None
        middle = largest.at + largest.left // 2
        found = Range(middle, middle, largest.end, busy=True)
        largest.end = middle
        self._ranges.append(found)
        for moved in (found, largest):
            self.journal.put_mark(*self._position(moved))
        return found

    async def _step(self, mine: Range) -> None:
        before = mine.at
        page = await self._next(str(before) if before else None)
        self._check(page, before)
        parts = await self._parts(page)
        # Nothing waits from here on: another worker may have moved the range's end, and the page is kept with the position
        # after it.
        last = page.ids[-1] if page.ids else mine.end
        mine.done = page.after is None or last >= mine.end
        mine.at = min(last, mine.end)
        inside = [(first, read) for first, read in parts if first <= mine.end]
        for place, read in inside[:-1]:
            self.journal.put(self.stream, place, read.body, {}, before, mine.end, read.ids)
        position = dict([self._position(mine)])
        if inside:
            place, read = inside[-1]
            self.journal.put(self.stream, place, read.body, position, before, mine.end, read.ids)
        else:
            self.journal.put_mark(*self._position(mine))

    def _position(self, found: Range) -> tuple[str, str]:
        return f"{self._mark}{found.start}", f"{found.at},{found.end},{'done' if found.done else ''}"

    async def _next(self, after: str | None) -> Page:
        history = self.history if self._listed else ()
        return await self.client.page(self.entity, after, self._listed, archived=self.archived, history=history)

    async def _parts(self, page: Page) -> list[tuple[int, Page]]:
        """The page itself, or the batch reads that have its records' values where its address could not ask for them.

        Each with a place of its own: the first id that was asked for, or less.
        """
        if not self._by_id or not page.ids:
            return [(page.ids[0], page)] if page.ids else []
        size = HISTORY_PAGE if self.history else BATCH
        parts = [page.ids[n : n + size] for n in range(0, len(page.ids), size)]
        read = await together(
            *(
                self.client.read(self.entity, part, self.properties, archived=self.archived, history=self.history)
                for part in parts
            )
        )
        return [page for pages in read for page in pages]

    def _check(self, page: Page, after: int) -> None:
        rising = all(map(lt, [after - 1, *page.ids], page.ids))
        named = page.after is None or (bool(page.ids) and page.after in (str(page.ids[-1]), str(page.ids[-1] + 1)))
        if not rising or not named:
            raise Opaque

    async def _one_cursor(self) -> None:
        name = f"{self._mark}cursor"
        place, _, after = (self.journal.mark(name) or "0,").partition(",")
        number, cursor = int(place), after or None
        walk = Walk(f"hubspot: {self.stream}", cursor)
        while True:
            page = await self._next(cursor)
            parts = await self._parts(page)
            marks = {name: f"{number + len(parts)},{page.after or ''}"}
            for order, (_, read) in enumerate(parts, number):
                moved = marks if order == number + len(parts) - 1 else {}
                self.journal.put(self.stream, order, read.body, moved, ids=read.ids)
            number += len(parts)
            cursor = walk.on(page.after)
            if cursor is None:
                return


def _range(start: str, value: str) -> Range:
    at, end, done = value.split(",")
    return Range(int(start), int(at), int(end), done=done == "done")
