"""Preflight: what a CRM would do with a file, cell by cell, before anybody loads it. Any file, not only our own.

One pass, a window at a time; only identifiers are remembered, to find those that occur twice. Messages name rules and
limits, never the content of a cell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from assets.import_files import reference
from assets.import_files.csv_window import NotReadableError
from assets.import_files.date_order import date_order
from assets.import_files.duplicate_rows import Doubled
from assets.import_files.findings import Findings, Problem
from assets.import_files.header import Header, hubspot_header, salesforce_header
from assets.import_files.knowledge import Knowledge
from assets.import_files.load_settings import Beside, read_beside
from assets.import_files.records import HubSpotRecords, SalesforceRecords
from assets.import_files.row_rules import hubspot_rows, salesforce_rows
from assets.import_files.rules import Check, Portal, column_checks
from assets.import_files.scan import Block, Scanner
from schemas.import_fields import LEGAL_BASIS
from schemas.imports import OBJECT_TYPES, Effect

KINDS = {
    "hubspot-contacts": ("hubspot", "contact"),
    "hubspot-companies": ("hubspot", "company"),
    "salesforce-lead": ("salesforce", "lead"),
    "salesforce-contact": ("salesforce", "contact"),
    "salesforce-account": ("salesforce", "account"),
}
_FORMS = {
    "too many cells": "more cells than the header has",
    "too few cells": "fewer cells than the header has",
    "quotes": "a quote inside a cell is not doubled, or something stands outside the quotes",
    "unclosed quote": "a quote is opened and never closed",
    "encoding": "not UTF-8",
    "nul": "holds a NUL character",
}
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Settings:
    """How a file is meant: None leaves it to the files beside it and to what is in it. `is_own`: we wrote it."""

    date_format: str | None = None
    operation: str | None = None
    inactive_users: frozenset[str] = field(default_factory=frozenset)
    records: HubSpotRecords | SalesforceRecords | None = None
    is_own: bool = False


def preflight(
    path: Path,
    kind: str,
    known: Knowledge,
    settings: Settings | None = None,
    progress: Callable[[int], None] = lambda consumed: None,
) -> Findings:
    """Every finding about one file. `kind` is one of KINDS; `progress` hears how many bytes are done.

    Raises NotReadableError for what is no CSV.
    """
    return _Preflight(path, kind, known, settings or Settings()).run(progress)


def unreadable(kind: str, error: NotReadableError) -> Findings:
    """The one finding about a file that is no CSV: the CRM takes nothing of it. None where it might, or no file is there."""
    findings = Findings()
    crm = KINDS[kind][0]
    if error.is_there and not (error.is_spreadsheet and crm == "hubspot"):
        rule = "P2-90" if crm == "hubspot" else "P2-B0"
        findings.one(1, Problem(-1, None, rule, Effect.FILE_REFUSED, str(error)))
    return findings


class _Preflight:
    def __init__(self, path: Path, kind: str, known: Knowledge, settings: Settings) -> None:
        self._path, self._known, self._settings = path, known, settings
        self._crm, self._object = KINDS[kind]
        self._beside: Beside = read_beside(
            path, self._crm, self._object, OBJECT_TYPES.get(self._object) if self._crm == "hubspot" else None
        )
        self._delimiter = self._beside.delimiter
        self._rule = "P2-90" if self._crm == "hubspot" else "P2-B0"
        self._findings = Findings()
        self._rows = 0
        self._has_broken = False
        self._endings: dict[str, int] = {}

    def run(self, progress: Callable[[int], None]) -> Findings:
        scanner = self._scanner()
        try:
            self._header = self._read_header(scanner)
            self._doubled = Doubled(self._crm, self._header, is_literal=self._settings.is_own)
            self._checks = self._checks_of(self._header)
            for block in scanner.blocks():
                self._block(block)
                progress(scanner.consumed)
            progress(scanner.consumed)
        finally:
            scanner.close()
        self._whole_file()
        return self._findings

    def _scanner(self) -> Scanner:
        """The file by its separator; by the one that it really has, where that is another one."""
        scanner = Scanner(self._path, self._delimiter)
        other = max(_MARKS, key=scanner.header[0].count) if len(scanner.header) == 1 else self._delimiter
        if other == self._delimiter or other not in scanner.header[0]:
            return scanner
        scanner.close()
        rule = "P2-B3" if self._crm == "salesforce" else "P2-90"
        message = f"the cells are separated by {_MARKS[other]}, not by {_MARKS.get(self._delimiter, self._delimiter)}"
        self._findings.one(1, Problem(-1, None, rule, Effect.FILE_REFUSED, message))
        self._delimiter = other
        return Scanner(self._path, other)

    def _read_header(self, scanner: Scanner) -> Header:
        names = scanner.header
        for defect in scanner.header_defects:
            message = f"the header is broken: {_FORMS[defect.problem]}"
            self._findings.one(1, Problem(-1, None, self._rule, Effect.FILE_REFUSED, message))
        if scanner.header_ending:
            self._endings[scanner.header_ending] = 1
        if scanner.has_mark and self._crm == "salesforce" and not self._beside.is_data_loader:
            message = "the file begins with a byte order mark, which is read as part of the first name"
            self._findings.one(1, Problem(0, names[0], "P2-B0", Effect.FILE_REFUSED, message))
        if self._crm == "hubspot":
            header = hubspot_header(names, self._object, self._known, self._beside)
            header = replace(header, problems=[*header.problems, *self._request_problems(header)])
            self._operation = ""
        else:
            self._operation = self._operation_of(names)
            header = salesforce_header(names, self._object, self._known, self._operation, self._beside)
        for rule, message in self._beside.problems:
            self._findings.one(1, Problem(-1, None, rule, Effect.FILE_REFUSED, message))
        for problem in header.problems:
            self._findings.one(1, problem)
        return header

    def _request_problems(self, header: Header) -> list[Problem]:
        gdpr = self._known.config.imports.hubspot.gdpr.enabled and self._object == "contact"
        by_id = any(c.target is not None and c.target.kind == "record_id" for c in header.identifiers)
        found = []
        if gdpr and not by_id and self._beside.mode != "UPDATE" and header.of(LEGAL_BASIS) is None:
            message = "GDPR is on and there is no column with the legal basis"
            found.append(Problem(-1, None, "P2-9F", Effect.FILE_REFUSED, message))
        if self._beside.is_multi_object and self._beside.marks_marketing:
            message = "contacts of an import of several objects are never set as marketing contacts"
            found.append(Problem(-1, None, "P2-97", Effect.IGNORED, message))
        return found

    def _operation_of(self, names: list[str]) -> str:
        given = self._settings.operation or self._beside.operation
        fields = self._beside.fields
        mapped = {(n if fields is None else fields.get(n, "")).strip().lower() for n in names}
        return given or ("update" if "id" in mapped else "insert")

    def _checks_of(self, header: Header) -> dict[int, list[tuple[Check, Problem]]]:
        fields = self._known.fields(self._crm, self._object)
        order, doubts = self._date_order(header)
        for line, problem in doubts:
            self._findings.one(line, problem)
        portal = Portal(
            date_format=order,
            owners=self._known.owners.names if self._known.owners else None,
            inactive_users=self._settings.inactive_users,
            operation=self._operation,
            gdpr=self._known.config.imports.hubspot.gdpr.enabled,
            is_data_loader=self._beside.is_data_loader,
            distrusts=not self._settings.is_own,
        )
        found = {}
        for column in header.columns:
            target = column.target
            if target is not None and not (target.read_only and not column.identifies):
                checks = column_checks(fields, target, portal)
                found[column.place] = [
                    (c, Problem(column.place, column.header, c.rule, c.effect, c.message)) for c in checks
                ]
        return found

    def _date_order(self, header: Header) -> tuple[str, list[tuple[int, Problem]]]:
        """As said, or as the request says, or the order that most of the file's dates have (P2-94, P2-98)."""
        if self._crm != "hubspot":
            return "YEAR_MONTH_DAY", []
        given = self._settings.date_format or self._beside.date_format
        return date_order(self._path, self._delimiter, header, given)

    def _block(self, block: Block) -> None:
        self._has_broken |= bool(block.defects)
        for defect in block.defects:
            self._defect(defect.line, defect.cell, defect.problem)
        for line, ending in block.endings:
            self._endings.setdefault(ending, line)
        if block.cells is None:
            return
        table, lines = block.cells, block.lines
        limit = reference.limits().hubspot.max_rows
        if self._crm == "hubspot" and self._rows <= limit < self._rows + len(lines):
            problem = Problem(-1, None, "P2-91", Effect.FILE_REFUSED, f"more than {limit} rows below the header")
            self._findings.one(int(lines[limit - self._rows]), problem)
        self._rows += len(lines)
        for place, checks in self._checks.items():
            for check, problem in checks:
                self._findings.add(lines[check.bad(table.column(place)).to_numpy(zero_copy_only=False)], problem)
        for found, problem in self._row_findings(table, lines):
            self._findings.add(found, problem)
        self._doubled.see(table, lines)

    def _row_findings(self, table: pa.RecordBatch, lines: np.ndarray) -> list[tuple[np.ndarray, Problem]]:
        found: list[tuple[np.ndarray, Problem]] = []
        if self._crm == "hubspot":
            gdpr = self._known.config.imports.hubspot.gdpr.enabled
            found += hubspot_rows(table, lines, self._header, self._object, self._beside.mode, gdpr)
        else:
            fields = self._known.fields("salesforce", self._object)
            found += salesforce_rows(table, lines, self._header, fields, self._operation)
        if self._settings.records is not None:
            found += self._settings.records.findings(table, lines, self._header, self._beside)
        return found

    def _defect(self, line: int, cell: int | None, problem: str) -> None:
        header = self._header.columns[cell].header if cell is not None and cell < len(self._header.columns) else None
        rule = "P2-B4" if problem in ("quotes", "unclosed quote") else self._rule
        effect = Effect.FILE_REFUSED if problem == "encoding" else Effect.ROW_REFUSED
        if problem == "nul" and self._crm == "hubspot":
            effect = Effect.VALUE_DROPPED
        order = -1 if cell is None else cell
        self._findings.one(line, Problem(order, header, rule, effect, _FORMS[problem]))

    def _whole_file(self) -> None:
        self._size()
        if self._crm == "hubspot" and self._rows == 0 and not self._has_broken:
            self._findings.one(1, Problem(-1, None, "P2-91", Effect.FILE_REFUSED, "there is no row below the header"))
        if self._crm == "salesforce":
            self._line_endings()
        self._doubled.report(self._findings)

    def _size(self) -> None:
        limits = reference.limits()
        most = limits.hubspot.max_bytes if self._crm == "hubspot" else limits.salesforce.max_bytes
        if self._path.stat().st_size > most:
            rule = "P2-91" if self._crm == "hubspot" else "P2-B2"
            self._findings.one(1, Problem(-1, None, rule, Effect.FILE_REFUSED, f"the file has more than {most} bytes"))

    def _line_endings(self) -> None:
        kinds = sorted(self._endings.items(), key=lambda item: item[1])
        expected = self._beside.line_ending or next((kind for kind, _ in kinds if kind != "CR"), "LF")
        for ending, line in kinds:
            if ending != expected:
                message = (
                    f"the line ends with {ending}, the job says {expected}"
                    if self._beside.line_ending
                    else (f"the line ends with {ending}, the lines before with {expected}")
                )
                self._findings.one(line, Problem(-1, None, "P2-B3", Effect.FILE_REFUSED, message))
