"""Bytes of answers as servers may send them, from a socket that says exactly these: in pieces, packed, cut off, of no length."""

import asyncio
import gzip
from pathlib import Path

import pytest

from assets.shared.http_wire import Broken, Reply, Wire

TEXT = "Ø'Brien ".encode() * 20_000
PACKED = gzip.compress(TEXT)
OK = b"HTTP/1.1 200 OK\r\n"


def chunked(body: bytes) -> bytes:
    parts = [body[n : n + 7_000] for n in range(0, len(body), 7_000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def answered(*answers: bytes, to: Path | None = None) -> list[Reply]:
    """What comes of asking once for each answer; the server closes after the last one."""

    async def main() -> list[Reply]:
        left = list(answers)
        connections = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(writer)
            while left:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(left.pop(0))
                await writer.drain()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            wire = Wire()
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a?b=1"
            try:
                return [await wire.ask("GET", url, {}, None, to) for _ in answers]
            finally:
                wire.close()
                assert len(connections) == 1, "a connection that may be used again is"

    return asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: %d\r\n\r\n" % len(TEXT) + TEXT,
        OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(TEXT),
        OK + b"Content-Encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(PACKED) + PACKED,
        OK + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(PACKED),
        OK + b"CONTENT-ENCODING: X-GZIP\r\ncontent-length: %d\r\n\r\n" % len(PACKED) + PACKED,
        OK + b"\r\n" + TEXT,
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK + b"content-length: %d\r\n\r\n" % len(TEXT) + TEXT,
    ],
    ids=["length", "chunked", "packed", "packed and chunked", "packed by its old name", "until the end", "hints first"],
)
def test_a_body_is_the_same_however_it_is_sent(answer: bytes, tmp_path: Path) -> None:
    (reply,) = answered(answer)
    assert (reply.status, reply.body) == (200, TEXT)
    (reply,) = answered(answer, to=tmp_path / "file")
    assert (reply.body, (tmp_path / "file").read_bytes()) == (b"", TEXT)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"content-length: 500\r\n\r\n" + b"x" * 499,
        OK + b"transfer-encoding: chunked\r\n\r\n" + chunked(TEXT)[:-7],
        OK + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n" + chunked(PACKED[:-9]),
        OK + b"content-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
        OK[:9],
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
    ids=["short", "chunks", "packed short", "not packed", "half a line", "nothing", "another protocol"],
)
def test_what_was_cut_off_is_broken(answer: bytes, tmp_path: Path) -> None:
    with pytest.raises(Broken):
        answered(answer)
    with pytest.raises(Broken):
        answered(answer, to=tmp_path / "file")


def test_one_connection_carries_one_answer_after_the_other_and_a_refusal_goes_into_no_file(tmp_path: Path) -> None:
    bodies = [b"first", b"", b"third"]
    said = [OK + b"content-length: %d\r\n\r\n" % len(body) + body for body in bodies]
    assert [reply.body for reply in answered(*said)] == bodies
    refusal = b"HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno"
    (reply,) = answered(refusal, to=tmp_path / "file")
    assert (reply.status, reply.body, (tmp_path / "file").exists()) == (503, b"no", False)


@pytest.mark.parametrize("url", ["/a b", "/a\x7f", "/ø"])
def test_what_is_not_an_address_is_not_sent(url: str) -> None:
    with pytest.raises(Broken):
        asyncio.run(Wire().ask("GET", f"http://127.0.0.1:9{url}", {}))


def test_a_header_of_two_lines_is_not_sent() -> None:
    with pytest.raises(Broken):
        asyncio.run(Wire().ask("GET", "http://127.0.0.1:9/", {"authorization": "Bearer a\r\nhost: elsewhere"}))


def test_a_small_answer_that_unpacks_to_an_enormous_one_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.shared.http_wire.BOMB_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(8 << 20))
    with pytest.raises(Broken, match="TooLarge"):
        answered(OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb) + bomb)
