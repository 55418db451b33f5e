"""Salesforce's API into `raw/salesforce/*`: the same tables that its exports give, deleted and merged records among them.

Everything is fetched into a folder first; a run that was killed or met a quota goes on there. Then it is counted against the
org's own totals, and only then written.
"""

import asyncio
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assets.salesforce.api_check import plan
from assets.salesforce.api_fetch import Fetched
from assets.salesforce.api_question import ENTITY_OF, Question, ask
from assets.salesforce.api_wide import Wide
from assets.salesforce.client import SalesforceClient
from assets.salesforce.client_auth import SalesforceSecrets
from assets.shared import http_state, keys
from assets.shared.http import Patience
from assets.shared.http_clock import began
from assets.shared.http_compare import drift, reconcile
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal
from assets.shared.http_land import ApiExtraction, ApiLanding
from assets.shared.http_progress import Names, Say, told
from assets.shared.http_redact import Recorder
from assets.shared.http_rows import text_table
from assets.shared.http_run import is_about, is_spoilt, lightly, plainly, together
from assets.shared.lake import Lake
from assets.shared.landing import Extraction, kept
from assets.shared.words import counted
from schemas.config_sources import ApiSource
from schemas.contract import kinds
from schemas.salesforce import ENTITIES

_FIELD = {name: (name,) for name in kinds(ENTITIES["field"].model)}
_IDS_AT_ONCE = 200  # in the condition of a query, which has to fit an address
_WORTH_WHOLE = 5_000  # records: from here on everything is asked for
_MODIFIED = ("SystemModstamp", "LastModifiedDate", "CreatedDate")


def extract_api(
    lake: Lake,
    nights: Mapping[str, datetime],
    api: ApiSource,
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
    """Fetch one night or a range of nights of Salesforce through its API into raw/salesforce/*; the result by night.

    `nights`: night -> instant at which it ends. `mapped`, `wished`: fields by object beside those that Crosswalk reads; a
    mapped one that is not there is noted. A night fetched before is kept unless `refetch`. `max_shrink`: the share of an
    object's records that may be gone without a trace; None: all of them. `say` hears how many calls it will take, and how far
    it is. Raises InputRefused without credentials and where more is gone, QuotaReached with what was
    fetched kept, GaveUp where the org cannot be reached, CallRefused where it refuses for good, and RecordsMissing, before
    anything is written, where counts differ from the org's own.
    """
    done = {} if refetch else {night: found for night in nights if (found := kept(lake, "salesforce", night))}
    wanted = {night: end for night, end in nights.items() if night not in done}
    if not wanted:
        return done
    client = SalesforceClient(
        SalesforceSecrets.read(environment), budget=api.request_budget, patience=patience, recorder=recorder
    )
    fetch = _Fetch(lake, wanted, api, client, mapped or {}, wished or {}, say, max_shrink)
    with plainly(), lightly():
        return done | asyncio.run(fetch.run())


class _Fetch:
    def __init__(
        self,
        lake: Lake,
        nights: Mapping[str, datetime],
        api: ApiSource,
        client: SalesforceClient,
        mapped: Names,
        wished: Names,
        say: Say | None,
        max_shrink: float | None,
    ) -> None:
        self.lake = lake
        self.nights = sorted(nights)
        self.ends = nights
        self.api = api
        self.client = client
        self.mapped = mapped
        self.wished = wished
        self.say = say
        self.max_shrink = max_shrink
        self.folder = lake.root / ".fetch" / "salesforce"
        self.fields: dict[str, list[Any]] = {}
        self.back: dict[str, list[Wide]] = {}

    async def run(self) -> dict[str, ApiExtraction]:
        landing = ApiLanding(self.lake, "salesforce", ENTITIES, self.ends)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            async with self.client as client, told(client.meter, self.say):
                asked = await self._question(str(client.version))
                journal = Journal(self.folder.with_suffix(".journal"), asked.text())
                try:
                    if not journal.resumed:
                        shutil.rmtree(self.folder)
                        self.folder.mkdir(mode=0o700)
                    fetched, swept = await self._fill(asked, journal)
                    for entity, one in fetched.items():
                        self._land(landing, asked, entity, one, swept.get(entity))
                    landing.refuse_shrunk(self.max_shrink)
                except BaseException as error:
                    spoilt = is_spoilt(error, resumed=journal.resumed)
                    journal.close(done=spoilt)
                    # a field that was hidden may not have moved the date of its object's description
                    if spoilt or is_about(error, "field"):
                        shutil.rmtree(self.folder.with_name("describe"), ignore_errors=True)
                    raise
            for name, fields in self.fields.items():
                rows = [{**f, "object": name} for f in fields]
                landing.add("field", f"describe/{name}.json", [text_table(rows, _FIELD)])
            landing.ended("field", "describe", within=pa.array(list(self.fields)))
            found = self._finish(landing, asked)
            journal.close(done=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            return found
        finally:
            landing.close()

    async def _question(self, version: str) -> Question:
        """Describe every object; one that the integration's user may not see is left out and noted."""
        asked = Question(self.nights, version, self.client.http.origin)
        before = http_state.earlier(self.lake, "salesforce", self.nights[0])
        described = dict(
            zip(ENTITY_OF, await asyncio.gather(*(self._describe(name) for name in ENTITY_OF)), strict=True)
        )
        for name, found in described.items():
            entity = ENTITY_OF[name]
            if found is None:
                asked.notes.append(f"{name}: not there, or the integration's user may not see it; not fetched")
                continue
            self.fields[name] = found["fields"]
            mapped, wished = self.mapped.get(entity, ()), self.wished.get(entity, ())
            asked.asks[entity] = ask(
                name, found, self.api, mapped, wished, before.get(entity), self.nights, asked.notes
            )
        if not {"lead", "contact"} & set(asked.asks):
            raise CallRefused("salesforce: the integration's user may see neither leads nor contacts")
        types = {(name, str(f["name"])): str(f["type"]) for name, fields in self.fields.items() for f in fields}
        asked.notes += drift(self.lake, keys.raw("salesforce", "field"), self.nights, types)
        return asked

    async def _describe(self, name: str) -> Any:
        """An object's description; an unchanged one comes from the copy of the last time (names and types, no records)."""
        file = self.lake.root / ".fetch" / "describe" / f"{name}.json"
        place = [self.client.http.origin, self.client.version]
        copy = _copy(file, place)
        try:
            found, date = await self.client.describe(name, copy["date"] if copy else None)
        except CallRefused as refused:
            if refused.status == 404 or refused.code in ("INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS"):
                return None
            raise
        if found is None:
            return copy["described"] if copy else None
        if date:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"place": place, "date": date, "described": found}))
            part.replace(file)
        return found

    async def _fill(self, asked: Question, journal: Journal) -> tuple[dict[str, Wide], dict[str, Fetched]]:
        self.started = began(journal, self.client.http.clock, self.ends[self.nights[-1]])
        made = (self.client, journal, self.folder)
        fetched = {entity: Wide(*made, one, entity) for entity, one in asked.asks.items()}
        await self._plan(asked, journal, fetched)
        swept = {
            entity: Fetched(*made, f"{entity}_ids", f"SELECT Id FROM {one.object}", everything=False)  # noqa: S608 (SOQL)
            for entity, one in asked.asks.items()
            if one.sweep
        }
        await together(*(one.run() for one in fetched.values()), *(one.run() for one in swept.values()))
        for entity, sweep in swept.items():
            self.back[entity] = self._returned(entity, fetched[entity], sweep, made)
        await together(*(query.run() for queries in self.back.values() for query in queries))
        return fetched, swept

    def _returned(
        self, entity: str, fetched: Wide, swept: Fetched, made: tuple[SalesforceClient, Journal, Path]
    ) -> list[Wide]:
        """Queries for records that a sweep sees, nobody knew and no change brought: shown again, or for the first time."""
        known = http_state.live_ids(self.lake, "salesforce", entity, ["Id"], self.nights[0]).column(0).combine_chunks()
        there = swept.ids()
        fresh = there.filter(pc.invert(pc.is_in(there, value_set=pa.concat_arrays([known, fetched.ids()]))))
        ids: list[str] = sorted(set(fresh.to_pylist()))
        if len(ids) > _WORTH_WHOLE:
            return [Wide(*made, replace(fetched.ask, since=None), f"{entity}_back", len(ids))]
        parts = [ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE)]
        return [
            Wide(*made, replace(fetched.ask, ids=tuple(part)), f"{entity}_back{number}", len(part))
            for number, part in enumerate(parts)
        ]

    async def _plan(self, asked: Question, journal: Journal, fetched: Mapping[str, Wide]) -> None:
        """Before everything is fetched for the first time: how many calls it takes, and how long."""
        if any(one.since for one in asked.asks.values()):
            return

        async def count() -> tuple[int, list[str]]:
            counts = await together(*(one.count("before") for one in fetched.values()))
            left = (await self.client.limits()).get("DailyApiRequests", {}).get("Remaining")
            counted = dict(zip((one.ask.object for one in fetched.values()), counts, strict=True))
            calls = plan(counted, left, self.api.request_budget)
            return calls.total, calls.said("salesforce", self.say)

        self.client.meter.planned, words = await journal.once("plan", count)
        asked.notes += words

    def _land(self, landing: ApiLanding, asked: Question, entity: str, fetched: Wide, swept: Fetched | None) -> None:
        """One object's rows, reconciled with the org's own count before anything is written; then what is gone."""
        one, file = asked.asks[entity], f"{fetched.ask.object}.csv"
        if (rows := fetched.rows) is None:
            rows = landing.add(entity, file, fetched.tables(), modified=_MODIFIED, dead="IsDeleted")
        else:
            landing.keep(entity, file, fetched.tables, rows, fetched.ids, modified=_MODIFIED, dead="IsDeleted")
        landing.counts.append(reconcile(f"salesforce: {fetched.ask.object}", rows, *fetched.totals))
        for back in self.back.get(entity, []):
            landing.add(entity, file, back.tables(), modified=_MODIFIED, dead="IsDeleted")
        if one.since is not None and swept is None:
            return
        before = http_state.live_ids(self.lake, "salesforce", entity, ["Id"], self.nights[0]).column(0).combine_chunks()
        if not len(before):
            return
        there = [landing.ids(entity), *([swept.ids()] if swept else [])]
        gone = before.filter(pc.invert(pc.is_in(before, value_set=pa.concat_arrays(there))))
        landing.gone(entity, file, pa.table({"Id": gone}), of=len(before))
        if len(gone):
            asked.notes.append(f"{entity}: {counted(len(gone), 'record')} gone without a trace")

    def _finish(self, landing: ApiLanding, asked: Question) -> dict[str, ApiExtraction]:
        meter = self.client.meter
        found = landing.finish({**meter.stats(), "version": asked.version}, asked.notes, self.started)
        at = http_state.moment(self.started)
        rows = [
            {"entity": entity, "mode": "changes" if one.since else "full", "asked_from": one.since, "asked_at": at,
             "rows": sum(night.rows[entity] for night in found.values()), "swept": one.since is None or one.sweep,
             "calls": meter.calls, "throttled": meter.throttled, "columns": one.columns}
            for entity, one in asked.asks.items()
        ]  # fmt: skip
        http_state.record(self.lake, "salesforce", self.nights[-1], rows)
        return found


def _copy(file: Path, place: list[str | None]) -> Any:
    """What was described before at this place, an org and a version; None where it is of another one, or cannot be read."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return found if found.get("place") == place else None
