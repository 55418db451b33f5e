"""The people who work in the two CRMs: Salesforce users, queues, HubSpot owners."""

import functools
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from tests.bench.portal import ids, vocabulary
from tests.bench.portal.draw import Ints
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import DAY, SECOND
from tests.bench.portal.story import INACTIVE, QUEUE, WITHOUT_USER

ACTIVE, PAST, HUBSPOT_ONLY, QUEUES = 32, 6, 4, 3
_USERS = ACTIVE + PAST + 2  # two more users belong to integrations and own nothing
_DOMAIN = "nordwind.example"


def positions(portal: Portal, person: Ints, version: Ints) -> Ints:
    """Who owns each record: 0..31 active, then those who left, then owners that Salesforce does not know; a queue is -2."""
    usual = (portal.draw.below("owner", person, ACTIVE) + version) % ACTIVE
    past = ACTIVE + portal.draw.below("owner/past", person, PAST)
    unknown = ACTIVE + PAST + portal.draw.below("owner/unknown", person, HUBSPOT_ONLY)
    special = [version < 0, version == QUEUE, version == INACTIVE, version == WITHOUT_USER]
    return np.select(special, [np.full_like(usual, -1), np.full_like(usual, -2), past, unknown], usual)


@functools.cache
def _names() -> list[tuple[str, str, str]]:
    first, last = vocabulary.words("first"), vocabulary.words("last")
    count = _USERS + HUBSPOT_ONLY
    country = np.arange(count) % 8
    one = first.position(country, np.arange(count) * 31 + 3)
    two = last.position(country, np.arange(count) * 17 + 5)
    slugs = [f"{a}.{b}" for a, b in zip(first.slugs.gather(one), last.slugs.gather(two), strict=True)]
    return list(zip(first.flat.gather(one), last.flat.gather(two), slugs, strict=True))


def user_ids(position: Ints) -> pl.Series:
    """Salesforce ids of owners by position; -2 is a queue, -1 blank."""
    users = ids.salesforce("User", np.arange(_USERS, dtype=np.int64))
    queue = ids.salesforce("Group", np.arange(1, dtype=np.int64))
    known = pl.concat([users, queue])
    return vocabulary.gather(known, np.where(position == -2, _USERS, position))


def owner_ids(position: Ints) -> pl.Series:
    """HubSpot owner ids by position; -1 is blank. A queue is nobody HubSpot knows."""
    known = pl.Series(_owner_number(np.arange(ACTIVE + PAST + HUBSPOT_ONLY, dtype=np.int64))).cast(pl.String)
    return vocabulary.gather(known, np.where(position == -2, -1, position))


def _owner_number(position: Ints) -> Ints:
    return 70_100_000 + position * 137


def users(portal: Portal) -> pl.DataFrame:
    """The User export."""
    number = np.arange(_USERS, dtype=np.int64)
    names = _names()[:_USERS]
    emails = [f"{name}@{_DOMAIN}" for *_, name in names]
    made = portal.nights.base - (2400 - number * 20) * DAY
    return pl.DataFrame(
        {
            "Id": user_ids(number),
            "IsDeleted": ["false"] * _USERS,
            "Username": [f"{email}.crm" for email in emails],
            "LastName": [last for _, last, _ in names],
            "FirstName": [first for first, _, _ in names],
            "Email": emails,
            "IsActive": ["false" if ACTIVE <= place < ACTIVE + PAST else "true" for place in range(_USERS)],
            "UserType": ["Standard"] * _USERS,
            "TimeZoneSidKey": [portal.nights.zone] * _USERS,
            "CreatedDate": made,
            "LastModifiedDate": made + 40 * DAY,
            "SystemModstamp": made + 40 * DAY,
        }
    )


def owners(portal: Portal) -> list[dict[str, Any]]:
    """HubSpot's owners, as its API lists them: those who left are archived, one is a queue."""
    found = []
    for place in range(ACTIVE + PAST + HUBSPOT_ONLY):
        first, last, name = _names()[place if place < ACTIVE + PAST else place + 2]
        number = int(_owner_number(np.array([place]))[0])
        gone = ACTIVE <= place < ACTIVE + PAST and place % 2 == 0
        found.append(_owner(portal, number, f"{name}@{_DOMAIN}", first, last, "PERSON", gone))
    found.append(_owner(portal, 70_900_001, "", "Inbound", "Queue", "QUEUE", False))
    return found


def _owner(portal: Portal, number: int, email: str, first: str, last: str, kind: str, gone: bool) -> dict[str, Any]:
    made = datetime.fromtimestamp((portal.nights.base - 2000 * DAY) // SECOND + number % 1000 * 86_400, UTC)
    stamp = made.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "id": str(number),
        "email": email or None,
        "type": kind,
        "firstName": first,
        "lastName": last,
        "userId": None if gone else number - 50_000_000,
        "userIdIncludingInactive": number - 50_000_000,
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": gone,
    }
