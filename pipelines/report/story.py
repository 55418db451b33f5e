"""One record's whole story on one night: what was delivered, what it is linked to, what was decided and why."""

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from assets.shared import keys
from assets.shared.failures import CrosswalkError
from assets.shared.lake import Lake
from assets.shared.parse import salesforce_ids
from pipelines.report.plans import DELTAS

Row = dict[str, Any]
Rows = list[Row]
# Where a record is looked for: entity, its id, its e-mail or domain columns, what its page shows.
HUBSPOT = {
    "contact": (
        "hs_object_id",
        ("email", "hs_additional_emails"),
        ("email", "firstname", "lastname", "lifecyclestage"),
    ),
    "company": ("hs_object_id", ("domain",), ("name", "domain", "lifecyclestage")),
}
SALESFORCE = {
    "lead": ("Id", ("Email",), ("Email", "FirstName", "LastName", "Company", "Status", "IsConverted")),
    "contact": ("Id", ("Email",), ("Email", "FirstName", "LastName", "AccountId")),
    "account": ("Id", (), ("Name", "Website")),
}
# The entities of what has a pair.
OBJECTS = {"person": ("contact", "lead"), "company": ("company", "account")}
_VERSION = ["night", "op", "merged_into", "source_file", "source_line"]
_OWN = {*_VERSION, "row_hash", "hash_version"}
REMEDIES = Path(__file__).parents[2] / "data" / "reference" / "remedies.csv"


@dataclass
class Story:
    """Everything that is known about one record and the records it belongs to. Rows are plain dictionaries."""

    asked: str
    night: str
    records: Rows = field(default_factory=list)
    rejected: Rows = field(default_factory=list)
    links: Rows = field(default_factory=list)
    membership: Rows = field(default_factory=list)
    decisions: Rows = field(default_factory=list)
    to_sync: Rows = field(default_factory=list)  # what would have to change: direction, code, what
    operations: Rows = field(default_factory=list)
    changes: Rows = field(default_factory=list)
    ledger: Rows = field(default_factory=list)
    ledger_fields: Rows = field(default_factory=list)


def tell(lake: Lake, asked: str, night: str) -> Story:
    """The story of an e-mail address, a domain or a record id. Raises CrosswalkError for one that nobody delivered.

    HubSpot numbers each of its objects for itself: of a contact, a company with its number is no part.
    """
    story = Story(asked, night)
    for name, (hubspot, salesforce) in _found(lake, asked, night).items():
        if hubspot or salesforce:
            _add(story, lake, name, hubspot, salesforce)
    if not story.records:
        story.rejected = _rejected(lake, night, {asked.strip(), _whole(asked)}, (*HUBSPOT, *SALESFORCE))
        if not story.rejected:
            raise CrosswalkError(f"no record with this id or e-mail is known on {night}")
    story.to_sync = _to_sync(story)
    return story


def _add(story: Story, lake: Lake, name: str, hubspot: set[str], salesforce: set[str]) -> None:
    """What is known of persons or of companies (`name`) with these ids."""
    night, entities = story.night, OBJECTS[name]
    for _ in range(2):  # the other side, then what the other side belongs to as well
        linked = _links(lake, night, name, hubspot, salesforce)
        hubspot |= {row["hubspot_id"] for row in linked if row["hubspot_id"]}
        salesforce |= {row["salesforce_id"] for row in linked if row["salesforce_id"]}
    either = pl.col("hubspot_id").is_in(sorted(hubspot)) | pl.col("salesforce_id").is_in(sorted(salesforce))
    either &= pl.col("object") == name
    ledger = _newest(lake, keys.LEDGER, night, either, ["object", "pair_id"])
    ours = pl.col("pair_id").is_in(sorted({row["pair_id"] for row in ledger}))
    # What a record was asked for with is of no interest once it is there.
    linked_pairs = sorted({row["pair_id"] for row in ledger if row["salesforce_id"]})
    present = pl.col("salesforce_id").is_not_null() | ~pl.col("pair_id").is_in(linked_pairs)
    present &= ours & (pl.col("object") == name)
    mapped = ["object", "pair_id", "salesforce_id", "mapping"]
    everyone = sorted(hubspot | salesforce)
    touches = pl.col("record_id").is_in(everyone) | pl.col("link").is_in(everyone)
    told = pl.col("object").is_in(entities)
    story.links += _links(lake, night, name, hubspot, salesforce)
    story.records += _records(lake, night, hubspot, salesforce, entities)
    story.rejected += _rejected(lake, night, hubspot | salesforce, entities)
    story.membership += _membership(lake, night, hubspot, entities)
    story.decisions += _rows(lake, keys.DECISION, night, either)
    story.ledger += ledger
    story.ledger_fields += _newest(lake, keys.LEDGER_FIELD, night, present, mapped)
    story.changes += _rows(lake, keys.CHANGE, night, (touches | ours) & told)
    story.operations += [row for key in DELTAS for row in _rows(lake, key, night, touches & told)]


@cache
def remedies() -> dict[str, str]:
    """What would have to change for a record with a code to sync, by code; `{segment}` and `{hubspot_id}` are filled in."""
    with REMEDIES.open(newline="") as file:
        return {row["code"]: row["what"] for row in csv.DictReader(file)}


def _to_sync(story: Story) -> Rows:
    """One row per decision that keeps the record from syncing and each of its reasons."""
    rows: Rows = []
    segment = next((row["segment_id"] for row in story.ledger if row["segment_id"]), None)
    for row in story.decisions:
        for code in row["reasons"] or []:
            name, _, detail = code.partition(": ")
            known = remedies().get(name) if row["outcome"] in ("skip", "reject", "unchanged") else None
            if known:
                what = known.format(segment=segment or "SEGMENT", hubspot_id=row["hubspot_id"] or "CONTACT")
                rows.append({"direction": row["direction"], "code": name, "field": detail or None, "what": what})
    return rows


def _found(lake: Lake, asked: str, night: str) -> dict[str, tuple[set[str], set[str]]]:
    """Ids in HubSpot and in Salesforce of the persons, and of the companies, that are asked for."""
    wanted = {"hubspot": asked.strip(), "salesforce": _whole(asked)}
    lowered = asked.strip().lower()
    found: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in OBJECTS}
    for side, (crm, entities) in enumerate((("hubspot", HUBSPOT), ("salesforce", SALESFORCE))):
        for entity, (id_column, others, _) in entities.items():
            frame = _scan(lake, keys.staged(crm, entity), night)
            if frame is None:
                continue
            names = frame.collect_schema().names()
            condition = pl.col(id_column) == wanted[crm]
            for column in others:
                if column in names:
                    values = pl.col(column).cast(pl.String).str.to_lowercase().str.split(";")
                    condition |= values.list.eval(pl.element().str.strip_chars()).list.contains(lowered)
            ids = frame.filter(condition.fill_null(False)).select(id_column).collect()[id_column]
            name = next(name for name, own in OBJECTS.items() if entity in own)
            found[name][side].update(ids.to_list())
    return found


def _whole(asked: str) -> str:
    """What was asked for as a Salesforce id of 18 characters, where it is one in any form (P2-29)."""
    return str(salesforce_ids(pl.Series([asked]))[0])


def _records(lake: Lake, night: str, hubspot: set[str], salesforce: set[str], wanted: tuple[str, ...]) -> Rows:
    """Each version with what names its record and what `changed` since the version before."""
    rows: Rows = []
    for crm, entities, ids in (("hubspot", HUBSPOT, hubspot), ("salesforce", SALESFORCE, salesforce)):
        for entity, (id_column, _, shown) in entities.items():
            frame = _scan(lake, keys.staged(crm, entity), night)
            if frame is None or not ids or entity not in wanted:
                continue
            found = frame.filter(pl.col(id_column).is_in(sorted(ids))).sort(id_column, "night").collect().to_dicts()
            before: dict[str, Any] = {}
            for row in found:
                earlier = before if before.get(id_column) == row[id_column] else row
                changed = [c for c in row if c not in _OWN and row[c] != earlier.get(c)]
                kept = [c for c in dict.fromkeys((*shown, *changed, *_VERSION)) if c in row]
                named = {"crm": crm, "entity": entity, "id": row[id_column]}
                rows.append({**named, **{c: row[c] for c in kept}, "changed": changed})
                before = row
    return rows


def _links(lake: Lake, night: str, name: str, hubspot: set[str], salesforce: set[str]) -> Rows:
    either = pl.col("hubspot_id").is_in(sorted(hubspot)) | pl.col("salesforce_id").is_in(sorted(salesforce))
    return _rows(lake, keys.LINK, night, either & pl.col("salesforce_object").str.to_lowercase().is_in(OBJECTS[name]))


def _membership(lake: Lake, night: str, hubspot: set[str], entities: tuple[str, ...]) -> Rows:
    """Segments of the objects' own kind that these HubSpot records are in, or have left tonight."""
    segments = _rows(lake, keys.DEFINITION, night, pl.col("object").is_in(entities))
    ours = pl.col("segment_id").is_in(sorted(row["segment_id"] for row in segments))
    return _rows(lake, keys.MEMBERSHIP, night, ours & pl.col("record_id").is_in(sorted(hubspot)))


def _rejected(lake: Lake, night: str, ids: set[str], wanted: tuple[str, ...]) -> Rows:
    rows: Rows = []
    for crm, entities in (("hubspot", HUBSPOT), ("salesforce", SALESFORCE)):
        for entity in entities:
            if entity in wanted:
                found = _rows(lake, keys.rejected(crm, entity), night, pl.col("record_id").is_in(sorted(ids)))
                rows += [{"crm": crm, "entity": entity, **row} for row in found]
    return rows


def _rows(lake: Lake, key: str, night: str, condition: pl.Expr) -> Rows:
    frame = _scan(lake, key, night)
    if frame is None:
        return []
    return frame.filter((pl.col("night") == night) & condition.fill_null(False)).collect().to_dicts()


def _newest(lake: Lake, key: str, night: str, condition: pl.Expr, identity: list[str]) -> Rows:
    """Newest version up to and including the night: what is known after it."""
    frame = _scan(lake, key, night)
    if frame is None:
        return []
    found = frame.filter(condition.fill_null(False)).sort("night").group_by(identity, maintain_order=True).last()
    return found.sort(identity).collect().to_dicts()


def _scan(lake: Lake, key: str, night: str) -> pl.LazyFrame | None:
    """All nights of a table up to one."""
    files = lake.files(key, [n for n in lake.nights(key) if n <= night])
    if not files:
        return None
    frame = pl.scan_parquet(
        files, hive_partitioning=True, try_parse_hive_dates=False, missing_columns="insert", extra_columns="ignore"
    )
    return frame.with_columns(pl.col("night").cast(pl.String))
