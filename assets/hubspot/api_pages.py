"""Pages of API objects as Arrow tables of text, all records of some pages at once.

They are decoded by types made for the properties that were asked for. What does not fit them (a number where the contract says
text, history, NUL characters) is read again by the tolerant reader that exports in JSON lines go through.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.shared.objects import read_lines

_ENVELOPE = {"hs_object_id": "/id", "archived": "/archived", "archivedAt": "/archivedAt"}
HISTORY = "propertiesWithHistory"
Pages = Sequence[tuple[bytes, int, int]]


class _Bare(msgspec.Struct, gc=False):
    """A record without its properties."""

    id: str
    archived: bool = False
    archivedAt: str | None = None  # noqa: N815 (the API's name)


def records(pages: Pages, properties: Sequence[str], *, history: bool = False) -> pa.Table:
    """hs_object_id, archived (`true` or null), archivedAt, then the properties; each page narrowed to ids in (low, high].

    Empty text is null, as in an export. Columns are text.
    """
    wanted = [name for name in dict.fromkeys(properties) if name != "hs_object_id"]
    found = None if history or any(_has_nul(body) for body, _, _ in pages) else _fast(pages, wanted)
    return found if found is not None else _tolerant(pages, wanted, history=history)


def _has_nul(body: bytes) -> bool:
    return b"\\" in body and rb"\u0000" in body  # a single character is looked for ten times faster


@lru_cache(maxsize=16)
def _decoder(wanted: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """Reads a page into records whose property number n is the field `p<n>`."""
    fields = {f"p{n}": name for n, name in enumerate(wanted)}
    values = msgspec.defstruct("Values", [(n, str | None, None) for n in fields], rename=fields, gc=False)
    record = msgspec.defstruct(
        "Record", [("properties", values)] if wanted else [], bases=(_Bare,), kw_only=True, gc=False
    )
    return msgspec.json.Decoder(msgspec.defstruct("Page", [("results", list[record])], gc=False))  # type: ignore[valid-type]


def _fast(pages: Pages, wanted: list[str]) -> pa.Table | None:
    decoder = _decoder(tuple(wanted))
    try:
        found = [decoder.decode(body).results for body, _, _ in pages]
    except ValueError:  # also what is no UTF-8
        return None
    rows = [row for page in found for row in page]
    values = [row.properties for row in rows] if wanted else []
    columns = {
        "hs_object_id": _column("id", rows),
        "archived": pa.array(["true" if row.archived else None for row in rows], pa.string()),
        "archivedAt": _column("archivedAt", rows),
        **{name: _column(f"p{n}", values) for n, name in enumerate(wanted)},
    }
    return _bounded(pa.table(columns), pages, np.array([len(page) for page in found], np.int64))


def _column(name: str, rows: list[Any]) -> pa.Array:
    column = pa.array(list(map(attrgetter(name), rows)), pa.string())
    blank = pc.equal(column, "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), column) if pc.any(blank).as_py() else column


def _tolerant(pages: Pages, wanted: list[str], *, history: bool) -> pa.Table:
    lines: list[bytes] = []
    sizes = []
    for body, _, _ in pages:
        results = json.loads(body)["results"]
        sizes.append(len(results))
        lines += [json.dumps(row, ensure_ascii=False).encode(errors="replace") for row in results]
    pointers = _ENVELOPE | {name: f"/properties/{name.replace('~', '~0').replace('/', '~1')}" for name in wanted}
    pointers |= {HISTORY: f"/{HISTORY}"} if history else {}
    chunks = [c.table for c in read_lines("answer", [b"\n".join(lines) + b"\n"], pointers, None)] if lines else []
    names = list(pointers)
    if not chunks:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    table = pa.concat_tables(chunks).select(names).cast(pa.schema([(n, pa.string()) for n in names]))
    flag = pc.if_else(pc.equal(table.column("archived"), "true"), pa.scalar("true"), pa.scalar(None, pa.string()))
    table = table.set_column(table.column_names.index("archived"), "archived", flag)
    return _bounded(table, pages, np.array(sizes))


def _bounded(table: pa.Table, pages: Pages, sizes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Table:
    ids = table.column("hs_object_id").cast(pa.int64()).to_numpy()
    low = np.repeat(np.array([low for _, low, _ in pages], np.int64), sizes)
    high = np.repeat(np.array([high for _, _, high in pages], np.int64), sizes)
    inside = (ids > low) & (ids <= high)
    return table if inside.all() else table.filter(pa.array(inside))
