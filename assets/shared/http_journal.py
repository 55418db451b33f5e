"""Pages as they arrive, and how far a fetch is, so that a killed run goes on at the page it had reached.

Bodies lie one after the other in a file; a small SQLite file beside it says where each begins, and how far the fetch is. A body
is written first, then its place and the position after it are one transaction: neither is ever there without the other. A run
whose question differs (other columns, another version) starts again.
"""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_BATCH = 3 << 20  # bytes of pages handed out at a time


class Journal:
    """Pages by stream, in order of `place`; each with the bounds (low, high] of the ids that count in it; and marks."""

    def __init__(self, path: Path, question: str) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "PRAGMA synchronous = OFF"
        )  # a killed process loses nothing; after a power cut the file is rebuilt
        self._db.execute("CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS page (stream TEXT, place INTEGER, low INTEGER, high INTEGER, start INTEGER, "
            "size INTEGER, PRIMARY KEY (stream, place)) WITHOUT ROWID"
        )
        self._bodies = path.with_suffix(".pages")
        self._file = os.open(self._bodies, os.O_RDWR | os.O_CREAT, 0o600)
        self.resumed = self.mark("question") == question
        if not self.resumed:
            self._db.execute("DELETE FROM page")
            self._db.execute("DELETE FROM mark")
            os.ftruncate(self._file, 0)
            self.put_mark("question", question)
        self._end = os.fstat(self._file).st_size

    def mark(self, name: str) -> str | None:
        """What a mark says."""
        row = self._db.execute("SELECT value FROM mark WHERE name = ?", [name]).fetchone()
        return row[0] if row else None

    def marks(self, prefix: str) -> dict[str, str]:
        """Marks whose names begin so, without that beginning."""
        rows = self._db.execute("SELECT name, value FROM mark WHERE substr(name, 1, ?) = ?", [len(prefix), prefix])
        return {name[len(prefix) :]: value for name, value in rows}

    def put_mark(self, name: str, value: str) -> None:
        """Set a mark."""
        self._db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", [name, value])

    def put(
        self, stream: str, place: int, body: bytes, marks: dict[str, str], low: int = -1, high: int = (1 << 62)
    ) -> None:
        """Keep one page and move marks, together."""
        os.pwrite(self._file, body, self._end)
        where = [stream, place, low, high, self._end, len(body)]
        self._end += len(body)
        self._db.execute("BEGIN")
        self._db.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?)", where)
        self._db.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?)", marks.items())
        self._db.execute("COMMIT")

    def forget(self, stream: str, prefix: str) -> None:
        """Drop a stream's pages and the marks that begin so."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM page WHERE stream = ?", [stream])
        self._db.execute("DELETE FROM mark WHERE substr(name, 1, ?) = ?", [len(prefix), prefix])
        self._db.execute("COMMIT")

    def pages(self, stream: str) -> Iterator[list[tuple[bytes, int, int]]]:
        """(body, low, high) in order of place, some megabytes at a time."""
        found: list[tuple[bytes, int, int]] = []
        size = 0
        for start, length, low, high in self._db.execute(
            "SELECT start, size, low, high FROM page WHERE stream = ? ORDER BY place", [stream]
        ):
            body = os.pread(self._file, length, start)
            found.append((body, low, high))
            size += len(body)
            if size >= _BATCH:
                yield found
                found, size = [], 0
        if found:
            yield found

    def count(self, stream: str) -> int:
        """Number of pages."""
        return int(self._db.execute("SELECT count(*) FROM page WHERE stream = ?", [stream]).fetchone()[0])

    def close(self, *, done: bool) -> None:
        """Close; the file of a fetch that is done is removed, because it holds records."""
        self._db.close()
        os.close(self._file)
        if done:
            self._bodies.unlink(missing_ok=True)
            for ending in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
