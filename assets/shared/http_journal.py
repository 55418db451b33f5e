"""Pages as they arrive, and how far a fetch is, so that a killed run goes on at the page it had reached.

One file, to which records are only ever added: a page with its ids and the position after it are one record, so that neither is
ever there without the other. A record that a killed run had half written is cut off; a page that a power cut left as a hole is
found, and the file begins anew. A run whose question differs (other columns, another version) begins anew too.
"""

import json
import os
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

_BATCH = 1 << 19  # bytes of pages handed out at a time: what a processor keeps close
_SIZES = struct.Struct("<4sIQ")  # a mark, the size of the head, the size of the body
_MARK = b"page"
Ids = np.ndarray[tuple[int], np.dtype[np.int64]]


class _Head(msgspec.Struct, array_like=True, omit_defaults=True, gc=False):
    """What a record says: a page (`stream` and `place`), marks, or what is dropped (`stream` and `prefix`)."""

    marks: dict[str, str]
    stream: str = ""
    place: int = -1
    low: int = -1
    high: int = -1
    ids: bytes = b""
    prefix: str | None = None


class _Place(NamedTuple):
    """Where a page is in the file; its head begins at `head`."""

    head: int
    start: int
    size: int
    low: int
    high: int


_HEADS = msgspec.msgpack.Decoder(_Head)
_ENCODE = msgspec.msgpack.Encoder().encode


class Journal:
    """Pages by stream, in order of `place`; each with the bounds (low, high] of the ids that count in it; and marks."""

    def __init__(self, path: Path, question: str) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._marks: dict[str, str] = {}
        self._pages: dict[str, dict[int, _Place]] = {}
        self._end = 0
        self.resumed = self._read() and self.mark("question") == question
        if not self.resumed:
            self._marks, self._pages, self._end = {}, {}, 0
        os.ftruncate(self._file, self._end)
        if not self.resumed:
            self.put_mark("question", question)

    def mark(self, name: str) -> str | None:
        """What a mark says."""
        return self._marks.get(name)

    def marks(self, prefix: str) -> dict[str, str]:
        """Marks whose names begin so, without that beginning."""
        return {name[len(prefix) :]: value for name, value in self._marks.items() if name.startswith(prefix)}

    def put_mark(self, name: str, value: str) -> None:
        """Set a mark."""
        self._add(_Head({name: value}))

    def put(
        self,
        stream: str,
        place: int,
        body: bytes,
        marks: dict[str, str],
        low: int = -1,
        high: int = (1 << 62),
        ids: Sequence[int] = (),
    ) -> None:
        """Keep one page and move marks, together. `ids`: of the records in it."""
        self._add(_Head(marks, stream, place, low, high, np.array(ids, np.int64).tobytes()), body)

    def forget(self, stream: str, prefix: str) -> None:
        """Drop a stream's pages and the marks that begin so."""
        self._add(_Head({}, stream, prefix=prefix))

    async def once(self, what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The JSON document that `ask` gives: asked for once, by this run or by one before it that was stopped."""
        stream = f"once:{what}"
        if not self.count(stream):
            self.put(stream, 0, json.dumps(await ask()).encode(), {})
        [[(body, _, _)]] = self.pages(stream)
        return json.loads(body)

    def pages(self, stream: str) -> Iterator[list[tuple[bytes, int, int]]]:
        """(body, low, high) in order of place, some of them at a time."""
        found: list[tuple[bytes, int, int]] = []
        size = 0
        for at in self._sorted(stream):
            found.append((os.pread(self._file, at.size, at.start), at.low, at.high))
            size += at.size
            if size >= _BATCH:
                yield found
                found, size = [], 0
        if found:
            yield found

    def ids(self, stream: str) -> Ids:
        """Ids in the pages of a stream, in order of place, each page's narrowed to (low, high]."""
        found = [np.empty(0, np.int64)]
        for at in self._sorted(stream):
            head = _HEADS.decode(os.pread(self._file, at.start - at.head, at.head))
            ids = np.frombuffer(head.ids, np.int64)
            found.append(ids[(ids > at.low) & (ids <= at.high)])
        return np.concatenate(found)

    def count(self, stream: str) -> int:
        """Number of pages."""
        return len(self._pages.get(stream, ()))

    def close(self, *, done: bool) -> None:
        """Close; the file of a fetch that is done is removed, because it holds records."""
        os.close(self._file)
        if done:
            self.path.unlink(missing_ok=True)

    def _sorted(self, stream: str) -> list[_Place]:
        found = self._pages.get(stream, {})
        return [found[place] for place in sorted(found)]

    def _add(self, head: _Head, body: bytes = b"") -> None:
        said = _ENCODE(head)
        record = b"".join((_SIZES.pack(_MARK, len(said), len(body)), said, body))
        left = memoryview(record)
        while left:
            left = left[os.pwrite(self._file, left, self._end + len(record) - len(left)) :]
        self._apply(head, self._end, len(said), len(body))
        self._end += len(record)

    def _apply(self, head: _Head, at: int, said: int, size: int) -> None:
        if head.prefix is not None:
            self._pages.pop(head.stream, None)
            self._marks = {name: value for name, value in self._marks.items() if not name.startswith(head.prefix)}
        elif head.stream:
            begin = at + _SIZES.size
            place = _Place(begin, begin + said, size, head.low, head.high)
            self._pages.setdefault(head.stream, {})[head.place] = place
        self._marks.update(head.marks)

    def _read(self) -> bool:
        """Go through the records that are there; whether they are whole. A last one that was cut off does not count."""
        there = os.fstat(self._file).st_size
        while self._end + _SIZES.size <= there:
            mark, said, size = _SIZES.unpack(os.pread(self._file, _SIZES.size, self._end))
            whole = _SIZES.size + said + size
            if mark != _MARK:
                return False
            if self._end + whole > there:
                break
            begin = self._end + _SIZES.size
            try:
                head = _HEADS.decode(os.pread(self._file, said, begin))
            except msgspec.DecodeError:
                return False
            if b"\0" in os.pread(self._file, size, begin + said):
                return False  # JSON has none: these bytes were never written
            self._apply(head, self._end, said, size)
            self._end += whole
        return True
