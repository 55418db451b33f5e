"""What opens a pair, keeps it open and closes it (rules 2.1; design section 6, points 1 to 4)."""

import json
from typing import Any

from tests.reference import identity
from tests.reference.fields import normal
from tests.reference.model import Change, Ledger, Mapping, Night, Settings
from tests.reference.work import Work, value_in_salesforce

WATCHED_ONE_WAY = ("campaigns",)


def open_and_close(work: Work, night: Night, ledger: Ledger, settings: Settings) -> None:
    """Tonight's triggers of one pair are added to those that are still open."""
    pair = work.pair
    found = first_night(work, night, settings) if ledger.night is None else later_night(work, night, ledger, settings)
    for trigger in found:
        pair.triggers.setdefault(trigger, night.night)
    if "deletion" in pair.triggers and (work.record or not work.dead):
        del pair.triggers["deletion"]  # un-deleted, or another record has taken over


def first_night(work: Work, night: Night, settings: Settings) -> list[str]:
    if work.contact:
        return ["initial_sync"] if work.inside and settings.initial_sync == "full" else []
    work.is_new = night.rows[work.record]["CreatedDate"] >= f"{night.night}T00:00:00.000Z"
    full = settings.initial_sync == "full"
    return ["auto_create"] if full and may_create(work.record, settings, work.is_new, changed=True) else []


def later_night(work: Work, night: Night, ledger: Ledger, settings: Settings) -> list[str]:
    if not work.contact:
        if work.record in ledger.met:
            changed = mapped_moved(work.record, night, ledger, settings)
        else:
            changed = night.rows[work.record]["SystemModstamp"] > ledger.as_of
        work.is_new = is_new(work.record, night, ledger)
        changed = changed and not work.is_new  # one that is new is for the other setting to decide (D6)
        return ["auto_create"] if may_create(work.record, settings, work.is_new, changed) else []
    pair, found = work.pair, []
    row = night.rows[work.contact]
    known = work.contact in ledger.met
    answers = "auto_create" in pair.triggers  # the contact that our own creation made is not news (P2-17)
    new_link = bool(work.record) and pair.salesforce != work.record
    synced = pair.inside is not None and bool(pair.salesforce)  # a contact had the record before, not only a lead alone
    heir = synced and identity.successor(pair.salesforce, night) == work.record  # converted or merged
    expected = pair.planned and bool(pair.triggers) and pair.salesforce is None  # it answers our own create
    new_record = new_link and not heir and not expected and is_new(work.record, night, ledger)
    if not work.inside:
        if new_record and settings.auto_new[work.record[0]]:
            found.append("auto_create")  # D5
        return found
    if not known and not answers:
        if row["createdate"] > ledger.as_of:
            found.append("new_record")  # D1, P2-11
        elif row["lastmodifieddate"] > ledger.as_of:
            found.append("mapped_change")
    if known and new_link:
        found.append("new_record" if new_record else "link_moved")  # D7
    if (
        known
        and moved_tonight(work, night, settings)
        and (changed_in_hubspot(work, night, settings) or changed_in_salesforce(work, night, settings))
    ):
        found.append("mapped_change")
    if known and pair.inside is False and pair.segment == settings.segment:
        found.append("segment_entered")  # P2-12, D11, X7
    if identity.email_of(row) in settings.resync.get(night.night, ()):
        found.append("resync")  # P2-14
    if deleted_tonight(work, night, ledger, settings):
        found.append("deletion")
    return found


def may_create(record: str, settings: Settings, new: bool, changed: bool) -> bool:
    """P1-44, P2-02; D10: one that was there before needs a trigger too."""
    return (settings.auto_existing[record[0]] and changed) or (new and settings.auto_new[record[0]])


def is_new(record: str, night: Night, ledger: Ledger) -> bool:
    """Created after the as_of of the newest earlier night, and not known."""
    return record not in ledger.met and night.rows[record]["CreatedDate"] > ledger.as_of


def mapped_moved(record: str, night: Night, ledger: Ledger, settings: Settings) -> bool:
    """A known record without a HubSpot contact: a mapped value differs from the delivery before (P2-11, D10)."""
    before, now = ledger.rows.get(record), night.rows[record]
    return before is not None and any(
        record[0] in mapping.letters
        and mapping.rule != "never"
        and mapping.kind != "campaigns"
        and normal(mapping, "salesforce", before.get(mapping.salesforce), night)
        != normal(mapping, "salesforce", now.get(mapping.salesforce), night)
        for mapping in settings.mappings
    )


def moved_tonight(work: Work, night: Night, settings: Settings) -> bool:
    """Any mapped value differs from the night before: a segment that is chosen makes no old change a new one (X7)."""
    row, pair = night.rows[work.contact], work.pair
    if work.record and not pair.whole:
        return True  # what happened while one side was not there is seen now
    for mapping in settings.mappings:
        if mapping.rule == "never":
            continue
        sides = [("hubspot", pair.seen_hubspot.get(mapping.hubspot), row.get(mapping.hubspot))]
        if work.record and work.record[0] in mapping.letters:
            now = value_in_salesforce(mapping, work.record, night)
            sides.append(("salesforce", pair.seen_salesforce.get(mapping.name), now))
        if any(normal(mapping, side, old, night) != normal(mapping, side, new, night) for side, old, new in sides):
            return True
    return False


def changed_in_hubspot(work: Work, night: Night, settings: Settings) -> bool:
    """P2-11, P2-13: a mapped property differs from what was agreed or, where nothing was, from what was last seen."""
    pair = work.pair
    for mapping in settings.mappings:
        if mapping.name not in pair.rules or mapping.rule == "never" or mapping.kind in WATCHED_ONE_WAY:
            continue
        if work.record is not None and work.record[0] not in mapping.letters:
            continue
        known = (
            work.record is not None and mapping.name in pair.agreed_hubspot and pair.rules[mapping.name] == mapping.rule
        )
        before = pair.agreed_hubspot[mapping.name] if known else pair.seen_hubspot.get(mapping.hubspot)
        now = night.rows[work.contact].get(mapping.hubspot)
        if normal(mapping, "hubspot", before, night) != normal(mapping, "hubspot", now, night):
            return True
    return False


def changed_in_salesforce(work: Work, night: Night, settings: Settings) -> bool:
    """The same for the linked record; of campaigns only being added counts (P2-56)."""
    pair = work.pair
    if work.record is None or pair.salesforce != work.record:
        return False
    for mapping in settings.mappings:
        if mapping.rule == "never" or mapping.name not in pair.seen_salesforce or mapping.name not in pair.rules:
            continue
        agreed = mapping.name in pair.agreed_salesforce and pair.rules[mapping.name] == mapping.rule
        known = (pair.agreed_salesforce if agreed else pair.seen_salesforce)[mapping.name]
        before = normal(mapping, "salesforce", known, night)
        now = normal(mapping, "salesforce", value_in_salesforce(mapping, work.record, night), night)
        if mapping.kind == "campaigns":
            seen = normal(mapping, "salesforce", pair.seen_salesforce[mapping.name], night)
            if (now or frozenset()) - (seen or frozenset()):
                return True
        elif before != now:
            return True
    return False


def deleted_tonight(work: Work, night: Night, ledger: Ledger, settings: Settings) -> bool:
    """P2-45, P2-46: the linked record, or what became of it, was live the night before and is deleted now."""
    if settings.on_salesforce_delete == "nothing" or not work.dead or work.pair.dead_link:
        return False
    if not is_deleted(work.dead, night, ledger, settings) or work.pair.inside is False:
        return False  # D14: it was outside when the record was last seen
    heir = identity.successor(work.dead, night)
    last = night.rows.get(heir) or ledger.rows.get(heir) or {}
    emails = {identity.email_of(night.rows[work.contact]), identity.email_of(last)} - {None}
    return all(identity.email_of(row) not in emails for row in identity.live_people(night).values())  # P2-2B


def is_deleted(record: str, night: Night, ledger: Ledger, settings: Settings) -> bool:
    """Deleted, and not only missing from the delivery; of a merge or conversion, what became of the record."""
    heir = identity.successor(record, night)
    if heir not in night.rows:
        return settings.absent == "deleted" and heir in ledger.met  # one that was never delivered is only missing
    return bool(night.rows[heir]["IsDeleted"])


def moved_hubspot(work: Work, mapping: Mapping, night: Night) -> Change:
    """On the first link both sides are recorded tonight; later the HubSpot side goes on, whatever the link does."""
    row, pair = night.rows[work.contact], work.pair
    linked = work.record is None or (pair.salesforce is not None and mapping.name in pair.kept)
    return moved(
        mapping, "hubspot", mapping.hubspot, row.get(mapping.hubspot), pair.seen_hubspot if linked else {}, pair.moved_hubspot,
        given_at(row, mapping.hubspot) or row.get("lastmodifieddate") or row["hs_lastmodifieddate"], night,
    )  # fmt: skip


def given_at(row: dict[str, Any], name: str) -> str | None:
    """When a property got its value, by the record's property history (P2-30)."""
    entries = json.loads(row.get("propertiesWithHistory") or "{}").get(name, [])
    return max((entry["timestamp"] for entry in entries), default=None)


def moved_salesforce(work: Work, mapping: Mapping, night: Night) -> Change:
    pair = work.pair
    same = pair.salesforce == work.record
    return moved(
        mapping, "salesforce", mapping.name, value_in_salesforce(mapping, work.record, night),
        pair.seen_salesforce if same else {}, pair.moved_salesforce if same else {},
        night.rows[work.record]["SystemModstamp"], night,
    )  # fmt: skip


def moved(
    mapping: Mapping,
    side: str,
    key: str,
    value: Any,
    seen: dict[str, Any],
    at: dict[str, Change],
    time: str,
    night: Night,
) -> Change:
    """The night on which the present value was first seen, and that night's record time."""
    if key in seen and normal(mapping, side, seen[key], night) == normal(mapping, side, value, night):
        return at[key]
    return (night.night, time)
