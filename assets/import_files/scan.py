"""Reads any CSV for judgement: every record with the line it begins on, and what is wrong with its form.

Strict where a loader is strict: a quote belongs at the edges of a cell and is doubled inside, nothing stands outside the
quotes, every record has the header's number of cells (P2-B4, P2-90). A broken record is reported and left out, and
reading goes on behind it. Bytes are looked at as arrays, a window at a time; memory does not grow with the file.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from assets.import_files.csv_window import WINDOW, Source
from assets.import_files.utf8 import broken_bytes

SMALL_WINDOW = 65_536  # bytes: after something broken, and at the beginning
MAX_RECORD = 16_777_216  # bytes: where no record has ended until then, a quote was never closed
MOST_NULS = 10_000  # of a window that are reported one by one
_QUOTE, _LF, _CR = ord('"'), ord("\n"), ord("\r")


@dataclass(frozen=True)
class Defect:
    """A record whose form is broken: its line, the cell it breaks in (None: the whole record) and what is wrong."""

    line: int
    cell: int | None
    problem: str


@dataclass
class Block:
    """Good records of one window, in order, with the line each begins on; broken ones beside them."""

    lines: np.ndarray
    cells: pa.RecordBatch | None
    defects: list[Defect] = field(default_factory=list)
    endings: list[tuple[int, str]] = field(default_factory=list)


class Scanner:
    """One pass over a file. `header` is read at once; `blocks` gives the rest. Raises NotReadableError.

    `has_mark`: the file begins with a byte order mark. `header_ending`: how its first line ends.
    """

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self._source = Source(path)
        self._delimiter = ord(delimiter)
        self._line = 1
        self.has_mark = self._source.has_mark
        self.header, self.header_defects = self._read_header()

    def blocks(self) -> Iterator[Block]:
        """Every record behind the header."""
        window = WINDOW
        while True:
            data, at_end = self._source.peek(window)
            if len(data) == 0:
                return
            form = _Form(data, self._delimiter, at_end)
            if form.consumed:
                yield self._block(data[: form.consumed], form)
                self._advance(data, form.consumed)
            if form.violation is not None:
                yield self._broken(data[form.consumed :], form)
                window = SMALL_WINDOW
            elif form.consumed == 0 and window < MAX_RECORD:
                window *= 4
            elif form.consumed == 0:
                yield self._unclosed(data)
                window = SMALL_WINDOW
            else:
                window = min(WINDOW, window * 4)

    @property
    def consumed(self) -> int:
        """Bytes of the file that are done."""
        return self._source.consumed

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _read_header(self) -> tuple[list[str], list[Defect]]:
        window = SMALL_WINDOW
        while True:
            data, at_end = self._source.peek(window)
            form = _Form(data, self._delimiter, at_end)
            if len(form.starts) or form.violation is not None or at_end or window >= MAX_RECORD:
                break
            window *= 4
        end = int(form.nexts[0]) if len(form.starts) else len(data)
        if not len(form.starts):
            following = np.flatnonzero(data == _LF)
            end = int(following[0]) + 1 if len(following) else len(data)
        raw = data[:end].tobytes()
        text = raw.decode("utf-8", errors="replace").rstrip("\r\n")
        broken = [Defect(1, None, "encoding")] if broken_bytes(raw) else []
        if not len(form.starts) and form.violation is not None:
            broken.append(Defect(1, None, "quotes"))
        self._advance(data, end)
        self.header_ending = "CRLF" if raw.endswith(b"\r\n") else {b"\n": "LF", b"\r": "CR"}.get(raw[-1:])
        return _split(text, chr(self._delimiter)), broken

    def _block(self, data: np.ndarray, form: "_Form") -> Block:
        lines = self._line + form.line_offsets
        blank = form.ends <= form.starts
        good = (form.counts == len(self.header)) & ~blank
        defects = [
            Defect(int(lines[i]), None, "too many cells" if form.counts[i] > len(self.header) else "too few cells")
            for i in np.flatnonzero(~good & ~blank)
        ]
        raw = data.tobytes()
        for problem, places in (("encoding", broken_bytes(raw)), ("nul", np.flatnonzero(data == 0)[:MOST_NULS])):
            hit = {(record, min(cell, len(self.header))) for record, cell in form.cells_at(places)}
            defects += [Defect(int(lines[record]), cell, problem) for record, cell in sorted(hit)]
        cells = self._parse(data, raw, form, good)
        return Block(lines[good], cells, defects, form.endings(lines))

    def _parse(self, data: np.ndarray, raw: bytes, form: "_Form", good: np.ndarray) -> pa.RecordBatch | None:
        if not good.any():
            return None
        if not good.all():
            edges = np.zeros(len(data) + 1, dtype=np.int8)
            edges[form.starts[~good]] += 1
            np.subtract.at(edges, form.nexts[~good], 1)
            raw = data[np.cumsum(edges[:-1]) == 0].tobytes()
        if broken_bytes(raw):
            raw = raw.decode("utf-8", errors="replace").encode()
        names = [str(i) for i in range(len(self.header))]
        table = pcsv.read_csv(
            pa.BufferReader(raw),
            pcsv.ReadOptions(column_names=names, block_size=max(len(raw) + 1, 1024)),
            pcsv.ParseOptions(delimiter=chr(self._delimiter), newlines_in_values=True, ignore_empty_lines=False),
            pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
        if table.num_rows != int(good.sum()):
            raise AssertionError("two readers of one window disagree about its records")
        whole: pa.RecordBatch = table.combine_chunks().to_batches()[0]
        return whole

    def _broken(self, data: np.ndarray, form: "_Form") -> Block:
        """The record at the beginning of `data` breaks at the violation; step over it."""
        at = (form.violation or 0) - form.consumed
        cell = int(form.separators_before(form.violation or 0) - form.separators_before(form.consumed))
        defect = Defect(self._line, cell, "unclosed quote" if form.swallows else "quotes")
        newlines = np.flatnonzero(data == _LF)
        behind = newlines[newlines >= (0 if form.swallows else at)]
        end = int(behind[0]) + 1 if len(behind) else len(data)
        self._advance(data, end)
        return Block(np.array([], dtype=np.int64), None, [defect])

    def _unclosed(self, data: np.ndarray) -> Block:
        """No record ends within the longest one there can be: a quote was never closed."""
        defect = Defect(self._line, None, "unclosed quote")
        newlines = np.flatnonzero(data == _LF)
        self._advance(data, int(newlines[0]) + 1 if len(newlines) else len(data))
        return Block(np.array([], dtype=np.int64), None, [defect])

    def _advance(self, data: np.ndarray, size: int) -> None:
        returns = _lone_returns(data)[:size]
        self._line += int(np.count_nonzero(data[:size] == _LF)) + int(np.count_nonzero(returns))
        self._source.consume(size)


class _Form:
    """The form of one window: records, cells, quotes. `consumed` ends at the last record that is surely good in form."""

    def __init__(self, data: np.ndarray, delimiter: int, at_end: bool) -> None:
        self._data = data
        quotes = np.flatnonzero(data == _QUOTE)
        self.violation, self.swallows = self._first_violation(data, quotes, delimiter, at_end)
        limit = len(data) if self.violation is None else self.violation
        inside: np.ndarray = np.bitwise_xor.accumulate((data[:limit] == _QUOTE).view(np.uint8))
        outside = inside == 0
        ends = (data[:limit] == _LF) | _lone_returns(data)[:limit]
        stops = np.flatnonzero(ends & outside)
        if at_end and self.violation is None and len(data) and (not len(stops) or stops[-1] != len(data) - 1):
            stops = np.append(stops, len(data))
        self.starts = np.concatenate([[0], stops[:-1] + 1]).astype(np.int64) if len(stops) else np.array([], np.int64)
        self.nexts = np.minimum(stops + 1, len(data)) if len(stops) else np.array([], np.int64)
        self.consumed = int(self.nexts[-1]) if len(stops) else 0
        closes_with_return = np.zeros(len(stops), dtype=bool)
        inner = stops[stops < len(data)]
        before = np.maximum(inner - 1, 0)
        closes_with_return[: len(inner)] = (data[inner] == _LF) & (data[before] == _CR) & (inner > 0)
        self.ends = stops - closes_with_return
        self._crlf = closes_with_return
        self._stops = stops
        self._separators = np.flatnonzero((data[:limit] == delimiter) & outside)
        self.counts = np.searchsorted(self._separators, stops) - np.searchsorted(self._separators, self.starts) + 1
        breaks = np.flatnonzero((data[:limit] == _LF) | (ends & outside))
        self.line_offsets = np.searchsorted(breaks, self.starts)

    def separators_before(self, place: int) -> int:
        """Separators of cells before a place."""
        return int(np.searchsorted(self._separators, place))

    def cells_at(self, places: list[int] | np.ndarray) -> list[tuple[int, int]]:
        """Record and cell of some places."""
        if not len(places):
            return []
        records = np.searchsorted(self.starts, places, side="right") - 1
        cells = np.searchsorted(self._separators, places) - np.searchsorted(self._separators, self.starts[records])
        return list(zip(records.tolist(), cells.tolist(), strict=True))

    def endings(self, lines: np.ndarray) -> list[tuple[int, str]]:
        """Kinds of line ending, each with the first line that has it."""
        found = []
        whole = self._stops < len(self._data)
        for name, mask in (
            ("CRLF", self._crlf & whole),
            ("LF", self._plain() & whole),
            ("CR", self._returns() & whole),
        ):
            places = np.flatnonzero(mask)
            if len(places):
                found.append((int(lines[places[0]]), name))
        return found

    def _plain(self) -> np.ndarray:
        found: np.ndarray = ~self._crlf & ~self._returns()
        return found

    def _returns(self) -> np.ndarray:
        inner = np.minimum(self._stops, max(len(self._data) - 1, 0))
        found: np.ndarray = self._data[inner] == _CR
        return found

    @staticmethod
    def _first_violation(data: np.ndarray, quotes: np.ndarray, delimiter: int, at_end: bool) -> tuple[int | None, bool]:
        """Where quoting is broken first, and whether an earlier quote was left open there."""
        if not len(quotes):
            return None, False
        edge = np.zeros(256, dtype=bool)
        edge[[delimiter, _LF, _CR]] = True
        opening, closing = quotes[0::2], quotes[1::2]
        before = data[np.maximum(opening - 1, 0)]
        escaped = np.zeros(len(opening), dtype=bool)
        escaped[1:] = opening[1:] == closing[: len(opening) - 1] + 1
        bad_open = ~(edge[before] | (opening == 0) | escaped)
        after = data[np.minimum(closing + 1, len(data) - 1)]
        last = closing + 1 >= len(data)
        bad_close = ~(edge[after] | (after == _QUOTE) | last)
        wrong = np.concatenate([opening[bad_open], closing[bad_close]])
        if len(wrong):
            first = int(wrong.min())
            is_closing = bool(np.isin(first, closing[bad_close]))
            looks_opening = bool(edge[data[first - 1]]) if first else True
            return first, is_closing and looks_opening
        if at_end and len(quotes) % 2:
            return int(quotes[-1]), True
        return None, False


def _lone_returns(data: np.ndarray) -> np.ndarray:
    """Carriage returns that no newline follows."""
    found: np.ndarray = data == _CR
    if found.any():
        found[:-1] &= data[1:] != _LF
        # At the very end of a window nobody knows what follows; a file that ends so has an empty last record at most.
        found[-1] = False
    return found


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])
