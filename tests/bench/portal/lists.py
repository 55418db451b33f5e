"""The segments of the portal: their definitions as HubSpot's API gives them, and who is in them.

Definition and membership are written separately on purpose: a test evaluates the one and compares it with the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.hubspot_people import contact_ids, works_at
from tests.bench.portal.layout import NO_STORY, Portal
from tests.bench.portal.nights import SECOND
from tests.bench.portal.organisations import Organisations, company_ids
from tests.bench.portal.state import Snapshot, in_segment, snapshot
from tests.bench.portal.story import STAGE
from tests.bench.portal.telling import Record
from tests.bench.portal.values import Cells
from tests.bench.portal.vocabulary import COUNTRIES

INCLUSION, COMPETITORS = "201", "202"
_NORDIC = tuple(country.name for country in COUNTRIES if country.region == "NORDICS")
_IN_STAGES = [
    "lead",
    "1863050417",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
]
_LARGE = 500


@dataclass(frozen=True)
class Evening:
    """What membership depends on: one record of each person, the companies, and the end of the night."""

    portal: Portal
    found: Snapshot
    record: Record
    firms: Organisations

    @property
    def number(self) -> Ints:
        """The people."""
        return self.found.subjects.number

    def drawn(self, name: str, share: float) -> Bools:
        """A part of everybody who was there from the start."""
        there = self.record["created"] < self.portal.nights.base
        return there & self.portal.draw.chance(f"list/{name}", self.number, share)


def _works_in_software(evening: Evening) -> Bools:
    people, firms = evening.found.subjects, evening.firms
    if evening.record is evening.found.hs2:  # a contact that is merged away has no company
        return np.zeros(len(people), dtype=np.bool_)
    software = (firms.subjects.company.industry == 0) & (firms.hs["industry"] >= 0)
    other = (people.company.number + 1) % evening.portal.firms.size
    advises = evening.portal.draw.chance("adviser", people.number, 0.02) & firms.in_hubspot(other)
    works = works_at(firms, evening.found, evening.record)
    return np.asarray((works & software[people.company.number]) | (advises & software[other]))


def _nordic_customer(evening: Evening) -> Bools:
    country = Cells(evening.portal, evening.found.subjects, evening.record).country()
    nordic = country.is_in(_NORDIC).fill_null(False).to_numpy()
    return np.asarray((evening.record["stage"] == STAGE["customer"]) & nordic)


def _recent(evening: Evening) -> Bools:
    nights, night = evening.portal.nights, evening.found.night
    day = date.fromisoformat(nights.names[night - 1]) - timedelta(days=30)
    start = int(datetime.combine(day, time(), ZoneInfo(nights.zone)).timestamp()) * SECOND
    return np.asarray((evening.record["created"] >= start) & (evening.record["created"] < nights.as_of(night)))


@dataclass(frozen=True)
class Segment:
    """One list: what the API says of it, and who is in it."""

    number: str
    name: str
    processing: str
    tree: Callable[[str], dict[str, Any]] | None
    holds: Callable[[Evening], Bools] | None
    status: str = "COMPLETE"
    object_type: str = "0-1"


def _branch(kind: str, filters: list[dict[str, Any]], *branches: dict[str, Any], **more: Any) -> dict[str, Any]:
    operator = "OR" if kind == "OR" else "AND"
    return {
        "filterBranchType": kind,
        "filterBranchOperator": operator,
        "filterBranches": list(branches),
        "filters": filters,
    } | more


def _property(name: str, kind: str, operator: str, blank: bool = False, **operation: Any) -> dict[str, Any]:
    about = {"operationType": kind, "operator": operator, "includeObjectsWithNoValueSet": blank}
    return {"filterType": "PROPERTY", "property": name, "operation": about | operation}


def _any_of(name: str, *wanted: str) -> dict[str, Any]:
    return _property(name, "ENUMERATION", "IS_ANY_OF", values=list(wanted))


def _all_of(*filters: dict[str, Any]) -> dict[str, Any]:
    return _branch("OR", [], _branch("AND", list(filters)))


def _inclusion(zone: str) -> dict[str, Any]:
    del zone
    known = _property("email", "ALL_PROPERTY", "IS_KNOWN")
    staged = [
        _any_of("lifecyclestage", *_IN_STAGES),
        _property("region__hs", "ENUMERATION", "IS_NONE_OF", blank=True, values=["APAC"]),
        known,
        {"filterType": "IN_LIST", "listId": COMPETITORS, "operator": "NOT_IN_LIST"},
    ]
    warm = [_property("hubspotscore", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=80), known]
    return _branch("OR", [], _branch("AND", staged), _branch("AND", warm))


def _recent_tree(zone: str) -> dict[str, Any]:
    def point(kind: str, **more: Any) -> dict[str, Any]:
        about = {"timeType": "INDEXED", "timezoneSource": "CUSTOM", "zoneId": zone}
        return about | {"indexReference": {"referenceType": kind}} | more

    return _all_of(_property(
        "createdate", "TIME_RANGED", "IS_BETWEEN", type="TIME_RANGED", propertyParser="VALUE",
        lowerBoundEndpointBehavior="INCLUSIVE", upperBoundEndpointBehavior="INCLUSIVE",
        lowerBoundTimePoint=point("TODAY", offset={"days": -30}), upperBoundTimePoint=point("NOW"),
    ))  # fmt: skip


def _software_tree(zone: str) -> dict[str, Any]:
    del zone
    company = _branch(
        "ASSOCIATION", [_any_of("industry", "COMPUTER_SOFTWARE")],
        objectTypeId="0-2", operator="IN_LIST", associationTypeId=279, associationCategory="HUBSPOT_DEFINED",
    )  # fmt: skip
    return _branch("OR", [], _branch("AND", [], company))


SEGMENTS = (
    Segment(INCLUSION, "Sync to Salesforce: lead and beyond", "DYNAMIC", _inclusion, lambda each: in_segment(each.record)),
    Segment(COMPETITORS, "Competitors and suppliers", "MANUAL", None, lambda each: each.record["competitor"] == 1),
    Segment("203", "Customers in the Nordics", "DYNAMIC",
            lambda zone: _all_of(_any_of("lifecyclestage", "customer"),
                                 _property("country", "MULTISTRING", "IS_EQUAL_TO", values=list(_NORDIC))),
            _nordic_customer),
    Segment("204", "People at software companies", "DYNAMIC", _software_tree, _works_in_software),
    Segment("205", "Webinar, October 2026", "SNAPSHOT", None, lambda each: each.drawn("webinar", 0.05)),
    Segment("206", "Newsletter readers", "DYNAMIC",
            lambda zone: _all_of(_property("newsletter__hs", "BOOL", "IS_EQUAL_TO", value=True)),
            lambda each: each.drawn("newsletter", 0.01), status="PROCESSING"),
    Segment("207", "New in the last 30 days", "DYNAMIC", _recent_tree, _recent),
    Segment("208", "Large companies", "DYNAMIC",
            lambda zone: _all_of(_property("numberofemployees", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=_LARGE)),
            None, object_type="0-2"),
    Segment("209", "Filled in the contact form", "DYNAMIC",
            lambda zone: _all_of({"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT",
                                  "formId": "0a6f1c1e-5f57-4a2b-9f0e-3c1d2b4a5968"}),
            lambda each: each.drawn("form", 0.08)),
    Segment("210", "No region yet", "DYNAMIC", lambda zone: _all_of(_property("region__hs", "ALL_PROPERTY", "IS_UNKNOWN")),
            lambda each: each.record["region"] < 0),
)  # fmt: skip


def definitions(portal: Portal) -> list[dict[str, Any]]:
    """lists.json, one record a list."""
    made = datetime.fromisoformat("2025-03-04T09:30:00+00:00")
    found = []
    for place, segment in enumerate(SEGMENTS):
        stamp = (made + timedelta(days=31 * place)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found.append(
            {
                "listId": segment.number,
                "listVersion": 1 + place % 3,
                "name": segment.name,
                "objectTypeId": segment.object_type,
                "processingType": segment.processing,
                "processingStatus": segment.status,
                "createdAt": stamp,
                "updatedAt": stamp,
                "filtersUpdatedAt": stamp,
                "filterBranch": segment.tree(portal.nights.zone) if segment.tree else None,
            }
        )
    return found


def memberships(portal: Portal, found: Snapshot, firms: Organisations) -> pl.DataFrame:
    """Rows of list_memberships.csv for the contacts of a slice."""
    told = np.flatnonzero(found.subjects.story != NO_STORY)
    earlier = [snapshot(portal, found.subjects.number[told], night) for night in range(1, found.night)]
    parts = []
    for name in ("hs", "hs2"):
        record = found.record(name)
        for segment in SEGMENTS:
            if segment.holds is None:
                continue
            member = _members(segment, Evening(portal, found, record, firms))
            since = (
                record["created"] + portal.draw.below(f"list/{segment.number}", found.subjects.number, 3600) * SECOND
            )
            since[told] = _entered(portal, segment, name, earlier, firms, since[told])
            which = np.flatnonzero(member)
            number = found.subjects.number[which]
            parts.append(
                pl.DataFrame(
                    {
                        "listId": pl.Series([segment.number]).new_from_index(0, len(which)),
                        "recordId": contact_ids(portal, number, second=name == "hs2"),
                        "membershipTimestamp": since[which],
                        "order": which,
                    }
                )
            )
    return pl.concat(parts).sort("order", maintain_order=True).drop("order")


def _members(segment: Segment, evening: Evening) -> Bools:
    assert segment.holds is not None
    return np.asarray((evening.record["exists"] == 1) & segment.holds(evening))


def _entered(
    portal: Portal, segment: Segment, name: str, earlier: list[Snapshot], firms: Organisations, since: Ints
) -> Ints:
    """When people with a story entered: the morning after the last night on which they were not members."""
    for found in earlier:
        member = _members(segment, Evening(portal, found, found.record(name), firms))
        since = np.where(member, since, portal.nights.moment(portal.draw, found.subjects.number, found.night + 1))
    return since


def company_memberships(portal: Portal, firms: Organisations) -> pl.DataFrame:
    """Rows of list_memberships.csv for companies."""
    cells = Cells(portal, firms.subjects, firms.hs)
    which = np.flatnonzero((firms.hs["exists"] == 1) & (cells.head_count() >= _LARGE))
    return pl.DataFrame(
        {
            "listId": pl.Series(["208"]).new_from_index(0, len(which)),
            "recordId": company_ids(which),
            "membershipTimestamp": firms.hs["created"][which] + SECOND,
        }
    )
