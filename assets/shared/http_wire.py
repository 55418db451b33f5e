"""Bytes to and from a host: connections that are kept open, by the standard library's client, a thread for each call in flight.

Costs a tenth of the CPU of an asynchronous client in Python a call, which is what most of a large extraction was spent on. TLS is
verified; proxies of the environment are not used; nothing is followed or decided here.
"""

import asyncio
import http.client
import select
import socket
import ssl
import threading
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_BLOCK = 1 << 20
_CONNECT, _READ = 15.0, 60.0  # seconds


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
    """Connections to hosts; close it when no call is in flight any more, or to end those that are."""

    def __init__(self, in_flight: int) -> None:
        self._threads = ThreadPoolExecutor(in_flight, thread_name_prefix="crm")
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._open: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()
        self._tls = ssl.create_default_context()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, to: Path | None = None
    ) -> Reply:
        """One call. With `to`, the body of an answer below 300 is streamed there. Raises Broken, or Untrusted."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._ask, method, url, headers, body, to)

    def close(self) -> None:
        """Close all connections; calls in flight end as broken."""
        with self._lock:
            connections, self._open, self._idle = list(self._open), set(), {}
        for connection in connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, to: Path | None) -> Reply:
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        connection = self._take(place)
        try:
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request(method, target, body=body, headers={"accept-encoding": "gzip", **headers})
            if connection.sock is not None:
                connection.sock.settimeout(_READ)
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            streamed = to if response.status < 300 else None
            data, size = _read(response, named, streamed)
        except ssl.SSLCertVerificationError:
            self._drop(connection)
            raise Untrusted from None
        except (OSError, http.client.HTTPException, zlib.error) as error:
            self._drop(connection)
            raise Broken(type(error).__name__) from None
        except BaseException:
            self._drop(connection)
            raise
        self._give(place, connection, keep=not response.will_close)
        return Reply(response.status, named, data, size)

    def _take(self, place: tuple[str, str]) -> http.client.HTTPConnection:
        """An open connection that the host has not closed meanwhile, or a new one."""
        while True:
            with self._lock:
                waiting = self._idle.get(place)
                known = waiting.pop() if waiting else None
            if known is None:
                break
            if known.sock is not None and not select.select([known.sock], [], [], 0)[0]:
                return known
            self._drop(known)
        scheme, netloc = place
        if scheme == "https":
            new: http.client.HTTPConnection = http.client.HTTPSConnection(netloc, timeout=_CONNECT, context=self._tls)
        else:
            new = http.client.HTTPConnection(netloc, timeout=_CONNECT)
        with self._lock:
            self._open.add(new)
        return new

    def _give(self, place: tuple[str, str], connection: http.client.HTTPConnection, *, keep: bool) -> None:
        with self._lock:
            if keep and connection in self._open:
                self._idle.setdefault(place, []).append(connection)
                return
        self._drop(connection)

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _read(response: http.client.HTTPResponse, headers: Mapping[str, str], to: Path | None) -> tuple[bytes, int]:
    """The body, unpacked, or nothing where it went into a file; and its size on the wire. Raises for one that was cut off."""
    packed = zlib.decompressobj(31) if headers.get("content-encoding", "") == "gzip" else None
    if to is None:
        data = response.read()
        return (packed.decompress(data) + packed.flush() if packed and data else data), len(data)
    size = 0
    expected = int(headers["content-length"]) if headers.get("content-length", "").isdigit() else None
    with to.open("wb") as file:
        while block := response.read(_BLOCK):
            size += len(block)
            file.write(packed.decompress(block) if packed else block)
        if packed:
            file.write(packed.flush())
    if (expected is not None and size != expected) or (packed is not None and size and not packed.eof):
        raise http.client.IncompleteRead(b"")
    return b"", size
