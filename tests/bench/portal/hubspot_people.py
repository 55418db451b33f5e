"""HubSpot's contacts, and which company each belongs to."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.bench.portal import catalogue, ids, staff, values
from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.layout import KIND, Portal
from tests.bench.portal.literals import literal
from tests.bench.portal.nights import DAY, SECOND
from tests.bench.portal.organisations import Organisations, accounts_of, company_ids
from tests.bench.portal.salesforce_people import record_ids, was_converted
from tests.bench.portal.state import Snapshot, in_segment
from tests.bench.portal.story import STAFF
from tests.bench.portal.telling import Record
from tests.bench.portal.values import Cells, select
from tests.bench.portal.vocabulary import gather, table

_BOOLEAN = table(["false", "true"])


def contact_ids(portal: Portal, person: Ints, second: bool = False) -> pl.Series:
    """HubSpot ids of people: the usual record, or the one that is merged away one day."""
    return ids.hubspot(portal.rows.back(person), 1_200_000 if second else 21_400_000_051)


@dataclass(frozen=True)
class Neighbours:
    """The companies tonight, and as HubSpot last heard of their accounts (which is before the first night)."""

    tonight: Organisations
    known: Organisations


def contacts(portal: Portal, found: Snapshot, firms: Neighbours, since: int | None = None) -> pl.DataFrame:
    """Contacts delivered, as text except instants (epoch milliseconds), in file order; since: only later changes."""
    parts = []
    for name in ("hs", "hs2"):
        record = found.record(name)
        there = record["exists"] == 1
        which = np.flatnonzero(there if since is None else there & (record["modified"] > since))
        chosen = {column: each[which] for column, each in record.items()}
        rows = _render(portal, found, which, chosen, firms, second=name == "hs2")
        parts.append(literal(rows, found, name, which))
    return pl.concat(parts).sort("order", maintain_order=True).drop("order")


def _render(
    portal: Portal, found: Snapshot, which: Ints, record: Record, firms: Neighbours, second: bool
) -> pl.DataFrame:
    people = found.subjects.take(which)
    cells = Cells(portal, people, record)
    number = people.number
    linked, short = record["stored"] > 0, record["stored"] == 2
    link_kind = np.where(record["slot"] == 1, found.sf2["kind"][which], found.sf["kind"][which])
    link = record_ids(portal, number, link_kind, record["slot"])
    link = select(pl.when("short").then(pl.col("link").str.slice(0, 15)).otherwise("link"), link=link, short=short)
    joined = values.campaigns(portal, people, record["campaigns"])
    merged = record["merged"] == 1
    loser = contact_ids(portal, number, second=True)
    moment = pl.Series(record["modified"]).cast(pl.String)
    works = works_at(firms.tonight, found, found.hs)[which] & (not second)
    own = was_converted(portal, people, 1) & (record["slot"] == 1)
    account = accounts_of(portal, firms.known, people, own)
    synced = portal.nights.base - portal.draw.below("synced", number, 20 * DAY // SECOND) * SECOND
    columns: dict[str, pl.Series | Ints] = {
        "hs_object_id": contact_ids(portal, number, second),
        "email": people.emails(record["email"].astype(np.int64)),
        "hs_additional_emails": people.emails(np.where(record["extra"] > 0, record["extra"], -1).astype(np.int64)),
        "firstname": cells.first(),
        "lastname": cells.last(),
        "salutation": cells.option("salutation", "salutation"),
        "jobtitle": cells.title(),
        "company": cells.company(),
        "phone": cells.phone("phone"),
        "mobilephone": cells.phone("mobile"),
        "fax": cells.phone("fax"),
        "address": cells.place("street", numbered=True),
        "city": cells.place("city"),
        "state": cells.place("state"),
        "zip": cells.zip(),
        "country": cells.country(),
        "website": cells.website(),
        "industry": cells.industry(),
        "numemployees": values.range_of(cells.head_count()),
        "annualrevenue": cells.revenue(),
        "description": cells.note(),
        "lifecyclestage": gather(catalogue.values("stage"), record["stage"].astype(np.int64)),
        "hs_lead_status": gather(catalogue.values("hs_lead_status"), np.where(number % 3 == 0, number % 8, -1)),
        "leadstatus": cells.option("status", "lead_status", first=3),
        "leadsource": cells.source(),
        "rating": cells.option("rating", "rating"),
        "hubspot_owner_id": staff.owner_ids(staff.positions(portal, number, cells.version("owner"))),
        "hs_email_optout": gather(_BOOLEAN, record["optout"].astype(np.int64)),
        "hs_marketable_status": gather(_BOOLEAN, record["marketing"].astype(np.int64)),
        "hs_marketable_until_renewal": gather(_BOOLEAN, np.where(record["marketing"] == 1, record["until"], -1)),
        "hs_marketable_reason_type": gather(
            catalogue.values("reason_type"), np.where(record["marketing"] == 1, number % 4, -1)
        ),
        "hs_marketable_reason_id": gather(
            table(["Sync", "Form 12"]), np.where(record["marketing"] == 1, number % 2, -1)
        ),
        "hubspotscore": pl.Series(record["score"]).cast(pl.String),
        "region__hs": gather(catalogue.values("region"), record["region"].astype(np.int64)),
        "interests__hs": cells.interests(turned=False),
        "newsletter__hs": gather(_BOOLEAN, record["newsletter"].astype(np.int64)),
        "contract_end__hs": cells.days_ahead("contract"),
        "last_demo__hs": cells.days_back("demo"),
        "createdate": record["created"],
        "lastmodifieddate": record["modified"],
        "associatedcompanyid": company_ids(people.company.number).set(pl.Series(~works), None),
        "hs_merged_object_ids": loser.set(pl.Series(~merged), None),
        "hs_calculated_merged_vids": select(
            pl.when("merged").then(pl.format("{}:{}", "loser", "at")), merged=merged, loser=loser, at=moment
        ),
        "salesforceleadid": link.set(pl.Series(~linked | (link_kind == 1)), None),
        "salesforcecontactid": link.set(pl.Series(~linked | (link_kind == 0)), None),
        "salesforceaccountid": account.set(pl.Series(~linked | (link_kind == 0)), None),
        "salesforcecampaignids": campaign_ids(joined),
        "salesforcedeleted": gather(_BOOLEAN, np.where(linked, 0, -1)),
        "salesforcelastsynctime": np.where(linked, synced, -1),
    }
    rows = pl.DataFrame({row["name"]: columns[row["name"]] for row in catalogue.hubspot("contact")})
    instants = [pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in catalogue.datetimes("hubspot", "contact")]
    return rows.with_columns(instants).with_columns(pl.Series("order", which))


def works_at(firms: Organisations, found: Snapshot, record: Record) -> Bools:
    """Who is associated with a HubSpot company. Some companies employ none but Salesforce leads, or nobody in the segment."""
    people = found.subjects
    employer = firms.hs["staff"][people.company.number]
    lead = people.kind == KIND["lead_pair"]
    suits = (employer == STAFF["anybody"]) | ((employer == STAFF["leads"]) & lead)
    suits |= (employer == STAFF["outside"]) & ~in_segment(record)
    return np.asarray(people.employed & suits & firms.in_hubspot(people.company.number))


def campaign_ids(joined: Ints) -> pl.Series:
    """Campaign ids joined by semicolons; nobody's are blank."""
    known = ids.salesforce("Campaign", np.arange(values.CAMPAIGNS, dtype=np.int64))
    parts = {name: gather(known, joined[:, place]) for place, name in enumerate(("one", "two", "three"))}
    text = pl.concat_str("one", "two", "three", separator=";", ignore_nulls=True)
    return select(pl.when(pl.col("one").is_null()).then(None).otherwise(text), **parts)


def associations(portal: Portal, found: Snapshot, firms: Organisations, since: int | None = None) -> pl.DataFrame:
    """contact_company rows: the primary company, and now and then a second one with a label."""
    people = found.subjects
    alive = found.hs["exists"] == 1
    if since is not None:
        alive &= found.hs["modified"] > since
    other = (people.company.number + 1) % portal.firms.size
    advises = alive & portal.draw.chance("adviser", people.number, 0.02) & firms.in_hubspot(other)
    parts = []
    for there, company, label in (
        (alive & works_at(firms, found, found.hs), people.company.number, None),
        (advises, other, "Adviser"),
    ):
        which = np.flatnonzero(there)
        parts.append(
            pl.DataFrame(
                {
                    "contact_id": contact_ids(portal, people.number[which]),
                    "company_id": company_ids(company[which]),
                    "label": pl.Series([label], dtype=pl.String).new_from_index(0, len(which)),
                    "primary": pl.Series(["false" if label else "true"]).new_from_index(0, len(which)),
                    "order": which,
                }
            )
        )
    return pl.concat(parts).sort("order", maintain_order=True).drop("order")
