"""A history while it is being told: what each of its events does to a small portal of its own."""

import json
from dataclasses import replace
from random import Random
from typing import Any

from tests.reference.identity import email_of, secondary_emails
from tests.reference.model import Night, Operation
from tests.support import crm
from tests.support.history import (
    BLOCK,
    CAMPAIGNS,
    COLUMNS,
    COMPANY_HAPPENINGS,
    COPIED,
    LEAD_ONLY,
    OWNERS,
    USERS,
    Event,
    History,
)
from tests.support.portal import Portal, moment, night_of

COMPANY_KINDS = frozenset({*COMPANY_HAPPENINGS, "edit_company", "edit_account"})


class Story:
    """A history while it is being told: its own small portal, and the members of the inclusion segment."""

    def __init__(self, history: History, number: int) -> None:
        self.history, self.base = history, number * BLOCK
        self.chance = Random(history.seed)
        self.portal = Portal(COLUMNS)
        self.members: set[str] = set()
        self.resyncs: dict[str, set[str]] = {}
        self.plan: set[Operation] = set()
        self.companies: dict[str, str] = {}  # HubSpot contact -> its company
        self.last: dict[str, dict[str, Any]] = {}  # every row as it was last delivered

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
        self.companies = {c: k for c, k in self.companies.items() if {c, k} <= set(self.portal.rows)}
        self.last |= {name: dict(row) for name, row in self.portal.rows.items()}

    def night(self, number: int) -> Night:
        """The delivery as the interpreter reads it."""
        return Night(
            night_of(number),
            f"{night_of(number + 1)}T00:00:00.000Z",
            {name: dict(row) for name, row in {**self.portal.rows, **USERS}.items()},
            frozenset(self.members),
            OWNERS,
            dict(self.companies),
            dict(self.portal.merged),
        )

    def email(self, letter: str) -> str:
        return f"{letter}{self.base // BLOCK}@x.com"

    def _free(self, email: str) -> bool:
        """Whether no HubSpot contact has an address, as its primary or a further one: HubSpot would refuse it."""
        contacts = (self.portal.rows[name] for name in self._names("H"))
        return all(email not in {email_of(row), *secondary_emails(row)} for row in contacts)

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
                if self._free(self.email(event.email)):
                    values = {"email": None if event.field and event.other == 3 else self.email(event.email)}
                    self._new("H", values, event, night, first)
            case "new_lead" | "new_sf_contact" | "late_lead":
                letter = "C" if event.kind == "new_sf_contact" else "L"
                values = {"Email": None if event.field and event.other == 3 else self.email(event.email)}
                self._new(letter, values, event, night, first, late=event.kind.startswith("late"))
            case "late_contact":
                if self._free(self.email(event.email)):
                    self._new("H", {"email": self.email(event.email)}, event, night, first, late=True)
            case "edit_hubspot" if contact:
                values = {event.field: event.value, "at": event.at}
                if event.field == "jobtitle":  # the portal's property history is fetched of it alone
                    given = {"value": event.value, "timestamp": moment(night, event.at)}
                    values["propertiesWithHistory"] = json.dumps({"jobtitle": [given]})
                edit(contact, values, night, first=first)
            case "edit_salesforce" if person and not (person[0] == "C" and event.field in LEAD_ONLY):
                edit(person, {event.field: event.value, "at": event.at}, night, first=first)
            case "hubspot_email" if contact:
                if event.field and event.other == 3:
                    edit(contact, {"email": None, "at": event.at}, night)
                elif self._free(self.email(event.email)):
                    edit(contact, {"email": self.email(event.email).upper(), "at": event.at}, night)
            case "salesforce_email" if person:
                blank = event.field and event.other == 3
                edit(person, {"Email": None if blank else f" {self.email(event.email)}", "at": event.at}, night)
            case "store_id" if contact and person:  # P2-26
                column = "salesforceleadid" if person[0] == "L" else "salesforcecontactid"
                edit(contact, {column: person, "at": event.at}, night, first=first)
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
            case "vanish_sf" if person:  # it is not delivered, and nothing says why
                edit(person, None, night)
            case "return_sf" | "return_hubspot":
                self._return("LC" if event.kind == "return_sf" else "H", event.which)
            case "merge_hubspot" if contact:
                survivors = [name for name in contacts if name != contact]
                if survivors:
                    self._merge(contact, survivors[event.other % len(survivors)], event.at, night)
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
            case _ if event.kind in COMPANY_KINDS:
                self._company(event, night, first=first)
            case "resync":
                self.resyncs.setdefault(night, set()).add(self.email(event.email))

    def _company(self, event: Event, night: str, *, first: bool) -> None:
        """What happens to companies and accounts. Their names carry the history's number as e-mails do."""
        companies, accounts = self._names("K"), [n for n in self._names("A") if not self.portal.rows[n]["IsDeleted"]]
        company = companies[event.which % len(companies)] if companies else None
        account = accounts[event.which % len(accounts)] if accounts else None
        contacts, persons = self._names("H"), self._names("C")
        edit, at = self.portal.edit, {"at": event.at}
        value = self.email(event.value) if event.field in ("name", "Name") else event.value
        match event.kind:
            case "new_company" | "new_account":
                letter, name, created = (
                    ("K", "name", "createdate") if event.kind == "new_company" else ("A", "Name", "CreatedDate")
                )
                since = f"2025-01-1{event.other}T09:00:00.000Z" if first else moment(night, event.at)
                edit(
                    crm.next_name(self.portal, letter, self.base),
                    {name: self.email(event.email), created: since, **at},
                    night,
                    first=first,
                )
            case "edit_company" if company:
                edit(company, {event.field: value, **at}, night, first=first)
            case "edit_account" if account:
                edit(account, {event.field: value, **at}, night, first=first)
            case "employ" if company and contacts:
                self.companies[contacts[event.other % len(contacts)]] = company
            case "at_account" if account and persons:
                edit(persons[event.other % len(persons)], {"AccountId": account, **at}, night, first=first)
            case "store_account" if company and account:
                edit(company, {"salesforceaccountid": accounts[event.other % len(accounts)], **at}, night, first=first)
            case "touch_account" if account:
                edit(account, at, night)
            case "delete_account" if account:
                edit(account, {"IsDeleted": True, **at}, night)
            case "undelete_account":
                rows = self.portal.rows
                gone = [n for n in self._names("A") if rows[n]["IsDeleted"] and not rows[n].get("MasterRecordId")]
                if gone:
                    edit(gone[event.which % len(gone)], {"IsDeleted": False, **at}, night)
            case "merge_account" if len(accounts) > 1:
                master = [n for n in accounts if n != account][event.other % (len(accounts) - 1)]
                edit(account, {"IsDeleted": True, "MasterRecordId": master, **at}, night)
            case "delete_company" if company:
                edit(company, None, night)
            case "vanish_account" if account:
                edit(account, None, night)
            case "return_company":
                self._return("KA", event.which)

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

    def _return(self, letters: str, which: int) -> None:
        """A record that was not delivered any more, or was deleted in HubSpot, is there again as it was."""
        gone = sorted(
            n for n in self.last if n[0] in letters and n not in self.portal.rows and n not in self.portal.merged
        )
        if gone:
            name = gone[which % len(gone)]
            email = email_of(self.last[name])
            if name[0] != "H" or email is None or self._free(email):
                self.portal.rows[name] = dict(self.last[name])

    def _merge(self, loser: str, survivor: str, at: str, night: str) -> None:
        """P2-2A: the loser is gone, its addresses are further ones of the survivor, or its only one."""
        kept, gone = self.portal.rows[survivor], self.portal.rows[loser]
        primary = email_of(kept) or email_of(gone)
        further = secondary_emails(kept) | secondary_emails(gone) | {email_of(gone)}
        emails = sorted(email for email in further - {primary} if email)
        values = {"email": kept["email"] or gone["email"], "hs_additional_emails": ";".join(emails) or None, "at": at}
        self.portal.edit(survivor, values, night)
        self.portal.edit(loser, None, night)
        self.portal.merged[loser] = survivor

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
