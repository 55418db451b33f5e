"""HubSpot packages: an import CSV with its complete request, or bodies of the batch API where an import cannot do it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import bodies, forms, gate, reference
from assets.import_files.held import Held
from assets.import_files.knowledge import Knowledge
from assets.import_files.packages import Package
from assets.import_files.parts import Part, PartWriter
from assets.import_files.pivot import Slice, pivot
from assets.import_files.rules import Portal, column_checks
from assets.import_files.subscriptions import OPT_OUT, subscriptions
from schemas.import_fields import LEGAL_BASIS, FieldSet, ImportField
from schemas.import_marketing import box_ticked
from schemas.imports import (
    BulkJob,
    ColumnMapping,
    ColumnType,
    FileImportPage,
    ImportRequest,
    RequestFile,
)

RECORD_ID = "Record ID"
_NAMES = {"contact": ("email", "Email"), "company": ("domain", "Company domain name")}


@dataclass(frozen=True)
class Written:
    """One finished file of a package with the files that lie beside it. `after` names files to be loaded before it."""

    package: Package
    part: Part
    companions: dict[str, bytes]
    follows: bool = False
    job: BulkJob | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Column:
    header: str
    name: str
    type: ColumnType


class HubSpotImport:
    """One CSV package. Columns: the identifier first, then the properties by name; every blank leaves what is there."""

    def __init__(self, package: Package, known: Knowledge, folder: Path, held: Held) -> None:
        self._package, self._known, self._folder, self._held = package, known, folder, held
        found = writable(package, known, held)
        self._fields = list(found)
        unique = known.unique_property if package.variant == "by-unique" else None
        own_key, key_header = (unique, unique) if unique else _NAMES[package.object]
        creates = package.operation == "create"
        self._key = own_key if creates else None
        self._identifier = (
            _Column(key_header, own_key, "HUBSPOT_ALTERNATE_ID")
            if creates
            else _Column(RECORD_ID, "hs_object_id", "HUBSPOT_OBJECT_ID")
        )
        self._basis = _legal_basis(package, known)
        names = sorted({*(n for n in self._fields if n != self._key), *([LEGAL_BASIS] if self._basis else [])})
        fields = known.fields("hubspot", package.object)
        headers = _headers({n: found.get(n) for n in names}, fields, self._identifier.header)
        portal = Portal(
            owners=known.owners.names if known.owners else None, gdpr=known.config.imports.hubspot.gdpr.enabled
        )
        self._checks = {n: column_checks(fields, f, portal) for n, f in found.items()}
        self._kinds = {n: f.kind for n, f in found.items()}
        self._sets = list(self._column_sets([_Column(headers[n], n, "STANDARD") for n in names]))
        self._subscriptions = subscriptions(package, known, folder)

    def add(self, batch: pa.RecordBatch) -> None:
        """Write one batch of operations."""
        rows = gate.single(self._package, pivot(batch, self._fields), self._key, self._held)
        rows = self._in_form(rows)
        rows = gate.value_wise(self._package, rows, self._checks, self._held)
        values = dict(self._without_secondary(rows).values)
        if self._basis:
            values[LEGAL_BASIS] = pc.coalesce(
                *(c for c in [values.get(LEGAL_BASIS)] if c is not None), self._basis_of(rows)
            )
        identifier = rows.column("record_id")
        if self._key:
            given = values.get(self._key)
            identifier = rows.column("identifier") if given is None else pc.coalesce(given, rows.column("identifier"))
        for number, (columns, writer) in enumerate(self._sets):
            table = [identifier, *(values[c.name] for c in columns)]
            has_value = _any_valid([values[c.name] for c in columns if not (number and self._repeats(c))])
            if has_value is not None and (number or not self._key):
                table = [column.filter(has_value) for column in table]
            if len(table[0]):
                writer.write(table)
        if self._subscriptions:
            self._subscriptions.add(identifier, values.get(OPT_OUT))

    def close(self) -> list[Written]:
        """Finish the files and write the request of each."""
        written = []
        for number, (columns, writer) in enumerate(self._sets):
            for part in writer.close():
                request = self._request(part.file, [self._identifier, *columns], follows=number > 0).body()
                text = json.dumps(request, ensure_ascii=False, indent=2) + "\n"
                written.append(Written(self._package, part, {f"{part.file}.request.json": text.encode()}, number > 0))
        if self._subscriptions:
            before = tuple(file.part.file for file in written)
            written += [Written(self._subscriptions.package, p, {}, after=before) for p in self._subscriptions.close()]
        return written

    def _column_sets(self, columns: list[_Column]) -> Iterator[tuple[list[_Column], PartWriter]]:
        """Columns in sets that one file takes; each set repeats the identifier and the legal basis (P2-90, P2-9F)."""
        limits = reference.limits().hubspot
        repeated = [c for c in columns if self._repeats(c)]
        others = [c for c in columns if c not in repeated]
        size = limits.max_columns - 1 - len(repeated)
        for number, start in enumerate(range(0, max(len(others), 1), size)):
            chosen = sorted([*others[start : start + size], *repeated], key=lambda c: c.name)
            stem = self._package.stem + (f"-columns-{number + 1}" if len(others) > size else "")
            header = [self._identifier.header, *(c.header for c in chosen)]
            yield chosen, PartWriter(self._folder, stem, header, max_rows=limits.max_rows, max_bytes=limits.max_bytes)

    def _repeats(self, column: _Column) -> bool:
        return bool(self._basis) and column.name == LEGAL_BASIS

    def _in_form(self, rows: Slice) -> Slice:
        values = dict(rows.values)
        zone = self._known.config.zone
        for name, kind in self._kinds.items():
            if kind == "date":
                values[name] = forms.plain_date(values[name], zone)
            elif kind == "options":
                values[name] = forms.replacing(values[name])
            elif kind == "owner" and self._known.owners is not None:
                emails = self._known.owners.emails(values[name])
                unknown = pc.and_(pc.is_null(emails), pc.is_valid(values[name]))
                self._held.values(self._package, "owner_not_found", name, rows, unknown)
                values[name] = emails
        return rows.replace(values)

    def _without_secondary(self, rows: Slice) -> Slice:
        """A record's own secondary e-mail beside its Record ID would replace the primary one; it stays out (P2-2G)."""
        emails, pairs = rows.values.get("email"), self._known.secondary
        if self._key or emails is None or pairs is None or self._package.object != "contact":
            return rows
        named = pc.binary_join_element_wise(
            rows.column("record_id"), pc.utf8_lower(pc.utf8_trim_whitespace(emails)), " "
        )
        doubled = pc.and_(pc.is_in(named, pairs), pc.is_valid(emails))
        self._held.values(self._package, "email_in_use", "email", rows, doubled)
        return rows.replace({**rows.values, "email": pc.if_else(doubled, pa.scalar(None, pa.string()), emails)})

    def _basis_of(self, rows: Slice) -> pa.Array:
        return pa.array([self._basis]).take(pa.nulls(rows.rows, pa.int64()).fill_null(0))

    def _request(self, file: str, columns: list[_Column], *, follows: bool) -> ImportRequest:
        settings = self._known.config.imports.hubspot
        is_contact = self._package.object == "contact"
        # Further columns belong to records that the first file has made (P2-93).
        operation: Any = "UPDATE" if follows else settings.mode.upper()
        kind: Literal["0-1", "0-2"] = "0-1" if is_contact else "0-2"
        mappings = [
            ColumnMapping(column_object_type_id=kind, column_name=c.header, property_name=c.name, column_type=c.type)
            for c in columns
        ]
        promotes = box_ticked(settings, self._known.config.marketing)
        return ImportRequest(
            name=settings.name.replace("{night}", self._known.night),
            import_operations={kind: operation},
            date_format="YEAR_MONTH_DAY",
            marketable_contact_import=is_contact and (self._package.variant == "marketing" or promotes),
            create_contact_list_from_import=is_contact and settings.create_list,
            time_zone=self._known.config.timezone,
            files=[RequestFile(file_name=file, file_import_page=FileImportPage(column_mappings=mappings))],
        )


class HubSpotBodies:
    """One package for the batch API: clears, archives, and companies that have no domain to be imported by.

    `members`: associations of created records as JSON text, by link.
    """

    def __init__(
        self, package: Package, known: Knowledge, folder: Path, held: Held, members: pa.Table | None = None
    ) -> None:
        self._package, self._known, self._held, self._members = package, known, held, members
        found = {} if package.operation == "delete" else writable(package, known, held)
        self._fields = list(found)
        # The batch API takes an owner's id, an import the e-mail.
        checked = {n: f for n, f in found.items() if f.kind != "owner"}
        self._checks = {
            n: column_checks(known.fields("hubspot", package.object), f, Portal()) for n, f in checked.items()
        }
        size = reference.limits().hubspot.batch_inputs or 100
        self._writer = bodies.BodyWriter(folder, package.stem, inputs_per_line=size)

    def add(self, batch: pa.RecordBatch) -> None:
        """Write one batch of operations."""
        if self._package.operation == "delete":
            self._writer.write(bodies.archive_inputs(batch.column("record_id")))
            return
        rows = pivot(batch, self._fields, "" if self._package.operation == "clear" else None)
        some = _any_valid(list(rows.values.values()))
        if some is None:
            return
        rows = rows.keep(some)
        if self._package.operation == "clear":
            self._writer.write(bodies.update_inputs(rows.column("record_id"), rows.values))
        else:
            rows = gate.value_wise(self._package, rows, self._checks, self._held)
            links = rows.column("link")
            self._writer.write(bodies.create_inputs(links, rows.values, self._associations(links)))

    def _associations(self, links: pa.Array) -> pa.Array | None:
        if self._members is None:
            return None
        place = pc.index_in(links, self._members["link"].combine_chunks())
        return self._members["associations"].combine_chunks().take(place)

    def close(self) -> list[Written]:
        """Finish the file."""
        return [Written(self._package, part, {}) for part in self._writer.close()]


def writable(package: Package, known: Knowledge, held: Held) -> dict[str, ImportField]:
    """The package's properties that HubSpot lets anybody write, by name; the others are held back (P2-9A, P2-26)."""
    found = {}
    for name in package.fields:
        target = known.field("hubspot", package.object, name)
        if target is None:
            held.column(package, "unknown_property", name)
        elif target.read_only:
            held.column(package, "read_only_property", name)
        else:
            found[name] = target
    return found


def _legal_basis(package: Package, known: Knowledge) -> str | None:
    """The basis for processing the data of contacts that this import creates (P2-9F); None where GDPR is off."""
    gdpr = known.config.imports.hubspot.gdpr
    if not gdpr.enabled or package.object != "contact" or package.operation != "create":
        return None
    return ";".join(gdpr.legal_basis)


def _headers(columns: dict[str, ImportField | None], portal: FieldSet, taken: str) -> dict[str, str]:
    """The label of each property where it is there and nothing else of the portal is called so, else the internal name.

    Also what is not in the file counts: HubSpot's import tool would take the column for that (P2-9G).
    """
    fields = {**portal.fields, **columns}
    labels = {name: (f.label or name).strip() if f else name for name, f in fields.items()}
    count = Counter(label.lower() for label in labels.values())
    named = {name.lower(): name for name in fields}

    def is_clear(name: str, label: str) -> bool:
        folded = label.lower()
        return bool(label) and count[folded] == 1 and named.get(folded, name) == name and folded != taken.lower()

    return {name: labels[name] if is_clear(name, labels[name]) else name for name in columns}


def _any_valid(columns: list[pa.Array]) -> pa.Array | None:
    """Rows with a value in any of the columns; None where there are no columns."""
    mask = None
    for column in columns:
        mask = column.is_valid() if mask is None else pc.or_(mask, column.is_valid())
    return mask
