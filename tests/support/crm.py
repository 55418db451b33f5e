"""What the two CRMs do with a delta that somebody loads: all of it, a part of it, or nothing.

A small model: HubSpot keeps one contact per e-mail and refuses a second one, a creation gets the next free record, and
whatever is written moves the record's time stamps. Loading happens at two in the night, before anybody works.
"""

from random import Random
from typing import Any

from tests.reference.identity import email_of, secondary_emails
from tests.reference.model import Operation
from tests.support.portal import Portal, moment

LOADED_AT = "02:00"
LETTER = {"lead": "L", "contact": "C", "account": "A", "company": "K"}
REQUIRED = {"email", "Email", "LastName", "Company", "Name", "name"}
BOOLEANS = {"hs_email_optout", "HasOptedOutOfEmail"}


def load(portal: Portal, operations: set[Operation], night: str, share: float, chance: Random, base: int) -> None:
    """Load a share of the operations, and of their fields: 1 is everything, 0 nothing. New names start at `base`."""
    for operation in sorted(operations, key=lambda o: (o.system, o.target, o.op, o.values)):
        if share < 1 and chance.random() > share:
            continue
        values = {
            name: _typed(name, value)
            for name, value in operation.values
            if share == 1 or name in REQUIRED or chance.random() < share
        }
        if operation.op == "create":
            _create(portal, operation, values, night, base)
        elif operation.op == "delete":
            portal.edit(operation.target, None, night)
        elif values and operation.target in portal.rows:
            if operation.system == "hubspot" and _taken(portal, values.get("email"), operation.target):
                continue
            portal.edit(operation.target, {**values, "at": LOADED_AT}, night)


def _create(portal: Portal, operation: Operation, values: dict[str, Any], night: str, base: int) -> None:
    hubspot = operation.system == "hubspot"
    letter = "H" if hubspot and operation.object == "contact" else LETTER[operation.object]
    if letter == "H" and _taken(portal, values["email"], None):
        return
    blank = dict.fromkeys(
        ("firstname", "lastname", "company") if letter == "H" else ("FirstName", "LastName", "Company")
    )
    if letter == "C":
        del blank["Company"]
    if letter in "KA":
        blank = {}
    owner = {} if hubspot or "OwnerId" not in portal.columns[letter] else {"OwnerId": "U1"}
    created = {"createdate" if hubspot else "CreatedDate": moment(night, LOADED_AT), "at": LOADED_AT}
    portal.edit(next_name(portal, letter, base), {**blank, **owner, **values, **created}, night)


def next_name(portal: Portal, letter: str, base: int) -> str:
    """The next free short name of a letter."""
    used = [int(name[1:]) for name in portal.ever if name[0] == letter]
    return f"{letter}{max([base, *used]) + 1}"


def _taken(portal: Portal, email: str | None, by_other_than: str | None) -> bool:
    return email is not None and any(
        name[0] == "H" and name != by_other_than and email in {email_of(row), *secondary_emails(row)}
        for name, row in portal.rows.items()
    )


def _typed(name: str, value: str | None) -> Any:
    return value == "true" if name in BOOLEANS else value
