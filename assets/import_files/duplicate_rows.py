"""Rows of one file that mean the same record: the only thing of a file that is remembered from its beginning to its end."""

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells
from assets.import_files.findings import Findings, Problem
from assets.import_files.header import Column, Header
from assets.shared.domains import domain_key
from schemas.imports import Effect

_MESSAGE = "an earlier row has the same identifier"


class Doubled:
    """Remembers the identifiers of a file's rows. Record ids come first: a row is reported once.

    `is_literal`: two ways of writing one domain count as two. Nobody knows how far HubSpot itself goes, so a file of ours is
    not stopped for it.
    """

    def __init__(self, crm: str, header: Header, *, is_literal: bool = False) -> None:
        self._crm, self._is_literal = crm, is_literal
        self._columns = sorted(header.identifiers, key=lambda c: c.target is None or c.target.kind != "record_id")
        self._seen: dict[int, list[tuple[pa.Array, np.ndarray]]] = {c.place: [] for c in self._columns}

    def see(self, table: pa.RecordBatch, lines: np.ndarray) -> None:
        """Remember the rows of one block."""
        for column in self._columns:
            self._seen[column.place].append((self._key(column, table.column(column.place)), lines))

    def report(self, findings: Findings) -> None:
        """One finding a later row (P2-9D, P2-B8).

        HubSpot writes rows of one Record ID in their order; it may refuse one of an address or domain that it has read before.
        """
        rule = "P2-9D" if self._crm == "hubspot" else "P2-B8"
        told = np.array([], dtype=np.int64)
        for column in self._columns:
            lines = np.setdiff1d(self._later(column), told)
            told = np.concatenate([told, lines])
            in_order = self._crm == "hubspot" and column.target is not None and column.target.kind == "record_id"
            effect, message = (
                (Effect.OVERWRITES, f"{_MESSAGE}; the last value counts")
                if in_order
                else (Effect.ROW_REFUSED, _MESSAGE)
            )
            findings.add(lines, Problem(column.place, column.header, rule, effect, message))

    def _key(self, column: Column, values: pa.Array) -> pa.Array:
        """As the CRM finds records: case is ignored, but in a field that is described otherwise, and in Salesforce's own ids.

        One of 15 characters and one of 18 are the same record's (P2-29).
        """
        kind = column.target.kind if column.target is not None else "text"
        text = cells.trimmed(values)
        if kind == "domain" and not self._is_literal:
            return domain_key(values)
        if self._crm == "salesforce" and kind == "record_id":
            return pc.if_else(cells.is_salesforce_id(text), pc.utf8_slice_codeunits(text, 0, 15), text)
        return text if column.target is not None and column.target.case_sensitive else pc.utf8_lower(text)

    def _later(self, column: Column) -> np.ndarray:
        parts = self._seen[column.place]
        if not parts:
            return np.array([], dtype=np.int64)
        frame = pl.DataFrame(
            {
                "value": pl.concat([pl.Series(pl.from_arrow(values)) for values, _ in parts]),
                "line": np.concatenate([lines for _, lines in parts]),
            }
        ).filter(~pl.col("value").is_in(["", "#N/A"]))
        found: np.ndarray = frame.filter(~pl.col("value").is_first_distinct())["line"].to_numpy()
        return found
