"""Where the records of a CSV file begin and end, and on which physical line: whole blocks at a time, whatever is in them.

A line ends at LF, CRLF or a lone CR, inside quotes too. A quote counts only at the start of a cell; `""` inside quotes is a
quote. While all quotes of a block stand where they may, positions come from array operations alone. From the first
quote that does not, the block is read record by record until it is sound again: a broken line is reported, and the next
physical line starts afresh, so that a stray quote costs its own line and not the thousand after it.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from schemas.contract import Broken

LF, CR, QUOTE, COMMA = 10, 13, 34, 44
LONGEST_RECORD = 16 << 20  # a quote that is open for longer than this was never meant
_FIRST_CAREFUL, _MOST_CAREFUL, _NEAR, _WIDE = 16, 1 << 20, 1 << 18, 6

_QUOTED = re.compile(rb'"(?:[^"]++|"")*+"')
_PLAIN = re.compile(rb"[^,\r\n]*+")
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bad:
    """One line that is no record: its number, its bytes and the reason."""

    line: int
    text: bytes
    reason: Broken


@dataclass
class Piece:
    """Some records of the file: their bytes, one after the other, where and on which line each starts; lines that are none."""

    data: bytes
    starts: Positions
    lines: Positions
    bad: list[Bad] = field(default_factory=list)

    def record(self, place: int) -> bytes:
        """Bytes of one record, with its line end."""
        end = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.data)
        return self.data[int(self.starts[place]) : end]

    def before(self, place: int) -> "Piece":
        """The records before one."""
        return Piece(self.data[: int(self.starts[place])], self.starts[:place], self.lines[:place])


@dataclass(frozen=True)
class Found:
    """A record read by itself: where the next one starts (None: more bytes are needed), its cells; sound or not."""

    end: int | None
    cells: int = 0
    sound: bool = True


def read_record(data: bytes, start: int, *, final: bool) -> Found:
    """Read the one record that starts at `start`, cell by cell."""
    at, cells, size, stray = start, 0, len(data), False
    while True:
        cells += 1
        quoted = data[at : at + 1] == b'"'
        match = (_QUOTED if quoted else _PLAIN).match(data, at)
        # On a later line of the record, an end quote that nothing opened: the cell before it swallowed what opened it.
        stray |= match is not None and not quoted and match[0].endswith(b'"') and count_lines(data[start:at]) > 0
        if match is None:  # a quote that is never closed
            if final or size - start > LONGEST_RECORD:
                return Found(start, cells, sound=False)
            return Found(None)
        at = match.end()
        if at == size or (at == size - 1 and data[at] == CR):
            return Found(size, cells, sound=not stray) if final else Found(None)
        mark = data[at]
        if mark == COMMA:
            at += 1
        elif mark == LF:
            return Found(at + 1, cells, sound=not stray)
        elif mark == CR:
            return Found(at + (2 if data[at + 1] == LF else 1), cells, sound=not stray)
        else:  # text after a closing quote
            return Found(start, cells, sound=False)


class Splitter:
    """Cuts a stream of blocks into pieces of whole records. `cells` is the header's number of cells.

    `plausible` tells whether the bytes of a line could be a record of this file (its id looks like one). `misread` is asked
    about every piece with sound quotes: the place of the first record that a stray quote seems to have joined to others,
    if any; that one is read again, line by line.
    """

    def __init__(
        self,
        cells: int,
        line: int,
        plausible: Callable[[bytes], bool],
        misread: Callable[[Piece], int | None],
    ) -> None:
        self.cells = cells
        self.line = line  # of the first byte not yet handed out
        self.complete = True
        self._plausible = plausible
        self._misread = misread
        self._careful = _FIRST_CAREFUL

    def pieces(self, blocks: Iterable[bytes]) -> Iterator[Piece]:
        """All records of the blocks, in order. Raises ValueError for a record that nothing could hold."""
        rest = b""
        for block in blocks:
            rest = yield from self._cut(rest + block, final=False)
            if len(rest) > 4 * LONGEST_RECORD:
                raise ValueError(f"line {self.line}: a record of more than {4 * LONGEST_RECORD:,} bytes")
        yield from self._cut(rest, final=True)

    def _cut(self, data: bytes, *, final: bool) -> Generator[Piece, None, bytes]:
        while data:
            end, starts, lines, broken = self._sound(data, final=final)
            spoiled = False
            if end:
                piece = Piece(data[:end], starts, lines)
                place = self._misread(piece)
                if place is not None:
                    piece, end, spoiled = piece.before(place), int(starts[place]), True
                if end:
                    yield piece
                    self.line += count_lines(data[:end])
                    data = data[end:]
            if not data or not (broken or spoiled or len(data) > LONGEST_RECORD):
                break
            self._careful = min(self._careful * 2, _MOST_CAREFUL) if end < _NEAR else _FIRST_CAREFUL
            piece, used = self._one_by_one(data, final=final, spoiled=spoiled)
            if used == 0:
                break
            yield piece
            self.line += count_lines(data[:used])
            data = data[used:]
        return data

    def _sound(self, data: bytes, *, final: bool) -> tuple[int, Positions, Positions, bool]:
        """End of the leading records with sound quotes, their starts and lines, and whether an unsound quote follows."""
        view = np.frombuffer(data, np.uint8)
        ends = line_ends(data, view, final=final)
        closed, limit = ends, len(data)
        if b'"' in data:
            quotes = np.flatnonzero(view == QUOTE)
            closed = ends[(np.searchsorted(quotes, ends) & 1) == 0]
            limit = _first_unsound(view, quotes, final=final)
        unsound = limit < len(data)
        if final and not unsound and (not len(closed) or closed[-1] != len(data) - 1):
            closed = np.append(closed, len(data) - 1)
        closed = closed[closed < limit]
        if not len(closed):
            return 0, closed, closed, unsound
        begins = np.concatenate([[0], closed[:-1] + 1])
        lines = self.line + np.searchsorted(ends, begins)
        lf, cr = view[closed] == LF, view[closed] == CR
        blank = ((begins == closed) & (lf | cr)) | ((begins + 1 == closed) & lf & (view[begins] == CR))
        return int(closed[-1]) + 1, begins[~blank], lines[~blank], unsound

    def _one_by_one(self, data: bytes, *, final: bool, spoiled: bool) -> tuple[Piece, int]:
        """Read some records or lines by themselves; them and how many bytes they took.

        A record with the wrong number of cells that spans several lines may have swallowed sound ones: they are taken out.
        The first one is `spoiled` where it looks sound and is known not to be.
        """
        kept: list[bytes] = []
        starts: list[int] = []
        lines: list[int] = []
        bad: list[Bad] = []
        at, size, shadow, line, room = 0, 0, 0, self.line, self._careful
        done = (0, 0, 0)  # bytes, records and bad lines up to which nothing is open
        while at < len(data) and (room > 0 or at < shadow):
            found = read_record(data, at, final=final)
            physical = _LINE.match(data, at)
            next_line = physical.end() if physical else len(data)
            if found.end is None or (not final and next_line == len(data)):
                break  # more bytes are needed
            room -= 1
            right = found.sound and found.cells == self.cells and not (spoiled and at == 0)
            if right and ((at >= shadow and found.end <= next_line) or self._plausible(data[at : found.end])):
                record = data[at : found.end]
                if record.strip(b"\r\n"):
                    kept.append(record if record.endswith((b"\n", b"\r")) else record + b"\n")
                    starts.append(size)
                    lines.append(line)
                    size += len(kept[-1])
                line += count_lines(record)
                at = found.end
                done = (at, len(kept), len(bad)) if at >= shadow else done
                continue
            text = data[at:next_line].rstrip(b"\r\n")
            if text and at >= shadow:
                counted = found.sound and found.cells != self.cells
                bad.append(Bad(line, text, Broken.WRONG_NUMBER_OF_COLUMNS if counted else Broken.MALFORMED_QUOTES))
                shadow = found.end
            if final and max(next_line, found.end) == len(data) and not data.endswith((b"\n", b"\r")):
                self.complete = False
            line += 1
            at = next_line
            done = (at, len(kept), len(bad)) if at >= shadow else done
        used, records, faults = done
        found_lines = np.array(lines[:records], np.int64)
        return Piece(b"".join(kept[:records]), np.array(starts[:records], np.int64), found_lines, bad[:faults]), used

    def swallowing(self, piece: Piece) -> list[int]:
        """Places of the records one of whose later lines is by itself a record of this file.

        Only in files of many columns: in a narrow one a line of an address may look like a record.
        """
        if self.cells < _WIDE or b'"' not in piece.data or count_lines(piece.data) <= len(piece.starts):
            return []
        view = np.frombuffer(piece.data, np.uint8)
        ends = line_ends(piece.data, view, final=True)
        begins = ends[:-1] + 1
        owner = np.searchsorted(piece.starts, begins, side="right") - 1
        inner = begins != piece.starts[owner]
        commas = np.flatnonzero(view == COMMA)
        enough = np.searchsorted(commas, ends[1:]) - np.searchsorted(commas, begins) >= self.cells - 1
        found: set[int] = set()
        for place in np.flatnonzero(inner & enough):
            text = piece.data[int(begins[place]) : int(ends[place + 1]) + 1]
            if int(owner[place]) not in found and self._plausible(text):
                record = read_record(text, 0, final=True)
                if record.sound and record.cells == self.cells and record.end == len(text):
                    found.add(int(owner[place]))
        return sorted(found)


def line_ends(data: bytes, view: npt.NDArray[np.uint8], *, final: bool) -> Positions:
    """Positions of the last byte of every line end: LF, CRLF or a lone CR. A CR that ends the data is open until `final`."""
    ends = np.flatnonzero(view == LF)
    if CR not in data:
        return ends
    returns = np.flatnonzero(view == CR)
    after = np.minimum(returns + 1, len(data) - 1)
    lone = returns[(view[after] != LF) & ((returns < len(data) - 1) | final)]
    return np.sort(np.concatenate([ends, lone])) if len(lone) else ends


def count_lines(data: bytes) -> int:
    """Number of line ends."""
    crs = data.count(b"\r")
    return data.count(b"\n") + (crs - data.count(b"\r\n") if crs else 0)


def _first_unsound(view: npt.NDArray[np.uint8], quotes: Positions, *, final: bool) -> int:
    """Position of the first quote that stands where none may; the length where all are sound."""
    size = len(view)
    opening, closing = quotes[0::2], quotes[1::2]
    before = view[np.maximum(opening - 1, 0)]
    fine = (opening == 0) | (before == COMMA) | (before == LF) | (before == CR) | (before == QUOTE)
    wrong = [opening[~fine][:1]]
    after = view[np.minimum(closing + 1, size - 1)]
    fine = (closing == size - 1) | (after == COMMA) | (after == LF) | (after == CR) | (after == QUOTE)
    wrong.append(closing[~fine][:1])
    if final and len(quotes) % 2:
        wrong.append(quotes[-1:])
    found = np.concatenate(wrong)
    return int(found.min()) if len(found) else size
