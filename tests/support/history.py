"""Random histories: what happens to a few people in two CRMs over several nights.

A history is a list of events a night and, before them, how much of the last plan somebody loaded. Events name their
record by position among those that exist, so an event can be dropped and the others still mean something.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.reference.model import Night, Operation
from tests.support import crm
from tests.support.portal import Portal, moment, night_of

NIGHTS = 5
BLOCK = 1000  # short names of one history: its number times this
EMAILS = ("a", "b", "c")
HOURS = ("08:00", "09:00", "10:00", "11:00", "26:00")
HUBSPOT_VALUES: dict[str, tuple[Any, ...]] = {
    "firstname": ("Ada", "Bo", " Ada ", None),
    "lastname": ("Doe", "Lee", None),
    "company": ("Acme", "Bolt", None),
    "jobtitle": ("CEO", "CFO", None, "C" * 130),
    "phone": ("+4722334455", "+4799887766", None),
    "region__hs": ("North", "South", None),
    "nick__hs": ("Jo", "Mo", None),
    "hs_email_optout": (True, False),
    "hubspot_owner_id": ("W1", "W2", "W3", "W4", "W5"),
    "lifecyclestage": ("lead", "customer"),
    "note__hs": ("unmapped", "still unmapped"),
}
SALESFORCE_VALUES: dict[str, tuple[Any, ...]] = {
    "FirstName": ("Ada", "Bo", None),
    "LastName": ("Doe", "Lee"),
    "Company": ("Acme", "Bolt"),
    "Title": ("CEO", "CFO", None),
    "Phone": ("+4722334455", "+4799887766", None),
    "Region__c": ("North", "South", None),
    "Nick__c": ("Jo", "Mo", None),
    "HasOptedOutOfEmail": (True, False),
    "OwnerId": ("U1", "U2", "U3", "U6", "Q1"),
    "Note__c": ("unmapped", "still unmapped"),
}
COPIED = ("Email", "FirstName", "LastName", "Title", "Phone", "Region__c", "OwnerId", "HasOptedOutOfEmail")
LEAD_ONLY = {"Company", "Nick__c"}
COLUMNS = {
    "H": ["hs_additional_emails", "region__hs", "nick__hs", "note__hs", "hs_email_optout", "hubspot_owner_id",
          "salesforcecampaignids"],
    "L": ["Region__c", "Nick__c", "Note__c", "HasOptedOutOfEmail", "OwnerId"],
    "C": ["Region__c", "Note__c", "HasOptedOutOfEmail", "OwnerId"],
    "U": [], "P": [], "M": [],
}  # fmt: skip
# W1 to W3 are users U1 to U3; W4 has no user, W5's user U5 is inactive, U6 has no owner.
OWNERS = {f"W{n}": {"email": f"owner{n}@x.com"} for n in range(1, 6)}
USERS = {f"U{n}": {"Email": f"owner{n}@x.com", "IsActive": n != 5} for n in (1, 2, 3, 5, 6)}
CAMPAIGNS = ("P1", "P2")


@dataclass(frozen=True)
class Event:
    """One thing that happens."""

    kind: str
    which: int = 0
    other: int = 0
    field: str = ""
    value: Any = None
    email: str = "a"
    at: str = "09:00"


@dataclass(frozen=True)
class History:
    """`nights[0]` is what is there on the first night."""

    nights: tuple[tuple[Event, ...], ...]
    shares: tuple[float, ...]
    seed: int

    def without(self, night: int, index: int) -> "History":
        """The same history with one event less."""
        events = self.nights[night]
        nights = (*self.nights[:night], events[:index] + events[index + 1 :], *self.nights[night + 1 :])
        return replace(self, nights=nights)

    def without_night(self, night: int) -> "History":
        """The same history with nothing happening on one night."""
        return replace(self, nights=(*self.nights[:night], (), *self.nights[night + 1 :]))

    def smaller(self) -> list["History"]:
        """Every history with one event less, or with the last night less, or with everything or nothing loaded."""
        found = [self.without(n, i) for n, events in enumerate(self.nights) for i in range(len(events))]
        found += [self.without_night(n) for n, events in enumerate(self.nights) if len(events) > 1]
        found += [replace(self, nights=self.nights[:-1], shares=self.shares[:-1])] if len(self.nights) > 2 else []
        for n, share in enumerate(self.shares):
            simple = [s for s in (0.0, 1.0) if s != share] if share not in (0.0, 1.0) else []
            found += [replace(self, shares=(*self.shares[:n], s, *self.shares[n + 1 :])) for s in simple]
        return found

    def size(self) -> int:
        """Events and nights."""
        return len(self.nights) + sum(map(len, self.nights))

    def told(self) -> str:
        """The history as text."""
        lines = []
        for number, events in enumerate(self.nights, 1):
            loaded = "" if number == 1 else f" (loaded {self.shares[number - 2]:g} of the plan before)"
            lines.append(f"night {number}{loaded}")
            lines += [f"  {event}" for event in events]
        return "\n".join(lines)


def edit(chance: Random) -> Event:
    """A value changes in one CRM."""
    kind, values = chance.choice((("edit_hubspot", HUBSPOT_VALUES), ("edit_salesforce", SALESFORCE_VALUES)))
    name = chance.choice(sorted(values))
    return Event(kind, chance.randrange(4), 0, name, chance.choice(values[name]), at=chance.choice(HOURS))


def happening(chance: Random, kinds: tuple[str, ...]) -> Event:
    """Something happens to a record."""
    return Event(
        chance.choice(kinds),
        chance.randrange(4),
        chance.randrange(4),
        chance.choice(("", "flag")),
        None,
        chance.choice(EMAILS),
        chance.choice(HOURS),
    )


ARRIVALS = ("new_contact", "new_lead", "new_sf_contact", "enter")
COUPLES = ("lead_couple", "contact_couple")
HAPPENINGS = (
    *ARRIVALS, "late_lead", "late_contact", "hubspot_email", "salesforce_email", "touch", "delete_sf", "undelete_sf",
    "delete_hubspot", "convert", "convert_into", "merge_sf", "leave", "campaign_add", "campaign_remove", "resync",
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One history of NIGHTS nights. One draw decides it all: Hypothesis' own choices would take longer than the nights."""
    chance = draw(st.randoms(use_true_random=True))
    start = [happening(chance, COUPLES)]
    start += [happening(chance, (*ARRIVALS, *COUPLES)) for _ in range(chance.randrange(4))]
    start += [edit(chance) for _ in range(chance.randrange(4))]
    nights = [
        tuple(
            edit(chance) if chance.random() < 0.5 else happening(chance, HAPPENINGS)
            for _ in range(chance.randint(1, 3))
        )
        for _ in range(NIGHTS - 1)
    ]
    shares = tuple(chance.choice((0.0, 0.5, 1.0, 1.0)) for _ in range(NIGHTS - 1))
    return History((tuple(start), *nights), shares, chance.randrange(2**32))


def many(number: int, salt: int) -> list[History]:
    """That many different histories, always the same ones for a salt."""
    found: dict[History, None] = {}
    quiet = settings(max_examples=number * 2, phases=[Phase.generate], database=None, deadline=None)
    seed(salt)(quiet(given(histories())(lambda history: found.setdefault(history))))()
    assert len(found) >= number
    return list(found)[:number]


class Story:
    """A history while it is being told: its own small portal, and the members of the inclusion segment."""

    def __init__(self, history: History, number: int) -> None:
        self.history, self.base = history, number * BLOCK
        self.chance = Random(history.seed)
        self.portal = Portal(COLUMNS)
        self.members: set[str] = set()
        self.resyncs: dict[str, set[str]] = {}
        self.plan: set[Operation] = set()

    def tell(self, number: int) -> None:
        """What happens on one night: the last plan is loaded or not, then the events."""
        if number > len(self.history.nights):
            return
        night = night_of(number)
        if number > 1:
            crm.load(
                self.portal, self.plan, night, self.history.shares[number - 2], self.chance, self.base + BLOCK // 2
            )
        for event in self.history.nights[number - 1]:
            self._happen(event, number, night)
        self.members &= set(self.portal.rows)

    def night(self, number: int) -> Night:
        """The delivery as the interpreter reads it."""
        return Night(
            night_of(number),
            f"{night_of(number + 1)}T00:00:00.000Z",
            {name: dict(row) for name, row in {**self.portal.rows, **USERS}.items()},
            frozenset(self.members),
            OWNERS,
        )

    def email(self, letter: str) -> str:
        return f"{letter}{self.base // BLOCK}@x.com"

    def _names(self, letters: str) -> list[str]:
        return sorted((name for name in self.portal.rows if name[0] in letters), key=lambda n: (n[0], int(n[1:])))

    def _happen(self, event: Event, number: int, night: str) -> None:
        first = number == 1
        contacts = self._names("H")
        people = [n for n in self._names("LC") if not self.portal.rows[n]["IsDeleted"]]
        live = [n for n in people if not self.portal.rows[n].get("IsConverted")]
        contact = contacts[event.which % len(contacts)] if contacts else None
        person = live[event.which % len(live)] if live else None
        edit = self.portal.edit
        match event.kind:
            case "lead_couple" | "contact_couple":
                kind = "new_lead" if event.kind == "lead_couple" else "new_sf_contact"
                for one in ("new_contact", kind):
                    self._happen(replace(event, kind=one, field=""), number, night)
                self.members |= {n for n in self._names("H") if n not in contacts and event.field}
            case "new_contact":
                if all(self.portal.rows[c]["email"] != self.email(event.email) for c in contacts):
                    values = {"email": None if event.field and event.other == 3 else self.email(event.email)}
                    self._new("H", values, event, night, first)
            case "new_lead" | "new_sf_contact" | "late_lead":
                letter = "C" if event.kind == "new_sf_contact" else "L"
                values = {"Email": None if event.field and event.other == 3 else self.email(event.email)}
                self._new(letter, values, event, night, first, late=event.kind.startswith("late"))
            case "late_contact":
                if all(self.portal.rows[c]["email"] != self.email(event.email) for c in contacts):
                    self._new("H", {"email": self.email(event.email)}, event, night, first, late=True)
            case "edit_hubspot" if contact:
                edit(contact, {event.field: event.value, "at": event.at}, night, first=first)
            case "edit_salesforce" if person and not (person[0] == "C" and event.field in LEAD_ONLY):
                edit(person, {event.field: event.value, "at": event.at}, night, first=first)
            case "hubspot_email" if contact:
                if all(self.portal.rows[c]["email"] != self.email(event.email) for c in contacts):
                    edit(contact, {"email": self.email(event.email).upper(), "at": event.at}, night)
            case "salesforce_email" if person:
                edit(person, {"Email": f" {self.email(event.email)}", "at": event.at}, night)
            case "touch" if person:
                edit(person, {"at": event.at}, night)
            case "delete_sf" if person:
                edit(person, {"IsDeleted": True, "at": event.at}, night)
            case "undelete_sf":
                gone = [
                    n
                    for n in self._names("LC")
                    if self.portal.rows[n]["IsDeleted"] and not self.portal.rows[n]["MasterRecordId"]
                ]
                if gone:
                    edit(gone[event.which % len(gone)], {"IsDeleted": False, "at": event.at}, night)
            case "delete_hubspot" if contact:
                edit(contact, None, night)
            case "convert" | "convert_into" if person and person[0] == "L":
                self._convert(person, [n for n in live if n[0] == "C"], event, night)
            case "merge_sf":
                same = [n for n in live if person and n[0] == person[0] and n != person]
                if same:
                    master = same[event.other % len(same)]
                    edit(person, {"IsDeleted": True, "MasterRecordId": master, "at": event.at}, night)
                    edit(master, {"at": event.at}, night)
            case "enter" if contact:
                self.members.add(contact)
            case "leave" if contact:
                self.members.discard(contact)
            case "campaign_add" | "campaign_remove" if person:
                self._campaign(event, person, night)
            case "resync":
                self.resyncs.setdefault(night, set()).add(self.email(event.email))

    def _new(
        self, letter: str, values: dict[str, Any], event: Event, night: str, first: bool, *, late: bool = False
    ) -> None:
        name = crm.next_name(self.portal, letter, self.base)
        blank = {"H": {"hs_email_optout": False, "hubspot_owner_id": "W1"}}.get(
            letter, {"HasOptedOutOfEmail": False, "OwnerId": "U1"}
        )
        created = "createdate" if letter == "H" else "CreatedDate"
        if not first and not late:
            values = {**values, created: moment(night, event.at)}
        if first:
            values = {**values, created: f"2025-01-1{event.other}T09:00:00.000Z"}
        self.portal.edit(name, {**blank, **values, "at": event.at if not late else "03:00"}, night, first=first)
        if late:  # it was there for long and is delivered for the first time
            self.portal.rows[name][created] = "2025-02-0" + str(1 + event.other) + "T09:00:00.000Z"

    def _convert(self, lead: str, contacts: list[str], event: Event, night: str) -> None:
        row = self.portal.rows[lead]
        if event.kind == "convert_into" and contacts:
            contact = contacts[event.other % len(contacts)]
            self.portal.edit(contact, {"at": event.at}, night)
        else:
            contact = crm.next_name(self.portal, "C", self.base)
            copied = {column: row.get(column) for column in COPIED}
            self.portal.edit(contact, {**copied, "CreatedDate": moment(night, event.at), "at": event.at}, night)
        self.portal.edit(lead, {"IsConverted": True, "ConvertedContactId": contact, "at": event.at}, night)
        for name in self._names("M"):  # P2-57: members follow
            if self.portal.rows[name]["LeadId"] == lead:
                self.portal.edit(name, {"LeadId": None, "ContactId": contact}, night)

    def _campaign(self, event: Event, person: str, night: str) -> None:
        key = "LeadId" if person[0] == "L" else "ContactId"
        campaign = CAMPAIGNS[event.other % len(CAMPAIGNS)]
        there = [
            n
            for n in self._names("M")
            if self.portal.rows[n][key] == person and self.portal.rows[n]["CampaignId"] == campaign
        ]
        if event.kind == "campaign_remove":
            for name in there:
                self.portal.edit(name, None, night)
        elif not there:
            name = crm.next_name(self.portal, "M", self.base)
            self.portal.edit(name, {"CampaignId": campaign, key: person}, night)
