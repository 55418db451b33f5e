"""What a whole row must have, and what it must not do: identifiers, required fields, legal basis, stages that go back."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells, reference
from assets.import_files.findings import Problem
from assets.import_files.header import Column, Header
from assets.import_files.rules import BLANK
from schemas.import_fields import LEGAL_BASIS, FieldSet
from schemas.imports import Effect
from schemas.salesforce import ADDRESSES

Found = tuple[np.ndarray, Problem]


def hubspot_rows(
    table: pa.RecordBatch, lines: np.ndarray, header: Header, object_name: str, mode: str | None, gdpr: bool
) -> Iterator[Found]:
    """Rows that HubSpot cannot find, cannot create, or may not take without a legal basis."""
    if header.identifiers:
        first = header.identifiers[0]
        nameless = _all_blank(table, header.identifiers)
        named = [c for c in (header.of("firstname"), header.of("lastname")) if c is not None]
        if mode == "UPDATE" or object_name == "company":
            rule = "P2-93" if mode == "UPDATE" else "P1-67"
            yield lines[nameless], _problem(first, rule, Effect.ROW_REFUSED, "the row has no identifier")
        else:
            empty = nameless & (_all_blank(table, named) if named else np.ones(len(lines), dtype=bool))
            message = "no e-mail, first or last name: nothing can be created"
            yield lines[empty], _problem(first, "P2-92", Effect.ROW_REFUSED, message)
            message = "no identifier: every load creates another contact"
            yield lines[nameless & ~empty], _problem(first, "P2-92", Effect.NEW_RECORD, message)
    basis = header.of(LEGAL_BASIS)
    if gdpr and object_name == "contact" and basis is not None:
        found_by_id = [c for c in header.identifiers if c.target is not None and c.target.kind == "record_id"]
        creates = _all_blank(table, found_by_id) if found_by_id else np.ones(len(lines), dtype=bool)
        blank = _blank(table, basis) & creates
        yield lines[blank], _problem(basis, "P2-9F", Effect.ROW_REFUSED, "GDPR is on and the legal basis is blank")


def salesforce_rows(
    table: pa.RecordBatch, lines: np.ndarray, header: Header, fields: FieldSet, operation: str
) -> Iterator[Found]:
    """Records that Salesforce cannot find, or whose required fields are blank."""
    for column in header.identifiers:
        text = f"{operation} needs a value here"
        rule = "P2-B8" if operation == "upsert" else "P2-B0"
        missing = _blank(table, column) | _is(table, column, BLANK)
        yield lines[missing], _problem(column, rule, Effect.ROW_REFUSED, text)
    for column in header.columns:
        target = column.target
        if target is None or column.identifies or operation == "delete" or (target.nillable and not target.required):
            continue
        # A field with a default may be left out of a create, a checkbox or a status; blanked it cannot be.
        nulled = _is(table, column, BLANK)
        missing = (nulled | _blank(table, column)) if operation == "insert" and target.required else nulled
        yield lines[missing], _problem(column, "P2-07", Effect.ROW_REFUSED, "a required field is blank")
    yield from _states(table, lines, header, fields, operation)
    most = reference.limits().salesforce.max_record_chars or 0
    if table.nbytes > most:
        size = np.zeros(len(lines), dtype=np.int64)
        for place in range(table.num_columns):
            size += pc.fill_null(pc.utf8_length(table.column(place)), 0).to_numpy()
        problem = Problem(-1, None, "P2-B2", Effect.ROW_REFUSED, f"the record has more than {most} characters")
        yield lines[size > most], problem


def _states(
    table: pa.RecordBatch, lines: np.ndarray, header: Header, fields: FieldSet, operation: str
) -> Iterator[Found]:
    """With state and country picklists a state needs its country (P2-3B); another record's may be there already."""
    for prefix in ADDRESSES:
        if fields.get(f"{prefix}StateCode") is None:
            continue
        states = [c for n in (f"{prefix}State", f"{prefix}StateCode") if (c := header.of(n)) is not None]
        countries = [c for n in (f"{prefix}Country", f"{prefix}CountryCode") if (c := header.of(n)) is not None]
        if states:
            nowhere = ~_any_given(table, countries, len(lines))
            if operation != "insert":  # left as it is unless it is blanked
                nowhere &= np.logical_or.reduce([_is(table, c, BLANK) for c in countries]) if countries else False
            homeless = _any_given(table, states, len(lines)) & nowhere
            yield lines[homeless], _problem(states[0], "P2-3B", Effect.ROW_REFUSED, "a state without its country")


def _problem(column: Column, rule: str, effect: Effect, message: str) -> Problem:
    return Problem(column.place, column.header, rule, effect, message)


def _blank(table: pa.RecordBatch, column: Column) -> np.ndarray:
    found: np.ndarray = pc.equal(cells.trimmed(table.column(column.place)), "").to_numpy(zero_copy_only=False)
    return found


def _is(table: pa.RecordBatch, column: Column, value: str) -> np.ndarray:
    found: np.ndarray = pc.equal(table.column(column.place), value).to_numpy(zero_copy_only=False)
    return found


def _any_given(table: pa.RecordBatch, columns: list[Column], rows: int) -> np.ndarray:
    """Rows with a value in one of the columns; a null is none."""
    found = np.zeros(rows, dtype=bool)
    for column in columns:
        found |= ~(_blank(table, column) | _is(table, column, BLANK))
    return found


def _all_blank(table: pa.RecordBatch, columns: list[Column]) -> np.ndarray:
    found: np.ndarray = np.logical_and.reduce([_blank(table, column) for column in columns])
    return found
