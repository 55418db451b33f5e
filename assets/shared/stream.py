"""Bytes of one delivered file, block by block: plain or gzip, digest taken on the way, NUL bytes dropped.

What a file is not is said here, once, from its first bytes: an HTML page, a spreadsheet, UTF-16, a gzip file by another name.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assets.shared.failures import InputRefused

BLOCK = 8 << 20
BOM = b"\xef\xbb\xbf"
BOMB_BYTES, BOMB_RATIO = 64 << 20, 200  # exports pack 5 to 50 times; a file of one thing repeated 300 to 1,000 times


class ByteStream:
    """One file under the name that messages have for it. After iteration `size` and `sha256` are those of the bytes on disk."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.size = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Digest of the bytes on disk, as far as they were read."""
        return self._digest.hexdigest()

    def took(self, data: bytes) -> None:
        """Count bytes that were read from the disk."""
        self.size += len(data)
        self._digest.update(data)

    def blocks(self) -> Iterator[bytes]:
        """Unpacked bytes without NUL and byte order mark. Raises InputRefused where the file is not text at all."""
        first = True
        for raw in self._unpacked():
            block = raw
            if first:
                self._recognise(block)
                block = block.removeprefix(BOM)
                first = False
            yield block.replace(b"\0", b"") if b"\0" in block else block

    def _unpacked(self) -> Iterator[bytes]:
        packed = self.path.suffix == ".gz"
        try:
            with self.path.open("rb") as file:
                told = _Tee(file, self)
                source = gzip.GzipFile(fileobj=told, mode="rb") if packed else told
                unpacked = 0
                while block := source.read(BLOCK):
                    unpacked += len(block)
                    if packed and unpacked > max(BOMB_BYTES, BOMB_RATIO * self.size):
                        raise InputRefused(
                            f"{self.name}: unpacks to more than {BOMB_RATIO} times its size; no export does"
                        )
                    yield block
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputRefused(f"{self.name}: not a complete gzip file; it may be cut off") from None
        except OSError as error:
            raise InputRefused(f"{self.name}: cannot be read: {error.strerror or 'input error'}") from None

    def _recognise(self, head: bytes) -> None:
        start = head.removeprefix(BOM)[:512].lstrip()
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise InputRefused(f"{self.name}: is UTF-16; save it as UTF-8")
        if head[:2] == b"\x1f\x8b":
            raise InputRefused(f"{self.name}: is a gzip file; its name must end in .gz")
        if head[:4] == b"PK\x03\x04":
            raise InputRefused(f"{self.name}: is a spreadsheet or zip file; export it as CSV")
        if start[:1] == b"<":
            raise InputRefused(f"{self.name}: is an HTML or XML page (an error page?), not a delivery")
        if len(head) >= 64 and head[:512].count(0) > len(head[:512]) // 4:
            raise InputRefused(f"{self.name}: is not text (UTF-16 or binary); save it as UTF-8")


class _Tee:
    """A file that adds what is read from it to the stream's size and digest."""

    def __init__(self, file: BinaryIO, stream: ByteStream) -> None:
        self._file = file
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Read as the file does."""
        data = self._file.read(size)
        self._stream.took(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """The reader of packed files asks for it, and never goes back."""
        return self._file.seek(offset, whence)
