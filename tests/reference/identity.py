"""Which Salesforce record a HubSpot contact syncs with tonight (rules 2.2)."""

from datetime import date, timedelta

from tests.reference.model import Ledger, Night, Pair, Row, Settings, number


def email_of(row: Row) -> str | None:
    """P2-28: trimmed, lower case, nothing else."""
    value = row.get("email") if "email" in row else row.get("Email")
    return (value or "").strip().lower() or None


def secondary_emails(row: Row) -> set[str]:
    """P2-27: further addresses of a HubSpot contact."""
    return {e.strip().lower() for e in (row.get("hs_additional_emails") or "").split(";") if e.strip()}


def live_people(night: Night) -> dict[str, Row]:
    """Leads and contacts that can sync: neither deleted nor, a lead, converted (P2-2C)."""
    people = {**night.of("L"), **night.of("C")}
    return {name: row for name, row in people.items() if not row.get("IsDeleted") and not row.get("IsConverted")}


def successor(name: str, night: Night) -> str:
    """The record that stands for another one tonight: merges lead to the master, conversions to the contact."""
    visited = set()
    while name in night.rows and name not in visited:
        visited.add(name)
        row = night.rows[name]
        if row.get("IsDeleted") and row.get("MasterRecordId"):
            name = row["MasterRecordId"]  # P2-46: a merge, not a deletion
        elif row.get("IsConverted") and row.get("ConvertedContactId"):
            name = row["ConvertedContactId"]  # P2-2C
        else:
            break
    return name


def links(night: Night, ledger: Ledger, settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """HubSpot contact -> live record it syncs with, and HubSpot contact -> record it was linked to that is not live."""
    live, contacts = live_people(night), night.of("H")
    linked: dict[str, str] = {}
    for _, _, contact, record in claims(night, ledger, live, settings):
        if contact not in linked and record not in linked.values():
            linked[contact] = record
    by_id = set(linked)
    for contact, row in contacts.items():
        email, others = email_of(row), {record for other, record in linked.items() if other != contact}
        found = [name for name, r in live.items() if email and email_of(r) == email and name not in others]
        pair = ledger.with_hubspot(contact)
        if contact in by_id:
            if email_of(live[linked[contact]]) == email:  # another e-mail: a link by id stays
                linked[contact] = later(linked[contact], found, night, ledger)
        elif found and pair and pair.salesforce and keeps_absent(pair, night, settings):
            continue  # section 6: not delivered is not gone; the link is kept
        elif found and pair and pair.salesforce:  # the linked one is gone; another one with the e-mail lives
            linked[contact] = max(found, key=lambda n: (live[n]["SystemModstamp"], n[0] == "C", -number(n)))
        elif found:  # P2-22, X1: first link
            linked[contact] = min(found, key=lambda n: (live[n]["CreatedDate"], id_order(n)))
    go_on(night, ledger, linked)
    dead: dict[str, str] = {}
    for (
        contact,
        row,
    ) in contacts.items():  # none is made beside one that it belongs to, by the ledger or by its stored id (P2-25)
        pair = ledger.with_hubspot(contact)
        known = (pair and pair.salesforce) or row.get("salesforcecontactid") or row.get("salesforceleadid")
        if known and contact not in linked:
            dead[contact] = known
    return linked, dead


def keeps_absent(pair: Pair, night: Night, settings: Settings) -> bool:
    """The linked record, or what it became, was not delivered, which is no deletion."""
    return settings.absent == "keep" and successor(pair.salesforce or "", night) not in night.rows


def claims(night: Night, ledger: Ledger, live: dict[str, Row], settings: Settings) -> list[tuple[int, bool, str, str]]:
    """What ties a HubSpot contact to a live record by id, best first: rank, whether another record stood for it once."""
    contacts = night.of("H")
    found: list[tuple[int, str, str]] = []
    for pair in ledger.pairs.values():
        if pair.hubspot in contacts and pair.salesforce:
            found.append((1, pair.hubspot, pair.salesforce))
        elif pair.hubspot and pair.salesforce and night.survivor(pair.hubspot) in contacts:  # P2-2A
            found.append((5, night.survivor(pair.hubspot), pair.salesforce))
    for contact, row in contacts.items():
        for rank, column in (
            (2, "salesforcecontactid"),
            (3, "salesforceleadid"),
        ):  # P2-26: the contact's before the lead's
            if row.get(column):
                found.append((rank, contact, row[column]))
        email = email_of(row)
        asked = [n for n, r in live.items() if email and asked_for(n, email, email_of(r) == email, night, ledger)]
        if asked:  # the record that asked for the contact
            found.append((4, contact, min(asked, key=lambda n: (live[n]["CreatedDate"], id_order(n)))))
    for pair, record in came_of(night, ledger):  # whatever became of either
        contact, person = night.survivor(pair.hubspot or record), pair.salesforce or record
        if contact in contacts and (email_of(contacts[contact]) != pair.asked_as or successor(person, night) != person):
            found.append((4, contact, person))
    followed = [(rank, contact, record, successor(record, night)) for rank, contact, record in found]
    tied = [
        (rank, heir != record, contact, heir)
        for rank, contact, record, heir in followed
        if heir in live and (rank == 1 or takes_place(live[heir], contact, night, ledger, settings))
    ]
    return sorted(tied, key=lambda claim: (*claim[:3], id_order(claim[3])))


def takes_place(record: Row, contact: str, night: Night, ledger: Ledger, settings: Settings) -> bool:
    """Section 6: what was there takes no place of a record that was not delivered; what was made since may be it (P2-2C)."""
    pair = ledger.with_hubspot(contact)
    if not (pair and pair.salesforce and keeps_absent(pair, night, settings)):
        return True
    heir = successor(pair.salesforce, night)
    if heir != pair.salesforce and heir not in ledger.met:
        return False
    since = date.fromisoformat(pair.missing_since or night.night)
    return date.fromisoformat(record["CreatedDate"][:10]) + timedelta(days=2) >= since


def asked_for(record: str, email: str, has_it: bool, night: Night, ledger: Ledger) -> bool:
    """An auto-create was planned for it or for what it comes of, and has no contact yet; by its address now or then."""
    asking = [pair for pair in ledger.pairs.values() if pair.hubspot is None and pair.salesforce]
    waiting = [pair for pair in asking if successor(pair.salesforce or "", night) == record]
    return any("auto_create" in pair.triggers and pair.asked and (has_it or pair.asked_as == email) for pair in waiting)


def came_of(night: Night, ledger: Ledger) -> list[tuple[Pair, str]]:
    """What asks for a record, and what was made since with the address, of companies the name, that it was given."""
    asking: dict[tuple[bool, str], list[Pair]] = {}
    for pair in ledger.pairs.values():
        if pair.triggers and not (pair.hubspot and pair.salesforce) and (given := pair.asked_as):
            asking.setdefault((bool(pair.hubspot), given), []).append(pair)
    found = []
    for (to_salesforce, given), pairs in asking.items():
        for place, pair in enumerate(sorted(pairs, key=lambda one: number(one.hubspot or one.salesforce or ""))):
            people = (pair.hubspot or pair.salesforce or "")[0] not in "KA"
            letters = ("LC" if people else "A") if to_salesforce else ("H" if people else "K")
            made = sorted(one for one in made_since(pair, given, letters, night) if one[-1] not in ledger.met)
            found += [(pair, made[place][-1])] if place < len(made) else []
    return found


def made_since(pair: Pair, given: str, letters: str, night: Night) -> list[tuple[bool, str, int, str]]:
    """Records of a name or address that were made after the pair asked, and before its last plan was forgotten."""
    until = pair.gone and (date.fromisoformat(pair.gone) + timedelta(days=1)).isoformat()
    found = []
    for name, row in night.rows.items():
        key = email_of(row) if name[0] in "HLC" else (row.get("name") or row.get("Name") or "").strip().lower()
        made = row.get("createdate") or row.get("CreatedDate") or ""
        if name[0] in letters and key == given and min(pair.triggers.values()) < made[:10] <= (until or made):
            found.append((bool(row.get("IsDeleted")), made, number(name), name))
    return found


def go_on(night: Night, ledger: Ledger, linked: dict[str, str]) -> None:
    """What came of a create is the pair's, though what asked for it does not sync with it: one of them is not there."""
    for pair, record in came_of(night, ledger):
        if (pair.hubspot or successor(pair.salesforce or "", night)) not in {*linked, *linked.values()}:
            pair.hubspot, pair.salesforce = pair.hubspot or record, pair.salesforce or record


def later(current: str, found: list[str], night: Night, ledger: Ledger) -> str:
    """P2-23: the record of the e-mail updated last; P2-24: on a tie the link stays, then Contact, then lowest Id."""
    best = current
    for name in sorted(found, key=lambda n: (n[0] != "C", number(n))):
        updated = ledger.night is not None and night.rows[name] != ledger.rows.get(name)
        if updated and night.rows[name]["SystemModstamp"] > night.rows[best]["SystemModstamp"]:
            best = name
    return best


def id_order(name: str) -> tuple[str, int]:
    """Order of the 18-character ids: contacts (003) before leads (00Q), then the number."""
    return {"C": "003", "L": "00Q"}[name[0]], number(name)
