"""What was fetched of HubSpot, on its way into `raw`: counted against the portal, and with a row for each record that has ended.

A record that has ended and is no longer told (deleted for good, an association, a member, a property) is a row with its key and
a mark: `archived` where the API itself says so, `crosswalk_ended` elsewhere.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from assets.hubspot.api_changes import modified
from assets.hubspot.api_export import Export
from assets.hubspot.api_pages import records
from assets.hubspot.api_question import Question
from assets.hubspot.client_paths import PLURAL
from assets.shared import http_state
from assets.shared.http_compare import reconcile
from assets.shared.http_journal import Journal
from assets.shared.http_land import ApiLanding
from assets.shared.lake import Lake
from assets.shared.words import counted

SQL = Path(__file__).parent / "sql"
_YOUNG = 15 * 60  # seconds; the search index, and so the portal's count, may lag by "a few moments"
_SHAPES = {
    "list_membership": ("list_memberships.csv", "member", "api_membership"),
    "contact_company": ("associations/contact_company.csv", "association", "api_association"),
}


class Lander:
    """One fetch's records, from the journal into the landing. `started`: when the fetch began, seconds since the epoch."""

    def __init__(self, lake: Lake, landing: ApiLanding, asked: Question, journal: Journal, started: float) -> None:
        self.lake = lake
        self.landing = landing
        self.asked = asked
        self.journal = journal
        self.first, self.last = asked.nights[0], asked.nights[-1]
        self._young_since = _text(datetime.fromtimestamp(started - _YOUNG, UTC))

    def records(self, entity: str, totals: tuple[int, int], changed: int | None, export: Export | None) -> None:
        """One object's rows, reconciled with the portal's own count. Raises RecordsMissing before anything is written.

        `changed`: records that a search for changes found; None where everything was fetched.
        """
        landing, asked = self.landing, self.asked
        file, newest = f"{PLURAL[entity]}.jsonl", [modified(entity), "hs_lastmodifieddate"]
        if export:
            landing.add(entity, file, export.tables(), modified=newest, dead="archived")
            ids = landing.ids(entity)
        else:
            found = self.journal.ids(f"{entity}/live")
            ids = pa.array(found).cast(pa.string())
            live = partial(self._pages, entity, "live")
            landing.keep(entity, file, live, len(found), lambda: ids, modified=newest, dead="archived")
        if changed is None:
            came = pc.count_distinct(ids).as_py()
            new = self._young(entity, export) if came > max(totals) else 0
            landing.counts.append(reconcile(f"hubspot: {PLURAL[entity]}", came, *totals, new=new))
        else:
            landing.counts.append(reconcile(f"hubspot: changed {PLURAL[entity]}", changed, *totals))
        landing.add(entity, file, self._archived(entity), modified=["archivedAt", *newest], dead="archived")
        if asked.since[entity] is None or asked.sweep[entity]:
            self._gone(entity, file)

    def contacts(self) -> list[int]:
        """Ids of all live contacts, ascending: those that `staged` has and those that came."""
        before = http_state.live_ids(self.lake, "hubspot", "contact", ["hs_object_id"], self.first).column(0)
        listed = pc.unique(pa.concat_arrays([before.combine_chunks(), self.landing.ids("contact")])).cast(pa.int64())
        found: list[int] = listed.take(pc.sort_indices(listed)).to_pylist()
        return found

    def snapshots(self) -> None:
        """Members and associations, and the endings of whatever is asked for whole each night."""
        for entity, (file, stream, relation) in _SHAPES.items():
            if entity == "contact_company" and not self.asked.associations:
                continue
            self.landing.add(entity, file, self._read(stream, relation))
            self.landing.ended(entity, file)
        self.landing.ended("list", "lists.json")
        self.landing.ended("property", "properties/contacts.json")

    def _pages(self, entity: str, stream: str) -> Iterator[pa.Table]:
        properties, history = self.asked.properties[entity], bool(self.asked.history[entity] and stream == "live")
        for pages in self.journal.pages(f"{entity}/{stream}"):
            yield records(pages, properties, history=history)

    def _young(self, entity: str, export: Export | None) -> int:
        """How many live records came that are too young for the portal's index, and so for its count."""
        pages = self.journal.pages(f"{entity}/live")
        tables = export.tables() if export else (records(some, ["createdate"]) for some in pages)
        return sum(
            pc.sum(pc.fill_null(pc.greater_equal(table.column("createdate"), self._young_since), False)).as_py() or 0
            for table in tables
            if "createdate" in table.column_names
        )

    def _archived(self, entity: str) -> Iterator[pa.Table]:
        since = self.asked.since[entity]
        for table in self._pages(entity, "archived"):
            if since is not None:
                recent = pc.greater_equal(table.column("archivedAt"), _text(since))
                table = table.filter(pc.fill_null(recent, True))
            yield table

    def _gone(self, entity: str, file: str) -> None:
        """Records that `staged` has and the portal no longer lists: deleted without a trace."""
        before = http_state.live_ids(self.lake, "hubspot", entity, ["hs_object_id"], self.first).column(0)
        if not len(before):
            return
        there = [self.landing.ids(entity)]
        there.append(pa.array(self.journal.ids(f"{entity}/sweep")).cast(pa.string()))
        gone = before.filter(pc.invert(pc.is_in(before, value_set=pa.concat_arrays(there))))
        self.landing.gone(entity, file, pa.table({"hs_object_id": gone}), of=len(before))
        if len(gone):
            self.asked.notes.append(f"{entity}: {counted(len(gone), 'record')} gone without a trace")

    def _read(self, stream: str, relation: str) -> Iterator[pa.Table]:
        if not self.journal.count(stream):
            return
        with self.lake.connect(self.last) as session:
            for pages in self.journal.pages(stream):
                bodies = pa.array([body for body, _, _ in pages], pa.large_binary()).cast(pa.large_string())
                lists = pa.array([str(low) for _, low, _ in pages], pa.string())
                session.register("raw_answer", pa.table({"body": bodies, "list_id": lists}))
                session.keep("answer", "SELECT CAST(body AS JSON) AS body, list_id FROM raw_answer")
                session.run(SQL / f"{relation}.sql")
                table = session.table(relation)
                yield table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))


def _text(at: datetime) -> str:
    """A time as HubSpot writes it, so that it compares as text."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
