"""A small pair of CRMs that tests edit night by night, and that writes the exports the CRMs would deliver.

Rows are dictionaries under short names (`tests.support.ids`). A row that is not said to be otherwise agrees with its
counterpart: the same names and company on both sides, everything else blank, made and last modified long ago. A row
that first appears after the first night was created that night; a row that is edited was modified that night.
"""

import csv
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.ids import is_short, real

FIRST = date(2026, 3, 1)
LONG_AGO = "2025-01-10T09:00:00.000Z"
NOT_LATELY = "2025-06-01T09:00:00.000Z"

HUBSPOT_CONTACT = {"email": None, "firstname": "Ada", "lastname": "Doe", "company": "Acme", "jobtitle": None,
                   "phone": None, "lifecyclestage": "lead"}  # fmt: skip
SALESFORCE_PERSON = {"Email": None, "FirstName": "Ada", "LastName": "Doe", "Title": None, "Phone": None}


@dataclass(frozen=True)
class Kind:
    """Where the records of one letter are delivered, and what a row has unless it says otherwise."""

    crm: str
    file: str
    id_column: str
    defaults: dict[str, Any] = field(default_factory=dict)
    created: str | None = None
    modified: tuple[str, ...] = ()


_SF = {"created": "CreatedDate", "modified": ("LastModifiedDate", "SystemModstamp")}
KINDS = {
    "H": Kind("hubspot", "contacts.csv", "hs_object_id", HUBSPOT_CONTACT, "createdate", ("lastmodifieddate",)),
    "K": Kind("hubspot", "companies.csv", "hs_object_id", {"name": "Acme", "domain": None}, "createdate",
              ("hs_lastmodifieddate",)),
    "D": Kind("hubspot", "deals.csv", "hs_object_id", {}, "createdate", ("hs_lastmodifieddate",)),
    "L": Kind("salesforce", "Lead.csv", "Id", {**SALESFORCE_PERSON, "Company": "Acme", "IsDeleted": False,
              "MasterRecordId": None, "IsConverted": False, "ConvertedContactId": None}, **_SF),
    "C": Kind("salesforce", "Contact.csv", "Id", {**SALESFORCE_PERSON, "AccountId": None, "IsDeleted": False,
              "MasterRecordId": None}, **_SF),
    "A": Kind("salesforce", "Account.csv", "Id", {"Name": "Acme", "Website": None, "IsDeleted": False}, **_SF),
    "U": Kind("salesforce", "User.csv", "Id", {"Email": None, "IsActive": True}),
    "P": Kind("salesforce", "Campaign.csv", "Id", {"Name": "Campaign", "IsActive": True}, **_SF),
    "M": Kind("salesforce", "CampaignMember.csv", "Id", {"CampaignId": None, "LeadId": None, "ContactId": None}, **_SF),
    "O": Kind("salesforce", "Opportunity.csv", "Id", {"Name": "Deal", "AccountId": None, "StageName": "Prospecting",
              "IsClosed": False, "IsWon": False}, **_SF),
    "R": Kind("salesforce", "OpportunityContactRole.csv", "Id", {"OpportunityId": None, "ContactId": None}, **_SF),
}  # fmt: skip
ALWAYS = ("H", "L", "C")  # the people's files are there even if they hold nobody


def night_of(number: int) -> str:
    """The night of a number: 1 is the first one there is."""
    return (FIRST + timedelta(days=number - 1)).isoformat()


def moment(night: str, at: str) -> str:
    """A time of a night; 26:00 is two o'clock after it, when exports are taken late."""
    hours, minutes = at.split(":")
    day = date.fromisoformat(night) + timedelta(days=int(hours) // 24)
    return f"{day.isoformat()}T{int(hours) % 24:02}:{minutes}:00.000Z"


class Portal:
    """The state of both CRMs; `edit` changes it on a night, `write` delivers it."""

    def __init__(self, columns: dict[str, list[str]] | None = None) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.merged: dict[str, str] = {}  # HubSpot record -> the one that it was merged into
        self.ever: set[str] = set()  # names that were ever used: an id does not come back for another record
        self.lists: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, dict[str, Any]] = {}
        self.associations: list[dict[str, Any]] = []
        self.with_associations = False
        self.columns: dict[str, list[str]] = {
            letter: [kind.id_column, *kind.defaults, *([kind.created] if kind.created else []), *kind.modified]
            for letter, kind in KINDS.items()
        }
        self.properties: dict[str, dict[str, Any]] = {}
        self.describes: dict[str, dict[str, Any]] = {}
        self.delivered: set[str] = set(ALWAYS)
        for letter, names in (columns or {}).items():
            self.know(letter, names)

    def know(self, letter: str, names: list[str]) -> None:
        """The portal has these columns, and this file, on every night: a header does not come and go."""
        self.delivered.add(letter)
        self.columns[letter] += [name for name in names if name not in self.columns[letter]]

    def edit(self, name: str, values: Any, night: str, *, first: bool = False) -> None:
        """One line of a worked example: a row's values, `None` for a row that vanished, a list's members."""
        letter = name[0]
        if letter == "S":
            self._edit_list(name, values)
        elif letter == "W":
            self.owners[name] = {**self.owners.get(name, {"email": None, "archived": False}), **values}
        elif values is None:
            del self.rows[name]
        else:
            self._edit_row(name, dict(values), night, first=first)

    def _edit_row(self, name: str, values: dict[str, Any], night: str, *, first: bool) -> None:
        kind = KINDS[name[0]]
        at = moment(night, values.pop("at", "12:00"))
        companies = values.pop("companies", None)
        row = self.rows.get(name)
        if row is None:
            row = {kind.id_column: real(name), **kind.defaults}
            if kind.created:
                row[kind.created] = LONG_AGO if first else f"{night}T10:00:00.000Z"
            at = NOT_LATELY if first and at.endswith("12:00:00.000Z") else at
        row = {**row, **dict.fromkeys(kind.modified, at), **values}
        if companies is not None:
            linked = [{"contact_id": name, "company_id": c, "primary": c == companies[0]} for c in companies]
            self.associations = [a for a in self.associations if a["contact_id"] != name] + linked
            self.with_associations = True
        self.rows[name] = row
        self.ever.add(name)
        self.know(name[0], [column for column in row if column not in self.columns[name[0]]])

    def _edit_list(self, name: str, values: Any) -> None:
        given = {"members": values} if isinstance(values, list) else dict(values)
        empty = {"members": [], "type": "DYNAMIC", "status": "COMPLETE", "name": f"Segment {name}", "filter": None}
        self.lists[name] = {**self.lists.get(name, empty), **given}

    def write(self, folder: Path, incremental: Collection[str] = (), edited: Collection[str] = ()) -> None:
        """Deliver: `folder/hubspot` and `folder/salesforce` as the export tools write them.

        CRMs in `incremental` deliver of their CSV files the rows in `edited` only.
        """
        for crm in ("hubspot", "salesforce"):
            (folder / crm).mkdir(parents=True, exist_ok=True)
        for letter in sorted(self.delivered & set(KINDS)):
            kind = KINDS[letter]
            all_rows = kind.crm not in incremental
            rows = [row for name, row in self.rows.items() if name[0] == letter and (all_rows or name in edited)]
            _write_csv(folder / kind.crm / kind.file, self.columns[letter], rows)
        hubspot = folder / "hubspot"
        if self.lists:
            _write_json(hubspot / "lists.json", {"lists": [_list(n, d) for n, d in self.lists.items()]})
            members = [{"listId": n, "recordId": m} for n, d in self.lists.items() for m in d["members"] or []]
            if any(d["members"] is not None for d in self.lists.values()):
                _write_csv(hubspot / "list_memberships.csv", ["listId", "recordId"], members)
        if self.owners:
            owners = [{"id": real(name), **row} for name, row in self.owners.items()]
            _write_json(hubspot / "owners.json", {"results": owners})
        for letter, fields in self.properties.items():
            body = {"results": [_property(c, fields.get(c, {})) for c in self.columns[letter]]}
            _write_json(hubspot / "properties" / KINDS[letter].file.replace(".csv", ".json"), body)
        for letter, fields in self.describes.items():
            name = KINDS[letter].file.removesuffix(".csv")
            body = {"name": name, "fields": [_described(c, fields.get(c, {})) for c in self.columns[letter]]}
            _write_json(folder / "salesforce" / "describe" / f"{name}.json", body)
        if self.with_associations:
            (hubspot / "associations").mkdir(exist_ok=True)
            columns = ["contact_id", "company_id", "primary"]
            _write_csv(hubspot / "associations" / "contact_company.csv", columns, self.associations)


def _list(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "listId": real(name),
        "name": definition["name"],
        "objectTypeId": "0-1",
        "processingType": definition["type"],
        "processingStatus": definition["status"],
        "filterBranch": definition["filter"],
    }


_PROPERTY_TYPES = {"createdate": ("datetime", "date"), "lastmodifieddate": ("datetime", "date"),
                   "hs_email_optout": ("bool", "booleancheckbox"), "hs_object_id": ("number", "number")}  # fmt: skip


def _property(name: str, given: dict[str, Any]) -> dict[str, Any]:
    kind, form = _PROPERTY_TYPES.get(name, ("string", "text"))
    options = given.get("options") or {value: value for value in given.get("values", [])}
    return {
        "name": name,
        "label": given.get("label", name),
        "type": given.get("type", kind),
        "fieldType": given.get("fieldType", form),
        "options": [{"value": v, "label": label, "displayOrder": i, "hidden": False}
                    for i, (v, label) in enumerate(options.items())],
        "calculated": given.get("calculated", False),
        "hasUniqueValue": given.get("unique", False),
        "modificationMetadata": {"readOnlyValue": given.get("read_only", False)},
    }  # fmt: skip


def _described(name: str, given: dict[str, Any]) -> dict[str, Any]:
    kind = "string"
    if name == "Id":
        kind = "id"
    elif name.endswith("Id"):
        kind = "reference"
    elif name.startswith(("Is", "Has")):
        kind = "boolean"
    elif name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        kind = "datetime"
    writable = kind not in ("id", "datetime") and not given.get("calculated", False)
    return {
        "name": name,
        "label": name,
        "type": given.get("type", kind),
        "length": given.get("length", 255),
        "precision": given.get("precision", 0),
        "scale": given.get("scale", 0),
        "nillable": given.get("nillable", name not in ("LastName", "Company")),
        "calculated": given.get("calculated", False),
        "createable": given.get("createable", writable),
        "updateable": given.get("updateable", writable),
        "custom": name.endswith("__c"),
        "externalId": given.get("externalId", False),
        "caseSensitive": given.get("caseSensitive", False),
        "idLookup": name in ("Id", "Email"),
        "restrictedPicklist": given.get("restricted", False),
        "defaultedOnCreate": given.get("defaultedOnCreate", kind == "boolean"),
        "picklistValues": [{"value": v, "label": v, "active": True} for v in given.get("values", [])],
        "referenceTo": [],
    }


def _write_json(path: Path, body: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(body))


def _write_csv(path: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    parts = str(value).split(";")
    return ";".join(real(part) for part in parts) if all(is_short(part) for part in parts) else str(value)
