"""JSON deliveries as Arrow tables of text: API objects one a line, or the API's answer as one document.

DuckDB reads the JSON, all columns of a block of lines at once; numbers and booleans become their JSON text, nested values stay
JSON, null and the empty string are null.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from assets.shared.failures import InputRefused
from assets.shared.records import Bad
from assets.shared.tabular import MOST_COLUMNS, Chunk
from schemas.contract import Broken

LONGEST_LINE = LARGEST_ANSWER = 256 << 20


def read_lines(name: str, blocks: Iterable[bytes], fixed: Mapping[str, str], nested: str | None) -> Iterator[Chunk]:
    """Objects one a line. `fixed`: column -> JSON pointer; `nested`: pointer of an object all of whose keys become columns.

    A line that is not an object is a bad line. Columns differ from chunk to chunk, as keys do.
    """
    reader = _Reader(name, fixed, nested)
    rest, line = b"", 1
    for block in (*blocks, b"") if isinstance(blocks, list | tuple) else _with_end(blocks):
        data = rest + block
        end = data.rfind(b"\n") + 1 if block else len(data)
        rest = data[end:]
        if len(rest) > LONGEST_LINE:
            raise InputRefused(f"{name}: line {line}: more than {LONGEST_LINE:,} bytes in one line; one object a line")
        if end:
            yield reader.chunk(data[:end], line)
            line += data[:end].count(b"\n")


def whole_answer(name: str, blocks: Iterable[bytes]) -> bytes:
    """All bytes of an answer, which is read at once and hence may not be of any size. Raises InputRefused."""
    data = bytearray()
    for block in blocks:
        data += block
        if len(data) > LARGEST_ANSWER:
            raise InputRefused(f"{name}: more than {LARGEST_ANSWER:,} bytes in one answer")
    if not data.strip():
        raise InputRefused(f"{name}: is empty; an answer without records is []")
    return bytes(data)


def read_answer(name: str, data: bytes, lists: tuple[str, ...], *, single: bool = False) -> list[object]:
    """The records of an API answer: a bare array, or the array under one of the names `lists`; `single`: or the answer itself.

    Raises InputRefused for what is no such answer, for the first of several pages, and for records that are no objects.
    """
    try:
        found = json.loads(data)
    except UnicodeDecodeError:
        raise InputRefused(f"{name}: is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise InputRefused(f"{name}: line {error.lineno}: is not JSON; it may be cut off") from None
    except (RecursionError, ValueError):
        raise InputRefused(f"{name}: is not JSON that can be read") from None
    if isinstance(found, dict):
        if found.get("hasMore") is True or _next_page(found):
            raise InputRefused(f"{name}: is only the first page of the API's answer; fetch the others too")
        bare = [found] if single else None
        found = next((found[key] for key in lists if isinstance(found.get(key), list)), bare)
    if not isinstance(found, list):
        raise InputRefused(f"{name}: has no array of records; expected {' or '.join(lists)}, or a bare array")
    strange = next((number for number, record in enumerate(found, 1) if not isinstance(record, dict)), None)
    if strange is not None:
        raise InputRefused(f"{name}: record {strange} is not an object; each record of an answer is one")
    return found


def refuse_nameless(name: str, table: pa.Table, required: Iterable[str]) -> None:
    """Raises InputRefused where no record of an answer has an id (the columns `required`), as for a CSV without the column."""
    lacking = [c for c in required if c not in table.column_names or table[c].null_count == table.num_rows]
    if table.num_rows and lacking:
        raise InputRefused(f"{name}: no record has {' and '.join(lacking)}; without it no record has an id")


def table_of(records: list[object], fixed: Mapping[str, str], nested: str | None, name: str = "answer") -> Chunk:
    """Records of an answer as text columns; the line of a record is its place in the array, from 1."""
    lines = [json.dumps(record, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") for record in records]
    return _Reader(name, fixed, nested).chunk(b"\n".join(lines) + b"\n" if lines else b"", 1)


def _next_page(found: Mapping[str, object]) -> bool:
    paging = found.get("paging")
    return isinstance(paging, dict) and bool(paging.get("next"))


def _with_end(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


class _Reader:
    def __init__(self, name: str, fixed: Mapping[str, str], nested: str | None) -> None:
        self._name = name
        self._fixed = dict(fixed)
        self._nested = nested
        self._con = _database().cursor()

    def chunk(self, data: bytes, first: int) -> Chunk:
        """Rows of whole lines, the first of which is line `first` of the file."""
        lines, texts, bad = _lines(data, first)
        source = pa.table({"line": texts, "source_line": lines})
        self._con.register("source", source)
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE checked AS SELECT line, source_line, "
            "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' "
            "AND coalesce(json_type(line, ?), 'OBJECT') = 'OBJECT' ELSE FALSE END AS sound FROM source",
            [self._nested or "$"],
        )
        broken = self._con.execute("SELECT source_line, line FROM checked WHERE NOT sound ORDER BY ALL").fetchall()
        bad += [Bad(line, text.encode(), Broken.INVALID_JSON) for line, text in broken]
        pointers = dict(self._fixed)
        if self._nested is not None:
            keys = self._con.execute(
                "SELECT DISTINCT unnest(json_keys(line, ?)) FROM checked WHERE sound", [self._nested or "$"]
            ).fetchall()
            for (key,) in sorted(keys):
                if key not in pointers:
                    if len(pointers) >= MOST_COLUMNS:
                        raise InputRefused(
                            f"{self._name}: more than {MOST_COLUMNS:,} properties; no object has as many"
                        )
                    pointers[key] = f"{self._nested}/{key.replace('~', '~0').replace('/', '~1')}"
        return Chunk(self._columns(pointers, strip=b"\\u0000" in data), bad)

    def _columns(self, pointers: Mapping[str, str], *, strip: bool) -> pa.Table:
        """One text column a pointer; the empty string is null, NUL characters are dropped."""
        found = self._con.sql(_cells(len(pointers), strip=strip), params=[[*pointers.values()]]).to_arrow_table()
        return found.rename_columns([*pointers, "source_line"])


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database for all readers of a process, each with tables of its own: opening one takes longer than reading an answer."""
    return duckdb.connect(config={"memory_limit": "1GB"})


@cache
def _cells(count: int, *, strip: bool) -> str:
    """The cells `c0`, `c1` ... of the sound lines, whose pointers are bound; with `strip` without NUL characters."""
    columns: list[exp.Expr] = []
    for place in range(1, count + 1):
        cell = exp.func("list_extract", exp.column("cells"), exp.Literal.number(place), copy=False)
        if strip:
            nul = exp.Chr(expressions=[exp.Literal.number(0)])
            cell = exp.func("replace", cell, nul, exp.Literal.string(""), copy=False)
        blank = exp.Nullif(this=cell, expression=exp.Literal.string(""))
        columns.append(exp.alias_(blank, f"c{place - 1}", copy=False))
    cells = exp.func("json_extract_string", exp.column("line"), exp.Placeholder(), copy=False)
    sound = exp.select(exp.alias_(cells, "cells", copy=False), "source_line").from_("checked").where("sound")
    query = exp.select(*columns, "source_line", copy=False).from_(sound.subquery("found", copy=False), copy=False)
    return query.order_by("source_line", copy=False).sql("duckdb")


def _lines(data: bytes, first: int) -> tuple[pa.Array, pa.Array, list[Bad]]:
    """Lines that are not blank, as text with their numbers; lines that are not UTF-8 are bad."""
    view = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(view == 10) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    numbers = pa.array(first + np.arange(len(starts)), pa.int64())
    bad: list[Bad] = []
    offsets = pa.array(np.append(starts, len(data)), pa.int64())
    raw = pa.Array.from_buffers(pa.large_binary(), len(starts), [None, offsets.buffers()[1], pa.py_buffer(data)])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        fine = np.array([_decodes(line) for line in raw.to_pylist()], bool)
        bad = [Bad(int(numbers[int(i)].as_py()), b"", Broken.INVALID_ENCODING) for i in np.flatnonzero(~fine)]
        numbers, raw = numbers.filter(pa.array(fine)), raw.filter(pa.array(fine))
    texts = pc.utf8_trim_whitespace(raw.cast(pa.large_string()))
    keep = pc.not_equal(texts, "")
    return numbers.filter(keep), texts.filter(keep), bad


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
