"""The interpreter: one night's decisions about people, pair by pair (rules 2.1, 2.3 to 2.5; design section 6)."""

from typing import Any

from tests.reference import identity, triggers
from tests.reference.fields import Field, direction, normal, owner_for
from tests.reference.memory import hear_echoes, remember
from tests.reference.model import Decision, Ledger, Mapping, Night, Operation, Pair, Result, Settings, number, object_of
from tests.reference.pairs import pairs_of
from tests.reference.work import Work, email_is_taken, mappings_of, refusals, tidy, value_in_salesforce


def decide(night: Night, ledger: Ledger, settings: Settings) -> Result:
    """The night's operations and decisions. The ledger is brought forward to this night."""
    linked, dead = identity.links(night, ledger, settings)
    result = Result(links=dict(linked))
    works = pairs_of(night, ledger, settings, linked, dead)
    for work in works:
        hear_echoes(work, night, settings)
        triggers.open_and_close(work, night, ledger, settings)
    for work in sorted(
        works, key=lambda one: number(one.contact) if one.contact else 0
    ):  # the lowest id has an address
        if work.contact and work.record:
            decide_linked(work, night, settings, result)
        elif work.contact and work.dead:
            decide_dead(work, night, ledger, settings, result)
        elif work.contact:
            decide_contact(work, night, settings, linked, result)
    for work in works:
        if not work.contact and work.record:
            decide_record(work, night, settings, works, result)
    for name in identity.live_people(night):  # further records of an e-mail that another one syncs for
        if not any(work.record == name for work in works):
            result.decisions.add(not_current(name, night))
    for work in works:
        remember(work, night, settings)
    for pair in ledger.pairs.values():  # another record of its e-mail syncs: nothing of it waits; or both are gone
        if not any(work.pair is pair for work in works):
            if pair.salesforce in identity.live_people(night):
                pair.triggers.clear()
            pair.triggers.pop("deletion", None)
            pair.whole, pair.gone = False, pair.gone or night.night
            pair.dead_link = pair.salesforce is not None and pair.salesforce not in identity.live_people(night)
    for name, row in night.rows.items():
        if name[0] == "H" or name in identity.live_people(night):
            ledger.met.add(name)
        ledger.rows[name] = dict(row)
    for name in set(ledger.rows) - set(night.rows):
        del ledger.rows[name]
    ledger.night, ledger.as_of = night.night, night.as_of
    return result


def wants(work: Work, night: Night, settings: Settings) -> None:
    """Every mapped field of a linked pair, with present values: what each side would take from the other."""
    pair, contact = work.pair, night.rows[work.contact]
    for mapping in mappings_of(settings, work.record):
        here = Field(
            mapping,
            contact.get(mapping.hubspot),
            value_in_salesforce(mapping, work.record, night),
            *agreed_on(pair, mapping, work.record),
            triggers.moved_hubspot(work, mapping, night),
            triggers.moved_salesforce(work, mapping, night),
        )
        way = direction(here, night)
        if way == "to_hubspot":
            give(work, work.to_hubspot, "hubspot", here, night)
        elif way == "to_salesforce":
            give(work, work.to_salesforce, "salesforce", here, night)


def agreed_on(pair: Pair, mapping: Mapping, record: str) -> tuple[tuple[Any] | None, tuple[Any] | None]:
    """Values of each side when both were equal; unknown under another rule, Salesforce's on another record (section 6)."""
    if pair.rules.get(mapping.name) != mapping.rule:
        return None, None
    hubspot = (pair.agreed_hubspot[mapping.name],) if mapping.name in pair.agreed_hubspot else None
    known = (pair.salesforce == record or mapping.name in pair.echoed) and mapping.name in pair.agreed_salesforce
    return hubspot, (pair.agreed_salesforce[mapping.name],) if known else None


def give(work: Work, values: dict[str, Any], system: str, here: Field, night: Night) -> None:
    mapping = here.mapping
    name, value = (mapping.hubspot, here.salesforce) if system == "hubspot" else (mapping.salesforce, here.hubspot)
    if mapping.kind == "owner" and value is not None:
        value, warning = owner_for(system, here, night)
        if warning:
            work.left_out.append(name)
            return
    if mapping.kind == "opt_out":
        value = True
    values[name] = tidy(mapping, value)
    work.sources[system, name] = here.salesforce if system == "hubspot" else here.hubspot


def decide_linked(work: Work, night: Night, settings: Settings, result: Result) -> None:
    """Both sides live."""
    pair = work.pair
    no_email = identity.email_of(night.rows[work.contact]) is None
    if no_email:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("no_email",)))  # P2-05
    elif not work.inside:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("not_in_segment",)))  # D3, D8
    if not work.inside and "auto_create" not in pair.triggers:
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("not_in_segment",)))  # P1-41, D12, D13
        return
    if pair.triggers:
        wants(work, night, settings)
    if no_email:
        work.to_salesforce.clear()
        work.left_out = [name for name in work.left_out if name not in {m.salesforce for m in settings.mappings}]
    if not work.inside:
        work.to_salesforce.clear()  # D5: the one sync of auto-create goes to HubSpot
        if seen_applied(work, night, settings):
            work.to_hubspot.clear()  # P1-45: once, then frozen
            result.decisions.add(Decision("to_hubspot", work.record, "skip", ("not_in_segment",)))
            work.outcome["to_hubspot"] = "frozen"
            return
        if not work.to_hubspot:
            work.outcome["to_hubspot"] = "frozen"  # nothing to give: the one sync is over
    taken = email_is_taken(work, night, result.claimed)
    if taken:  # P2-27: HubSpot would refuse the address
        result.decisions.add(Decision("to_hubspot", work.record, "reject", ("email_in_use",)))
        work.errors.append("email_in_use")
        work.to_hubspot = {}
    elif work.to_hubspot:
        write_hubspot(work, night, result)
        result.decisions.add(Decision("to_hubspot", work.record, "update"))
    if refused := refusals(work.to_salesforce):
        result.decisions.add(Decision("to_salesforce", work.contact, "reject", refused))  # P2-C2: the whole record
        work.errors += refused
        work.to_salesforce = {}
    if work.inside and work.to_salesforce:
        kind = object_of(work.record)
        result.operations.add(Operation.of("salesforce", kind, "update", work.record, work.to_salesforce))
        result.decisions.add(Decision("to_salesforce", work.contact, "update"))


def write_hubspot(work: Work, night: Night, result: Result) -> None:
    """A clear is its own operation, before the update (design section 7)."""
    cleared = {name: None for name, value in work.to_hubspot.items() if value is None}
    given = {name: value for name, value in work.to_hubspot.items() if value is not None}
    if cleared:
        result.operations.add(Operation.of("hubspot", "contact", "clear", work.contact, cleared))
    if given:
        result.operations.add(Operation.of("hubspot", "contact", "update", work.contact, given))


def decide_dead(work: Work, night: Night, ledger: Ledger, settings: Settings, result: Result) -> None:
    """The linked Salesforce record is deleted or gone, and no other one has the e-mail."""
    if identity.email_of(night.rows[work.contact]) is None:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("no_email",)))
    elif not work.inside:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("not_in_segment",)))  # D14
    elif identity.successor(work.dead, night) in identity.live_people(night):  # merged into another contact's record
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("linked_elsewhere",)))
    else:
        deleted = triggers.is_deleted(work.dead, night, ledger, settings)
        reason = "deleted_in_salesforce" if deleted else "gone_from_salesforce"
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", (reason,)))
    if work.inside and "deletion" in work.pair.triggers:  # P2-45, P2-46
        result.operations.add(Operation.of("hubspot", "contact", "delete", work.contact, {}))
        result.decisions.add(Decision("to_hubspot", work.contact, "delete"))


def decide_contact(work: Work, night: Night, settings: Settings, linked: dict[str, str], result: Result) -> None:
    """A HubSpot contact without a Salesforce record."""
    row = night.rows[work.contact]
    email = identity.email_of(row)
    if email is None:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("no_email",)))  # P2-05
        return
    if not work.inside:
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("not_in_segment",)))
        return
    if any(identity.email_of(other) == email for other in identity.live_people(night).values()):
        result.decisions.add(Decision("to_salesforce", work.contact, "skip", ("linked_elsewhere",)))  # P2-25
        return
    if not work.pair.triggers:
        result.decisions.add(Decision("to_salesforce", work.contact, "unchanged", ("no_trigger",)))  # P1-15
        return
    if email in result.asked:  # P2-25: a contact before it asks for the record
        result.decisions.add(Decision("to_salesforce", work.contact, "reject", ("email_in_use",)))
        work.errors.append("email_in_use")
        return
    result.asked.add(email)
    letter = "L" if settings.create_as == "lead" else "C"  # P2-01
    values = {}
    for mapping in mappings_of(settings, letter):
        if mapping.rule in ("always_salesforce", "never"):
            continue  # HubSpot never sends these
        here = Field(mapping, row.get(mapping.hubspot), None, None, None, ("", ""), ("", ""))
        value = normal(mapping, "hubspot", here.hubspot, night)
        if value not in (None, False):
            give(work, values, "salesforce", here, night)
    if letter == "L" and not values.get("Company") and settings.lead_company:
        values["Company"] = settings.lead_company  # X9
    work.errors += refusals(values)
    for required in ("LastName", *(["Company"] if letter == "L" else [])):
        if not values.get(required):
            work.errors.append(f"required_field_missing: {required}")  # P2-07
    if work.errors:
        result.decisions.add(Decision("to_salesforce", work.contact, "reject", tuple(sorted(work.errors))))
        return
    work.to_salesforce = values
    result.operations.add(Operation.of("salesforce", settings.create_as, "create", email, values))
    result.decisions.add(Decision("to_salesforce", work.contact, "create"))


def decide_record(work: Work, night: Night, settings: Settings, works: list[Work], result: Result) -> None:
    """A Salesforce record whose e-mail no HubSpot contact has."""
    row = night.rows[work.record]
    email = identity.email_of(row)
    if email is None:
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("no_email",)))  # P2-05
        return
    if any(email in identity.secondary_emails(contact) for contact in night.of("H").values()):
        result.decisions.add(Decision("to_hubspot", work.record, "reject", ("email_in_use",)))  # P2-27
        return
    same = [w for w in works if w.record and not w.contact and identity.email_of(night.rows[w.record]) == email]
    first = min(
        (w.record for w in same if "auto_create" in w.pair.triggers and not w.pair.hubspot_gone),
        key=lambda name: (night.rows[name]["CreatedDate"], identity.id_order(name)),
        default=work.record,
    )
    if work.pair.hubspot_gone:
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("deleted_in_hubspot",)))
        return
    if first != work.record:  # P2-21, P2-82: one HubSpot contact an e-mail
        work.pair.asked = False
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("not_current_record",)))
        return
    asked = settings.auto_new if work.is_new else settings.auto_existing
    if "auto_create" not in work.pair.triggers and asked[work.record[0]]:
        result.decisions.add(Decision("to_hubspot", work.record, "unchanged", ("no_trigger",)))
        return
    if "auto_create" not in work.pair.triggers:
        result.decisions.add(Decision("to_hubspot", work.record, "skip", ("auto_create_off",)))  # D6
        return
    values: dict[str, Any] = {}
    for mapping in mappings_of(settings, work.record):
        if mapping.rule == "never":
            continue
        here = Field(mapping, None, value_in_salesforce(mapping, work.record, night), None, None, ("", ""), ("", ""))
        if normal(mapping, "salesforce", here.salesforce, night) not in (None, False):
            give(work, values, "hubspot", here, night)
    values["email"] = email
    if email in result.claimed:  # P2-27: a contact that is there takes the address tonight
        result.decisions.add(Decision("to_hubspot", work.record, "reject", ("email_in_use",)))
        work.errors.append("email_in_use")
        return
    if settings.default_stage:
        values["lifecyclestage"] = settings.default_stage  # P2-65
    work.to_hubspot = values
    result.operations.add(Operation.of("hubspot", "contact", "create", email, values))  # D4
    result.decisions.add(Decision("to_hubspot", work.record, "create"))


def not_current(name: str, night: Night) -> Decision:
    return Decision("to_hubspot", name, "skip", ("not_current_record",))


def seen_applied(work: Work, night: Night, settings: Settings) -> bool:
    """Outside the segment: each side has what the last delta gave it."""
    mappings = mappings_of(settings, work.record)
    given = [(m, "hubspot", night.rows[work.contact].get(m.hubspot), ("hubspot", m.hubspot)) for m in mappings]
    given += [
        (m, "salesforce", value_in_salesforce(m, work.record, night), ("salesforce", m.salesforce)) for m in mappings
    ]
    equal = [
        normal(m, side, value, night) == normal(m, side, work.pair.given[key], night)
        for m, side, value, key in given
        if key in work.pair.given
    ]
    same = work.pair.salesforce == work.record  # what was given was given for the record that was linked then
    return bool(same and equal and all(equal)) and work.pair.triggers["auto_create"] < night.night
