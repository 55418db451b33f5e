"""Delivered files damaged at random: bytes, lines, columns, encodings, sizes, packing. The same seed, the same damage."""

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

JUNK = b'",\n\r\0\xff{}[]:x1;<\xc3\\ \t\x1a='
Mutation = Callable[[bytes, random.Random], bytes]


def flipped(data: bytes, rnd: random.Random) -> bytes:
    """Some bits turned over."""
    changed = bytearray(data)
    for _ in range(rnd.choice([1, 2, 8, 40])):
        changed[rnd.randrange(len(changed))] ^= 1 << rnd.randrange(8)
    return bytes(changed)


def junk(data: bytes, rnd: random.Random) -> bytes:
    """Bytes that mean something to a parser, put in or put over others."""
    changed = bytearray(data)
    for _ in range(rnd.choice([1, 1, 3, 12])):
        start = rnd.randrange(len(changed) + 1)
        changed[start : start + rnd.choice([0, 1, 2])] = bytes(rnd.choice(JUNK) for _ in range(rnd.choice([1, 1, 3])))
    return bytes(changed)


def cut(data: bytes, rnd: random.Random) -> bytes:
    """Lines cut short, left out, doubled or joined; sometimes all from somewhere on."""
    lines = data.splitlines(keepends=True)
    place = rnd.randrange(len(lines))
    kind = rnd.randrange(5)
    if kind == 0:
        lines[place] = lines[place][: rnd.randrange(len(lines[place]) + 1)]
    elif kind == 1:
        del lines[place]
    elif kind == 2:
        lines[place:place] = [lines[place]] * rnd.choice([1, 2, 50])
    elif kind == 3:
        lines[place] = lines[place].rstrip(b"\r\n")
    else:
        return data[: rnd.randrange(len(data))]
    return b"".join(lines)


def shuffled(data: bytes, rnd: random.Random) -> bytes:
    """Lines in another order, the first one too."""
    lines = data.splitlines(keepends=True)
    rnd.shuffle(lines)
    return b"".join(lines)


def swapped(data: bytes, rnd: random.Random) -> bytes:
    """Cells of some lines, of the header only, or of all lines in another order; or the keys of JSON values exchanged."""
    lines = data.splitlines(keepends=True)
    some = rnd.choice([range(1), range(len(lines)), [rnd.randrange(len(lines))]])
    for place in some:
        cells = lines[place].rstrip(b"\r\n").split(b",")
        a, b = rnd.randrange(len(cells)), rnd.randrange(len(cells))
        cells[a], cells[b] = cells[b], cells[a]
        lines[place] = b",".join(cells) + b"\n"
    return b"".join(lines)


def encoded(data: bytes, rnd: random.Random) -> bytes:
    """Another encoding, of all of it or of a part; marks at the beginning; other line ends."""
    text = data.decode("utf-8")
    half = rnd.randrange(len(text))
    return rnd.choice(
        [
            lambda: text.encode("utf-16"), lambda: text.encode("utf-16-le"), lambda: text.encode("utf-32"),
            lambda: b"\xef\xbb\xbf" + data, lambda: (text[:half] + "é").encode("latin-1") + data[half:],
            lambda: data[:half] + "ü€".encode("cp1252") + data[half:], lambda: data.replace(b"\n", b"\r\n"),
            lambda: data.replace(b"\n", b"\r"), lambda: data[:half] + b"\xed\xa0\x80" + data[half:],
            lambda: text.encode("utf-7"), lambda: data[:half] + "\u2028\u0085\x0b".encode() + data[half:],
        ]
    )()  # fmt: skip


def huge(data: bytes, rnd: random.Random) -> bytes:
    """A cell, a line, a number or a depth that nobody meant."""
    place = rnd.randrange(len(data) + 1)
    size = rnd.choice([1_000, 70_000, 3_000_000])
    stuff = rnd.choice([b"x", b"9", b'"', b",", b"\n", b"[", b'{"a":', b" ", b"\xff", b"\0", b"1e"])
    return data[:place] + stuff * (size // len(stuff)) + data[place:]


def typed(data: bytes, rnd: random.Random) -> bytes:
    """JSON with a value of another type somewhere, or with a record that is none. Other files get lines of JSON."""
    odd = [None, True, -1, 1e308, 10**40, "", "x" * 50, [], {}, [[]], {"": None}, [1, "a"], {"a": {"b": []}}]
    try:
        found = json.loads(data)
    except ValueError:
        lines = data.splitlines(keepends=True)
        lines.insert(rnd.randrange(len(lines) + 1), json.dumps(rnd.choice(odd)).encode() + b"\n")
        return b"".join(lines)
    return json.dumps(_typed(found, rnd, odd)).encode()


def _typed(value: Any, rnd: random.Random, odd: list[Any]) -> Any:
    if rnd.random() < 0.25 or not isinstance(value, dict | list) or not value:
        return rnd.choice(odd)
    changed = value.copy()
    place = rnd.choice(list(changed)) if isinstance(changed, dict) else rnd.randrange(len(changed))
    changed[place] = _typed(changed[place], rnd, odd)
    return changed


MUTATIONS: tuple[Mutation, ...] = (flipped, junk, junk, cut, cut, shuffled, swapped, encoded, huge, typed)


def damaged(name: str, data: bytes, rnd: random.Random) -> tuple[str, bytes, str]:
    """Name, bytes and kind of damage of a file; one in eight is packed, and the package itself is sometimes damaged."""
    mutation = rnd.choice(MUTATIONS)
    changed = mutation(data, rnd)
    if rnd.random() < 0.06:
        changed = flipped(changed, rnd) if changed else changed
    if rnd.random() >= 0.125:
        return name, changed, mutation.__name__
    packed = gzip.compress(changed, 1)
    spoil = rnd.randrange(5)
    if spoil == 0:
        packed = flipped(packed, rnd)
    elif spoil == 1:
        packed = packed[: rnd.randrange(len(packed))]
    elif spoil == 2:
        packed += rnd.choice([b"\0" * 100, b"trailing", packed, packed[:9]])
    elif spoil == 3:
        packed = changed
    return f"{name}.gz", packed, f"packed {mutation.__name__}"


def bomb(first: bytes, repeated: bytes, size: int) -> bytes:
    """A small .gz that unpacks to `first` and then to about `size` bytes of one thing repeated."""
    block = repeated * ((8 << 20) // len(repeated))
    return gzip.compress(first, 1) + gzip.compress(block, 9) * (size // len(block) + 1)
