"""Preflight: what a CRM would do with a file, cell by cell, before anybody loads it. Any file, not only our own.

One pass, a window at a time; only identifiers are remembered, to find those that occur twice. Messages name rules and
limits, never the content of a cell.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells, reference
from assets.import_files.beside import Beside, read_beside
from assets.import_files.findings import Findings, Problem
from assets.import_files.header import Header, hubspot_header, salesforce_header
from assets.import_files.knowledge import Knowledge
from assets.import_files.opened import NotReadableError
from assets.import_files.records import HubSpotRecords, SalesforceRecords
from assets.import_files.row_rules import hubspot_rows, salesforce_rows
from assets.import_files.rules import LEGAL_BASIS, Check, Portal, column_checks
from assets.import_files.scan import Block, Scanner
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
}


@dataclass(frozen=True)
class Settings:
    """How a file is meant: None leaves it to the files beside it and to what is in it."""

    date_format: str | None = None
    operation: str | None = None
    inactive_users: frozenset[str] = field(default_factory=frozenset)
    records: HubSpotRecords | SalesforceRecords | None = None


def preflight(path: Path, kind: str, known: Knowledge, settings: Settings | None = None) -> Findings:
    """Every finding about one file. `kind` is one of KINDS. Raises NotReadableError for what is no CSV."""
    return _Preflight(path, kind, known, settings or Settings()).run()


class _Preflight:
    def __init__(self, path: Path, kind: str, known: Knowledge, settings: Settings) -> None:
        self._path, self._known, self._settings = path, known, settings
        self._crm, self._object = KINDS[kind]
        self._beside: Beside = read_beside(
            path, self._crm, OBJECT_TYPES.get(self._object) if self._crm == "hubspot" else None
        )
        self._findings = Findings()
        self._identifiers: dict[int, list[tuple[pa.Array, np.ndarray]]] = {}
        self._rows = 0
        self._endings: dict[str, int] = {}

    def run(self) -> Findings:
        scanner = Scanner(self._path, self._beside.delimiter)
        try:
            self._header = self._read_header(scanner)
            self._checks = self._checks_of(self._header)
            for block in scanner.blocks():
                self._block(block)
        finally:
            scanner.close()
        self._whole_file()
        return self._findings

    def _read_header(self, scanner: Scanner) -> Header:
        names = scanner.header
        for defect in scanner.header_defects:
            self._findings.one(1, self._file_problem(defect.problem))
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|") and self._beside.delimiter == ",":
            message = "the cells are not separated by commas"
            self._findings.one(
                1, Problem(-1, None, "P2-B3" if self._crm == "salesforce" else "P2-90", Effect.FILE_REFUSED, message)
            )
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
        portal = Portal(
            date_format=self._date_format(header),
            owners=self._known.owners.names if self._known.owners else None,
            inactive_users=self._settings.inactive_users,
            operation=self._operation,
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

    def _date_format(self, header: Header) -> str:
        """As said, or as the request says, or the order that most of the file's dates have (P2-94, P2-98)."""
        given = self._settings.date_format or self._beside.date_format
        dates = [c.place for c in header.columns if c.target is not None and c.target.kind == "date"]
        if given in cells.DATE_ORDERS or self._crm != "hubspot" or not dates:
            return given if given in cells.DATE_ORDERS else "YEAR_MONTH_DAY"
        counts = dict.fromkeys(cells.DATE_ORDERS, 0)
        scanner = Scanner(self._path, self._beside.delimiter)
        try:
            for block in scanner.blocks():
                for column in (block.cells.column(place) for place in dates) if block.cells is not None else ():
                    for order in counts:
                        counts[order] += pc.sum(cells.is_date(order)(column)).as_py() or 0
        finally:
            scanner.close()
        return max(counts, key=lambda order: counts[order])

    def _block(self, block: Block) -> None:
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
        for column in self._header.identifiers:
            values = (
                pc.utf8_lower(cells.trimmed(table.column(column.place)))
                if self._folds
                else cells.trimmed(table.column(column.place))
            )
            self._identifiers.setdefault(column.place, []).append((values, lines))

    @property
    def _folds(self) -> bool:
        """E-mails and domains ignore case; Salesforce's ids of 15 characters do not (P2-28, P2-29)."""
        return self._crm == "hubspot"

    def _row_findings(self, table: pa.RecordBatch, lines: np.ndarray) -> list[tuple[np.ndarray, Problem]]:
        found: list[tuple[np.ndarray, Problem]] = []
        if self._crm == "hubspot":
            gdpr = self._known.config.imports.hubspot.gdpr.enabled
            found += hubspot_rows(table, lines, self._header, self._object, self._beside.mode, gdpr)
        else:
            fields = self._known.fields("salesforce", self._object)
            found += salesforce_rows(table, lines, self._header, fields, self._operation)
        if self._settings.records is not None:
            found += self._settings.records.findings(table, lines, self._header)
        return found

    def _defect(self, line: int, cell: int | None, problem: str) -> None:
        header = self._header.columns[cell].header if cell is not None and cell < len(self._header.columns) else None
        rule = {"quotes": "P2-B4", "unclosed quote": "P2-B4"}.get(
            problem, "P2-90" if self._crm == "hubspot" else "P2-B0"
        )
        effect = Effect.FILE_REFUSED if problem == "encoding" else Effect.ROW_REFUSED
        order = -1 if cell is None else cell
        self._findings.one(line, Problem(order, header, rule, effect, _FORMS[problem]))

    def _file_problem(self, problem: str) -> Problem:
        rule = "P2-90" if self._crm == "hubspot" else "P2-B0"
        return Problem(-1, None, rule, Effect.FILE_REFUSED, f"the header is broken: {_FORMS[problem]}")

    def _whole_file(self) -> None:
        self._size()
        if self._crm == "hubspot" and self._rows == 0 and not len(self._findings):
            self._findings.one(1, Problem(-1, None, "P2-91", Effect.FILE_REFUSED, "there is no row below the header"))
        if self._crm == "salesforce":
            self._line_endings()
        for column in self._header.identifiers:
            self._doubled(column.place, column.header)

    def _size(self) -> None:
        limits = reference.limits()
        most = limits.hubspot.max_bytes if self._crm == "hubspot" else limits.salesforce.max_bytes
        if self._path.stat().st_size > most:
            rule = "P2-91" if self._crm == "hubspot" else "P2-B2"
            self._findings.one(1, Problem(-1, None, rule, Effect.FILE_REFUSED, f"the file has more than {most} bytes"))

    def _line_endings(self) -> None:
        kinds = sorted(self._endings.items(), key=lambda item: item[1])
        expected = self._beside.line_ending or (kinds[0][0] if kinds else None)
        for ending, line in kinds:
            if ending != expected:
                message = (
                    f"the line ends with {ending}, the job says {expected}"
                    if self._beside.line_ending
                    else (f"the line ends with {ending}, the lines before with {expected}")
                )
                self._findings.one(line, Problem(-1, None, "P2-B3", Effect.FILE_REFUSED, message))

    def _doubled(self, place: int, header: str) -> None:
        parts = self._identifiers.get(place, [])
        if not parts:
            return
        frame = pl.DataFrame(
            {
                "value": pl.concat([pl.Series(pl.from_arrow(values)) for values, _ in parts]),
                "line": np.concatenate([lines for _, lines in parts]),
            }
        ).filter(pl.col("value") != "")
        doubled = frame.filter(~pl.col("value").is_first_distinct())["line"].to_numpy()
        rule = "P2-9D" if self._crm == "hubspot" else "P2-B8"
        message = "an earlier row has the same identifier"
        self._findings.add(doubled, Problem(place, header, rule, Effect.ROW_REFUSED, message))


__all__ = ["KINDS", "NotReadableError", "Settings", "preflight"]
