"""Hashes move when a value does, and not when only its form does (P2-3A, P2-34, P2-28)."""

import duckdb
import pytest
from sqlglot import exp

from assets.sync.values import Side, norm_of, record_hash, text_of

COLUMNS = {"jobtitle": "VARCHAR", "email": "VARCHAR", "tags": "VARCHAR", "revenue": "VARCHAR", "staff": "DOUBLE"}
COMPARED = [("jobtitle", "text"), ("email", "email"), ("tags", "set"), ("revenue", "number"), ("staff", "number")]
FIRST = {"jobtitle": "CEO", "email": "a@x.example", "tags": "a;b", "revenue": "1000", "staff": 5.0}


def hashed(record: dict[str, object], digest: str = "m") -> str:
    with duckdb.connect() as con:
        listed = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
        con.execute(f"CREATE TABLE contact (id VARCHAR, {listed})")
        con.execute("INSERT INTO contact VALUES ('1', ?, ?, ?, ?, ?)", [record[name] for name in COLUMNS])
        query = record_hash(Side("hubspot", "contact", "id", COLUMNS), COMPARED, digest)
        return str(con.execute(query.sql("duckdb")).fetchall()[0][1])


@pytest.mark.parametrize(
    "same",
    [{"jobtitle": " CEO "}, {"email": "A@X.example"}, {"tags": "b; a"}, {"revenue": "1000.0"}],
    ids=lambda change: next(iter(change)),
)
def test_another_form_of_the_same_value_is_the_same(same: dict[str, object]) -> None:
    assert hashed(FIRST | same) == hashed(FIRST)


@pytest.mark.parametrize(
    "other",
    [
        {"jobtitle": "ceo"},
        {"jobtitle": None},
        {"email": "b@x.example"},
        {"tags": "a"},
        {"revenue": "1001"},
        {"staff": 5.5},
    ],
    ids=str,
)
def test_another_value_is_another_hash(other: dict[str, object]) -> None:
    assert hashed(FIRST | other) != hashed(FIRST)


def test_the_same_values_under_other_mappings_are_another_hash() -> None:
    assert hashed(FIRST, "one") != hashed(FIRST, "two")


def test_a_blank_and_a_missing_value_are_the_same() -> None:
    assert hashed(FIRST | {"jobtitle": "  "}) == hashed(FIRST | {"jobtitle": None})


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("5e-05", "0.00005"),
        ("-0.0000012", "-0.0000012"),
        ("1e16", "10000000000000000"),
        ("1234567890123456", "1234567890123456"),
        ("1E3", "1000"),
        ("-0", "0"),
        ("1e23", "100000000000000000000000"),
        ("2.50", "2.5"),
    ],
)
def test_a_number_is_written_in_full_from_text_and_from_a_number(given: str, written: str) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE cell AS SELECT ? AS text_, CAST(? AS DOUBLE) AS number_", [given, given])
        for form in (norm_of(exp.column("text_"), "number"), text_of("number_", "DOUBLE")):
            assert con.execute(f"SELECT {form.sql('duckdb')} FROM cell").fetchall() == [(written,)]


@pytest.mark.parametrize(
    "given", ["1_000", "1_0.5", "1e1_0", "1,000", "1 000", "+-5", "0x10", "１２", "1.2.3", "NaN", "-inf"]
)
def test_a_text_without_the_form_of_a_number_stays_as_it_is(given: str) -> None:
    """P1-27, P2-98: it equals no number, and is refused where it would be written."""
    with duckdb.connect() as con:
        form = norm_of(exp.column("text_"), "number").sql("duckdb")
        assert con.execute(f"SELECT {form} FROM (SELECT ? AS text_)", [given]).fetchall() == [(given,)]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("123456789012345678", "123456789012345678"),
        ("+0123456789012345678.00", "123456789012345678"),
        ("-12345678901234567.8900", "-12345678901234567.89"),
        ("1.23456789012345678E17", "123456789012345678"),
        ("0.123456789012345678", "0.123456789012345678"),
        ("8594.174516250585e-6", "0.008594174516250585"),
        ("12345678901234567890123456789", "12345678901234567890123456789"),
        ("1.0000000000000000000", "1"),
        ("0.00000000000000000000", "0"),
    ],
)
def test_a_number_keeps_every_digit(given: str, written: str) -> None:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE cell AS SELECT ? AS text_, CAST(? AS DOUBLE) AS number_, ? AS _exact__number_", [given] * 3
        )
        for form in (norm_of(exp.column("text_"), "number"), text_of("number_", "DOUBLE", exact=True)):
            assert con.execute(f"SELECT {form.sql('duckdb')} FROM cell").fetchall() == [(written,)]
