"""What is known of the records that a file would change: evidence against a row, never a reason to doubt an unknown one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells
from assets.import_files.findings import Problem
from assets.import_files.header import Column, Header
from assets.import_files.load_settings import Beside
from assets.import_files.rules import stage_options
from assets.shared.domains import domain_key
from schemas.imports import Effect

Found = tuple[np.ndarray, Problem]


@dataclass(frozen=True)
class HubSpotRecords:
    """Living contacts or companies: record id, e-mail (lower case) or `domain_key`, stage; and secondary e-mails as pairs.

    `deleted` are ids of records that were deleted.
    """

    ids: pa.Array
    names: pa.Array
    stages: pa.Array
    secondary: pa.Array  # "<record id> <e-mail>"
    deleted: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    def findings(self, table: pa.RecordBatch, lines: np.ndarray, header: Header, beside: Beside) -> Iterator[Found]:
        """Rows that would do something else than they say."""
        by_id = next((c for c in header.own if c.target is not None and c.target.kind == "record_id"), None)
        by_name = next((c for c in header.own if c.target is not None and c.target.kind in ("email", "domain")), None)
        place = _nowhere(len(lines))
        if by_name is not None:
            place = self._named(_text(table, by_name), by_name)
        if by_id is not None:
            found = _place(_text(table, by_id), self.ids)
            if by_name is not None:
                yield from self._two_identifiers(table, lines, by_id, by_name, found, place)
            place = np.where(found >= 0, found, place)
            gone = pc.is_in(_text(table, by_id), self.deleted).to_numpy(zero_copy_only=False)
            message = "the record was deleted"
            yield lines[gone], Problem(by_id.place, by_id.header, "P2-9C", Effect.ROW_REFUSED, message)
        if beside.mode == "CREATE" and header.identifiers:
            first = header.identifiers[0]
            message = "the record is there already; an import with CREATE leaves it alone"
            yield lines[place >= 0], Problem(first.place, first.header, "P2-93", Effect.ROW_REFUSED, message)
        stage = header.of("lifecyclestage")
        if stage is not None and not beside.is_cleared_before:
            yield from self._stages(table, lines, stage, place)

    def _named(self, values: pa.Array, by_name: Column) -> np.ndarray:
        """Places of the records that have the names; a contact is found by a secondary e-mail, too (P2-2F, P2-2G)."""
        if by_name.target is not None and by_name.target.kind == "domain":
            return _place(domain_key(values), self.names)
        folded = pc.utf8_lower(values)
        emails, owners = self._addresses
        place, other = _place(folded, self.names), _place(folded, emails)
        return np.where((place < 0) & (other >= 0), owners[other] if len(owners) else -1, place)

    @cached_property
    def _addresses(self) -> tuple[pa.Array, np.ndarray]:
        """Secondary e-mails, and the places of the contacts that have them."""
        parts = pc.split_pattern(self.secondary, " ", max_splits=1)
        owners = pc.fill_null(pc.index_in(pc.list_element(parts, 0), self.ids), -1).to_numpy(zero_copy_only=False)
        return pc.list_element(parts, 1), owners

    def _two_identifiers(
        self,
        table: pa.RecordBatch,
        lines: np.ndarray,
        by_id: Column,
        by_name: Column,
        found: np.ndarray,
        place: np.ndarray,
    ) -> Iterator[Found]:
        several = (found >= 0) & (place >= 0) & (found != place)
        message = "the row's identifiers belong to two records"
        yield lines[several], Problem(by_name.place, by_name.header, "P2-2H", Effect.ROW_REFUSED, message)
        pairs = pc.binary_join_element_wise(_text(table, by_id), pc.utf8_lower(_text(table, by_name)), " ")
        doubled = pc.is_in(pairs, self.secondary).to_numpy(zero_copy_only=False)
        message = "a secondary e-mail with a Record ID replaces the primary e-mail"
        yield lines[doubled], Problem(by_name.place, by_name.header, "P2-2G", Effect.OVERWRITES, message)

    def _stages(self, table: pa.RecordBatch, lines: np.ndarray, stage: Column, place: np.ndarray) -> Iterator[Found]:
        options = stage_options(stage.target)
        wanted = stage_places(_text(table, stage), options)
        current = stage_places(self.stages.take(pa.array(place, mask=place < 0)), options)
        back = (wanted >= 0) & (current >= 0) & (wanted < current)
        message = "an import only moves a stage forward; clear it first, in its own step"
        yield lines[back], Problem(stage.place, stage.header, "P1-66", Effect.IGNORED, message)


@dataclass(frozen=True)
class SalesforceRecords:
    """Salesforce ids, 18 characters, that a row may not name: converted leads, and records that were deleted."""

    converted: pa.Array
    deleted: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    def findings(self, table: pa.RecordBatch, lines: np.ndarray, header: Header, beside: Beside) -> Iterator[Found]:
        """Rows for converted leads: they can only be read (P2-2C); and for records that are gone."""
        column = header.of("Id")
        if column is None:
            return
        short = pc.utf8_slice_codeunits(_text(table, column), 0, 15)
        for known, rule, message in (
            (self.converted, "P2-2C", "the lead is converted; its contact can be written"),
            (self.deleted, "P2-C1", "the record was deleted"),
        ):
            hit = pc.is_in(short, pc.utf8_slice_codeunits(known, 0, 15)).to_numpy(zero_copy_only=False)
            yield lines[hit], Problem(column.place, column.header, rule, Effect.ROW_REFUSED, message)


def stage_places(values: pa.Array, options: tuple[tuple[str, str], ...]) -> np.ndarray:
    """Position of each stage in the portal's order, -1 where it is none: internal value first, then label (P2-63)."""
    internal = pc.index_in(values, pa.array([value for value, _ in options], pa.string()))
    labels = pc.index_in(pc.utf8_lower(values), pa.array([label.strip().lower() for _, label in options], pa.string()))
    found: np.ndarray = pc.fill_null(pc.coalesce(internal, labels), -1).to_numpy(zero_copy_only=False)
    return found


def _text(table: pa.RecordBatch, column: Column) -> pa.Array:
    return cells.trimmed(table.column(column.place))


def _place(values: pa.Array, known: pa.Array) -> np.ndarray:
    filled = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    found: np.ndarray = pc.fill_null(pc.index_in(filled, known, skip_nulls=True), -1).to_numpy(zero_copy_only=False)
    return found


def _nowhere(rows: int) -> np.ndarray:
    return np.full(rows, -1, dtype=np.int32)
