"""What a night leaves behind for the next one (design section 6: agreement observed, never promises)."""

from typing import Any

from tests.reference import triggers
from tests.reference.fields import normal
from tests.reference.model import Mapping, Night, Settings
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
    if work.record and not (work.contact or work.to_hubspot or pair.kept):
        pair.salesforce = work.record  # nothing of its values is kept before HubSpot is to have them
    elif work.record:
        remember_record(work, night, settings)
    pair.rules = {mapping.name: mapping.rule for mapping in settings.mappings}
    pair.whole, pair.gone = bool(work.contact and work.record), None
    pair.dead_link = bool(work.dead)
    pair.missing_since = (pair.missing_since or night.night) if work.dead else None
    if work.contact:
        pair.hubspot, pair.inside, pair.segment = work.contact, work.inside, settings.segment
    pair.given = {
        **{("hubspot", name): value for name, value in work.to_hubspot.items()},
        **{("salesforce", name): value for name, value in work.to_salesforce.items()},
    }
    pair.sources = dict(work.sources)
    asked = work.to_hubspot if work.record else work.to_salesforce
    keys = [asked[name].strip().lower() for name in ("email", "Email", "name", "Name") if asked.get(name)]
    if not pair.triggers or (work.contact and work.record):
        pair.asked_as = ""
    elif keys:
        pair.asked_as = keys[0]
    pair.asked = pair.asked or bool(work.to_hubspot and not work.contact)
    pair.planned = pair.planned or bool(work.to_salesforce and not work.record)


def remember_record(work: Work, night: Night, settings: Settings) -> None:
    """The linked record's values; what both sides agree on."""
    pair = work.pair
    mappings = mappings_of(settings, work.record)
    moved = {m.name: triggers.moved_salesforce(work, m, night) for m in mappings}
    if pair.salesforce != work.record:  # the Salesforce side becomes unknown
        pair.agreed_salesforce = {name: pair.agreed_salesforce[name] for name in pair.echoed}
        pair.seen_salesforce = {}
    pair.moved_salesforce = moved
    for mapping in mappings:
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
    pair.kept = frozenset(mapping.name for mapping in mappings)
    for name in pair.agreed_hubspot.keys() - pair.kept:
        del pair.agreed_hubspot[name]


def hear_echoes(work: Work, night: Night, settings: Settings) -> None:
    """P2-17: a side has what was given to it last, so both were equal then, even if the other has moved on meanwhile."""
    pair = work.pair
    is_answer = pair.salesforce is None and pair.planned and bool(pair.triggers)
    pair.echoed = frozenset()
    if not work.contact or not work.record or not (is_answer or pair.salesforce == work.record):
        return
    for mapping in mappings_of(settings, work.record):
        to_hubspot, to_salesforce = ("hubspot", mapping.hubspot), ("salesforce", mapping.salesforce)
        hubspot = night.rows[work.contact].get(mapping.hubspot)
        salesforce = value_in_salesforce(mapping, work.record, night)
        if to_hubspot in pair.given and same(mapping, "hubspot", hubspot, pair.given[to_hubspot], night):
            pair.agreed_hubspot[mapping.name] = hubspot
            pair.agreed_salesforce[mapping.name] = pair.sources[to_hubspot]
        elif (
            to_salesforce in pair.given
            and to_salesforce in pair.sources
            and same(mapping, "salesforce", salesforce, pair.given[to_salesforce], night)
        ):
            pair.agreed_hubspot[mapping.name] = pair.sources[to_salesforce]
            pair.agreed_salesforce[mapping.name] = salesforce
            pair.echoed |= {mapping.name} if is_answer else frozenset()


def same(mapping: Mapping, side: str, one: Any, other: Any, night: Night) -> bool:
    return bool(normal(mapping, side, one, night) == normal(mapping, side, other, night))


def still_open(work: Work) -> bool:
    """A trigger stays open until nothing is left to do; a pair outside the segment waits."""
    if work.dead:
        return True  # the record may come back, or another one with the e-mail
    if work.contact and work.record and not work.inside:
        if "auto_create" in work.pair.triggers:
            return work.outcome.get("to_hubspot") != "frozen"
        return True  # it waits, whatever happens to it
    if work.errors or work.left_out or work.to_hubspot or work.to_salesforce:
        return True
    if work.contact and not work.record:
        return not work.inside or bool(work.pair.triggers)  # nothing could be created yet
    return bool(not work.contact and work.pair.triggers)
