"""HubSpot's API into `raw/hubspot/*`: the same tables that its exports give, and what tells deletions, archives and merges.

Everything is fetched into a journal first; a run that was killed or met a quota goes on there. Then it is counted against the
portal's own totals, and only then written.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa

from assets.hubspot.api_changes import Changes
from assets.hubspot.api_check import plan
from assets.hubspot.api_export import Export
from assets.hubspot.api_full import FullFetch
from assets.hubspot.api_land import Lander
from assets.hubspot.api_question import OBJECTS, Question, question
from assets.hubspot.api_small import Small
from assets.hubspot.client import ASSOCIATION_BATCH, HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.shared import http_state
from assets.shared.http import Patience
from assets.shared.http_clock import began
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal
from assets.shared.http_land import ApiExtraction, ApiLanding
from assets.shared.http_progress import Names, Say, told
from assets.shared.http_redact import Recorder
from assets.shared.http_run import is_spoilt, lightly, plainly, together
from assets.shared.lake import Lake
from assets.shared.landing import Extraction, kept
from schemas.config_sources import HubspotApi
from schemas.hubspot import ENTITIES

_AT_ONCE = 8  # lists whose members are asked for side by side


def extract_api(
    lake: Lake,
    nights: Mapping[str, datetime],
    api: HubspotApi,
    environment: Mapping[str, str],
    *,
    mapped: Names | None = None,
    wished: Names | None = None,
    refetch: bool = False,
    max_shrink: float | None = None,
    patience: Patience | None = None,
    recorder: Recorder | None = None,
    say: Say | None = None,
) -> dict[str, Extraction]:
    """Fetch one night or a range of nights of HubSpot through its API into raw/hubspot/*; the result by night.

    `nights`: night -> instant at which it ends. `mapped`, `wished`: properties by object beside those that Crosswalk reads; a
    mapped one that is not there is noted. A night fetched before is kept unless `refetch`. `max_shrink`: the share of an
    object's records that may be gone without a trace; None: all of them. `say` hears how many calls it will take, and how far
    it is. Raises InputRefused without credentials, for another portal than before and where more is gone, QuotaReached with what
    was fetched kept, GaveUp where the portal cannot be reached, CallRefused where it refuses for good, and RecordsMissing, before
    anything is written, where counts differ from the portal's own.
    """
    done = {} if refetch else {night: found for night in nights if (found := kept(lake, "hubspot", night))}
    wanted = {night: end for night, end in nights.items() if night not in done}
    if not wanted:
        return done
    secrets = HubspotSecrets.read(environment)
    client = HubspotClient(secrets, budget=api.request_budget, patience=patience, recorder=recorder)
    fetch = _Fetch(lake, wanted, api, client, mapped or {}, wished or {}, say, max_shrink)
    with plainly(), lightly():
        return done | asyncio.run(fetch.run())


class _Fetch:
    def __init__(
        self,
        lake: Lake,
        nights: Mapping[str, datetime],
        api: HubspotApi,
        client: HubspotClient,
        mapped: Names,
        wished: Names,
        say: Say | None,
        max_shrink: float | None,
    ) -> None:
        self.lake = lake
        self.ends = nights
        self.nights = sorted(nights)
        self.api = api
        self.client = client
        self.mapped = mapped
        self.wished = wished
        self.say = say
        self.max_shrink = max_shrink
        self.started = 0.0
        self.totals: dict[str, tuple[int, int]] = {}
        self.found: dict[str, int] = {}
        self.exports: dict[str, Export] = {}
        self._exporting = asyncio.Lock()

    async def run(self) -> dict[str, ApiExtraction]:
        asked = question(self.nights, http_state.earlier(self.lake, "hubspot", self.nights[0]), self.api)
        landing = ApiLanding(self.lake, "hubspot", ENTITIES, self.ends)
        folder = self.lake.root / ".fetch"
        try:
            async with self.client as client, told(client.meter, self.say):
                account = await client.account()
                asked.portal = str(account.get("portalId") or "")
                http_state.same_portal(self.lake, asked.portal, self.nights[0])
                journal = Journal(folder / "hubspot.journal", asked.text(self.api, self.mapped, self.wished))
                try:
                    client.journal = journal
                    small = Small(client, self.lake, self.nights, account)
                    await small.fetch(asked, self.api, self.mapped, self.wished)
                    await self._plan(asked, journal, small)
                    await self._fill(asked, journal, small)
                    lander = Lander(self.lake, landing, asked, journal, self.started)
                    for entity in OBJECTS:
                        lander.records(entity, self.totals[entity], self.found.get(entity), self.exports.get(entity))
                    if asked.associations:
                        await self._associations(journal, lander.contacts())
                    landing.refuse_shrunk(self.max_shrink)
                except BaseException as error:
                    journal.close(done=is_spoilt(error, resumed=journal.resumed))
                    raise
            small.land(landing)
            lander.snapshots()
            found = self._finish(landing, asked, small)
            journal.close(done=True)
            for export in self.exports.values():
                export.forget()
            return found
        finally:
            landing.close()

    async def _plan(self, asked: Question, journal: Journal, small: Small) -> None:
        """Before everything is fetched for the first time: how many calls it takes, and how long."""
        if any(asked.since.values()):
            return

        async def count() -> tuple[int, list[str]]:
            calls = await plan(self.client, self.api, asked.properties, small.lists)
            return calls.total, calls.said("hubspot", self.say)

        self.client.meter.planned, words = await journal.once("plan", count)
        asked.notes += words

    async def _fill(self, asked: Question, journal: Journal, small: Small) -> None:
        """Everything whose size grows with the portal, into the journal, at once."""
        self.started = began(journal, self.client.http.clock, self.ends[self.nights[-1]])
        await together(
            *(self._object(asked, journal, entity) for entity in OBJECTS), self._members(journal, small.lists)
        )

    async def _object(self, asked: Question, journal: Journal, entity: str) -> None:
        since = asked.since[entity]
        properties, history = asked.properties[entity], asked.history[entity]
        if since is not None:
            milliseconds = int(since.timestamp() * 1000)
            changes = Changes(self.client, journal, entity, properties, milliseconds, history=history)
            await changes.run()
            self.totals[entity], self.found[entity] = changes.totals, changes.found
            if asked.sweep[entity]:
                await FullFetch(self.client, journal, entity, [], stream=f"{entity}/sweep").run()
                known = http_state.live_ids(self.lake, "hubspot", entity, ["hs_object_id"], self.nights[0]).column(0)
                if len(known):
                    await changes.others(journal.ids(f"{entity}/sweep"), known.cast(pa.int64()).to_numpy())
        else:
            count = partial(self.client.total, entity)
            before = await journal.once(f"{entity} before", count)
            await self._whole(asked, journal, entity)
            self.totals[entity] = (before, await journal.once(f"{entity} after", count))
        await FullFetch(self.client, journal, entity, properties, archived=True).run()

    async def _whole(self, asked: Question, journal: Journal, entity: str) -> None:
        """Every live record of an object, by the way that is configured."""
        properties, history = asked.properties[entity], asked.history[entity]
        if self.api.full_snapshot == "export":
            folder = self.lake.root / ".fetch" / "hubspot-exports"
            self.exports[entity] = export = Export(self.client, journal, folder, entity, properties)
            async with self._exporting:  # a portal works on one export at a time
                await export.run()
        else:
            await FullFetch(self.client, journal, entity, properties, history=history).run()

    async def _members(self, journal: Journal, lists: list[dict[str, Any]]) -> None:
        """Members of each list. One that was deleted since it was listed leaves `lists`: it has no members, and is not empty."""
        for row in list(lists):
            list_id = int(row["listId"])
            mark = f"members:{list_id}"
            place, _, cursor = (journal.mark(mark) or "0,").partition(",")
            if place == "done":
                continue
            number = int(place)
            try:
                async for body, after in self.client.members(str(list_id), cursor or None):
                    number += 1
                    marks = {mark: f"{number},{after}" if after else "done"}
                    journal.put("member", list_id * 1_000_000 + number, body, marks, low=list_id)
            except CallRefused as refused:
                if refused.status != 404:
                    raise
                lists.remove(row)

    async def _associations(self, journal: Journal, ids: list[int]) -> None:
        """Companies of every live contact; an association that changes moves no record's time, hence all of them."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def part(place: int, some: list[int]) -> None:
            mark = f"associations:{some[0]}:{some[-1]}:{len(some)}"
            async with slots:
                if journal.mark(mark) is None:
                    bodies = await self.client.associations(some)
                    for number, body in enumerate(bodies):
                        journal.put("association", place * 100_000 + number, body, {})
                    journal.put_mark(mark, "done")

        places = range(0, len(ids), ASSOCIATION_BATCH)
        await together(*(part(place, ids[place : place + ASSOCIATION_BATCH]) for place in places))

    def _finish(self, landing: ApiLanding, asked: Question, small: Small) -> dict[str, ApiExtraction]:
        meter = self.client.meter
        found = landing.finish(meter.stats(), asked.notes, self.started)
        at = http_state.moment(self.started)
        last = self.nights[-1]
        if (campaigns := small.campaign_rows()) is not None:
            self.lake.write("raw/hubspot/campaign", last, campaigns)
        rows = [
            {"entity": name, "mode": "changes" if asked.since.get(name) else "full", "asked_from": asked.since.get(name),
             "asked_at": at, "rows": sum(one.rows[name] for one in found.values()), "calls": meter.calls,
             "throttled": meter.throttled, "swept": asked.since.get(name) is None or asked.sweep.get(name, False),
             "columns": asked.properties.get(name, [])}
            for name in ENTITIES
            if name != "contact_company" or asked.associations
        ]  # fmt: skip
        http_state.record(self.lake, "hubspot", last, rows)
        return found
