"""Bodies of HubSpot's batch API, one a line: clears (values ""), archives, creates. Built as text, column-wise.

A line holds at most as many records as one call takes; the rows of a file are its records, not its lines.
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files.parts import FILE_MODE, Part

_PLAIN = re.compile(r"^[A-Za-z0-9_.-]+$")


class BodyWriter:
    """Writes `<stem>.jsonl`; inputs of several slices share a line."""

    def __init__(self, folder: Path, stem: str, *, inputs_per_line: int) -> None:
        self._path = folder / f"{stem}.jsonl"
        self._size = inputs_per_line
        self._file = self._path.open("wb")
        self._path.chmod(FILE_MODE)
        self._hash = hashlib.sha256()
        self._bytes = 0
        self._rows = 0
        self._waiting = pa.array([], pa.string())

    def write(self, inputs: pa.Array) -> None:
        """Append records, each the JSON text of one member of `inputs`."""
        waiting = pa.concat_arrays([self._waiting, inputs])
        full = len(waiting) // self._size * self._size
        self._lines(waiting.slice(0, full))
        self._waiting = waiting.slice(full)

    def close(self) -> list[Part]:
        """Finish; returns the one part."""
        self._lines(self._waiting)
        self._file.close()
        return [Part(self._path.name, self._rows, self._bytes, self._hash.hexdigest())]

    def _lines(self, inputs: pa.Array) -> None:
        if len(inputs) == 0:
            return
        offsets = np.append(np.arange(0, len(inputs), self._size), len(inputs)).astype(np.int32)
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), inputs), ",")
        lines = pc.binary_join_element_wise('{"inputs":[', joined, "]}\n", "")
        data = "".join(lines.to_pylist()).encode()
        self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)
        self._rows += len(inputs)


def archive_inputs(ids: pa.Array) -> pa.Array:
    """`{"id": …}` of each record id."""
    return pc.binary_join_element_wise('{"id":', json_text(ids), "}", "")


def update_inputs(ids: pa.Array, columns: dict[str, pa.Array]) -> pa.Array:
    """`{"id": …, "properties": {…}}`: the columns' non-null values; an empty text clears the property."""
    return pc.binary_join_element_wise(
        '{"id":', json_text(ids), ',"properties":{', _members(columns, len(ids)), "}}", ""
    )


def create_inputs(trace: pa.Array, columns: dict[str, pa.Array], associations: pa.Array | None = None) -> pa.Array:
    """`{"properties": {…}, "associations": […], "objectWriteTraceId": …}`: the trace id comes back with an error.

    `associations` are JSON texts, null for none.
    """
    traced = pc.fill_null(pc.binary_join_element_wise(',"objectWriteTraceId":', json_text(trace), ""), "")
    joined = pa.array([""] * len(trace), pa.string())
    if associations is not None:
        joined = pc.fill_null(pc.binary_join_element_wise(',"associations":', associations, ""), "")
    return pc.binary_join_element_wise('{"properties":{', _members(columns, len(trace)), "}", joined, traced, "}", "")


def json_text(values: pa.Array) -> pa.Array:
    """JSON strings of texts, null for null; everything that any reader takes for a line break is escaped."""
    text = pc.replace_substring(pc.replace_substring(values, "\\", "\\\\"), '"', '\\"')
    if pc.any(pc.match_substring_regex(text, r"[\x00-\x1f\x{85}\x{2028}\x{2029}]"), min_count=0).as_py():
        for code in (*range(32), 0x85, 0x2028, 0x2029):
            text = pc.replace_substring(text, chr(code), json.dumps(chr(code))[1:-1])
    return pc.binary_join_element_wise('"', text, '"', "")


def _members(columns: dict[str, pa.Array], rows: int) -> pa.Array:
    """The non-null members of each row, joined by commas: lists of members without their nulls, row after row."""
    if not columns:
        return pa.array([""] * rows, pa.string())
    members = [
        pc.binary_join_element_wise(f"{_name(name)}:", json_text(values), "")
        for name, values in sorted(columns.items())
    ]
    present = np.stack([m.is_valid().to_numpy(zero_copy_only=False) for m in members], axis=1)
    places = np.arange(rows)[:, None] + np.arange(len(members))[None, :] * rows
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    flat = pa.concat_arrays(members).take(pa.array(places[present]))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), flat), ",")


def _name(name: str) -> str:
    return f'"{name}"' if _PLAIN.match(name) else json.dumps(name, ensure_ascii=False)
