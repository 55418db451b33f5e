"""Record ids of the two CRMs, made for whole columns at once."""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from tests.bench.portal.draw import Ints

_DIGITS = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
_CHECK = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", dtype=np.uint8)
_POD = np.frombuffer(b"Wy0", dtype=np.uint8)
_FIRST_NUMBER = 3_400_000  # so that ids use upper and lower case from the start

PREFIXES = {
    "Account": b"001",
    "Contact": b"003",
    "User": b"005",
    "Opportunity": b"006",
    "Lead": b"00Q",
    "Group": b"00G",
    "Campaign": b"701",
    "CampaignMember": b"00v",
    "OpportunityContactRole": b"00K",
}


def text_column(cells: npt.NDArray[np.uint8]) -> pl.Series:
    """A text column from a byte matrix, one row a cell, without a Python object for each."""
    rows, width = cells.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(cells))]
    series = pl.from_arrow(pa.Array.from_buffers(pa.large_string(), rows, buffers))
    assert isinstance(series, pl.Series)
    return series


def salesforce(kind: str, number: Ints, length: int = 18) -> pl.Series:
    """Salesforce ids of 18 (or 15) characters: key prefix, pod, number to base 62, checksum of the upper-case letters."""
    cells = np.empty((len(number), 18), dtype=np.uint8)
    cells[:, :3] = np.frombuffer(PREFIXES[kind], dtype=np.uint8)
    cells[:, 3:6] = _POD
    rest = number + _FIRST_NUMBER
    for place in range(14, 5, -1):
        cells[:, place] = _DIGITS[rest % 62]
        rest = rest // 62
    upper = (cells[:, :15] >= ord("A")) & (cells[:, :15] <= ord("Z"))
    for group in range(3):
        weights = upper[:, group * 5 : group * 5 + 5] @ np.array([1, 2, 4, 8, 16])
        cells[:, 15 + group] = _CHECK[weights]
    return text_column(cells[:, :length])


def hubspot(number: Ints, first: int) -> pl.Series:
    """HubSpot ids: plain numbers, written as text."""
    return pl.Series(number * 3 + first).cast(pl.String)
