"""Short names of records, as the worked examples write them: `L1` is a lead, `H1` a HubSpot contact.

A short name is one letter for the object and a number. Salesforce ids keep the name readable (`L1` is
`00Q0000000000L1` and its three check characters), so a failing test shows who is meant.
"""

import re

SALESFORCE_PREFIX = {
    "L": "00Q",  # lead
    "C": "003",  # contact
    "A": "001",  # account
    "U": "005",  # user
    "Q": "00G",  # queue
    "P": "701",  # campaign
    "M": "00v",  # campaign member
    "O": "006",  # opportunity
    "R": "00K",  # opportunity contact role
}
HUBSPOT_OFFSET = {
    "H": 1_000_000,
    "K": 2_000_000,
    "D": 3_000_000,
    "W": 4_000_000,
    "S": 0,
}  # contact company deal owner list
SHORT = re.compile(r"^([A-Z])(\d+)$")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def is_short(value: object) -> bool:
    """Whether a value is a short name of a record."""
    found = SHORT.match(value) if isinstance(value, str) else None
    return bool(found) and (found[1] in SALESFORCE_PREFIX or found[1] in HUBSPOT_OFFSET)


def real(short: str) -> str:
    """The id that stands in the exports: 18 characters in Salesforce, a number in HubSpot."""
    letter, number = SHORT.match(short).groups()
    if letter in HUBSPOT_OFFSET:
        return str(HUBSPOT_OFFSET[letter] + int(number))
    return eighteen(SALESFORCE_PREFIX[letter] + short.rjust(12, "0"))


def short(real_id: str | None) -> str | None:
    """The short name of an id, or the id itself where it is not one of ours."""
    if real_id is None:
        return None
    if re.fullmatch(r"[0-9A-Za-z]{15}([A-Z0-5]{3})?", real_id):
        found = re.search(r"([A-Z])(\d+)$", real_id[:15])
        return f"{found[1]}{int(found[2])}" if found else real_id
    if real_id.isdigit():
        for letter, offset in sorted(HUBSPOT_OFFSET.items(), key=lambda item: -item[1]):
            if offset < int(real_id) < offset + 1_000_000:
                return f"{letter}{int(real_id) - offset}"
    return real_id


def eighteen(fifteen: str) -> str:
    """The 18-character form of a 15-character Salesforce id."""
    check = ""
    for chunk in (fifteen[0:5], fifteen[5:10], fifteen[10:15]):
        check += _CHECK[sum(1 << i for i, character in enumerate(chunk) if character.isupper())]
    return fifteen + check
