"""A model of what Bulk API 2.0 does with a job and its CSV, record by record; written apart from the writer.

Records are dicts of field texts by 18-character id. Nothing here is imported from the code under test.
"""

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

Record = dict[str, str]
_EOL = {"LF": b"\n", "CRLF": b"\r\n"}


@dataclass
class Org:
    """One object's records. `describe` has the fields it knows by name; `results` has (id or "", error or "") a row."""

    object_name: str
    prefix: str
    describe: dict[str, dict[str, Any]]
    records: dict[str, Record] = field(default_factory=dict)
    results: list[tuple[str, str]] = field(default_factory=list)
    next_id: int = 1

    def load(self, folder: Path) -> None:
        """Load every Salesforce file of the manifest that is about this object, in order."""
        manifest = json.loads((folder / "manifest.json").read_text())
        for entry in sorted(manifest["files"], key=lambda f: f["order"]):
            if entry["target"] == "salesforce" and entry["object"] == self.object_name.lower():
                job = json.loads((folder / f"{entry['file']}.job.json").read_text())
                self.ingest(folder / entry["file"], job)

    def ingest(self, path: Path, job: dict[str, Any]) -> None:
        """One ingest job."""
        assert job["object"] == self.object_name
        assert job["contentType"] == "CSV"
        assert job["columnDelimiter"] == "COMMA"
        data = path.read_bytes()
        assert len(data) <= 100_000_000
        assert data.endswith(_EOL[job["lineEnding"]])
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.reader(handle))
        header = rows[0]
        assert len(header) == len(set(header)) <= 5000
        for name in header:
            assert name in self.describe or name == "Id", f"InvalidBatch : Field name not found : {name}"
        seen: set[str] = set()
        for row in rows[1:]:
            assert len(row) == len(header)
            self._one(dict(zip(header, row, strict=True)), job, seen)

    def _one(self, cells: Record, job: dict[str, Any], seen: set[str]) -> None:
        operation, key = job["operation"], job.get("externalIdFieldName")
        if operation == "insert":
            self._insert(cells)
        elif operation == "upsert":
            value = cells[key]
            matches = [i for i, r in self.records.items() if r.get(key) == value]
            if value in seen or len(matches) > 1 or not value:
                self.results.append(("", "DUPLICATE_VALUE"))
            elif matches:
                self._update(matches[0], cells)
            else:
                self._insert(cells)
            seen.add(value)
        elif operation == "update":
            record_id = cells.pop("Id")
            if record_id in seen or record_id not in self.records:
                self.results.append((record_id, "INVALID_CROSS_REFERENCE_KEY"))
                return
            seen.add(record_id)
            self._update(record_id, cells)
        else:
            raise AssertionError(operation)

    def _insert(self, cells: Record) -> None:
        values = {name: value for name, value in cells.items() if value not in ("", "#N/A")}
        missing = [n for n, d in self.describe.items() if not d["nillable"] and d["createable"] and n not in values]
        error = self._error(values, "createable") or ("REQUIRED_FIELD_MISSING" if missing else "")
        if error:
            self.results.append(("", error))
            return
        record_id = f"{self.prefix}{self.next_id:012d}AAA"
        self.next_id += 1
        self.records[record_id] = values
        self.results.append((record_id, ""))

    def _update(self, record_id: str, cells: Record) -> None:
        values = {name: value for name, value in cells.items() if value != ""}
        nulled = [n for n, v in values.items() if v == "#N/A"]
        error = self._error({n: v for n, v in values.items() if v != "#N/A"}, "updateable")
        if error or any(not self.describe[n]["nillable"] for n in nulled):
            self.results.append((record_id, error or "REQUIRED_FIELD_MISSING"))
            return
        for name, value in values.items():
            if value == "#N/A":
                self.records[record_id].pop(name, None)
            else:
                self.records[record_id][name] = value
        self.results.append((record_id, ""))

    def _error(self, values: Record, right: str) -> str:
        for name, value in values.items():
            definition = self.describe[name]
            if not definition[right]:
                return "INVALID_FIELD_FOR_INSERT_UPDATE"
            kind = definition["type"]
            if kind == "boolean" and value not in ("true", "false", "1", "0"):
                return "INVALID_TYPE_ON_FIELD_IN_RECORD"
            if kind == "int" and not re.fullmatch(r"[+-]?\d+", value):
                return "INVALID_TYPE_ON_FIELD_IN_RECORD"
            if kind in ("double", "currency") and not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", value):
                return "INVALID_TYPE_ON_FIELD_IN_RECORD"
            if kind == "date" and not _parses(lambda v: date.fromisoformat(v), value, r"\d{4}-\d\d-\d\d"):
                return "INVALID_TYPE_ON_FIELD_IN_RECORD"
            if kind == "datetime" and not _parses(_moment, value, r"\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)"):
                return "INVALID_TYPE_ON_FIELD_IN_RECORD"
            if definition["length"] and len(value) > definition["length"]:
                return "STRING_TOO_LONG"
            if definition["restrictedPicklist"]:
                allowed = {v["value"] for v in json.loads(definition["picklistValues"]) if v.get("active", True)}
                if not set(value.split(";")) <= allowed:
                    return "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        return ""


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def _parses(parse: Any, value: str, pattern: str) -> bool:
    if not re.fullmatch(pattern, value):
        return False
    try:
        parse(value)
    except ValueError:
        return False
    return True
