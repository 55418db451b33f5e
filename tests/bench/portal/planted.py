"""planted.json: what was put into a night on purpose, by family, with the ids of the records and the rules they are about."""

from typing import Any

import numpy as np
import polars as pl

from tests.bench.portal.draw import Ints
from tests.bench.portal.hubspot_people import contact_ids
from tests.bench.portal.layout import Planted, Portal
from tests.bench.portal.organisations import Organisations, account_ids, company_ids, organisations
from tests.bench.portal.salesforce_people import record_ids
from tests.bench.portal.state import Snapshot, snapshot


def planted(portal: Portal, night: int) -> dict[str, Any]:
    """Families of the night: `families` (their event is tonight, or they are so from the first night on), `later` (what follows
    a night after the event), each with rules, a sentence, and a record of ids for each person or company."""
    found: dict[str, Any] = {"families": {}, "later": {}}
    firms = [organisations(portal, max(1, night - 1)), organisations(portal, night)]
    for each, company in [(one, False) for one in portal.cast.planted] + [(one, True) for one in portal.firms.planted]:
        members = each.members()
        event = portal.firms.night_of(members) if company else portal.cast.night_of(members)
        for part, who in (("families", event == night), ("later", (event == night - 1) & bool(each.story.after))):
            if who.any():
                ids = _companies(portal, members[who], firms) if company else _people(portal, members[who], night)
                found[part][each.story.name] = _family(each, ids)
    return found


def _family(each: Planted, records: list[dict[str, list[str]]]) -> dict[str, Any]:
    story = each.story
    return {"rules": story.rules.split(), "what": story.what, "count": len(records), "records": records}


def _people(portal: Portal, person: Ints, night: int) -> list[dict[str, list[str]]]:
    """Ids of the records that these people have tonight or had the night before."""
    seen = [snapshot(portal, person, each) for each in (max(1, night - 1), night)]
    hubspot = [(_either(seen, name), contact_ids(portal, person, second=name == "hs2")) for name in ("hs", "hs2")]
    salesforce = [
        (_either(seen, name), record_ids(portal, person, seen[-1].record(name)["kind"], slot))
        for slot, name in enumerate(("sf", "sf2"))
    ]
    return _records(len(person), hubspot, salesforce)


def _companies(portal: Portal, company: Ints, firms: list[Organisations]) -> list[dict[str, list[str]]]:
    hubspot = [(_either(firms, "hs")[company], company_ids(company))]
    salesforce = [
        (_either(firms, name)[company], account_ids(portal, company, second=name == "sf2")) for name in ("sf", "sf2")
    ]
    return _records(len(company), hubspot, salesforce)


def _either(seen: list[Snapshot] | list[Organisations], name: str) -> np.ndarray:
    return np.asarray(np.any([found.record(name)["exists"] == 1 for found in seen], axis=0))


_Column = tuple[np.ndarray, pl.Series]


def _records(count: int, hubspot: list[_Column], salesforce: list[_Column]) -> list[dict[str, list[str]]]:
    sides = {"hubspot": hubspot, "salesforce": salesforce}
    return [
        {side: [ids[place] for there, ids in columns if there[place]] for side, columns in sides.items()}
        for place in range(count)
    ]
