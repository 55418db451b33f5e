"""Bytes to and from a host: connections that are kept open, on one thread, their answers taken apart by the parser of Node.js.

A call costs a tenth of what a thread or an asynchronous client in Python makes of it, which is what most of a large extraction
was spent on. TLS is verified; proxies of the environment are not used; nothing is followed or decided here.
"""

import asyncio
import os
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import httptools

from assets.shared.stream import BOMB_BYTES, BOMB_RATIO

_BLOCK = 1 << 16  # bytes taken from a socket at a time
_CONNECT, _READ = 15.0, 60.0  # seconds; the second one without a single byte


class Broken(Exception):
    """The connection failed, or ended before the answer did. `str` is the kind of failure, nothing of its content."""


class Untrusted(Exception):
    """The host's certificate is not valid."""


@dataclass(frozen=True)
class Reply:
    """Status, headers by lower-case name, and the body; empty where it went into a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int


class Wire:
    """Connections to hosts, of one event loop; close it when no call is in flight any more, or to end those that are."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], list[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._tls = ssl.create_default_context()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, to: Path | None = None
    ) -> Reply:
        """One call. With `to`, the body of an answer below 300 is streamed there. Raises Broken, or Untrusted."""
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        head = _head(method, target, {"host": parts.netloc, "accept-encoding": "gzip", **headers}, body)
        place = (parts.scheme, parts.netloc)
        connection = await self._take(place)
        try:
            reply = await connection.ask(head, body, to)
        except BaseException:
            self._open.discard(connection)
            connection.abort()
            raise
        if connection.reusable:
            self._idle.setdefault(place, []).append(connection)
        else:
            self._open.discard(connection)
            connection.abort()
        return reply

    def close(self) -> None:
        """Close all connections; calls in flight end as broken."""
        for connection in self._open:
            connection.abort()
        self._open.clear()
        self._idle.clear()

    async def _take(self, place: tuple[str, str]) -> "_Connection":
        """An open connection that the host has not closed meanwhile, or a new one."""
        waiting = self._idle.get(place, [])
        while waiting:
            if (known := waiting.pop()).reusable:
                return known
            self._open.discard(known)
        parts = urlsplit("://".join(place))
        secure = parts.scheme == "https"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT):
                _, made = await loop.create_connection(
                    lambda: _Connection(loop),
                    parts.hostname or "",
                    parts.port or (443 if secure else 80),
                    ssl=self._tls if secure else None,
                )
        except ssl.SSLCertVerificationError:
            raise Untrusted from None
        except (OSError, UnicodeError) as error:
            raise Broken(type(error).__name__) from None
        self._open.add(made)
        return made


@dataclass
class _Arriving:
    """An answer of which some has come."""

    done: "asyncio.Future[Reply]"
    to: Path | None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    size: int = 0
    unpacked: int = 0
    came: list[bytes] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    packed: "zlib._Decompress | None" = None
    file: int | None = None
    whole: bool = False


class _Connection(asyncio.BufferedProtocol):
    """One connection and the one answer that it waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._block = memoryview(bytearray(_BLOCK))
        self._heard = 0.0
        self._now: _Arriving | None = None
        self.reusable = True

    async def ask(self, head: bytes, body: bytes | None, to: Path | None) -> Reply:
        """Send one request and wait for its answer."""
        self._now = now = _Arriving(self._loop.create_future(), to)
        self._parser = httptools.HttpResponseParser(self)
        self._heard = self._loop.time()
        self._watching = self._loop.call_later(_READ, self._watch)
        try:
            self._transport.write(head + body if body else head)
            return await now.done
        finally:
            self._watching.cancel()
            self._now = None
            if now.file is not None:
                os.close(now.file)

    def abort(self) -> None:
        """Close without waiting for anything."""
        self.reusable = False
        self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._block

    def buffer_updated(self, nbytes: int) -> None:
        now, self._heard = self._now, self._loop.time()
        if now is None or now.done.done():
            self.abort()  # nobody asked
            return
        try:
            self._parser.feed_data(self._block[:nbytes])
            self._store(now)
        except (httptools.HttpParserError, zlib.error) as error:
            self._fail(Broken(type(error).__name__))
        except OSError as error:  # the disk, not the network
            self._fail(error)
        else:
            if now.whole:
                self._finish(now)

    def eof_received(self) -> None:
        now = self._now
        if now is not None and now.status and not {"content-length", "transfer-encoding"} & now.headers.keys():
            self.reusable = False
            self._finish(now)  # an answer whose end is the connection's

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        self._fail(Broken(type(exc).__name__ if exc else "IncompleteRead"))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._now is not None:
            self._now.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        now = self._now
        if now is not None and self._parser.get_status_code() >= 200:  # before it, 1xx: another answer follows
            now.status = self._parser.get_status_code()
            if now.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
                now.packed = zlib.decompressobj(31)

    def on_body(self, body: bytes) -> None:
        if self._now is not None:
            self._now.came.append(body)

    def on_message_complete(self) -> None:
        if self._now is not None and self._now.status:
            self._now.whole = True
            self.reusable = self._parser.should_keep_alive()

    def _store(self, now: _Arriving) -> None:
        """Unpack what came just now, and keep it or write it where it is to go."""
        came, now.came = now.came, []
        if now.to is not None and now.file is None and 0 < now.status < 300:
            now.file = os.open(now.to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for part in came:
            now.size += len(part)
            data = now.packed.decompress(part) if now.packed else part
            now.unpacked += len(data)
            if now.packed and now.unpacked > max(BOMB_BYTES, BOMB_RATIO * now.size):
                self._fail(Broken("TooLarge"))
                return
            if now.file is None:
                now.parts.append(data)
            else:
                _write(now.file, data)

    def _finish(self, now: _Arriving) -> None:
        if now.packed is not None and now.size and not now.packed.eof:
            self._fail(Broken("IncompleteRead"))
            return
        body = now.parts[0] if len(now.parts) == 1 else b"".join(now.parts)
        if not now.done.done():
            now.done.set_result(Reply(now.status, now.headers, body, now.size))

    def _fail(self, error: Exception) -> None:
        self.reusable = False
        if self._now is not None and not self._now.done.done():
            self._now.done.set_exception(error)

    def _watch(self) -> None:
        left = self._heard + _READ - self._loop.time()
        if left <= 0:
            self._fail(Broken("TimeoutError"))
        else:
            self._watching = self._loop.call_later(left, self._watch)


def _head(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request without its body. Raises Broken for what could be read as more than one line."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None or method in ("POST", "PUT", "PATCH"):
        lines.append(f"content-length: {len(body or b'')}")
    if not (target.isascii() and target.isprintable() and " " not in target and "".join(lines).isprintable()):
        raise Broken("InvalidURL")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
