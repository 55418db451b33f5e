"""What one property or field accepts, in one form for both CRMs: from the portal's properties and the org's describe.

A few hundred rows of definitions, not records; everything about values themselves is in assets/import_files.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "text",
    "number",
    "integer",
    "date",
    "datetime",
    "boolean",
    "option",
    "options",
    "stage",
    "email",
    "domain",
    "owner",
    "record_id",
    "reference",
    "compound",
]

# Set by HubSpot or by its Salesforce connector, whatever the portal's property file says (P2-26, P2-9A, P2-69, P2-A0).
SYSTEM_PROPERTIES = {
    "salesforceleadid",
    "salesforcecontactid",
    "salesforceownerid",
    "salesforcedeleted",
    "salesforcelastsynctime",
    "salesforceopportunitystage",
    "hs_marketable_status",
    "hs_marketable_until_renewal",
    "hs_marketable_reason_type",
    "hs_marketable_reason_id",
    "hs_additional_emails",
    "hs_merged_object_ids",
    "hs_calculated_merged_vids",
    "createdate",
    "lastmodifieddate",
    "hs_createdate",
    "hs_lastmodifieddate",
}
_STAGE_TIMES = ("hs_date_entered_", "hs_v2_date_entered_", "hs_date_exited_", "hs_v2_date_exited_")

# What Salesforce asks for on insert, whatever a describe says about defaults (P2-07).
REQUIRED = {"lead": {"LastName", "Company"}, "contact": {"LastName"}, "account": {"Name"}}
LEGAL_BASIS = "hs_legal_basis"
ID_PREFIX = {"lead": "00Q", "contact": "003", "account": "001"}


@dataclass(frozen=True)
class ImportField:
    """One column's target: its name, kind and limits. `options` are (value, label); empty options accept anything."""

    name: str
    kind: Kind
    label: str | None = None
    read_only: bool = False
    unique: bool = False
    max_chars: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    whole_digits: int | None = None
    id_prefixes: tuple[str, ...] = ()
    external_key: bool = False
    case_sensitive: bool = False


@dataclass(frozen=True)
class FieldSet:
    """All fields of one object. `complete` says that a name that is not here does not exist there."""

    crm: Literal["hubspot", "salesforce"]
    object: str
    complete: bool
    fields: Mapping[str, ImportField] = field(default_factory=dict)

    def get(self, name: str) -> ImportField | None:
        """The field of an internal or API name; Salesforce's names ignore case."""
        if self.crm == "hubspot":
            return self.fields.get(name)
        return self.fields.get(name) or self._folded.get(name.lower())

    @property
    def _folded(self) -> dict[str, ImportField]:
        return {name.lower(): f for name, f in self.fields.items()}


def hubspot_fields(rows: Iterable[Mapping[str, Any]], object_name: str, *, complete: bool, max_text: int) -> FieldSet:
    """Fields of `contact` or `company` from rows of staged/hubspot/property (or the default properties)."""
    found = {r["name"]: _property(r, object_name, max_text) for r in rows if _same_object(r["object"], object_name)}
    return FieldSet("hubspot", object_name, complete and bool(found), found)


def salesforce_fields(rows: Iterable[Mapping[str, Any]], object_name: str, *, complete: bool) -> FieldSet:
    """Fields of `lead`, `contact` or `account` from rows of staged/salesforce/field (or the standard fields)."""
    found = {r["name"]: _describe(r, object_name) for r in rows if str(r["object"]).lower() == object_name}
    return FieldSet("salesforce", object_name, complete and bool(found), found)


def is_system_property(name: str) -> bool:
    """Whether HubSpot alone sets the property: never a column of an import file."""
    stage_date = name.startswith("hs_lifecyclestage_") and name.endswith("_date")
    return name in SYSTEM_PROPERTIES or stage_date or name.startswith(_STAGE_TIMES)


def _same_object(delivered: Any, wanted: str) -> bool:
    name = str(delivered).lower()
    return name in ({"contact", "contacts", "0-1"} if wanted == "contact" else {"company", "companies", "0-2"})


def _property(row: Mapping[str, Any], object_name: str, max_text: int) -> ImportField:
    name = str(row["name"])
    kind = _property_kind(name, str(row.get("type") or "string"), str(row.get("fieldType") or ""), object_name)
    return ImportField(
        name=name,
        kind=kind,
        label=row.get("label"),
        read_only=bool(row.get("read_only") or row.get("calculated") or is_system_property(name)),
        unique=bool(row.get("hasUniqueValue")),
        max_chars=max_text if kind in ("text", "email", "domain") else None,
        options=_options(row.get("options"), "value", "label"),
    )


def _property_kind(name: str, type_: str, field_type: str, object_name: str) -> Kind:
    special: dict[str, Kind] = {"hs_object_id": "record_id", "hubspot_owner_id": "owner", "lifecyclestage": "stage"}
    if name in special:
        return special[name]
    if name == "email" and object_name == "contact":
        return "email"
    if name == "domain" and object_name == "company":
        return "domain"
    if type_ == "bool" or field_type == "booleancheckbox":
        return "boolean"
    if type_ == "enumeration":
        return "options" if field_type == "checkbox" else "option"
    plain: dict[str, Kind] = {"number": "number", "date": "date", "datetime": "datetime"}
    return plain.get(type_, "text")


def _describe(row: Mapping[str, Any], object_name: str) -> ImportField:
    name, type_ = str(row["name"]), str(row.get("type") or "string").lower()
    restricted = bool(row.get("restrictedPicklist"))
    kinds: dict[str, Kind] = {
        "boolean": "boolean",
        "date": "date",
        "datetime": "datetime",
        "int": "integer",
        "double": "number",
        "currency": "number",
        "percent": "number",
        "email": "email",
        "picklist": "option",
        "multipicklist": "options",
        "reference": "reference",
        "id": "record_id",
        "address": "compound",
        "location": "compound",
    }
    kind = kinds.get(type_, "text")
    createable, updateable = _yes(row.get("createable")), _yes(row.get("updateable"))
    read_only = bool(row.get("calculated")) or kind == "compound" or not (createable or updateable)
    length = row.get("length")
    precision, scale = row.get("precision"), row.get("scale")
    required = not _yes(row.get("nillable")) and createable and not bool(row.get("defaultedOnCreate"))
    return ImportField(
        name=name,
        kind=kind,
        label=row.get("label"),
        read_only=read_only and kind != "record_id",
        unique=bool(row.get("externalId") or row.get("idLookup")),
        max_chars=int(length) if length and kind in ("text", "email", "option", "options") else None,
        options=_options(row.get("picklistValues"), "value", "label", active=True) if restricted else (),
        required=(required and kind != "boolean") or name in REQUIRED.get(object_name, set()),
        nillable=_yes(row.get("nillable")),
        createable=createable,
        updateable=updateable,
        whole_digits=int(precision) - int(scale or 0) if precision and kind == "number" else None,
        id_prefixes=_prefixes(name, row.get("referenceTo")),
        external_key=bool(row.get("externalId") or row.get("idLookup")),
        case_sensitive=bool(row.get("caseSensitive")),
    )


_PREFIXES = {"user": "005", "group": "00G", "account": "001", "contact": "003", "lead": "00Q", "campaign": "701"}


def _prefixes(name: str, reference_to: Any) -> tuple[str, ...]:
    targets = reference_to if isinstance(reference_to, list) else json.loads(reference_to or "[]")
    known = [_PREFIXES.get(str(t).lower()) for t in targets]
    if name == "OwnerId" and not targets:
        return ("005", "00G")
    return tuple(k for k in known if k) if all(known) else ()


def _options(value: Any, key: str, label: str, *, active: bool = False) -> tuple[tuple[str, str], ...]:
    items = value if isinstance(value, list) else json.loads(value or "[]")
    return tuple(
        (str(i[key]), str(i.get(label) or i[key]))
        for i in sorted(items, key=lambda i: int(i.get("displayOrder") or 0))
        if i.get(key) is not None and (not active or i.get("active", True))
    )


def _yes(value: Any) -> bool:
    return True if value is None else bool(value)
