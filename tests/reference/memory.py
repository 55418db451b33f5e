"""What a night leaves behind for the next one (design section 6: agreement observed, never promises)."""

from tests.reference import triggers
from tests.reference.fields import normal
from tests.reference.model import Night, Settings
from tests.reference.work import Work, mappings_of, value_in_salesforce


def remember(work: Work, night: Night, settings: Settings) -> None:
    """Values seen and agreed, the link, the segment; triggers that are done with are dropped."""
    pair = work.pair
    if not still_open(work):
        pair.triggers.clear()
    if work.contact:
        row = night.rows[work.contact]
        for mapping in settings.mappings:
            pair.moved_hubspot[mapping.hubspot] = triggers.moved_hubspot(work, mapping, night)
        for mapping in settings.mappings:
            pair.seen_hubspot[mapping.hubspot] = row.get(mapping.hubspot)
    if work.record:
        same = pair.salesforce == work.record
        moved = {m.name: triggers.moved_salesforce(work, m, night) for m in mappings_of(settings, work.record)}
        if not same:  # the Salesforce side becomes unknown
            pair.agreed_salesforce, pair.seen_salesforce, pair.given = {}, {}, {}
        pair.moved_salesforce = moved
        for mapping in mappings_of(settings, work.record):
            if pair.rules.get(mapping.name) != mapping.rule:
                pair.agreed_hubspot.pop(mapping.name, None)
                pair.agreed_salesforce.pop(mapping.name, None)
            value = value_in_salesforce(mapping, work.record, night)
            pair.seen_salesforce[mapping.name] = value
            if work.contact:
                hubspot = night.rows[work.contact].get(mapping.hubspot)
                if normal(mapping, "hubspot", hubspot, night) == normal(mapping, "salesforce", value, night):
                    pair.agreed_hubspot[mapping.name] = hubspot
                    pair.agreed_salesforce[mapping.name] = value
        pair.salesforce = work.record
    pair.rules = {mapping.name: mapping.rule for mapping in settings.mappings}
    pair.dead_link = bool(work.dead)
    if work.contact:
        pair.hubspot, pair.inside, pair.segment = work.contact, work.inside, settings.segment
    pair.given = {
        **{("hubspot", name): value for name, value in work.to_hubspot.items()},
        **{("salesforce", name): value for name, value in work.to_salesforce.items()},
    }
    pair.asked = pair.asked or bool(work.to_hubspot and not work.contact)
    pair.planned = pair.planned or bool(work.to_salesforce and not work.record)


def still_open(work: Work) -> bool:
    """A trigger stays open until nothing is left to do; a pair outside the segment waits."""
    if work.dead:
        return "deletion" in work.pair.triggers
    if work.contact and work.record and not work.inside:
        if "auto_create" in work.pair.triggers:
            return work.outcome.get("to_hubspot") != "frozen"
        return True  # it waits, whatever happens to it
    if work.errors or work.left_out or work.to_hubspot or work.to_salesforce:
        return True
    if work.contact and not work.record:
        return not work.inside or bool(work.pair.triggers)  # nothing could be created yet
    return bool(not work.contact and work.pair.triggers)
