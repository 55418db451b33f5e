"""Which fields and properties there are, of what kind, and what may be written: describe and property files, else the header.

Where a describe or property file was delivered, a field missing from it does not exist. Where none was, the newest
delivered file's header decides, types are the standard fields' known ones, and picklists are open (design section 4).
"""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.sql import Session
from schemas.import_fields import is_system_property

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
SALESFORCE_OBJECTS = {"Lead": "lead", "Contact": "contact", "Account": "account"}
HUBSPOT_OBJECTS = ("contact", "company")
_SALESFORCE_KINDS = {
    "multipicklist": "set", "boolean": "bool", "int": "number", "double": "number", "currency": "number",
    "percent": "number", "date": "date", "datetime": "datetime",
}  # fmt: skip
_COLUMN_KINDS = {"BOOLEAN": "bool", "DOUBLE": "number", "BIGINT": "number", "DATE": "date"}


@dataclass(frozen=True)
class FieldInfo:
    """What is known of one field. `options` is None where any value is accepted; `length` is in characters.

    `required`: a create must give it. `nillable`: an update may blank it; a field with a default is often neither. `whole`: a
    number without decimals. `digits`: before the point, of a number. `email`: takes nothing but an address.
    """

    kind: str = "text"
    createable: bool = True
    updateable: bool = True
    calculated: bool = False
    required: bool = False
    nillable: bool = True
    length: int | None = None
    whole: bool = False
    digits: int | None = None
    email: bool = False
    options: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Catalog:
    """Fields by object: `Lead`, `Contact`, `Account` in Salesforce, `contact`, `company` in HubSpot; which were described."""

    salesforce: dict[str, dict[str, FieldInfo]]
    hubspot: dict[str, dict[str, FieldInfo]]
    described: frozenset[str] = frozenset()


def read_catalog(session: Session) -> Catalog:
    """The fields of the session's night. Needs the relations of staged/salesforce/field and staged/hubspot/property."""
    described = _described(session)
    salesforce = {
        name: described.get(name) or _from_header(session, "salesforce", entity, _standard(name))
        for name, entity in SALESFORCE_OBJECTS.items()
    }
    properties = _properties(session)
    hubspot = {name: properties.get(name) or _of_header(session, name) for name in HUBSPOT_OBJECTS}
    return Catalog(salesforce, hubspot, frozenset(described) | frozenset(properties))


def _described(session: Session) -> dict[str, dict[str, FieldInfo]]:
    found: dict[str, dict[str, FieldInfo]] = {}
    for row in session.sql("SELECT * FROM staged__salesforce__field WHERE op = 'upsert'").to_arrow_table().to_pylist():
        where = f"describe of {row['object']}: field {row['name']}: picklistValues"
        values = [v["value"] for v in _options(row["picklistValues"], where) if v.get("active", True)]
        closed = row["restrictedPicklist"] and row["type"] in ("picklist", "multipicklist")
        found.setdefault(row["object"], {})[row["name"]] = FieldInfo(
            kind=_SALESFORCE_KINDS.get(row["type"], "text"),
            createable=row["createable"] is not False,
            updateable=row["updateable"] is not False,
            calculated=row["calculated"] is True,
            required=(
                row["nillable"] is False
                and row["defaultedOnCreate"] is not True
                and row["createable"] is not False
                and row["type"] != "boolean"
            ),
            nillable=row["nillable"] is not False,
            length=row["length"] or None,
            whole=row["type"] == "int",
            digits=_digits(row["precision"], row["scale"]) if row["type"] != "int" else None,
            email=row["type"] == "email",
            options=tuple(values) if closed else None,
        )
    return found


def _options(text: str | None, where: str) -> list[dict[str, Any]]:
    """The options of a property or picklist. Raises InputRefused: which values there are cannot be guessed."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(o, dict) and "value" in o for o in found):
        raise InputRefused(f"{where}: is no list of options with a value each")
    return found


def _digits(precision: int | str | None, scale: int | str | None) -> int | None:
    return int(precision) - int(scale or 0) if precision and int(precision) else None


def _properties(session: Session) -> dict[str, dict[str, FieldInfo]]:
    found: dict[str, dict[str, FieldInfo]] = {}
    for row in session.sql("SELECT * FROM staged__hubspot__property WHERE op = 'upsert'").to_arrow_table().to_pylist():
        where = f"properties of {row['object']}: property {row['name']}: options"
        options = tuple(option["value"] for option in _options(row["options"], where))
        kind = _property_kind(row["type"], row["fieldType"])
        writable = not (row["calculated"] or row["read_only"])
        found.setdefault(row["object"], {})[row["name"]] = FieldInfo(
            kind=kind,
            createable=writable,
            updateable=writable,
            calculated=row["calculated"] is True,
            options=options if row["type"] == "enumeration" and options and kind != "bool" else None,
            length=65_536,
        )
    return found


def _property_kind(kind: str | None, field_type: str | None) -> str:
    if field_type == "booleancheckbox" or kind == "bool":
        return "bool"
    if kind == "enumeration":
        return "set" if field_type == "checkbox" else "text"
    return kind if kind in ("number", "date", "datetime") else "text"


def _standard(name: str) -> dict[str, FieldInfo]:
    """An object's standard fields without a describe; compound and system ones take no value (P2-39, P2-3B)."""
    with (REFERENCE / "import_fields.csv").open(newline="") as file:
        closed = {
            row["name"]: FieldInfo(kind=_SALESFORCE_KINDS.get(row["type"], "text"), createable=False, updateable=False)
            for row in csv.DictReader(file)
            if row["object"] == name and row["createable"] == row["updateable"] == "false"
        }
    with (REFERENCE / "salesforce_fields.csv").open(newline="") as file:
        return closed | {
            row["name"]: FieldInfo(
                kind=_SALESFORCE_KINDS.get(row["type"], "text"),
                required=row["required"] == "true",
                nillable=row["nillable"] == "true",
                length=int(row["length"]) if row["length"] else None,
                whole=row["type"] == "int",
                email=row["type"] == "email",
            )
            for row in csv.DictReader(file)
            if row["object"] == name
        }


def _of_header(session: Session, name: str) -> dict[str, FieldInfo]:
    """The columns of contacts or companies; nobody but HubSpot sets its own."""
    found = _from_header(session, "hubspot", name, {})
    own = {column for column in found if is_system_property(column)}
    return {
        column: replace(i, createable=False, updateable=False) if column in own else i for column, i in found.items()
    }


def _from_header(session: Session, crm: str, entity: str, known: dict[str, FieldInfo]) -> dict[str, FieldInfo]:
    staged = keys.relation(keys.staged(crm, entity))
    types = session.types(staged)
    return {
        name: known.get(name) or FieldInfo(kind=_COLUMN_KINDS.get(types.get(name, ""), _stamp(types.get(name, ""))))
        for name in _delivered_columns(session, crm, entity, session.night) or types
    }


def _stamp(kind: str) -> str:
    return "datetime" if kind.startswith("TIMESTAMP") else "text"


def delivered(session: Session, name: str, night: str | None) -> set[str]:
    """The columns of contacts or companies in their newest delivery until a night; none where nobody knows it any more."""
    return _delivered_columns(session, "hubspot", name, night)


def _delivered_columns(session: Session, crm: str, entity: str, night: str | None) -> set[str]:
    """A header alone is a delivery too; a night that brought nothing has no columns."""
    key = keys.raw(crm, "delivery")
    session.at(None).use(key, {"columns": "VARCHAR[]"}, name="delivered_file")
    brought = exp.GT(this=exp.func("len", exp.column("columns")), expression=exp.Literal.number(0))
    files = exp.select("night", "columns").from_("delivered_file")
    files = files.where(exp.column("entity").eq(entity), brought, *([exp.column("night") <= night] if night else []))
    newest = files.order_by("night DESC").limit(1)
    return {name for _, columns in session.sql(newest).fetchall() for name in columns}
