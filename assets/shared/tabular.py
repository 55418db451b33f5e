"""One CSV file as Arrow tables of text, streaming: every good row with its line, every bad line with its reason, no row lost.

`assets.shared.records` finds the records; this module reads the header, has Arrow parse whole pieces, and turns what Arrow
refuses (rows with too many or too few cells, bytes that are not UTF-8) into bad lines instead of a failed file.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from assets.shared.failures import InputRefused
from assets.shared.records import Bad, Piece, Splitter, count_lines, read_record
from schemas.contract import Broken

LONGEST_HEADER = 4 << 20
MOST_COLUMNS = 10_000  # of one object; the CRMs allow a tenth of that
_ASCII = bytes(range(128)) + b"?" * 128


@dataclass
class Chunk:
    """Rows of a file: text columns and `source_line`; and the lines that are no rows."""

    table: pa.Table
    bad: list[Bad] = field(default_factory=list)


@dataclass(frozen=True)
class _Parsed:
    piece: Piece
    table: pa.Table
    refused: list[int]
    undecodable: list[int]


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
        self._parsed: _Parsed | None = None

    def chunks(self) -> Iterator[Chunk]:
        """The rows, a few megabytes at a time. Raises InputRefused for what is not a CSV file at all."""
        splitter = Splitter(len(self.header), self._line, self._plausible, lambda piece: self._misread(piece, splitter))
        try:
            for piece in splitter.pieces(_first(self._rest, self._blocks)):
                yield self._chunk(piece)
        except ValueError as error:
            raise InputRefused(f"{self.name}: {error}") from None
        self.complete = splitter.complete and self.complete

    def record_id(self, text: bytes) -> str | None:
        """The id in a line that could not be read as a row, where the cell in its place looks like one."""
        if self.id_index is None or self.id_pattern is None:
            return None
        found = self._id_cell(text).decode("utf-8", "replace").strip('"').strip(" ")
        return found if self.id_pattern.fullmatch(found) else None

    def _id_cell(self, text: bytes) -> bytes:
        """The bytes in the id's place, up to the next comma; none where the line has no such place."""
        cells = text.split(b",", (self.id_index or 0) + 1)
        return cells[self.id_index or 0].strip(b" ") if len(cells) > (self.id_index or 0) else b""

    def _plausible(self, text: bytes) -> bool:
        """Whether the id looks like one: in quotes or not, and not with a stray quote behind it, which opens what follows."""
        if self.id_pattern is None:
            return True
        cell = self._id_cell(text)
        return self.record_id(text) is not None and cell.startswith(b'"') == cell.endswith(b'"')

    def _chunk(self, piece: Piece) -> Chunk:
        """Rows of a piece. Lines that Arrow refuses and lines that are not UTF-8 are bad ones."""
        parsed = self._parse(piece)
        lines = np.delete(piece.lines, parsed.refused)
        bad = [*piece.bad, *(_bad(piece, row, Broken.WRONG_NUMBER_OF_COLUMNS) for row in parsed.refused)]
        last = len(piece.lines) - 1
        if last in parsed.refused and not piece.data.endswith((b"\n", b"\r")):
            self.complete = False
        table = parsed.table
        if parsed.undecodable:
            keep = ~np.isin(np.delete(np.arange(len(piece.lines)), parsed.refused), parsed.undecodable)
            hit = [row for row in parsed.undecodable if row not in parsed.refused]
            bad += [_bad(piece, row, Broken.INVALID_ENCODING) for row in hit]
            table, lines = table.filter(pa.array(keep)), lines[keep]
        return Chunk(self._with_content(table.append_column("source_line", pa.array(lines, pa.int64()))), bad)

    def _with_content(self, table: pa.Table) -> pa.Table:
        """The table without rows all of whose cells are blank (`,,,`: a spreadsheet's idea of a blank line)."""
        if self.id_index is None or not table.column(self.id_index).null_count:
            return table
        blank = table.column(self.id_index).is_null()
        for name in self.columns:
            blank = pc.and_(blank, table.column(name).is_null())
        return table.filter(pc.invert(blank))

    def _misread(self, piece: Piece, splitter: Splitter) -> int | None:
        """The first record that seems to have swallowed others.

        It has the wrong number of cells and several lines, or an id with a line end in it (no id has), or a later line of
        it is a record by itself.
        """
        table, refused = self._parse(piece).table, self._parse(piece).refused
        if len(piece.lines) != table.num_rows + len(refused):
            raise ValueError(f"line {splitter.line}: this is not a CSV file")
        found = [row for row in refused if count_lines(piece.record(row).rstrip(b"\r\n"))]
        if self.id_index is not None and table.num_rows:
            ids = table.column(self.id_index)
            hit = pc.or_(pc.match_substring(ids, "\n"), pc.match_substring(ids, "\r")).fill_null(False)
            if pc.any(hit).as_py():
                places = np.delete(np.arange(len(piece.lines)), refused)
                found += [int(place) for place in places[np.flatnonzero(hit.to_numpy())]]
        if self.id_pattern is not None:
            found += splitter.swallowing(piece)
        return min(found, default=None)

    def _parse(self, piece: Piece) -> "_Parsed":
        """The piece as Arrow reads it; kept, since it is asked for twice."""
        if self._parsed is None or self._parsed.piece is not piece:
            data, undecodable = piece.data, list[int]()
            if not (data.isascii() or _decodes(data)):
                data, undecodable = _repaired(piece)
            table, refused = self._read(data)
            self._parsed = _Parsed(piece, table, refused, undecodable)
        return self._parsed

    def _read(self, data: bytes) -> tuple[pa.Table, list[int]]:
        """Rows, and the places of the records that have another number of cells than the header."""
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
            if len(data) > LONGEST_HEADER:
                raise InputRefused(f"{self.name}: line 1: no header ends within {LONGEST_HEADER:,} bytes")
            if final:
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
        if len(cells) > MOST_COLUMNS:
            raise InputRefused(f"{self.name}: line {line}: more than {MOST_COLUMNS:,} columns; no object has as many")
        return [cell.strip() for cell in cells], stripped[found.end :], line + count_lines(head)


def _first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _bad(piece: Piece, row: int, reason: Broken) -> Bad:
    return Bad(int(piece.lines[row]), piece.record(row).rstrip(b"\r\n"), reason)


def _repaired(piece: Piece) -> tuple[bytes, list[int]]:
    """The bytes with every record that is not UTF-8 made plain ASCII, byte for byte; and the places of those records."""
    records = [piece.record(row) for row in range(len(piece.lines))]
    hit = [row for row, record in enumerate(records) if not _decodes(record)]
    for row in hit:
        records[row] = records[row].translate(_ASCII)
    return b"".join([piece.data[: int(piece.starts[0])], *records]), hit


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
