"""Small answers of an API as tables of text: definitions, owners, lists, one page of records; hundreds of rows, not millions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa


def text_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, ...]] | None = None) -> pa.Table:
    """Text columns: numbers and booleans as JSON has them, what is nested as JSON, NUL characters left out.

    `columns`: column -> keys that lead to its value; None takes every key of the first level. What is blank is null.
    """
    paths = columns or {name: (name,) for name in dict.fromkeys(name for row in rows for name in row)}
    found = {name: pa.array([_text(_at(row, path)) for row in rows], pa.string()) for name, path in paths.items()}
    return pa.table(found)


def _at(row: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        row = row.get(name) if isinstance(row, Mapping) else None
    return row


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\0", "") or None
