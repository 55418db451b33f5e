"""Which Salesforce record a HubSpot contact syncs with tonight (rules 2.2)."""

from tests.reference.model import Ledger, Night, Row, number


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


def links(night: Night, ledger: Ledger) -> tuple[dict[str, str], dict[str, str]]:
    """HubSpot contact -> live record it syncs with, and HubSpot contact -> record it was linked to that is not live."""
    live = live_people(night)
    contacts = night.of("H")
    linked: dict[str, str] = {}
    dead: dict[str, str] = {}

    held = {}
    for contact in contacts:
        pair = ledger.with_hubspot(contact)
        if pair and pair.salesforce:
            held[contact] = pair.salesforce
    # The ledger first: a contact whose own record lives keeps it before one that comes to it by merge or conversion.
    for direct in (True, False):
        for contact, record in held.items():
            heir = successor(record, night)
            if (heir == record) == direct and heir in live and heir not in linked.values():
                linked[contact] = heir
    dead.update({contact: record for contact, record in held.items() if contact not in linked})

    for contact, row in contacts.items():  # P2-26: ids stored on the HubSpot contact, the contact's before the lead's
        for stored in (row.get("salesforcecontactid"), row.get("salesforceleadid")):
            if stored and contact not in linked and contact not in held:
                heir = successor(stored, night)
                if heir in live and heir not in linked.values():
                    linked[contact] = heir

    def matches(contact: str) -> list[str]:
        """Live records of the primary e-mail (P2-20, P2-27) that no other contact holds."""
        email = email_of(contacts[contact])
        taken = {record for other, record in linked.items() if other != contact}
        return [name for name, row in live.items() if email and email_of(row) == email and name not in taken]

    for contact in contacts:
        found = matches(contact)
        answered = [name for name in found if asked_for(name, ledger)]
        if contact not in linked and contact not in held and answered:  # the record that asked for the contact
            linked[contact] = min(answered, key=lambda n: (live[n]["CreatedDate"], id_order(n)))
            held[contact] = linked[contact]
        if contact in linked:
            same = email_of(live[linked[contact]]) == email_of(contacts[contact])  # another e-mail: a link by id stays
            if contact in held and same:
                linked[contact] = later(linked[contact], found, night, ledger)
        elif contact in dead and found:  # the linked one is gone; another one with the e-mail lives
            linked[contact] = max(found, key=lambda n: (live[n]["SystemModstamp"], n[0] == "C", -number(n)))
            del dead[contact]
        elif contact not in held and found:  # P2-22, X1: first link
            linked[contact] = min(found, key=lambda n: (live[n]["CreatedDate"], id_order(n)))
    return linked, dead


def asked_for(record: str, ledger: Ledger) -> bool:
    """Its auto-create was planned, and no HubSpot contact has come of it yet."""
    pair = ledger.pairs.get(f"sf:{record}")
    return bool(pair and pair.hubspot is None and "auto_create" in pair.triggers and pair.asked)


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
