"""Ignoring case: the SQL and Python's case folding agree on every letter there is."""

import sys
import unicodedata

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from assets.segments.folding import fold, folded, unfolded
from assets.segments.sqltext import written


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_every_letter_folds_alike(con: duckdb.DuckDBPyConnection) -> None:
    letters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF and unicodedata.category(chr(code)) != "Cn"
    ]
    con.register("letters", pa.table({"letter": letters}))
    query = exp.select("letter").select(folded(exp.column("letter"), [*unfolded().values(), "i"])).from_("letters")
    different = [(letter, found) for letter, found in con.execute(written(query)).fetchall() if found != fold(letter)]
    assert different == []


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="sSßẞſiIİıﬁσςΣkKéÉaA ", max_size=6),
    needle=st.text(alphabet="sSßiIİﬁσςkKéaA", min_size=1, max_size=3),
)
def test_a_value_folded_for_a_needle_finds_it_like_a_value_folded_whole(text: str, needle: str) -> None:
    sought = fold(needle)
    value = exp.Literal.string(text)
    query = exp.select(exp.Contains(this=folded(value, [sought]), expression=exp.Literal.string(sought)))
    assert duckdb.sql(query.sql("duckdb")).fetchall() == [(sought in fold(text),)]


def test_plain_lower_is_enough_where_no_other_letter_folds_to_the_text() -> None:
    assert folded(exp.column("x"), ["bdc"]).sql("duckdb") == "LOWER(x)"
    assert "REPLACE" in folded(exp.column("x"), ["ss"]).sql("duckdb")
