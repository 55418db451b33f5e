"""The interpreter for companies and accounts (rules 2.6): linked without e-mails, inside the segment by their contacts."""

from dataclasses import replace

from tests.reference import triggers
from tests.reference.fields import Field, normal
from tests.reference.identity import came_of, email_of, go_on, successor
from tests.reference.memory import hear_echoes, remember
from tests.reference.model import Decision, Ledger, Night, Operation, Pair, Result, Settings, number
from tests.reference.pairs import begun, pair_of_deleted, pair_that_waits
from tests.reference.people import give, seen_applied, wants
from tests.reference.work import Work, value_in_salesforce


def decide(night: Night, ledger: Ledger, settings: Settings, people: dict[str, str]) -> Result:
    """The night's operations and decisions about companies; `people` are the links of HubSpot contacts tonight."""
    settings = replace(settings, mappings=settings.company_mappings)
    linked, dead = links(night, ledger, people, settings)
    result, works = Result(links=linked), []
    for company in night.of("K"):
        record = linked.get(company)
        pair = ledger.with_hubspot(company) or (record and pair_that_waits(record, night, ledger))
        pair = pair or ledger.pairs.setdefault(f"hs:{company}", Pair(f"hs:{company}"))
        pair.hubspot = company
        works.append(Work(pair, company, record, dead.get(company), is_inside(company, night, settings)))
    for record in live_accounts(night):
        if record not in linked.values():
            pair = (
                pair_of_deleted(record, night, ledger)
                or pair_that_waits(record, night, ledger)
                or begun(record, ledger)
            )
            pair.hubspot_gone = pair.hubspot is not None
            works.append(Work(pair, None, record))
    for work in works:
        hear_echoes(work, night, settings)
        for trigger in opened(work, night, ledger, settings):
            work.pair.triggers.setdefault(trigger, night.night)
        if work.contact and work.record:
            decide_linked(work, night, settings, result)
        elif work.contact:
            decide_company(work, night, ledger, settings, people, result)
        else:
            decide_account(work, night, settings, result)
    for work in works:
        remember(work, night, settings)
    for pair in ledger.pairs.values():
        if not any(work.pair is pair for work in works):
            if pair.salesforce in live_accounts(night):
                pair.triggers.clear()
            pair.whole, pair.gone = False, pair.gone or night.night
    ledger.met |= night.of("K").keys() | live_accounts(night).keys()
    ledger.rows = {name: dict(row) for name, row in night.rows.items()}
    ledger.night, ledger.as_of = night.night, night.as_of
    return result


def live_accounts(night: Night) -> dict[str, dict]:
    return {name: row for name, row in night.of("A").items() if not row["IsDeleted"]}


def contacts_of(company: str, night: Night) -> list[str]:
    return [contact for contact, other in night.companies.items() if other == company]


def is_inside(company: str, night: Night, settings: Settings) -> bool:
    """P2-42: a company follows its contacts; one without any is not limited (P2-50)."""
    contacts = contacts_of(company, night)
    return settings.segment is None or not contacts or any(contact in night.members for contact in contacts)


def links(
    night: Night, ledger: Ledger, people: dict[str, str], settings: Settings
) -> tuple[dict[str, str], dict[str, str]]:
    """Company -> account that it syncs with, and company -> account that is not there (P2-51: never by domain)."""
    companies, accounts = night.of("K"), live_accounts(night)
    claims: dict[
        tuple[str, str], tuple[int, int]
    ] = {}  # company, account -> rank of the claim, fewer for more contacts

    def claim(company: str | None, account: str | None, rank: int, contacts: int = 0) -> None:
        heir = successor(account, night) if account else None
        if company in companies and heir in accounts:
            claims[company, heir] = min((rank, -contacts), claims.get((company, heir), (9, 0)))

    missing = set()  # companies whose account was not delivered: no other takes its place (section 6)
    for pair in ledger.pairs.values():
        claim(pair.hubspot, pair.salesforce, 1)
        if (
            pair.hubspot
            and pair.salesforce
            and settings.absent == "keep"
            and successor(pair.salesforce, night) not in night.rows
        ):
            missing.add(pair.hubspot)
    for company, row in companies.items():
        if company in missing:
            continue
        claim(company, row.get("salesforceaccountid"), 2)
        shared = [night.rows[people[c]].get("AccountId") for c in contacts_of(company, night) if c in people]
        for account in set(shared) - {None}:
            claim(company, account, 3, shared.count(account))
    for company, account in answers(night, ledger):
        if company not in missing:
            claim(company, account, 4)
    for pair, record in came_of(night, ledger):  # what has become of either, of another name
        company, account = night.survivor(pair.hubspot or record), pair.salesforce or record
        if company not in missing and (company not in (pair.hubspot, record) or successor(account, night) != account):
            claim(company, account, 4)
    best, place = {}, {}
    held = {account for (_, account), (rank, _) in claims.items() if rank <= 2}  # by the ledger or by its id
    for company in companies:
        own = sorted(
            (order[0] > 2 and a in held, order, accounts[a]["CreatedDate"], number(a), a)
            for (c, a), order in claims.items()
            if c == company
        )
        place |= {(company, found[-1]): position for position, found in enumerate(own)}
    for account in accounts:
        own = [(order[0], place[c, a], number(c), c) for (c, a), order in claims.items() if a == account]
        if own and place[min(own)[-1], account] == 0:
            best[min(own)[-1]] = account
    go_on(night, ledger, best)
    dead = {}
    for company, row in companies.items():
        pair = ledger.with_hubspot(company)
        known = (pair and pair.salesforce) or row.get("salesforceaccountid")
        if known and company not in best:
            dead[company] = known
    return best, dead


def answers(night: Night, ledger: Ledger) -> list[tuple[str, str]]:
    """The company or account that came of a create of ours: new to the ledger, of the name that was given, oldest first."""
    found: dict[tuple[str, str, bool], list[tuple[str, str]]] = {}
    for name, row in {**night.of("K"), **live_accounts(night)}.items():
        side, other = ("hubspot", "salesforce") if name[0] == "K" else ("salesforce", "hubspot")
        known = [pair for pair in ledger.pairs.values() if getattr(pair, side) == name]
        asked = known[0].given.get((other, "name" if other == "hubspot" else "Name")) if known else None
        pending = bool(asked) and all(getattr(pair, other) is None and pair.triggers for pair in known)
        if (not known or pending) and not row.get("salesforceaccountid"):
            key = (name[0], (asked or row.get("name") or row.get("Name") or "").strip().lower(), pending)
            found.setdefault(key, []).append((row.get("CreatedDate", ""), name))
    pairs = []
    for (letter, name, pending), listed in found.items():
        if letter == "K" and name:
            order = lambda item: (item[0], number(item[1]))  # noqa: E731
            others = sorted(found.get(("A", name, not pending), []), key=order)
            pairs += [(k, a) for (_, k), (_, a) in zip(sorted(listed, key=order), others, strict=False)]
    return pairs


def opened(work: Work, night: Night, ledger: Ledger, settings: Settings) -> list[str]:
    """New records, new links, the segment, changes of a linked pair; an account without a company when it is edited (P2-50)."""
    pair = work.pair
    if ledger.night is None:
        return ["initial_sync"] if work.record and work.inside and settings.initial_sync == "full" else []
    new = bool(work.record) and triggers.is_new(work.record, night, ledger)
    if not work.contact:
        if pair.hubspot_gone:
            return []
        met = work.record in ledger.met
        changed = (
            triggers.mapped_moved(work.record, night, ledger, settings)
            if met
            else night.rows[work.record]["SystemModstamp"] > ledger.as_of
        )
        return ["auto_create"] if new or changed else []
    row, found = night.rows[work.contact], []
    known = work.contact in ledger.met
    new_link = bool(work.record) and pair.salesforce != work.record
    synced = pair.inside is not None and bool(pair.salesforce)
    heir = synced and successor(pair.salesforce, night) == work.record
    expected = pair.planned and bool(pair.triggers) and pair.salesforce is None
    new_record = new_link and new and not heir and not expected
    if not work.inside:
        return ["auto_create"] if new_record else []
    if not known and "auto_create" not in pair.triggers:
        if row["createdate"] > ledger.as_of:
            found.append("new_record")
        elif work.record and max(row["hs_lastmodifieddate"], night.rows[work.record]["SystemModstamp"]) > ledger.as_of:
            found.append("mapped_change")
    if new_record:
        found.append("new_record")
    if known and new_link:
        found.append("link_moved")
    changed = triggers.changed_in_hubspot, triggers.changed_in_salesforce
    moved = known and work.record and triggers.moved_tonight(work, night, settings)
    if moved and any(side(work, night, settings) for side in changed):
        found.append("mapped_change")
    if known and pair.inside is False and pair.segment == settings.segment:
        found.append("segment_entered")
    return found


def decide_linked(work: Work, night: Night, settings: Settings, result: Result) -> None:
    """Both sides live: the fields as people's (rules 2.3)."""
    if not work.inside:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("not_in_segment",)))
        if "auto_create" not in work.pair.triggers:
            result.decisions.add(Decision("to_hubspot", work.record, "skip", ("not_in_segment",)))
            return
    if work.pair.triggers:
        wants(work, night, settings)
    if not work.inside:
        work.to_salesforce.clear()
        if seen_applied(work, night, settings):
            work.to_hubspot.clear()  # P1-45: once, then frozen
            result.decisions.add(Decision("to_hubspot", work.record, "skip", ("not_in_segment",)))
            work.outcome["to_hubspot"] = "frozen"
            return
        if not work.to_hubspot:
            work.outcome["to_hubspot"] = "frozen"  # nothing to give: the one sync is over
    cleared = {name: None for name, value in work.to_hubspot.items() if value is None}
    given = {name: value for name, value in work.to_hubspot.items() if value is not None}
    for op, values in (("clear", cleared), ("update", given)):
        if values:
            result.operations.add(Operation.of("hubspot", "company", op, work.contact, values))
            result.decisions.add(Decision("to_hubspot", work.record, "update"))
    if work.to_salesforce:
        result.operations.add(Operation.of("salesforce", "account", "update", work.record, work.to_salesforce))
        result.decisions.add(Decision("to_salesforce", work.contact, "update"))


def decide_company(
    work: Work, night: Night, ledger: Ledger, settings: Settings, people: dict[str, str], result: Result
) -> None:
    """A company without an account: what its contacts say about one for it (P2-52)."""
    contacts = [c for c in contacts_of(work.contact, night) if email_of(night.rows[c])]
    kinds = [people[c][0] if c in people else settings.create_as[0].upper() for c in contacts]
    if work.dead:
        gone = "deleted" if triggers.is_deleted(work.dead, night, ledger, settings) else "gone"
        reason = {"deleted": "deleted_in_salesforce", "gone": "gone_from_salesforce"}[gone]
        if successor(work.dead, night) in live_accounts(night):
            reason = "linked_elsewhere"
    elif not contacts:
        reason = "no_associated_contact"
    elif "C" not in kinds:
        reason = "only_leads"
    elif settings.segment is not None and not any(contact in night.members for contact in contacts):
        reason = "no_qualifying_contact"
    elif not work.pair.triggers:
        result.decisions.add(Decision("to_salesforce", work.contact, "unchanged", ("no_trigger",)))
        return
    else:
        work.to_salesforce = created(work, night, settings, "salesforce")
        key = work.to_salesforce["Name"]
        result.operations.add(Operation.of("salesforce", "account", "create", key, work.to_salesforce))
        result.decisions.add(Decision("to_salesforce", work.contact, "create"))
        return
    result.decisions.add(Decision("to_salesforce", work.contact, "skip", (reason,)))


def decide_account(work: Work, night: Night, settings: Settings, result: Result) -> None:
    """An account without a company becomes one when it is new or edited, with or without contacts (P2-50)."""
    if work.pair.hubspot_gone:
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("deleted_in_hubspot",)))
    elif "auto_create" not in work.pair.triggers:
        result.decisions.add(Decision("to_hubspot", work.record, "unchanged", ("no_trigger",)))
    else:
        work.to_hubspot = created(work, night, settings, "hubspot")
        key = work.to_hubspot["name"]
        result.operations.add(Operation.of("hubspot", "company", "create", key, work.to_hubspot))
        result.decisions.add(Decision("to_hubspot", work.record, "create"))


def created(work: Work, night: Night, settings: Settings, system: str) -> dict:
    """Every mapped value that the other side has."""
    values: dict = {}
    for mapping in settings.mappings:
        hubspot = night.rows[work.contact].get(mapping.hubspot) if work.contact else None
        salesforce = value_in_salesforce(mapping, work.record, night) if work.record else None
        here = Field(mapping, hubspot, salesforce, None, None, ("", ""), ("", ""))
        given = salesforce if system == "hubspot" else hubspot
        if normal(mapping, "salesforce", given, night) is not None:
            give(work, values, system, here, night)
    return values
