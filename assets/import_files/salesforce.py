"""Salesforce packages: one CSV an object and operation for Bulk API 2.0 and Data Loader, with the job beside it.

An empty cell leaves a field alone, `#N/A` sets it to null; the header is the union of all records' fields (P2-B1).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import dataloader, forms, gate, reference
from assets.import_files.held import Held
from assets.import_files.hubspot import Written
from assets.import_files.knowledge import Knowledge
from assets.import_files.packages import Package
from assets.import_files.parts import PartWriter
from assets.import_files.pivot import Slice, pivot
from assets.import_files.rules import BLANK, Portal, column_checks
from assets.shared.failures import InputRefused
from schemas.import_fields import ImportField
from schemas.imports import BulkJob

_API_NAMES = {"lead": "Lead", "contact": "Contact", "account": "Account"}
_MEGABYTE = 1_000_000


class SalesforceImport:
    """One CSV package. Columns: the key first (Id, or the external id of an upsert), then the fields by name."""

    def __init__(self, package: Package, known: Knowledge, folder: Path, held: Held) -> None:
        self._package, self._known, self._folder, self._held = package, known, folder, held
        self._job = _job(package, known)
        self._key = self._job.external_id_field_name or ("Id" if package.operation != "create" else None)
        found = {} if package.operation == "delete" else writable(package, known, held)
        found.pop(self._key or "", None)
        self._fields = sorted(found)
        self._kinds = {name: f.kind for name, f in found.items()}
        fields = known.fields("salesforce", package.object)
        portal = Portal(operation=package.operation)
        self._checks = {n: column_checks(fields, f, portal) for n, f in found.items()}
        self._required = [f.name for f in fields.fields.values() if f.required and f.createable]
        self._filled = [name for name, f in found.items() if f.required or not f.nillable]
        self._sets = list(self._column_sets())

    def add(self, batch: pa.RecordBatch) -> None:
        """Write one batch of operations."""
        creates = self._package.operation == "create"
        rows = self._in_form(pivot(batch, self._fields, None if creates else BLANK, BLANK))
        if creates:
            rows = self._with_key(gate.single(self._package, rows, self._key, self._held)) if self._key else rows
            rows = gate.required(self._package, rows, self._required, self._held)
        if self._package.operation != "delete":
            rows = gate.filled(self._package, rows, self._filled, self._held)
            rows = gate.record_wise(self._package, rows, self._checks, self._held)
            rows = gate.small(self._package, rows, self._held)
        for names, writer in self._sets:
            columns = [rows.values[name] for name in names]
            if self._key:
                columns = [rows.column("identifier" if creates else "record_id"), *columns]
            writer.write(columns)

    def _with_key(self, rows: Slice) -> Slice:
        """The rows that have the external id which an upsert finds its record by: where it is a mapped field, it may be blank."""
        missing = pc.is_null(rows.column("identifier"))
        if not pc.any(missing, min_count=0).as_py():
            return rows
        self._held.operations(self._package, "required_field_missing", self._key, rows, missing)
        return rows.keep(pc.invert(missing))

    def close(self) -> list[Written]:
        """Finish the files and write job and mapping of each."""
        written = []
        job = (json.dumps(self._job.body(), indent=2) + "\n").encode()
        for number, (names, writer) in enumerate(self._sets):
            sdl = dataloader.mapping(self._header(names))
            for part in writer.close():
                beside = {f"{part.file}.job.json": job, f"{part.file}.sdl": sdl}
                written.append(Written(self._package, part, beside, number > 0, self._job))
        return written

    @property
    def job(self) -> BulkJob:
        """The Bulk API 2.0 job of each part."""
        return self._job

    def _header(self, names: list[str]) -> list[str]:
        return [*([self._key] if self._key else []), *names]

    def _column_sets(self) -> Iterator[tuple[list[str], PartWriter]]:
        """Columns in sets that one job takes (P2-B2); what an insert cannot carry waits for the next night's update."""
        limits = reference.limits().salesforce
        sets: list[list[str]] = [[]]
        order = (
            sorted(self._fields, key=lambda name: (name not in self._required, name)) if not self._key else self._fields
        )
        for name in order:
            longer = ",".join(self._header([*sets[-1], name]))
            if len(sets[-1]) + bool(self._key) >= limits.max_columns or len(longer) > (limits.max_header_chars or 0):
                sets.append([])
            sets[-1].append(name)
        if len(sets) > 1 and not self._key:
            for name in (n for names in sets[1:] for n in names):
                self._held.column(self._package, "too_many_columns", name)
            sets = sets[:1]
        size = min(self._known.config.imports.salesforce.max_file_mb * _MEGABYTE, limits.max_bytes)
        for number, names in enumerate(sets):
            stem = self._package.stem + (f"-columns-{number + 1}" if len(sets) > 1 else "")
            yield (
                sorted(names),
                PartWriter(
                    self._folder,
                    stem,
                    self._header(sorted(names)),
                    max_rows=limits.max_rows,
                    max_bytes=size,
                    line_ending=self._job.line_ending,
                ),
            )

    def _in_form(self, rows: Slice) -> Slice:
        values = dict(rows.values)
        zone = self._known.config.zone
        for name, kind in self._kinds.items():
            if kind == "datetime":
                values[name] = forms.bulk_datetime(values[name], zone)
            elif kind == "date":
                values[name] = forms.plain_date(values[name], zone)
            elif kind == "boolean" and name in self._filled:  # blank in an export, it was not ticked
                values[name] = pc.if_else(pc.equal(values[name], BLANK), "false", values[name])
        return rows.replace(values)


def writable(package: Package, known: Knowledge, held: Held) -> dict[str, ImportField]:
    """The package's fields that Salesforce lets anybody write, by name; the others are held back (P2-39, P2-3B)."""
    found = {}
    for name in package.fields:
        target = known.field("salesforce", package.object, name)
        if target is None:
            held.column(package, "unknown_field", name)
        elif target.read_only or not (target.createable if package.operation == "create" else target.updateable):
            held.column(package, "read_only_property", name)
        else:
            found[name] = target
    return found


def _job(package: Package, known: Knowledge) -> BulkJob:
    settings = known.config.imports.salesforce
    external = known.external_id if package.operation == "create" else None
    name: Any = _API_NAMES[package.object]
    if external and not known.upserts(package.object):
        if package.object == known.config.integration.create_as:
            raise InputRefused(f"imports.salesforce.external_id: is not an external id field of {name} (P2-B8)")
        external = None
    operation: Any = {"create": "upsert" if external else "insert"}.get(package.operation, package.operation)
    return BulkJob(object=name, operation=operation, external_id_field_name=external, line_ending=settings.line_ending)
