"""Normalisation: what stays, what goes, and that doing it twice is doing it once."""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.identity import dates, distinct, normalise, reference

TEXT_FUNCTIONS: list[Callable[[pl.Expr], pl.Expr]] = [
    normalise.text, normalise.words, normalise.name, normalise.fold, normalise.company, normalise.street, normalise.code,
    normalise.state, normalise.country, normalise.email, normalise.email_canonical, normalise.host, normalise.gender,
    normalise.without_number, dates.birth,
]  # fmt: skip

WORDS = st.lists(
    st.sampled_from(
        ["Dr.", "Müller", "O'Neil", "Jr", "the", "Co.", "Ltd", "GmbH", "12a", "North", "Street", "A+b@GMail.com", "n/a", "Åse",
         "İ", "ﬁ", "ẞ", "null", "1971-06-24", "06/24/1971", "https://www.x.co.uk/a", "-", "aae", "uee", "AB1 2CD", "000",
         "mailto:a@b.co"]
    ),
    max_size=4,
).map(" ".join)  # fmt: skip


def apply(function: Callable[[pl.Expr], pl.Expr], *values: str | None) -> list[str | None]:
    frame = pl.DataFrame({"v": pl.Series(values, dtype=pl.String)})
    return frame.select(function(pl.col("v")).alias("v"))["v"].to_list()


@pytest.mark.parametrize("function", TEXT_FUNCTIONS, ids=lambda f: f.__name__)
@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.one_of(st.none(), st.text(max_size=25), WORDS), min_size=1, max_size=20))
@example(values=["dr jr", "Prof. Dr. X, PhD, MBA", "the the co co", "  ", "ﬃ", "x̧́", "x/", "null co"])
def test_every_normalisation_is_idempotent(function: Callable[[pl.Expr], pl.Expr], values: list[str | None]) -> None:
    once = apply(function, *values)
    assert apply(function, *once) == once


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=20), st.from_regex(r"\+?[0-9 ()./-]{5,18}", fullmatch=True)), min_size=1
    )
)
def test_phones_are_idempotent_and_e164(values: list[str | None]) -> None:
    series = pl.Series(values, dtype=pl.String)
    once = distinct.phone(series, pl.Series(["US"] * len(series)))
    assert all(v is None or (v[0] == "+" and v[1:].isdigit()) for v in once)
    assert distinct.phone(once, pl.Series(["DE"] * len(series))).to_list() == once.to_list()


@pytest.mark.parametrize(
    ("function", "given_", "expected"),
    [
        (normalise.name, "Dr. Anne-Marie O'Neil, PhD", "anne marie oneil"),
        (normalise.name, "  Ærø  BLÅBÆR ", "aero blabaer"),
        (normalise.name, "Unknown", None),
        (normalise.name, "Jr", "jr"),
        (normalise.company, "The Acme Widgets Co., Ltd.", "acme widgets"),
        (normalise.company, "A & B GmbH", "a and b"),
        (normalise.company, "Limited", "limited"),
        (normalise.street, "12 North Main Street", "12 n main st"),
        (normalise.house_number, "12 n main st", "12"),
        (normalise.house_number, "hauptstr 12a", "12a"),
        (normalise.house_number, "main st", None),
        (normalise.without_number, "12 n main st", "n main st"),
        (normalise.email, " Ana.Dias+News@Example.COM. ", "ana.dias+news@example.com"),
        (normalise.email, "two@at@signs.com", None),
        (normalise.email, "no-at-sign", None),
        (normalise.email_canonical, "Ana.Dias+news@GoogleMail.com", "anadias@gmail.com"),
        (normalise.email_canonical, "ana.dias+news@example.com", "ana.dias@example.com"),
        (normalise.host, "https://user@www.Acme.co.uk:8080/x?y#z", "acme.co.uk"),
        (normalise.host, "acme", None),
        (normalise.code, "ab1 2cd", "AB12CD"),
        (normalise.code, "0000000", None),
        (normalise.state, "New South Wales", "nsw"),
        (normalise.country, "Deutschland", "DE"),
        (normalise.country, "Atlantis", None),
        (normalise.gender, "Female", "f"),
        (dates.birth, "1971-06-24", "19710624"),
        (dates.birth, "1971-6-4T00:00:00Z", "19710604"),
        (dates.birth, "06/24/1971", "19710624"),
        (dates.birth, "24.06.1971", "19710624"),
        (dates.birth, "24.6.71", "19710624"),
        (dates.birth, "24 June 1971", "19710624"),
        (dates.birth, "24-Jun-71", "19710624"),
        (dates.birth, "June 24th, 1971", "19710624"),
        (dates.birth, "24. Mai 1971", "19710524"),
        (dates.birth, "1.1.05", "20050101"),
        (dates.birth, "19719924", "19719924"),
        (dates.birth, "1971", "1971"),
        (dates.birth, "soon", None),
    ],
)
def test_examples(function: Callable[[pl.Expr], pl.Expr], given_: str, expected: str | None) -> None:
    assert apply(function, given_) == [expected]


def test_two_spellings_of_umlauts_share_a_folded_key() -> None:
    keys = apply(
        lambda v: normalise.fold(normalise.name(v)), "Müller", "Mueller", "Muller", "Møller", "Aagaard", "Ågård"
    )
    assert keys[0] == keys[1] == keys[2]
    assert keys[4] == "agard"
    assert keys[5] == "agard"


def test_names_that_sound_alike_share_a_key() -> None:
    keys = apply(lambda v: normalise.sound(normalise.name(v)), "Smith", "Smythe", "Katherine", "Catherine", "Jones")
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert keys[0] != keys[4]


def test_day_first_is_decided_by_the_column() -> None:
    assert dates.day_first(pl.Series(["03/04/1980", "24/12/1980"]))
    assert not dates.day_first(pl.Series(["03/04/1980", "12/24/1980"]))


def test_phones_are_read_in_their_region() -> None:
    phones = pl.Series(["(415) 555-2671", "030 901820", "00 44 20 7946 0958", "+1 415 555 2671 ext. 9", "12", None])
    regions = pl.Series(["US", "DE", None, None, "US", "US"])
    assert distinct.phone(phones, regions).to_list() == [
        "+14155552671",
        "+4930901820",
        "+442079460958",
        "+14155552671",
        None,
        None,
    ]


def test_domains_are_registrable_and_free_mail_is_none() -> None:
    hosts = pl.Series(["mail.acme.co.uk", "gmail.com", "müller.de", None])
    assert distinct.company_domain(hosts).to_list() == ["acme.co.uk", None, "xn--mller-kva.de", None]


def test_a_library_is_called_once_per_distinct_value() -> None:
    seen: list[str] = []

    def note(value: str) -> str:
        seen.append(value)
        return value.upper()

    assert distinct.mapped(pl.Series(["a", "b", "a", None]), note).to_list() == ["A", "B", "A", None]
    assert sorted(seen) == ["a", "b"]


def test_no_abbreviation_of_a_street_word_is_itself_abbreviated() -> None:
    short = reference.mapping("street_words", "word", "short")
    assert not set(short) & set(short.values())
