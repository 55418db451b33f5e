"""HubSpot's API into `raw/hubspot/*`: the same tables that its exports give, and what tells deletions, archives and merges.

Everything is fetched into a journal first; a run that was killed or met a quota goes on there. Then it is counted against the
portal's
own totals, and only then written.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.hubspot.api_changes import Changes, modified
from assets.hubspot.api_full import FullFetch
from assets.hubspot.api_pages import records
from assets.hubspot.api_question import OBJECTS, Question, question
from assets.hubspot.api_small import Small
from assets.hubspot.client import ASSOCIATION_BATCH, HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.hubspot.client_paths import PLURAL
from assets.shared import http_state
from assets.shared.http import Patience
from assets.shared.http_journal import Journal
from assets.shared.http_land import ApiLanding, reconcile
from assets.shared.http_redact import Recorder
from assets.shared.http_run import plainly
from assets.shared.lake import Lake
from assets.shared.landing import Extraction, kept
from schemas.config_parts import ApiSource
from schemas.hubspot import ENTITIES

SQL = Path(__file__).parent / "sql"
_YOUNG = 15 * 60  # seconds; the search index, and so the portal's count, may lag by "a few moments"
_AT_ONCE = 8


def extract_api(
    lake: Lake,
    nights: Mapping[str, datetime],
    api: ApiSource,
    environment: Mapping[str, str],
    *,
    mapped: Mapping[str, Sequence[str]] | None = None,
    refetch: bool = False,
    patience: Patience | None = None,
    recorder: Recorder | None = None,
) -> dict[str, Extraction]:
    """Fetch one night or a range of nights of HubSpot through its API into raw/hubspot/*; the result by night.

    `nights`: night -> instant at which it ends. `mapped`: properties by object beside those that Crosswalk reads. A night
    fetched before is
    kept unless `refetch`. Raises InputRefused without credentials, QuotaReached with what was fetched kept, CallRefused where
    HubSpot
    refuses for good, and CrosswalkError, before anything is written, where records are missing.
    """
    done = {} if refetch else {night: found for night in nights if (found := kept(lake, "hubspot", night))}
    wanted = {night: end for night, end in nights.items() if night not in done}
    if not wanted:
        return done
    client = HubspotClient(
        HubspotSecrets.read(environment), budget=api.request_budget, patience=patience, recorder=recorder
    )
    fetch = _Fetch(lake, wanted, api, client, mapped or {})
    with plainly():
        return done | asyncio.run(fetch.run())


class _Fetch:
    def __init__(
        self,
        lake: Lake,
        nights: Mapping[str, datetime],
        api: ApiSource,
        client: HubspotClient,
        mapped: Mapping[str, Sequence[str]],
    ) -> None:
        self.lake = lake
        self.ends = nights
        self.nights = sorted(nights)
        self.api = api
        self.client = client
        self.mapped = mapped
        self.started = 0.0
        self.totals: dict[str, tuple[int, int]] = {}
        self.changes: dict[str, Changes] = {}

    async def run(self) -> dict[str, Extraction]:
        asked = question(self.nights, http_state.earlier(self.lake, "hubspot", self.nights[0]), self.api)
        landing = ApiLanding(self.lake, "hubspot", ENTITIES, self.ends)
        try:
            async with self.client as client:
                await client.account()
                small = Small(client, self.lake, self.nights)
                await small.fetch(asked, self.api, self.mapped)
                journal = Journal(self.lake.root / ".fetch" / "hubspot.sqlite", asked.text())
                try:
                    await self._fill(asked, journal, small)
                    for entity in OBJECTS:
                        self._land(landing, asked, journal, entity)
                    if asked.associations:
                        await self._associations(journal, landing)
                except BaseException:
                    journal.close(done=False)
                    raise
            small.land(landing)
            self._snapshots(landing, asked, journal)
            found = self._finish(landing, asked, small)
            journal.close(done=True)
            return found
        finally:
            landing.close()

    async def _fill(self, asked: Question, journal: Journal, small: Small) -> None:
        """Everything whose size grows with the portal, into the journal, at once."""
        if journal.mark("started") is None:
            journal.put_mark("started", str(self.client.http.date))
        self.started = float(journal.mark("started") or 0)
        async with asyncio.TaskGroup() as group:
            for entity in OBJECTS:
                group.create_task(self._object(asked, journal, entity))
            group.create_task(self._members(journal, small.lists))

    async def _object(self, asked: Question, journal: Journal, entity: str) -> None:
        since = asked.since[entity]
        properties, history = asked.properties[entity], asked.history[entity]
        if since is not None:
            changes = self.changes[entity] = Changes(
                self.client, journal, entity, properties, int(since.timestamp() * 1000), history=history
            )
            await changes.run()
            if asked.sweep[entity]:
                await FullFetch(self.client, journal, entity, [], stream=f"{entity}/sweep").run()
        else:
            before = journal.mark(f"total:{entity}")
            if before is None:
                before = str(await self.client.total(entity))
                journal.put_mark(f"total:{entity}", before)
            await FullFetch(self.client, journal, entity, properties, history=history).run()
            self.totals[entity] = (int(before), await self.client.total(entity))
        await FullFetch(self.client, journal, entity, properties, archived=True).run()

    async def _members(self, journal: Journal, lists: Sequence[Mapping[str, Any]]) -> None:
        for row in lists:
            list_id = str(row["listId"])
            if journal.mark(f"members:{list_id}") is None:
                for place, body in enumerate(await self.client.members(list_id)):
                    journal.put("member", int(list_id) * 1_000_000 + place, body, {}, low=int(list_id))
                journal.put_mark(f"members:{list_id}", "done")

    def _land(self, landing: ApiLanding, asked: Question, journal: Journal, entity: str) -> None:
        """One object's rows, reconciled with the portal's own count before anything is written."""
        young = (
            datetime.fromtimestamp(self.started - _YOUNG, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        properties, history, new = asked.properties[entity], asked.history[entity], 0

        def live() -> Iterator[pa.Table]:
            nonlocal new
            for pages in journal.pages(f"{entity}/live"):
                table = records(pages, properties, history=bool(history))
                if "createdate" in table.column_names:
                    new += pc.sum(pc.fill_null(pc.greater_equal(table.column("createdate"), young), False)).as_py() or 0
                yield table

        def archived() -> Iterator[pa.Table]:
            since = asked.since[entity]
            for pages in journal.pages(f"{entity}/archived"):
                table = records(pages, properties)
                if since is not None:
                    low = since.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                    table = table.filter(pc.fill_null(pc.greater_equal(table.column("archivedAt"), low), True))
                yield table

        file, newest = f"{PLURAL[entity]}.jsonl", [modified(entity), "hs_lastmodifieddate"]
        landing.add(entity, file, live(), modified=newest, dead="archived")
        if asked.since[entity] is None:
            ids = landing.ids(entity)
            reconcile(f"hubspot: {PLURAL[entity]}", len(pc.unique(ids)), *self.totals[entity], new=new)
        else:
            changes = self.changes[entity]
            reconcile(f"hubspot: changed {PLURAL[entity]}", changes.found, *changes.totals)
        landing.add(entity, file, archived(), modified=["archivedAt", *newest], dead="archived")
        if asked.since[entity] is None or asked.sweep[entity]:
            self._gone(landing, asked, journal, entity, file)

    def _gone(self, landing: ApiLanding, asked: Question, journal: Journal, entity: str, file: str) -> None:
        """Records that `staged` has and the portal no longer lists: deleted without a trace."""
        before = http_state.live_ids(self.lake, "hubspot", entity, ["hs_object_id"], self.nights[0]).column(0)
        if not len(before):
            return
        there = [landing.ids(entity)]
        there += [
            records(pages, []).column("hs_object_id").combine_chunks() for pages in journal.pages(f"{entity}/sweep")
        ]
        gone = before.filter(pc.invert(pc.is_in(before, value_set=pa.concat_arrays(there))))
        table = pa.table({"hs_object_id": gone, "archived": pa.repeat("true", len(gone))})
        landing.add(entity, file, [table], dead="archived")
        if len(gone):
            asked.notes.append(f"{entity}: {len(gone)} records are gone without a trace")

    async def _associations(self, journal: Journal, landing: ApiLanding) -> None:
        """Companies of every live contact; an association that changes moves no record's time, hence all of them."""
        before = (
            http_state.live_ids(self.lake, "hubspot", "contact", ["hs_object_id"], self.nights[0])
            .column(0)
            .combine_chunks()
        )
        listed = pc.unique(pa.concat_arrays([before, landing.ids("contact")])).cast(pa.int64())
        ids = listed.take(pc.sort_indices(listed)).to_pylist()
        slots = asyncio.Semaphore(_AT_ONCE)

        async def part(place: int, some: list[int]) -> None:
            mark = f"associations:{some[0]}:{some[-1]}:{len(some)}"
            async with slots:
                if journal.mark(mark) is None:
                    bodies = await self.client.associations(some)
                    for number, body in enumerate(bodies):
                        journal.put(
                            "association", place * 100_000 + number, body, {mark: "done"} if body is bodies[-1] else {}
                        )

        async with asyncio.TaskGroup() as group:
            for place in range(0, len(ids), ASSOCIATION_BATCH):
                group.create_task(part(place, ids[place : place + ASSOCIATION_BATCH]))

    def _snapshots(self, landing: ApiLanding, asked: Question, journal: Journal) -> None:
        """Members and associations, and a row with `archived` for each that `staged` has and the portal no longer does."""
        shapes = {"list_membership": ("list_memberships.csv", "member", "api_membership")}
        if asked.associations:
            shapes["contact_company"] = ("associations/contact_company.csv", "association", "api_association")
        for entity, (file, stream, relation) in shapes.items():
            key = list(ENTITIES[entity].key)
            there: list[pa.Table] = [pa.table({name: pa.array([], pa.string()) for name in key})]

            def tables(
                stream: str = stream, relation: str = relation, key: list[str] = key, there: list[pa.Table] = there
            ) -> Iterator[pa.Table]:
                for pages in journal.pages(stream):
                    table = self._read(pages, relation)
                    there.append(table.select(key))
                    yield table

            landing.add(entity, file, tables())
            before = http_state.live_ids(self.lake, "hubspot", entity, key, self.nights[0])
            if before.num_rows:
                frame = pl.DataFrame(pl.from_arrow(before)).join(
                    pl.DataFrame(pl.from_arrow(pa.concat_tables(there))), on=key, how="anti", nulls_equal=True
                )
                ended = frame.to_arrow().cast(before.schema)
                if ended.num_rows:
                    rows = ended.append_column("archived", pa.repeat("true", ended.num_rows))
                    landing.add(entity, file, [rows], dead="archived")

    def _read(self, pages: list[tuple[bytes, int, int]], relation: str) -> pa.Table:
        with self.lake.connect(self.nights[-1]) as session:
            bodies = pa.array([body.decode() for body, _, _ in pages], pa.large_string())
            session.register(
                "raw_answer",
                pa.table({"body": bodies, "list_id": pa.array([str(low) for _, low, _ in pages], pa.string())}),
            )
            session.con.execute(
                "CREATE TEMP TABLE answer AS SELECT CAST(body AS JSON) AS body, list_id FROM raw_answer"
            )
            session.run(SQL / f"{relation}.sql")
            table = session.table(relation)
        return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))

    def _finish(self, landing: ApiLanding, asked: Question, small: Small) -> dict[str, Extraction]:
        meter = self.client.meter
        stats = {"calls": meter.calls, "throttled": meter.throttled, "retried": meter.retried, "signed in": meter.signed_in,
                 "bytes": meter.bytes, **{f"calls of {kind}": n for kind, n in sorted(meter.by_kind.items())}}  # fmt: skip
        found = landing.finish(dict.fromkeys(self.nights, stats), asked.notes)
        at = http_state.moment(self.started)
        for night in self.nights:
            if (campaigns := small.campaign_rows()) is not None:
                self.lake.write("raw/hubspot/campaign", night, campaigns)
            rows = [
                {"entity": name, "mode": "changes" if asked.since.get(name) else "full", "asked_from": asked.since.get(name),
                 "asked_at": at, "rows": found[night].rows[name], "calls": meter.calls, "throttled": meter.throttled,
                 "swept": asked.since.get(name) is None or asked.sweep.get(name, False)}
                for name in ENTITIES
                if name != "contact_company" or asked.associations
            ]  # fmt: skip
            http_state.record(self.lake, "hubspot", night, rows)
        return dict(found)
