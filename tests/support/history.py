"""Random histories: what happens to a few people in two CRMs over several nights.

A history is a list of events a night and, before them, how much of the last plan somebody loaded. Events name their
record by position among those that exist, so an event can be dropped and the others still mean something.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

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
          "salesforcecampaignids", "salesforceleadid", "salesforcecontactid", "propertiesWithHistory"],
    "L": ["Region__c", "Nick__c", "Note__c", "HasOptedOutOfEmail", "OwnerId"],
    "C": ["Region__c", "Note__c", "HasOptedOutOfEmail", "OwnerId"],
    "K": ["phone", "tier__hs", "salesforceaccountid"],
    "A": ["Phone", "Tier__c", "MasterRecordId"],
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
    kind, values = chance.choice(
        (
            *(("edit_hubspot", HUBSPOT_VALUES), ("edit_salesforce", SALESFORCE_VALUES)) * 3,
            *(("edit_company", COMPANY_VALUES), ("edit_account", ACCOUNT_VALUES)),
        )
    )
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


COMPANY_VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("a", "b", "c"),  # letters of names
    "phone": ("+4722334455", "+4799887766", None),
    "tier__hs": ("Gold", "Iron", None),
}
ACCOUNT_VALUES: dict[str, tuple[Any, ...]] = {
    "Name": ("a", "b", "c"),
    "Phone": ("+4722334455", "+4799887766", None),
    "Tier__c": ("Gold", "Iron", None),
}
COMPANY_HAPPENINGS = (
    "new_company", "new_account", "employ", "employ", "at_account", "at_account", "store_account", "delete_account",
    "undelete_account", "merge_account", "delete_company", "vanish_account", "return_company", "touch_account",
)  # fmt: skip
ARRIVALS = ("new_contact", "new_lead", "new_sf_contact", "enter", "store_id")
COUPLES = ("lead_couple", "contact_couple")
HAPPENINGS = (
    *ARRIVALS, "late_lead", "late_contact", "hubspot_email", "salesforce_email", "touch", "delete_sf", "undelete_sf",
    "delete_hubspot", "convert", "convert_into", "merge_sf", "vanish_sf", "return_sf", "return_hubspot",
    "merge_hubspot", "store_id", "leave", "campaign_add", "campaign_remove", "resync",
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn, number: int) -> History:
    """One history of so many nights. One draw decides it all: Hypothesis' own choices would take longer than the nights."""
    chance = draw(st.randoms(use_true_random=True))
    start = [happening(chance, COUPLES)]
    start += [happening(chance, (*ARRIVALS, *COUPLES)) for _ in range(chance.randrange(4))]
    start += [
        happening(chance, ("new_company", "new_account", "employ", "at_account", "store_account"))
        for _ in range(chance.randrange(6))
    ]
    start += [edit(chance) for _ in range(chance.randrange(4))]
    nights = [
        tuple(
            edit(chance)
            if chance.random() < 0.5
            else happening(chance, HAPPENINGS if chance.random() < 0.7 else COMPANY_HAPPENINGS)
            for _ in range(chance.randint(1, 3))
        )
        for _ in range(number - 1)
    ]
    shares = tuple(chance.choice((0.0, 0.5, 1.0, 1.0)) for _ in range(number - 1))
    return History((tuple(start), *nights), shares, chance.randrange(2**32))


def many(number: int, salt: int, nights: int = NIGHTS) -> list[History]:
    """That many different histories, always the same ones for a salt."""
    found: dict[History, None] = {}
    quiet = settings(max_examples=number * 2, phases=[Phase.generate], database=None, deadline=None)
    seed(salt)(quiet(given(histories(nights))(lambda history: found.setdefault(history))))()
    assert len(found) >= number
    return list(found)[:number]
