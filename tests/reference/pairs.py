"""The pairs of a night: which remembered one each record belongs to (rules 2.2; design section 6)."""

from tests.reference import identity
from tests.reference.model import Ledger, Night, Pair, Settings
from tests.reference.work import Work


def pairs_of(
    night: Night, ledger: Ledger, settings: Settings, linked: dict[str, str], dead: dict[str, str]
) -> list[Work]:
    """One piece of work per live HubSpot contact, and one per live Salesforce record that no contact syncs with."""
    contacts, live = night.of("H"), identity.live_people(night)
    works = []
    for contact in contacts:
        record = linked.get(contact)
        pair = ledger.with_hubspot(contact)
        if pair is None and record and (waiting := pair_that_waits(record, night, ledger)):
            pair = waiting  # HubSpot has a record now: the pair keeps its name, the other key is an alias
            pair.hubspot = contact
        if pair is None:
            pair = ledger.pairs.setdefault(f"hs:{contact}", Pair(f"hs:{contact}", hubspot=contact))
        inside = settings.segment is None or contact in night.members
        works.append(Work(pair, contact, record, dead.get(contact), inside))
    emails = {identity.email_of(row) for row in contacts.values()}
    for record, row in live.items():
        if record in linked.values() or identity.email_of(row) in emails - {None}:
            continue
        pair = pair_of_deleted(record, night, ledger) or pair_that_waits(record, night, ledger) or begun(record, ledger)
        pair.hubspot_gone = pair.hubspot is not None
        works.append(Work(pair, None, record))
    return works


def pair_that_waits(record: str, night: Night, ledger: Ledger) -> Pair | None:
    """The pair without a HubSpot contact of a record, or else of one that it stands for now (P2-2C, P2-46)."""
    return nearest(record, night, [pair for pair in ledger.pairs.values() if pair.hubspot is None])


def pair_of_deleted(record: str, night: Night, ledger: Ledger) -> Pair | None:
    """The pair of a record, or of one whose place it has taken, whose HubSpot contact was deleted, and stays so."""
    there = night.of("H").keys() | night.of("K").keys() | night.merged.keys()
    return nearest(record, night, [p for p in ledger.pairs.values() if p.hubspot and p.hubspot not in there])


def nearest(record: str, night: Night, pairs: list[Pair]) -> Pair | None:
    """The record's own pair of several, or that of one which it stands for now (P2-2C, P2-46)."""
    found = [p for p in pairs if p.salesforce and identity.successor(p.salesforce, night) == record]
    return min(found, key=lambda pair: (pair.salesforce != record, pair.key), default=None)


def begun(record: str, ledger: Ledger) -> Pair:
    """A new pair of a record; its own name may belong to one that went on with another record."""
    key = f"sf:{record}"
    while key in ledger.pairs:
        key += "/"
    return ledger.pairs.setdefault(key, Pair(key, salesforce=record))
