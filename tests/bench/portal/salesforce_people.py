"""Salesforce's leads and contacts, and the accounts that conversions made."""

import numpy as np
import polars as pl

from tests.bench.portal import catalogue, ids, staff, values
from tests.bench.portal.draw import Ints
from tests.bench.portal.facts import People
from tests.bench.portal.layout import Portal
from tests.bench.portal.literals import literal
from tests.bench.portal.organisations import Organisations, account_rows, accounts_of, flag, own_account_ids
from tests.bench.portal.state import Snapshot
from tests.bench.portal.story import REGION
from tests.bench.portal.telling import Record
from tests.bench.portal.values import Cells, select
from tests.bench.portal.vocabulary import gather

_STATUS_CONVERTED = "Closed - Converted"


def record_ids(portal: Portal, person: Ints, kind: Ints | int, slot: Ints | int) -> pl.Series:
    """Salesforce ids of people's first (slot 0) or second record; kind 0 is a lead, 1 a contact."""
    number = portal.rows.back(person) + np.asarray(slot, dtype=np.int64) * portal.cast.size
    contact = pl.Series(np.broadcast_to(kind, len(number)) == 1)
    return ids.salesforce("Contact", number).zip_with(contact, ids.salesforce("Lead", number))


def opportunity_ids(portal: Portal, person: Ints) -> pl.Series:
    """Ids of the opportunities that people have a part in."""
    return ids.salesforce("Opportunity", portal.rows.back(person))


def people(portal: Portal, found: Snapshot, firms: Organisations, kind: int, since: int | None = None) -> pl.DataFrame:
    """Lead (kind 0) or Contact (kind 1) rows delivered, as text except instants, in file order; since: only later changes."""
    parts = []
    for slot, name in enumerate(("sf", "sf2")):
        record = found.record(name)
        there = (record["exists"] == 1) & (record["kind"] == kind)
        which = np.flatnonzero(there if since is None else there & (record["modified"] > since))
        render = _contact if kind else _lead
        chosen = {column: each[which] for column, each in record.items()}
        rows = render(portal, found.subjects.take(which), chosen, firms, slot)
        parts.append(literal(rows.with_columns(pl.Series("order", which)), found, name, which))
    return pl.concat(parts).sort("order", maintain_order=True).drop("order")


def _lead(portal: Portal, someone: People, record: Record, firms: Organisations, slot: int) -> pl.DataFrame:
    cells = Cells(portal, someone, record)
    number = someone.number
    converted = record["converted"] == 1
    unconverted = pl.Series(~converted)
    status = cells.option("status", "lead_status", first=3)
    columns = _common(portal, someone, cells, record) | {
        "Id": record_ids(portal, number, 0, slot),
        "MasterRecordId": _masters(portal, number, record, kind=0),
        "Company": cells.company(),
        "Street": cells.place("street", numbered=True),
        "City": cells.place("city"),
        "State": cells.place("state"),
        "PostalCode": cells.zip(),
        "Country": cells.country(),
        "Website": cells.website(),
        "Status": status.set(pl.Series(converted), _STATUS_CONVERTED),
        "Industry": cells.industry(),
        "Rating": cells.option("rating", "rating"),
        "AnnualRevenue": cells.revenue(),
        "NumberOfEmployees": values.numbers(cells.head_count(), record["employees"] < 0),
        "IsConverted": flag(record["converted"]),
        "ConvertedDate": values.dates(record["modified"]).set(unconverted, None),
        "ConvertedAccountId": own_account_ids(portal, number).set(unconverted, None),
        "ConvertedContactId": record_ids(portal, number, 1, 1 - slot).set(unconverted, None),
        "ConvertedOpportunityId": opportunity_ids(portal, number).set(
            pl.Series(~converted | (record["opportunity"] == 0)), None
        ),
    }
    return _in_order("Lead", columns)


def _contact(portal: Portal, someone: People, record: Record, firms: Organisations, slot: int) -> pl.DataFrame:
    cells = Cells(portal, someone, record)
    number = someone.number
    columns = _common(portal, someone, cells, record) | {
        "Id": record_ids(portal, number, 1, slot),
        "MasterRecordId": _masters(portal, number, record, kind=1),
        "AccountId": accounts_of(portal, firms, someone, was_converted(portal, someone, slot)),
        "MailingStreet": cells.place("street", numbered=True),
        "MailingCity": cells.place("city"),
        "MailingState": cells.place("state"),
        "MailingPostalCode": cells.zip(),
        "MailingCountry": cells.country(),
    }
    return _in_order("Contact", columns)


def _common(portal: Portal, someone: People, cells: Cells, record: Record) -> dict[str, pl.Series | Ints]:
    owner = staff.positions(portal, someone.number, cells.version("owner"))
    return {
        "IsDeleted": flag(record["deleted"]),
        "LastName": cells.last(),
        "FirstName": cells.first(),
        "Salutation": cells.option("salutation", "salutation"),
        "Title": cells.title(),
        "Phone": cells.phone("phone"),
        "MobilePhone": cells.phone("mobile"),
        "Fax": cells.phone("fax"),
        "Email": someone.emails(record["email"].astype(np.int64)),
        "Description": cells.note(),
        "LeadSource": cells.source(),
        "OwnerId": staff.user_ids(owner),
        "HasOptedOutOfEmail": flag(record["optout"]),
        "Region__c": gather(
            catalogue.values("region"), np.where(record["region"] == REGION["GLOBAL"], -1, record["region"])
        ),
        "Interests__c": cells.interests(turned=True),
        "Newsletter__c": flag(record["newsletter"]),
        "Fit_Score__c": cells.fit(),
        "Score_Band__c": cells.band(),
        "Contract_End__c": cells.days_ahead("contract"),
        "Last_Demo__c": cells.days_back("demo"),
        "External_Ref__c": select(pl.format("NW-{}", "number"), number=portal.rows.back(someone.number)),
        "CreatedDate": record["created"],
        "LastModifiedDate": record["modified"],
        "SystemModstamp": record["modified"],
    }


def was_converted(portal: Portal, someone: People, slot: int) -> np.ndarray:
    """Whose second record came from converting the first."""
    stories = np.array([planted.story.name.startswith("converted") for planted in portal.cast.planted] + [False])
    return stories[someone.story] & (slot == 1)


def _masters(portal: Portal, number: Ints, record: Record, kind: int) -> pl.Series:
    master = record["master"].astype(np.int64)
    ids_ = record_ids(portal, number, kind, np.maximum(master, 0))
    return ids_.set(pl.Series(master < 0), None)


def _in_order(kind: str, columns: dict[str, pl.Series | Ints]) -> pl.DataFrame:
    skipped = {"Name", "Address", "MailingAddress"}  # exports leave compound fields out
    rows = pl.DataFrame(
        {row["name"]: columns[row["name"]] for row in catalogue.salesforce(kind) if row["name"] not in skipped}
    )
    return rows.with_columns(
        pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in catalogue.datetimes("salesforce", kind)
    )


def conversion_accounts(portal: Portal, found: Snapshot, since: int | None = None) -> pl.DataFrame:
    """Accounts that conversions of leads have made, named like the lead's company."""
    made = (found.sf2["exists"] == 1) & was_converted(portal, found.subjects, 1)
    which = np.flatnonzero(made if since is None else made & (found.sf2["modified"] > since))
    someone = found.subjects.take(which)
    record = {name: column[which] for name, column in found.sf2.items()}
    own = own_account_ids(portal, someone.number)
    return account_rows(portal, Cells(portal, someone, record), own, own.set(pl.Series([True] * len(own)), None))
