"""In which of the three orders a file writes its days, where nobody says it: one order holds for the whole file (P2-98)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells
from assets.import_files.findings import Problem
from assets.import_files.header import Column, Header
from assets.import_files.scan import Scanner
from schemas.imports import Effect

_TWO = ("MONTH_DAY_YEAR", "DAY_MONTH_YEAR")
_DAYS = r"^(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.]\d{4}$"
Doubt = tuple[int, Problem]


def date_order(path: Path, delimiter: str, header: Header, given: str | None) -> tuple[str, list[Doubt]]:
    """As said, else the order that most days of the file have; and where two orders fit all of them (P2-94).

    The doubts are one line a column: the first whose day would be another one in the other order.
    """
    dates = [c for c in header.columns if c.target is not None and c.target.kind == "date"]
    if given in cells.DATE_ORDERS or not dates:
        return given if given in cells.DATE_ORDERS else "YEAR_MONTH_DAY", []
    counts = dict.fromkeys((*cells.DATE_ORDERS, "both"), 0)
    first: dict[int, int] = {}
    for lines, table in _blocks(path, delimiter):
        for column in dates:
            values = table.column(column.place)
            fits = {order: cells.is_date(order)(values) for order in cells.DATE_ORDERS}
            either = pc.and_(*(fits[order] for order in _TWO))
            for name, mask in (*fits.items(), ("both", either)):
                counts[name] += pc.sum(mask).as_py() or 0
            _note(first, column, lines, pc.and_(either, _is_another_day(values)))
    order = max(cells.DATE_ORDERS, key=lambda name: counts[name])
    is_open = order in _TWO and counts[_TWO[0]] == counts[_TWO[1]] == counts["both"]
    return order, [_doubt(column, first[column.place]) for column in dates if is_open and column.place in first]


def _blocks(path: Path, delimiter: str) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
    scanner = Scanner(path, delimiter)
    try:
        yield from ((block.lines, block.cells) for block in scanner.blocks() if block.cells is not None)
    finally:
        scanner.close()


def _is_another_day(values: pa.Array) -> pa.Array:
    parts = pc.extract_regex(cells.trimmed(values), _DAYS)
    day, month = (pc.cast(pc.struct_field(parts, name), pa.int32()) for name in ("first", "second"))
    return pc.fill_null(pc.not_equal(day, month), False)


def _note(first: dict[int, int], column: Column, lines: np.ndarray, mask: pa.Array) -> None:
    found = lines[mask.to_numpy(zero_copy_only=False)]
    if len(found):
        first.setdefault(column.place, int(found[0]))


def _doubt(column: Column, line: int) -> Doubt:
    message = "month or day may come first; the request must say which"
    return line, Problem(column.place, column.header, "P2-94", Effect.MISREAD, message)
