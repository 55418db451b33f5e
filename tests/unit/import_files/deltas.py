"""Small deltas, configurations and portals for the tests of the import files."""

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from assets.import_files.folder import replacing
from assets.import_files.knowledge import knowledge
from assets.import_files.package_files import Extras
from assets.import_files.write import write_relation
from schemas.arrow import arrow_schema
from schemas.config import SyncConfig, parse
from schemas.imports import Manifest
from schemas.sync import Delta

NIGHT = "2026-11-20"
SCHEMA = arrow_schema(Delta)
_IDS = ("salesforce_id", "account_id", "hubspot_id", "email", "company_id")
BELONGING = pa.schema([*((name, pa.string()) for name in _IDS), ("is_waiting", pa.bool_())])
BASE = """
timezone: Europe/Oslo
start: 2026-01-01
sources: {salesforce: {path: x}, hubspot: {path: y}}
"""


def config(more: str = "") -> SyncConfig:
    """A configuration with the given blocks added."""
    return parse(BASE + more)


def row(
    system: str,
    object_name: str,
    op: str,
    fields: dict[str, Any] | None = None,
    *,
    record_id: str | None = None,
    key: str | None = None,
    link: str | None = None,
    before: dict[str, Any] | None = None,
    sequence: int = 1,
    since: str = NIGHT,
    marketing: bool | None = None,
) -> dict[str, Any]:
    """One operation; `fields` are the values after it."""
    changes = [
        {"field": name, "before": (before or {}).get(name), "after": value, "rule": "two_way", "because": "test"}
        for name, value in (fields or {}).items()
    ]
    return {
        "system": system,
        "object": object_name,
        "op": op,
        "record_id": record_id,
        "key": key,
        "link": link,
        "changes": changes,
        "sequence": sequence,
        "since": since,
        "reasons": [],
        "warnings": [],
        "marketing": marketing,
    }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows in the shape of out/delta/*."""
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def property_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of staged/hubspot/property."""
    return {
        "object": "contact",
        "name": name,
        "label": name.title(),
        "type": "string",
        "fieldType": "text",
        "options": "[]",
        "calculated": False,
        "hasUniqueValue": False,
        "read_only": False,
    } | more


def options(*values: str | tuple[str, str]) -> str:
    """The options of an enumeration as JSON text; a label is the value unless given."""
    pairs = [(v, v) if isinstance(v, str) else v for v in values]
    return json.dumps([{"value": v, "label": text, "displayOrder": n} for n, (v, text) in enumerate(pairs)])


def field_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of staged/salesforce/field."""
    return {
        "object": "Lead",
        "name": name,
        "label": name,
        "type": "string",
        "length": 255,
        "precision": 0,
        "scale": 0,
        "nillable": True,
        "calculated": False,
        "createable": True,
        "updateable": True,
        "custom": False,
        "externalId": False,
        "idLookup": False,
        "restrictedPicklist": False,
        "defaultedOnCreate": False,
        "picklistValues": "[]",
        "referenceTo": "[]",
    } | more


def write_files(
    hubspot_delta: pa.Table,
    salesforce_delta: pa.Table,
    *,
    night: str,
    config: SyncConfig,
    properties: pa.Table | None,
    describe: pa.Table | None,
    folder: Path,
    owners: pa.Table | None = None,
    belonging: pa.Table | None = None,
) -> Manifest:
    """Write a night's folder from two delta tables (columns of out/delta/*, any row order); returns its manifest.

    `belonging` has the columns of sql/belonging.sql: who of the created records belongs to whom.

    Raises InputRefused where the configuration cannot be obeyed, ValueError where one row is larger than a file may be.
    """
    known = knowledge(config, night, properties, describe, owners)
    with (
        replacing(folder) as draft,
        duckdb.connect(config={"preserve_insertion_order": False}) as con,
    ):
        con.register("hubspot_delta", hubspot_delta)
        con.register("salesforce_delta", salesforce_delta)
        con.execute("CREATE VIEW night_delta AS FROM hubspot_delta UNION ALL BY NAME FROM salesforce_delta")
        if belonging is not None:
            con.register("belonging", belonging)
        return write_relation(con, known, draft, Extras(associates=belonging is not None))


def written(
    folder: Path,
    hubspot: list[dict[str, Any]] = (),  # type: ignore[assignment]
    salesforce: list[dict[str, Any]] = (),  # type: ignore[assignment]
    *,
    settings: str = "",
    properties: list[dict[str, Any]] | None = None,
    describe: list[dict[str, Any]] | None = None,
    owners: list[dict[str, Any]] | None = None,
    belonging: list[dict[str, Any]] | None = None,
) -> Manifest:
    """Write the files of a night into `folder`."""
    return write_files(
        table(list(hubspot)),
        table(list(salesforce)),
        night=NIGHT,
        config=config(settings),
        properties=pa.Table.from_pylist(properties) if properties else None,
        describe=pa.Table.from_pylist(describe) if describe else None,
        owners=pa.Table.from_pylist(owners) if owners else None,
        belonging=pa.Table.from_pylist(belonging, schema=BELONGING) if belonging is not None else None,
        folder=folder,
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV as Python's own reader sees it."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def properties_of(folder: Path, file: str) -> list[dict[str, str]]:
    """A HubSpot CSV by property name, through its request."""
    request = json.loads((folder / f"{file}.request.json").read_text())
    names = {m["columnName"]: m["propertyName"] for m in request["files"][0]["fileImportPage"]["columnMappings"]}
    return [{names[header]: value for header, value in line.items()} for line in rows_of(folder / file)]


def bodies_of(path: Path) -> list[dict[str, Any]]:
    """All inputs of a file of batch bodies."""
    return [item for line in path.read_text().splitlines() for item in json.loads(line)["inputs"]]
