"""Lists beside a night's files, one JSON object a line, written as they are read: a list may be as long as the plan."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import bodies
from assets.import_files.parts import FILE_MODE
from schemas.imports import Companion


def write_list(folder: Path, name: str, rows: pa.RecordBatchReader) -> Companion | None:
    """Write rows of text columns, their names as keys and null as `null`; None, and no file, where there is no row."""
    path, digest, size = folder / name, hashlib.sha256(), 0
    with path.open("wb") as file:
        path.chmod(FILE_MODE)
        for batch in rows:
            data = "".join(_lines(batch).to_pylist()).encode()
            file.write(data)
            digest.update(data)
            size += len(data)
    if not size:
        path.unlink()
        return None
    return Companion(file=name, bytes=size, sha256=digest.hexdigest())


def _lines(batch: pa.RecordBatch) -> pa.Array:
    parts = []
    for number, name in enumerate(batch.schema.names):
        value = pc.coalesce(bodies.json_text(batch.column(number)), "null")
        parts += [f'{", " if number else "{"}"{name}": ', value]
    return pc.binary_join_element_wise(*parts, "}\n", "")
