"""Contacts and companies of whom one is created by the night's files, associated by an import of its own (P2-96).

A row with a contact's and a company's identifier associates the two. The import updates only, so it makes no record, leaves
the marketing status alone (contacts made by an import of several objects would be non-marketing, P2-97) and can be loaded
again. It waits for the files that make the records.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from assets.import_files import reference
from assets.import_files.held import Held
from assets.import_files.hubspot import Written
from assets.import_files.knowledge import Knowledge
from assets.import_files.packages import Package, carried
from assets.import_files.parts import PartWriter
from schemas.imports import COMPANY, CONTACT, ColumnMapping, FileImportPage, ImportRequest, RequestFile

SQL = Path(__file__).parent / "sql"
_EMAIL = ColumnMapping(
    column_object_type_id=CONTACT, column_name="Email", property_name="email", column_type="HUBSPOT_ALTERNATE_ID"
)
_COMPANY = {
    "company_id": ColumnMapping(
        column_object_type_id=COMPANY,
        column_name="Company record ID",
        property_name="hs_object_id",
        column_type="HUBSPOT_OBJECT_ID",
    ),
    "domain": ColumnMapping(
        column_object_type_id=COMPANY,
        column_name="Company domain name",
        property_name="domain",
        column_type="HUBSPOT_ALTERNATE_ID",
    ),
}
_Column = Literal["company_id", "domain", "unique_value"]
_VARIANTS: tuple[tuple[_Column, str], ...] = (
    ("company_id", ""),
    ("domain", "by-domain"),
    ("unique_value", "by-unique"),
)


def associate(
    con: duckdb.DuckDBPyConnection,
    known: Knowledge,
    folder: Path,
    held: Held,
    before: Iterable[Written],
    size: int,
) -> list[Written]:
    """Write the association files of the connection's relation `belonging`; `before` are the night's other files.

    The relation `association` (sql/association.sql) then has who is associated by them.
    """
    operations, _ = held.left_out()
    con.register("held_operation", operations)
    con.execute(f"CREATE OR REPLACE TEMP TABLE association AS {(SQL / 'association.sql').read_text()}")
    counted = con.sql(
        "SELECT count(company_id), count(domain), count(unique_value), count(*) FROM association"
    ).fetchall()[0]
    *found, every = (int(n) for n in counted)
    if not carried(_package("", every), known.config.imports.hubspot.mode):
        held.count(_package("", every), "import_mode", every)
        con.execute("TRUNCATE association")
        return []
    held.count(_package("", every), "company_without_domain", every - sum(found))
    con.execute("DELETE FROM association WHERE coalesce(company_id, domain, unique_value) IS NULL")
    after = tuple(w.part.file for w in before if w.package.target == "hubspot" and w.package.operation == "create")
    written: list[Written] = []
    for (column, variant), rows in zip(_VARIANTS, found, strict=True):
        if rows:
            written += _file(con, column, _package(variant, rows), known, folder, after, size)
    return written


def _package(variant: str, rows: int) -> Package:
    return Package("hubspot", "contact", "associate", variant, rows)


def _file(
    con: duckdb.DuckDBPyConnection,
    column: _Column,
    package: Package,
    known: Knowledge,
    folder: Path,
    after: tuple[str, ...],
    size: int,
) -> list[Written]:
    mappings = [_EMAIL, _COMPANY.get(column) or _unique(known)]
    limits = reference.limits().hubspot
    writer = PartWriter(
        folder,
        package.stem,
        [m.column_name for m in mappings],
        max_rows=limits.max_rows,
        max_bytes=limits.max_bytes,
    )
    found = con.table("association").filter(duckdb.ColumnExpression(column).isnotnull())
    for batch in found.select("email", column).to_arrow_reader(size):
        writer.write([_text(batch.column(0)), _text(batch.column(1))])
    return [
        Written(package, part, {f"{part.file}.request.json": _request(part.file, mappings, known)}, after=after)
        for part in writer.close()
    ]


def _unique(known: Knowledge) -> ColumnMapping:
    name = known.unique_property or ""
    return ColumnMapping(
        column_object_type_id=COMPANY, column_name=name, property_name=name, column_type="HUBSPOT_ALTERNATE_ID"
    )


def _request(file: str, mappings: list[ColumnMapping], known: Knowledge) -> bytes:
    settings = known.config.imports.hubspot
    request = ImportRequest(
        name=settings.name.replace("{night}", known.night),
        import_operations={CONTACT: "UPDATE", COMPANY: "UPDATE"},
        date_format="YEAR_MONTH_DAY",
        time_zone=known.config.timezone,
        files=[RequestFile(file_name=file, file_import_page=FileImportPage(column_mappings=mappings))],
    )
    return (json.dumps(request.body(), ensure_ascii=False, indent=2) + "\n").encode()


def _text(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())
