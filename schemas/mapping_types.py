"""Which HubSpot property may be mapped to which Salesforce field (P2-31)."""

_TEXT = frozenset({"string", "textarea", "phone", "email", "url", "encryptedstring", "combobox"})
_NUMBER = frozenset({"double", "int", "long", "currency", "percent"})
_FITTING: dict[str, frozenset[str]] = {
    "dropdown": frozenset({"picklist", "reference"}),
    "multiple checkboxes": frozenset({"multipicklist"}),
    "single checkbox": frozenset({"boolean"}),
    "number": _NUMBER,
    "single-line text": _TEXT,
    "multi-line text": frozenset({"textarea"}),
    "date": frozenset({"date", "datetime"}),
}


def kind_of(type_: str, field_type: str) -> str | None:
    """What HubSpot's editor calls a property of this type; None for one that cannot be mapped at all."""
    if type_ == "bool" or field_type == "booleancheckbox":
        return "single checkbox"
    if type_ == "enumeration":
        return "multiple checkboxes" if field_type == "checkbox" else "dropdown"
    if type_ == "number":
        return "number"
    if type_ in ("date", "datetime"):
        return "date"
    if type_ in ("string", "phone_number"):
        return "multi-line text" if field_type in ("textarea", "html") else "single-line text"
    return None


def compatible(type_: str, field_type: str, refers: bool, salesforce: str) -> str | None:
    """Why a property and a field cannot be mapped to each other, or None where they can. `refers`: a user property."""
    if refers or "user" in (type_, field_type):
        return "a HubSpot user property cannot be mapped"
    kind = kind_of(type_, field_type)
    if kind is None:
        return f"a HubSpot property of type {type_ or 'unknown'} cannot be mapped"
    if salesforce not in _FITTING[kind]:
        return f"a HubSpot {kind} property does not fit a Salesforce {salesforce} field"
    return None
