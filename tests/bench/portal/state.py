"""How the records of a slice of people stand at the end of a night, on both sides."""

import numpy as np

from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.facts import People
from tests.bench.portal.layout import KIND, NO_STORY, Portal
from tests.bench.portal.nights import DAY, HOUR, SECOND
from tests.bench.portal.story import OPPORTUNITY, REGION, STAGE
from tests.bench.portal.telling import Record, Records, absent_twin, tell
from tests.bench.portal.vocabulary import COUNTRIES

BLANK_SHARE = {  # how often a field is blank in both CRMs
    "first": 0.01, "last": 0.0, "salutation": 0.45, "title": 0.1, "phone": 0.2, "mobile": 0.65, "fax": 0.88, "street": 0.3,
    "city": 0.12, "state": 0.05, "zip": 0.3, "country": 0.06, "source": 0.25, "description": 0.85, "rating": 0.5, "status": 0.0,
    "industry": 0.25, "revenue": 0.55, "employees": 0.4, "website": 0.4, "company": 0.0, "email": 0.0, "owner": 0.0,
    "newsletter": 0.0, "interests": 0.6, "contract": 0.85, "demo": 0.8, "fit": 0.5, "band": 0.0,
}  # fmt: skip
LEAD_ONLY = ("rating", "status", "industry", "revenue", "employees", "website", "company")
MAPPED = (
    "first", "salutation", "title", "phone", "fax", "street", "city", "zip", "country", "source", "description", "owner",
    *LEAD_ONLY,
)  # fmt: skip
_NEVER_BLANK = ("last", "company", "status", "owner", "email")
_FILLED_IN_STORIES = ("first", "title", "phone", "street", "city", "zip", "country", "source", "industry", "employees")
_EDITED = ("phone", "title", "city", "street", "zip", "fax", "description", "source")
_FLAGS = (
    "exists", "deleted", "converted", "kind", "stored", "slot", "campaigns", "opportunity", "extra", "competitor", "merged",
    "until",
)  # fmt: skip
_STAGE_WEIGHTS = {  # blank last
    "lead_pair": [12, 40, 6, 25, 8, 2, 2, 0, 2, 3],
    "contact_pair": [4, 8, 2, 12, 18, 18, 32, 3, 3, 0],
    "hubspot_only": [35, 25, 5, 15, 4, 2, 3, 1, 2, 8],
}
STALE_PAIRS, STALE_VALUES = 0.25, 0.32


Snapshot = Records[People]


def snapshot(portal: Portal, number: Ints, night: int) -> Snapshot:
    """The records of the people given at the end of a night (1 is the first)."""
    people = People.of(portal, number)
    found = _from_the_start(portal, people, night)
    for later in range(2, night + 1):
        _edit_tonight(portal, found, later)
    for position in np.unique(people.story[people.story >= 0]):
        tell(portal, found, portal.cast.planted[position].story, np.flatnonzero(people.story == position))
    return found


def in_segment(hs: Record) -> Bools:
    """Who meets the inclusion segment's criteria (the same that lists.py writes as a filter tree)."""
    staged = (hs["stage"] >= STAGE["lead"]) & (hs["stage"] < STAGE["other"])
    meets = staged & (hs["region"] != REGION["APAC"]) & (hs["competitor"] == 0)
    return np.asarray((hs["email"] >= 0) & (meets | (hs["score"] >= 80)))


def _from_the_start(portal: Portal, people: People, night: int) -> Snapshot:
    draw, number, size = portal.draw, people.number, len(people)
    told = people.story != NO_STORY
    hs: Record = {}
    for name, share in BLANK_SHARE.items():
        blank = draw.chance(f"blank/{name}", number, share)
        if name in _FILLED_IN_STORIES:
            blank &= ~told
        hs[name] = np.where(blank, -1, 0).astype(np.int8)
    hs |= {name: np.zeros(size, dtype=np.int8) for name in _FLAGS}
    hs["master"] = np.full(size, -1, dtype=np.int8)
    regions = np.array([REGION[country.region] for country in COUNTRIES], dtype=np.int8)
    region = np.where(draw.chance("blank/region", number, 0.2), -1, regions[people.country])
    hs["region"] = np.where(told & (region == REGION["APAC"]), REGION["NORDICS"], region).astype(np.int8)
    optout = draw.chance("optout", number, 0.06) & ~told
    hs["optout"] = np.where(optout, 1, np.where(draw.chance("optout/false", number, 0.2), 0, -1)).astype(np.int8)
    hs["campaigns"] = draw.choice("campaigns", number, [60, 25, 12, 3]).astype(np.int8)
    deal = _deals(portal, people)
    hs["opportunity"] = np.where(portal.desks.back(number) < portal.firms.size, deal, 0).astype(np.int8)
    sf = {name: values.copy() for name, values in hs.items()}
    _know_them(portal, people, hs, sf)
    _stamp(portal, people, hs, sf)
    _stages(portal, people, hs)
    found = Snapshot(people, night, hs, absent_twin(hs), sf, absent_twin(sf))
    _differ(portal, found)
    return found


def _deals(portal: Portal, people: People) -> Ints:
    """What the first desk of each one's company has to do with an opportunity. Companies of stories have none of their own."""
    company = people.company.number
    drawn = portal.draw.choice("opportunity", company, [60, 6, 16, 11, 7, 0])
    return np.where(portal.ordinary_companies[company], drawn, 0)


def _know_them(portal: Portal, people: People, hs: Record, sf: Record) -> None:
    """Who exists where, as a lead or a contact, and whose id is stored."""
    kind = people.kind
    pair = (kind == KIND["lead_pair"]) | (kind == KIND["contact_pair"])
    contact = (kind == KIND["contact_pair"]) | (kind == KIND["contact_only"]) | (kind == KIND["nobody_contact"])
    either = (kind == KIND["hubspot_only"]) & (people.turn % 2 == 1)
    hs["exists"][pair | (kind == KIND["hubspot_only"])] = 1
    sf["exists"][pair | (kind == KIND["lead_only"]) | (kind == KIND["contact_only"])] = 1
    sf["kind"][contact | either] = 1
    hs["kind"][:] = sf["kind"]
    hs["stored"][pair] = 1
    hs["status"][(sf["kind"] == 1) | ~pair] = -1
    hs["campaigns"][~pair] = 0
    sf["campaigns"][(people.story != NO_STORY) & ~pair] = 0  # whoever is new is in no campaign yet
    sf["optout"] = np.maximum(sf["optout"], 0).astype(np.int8)
    plain = people.story == NO_STORY
    nameless = plain & (kind == KIND["hubspot_only"])
    hs["company"][nameless & portal.draw.chance("no company", people.number, 0.06)] = -1
    hs["last"][nameless & portal.draw.chance("no last name", people.number, 0.03)] = -1
    hs["email"][nameless & portal.draw.chance("no e-mail", people.number, 0.02)] = -1
    alone = plain & ((kind == KIND["lead_only"]) | (kind == KIND["contact_only"]))
    sf["email"][alone & portal.draw.chance("no e-mail", people.number, 0.05)] = -1
    hs["competitor"][plain & portal.draw.chance("competitor", people.number, 0.012)] = 1


def _stamp(portal: Portal, people: People, hs: Record, sf: Record) -> None:
    draw, number, base = portal.draw, people.number, portal.nights.base
    made = base - DAY - (draw.unit("created", number) ** 1.6 * 2300 * DAY).astype(np.int64)
    first = (draw.unit("created/lag", number) ** 3 * 20 * DAY).astype(np.int64)
    hubspot_first = draw.chance("created/where", number, 0.5)
    hs["created"] = made - np.where(hubspot_first, 0, first)
    sf["created"] = (made - np.where(hubspot_first, first, 0)) // SECOND * SECOND
    for record, name in ((hs, "hs"), (sf, "sf")):
        lived = base - HOUR - record["created"]
        record["modified"] = record["created"] + (draw.unit(f"modified/{name}", number) ** 0.3 * lived).astype(np.int64)
        record["moved"] = np.full(len(people), -1, dtype=np.int64)
    sf["modified"] = sf["modified"] // SECOND * SECOND


def _stages(portal: Portal, people: People, hs: Record) -> None:
    draw, number, size = portal.draw, people.number, len(people)
    stage = np.full(size, STAGE["lead"], dtype=np.int8)
    for name, weights in _STAGE_WEIGHTS.items():
        drawn = draw.choice(f"stage/{name}", number, [float(weight) for weight in weights])
        stage = np.where(people.kind == KIND[name], np.where(drawn == len(weights) - 1, -1, drawn), stage).astype(
            np.int8
        )
    told = people.story != NO_STORY
    contact = hs["kind"] == 1
    hs["stage"] = np.where(told, np.where(contact, STAGE["customer"], STAGE["lead"]), stage).astype(np.int8)
    known, deal = ~told & draw.chance("stage/known", number, 0.95), _deals(portal, people)
    for state, least in (("open_role", "opportunity"), ("won_role", "customer")):  # as transitions set all colleagues
        hs["stage"][known & (deal == OPPORTUNITY[state]) & (hs["stage"] < STAGE[least])] = STAGE[least]
    high = draw.chance("score/high", number, 0.04) & ~told
    hs["score"] = np.where(high, 80 + draw.below("score/top", number, 20), draw.below("score", number, 78)).astype(
        np.int8
    )
    hs["marketing"] = draw.chance("marketing", number, 0.45).astype(np.int8)
    hs["until"] = (draw.chance("until", number, 0.01) & (hs["marketing"] == 1)).astype(np.int8)


def _differ(portal: Portal, found: Snapshot) -> None:
    """Some linked pairs have drifted apart: a part of their values differs on the first night."""
    draw, people = portal.draw, found.subjects
    pair = (people.kind == KIND["lead_pair"]) | (people.kind == KIND["contact_pair"])
    stale = np.flatnonzero(pair & (people.story == NO_STORY) & draw.chance("stale", people.number, STALE_PAIRS))
    number = people.number[stale]
    for name in MAPPED:
        hit = stale[draw.chance(f"stale/{name}", number, STALE_VALUES) & (found.sf[name][stale] >= 0)]
        how = draw.below(f"stale/how/{name}", people.number[hit], 8)
        keep = name in _NEVER_BLANK
        found.sf[name][hit[how < 4]] = 1
        found.hs[name][hit[how == 4]] = 2
        found.hs[name][hit[how > 4]] = 3 if keep else -1
        if not keep:
            found.sf[name][hit[how == 7]] = -1
            found.hs[name][hit[how == 7]] = 0
    found.hs["status"][found.sf["kind"] == 1] = -1
    found.sf["email"][stale[draw.chance("stale/email", number, 0.03)]] = 1
    found.hs["campaigns"][stale[draw.chance("stale/campaigns", number, STALE_VALUES)]] = 0
    found.hs["region"][stale[draw.chance("stale/region", number, 0.1)]] = -1
    found.sf["optout"][stale[draw.chance("stale/optout", number, 0.03)]] = 1


def _edit_tonight(portal: Portal, found: Snapshot, night: int) -> None:
    """The ordinary edits of a night, and the appliance of half of the last night's differences by whoever loads the files."""
    people, draw = found.subjects, portal.draw
    plain = people.story == NO_STORY
    for name, ago in ((night - 1, 1), (night, 0)):
        hit = np.flatnonzero(portal.edited(people.number, name) & plain)
        if not len(hit):
            continue
        number = people.number[hit]
        linked = (found.hs["exists"][hit] & found.sf["exists"][hit]).astype(np.bool_)
        how = draw.unit(f"edit/how/{name}", number)
        where = {
            "sf": found.sf["exists"][hit].astype(np.bool_) & (~linked | (how < 0.4) | (how >= 0.8)),
            "hs": found.hs["exists"][hit].astype(np.bool_) & (~linked | ((how >= 0.4) & (how < 0.92))),
        }
        first = draw.below(f"edit/first/{name}", number, len(_EDITED))
        second = (first + 1 + draw.below(f"edit/second/{name}", number, len(_EDITED) * 2)) % len(_EDITED)
        applied = linked & draw.chance(f"applied/{name}", number, 0.5)
        for place, column in enumerate(_EDITED):
            chosen = (first == place) | (second == place)
            if ago:
                who = hit[chosen & applied]
                source, target = (found.hs, found.sf) if column == "title" else (found.sf, found.hs)
                moved = who[target[column][who] != source[column][who]]
                target[column][moved] = source[column][moved]
                target["modified"][moved] = portal.nights.moment(draw, people.number[moved], night)
                continue
            for offset, (side, there) in enumerate(where.items()):
                who = hit[chosen & there]
                version = np.where(how[chosen & there] >= 0.92, -1, 10 + night * 2 + offset)
                found.record(side)[column][who] = version
                found.record(side)["modified"][who] = portal.nights.moment(draw, people.number[who], night)
