"""One CSV file as Arrow tables of text, streaming: every good row with its line, every bad line with its reason, no row lost.

`assets.shared.records` finds the records; this module reads the header, has Arrow parse whole pieces, and turns what Arrow
refuses (rows with too many or too few cells, bytes that are not UTF-8) into bad lines instead of a failed file.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from assets.shared.failures import InputRefused
from assets.shared.records import Bad, Piece, Splitter, count_lines, read_record
from schemas.contract import Broken

LONGEST_HEADER = 4 << 20


@dataclass
class Chunk:
    """Rows of a file: text columns and `source_line`; and the lines that are no rows."""

    table: pa.Table
    bad: list[Bad] = field(default_factory=list)


class CsvFile:
    """A CSV file whose header has been read. `header` are its cells as delivered, stripped; `columns` what to call them."""

    def __init__(self, name: str, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self.name = name
        self.header, self._rest, self._line = self._read_header()
        self.columns = list(self.header)
        self.id_index: int | None = None
        self.id_pattern: re.Pattern[str] | None = None
        self.complete = True

    def chunks(self) -> Iterator[Chunk]:
        """The rows, a few megabytes at a time. Raises InputRefused for what is not a CSV file at all."""
        splitter = Splitter(len(self.header), self._line, self._plausible)
        try:
            for piece in splitter.pieces(_first(self._rest, self._blocks)):
                yield from self._chunk(piece, splitter)
        except ValueError as error:
            raise InputRefused(f"{self.name}: {error}") from None
        self.complete = splitter.complete

    def record_id(self, text: bytes) -> str | None:
        """The id in a line that could not be read as a row, where the cell in its place looks like one."""
        if self.id_index is None or self.id_pattern is None:
            return None
        cells = text.split(b",", self.id_index + 1)
        if len(cells) <= self.id_index:
            return None
        found = cells[self.id_index].decode("utf-8", "replace").strip().strip('"').strip()
        return found if self.id_pattern.fullmatch(found) else None

    def _plausible(self, text: bytes) -> bool:
        return self.id_pattern is None or self.record_id(text) is not None

    def _chunk(self, piece: Piece, splitter: Splitter) -> Iterator[Chunk]:
        pieces = [piece]
        while pieces:
            piece = _decodable(pieces.pop(0))
            bad = list(piece.bad)
            table, refused = self._parse(piece.data)
            lines = piece.lines
            if refused:
                bounds = np.append(piece.starts, len(piece.data))
                for row in refused:
                    record = piece.data[int(bounds[row]) : int(bounds[row + 1])]
                    reread, _ = splitter.reread(record, int(lines[row]), room=_ALL)
                    bad += reread.bad
                    if len(reread.lines):
                        pieces.append(Piece(reread.data, reread.lines, reread.starts))
                lines = np.delete(lines, refused)
            if table.num_rows != len(lines):
                raise ValueError(f"line {splitter.line}: this is not a CSV file")
            yield Chunk(table.append_column("source_line", pa.array(lines, pa.int64())), bad)

    def _parse(self, data: bytes) -> tuple[pa.Table, list[int]]:
        """Rows, and the positions of those that have another number of cells than the header."""
        refused: list[int] = []

        def refuse(row: arrow_csv.InvalidRow) -> str:
            refused.append(row.number - 1)
            return "skip"

        names = [f"c{i}" for i in range(len(self.columns))]
        if not data:
            return pa.table({name: pa.array([], pa.string()) for name in names}).rename_columns(self.columns), refused
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
        return table.rename_columns(self.columns), refused

    def _read_header(self) -> tuple[list[str], bytes, int]:
        data, line = b"", 1
        final = False
        while True:
            stripped = data.lstrip(b"\r\n")
            found = read_record(stripped, 0, final=final) if stripped else None
            if found and found.end is not None:
                break
            if final or len(data) > LONGEST_HEADER:
                raise InputRefused(f"{self.name}: is empty; a delivery has at least a header")
            block = next(self._blocks, None)
            final = block is None
            data += block or b""
        line += count_lines(data[: len(data) - len(stripped)])
        if not found.sound or found.end is None:
            raise InputRefused(f"{self.name}: line {line}: the header's quotes are not closed; this is not a CSV file")
        head = stripped[: found.end]
        try:
            cells = next(csv.reader(io.StringIO(head.decode("utf-8").rstrip("\r\n"), newline="")))
        except (UnicodeDecodeError, csv.Error):
            raise InputRefused(f"{self.name}: line {line}: the header is not UTF-8 text") from None
        return [cell.strip() for cell in cells], stripped[found.end :], line + count_lines(head)


_ALL = 1 << 60


def _first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _decodable(piece: Piece) -> Piece:
    """The piece without the records that are not UTF-8; those are bad lines."""
    if piece.data.isascii() or _decodes(piece.data):
        return piece
    bounds = np.append(piece.starts, len(piece.data))
    records = [piece.data[int(a) : int(b)] for a, b in itertools.pairwise(bounds)]
    fine = np.array([_decodes(record) for record in records], bool)
    kept = [record for record, keep in zip(records, fine, strict=True) if keep]
    sizes = np.array([len(record) for record in kept], np.int64)
    bad = [
        Bad(int(line), record.rstrip(b"\r\n"), Broken.INVALID_ENCODING)
        for record, line, keep in zip(records, piece.lines, fine, strict=True)
        if not keep
    ]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if kept else np.empty(0, np.int64)
    return Piece(b"".join(kept), piece.lines[fine], starts, [*piece.bad, *bad])


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
