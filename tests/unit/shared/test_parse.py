"""Cells to values: the forms that are read, and the ones that are not guessed at."""

import string
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.shared.parse import (
    booleans,
    dates,
    integers,
    moments,
    salesforce_id_lists,
    salesforce_ids,
    typed,
)
from schemas.contract import Kind

AT = datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:11:12Z", AT),
        ("2026-11-20T10:11:12.000Z", AT),
        ("2026-11-20T10:11:12.123456789Z", AT.replace(microsecond=123456)),
        ("2026-11-20T10:11:12.5+0000", AT.replace(microsecond=500000)),
        ("2026-11-20T10:11:12+00:00", AT),
        ("2026-11-20T12:11:12+0200", AT),
        ("2026-11-20T04:41:12-05:30", AT),
        ("2026-11-20T12:11:12+02", AT),
        ("2026-11-20 10:11:12", AT),
        ("2026-11-20 10:11:12 UTC", AT),
        ("2026-11-20 10:11:12 +0000", AT),
        ("2026-11-20T10:11:12,25Z", AT.replace(microsecond=250000)),
        ("2026-11-20t10:11:12z", AT),
        ("2026-11-20T10:11", AT.replace(second=0)),
        ("2026-11-20 10:11", AT.replace(second=0)),
        ("2026-11-20", AT.replace(hour=0, minute=0, second=0)),
        (" 2026-11-20T10:11:12Z ", AT),
        ("20261120", AT.replace(hour=0, minute=0, second=0)),
        ("20261120T101112Z", AT),
        ("86400000", datetime(1970, 1, 2, tzinfo=UTC)),
        ("1795169472000", AT),
        ("1795169472001", AT.replace(microsecond=1000)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("-86400000", datetime(1969, 12, 31, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert moments(pl.Series([text, "2026-11-20T10:11:12Z"])).to_list() == [moment, AT]


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T00:00:00Z", "2026-02-30", "20260230", "2026-13-01", "11/20/2026", "20.11.2026", "soon", "2026-11-20T25:00:00Z",
     "2026-11-20T10:61:00Z", "999999999999999", "999999999999999999", "1.5", "2026-11-20T10:11:12+99", "Z", "-", "२०२६-११-२०",
     "2026-11-20T10:11:12 Europe/Oslo", "infinity", "epoch", "now", "2026-W47-5",
     "-2025-06-01T09:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+02:00"],
)  # fmt: skip
def test_what_is_no_moment_is_not_guessed_at(text: str) -> None:
    assert moments(pl.Series([text])).to_list() == [None]


@settings(max_examples=150, deadline=None)
@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001 (the zone is drawn apart)
    st.integers(-14 * 4, 14 * 4),
    st.sampled_from(["T", " "]),
    st.sampled_from(["%z", "%:z"]),
)
def test_an_instant_in_any_zone_is_that_instant(at: datetime, quarters: int, mark: str, form: str) -> None:
    there = at.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    offset = there.strftime("%z")
    offset = offset[:3] + ":" + offset[3:] if form == "%:z" else offset
    text = f"{at.year:04d}-{at:%m-%d}{mark}{at:%H:%M:%S}.{at.microsecond:06d}{offset}"
    try:
        expected = there.astimezone(UTC)
    except OverflowError:
        return
    assert moments(pl.Series([text])).to_list() == [expected]


def test_dates() -> None:
    cells = [
        "2026-11-20",
        "1795132800000",
        "2026-11-20T23:30:00-01:00",
        "2026-02-29",
        "20.11.2026",
        "",
        None,
        " 2026-11-20 ",
    ]
    day = date(2026, 11, 20)
    assert dates(pl.Series(cells)).to_list() == [day, day, date(2026, 11, 21), None, None, None, None, day]


def test_numbers() -> None:
    cells = [
        "1",
        "-2.50",
        "1e3",
        "7.50E1",
        "075.5",
        " 3 ",
        "+4",
        "1,000",
        "1 000",
        "NaN",
        "inf",
        "1e400",
        "twelve",
        None,
    ]
    found = typed(pl.Series(cells), Kind.NUMBER).to_list()
    assert found == [1.0, -2.5, 1000.0, 75.0, 75.5, 3.0, 4.0, None, None, None, None, None, None, None]


def test_integers() -> None:
    cells = ["1", "5.0", "1e3", "9007199254740993", "9007199254740993.00", "1.5", "1e300", "x", None, " 7 ", "-0"]
    whole = [1, 5, 1000, 9007199254740993, 9007199254740993, None, None, None, None, 7, 0]
    assert integers(pl.Series(cells)).to_list() == whole


def test_booleans() -> None:
    cells = ["true", "TRUE", "Yes", "1", "on", "false", "No", "0", " off ", "perhaps", "2", None]
    assert booleans(pl.Series(cells)).to_list() == [True] * 5 + [False] * 4 + [None] * 3


def test_columns_of_nulls_have_their_type() -> None:
    nothing = pl.Series("x", [None, None], dtype=pl.String)
    for kind, dtype in (
        (Kind.DATETIME, pl.Datetime("us", "UTC")),
        (Kind.DATE, pl.Date),
        (Kind.NUMBER, pl.Float64),
        (Kind.INTEGER, pl.Int64),
        (Kind.BOOLEAN, pl.Boolean),
    ):
        for cells in (nothing, nothing.clear()):
            assert typed(cells, kind).dtype == dtype
            assert typed(cells, kind).null_count() == len(cells)


def slowly(identifier: str) -> str:
    """Salesforce's own algorithm, letter by letter."""
    alphabet = string.ascii_uppercase + "012345"
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << i for i, letter in enumerate(identifier[start : start + 5]) if letter in string.ascii_uppercase)
        suffix += alphabet[bits]
    return identifier + suffix


IDS = st.text(st.sampled_from(string.ascii_letters + string.digits), min_size=15, max_size=15)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(IDS, IDS.map(slowly), st.none(), st.text(st.characters(exclude_categories=("C", "Z")), max_size=18)),
        max_size=20,
    )
)
def test_ids_get_the_checksum(cells: list[str | None]) -> None:
    def expected(cell: str | None) -> str | None:
        text = None if cell is None else cell.strip()
        if text is not None and len(text) == 15 and text.isascii() and text.isalnum():
            return slowly(text)
        return text

    found = salesforce_ids(pl.Series(cells, dtype=pl.String)).to_list()
    for cell, value in zip(cells, found, strict=True):
        restored = cell is not None and len(cell.strip()) == 18 and cell.strip().islower()
        assert restored or value == expected(cell)


@settings(max_examples=100, deadline=None)
@given(IDS)
def test_small_letters_are_put_right_by_the_checksum(identifier: str) -> None:
    whole = slowly(identifier)
    assert salesforce_ids(pl.Series([whole.lower()])).to_list() == [whole]


@settings(max_examples=100, deadline=None)
@given(IDS)
def test_capitals_are_put_right_by_the_checksum(identifier: str) -> None:
    whole = slowly(identifier)
    if not any(letter in string.ascii_uppercase for letter in identifier[3:]):
        return
    assert salesforce_ids(pl.Series([whole.upper()])).to_list() == [whole]


def test_a_checksum_that_cannot_be_the_ids_changes_nothing() -> None:
    """It names a digit, or no capital at all; or the letters are not all of one kind."""
    cells = [
        "00Q000000000001AAA",
        "00Q00000000000AEAA",
        "003000000000ABCIAA",
        "003000000000abciaa",
        "001A0000006vM9rIAC",
    ]
    assert salesforce_ids(pl.Series(cells)).to_list() == cells


def test_known_ids() -> None:
    folded = ["001a0000006vm9riac", "001A0000006VM9RIAC", "00q000000000001eaa"]
    cells = ["001A0000006Vm9r", " 001A0000006Vm9rIAC ", *folded, "00Q000000000001", "n/a", None]
    whole, short = "001A0000006Vm9rIAC", "00Q000000000001EAA"
    assert salesforce_ids(pl.Series(cells)).to_list() == [*[whole] * 4, short, short, "n/a", None]


def test_two_ids_that_differ_in_case_are_two_records() -> None:
    found = salesforce_ids(pl.Series(["003000000000abc", "003000000000ABC"])).to_list()
    assert found == ["003000000000abcAAA", slowly("003000000000ABC")]
    assert found[0].casefold() != found[1].casefold()


def test_lists_of_ids() -> None:
    cells = [
        "701A0000006Vm9r;701A0000006Vm9rIAC",
        "701A0000006Vm9r",
        None,
        "",
        "x;701A0000006Vm9r",
        "a;b",
        "701A0000006VM9RIAC",
    ]
    whole = slowly("701A0000006Vm9r")
    found = salesforce_id_lists(pl.Series(cells)).to_list()
    assert found == [f"{whole};701A0000006Vm9rIAC", whole, None, "", f"x;{whole}", "a;b", whole]
