"""Companies of HubSpot and accounts of Salesforce at the end of a night."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.bench.portal import catalogue, ids, staff, values
from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.facts import Companies, People
from tests.bench.portal.layout import KIND, NO_STORY, Portal
from tests.bench.portal.nights import DAY, HOUR, SECOND
from tests.bench.portal.telling import Record, Records, absent_twin, tell
from tests.bench.portal.values import Cells
from tests.bench.portal.vocabulary import gather

_FIELDS = {
    "company": 0.0, "phone": 0.2, "website": 0.1, "industry": 0.15, "employees": 0.2, "revenue": 0.4, "street": 0.2, "city": 0.05,
    "zip": 0.2, "country": 0.03, "owner": 0.0,
}  # fmt: skip
_FLAGS = ("exists", "deleted", "stored", "apart", "kind", "slot", "merged", "staff")
_NUMBERS_APART = 10**9  # companies draw from other addresses than people do


@dataclass
class Firms:
    """Companies as subjects of stories."""

    number: Ints
    company: Companies
    story: Ints
    turn: Ints
    kind: Ints
    event: Ints

    @classmethod
    def of(cls, portal: Portal) -> "Firms":
        """All companies of the portal."""
        number = np.arange(portal.firms.size, dtype=np.int64)
        story, turn = portal.firms.story_of(number)
        event = portal.firms.night_of(number)
        return cls(
            number + _NUMBERS_APART, Companies.of(portal, number), story, turn, portal.firms.kind_of(number), event
        )

    def take(self, which: Ints) -> "Firms":
        """Some of them."""
        return Firms(
            self.number[which],
            self.company.take(which),
            self.story[which],
            self.turn[which],
            self.kind[which],
            self.event[which],
        )

    @property
    def country(self) -> Ints:
        """Positions in COUNTRIES."""
        return self.company.country

    def __len__(self) -> int:
        return len(self.number)


class Organisations(Records[Firms]):
    """The records of all companies at the end of a night, and what people need to know of them."""

    def in_hubspot(self, company: Ints) -> Bools:
        """Which of these companies a HubSpot contact can be associated with."""
        return np.asarray(((self.hs["exists"] == 1) & (self.hs["apart"] == 0))[company])

    def in_salesforce(self, company: Ints) -> Bools:
        """Which of these companies have an account that people belong to."""
        alive = (self.sf["exists"] == 1) & (self.sf["deleted"] == 0) & (self.sf["apart"] == 0)
        return np.asarray(alive[company])


def organisations(portal: Portal, night: int) -> Organisations:
    """All companies at the end of a night."""
    firms = Firms.of(portal)
    draw, number, size = portal.draw, firms.number, len(firms)
    hs: Record = {
        name: np.where(draw.chance(f"blank/{name}", number, share), -1, 0).astype(np.int8)
        for name, share in _FIELDS.items()
    }
    hs |= {name: np.zeros(size, dtype=np.int8) for name in _FLAGS}
    hs["master"] = np.full(size, -1, dtype=np.int8)
    hs["stage"] = draw.choice("stage", number, [5, 25, 5, 20, 10, 10, 25]).astype(np.int8)
    lived = (draw.unit("created", number) * 2300 * DAY).astype(np.int64)
    hs["created"] = portal.nights.base - 2 * DAY - lived
    hs["modified"] = hs["created"] + (draw.unit("modified", number) ** 0.4 * (lived + DAY)).astype(np.int64)
    sf = {name: column.copy() for name, column in hs.items()}
    sf["created"] = hs["created"] // SECOND * SECOND + HOUR
    sf["modified"] = hs["modified"] // SECOND * SECOND + HOUR
    pair = firms.kind == KIND["firm_pair"]
    hs["exists"][pair | (firms.kind == KIND["firm_hubspot"])] = 1
    sf["exists"][pair | (firms.kind == KIND["firm_account"])] = 1
    hs["stored"][pair] = 1
    drifted = np.flatnonzero(pair & (firms.story == NO_STORY) & draw.chance("stale", number, 0.08))
    sf["phone"][drifted], hs["city"][drifted] = 1, -1
    found = Organisations(firms, night, hs, absent_twin(hs), sf, absent_twin(sf))
    for later in range(2, night + 1):
        hit = draw.chance(f"edited/{later}", number, portal.change) & (firms.story == NO_STORY)
        for offset, record in enumerate((hs, sf)):
            who = np.flatnonzero(hit & (record["exists"] == 1) & (number % 2 == offset))
            record["phone"][who] = 10 + later * 2 + offset
            record["modified"][who] = portal.nights.moment(draw, number[who], later)
    for position in np.unique(firms.story[firms.story >= 0]):
        tell(portal, found, portal.firms.planted[position].story, np.flatnonzero(firms.story == position))
    return found


def company_ids(company: Ints) -> pl.Series:
    """HubSpot ids of companies."""
    return ids.hubspot(company, 9_100_000_003)


def account_ids(portal: Portal, company: Ints, second: bool = False) -> pl.Series:
    """Salesforce ids of companies' accounts, or of the twins that are merged away."""
    return ids.salesforce("Account", company + (portal.firms.size if second else 0))


def own_account_ids(portal: Portal, person: Ints) -> pl.Series:
    """Ids of the accounts that conversions of leads have made."""
    return ids.salesforce("Account", portal.rows.back(person) + 2 * portal.firms.size)


def accounts_of(portal: Portal, found: Organisations, people: People, own: Bools) -> pl.Series:
    """The account of each person's Salesforce contact; blank for private contacts."""
    there = people.employed & found.in_salesforce(people.company.number)
    shared = account_ids(portal, people.company.number).set(pl.Series(~there), None)
    return own_account_ids(portal, people.number).zip_with(pl.Series(own), shared)


def companies(portal: Portal, found: Organisations, contacts: Ints, changed_since: int | None = None) -> pl.DataFrame:
    """HubSpot's companies; `contacts` is how many are associated with each."""
    record = found.hs
    which = np.flatnonzero(
        (record["exists"] == 1) & ((changed_since is None) | (record["modified"] > (changed_since or 0)))
    )
    firms = found.subjects.take(which)
    record = {name: column[which] for name, column in record.items()}
    cells = Cells(portal, firms, record)
    account = account_ids(portal, which)
    account = account.zip_with(pl.Series(record["stored"] != 2), account.str.slice(0, 15))
    columns = {
        "hs_object_id": company_ids(which),
        "name": cells.company(),
        "domain": firms.company.domains(),
        "phone": cells.phone("phone"),
        "address": cells.place("street", numbered=True),
        "city": cells.place("city"),
        "zip": cells.zip(),
        "country": cells.country(),
        "website": cells.website(),
        "industry": gather(
            catalogue.values("company_industry"), np.where(record["industry"] < 0, -1, firms.company.industry)
        ),
        "numberofemployees": values.numbers(cells.head_count(), record["employees"] < 0),
        "annualrevenue": cells.revenue(),
        "lifecyclestage": gather(catalogue.values("stage"), record["stage"].astype(np.int64)),
        "hubspot_owner_id": staff.owner_ids(staff.positions(portal, firms.number, cells.version("owner"))),
        "num_associated_contacts": pl.Series(contacts[which]).cast(pl.String),
        "hs_merged_object_ids": pl.Series([None], dtype=pl.String).new_from_index(0, len(which)),
        "createdate": record["created"],
        "hs_lastmodifieddate": record["modified"],
        "salesforceaccountid": account.set(pl.Series(record["stored"] == 0), None),
    }
    return pl.DataFrame({row["name"]: columns[row["name"]] for row in catalogue.hubspot("company")})


def accounts(portal: Portal, found: Organisations, changed_since: int | None = None) -> pl.DataFrame:
    """Salesforce's accounts of companies, the twins that are merged away included."""
    parts = []
    for second, record in enumerate((found.sf, found.sf2)):
        which = np.flatnonzero(
            (record["exists"] == 1) & ((changed_since is None) | (record["modified"] > (changed_since or 0)))
        )
        firms = found.subjects.take(which)
        record = {name: column[which] for name, column in record.items()}
        parts.append(
            account_rows(
                portal,
                Cells(portal, firms, record),
                account_ids(portal, which, bool(second)),
                account_ids(portal, which).set(pl.Series(record["master"] < 0), None),
            )
        )
    return pl.concat(parts)


def account_rows(portal: Portal, cells: Cells, own_ids: pl.Series, masters: pl.Series) -> pl.DataFrame:
    """Rows of Account.csv for the companies of `cells`."""
    record, size = cells.record, len(own_ids)
    blank = pl.Series([None], dtype=pl.String).new_from_index(0, size)
    owner = staff.positions(portal, cells.people.number, cells.version("owner"))
    columns = {
        "Id": own_ids,
        "IsDeleted": flag(record["deleted"]),
        "MasterRecordId": masters,
        "Name": cells.company(),
        "Type": cells.option("company", "account_type"),
        "ParentId": blank,
        "BillingStreet": cells.place("street", numbered=True),
        "BillingCity": cells.place("city"),
        "BillingPostalCode": cells.zip(),
        "BillingCountry": cells.country(),
        "Phone": cells.phone("phone"),
        "Website": cells.website(),
        "Industry": cells.industry(),
        "AnnualRevenue": cells.revenue(),
        "NumberOfEmployees": values.numbers(cells.head_count(), record["employees"] < 0),
        "OwnerId": staff.user_ids(owner),
        "CreatedDate": record["created"],
        "LastModifiedDate": record["modified"],
        "SystemModstamp": record["modified"],
    }
    return pl.DataFrame({row["name"]: columns[row["name"]] for row in catalogue.salesforce("Account")})


def flag(column: np.ndarray) -> pl.Series:
    """A checkbox column."""
    return gather(pl.Series(["false", "true"]), column.astype(np.int64))
