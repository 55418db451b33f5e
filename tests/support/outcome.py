"""What a night left in the lake, in short names: operations, decisions, links, files."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assets.shared.lake import Lake
from schemas.tables import TABLES
from tests.reference.model import Operation
from tests.support import ids

Row = dict[str, Any]


@dataclass
class Names:
    """Short names of real ids; records with an id of their own in an example are learned from its rows."""

    known: dict[str, str]

    @classmethod
    def learn(cls, rows: dict[str, Row]) -> "Names":
        own = {name: row.get("Id") for name, row in rows.items() if row.get("Id")}
        return cls({(ids.eighteen(real) if len(real) == 15 else real): name for name, real in own.items()})

    def short(self, real: str | None) -> str | None:
        return self.known.get(real or "", ids.short(real))

    def value(self, text: str | None) -> str | None:
        """A value of a field: ids in it are shortened, alone or joined by semicolons."""
        if text is None:
            return None
        parts = [self.short(part) if _is_id(part) else part for part in text.split(";")]
        return ";".join(part or "" for part in parts)


def _is_id(text: str) -> bool:
    return (len(text) in (15, 18) and text[:3] in ids.SALESFORCE_PREFIX.values()) or (text.isdigit() and len(text) == 7)


@dataclass
class Outcome:
    """One night of one lake."""

    lake: Lake
    night: str
    names: Names

    def rows(self, key: str) -> list[Row]:
        """The rows that a night wrote into a table."""
        if self.night not in self.lake.nights(key):
            return []
        files = self.lake.files(key, [self.night])
        return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]

    def deltas(self) -> list[Row]:
        """Operations with short names; `changes` is field -> after."""
        found = []
        for system in ("hubspot", "salesforce"):
            for row in self.rows(f"out/delta/{system}"):
                changes = {c["field"]: self.names.value(c["after"]) for c in row["changes"] or []}
                target = row["key"] if row["op"] == "create" else self.names.short(row["record_id"])
                found.append({**row, "changes": changes, "target": target, "link": self.names.short(row["link"])})
        return found

    def operations(self) -> set[Operation]:
        """The operations as the interpreter says them."""
        return {Operation.of(r["system"], r["object"], r["op"], r["target"], r["changes"]) for r in self.deltas()}

    def decisions(self) -> list[Row]:
        """Decisions with short names; `codes` are reasons and warnings."""
        return [
            {
                **row,
                "hubspot": self.names.short(row["hubspot_id"]),
                "salesforce": self.names.short(row["salesforce_id"]),
                "codes": [*(row["reasons"] or []), *(row["warnings"] or [])],
            }
            for row in self.rows("core/sync/decision")
        ]

    def links(self) -> dict[str, str]:
        """HubSpot record -> Salesforce record it syncs with."""
        return {
            self.names.short(row["hubspot_id"]) or "": self.names.short(row["salesforce_id"]) or ""
            for row in self.rows("core/identity/link")
            if row["is_current"]
        }

    @property
    def folder(self) -> Path:
        return self.lake.root / "files" / self.night

    def manifest(self) -> Row:
        """manifest.json, empty where there is none."""
        path = self.folder / "manifest.json"
        return json.loads(path.read_text()) if path.exists() else {"files": [], "warnings": []}

    def file_rows(self, target: str, kind: str, operation: str) -> list[Row]:
        """Rows of the CSV files of one target, object and operation by property or field, empty cells left out."""
        found = []
        for entry in self.manifest()["files"]:
            if (entry["target"], entry["object"], entry["operation"]) == (target, kind, operation):
                with (self.folder / entry["file"]).open(newline="", encoding="utf-8") as file:
                    rows = list(csv.DictReader(file))
                heads = self._properties(entry["file"])
                found += [{heads.get(k, k): self.names.value(v) for k, v in row.items() if v != ""} for row in rows]
        return found

    def _properties(self, file: str) -> dict[str, str]:
        """Header -> property, where the request beside the file says it: HubSpot's headers are labels (P2-9G)."""
        beside = self.folder / f"{file}.request.json"
        if not beside.exists():
            return {}
        pages = [f["fileImportPage"]["columnMappings"] for f in json.loads(beside.read_text())["files"]]
        return {column["columnName"]: column["propertyName"] for page in pages for column in page}

    def headers(self, target: str, kind: str, operation: str) -> list[list[str]]:
        """The header of each of those files."""
        return [
            (self.folder / entry["file"]).read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
            for entry in self.manifest()["files"]
            if (entry["target"], entry["object"], entry["operation"]) == (target, kind, operation)
        ]

    def requests(self, target: str, kind: str, operation: str) -> list[Row]:
        """The request beside each of those files."""
        suffix = ".request.json" if target == "hubspot" else ".job.json"
        return [
            json.loads((self.folder / f"{entry['file']}{suffix}").read_text())
            for entry in self.manifest()["files"]
            if (entry["target"], entry["object"], entry["operation"]) == (target, kind, operation)
        ]

    def everything(self) -> dict[str, bytes]:
        """Every file that the night left and the rows of every table, to be compared with another run."""
        found = {key: repr(self.rows(key)).encode() for key in TABLES}
        files = [path for path in self.folder.rglob("*") if path.is_file()] if self.folder.is_dir() else []
        return {**found, **{str(path.relative_to(self.folder)): path.read_bytes() for path in files}}
