"""A file as a window that moves, and what is no CSV at all."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

WINDOW = 4_194_304  # bytes of a file that are looked at together
_SIGNATURES = {
    b"PK\x03\x04": "it is a spreadsheet or a ZIP archive; save it as CSV (UTF-8) to have it judged",
    b"\xd0\xcf\x11\xe0": "it is an old spreadsheet; save it as CSV (UTF-8) to have it judged",
    b"\x1f\x8b": "it is compressed; unpack it first",
    b"\xff\xfe": "it is UTF-16; save it as UTF-8",
    b"\xfe\xff": "it is UTF-16; save it as UTF-8",
    b"%PDF": "it is a PDF",
}
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BINARY = 8  # one NUL in so many bytes is no text; a single one is a defect of its cell
_BOM = b"\xef\xbb\xbf"


class NotReadableError(Exception):
    """The file is no CSV at all. The message says what it is, never what is in it.

    `is_there`: a CRM could be given it. `is_spreadsheet`: HubSpot takes spreadsheets too (P2-90), preflight does not read them.
    """

    def __init__(self, message: str, *, is_there: bool = True, is_spreadsheet: bool = False) -> None:
        self.is_there = is_there
        self.is_spreadsheet = is_spreadsheet
        super().__init__(message)


class Source:
    """A file as a window that moves. `has_mark`: it begins with a byte order mark, which is skipped."""

    def __init__(self, path: Path) -> None:
        self.consumed = 0
        try:
            self._file: BinaryIO = path.open("rb")
            self._buffer = self._file.read(WINDOW)
        except OSError as error:
            raise NotReadableError(error.strerror or "it cannot be opened", is_there=False) from None
        self._refuse()
        self._at_end = len(self._buffer) < WINDOW
        self.has_mark = self._buffer.startswith(_BOM)
        if self.has_mark:
            self._buffer = self._buffer[len(_BOM) :]

    def peek(self, size: int) -> tuple[np.ndarray, bool]:
        """Up to `size` bytes from the present place, and whether they are the last ones."""
        while len(self._buffer) < size and not self._at_end:
            more = self._file.read(max(size - len(self._buffer), WINDOW))
            self._at_end = not more
            self._buffer += more
        return np.frombuffer(self._buffer[:size], dtype=np.uint8), self._at_end and len(self._buffer) <= size

    def consume(self, size: int) -> None:
        """Move on. `consumed` counts the bytes that are done."""
        self._buffer = self._buffer[size:]
        self.consumed += size

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _refuse(self) -> None:
        head = self._buffer[:1024]
        for signature, what in _SIGNATURES.items():
            if head.startswith(signature):
                raise NotReadableError(what, is_spreadsheet=signature in _SPREADSHEETS)
        text = head.removeprefix(_BOM).lstrip().lower()
        if not text:
            raise NotReadableError("it is empty")
        if text.startswith((b"<!doctype", b"<html", b"<?xml")):
            raise NotReadableError("it is a web page, not a CSV")
        if head.count(0) * _BINARY > len(head):
            raise NotReadableError("it is not text")
