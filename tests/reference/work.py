"""One pair tonight, and how its fields are read."""

from dataclasses import dataclass, field
from typing import Any

from tests.reference.identity import email_of, secondary_emails
from tests.reference.model import Mapping, Night, Pair, Settings

LENGTHS = {"FirstName": 40, "LastName": 80, "Title": 128, "Phone": 40, "Email": 80}
REQUIRED = ("LastName", "Company")


@dataclass
class Work:
    """One pair tonight."""

    pair: Pair
    contact: str | None = None  # live HubSpot contact
    record: str | None = None  # live Salesforce record it syncs with
    dead: str | None = None  # linked record that is not live
    inside: bool = False
    is_new: bool = False  # a record without a contact that was created since the night before
    to_hubspot: dict[str, Any] = field(default_factory=dict)
    to_salesforce: dict[str, Any] = field(default_factory=dict)
    sources: dict[tuple[str, str], Any] = field(default_factory=dict)  # (system, field) -> the other side's own value
    errors: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # fields that want something and cannot get it
    outcome: dict[str, str] = field(default_factory=dict)  # direction -> outcome


def mappings_of(settings: Settings, record: str) -> list[Mapping]:
    return [mapping for mapping in settings.mappings if record[0] in mapping.letters]


def value_in_salesforce(mapping: Mapping, record: str, night: Night) -> Any:
    if mapping.kind != "campaigns":
        return night.rows[record].get(mapping.salesforce)
    key = "LeadId" if record[0] == "L" else "ContactId"  # P2-56, P2-57
    found = {row["CampaignId"] for row in night.of("M").values() if row.get(key) == record and not row.get("IsDeleted")}
    return ";".join(sorted(found, key=lambda name: int(name[1:]))) or None


def tidy(mapping: Mapping, value: Any) -> Any:
    """The text that a delta gives: e-mails normalised, the rest as it is."""
    return value.strip().lower() if mapping.kind == "email" and value else value


def refusals(values: dict[str, Any]) -> tuple[str, ...]:
    """P2-BB: a value longer than its field is reported, never cut; P2-07: a required field is never emptied."""
    long = [
        f"field_too_long: {name}" for name, value in values.items() if len(str(value or "")) > LENGTHS.get(name, 255)
    ]
    emptied = [f"required_field_missing: {name}" for name in REQUIRED if name in values and values[name] is None]
    return tuple(sorted([*long, *emptied]))


def email_is_taken(work: Work, night: Night, claimed: set[str]) -> bool:
    """P2-27: another HubSpot contact has the e-mail that this one is to take, or is given it tonight (`claimed`)."""
    email = (work.to_hubspot.get("email") or "").strip().lower()
    if not email:
        return False
    held = any(
        name != work.contact and email in {email_of(row), *secondary_emails(row)} for name, row in night.of("H").items()
    )
    if not held and email not in claimed:
        claimed.add(email)
        return False
    return True
