"""What the writers and the preflight know about both CRMs: fields by object, owners, the configuration, the night."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from assets.import_files import reference
from schemas.config import SyncConfig
from schemas.import_fields import (
    LEGAL_BASIS,
    FieldSet,
    ImportField,
    hubspot_fields,
    is_system_property,
    salesforce_fields,
)

HUBSPOT_OBJECTS = ("contact", "company")
# What finds a record is there in every portal (P2-92).
IDENTIFIERS = {"contact": ("hs_object_id", "email"), "company": ("hs_object_id", "domain")}
SALESFORCE_OBJECTS = ("lead", "contact", "account")
_MAPPED_OBJECTS = {"person": ("lead", "contact"), "company": ("account",)}
OWNER_OBJECT = "user"  # no file is of users, but columns may find them (P2-B7)


@dataclass(frozen=True)
class Owners:
    """HubSpot's owners: e-mail by owner id of the active ones, and everything that names an active one, lower case."""

    email_of: Mapping[str, str]
    names: frozenset[str]

    def emails(self, ids: pa.Array) -> pa.Array:
        """The active owners' e-mails of owner ids; null where there is none. An import wants the e-mail (P2-98)."""
        known = pa.array(list(self.email_of), pa.string())
        found = pa.array(list(self.email_of.values()), pa.string())
        return found.take(pa.compute.index_in(ids, known))


@dataclass(frozen=True)
class Knowledge:
    """Everything but the rows."""

    config: SyncConfig
    night: str
    hubspot: Mapping[str, FieldSet]
    salesforce: Mapping[str, FieldSet]
    owners: Owners | None = None
    secondary: pa.Array | None = None  # "<record id> <secondary e-mail>" of HubSpot's contacts
    opted_out: pa.Array | None = None  # e-mail addresses, in lower case, whose owner opted out in either CRM

    def fields(self, target: str, object_name: str) -> FieldSet:
        """Fields of one object of one CRM."""
        return (self.hubspot if target == "hubspot" else self.salesforce)[object_name]

    @property
    def unique_property(self) -> str | None:
        """A mapped property of companies whose values the portal keeps unique: it finds those without a domain (P2-92)."""
        mapped = {m.hubspot for m in self.config.mappings if m.object == "company"}
        fields = self.fields("hubspot", "company").fields
        return min((n for n, f in fields.items() if n in mapped and f.unique and not f.read_only), default=None)

    @property
    def external_id(self) -> str | None:
        """The field by which creates are upserted, in the letters of its mapping where it has one (P2-B8)."""
        named = self.config.imports.salesforce.external_id
        return next((field for _, field in self._mapped() if field.casefold() == (named or "").casefold()), named)

    @property
    def keyed_objects(self) -> list[str]:
        """Salesforce objects that have that field mapped: its value is the key. Elsewhere a file puts the link's id there."""
        return sorted({name for name, field in self._mapped() if field == self.external_id})

    def _mapped(self) -> list[tuple[str, str]]:
        custom = [(name, m.salesforce) for m in self.config.mappings for name in _MAPPED_OBJECTS[m.object]]
        return [*custom, *reference.default_targets()]

    @property
    def case_sensitive(self) -> list[str]:
        """Salesforce objects whose external id takes small letters and capitals for different values (P2-B8)."""
        external = self.external_id or ""
        found = ((name, self.field("salesforce", name, external)) for name in SALESFORCE_OBJECTS)
        return [name for name, field in found if field is not None and field.case_sensitive]

    def upserts(self, object_name: str) -> bool:
        """Whether creates of a Salesforce object go by the external id: it has the field, or nobody says otherwise.

        Which standard fields find records is known of every organisation.
        """
        external = self.external_id
        if external is None:
            return False
        found = self.field("salesforce", object_name, external)
        untold = external.casefold().endswith("__c") and not self.fields("salesforce", object_name).complete
        return found is not None and (found.external_key or untold)

    def field(self, target: str, object_name: str, name: str) -> ImportField | None:
        """One field; None where the CRM says that it does not exist; plain text where nobody says anything."""
        known = self.fields(target, object_name)
        found = known.get(name)
        if found is None and (not known.complete or "." in name):
            limits = reference.limits()
            longest = (limits.hubspot if target == "hubspot" else limits.salesforce).max_text_chars
            return ImportField(
                name=name, kind="text", max_chars=longest, read_only=target == "hubspot" and is_system_property(name)
            )
        return found


def knowledge(
    config: SyncConfig,
    night: str,
    properties: pa.Table | None = None,
    describe: pa.Table | None = None,
    owners: pa.Table | None = None,
) -> Knowledge:
    """From rows of staged/hubspot/property, staged/salesforce/field and staged/hubspot/owner; None or no rows: defaults."""
    longest = reference.limits().hubspot.max_text_chars
    delivered = properties.to_pylist() if properties is not None else []
    described = describe.to_pylist() if describe is not None else []
    hubspot, salesforce = {}, {}
    for name in HUBSPOT_OBJECTS:
        found = hubspot_fields(delivered, name, complete=True, max_text=longest)
        standard = hubspot_fields(reference.default_properties(), name, complete=False, max_text=longest)
        always = [*IDENTIFIERS[name], *([LEGAL_BASIS] if config.imports.hubspot.gdpr.enabled else [])]
        hubspot[name] = _with(found, standard, always) if found.fields else standard
    for name in (*SALESFORCE_OBJECTS, OWNER_OBJECT):
        found = salesforce_fields(described, name, complete=True)
        standard = salesforce_fields(reference.standard_fields(), name, complete=False)
        salesforce[name] = _with(found, standard, ["Id"]) if found.fields else standard
    return Knowledge(config, night, hubspot, salesforce, owners_of(owners))


def _with(found: FieldSet, standard: FieldSet, names: list[str]) -> FieldSet:
    """The portal's fields and the named standard ones, which it has, also where the delivered file is an extract."""
    missing = {n: f for n in names if (f := standard.fields.get(n)) and found.get(n) is None}
    return replace(found, fields={**found.fields, **missing}) if missing else found


def owners_of(rows: pa.Table | None) -> Owners | None:
    """Owners from rows of staged/hubspot/owner; None where none were delivered."""
    if rows is None or rows.num_rows == 0:
        return None
    active = [r for r in rows.to_pylist() if not _is_true(r.get("archived")) and r.get("email")]
    full = {" ".join(filter(None, (r.get("firstName"), r.get("lastName")))).strip().lower() for r in active}
    names = {str(r["email"]).strip().lower() for r in active} | full - {""}
    return Owners({str(r["id"]): str(r["email"]) for r in active}, frozenset(names))


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() == "true"
