"""CSV parts: rows in, files out, none above its limits, each with its size and hash; nothing is held but one slice.

Every value is quoted and inner quotes are doubled, so that a spreadsheet's formula, a leading zero or a newline arrives
as it is (P2-9H, P2-B4); a null is an empty cell without quotes. A part ends before the row that would not fit, and that
row's length is computed, not tried.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

EOL = {"LF": "\n", "CRLF": "\r\n"}
FILE_MODE = 0o600


@dataclass(frozen=True)
class Part:
    """One finished file: rows without the header."""

    file: str
    rows: int
    bytes: int
    sha256: str


class PartWriter:
    """Writes `<stem>.csv`, or `<stem>-1-of-3.csv` and so on where the limits ask for several."""

    def __init__(
        self, folder: Path, stem: str, header: list[str], *, max_rows: int, max_bytes: int, line_ending: str = "LF"
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._eol = EOL[line_ending]
        self._header = (",".join(_name(n) for n in header) + self._eol).encode()
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._done: list[Part] = []
        self._open: _Open | None = None

    def write(self, columns: list[pa.Array]) -> None:
        """Append rows; one text array a column, all of one length."""
        table = pa.table(columns, names=[str(i) for i in range(len(columns))])
        for piece in self._fitting(table):
            data = encode(piece, self._eol)
            part = self._part()
            part.file.write(data)
            part.add(data, piece.num_rows)

    def close(self) -> list[Part]:
        """Finish; returns the parts in order, named by how many there are."""
        self._finish()
        many = len(self._done)
        width = len(str(many))
        parts = []
        for number, part in enumerate(self._done, 1):
            name = f"{self._stem}.csv" if many == 1 else f"{self._stem}-{number:0{width}}-of-{many}.csv"
            (self._folder / part.file).rename(self._folder / name)
            parts.append(Part(name, part.rows, part.bytes, part.sha256))
        return parts

    def _fitting(self, table: pa.Table) -> Iterator[pa.Table]:
        """Pieces that each fit into the part that is open when they are written."""
        ends: np.ndarray | None = None
        start = 0
        while start < table.num_rows:
            part = self._part()
            room = self._max_bytes - part.bytes
            count = min(table.num_rows - start, self._max_rows - part.rows)
            if ends is None and table.nbytes * 2 + (4 * table.num_columns + 2) * table.num_rows > room:
                ends = np.cumsum(row_bytes(table, self._eol))
            if ends is not None:
                before = ends[start - 1] if start else 0
                count = min(count, int(np.searchsorted(ends, before + room, side="right")) - start)
            if count > 0:
                yield table.slice(start, count)
                start += count
            elif part.rows:
                self._finish()
            else:
                raise ValueError(f"{self._stem}: one row is larger than a file may be")
        if table.num_rows == 0:
            self._part()

    def _part(self) -> "_Open":
        if self._open is None:
            name = f"{self._stem}.part{len(self._done)}"
            self._open = _Open(self._folder, name, self._header)
        return self._open

    def _finish(self) -> None:
        if self._open is not None:
            self._done.append(self._open.close())
            self._open = None


class _Open:
    """A part that is being written."""

    def __init__(self, folder: Path, name: str, header: bytes) -> None:
        self.name = name
        self.rows = 0
        self.bytes = 0
        self._hash = hashlib.sha256()
        self.file: BinaryIO = (folder / name).open("wb")
        (folder / name).chmod(FILE_MODE)
        self.file.write(header)
        self.add(header, 0)

    def add(self, data: bytes | memoryview, rows: int) -> None:
        self._hash.update(data)
        self.bytes += len(data)
        self.rows += rows

    def close(self) -> Part:
        self.file.close()
        return Part(self.name, self.rows, self.bytes, self._hash.hexdigest())


def encode(table: pa.Table, eol: str = "\n") -> memoryview:
    """The rows as CSV without a header: the bytes, not copied."""
    sink = pa.BufferOutputStream()
    options = pcsv.WriteOptions(include_header=False, batch_size=16_384, eol=eol, quoting_style="all_valid")
    pcsv.write_csv(table, sink, options)
    return memoryview(sink.getvalue()).cast("B")


def row_bytes(table: pa.Table, eol: str = "\n") -> np.ndarray:
    """Length of each row as `encode` writes it, in bytes."""
    total = np.full(table.num_rows, table.num_columns - 1 + len(eol), dtype=np.int64)
    for column in table.columns:
        length = pc.add(pc.binary_length(column), pc.count_substring(column, '"'))
        total += pc.fill_null(pc.add(pc.cast(length, pa.int64()), 2), 0).to_numpy()
    return total


def _name(header: str) -> str:
    plain = header.strip() == header and not any(c in header for c in ',"\n\r')
    return header if plain else '"' + header.replace('"', '""') + '"'
