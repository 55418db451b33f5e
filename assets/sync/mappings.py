"""The field mappings of a night: the defaults (rules.md 1.2.1, data), the custom ones of sync.yaml, and what each may do.

A mapping exists on every Salesforce object that has its field (P1-22); City and Mailing City are two mappings on one
property, each for its own object (P1-25).
"""

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence

import pyarrow as pa

from assets.sync.catalog import REFERENCE, Catalog, FieldInfo
from schemas.config import SyncConfig
from schemas.salesforce import ADDRESSES

SCHEMA = pa.schema(
    [
        ("object", pa.string()),
        ("salesforce_object", pa.string()),
        ("mapping", pa.string()),
        ("hubspot", pa.string()),
        ("salesforce", pa.string()),
        ("rule", pa.string()),
        ("kind", pa.string()),
        ("compare", pa.string()),
        ("hubspot_kind", pa.string()),
        ("salesforce_kind", pa.string()),
        ("is_trigger", pa.bool_()),
        ("is_one_way", pa.bool_()),
        ("hubspot_writable", pa.bool_()),
        ("salesforce_createable", pa.bool_()),
        ("salesforce_updateable", pa.bool_()),
        ("salesforce_nillable", pa.bool_()),
        ("salesforce_length", pa.int64()),
        ("salesforce_whole", pa.bool_()),
        ("salesforce_digits", pa.int64()),
        ("salesforce_email", pa.bool_()),
        ("salesforce_options", pa.list_(pa.string())),
        ("hubspot_options", pa.list_(pa.string())),
    ]
)
PERSON_OBJECTS = ("Lead", "Contact")
# Kinds whose value only ever goes from Salesforce to HubSpot: ids, campaigns (P2-56) and ranges of a number (P1-27).
TO_HUBSPOT_ONLY = frozenset({"to_hubspot", "campaigns", "employees"})
# Version of how values are compared (norm.sql): stored hashes of another one are taken anew, and are no change.
_FORM = 7
_COMPARE = {"email": "email", "owner": "owner", "opt_out": "opt_out", "employees": "employees", "campaigns": "set"}


def mapping_table(config: SyncConfig, catalog: Catalog) -> pa.Table:
    """One row per mapping and Salesforce object that has its field; columns as SCHEMA."""
    custom = [row for entry in _custom(config) for row in _rows(entry, catalog)]
    named = {(row["object"], side, str(row[side]).lower()) for row in custom for side in ("hubspot", "salesforce")}
    defaults = [row for entry in default_mappings(config) for row in _rows(entry, catalog)]
    rows = custom + [row for row in defaults if row["object"] == "person" or not _is_replaced(row, named)]
    rows.sort(key=lambda row: (row["object"], row["salesforce_object"], row["mapping"]))
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def untold_table(config: SyncConfig, catalog: Catalog) -> pa.Table:
    """One row per mapping and Salesforce object whose column was not delivered: object, salesforce_object, mapping.

    Where a describe or property file is there, a field that it does not have is no field (design section 4).
    """
    rows = []
    for entry in [*_custom(config), *default_mappings(config)]:
        kind = "contact" if entry["object"] == "person" else "company"
        for name in entry["applies_to"].split(";"):
            missing = [kind] if entry["hubspot"] not in catalog.hubspot[kind] else []
            if entry["salesforce"] not in catalog.salesforce[name] and entry["kind"] != "campaigns":
                missing.append(name)
            if missing and not catalog.described.intersection(missing):
                names = {"object": entry["object"], "salesforce_object": name}
                rows.append({**names, "mapping": f"{entry['hubspot']}:{entry['salesforce']}"})
    columns = ("object", "salesforce_object", "mapping")
    return pa.Table.from_pylist(rows, schema=pa.schema([(column, pa.string()) for column in columns]))


def required_table(catalog: Catalog) -> pa.Table:
    """One row per field that Salesforce wants on a create: object, name (P2-07)."""
    rows = [
        {"salesforce_object": name, "salesforce": field}
        for name, fields in catalog.salesforce.items()
        for field, info in fields.items()
        if info.required and field not in ("OwnerId", "Id") and (field != "Name" or name == "Account")
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([("salesforce_object", pa.string()), ("salesforce", pa.string())])
    )


def state_table(catalog: Catalog) -> pa.Table:
    """One row per address with state and country picklists: object, its state fields and its country fields (P2-3B)."""
    names = ("state", "state_code", "country", "country_code")
    rows = [
        (name, f"{prefix}State", f"{prefix}StateCode", f"{prefix}Country", f"{prefix}CountryCode")
        for name, fields in catalog.salesforce.items()
        for prefix in ADDRESSES
        if f"{prefix}StateCode" in fields
    ]
    columns = ("salesforce_object", *names)
    return pa.Table.from_pylist(
        [dict(zip(columns, row, strict=True)) for row in rows], schema=pa.schema([(c, pa.string()) for c in columns])
    )


def digest(mappings: pa.Table, columns: Mapping[str, Sequence[str]]) -> str:
    """Names the mappings and the mapped columns of each relation, so that a stored hash says under which it was taken."""
    listed = mappings.select(["object", "salesforce_object", "mapping", "rule", "compare"]).to_pylist()
    return hashlib.md5(json.dumps([_FORM, listed, dict(columns)]).encode(), usedforsecurity=False).hexdigest()


def default_mappings(config: SyncConfig) -> list[dict[str, str]]:
    """The default mappings, once an object that has the field, with the update rules that sync.yaml gives them.

    A rule is given to a property (`city`) or to that of one object (`city/lead`, `city/contact`), which comes first.
    """
    with (REFERENCE / "default_mappings.csv").open(newline="") as file:
        entries = list(csv.DictReader(file))
    found = []
    for entry in entries:
        for name in entry["applies_to"].split(";"):
            rule = entry["rule"]
            if entry["object"] == "person":
                for given in (entry["hubspot"], f"{entry['hubspot']}/{name.lower()}"):
                    rule = config.mapping_rules.get(given, rule)
            if entry["kind"] == "opt_out":
                rule = "opt_out"  # sticky and not editable (P2-38)
            found.append({**entry, "applies_to": name, "rule": rule})
    return found


def _is_replaced(row: dict[str, object], named: set[tuple[object, str, str]]) -> bool:
    """Whether a custom mapping has the property or field of a default one: of companies it stands in its place (P2-32)."""
    return any((row["object"], side, str(row[side]).lower()) in named for side in ("hubspot", "salesforce"))


def _custom(config: SyncConfig) -> list[dict[str, str]]:
    return [
        {
            "object": mapping.object,
            "hubspot": mapping.hubspot,
            "salesforce": mapping.salesforce,
            "applies_to": "Account" if mapping.object == "company" else ";".join(PERSON_OBJECTS),
            "rule": mapping.rule,
            "kind": "value",
        }
        for mapping in config.mappings
    ]


def _rows(entry: dict[str, str], catalog: Catalog) -> list[dict[str, object]]:
    properties = catalog.hubspot["contact" if entry["object"] == "person" else "company"]
    hubspot = properties.get(entry["hubspot"])
    if hubspot is None:
        return []
    rows = []
    for name in entry["applies_to"].split(";"):
        field = catalog.salesforce[name].get(entry["salesforce"])
        if field is None and entry["kind"] == "campaigns":
            field = FieldInfo(kind="set", createable=False, updateable=False)
        if field is not None:
            rows.append(_row(entry, name, hubspot, field))
    return rows


def _row(entry: dict[str, str], name: str, hubspot: FieldInfo, field: FieldInfo) -> dict[str, object]:
    kind = entry["kind"]
    one_way = kind in TO_HUBSPOT_ONLY or field.calculated
    return {
        "object": entry["object"],
        "salesforce_object": name,
        "mapping": f"{entry['hubspot']}:{entry['salesforce']}",
        "hubspot": entry["hubspot"],
        "salesforce": entry["salesforce"],
        "rule": entry["rule"],
        "kind": kind,
        "compare": _COMPARE.get(kind) or _compare(hubspot.kind, field.kind),
        "hubspot_kind": hubspot.kind,
        "salesforce_kind": field.kind,
        "is_trigger": not field.calculated and entry["rule"] != "never",
        "is_one_way": one_way,
        "hubspot_writable": hubspot.updateable,
        "salesforce_createable": field.createable,
        "salesforce_updateable": field.updateable,
        "salesforce_nillable": field.nillable,
        "salesforce_length": field.length if field.kind in ("text", "set") else None,
        "salesforce_whole": field.whole,
        "salesforce_digits": field.digits,
        "salesforce_email": field.email,
        "salesforce_options": list(field.options) if field.options is not None else None,
        "hubspot_options": list(hubspot.options) if hubspot.options is not None else None,
    }


def _compare(hubspot: str, salesforce: str) -> str:
    """How two values of these kinds are compared: as the stricter of the two (P2-31, P2-34, P2-3A)."""
    kinds = {hubspot, salesforce}
    for kind in ("set", "bool", "number", "date", "datetime"):
        if kind in kinds:
            return kind
    return "text"
