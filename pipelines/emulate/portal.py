"""The emulated HubSpot portal: its objects, associations, lists, owners and properties, and what a write does to them."""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from pipelines.emulate.state import World, iso, seconds

OBJECTS = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "contact": "contact",
    "company": "company",
    "deal": "deal",
}
MODIFIED = {"contact": "lastmodifieddate"}
Row = dict[str, Any]
_ACCOUNT: Row = {
    "portalId": 1,
    "accountType": "STANDARD",
    "timeZone": "Europe/Oslo",
    "companyCurrency": "EUR",
    "additionalCurrencies": [],
    "utcOffset": "+01:00",
    "utcOffsetMilliseconds": 3600000,
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}


class Kind:
    """All records of one object, live and archived, by id."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.modified = MODIFIED.get(name, "hs_lastmodifieddate")
        self.rows: dict[int, Row] = {}
        self._live: list[int] | None = None
        self._archived: list[int] | None = None

    def ids(self, *, archived: bool) -> list[int]:
        """Ids, ascending."""
        if self._live is None or self._archived is None:
            self._live = sorted(i for i, row in self.rows.items() if not row["archived"])
            self._archived = sorted(i for i, row in self.rows.items() if row["archived"])
        return self._archived if archived else self._live

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Row], bool]:
        """Records after an id, and whether there are more."""
        ids = self.ids(archived=archived)
        start = bisect_right(ids, after)
        return [self.rows[i] for i in ids[start : start + limit]], start + limit < len(ids)

    def put(
        self,
        properties: dict[str, Any],
        record_id: int | None = None,
        *,
        at: float | None = None,
        made: float | None = None,
    ) -> Row:
        """Create or update one record; an empty string clears a property."""
        at = self.world.now() if at is None else at
        key = record_id or max(self.rows, default=100) + 1
        row = self.rows.get(key)
        if row is None:
            made = at if made is None else made
            row = {
                "id": str(key),
                "made": made,
                "archived": False,
                "properties": {"hs_object_id": str(key), "createdate": iso(made)},
            }
            self.rows[key] = row
            self.changed()
        row["at"] = at
        row["properties"].update({name: value if value != "" else None for name, value in properties.items()})
        row["properties"][self.modified] = iso(at)
        return row

    def archive(self, key: int) -> None:
        """Move to the recycle bin."""
        row = self.rows[key]
        row.update(archived=True, archived_at=self.world.now(), at=self.world.now())
        self.changed()

    def changed(self) -> None:
        """Forget the order of ids."""
        self._live = self._archived = None

    def merge(self, primary: int, loser: int) -> Row:
        """Merge two records: the loser vanishes, the survivor names it, its address is kept as a secondary one."""
        survivor, gone = self.rows[primary]["properties"], self.rows.pop(loser)["properties"]
        own = primary
        if self.world.settings.merge_mints_id:
            own = max(self.rows) + 1
            row = self.rows.pop(primary)
            row["id"] = survivor["hs_object_id"] = str(own)
            self.rows[own] = row
        merged = [*_split(survivor, "hs_merged_object_ids"), *_split(gone, "hs_merged_object_ids"), str(loser)]
        merged += [str(primary)] if own != primary else []
        added: Row = {"hs_merged_object_ids": ";".join(merged)}
        if self.name == "contact":
            emails = [
                *_split(survivor, "hs_additional_emails"),
                *_split(gone, "hs_additional_emails"),
                gone.get("email") or "",
            ]
            added["hs_additional_emails"] = ";".join(filter(None, emails))
            vids = [*_split(survivor, "hs_calculated_merged_vids"), f"{loser}:{int(self.world.now() * 1000)}"]
            added["hs_calculated_merged_vids"] = ";".join(vids)
        self.changed()
        self.aliases[loser] = own
        self.aliases[primary] = own
        return self.put(added, own)

    @property
    def aliases(self) -> dict[int, int]:
        """Ids merged away -> the record they are part of."""
        self.__dict__.setdefault("_aliases", {})
        found: dict[int, int] = self.__dict__["_aliases"]
        return found


@dataclass
class Portal:
    """One portal."""

    world: World
    kinds: dict[str, Kind] = field(default_factory=dict)
    properties: dict[str, list[Row]] = field(default_factory=dict)
    account: Row = field(default_factory=lambda: dict(_ACCOUNT))
    owners: list[Row] = field(default_factory=list)
    lists: dict[str, Row] = field(default_factory=dict)
    members: dict[str, dict[str, str | None]] = field(default_factory=dict)
    companies_of: dict[int, dict[int, list[Row]]] = field(default_factory=dict)
    campaigns: list[Row] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)  # scopes that the token lacks

    def __post_init__(self) -> None:
        self.kinds = {name: Kind(name, self.world) for name in ("contact", "company", "deal")}

    def load(self, tables: dict[str, list[Row]]) -> None:
        """Hold these raw rows, as an export's extraction lands them (text by internal name), and nothing else."""
        self.lists, self.members, self.companies_of = {}, {}, {}
        for name, kind in self.kinds.items():
            kind.rows.clear()
            for row in tables.get(name, []):
                values = {k: v for k, v in row.items() if v is not None and k not in ("hs_object_id", *_NOT_PROPERTIES)}
                made, at = seconds(row.get("createdate")), seconds(row.get(kind.modified))
                record = {
                    "id": row["hs_object_id"],
                    "made": made,
                    "at": at,
                    "archived": row.get("archived") == "true",
                    "archived_at": at,
                    "properties": {"hs_object_id": row["hs_object_id"], **values},
                }
                kind.rows[int(row["hs_object_id"])] = record
            kind.changed()
            self.properties[name] = [_property(row) for row in tables.get("property", []) if row["object"] == name]
        self.owners = [
            {k: _nested(v) for k, v in row.items() if v is not None and k not in _NOT_PROPERTIES}
            for row in tables.get("owner", [])
        ]
        self.owners = [{**row, "archived": row.get("archived", False) in (True, "true")} for row in self.owners]
        for row in tables.get("account", []):
            told = {k: v for k, v in row.items() if k in _ACCOUNT and v is not None}
            self.account |= {k: v if isinstance(_ACCOUNT[k], str) else json.loads(v) for k, v in told.items()}
        for row in tables.get("list", []):
            self.lists[row["listId"]] = {
                k: _nested(v) if k == "filterBranch" else v for k, v in row.items() if k not in _NOT_PROPERTIES
            }
            self.members[row["listId"]] = {}
        for row in tables.get("list_membership", []):
            self.members.setdefault(row["listId"], {})[row["recordId"]] = row.get("membershipTimestamp")
        for row in tables.get("contact_company", []):
            self.associate(
                int(row["contact_id"]), int(row["company_id"]), row.get("label"), primary=row.get("primary") == "true"
            )

    def associate(self, contact: int, company: int, label: str | None = None, *, primary: bool = False) -> None:
        """Associate a contact with a company; changes neither's modification time."""
        types = self.companies_of.setdefault(contact, {}).setdefault(company, [])
        types.append({"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None})
        if primary:
            types.append({"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"})
        if label:
            types.append({"category": "USER_DEFINED", "typeId": 100 + len(label), "label": label})

    def known(self, name: str) -> list[Row]:
        """Properties of an object: as delivered, else those that any record has."""
        if self.properties.get(name):
            return self.properties[name]
        names = sorted({p for row in self.kinds[name].rows.values() for p in row["properties"]})
        return [_property({"name": p, "label": p, "type": "string", "fieldType": "text"}) for p in names]


_NOT_PROPERTIES = (
    "archived",
    "createdAt",
    "updatedAt",
    "archivedAt",
    "propertiesWithHistory",
    "associations",
    "source_file",
    "source_line",
    "night",
)


def shown(row: Row, properties: list[str], history: list[str]) -> Row:
    """A record as the API gives it."""
    values = row["properties"]
    always = ["createdate", "hs_object_id", *[p for p in ("lastmodifieddate", "hs_lastmodifieddate") if p in values]]
    found: Row = {
        "id": row["id"],
        "properties": {name: values.get(name) for name in dict.fromkeys([*properties, *always])},
        "createdAt": iso(row["made"]),
        "updatedAt": iso(row["at"]),
        "archived": row["archived"],
    }
    if history:
        found["propertiesWithHistory"] = {
            name: [{"value": values.get(name) or "", "timestamp": iso(row["at"]), "sourceType": "CRM_UI"}]
            for name in history
        }
    if row["archived"]:
        found["archivedAt"] = iso(row["archived_at"])
    return found


def _property(row: Row) -> Row:
    return {
        "name": row["name"],
        "label": row.get("label") or row["name"],
        "type": row.get("type") or "string",
        "fieldType": row.get("fieldType") or "text",
        "description": "",
        "groupName": "contactinformation",
        "options": _nested(row.get("options")) or [],
        "calculated": row.get("calculated") == "true",
        "hasUniqueValue": row.get("hasUniqueValue") == "true",
        "hubspotDefined": True,
        "externalOptions": False,
        "modificationMetadata": {
            "readOnlyValue": row.get("read_only") == "true",
            "archivable": True,
            "readOnlyDefinition": True,
        },
    }


def _nested(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


def _split(row: Row, name: str) -> list[str]:
    return [part for part in (row.get(name) or "").split(";") if part]
