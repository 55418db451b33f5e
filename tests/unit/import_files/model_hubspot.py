"""A model of what HubSpot does with an import and with batch bodies, row by row, by the rules; written apart from the writer.

Records are dicts of property texts by record id. Nothing here is imported from the code under test.
"""

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

Record = dict[str, str]
_TRUE, _FALSE = {"true", "yes"}, {"false", "no"}


@dataclass
class Portal:
    """One object's records. `properties` is the portal's own definition of each property it has.

    Contacts may have the portal's companies beside them: then both are loaded, and `associations` has pairs of ids.
    `subscriptions` has (e-mail, type, legal basis) of everybody who was subscribed.
    """

    object_type: str
    properties: dict[str, dict[str, Any]]
    records: dict[str, Record] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)  # e-mail -> owner id
    stages: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    next_id: int = 900_000
    companies: "Portal | None" = None
    associations: set[tuple[str, str]] = field(default_factory=set)
    subscriptions: set[tuple[str, int, str]] = field(default_factory=set)

    def load(self, folder: Path) -> None:
        """Load every HubSpot file of the manifest that is about this object, in order."""
        manifest = json.loads((folder / "manifest.json").read_text())
        wanted = {"0-1": "contact", "0-2": "company"}[self.object_type]
        done: set[str] = set()
        for entry in sorted(manifest["files"], key=lambda f: f["order"]):
            assert set(entry.get("waits_for", [])) <= {
                f["file"] for f in manifest["files"] if f["order"] < entry["order"]
            }
            if entry["target"] == "hubspot" and entry["object"] == wanted:
                self._load_one(folder, entry)
            elif entry["target"] == "hubspot" and self.companies is not None:
                self.companies._load_one(folder, entry)
            done.add(entry["file"])

    def _load_one(self, folder: Path, entry: dict[str, Any]) -> None:
        path = folder / entry["file"]
        if entry["via"] == "import":
            request = json.loads((folder / f"{entry['file']}.request.json").read_text())
            self.import_csv(path, request)
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            inputs = json.loads(line)["inputs"]
            assert len(inputs) <= 100
            for item in inputs:
                self._batch(entry["operation"], item)

    def _batch(self, operation: str, item: dict[str, Any]) -> None:
        if operation == "delete":
            self.records.pop(item["id"], None)
        elif operation == "create":
            made = self._create(dict(item["properties"]), marketing=False)
            for association in item.get("associations", []):
                assert association["types"] == [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}]
                self.associations.add((association["to"]["id"], made))
        elif operation == "subscribe":
            assert (item["channel"], item["statusState"]) == ("EMAIL", "SUBSCRIBED")
            assert any(r.get("email") == item["subscriberIdString"] for r in self.records.values())
            assert item["legalBasisExplanation"]
            self.subscriptions.add((item["subscriberIdString"], item["subscriptionId"], item["legalBasis"]))
        elif item["id"] in self.records:
            for name, value in item["properties"].items():
                self._set(self.records[item["id"]], name, value, clears=True)

    def import_csv(self, path: Path, request: dict[str, Any]) -> None:
        """POST /crm/imports with one file."""
        [file] = request["files"]
        assert file["fileName"] == path.name
        mappings = {m["columnName"]: m for m in file["fileImportPage"]["columnMappings"]}
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        if rows:
            assert set(rows[0]) == set(mappings), "every column is mapped, every mapping has a column"
        assert 1 <= len(mappings) < 1000
        for row in rows:
            sides: dict[str, dict[str, tuple[str, str]]] = {}
            for header, value in row.items():
                mapping = mappings[header]
                side = sides.setdefault(mapping["columnObjectTypeId"], {})
                side[mapping["propertyName"]] = (mapping["columnType"], value)
            assert len(sides) == 1 or not request["marketableContactImport"]
            portals = {self.object_type: self, "0-2": self.companies or self}
            found = {kind: portals[kind]._row(cells, request) for kind, cells in sides.items()}
            if found.keys() == {"0-1", "0-2"} and found["0-1"] and found["0-2"]:
                self.associations.add((found["0-1"], found["0-2"]))

    def _row(self, cells: dict[str, tuple[str, str]], request: dict[str, Any]) -> str | None:
        """One object's cells of a row; the id of its record, None where there is none."""
        mode = request["importOperations"][self.object_type]
        found: set[str] = set()
        for name, (kind, value) in cells.items():
            if kind == "HUBSPOT_OBJECT_ID" and value:
                if value not in self.records:
                    self.errors.append(("INVALID_RECORD_ID", name))
                    return None
                found.add(value)
            elif kind == "HUBSPOT_ALTERNATE_ID" and value:
                found |= {i for i, r in self.records.items() if r.get(name, "").lower() == value.strip().lower()}
        if len(found) > 1:
            self.errors.append(("SEVERAL_RECORDS", ""))
            return None
        values = {n: v for n, (kind, v) in cells.items() if v != "" and kind != "HUBSPOT_OBJECT_ID"}
        if found:
            if mode == "CREATE":
                self.errors.append(("CREATE_ONLY_IMPORT", ""))
                return None
            [record_id] = found
            record = self.records[record_id]
            for name, value in values.items():
                self._set(record, name, value)
            if request["marketableContactImport"]:
                record["hs_marketable_status"] = "true"
            return record_id
        if mode == "UPDATE":
            self.errors.append(("UPDATE_ONLY_IMPORT", ""))
            return None
        return self._create(values, marketing=request["marketableContactImport"], date_format=request["dateFormat"])

    def _create(self, values: dict[str, str], *, marketing: bool, date_format: str = "YEAR_MONTH_DAY") -> str:
        assert date_format == "YEAR_MONTH_DAY"
        record: Record = {"hs_marketable_status": "true" if marketing else "false"} if self.object_type == "0-1" else {}
        for name, value in values.items():
            self._set(record, name, value)
        self.next_id += 1
        self.records[str(self.next_id - 1)] = record
        return str(self.next_id - 1)

    def _set(self, record: Record, name: str, value: str, *, clears: bool = False) -> None:
        if value == "":
            assert clears, "a blank cell never gets here"
            record.pop(name, None)
            return
        definition = self.properties.get(name)
        if definition is None or definition.get("read_only") or definition.get("calculated"):
            raise AssertionError(f"the import would be refused: {name}")
        try:
            value = self._converted(name, definition, value, record)
        except ValueError:
            self.errors.append(("INVALID_VALUE", name))
            return
        now = record.get(name)
        if name == "lifecyclestage" and now in self.stages and self.stages.index(value) <= self.stages.index(now):
            return
        record[name] = value

    def _converted(self, name: str, definition: dict[str, Any], value: str, record: Record) -> str:
        options = [o["value"] for o in json.loads(definition.get("options") or "[]")]
        kind = definition["type"]
        if name == "hubspot_owner_id":
            if value.lower() not in self.owners:
                raise ValueError(name)
            return self.owners[value.lower()]
        if definition["fieldType"] == "checkbox" and kind == "enumeration":
            parts = [p for p in value.split(";") if p]
            if not set(parts) <= set(options):
                raise ValueError(name)
            before = record.get(name, "").split(";") if value.startswith(";") else []
            return ";".join([*filter(None, before), *(p for p in parts if p not in before)])
        if kind == "enumeration" and value not in options:
            raise ValueError(name)
        if kind == "bool":
            if value.lower() not in _TRUE | _FALSE:
                raise ValueError(name)
            return "true" if value.lower() in _TRUE else "false"
        if kind == "number" and not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", value):
            raise ValueError(name)
        if kind == "date":
            return date.fromisoformat(value).isoformat()
        if len(value) > 65_536:
            raise ValueError(name)
        return value
