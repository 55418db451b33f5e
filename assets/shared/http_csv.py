"""A CSV that a CRM wrote, as Arrow tables of text: newlines in values, NUL bytes, no rows, columns in any order."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from assets.shared.failures import CrosswalkError
from assets.shared.words import counted

# A reader's blocks come and go on threads of its own; the system's allocator keeps a heap for each of them.
_POOL = pa.mimalloc_memory_pool() if "mimalloc" in pa.supported_memory_backends() else pa.system_memory_pool()
_BLOCK = 1 << 18
_BLOCKS = (_BLOCK, 16 << 20)  # a record lies within one; Salesforce's long texts may hold six megabytes together


def read_page(path: Path, columns: list[str], expected: int, *, crm: str = "salesforce") -> Iterator[pa.Table]:
    """Rows of a page, some hundred kilobytes at a time, in the order of `columns`; null and the empty text are the same in it.

    Raises CrosswalkError where the number of rows is not the one that the answer's header named (-1: it named none), or a
    column is missing.
    """
    names = header_of(path)
    rows = 0
    if names:
        _strip(path)
        options = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=columns,
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        )
        for block in _BLOCKS:
            try:
                reader = arrow_csv.open_csv(
                    path,
                    read_options=arrow_csv.ReadOptions(
                        use_threads=False, block_size=block, column_names=names, skip_rows=1, skip_rows_after_names=rows
                    ),
                    parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                    convert_options=options,
                    memory_pool=_POOL,
                )
                for batch in reader:
                    rows += batch.num_rows
                    yield pa.Table.from_batches([batch])
                break
            except (pa.ArrowInvalid, KeyError):
                if block == _BLOCKS[-1]:
                    raise CrosswalkError(
                        f"{crm}: a result page of {path.stem} is not the CSV that was asked for"
                    ) from None
    if expected >= 0 and rows != expected:
        raise CrosswalkError(
            f"{crm}: a result page of {path.stem} has {counted(rows, 'record')}, its header said {expected:,}"
        )


def header_of(path: Path) -> list[str]:
    """Names of the columns; none of an empty file."""
    with path.open("rb") as file:
        line = file.readline().removeprefix(b"\xef\xbb\xbf")
    return [cell.strip().strip(b'"').decode() for cell in line.rstrip(b"\r\n").split(b",")] if line.strip() else []


def _strip(path: Path) -> None:
    """Drop NUL bytes; they end a value in much software, and Salesforce lets them in."""
    with path.open("rb") as file:
        if not any(b"\0" in block for block in iter(lambda: file.read(_BLOCK), b"")):
            return
    clean = path.with_suffix(".clean")
    with path.open("rb") as source, clean.open("wb") as target:
        for block in iter(lambda: source.read(_BLOCK), b""):
            target.write(block.replace(b"\0", b""))
    clean.replace(path)
