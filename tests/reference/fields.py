"""One field: whether two values are equal, and which side takes the other's (rules 2.3)."""

from dataclasses import dataclass
from typing import Any

from tests.reference.model import Change, Mapping, Night


@dataclass(frozen=True)
class Field:
    """Both sides of one mapped field tonight."""

    mapping: Mapping
    hubspot: Any
    salesforce: Any
    agreed_hubspot: tuple[Any] | None  # HubSpot's value when both were equal once; None: never
    agreed_salesforce: tuple[Any] | None  # the same of this Salesforce record
    moved_hubspot: Change
    moved_salesforce: Change


def normal(mapping: Mapping, side: str, value: Any, night: Night) -> Any:
    """A value as it is compared (P2-3A). Blank is None, but False for the opt-out."""
    if mapping.kind == "opt_out":
        return value is True or str(value).lower() == "true"
    if value is None or str(value).strip() == "":
        return None
    if mapping.kind == "email":
        return str(value).strip().lower()
    if mapping.kind == "campaigns":
        return frozenset(str(value).split(";"))  # P2-34: a set
    if mapping.kind == "owner":  # P2-36: the same person, by e-mail
        found = night.owners.get(value) if side == "hubspot" else night.rows.get(value)
        email = ((found or {}).get("email") or (found or {}).get("Email") or "").lower()
        return email or f"{side}:{value}"
    return str(value).strip().replace("\r\n", "\n").replace("\r", "\n")


def direction(field: Field, night: Night) -> str | None:
    """Where the value goes: `to_hubspot`, `to_salesforce` or None. P2-30 with its notes, P2-36, P2-38."""
    mapping = field.mapping
    h = normal(mapping, "hubspot", field.hubspot, night)
    s = normal(mapping, "salesforce", field.salesforce, night)
    if h == s or mapping.rule == "never":
        return None
    if mapping.kind == "opt_out":
        return "to_hubspot" if s else "to_salesforce"  # P2-38, X12: once opted out, opted out on both sides
    deleted_s = deleted_h = False  # a blank is a deletion only if that side's value was agreed on once (X5)
    s_changed, h_changed = True, True
    if field.agreed_salesforce:
        s_changed = s != normal(mapping, "salesforce", field.agreed_salesforce[0], night)
        deleted_s = s is None and s_changed
    if field.agreed_hubspot:
        h_changed = h != normal(mapping, "hubspot", field.agreed_hubspot[0], night)
        deleted_h = h is None and h_changed

    if mapping.rule == "prefer_salesforce_unless_blank":
        return "to_hubspot" if s is not None or deleted_s else "to_salesforce"  # note (a)
    if mapping.rule == "always_salesforce":
        return "to_hubspot" if s is not None or deleted_s else None  # note (b)

    hubspot_last = field.moved_hubspot > field.moved_salesforce  # note (c), X6: equal times, Salesforce
    if field.agreed_hubspot and field.agreed_salesforce and h_changed != s_changed:
        return "to_salesforce" if h_changed else "to_hubspot"  # note (d)
    if s is None and not deleted_s:
        return "to_salesforce"
    if h is None and not deleted_h:
        return "to_hubspot"
    if h is None and not field.agreed_salesforce:
        return "to_salesforce"  # deleted in HubSpot, and nothing is known of this Salesforce record yet
    return "to_salesforce" if hubspot_last else "to_hubspot"


def owner_for(system: str, field: Field, night: Night) -> tuple[Any, str | None]:
    """The other system's owner of the same e-mail (P2-36), or a warning: then the field is left out."""
    if system == "hubspot":
        if str(field.salesforce).startswith("Q"):
            return None, "owner_is_queue"
        email = normal(field.mapping, "salesforce", field.salesforce, night)
        for name, row in sorted(night.owners.items()):
            if (row["email"] or "").lower() == email:
                return (None, "inactive_owner") if row.get("archived") else (name, None)
        return None, "owner_not_found"
    email = normal(field.mapping, "hubspot", field.hubspot, night)
    found = [(name, row) for name, row in night.of("U").items() if (row["Email"] or "").lower() == email]
    for name, row in found:
        if row["IsActive"]:
            return name, None
    return None, "inactive_owner" if found else "owner_not_found"
