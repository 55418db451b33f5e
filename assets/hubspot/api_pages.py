"""Pages of API objects as Arrow tables of text, all records of some megabytes at once.

Arrow reads the pages by an explicit schema. What does not fit it (a number where the contract says text, history, NUL characters)
is read again by the tolerant reader that exports in JSON lines go through.
"""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from assets.shared.objects import read_lines

_ENVELOPE = {"hs_object_id": "/id", "archived": "/archived", "archivedAt": "/archivedAt"}
HISTORY = "propertiesWithHistory"
Pages = Sequence[tuple[bytes, int, int]]


def records(pages: Pages, properties: Sequence[str], *, history: bool = False) -> pa.Table:
    """hs_object_id, archived (`true` or null), archivedAt, then the properties; each page narrowed to ids in (low, high].

    Empty text is null, as in an export. Columns are text.
    """
    wanted = [name for name in dict.fromkeys(properties) if name != "hs_object_id"]
    found = None if history or any(rb"\u0000" in body for body, _, _ in pages) else _fast(pages, wanted)
    return found if found is not None else _tolerant(pages, wanted, history=history)


def _fast(pages: Pages, wanted: list[str]) -> pa.Table | None:
    inner = pa.struct([(name, pa.string()) for name in wanted])
    record = pa.struct(
        [("id", pa.string()), ("archived", pa.bool_()), ("archivedAt", pa.string()), ("properties", inner)]
    )
    data = b"\n".join(body.replace(b"\n", b" ") for body, _, _ in pages)  # a line end inside a string is always escaped
    try:
        read = arrow_json.read_json(
            pa.py_buffer(data),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=pa.schema([("results", pa.list_(record))]), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowInvalid:
        return None
    column = read.column("results").combine_chunks()
    sizes = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    rows = column.flatten()
    rows = rows.combine_chunks() if isinstance(rows, pa.ChunkedArray) else rows
    ids, archived, at, values = rows.flatten()
    cells = dict(zip([f.name for f in values.type], values.flatten(), strict=True)) if wanted else {}
    if b'""' in data:  # rarely: HubSpot says null
        cells = {name: _blank(column) for name, column in cells.items()}
    table = pa.table(
        {
            "hs_object_id": ids,
            "archived": pc.if_else(pc.fill_null(archived, False), pa.scalar("true"), pa.scalar(None, pa.string())),
            "archivedAt": at,
            **{name: cells[name] for name in wanted},
        }
    )
    return _bounded(table, pages, sizes)


def _tolerant(pages: Pages, wanted: list[str], *, history: bool) -> pa.Table:
    lines: list[bytes] = []
    sizes = []
    for body, _, _ in pages:
        results = json.loads(body)["results"]
        sizes.append(len(results))
        lines += [json.dumps(row, ensure_ascii=False).encode() for row in results]
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


def _blank(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _bounded(table: pa.Table, pages: Pages, sizes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Table:
    ids = table.column("hs_object_id").cast(pa.int64()).to_numpy()
    low = np.repeat(np.array([low for _, low, _ in pages], np.int64), sizes)
    high = np.repeat(np.array([high for _, _, high in pages], np.int64), sizes)
    inside = (ids > low) & (ids <= high)
    return table if inside.all() else table.filter(pa.array(inside))
