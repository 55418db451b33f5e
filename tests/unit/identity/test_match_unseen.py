"""Files as strangers have them: names of any script, twins, a father and son of one name, websites that many companies share."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from assets.identity import columns, matchfile
from assets.shared.lake import Lake
from assets.shared.sql import Session
from tests.unit.identity.test_match import FIRST, LAST, people

# Name, birth date, city, and whose record it is.
SCRIPTS = [
    ("Иван Петров", "1980-02-03", "Казань", "ru"), ("Ivan Petrov", "03.02.1980", "Kazan", "ru"),
    ("Иван Петров", "1991-08-19", "Омск", "ru2"),
    ("Γιώργος Παπαδόπουλος", "1971-11-30", "Αθήνα", "el"), ("Giorgos Papadopoulos", "30.11.1971", "Athina", "el"),
    ("王小明", "1990-05-06", "上海", "zh"), ("王 小明", "19900506", "上海", "zh"), ("王小红", "1990-05-06", "上海", "zh2"),
    ("김민준", "1985-07-08", "서울", "ko"), ("김 민준", "1985-07-08", None, "ko"), ("김민서", "1999-01-08", "서울", "ko2"),
    ("أحمد الحسن", "1979-09-10", "الرياض", "ar"), ("احمد الحسن", "1979-09-10", "الرياض", "ar"),
    ("أحمد الحسن", "2001-03-12", "جدة", "ar2"),
    ("O'Neil, Anne", "1966-12-01", "Cork", "en"), ("Anne ONeil", "1 December 1966", "Cork", "en"),
]  # fmt: skip
RIGHT = {"precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Lake(tmp_path / "lake").connect() as opened:
        yield opened


def cluster_quality(session: Session, rows: list[dict[str, str | None]]) -> object:
    quality = matchfile.run(session, pl.DataFrame(rows), {}, "truth").quality
    assert quality is not None
    return quality["cluster"]


def test_names_of_any_script_are_told_apart_and_found(session: Session) -> None:
    names = ("name", "birth_date", "city", "truth")
    rows = [dict(zip(names, row, strict=True)) for row in SCRIPTS]
    rows += [
        dict(
            zip(
                names,
                (f"{f} {s}", f"{1950 + i % 50}-{1 + i % 12:02}-{1 + i % 28:02}", f"Town {i % 15}", f"t{i}"),
                strict=True,
            )
        )
        for i, (f, s) in enumerate((f, s) for f in FIRST for s in LAST)
    ]
    assert cluster_quality(session, rows) == RIGHT


def test_twins_and_a_father_and_son_of_one_name_are_two(session: Session) -> None:
    rows = people().rows(named=True)[:80]
    twin = {**rows[20], "id": "x1", "given_name": "Zachary", "email": "", "truth": "x1"}
    son = {**rows[30], "id": "x2", "dob": "1999-09-09", "email": "", "truth": "x2"}
    again = {**rows[40], "id": "x3", "email": ""}
    assert cluster_quality(session, [*rows, twin, son, again]) == RIGHT


def test_companies_that_share_a_website_are_told_apart(session: Session) -> None:
    """A group, branches of one name, and firms on a portal are not one company; two spellings of one are."""
    rows = [
        {
            "company": f"{name} {kind}",
            "website": f"{name}{kind}.com".lower(),
            "city": f"City {i % 11}",
            "street": f"{i} Elm Street",
        }
        for i, (name, kind) in enumerate((s, k) for s in LAST for k in ("Foods", "Tools", "Media", "Hotels"))
    ]
    one = rows[5]
    group = [
        {**one, "company": f"Abbott {kind}", "street": "7 Oak Road", "city": "Elsewhere"} for kind in ("Bank", "Motors")
    ]
    branch = {**rows[9], "street": "99 Harbour Road", "city": "Faraway"}
    portal = [{**rows[i], "website": "marketplace.com"} for i in (12, 16, 20)]
    rows = [
        *rows[:12],
        *portal,
        *(row for row in rows[13:] if row["company"] not in {p["company"] for p in portal}),
        *group,
        branch,
    ]
    told = [{**row, "truth": str(i)} for i, row in enumerate(rows)]
    same = {**told[2], "company": told[2]["company"].upper() + " Inc.", "street": None}
    assert cluster_quality(session, [*told, same]) == RIGHT


def test_names_alone_tell_people_of_many_languages_from_companies() -> None:
    firsts = ["Jürgen", "Heike", "Anna", "Wojciech", "Agnieszka", "Giulia", "Matteo", "Maria", "Søren", "Aino"]
    lasts = [
        "Schröder",
        "Kowalczyk",
        "Conti",
        "Moretti",
        "Lindqvist",
        "Virtanen",
        "Horák",
        "García",
        "Fischer",
        "Nowak",
    ]
    people = [f"{last}, {first}" if i % 2 else f"{first} {last}" for i, first in enumerate(firsts) for last in lasts]
    firms = [f"{last} {kind}" for last in [*lasts, *firsts] for kind in ("Foods", "Systems", "Bank")]
    assert columns.mapped(pl.DataFrame({"name": people, "city": "x"}), {}, None).entity == "person"
    assert columns.mapped(pl.DataFrame({"name": firms, "city": "x"}), {}, None).entity == "company"


def test_one_name_in_two_legal_forms_is_one_company_where_nothing_else_is_known(session: Session) -> None:
    names = [f"{s} {k}" for s in LAST for k in ("Foods", "Tools", "Media", "Hotels")]
    rows: list[dict[str, str | None]] = [{"company": f"{name} Inc", "truth": name} for name in names]
    rows += [{"company": f"{name.upper()} GmbH", "truth": name} for name in names[::3]]
    assert cluster_quality(session, rows) == RIGHT


def test_what_follows_a_street_and_a_spelt_number_are_the_same_address(session: Session) -> None:
    rows: list[dict[str, str | None]] = [
        {"restaurant": f"{s} {k}", "addr": f"{7 + 3 * i} {s} st.", "city": f"City {i % 3}", "truth": f"{s} {k}"}
        for i, (s, k) in enumerate((s, k) for s in LAST for k in ("Grill", "Kitchen", "Cafe", "Deli"))
    ]
    near = {**rows[0], "addr": "7 Abbott St. between 4th and 5th Aves."}
    third = {**rows[9], "restaurant": "Brasserie Lune", "addr": "40 Third Ave.", "truth": "third"}
    assert cluster_quality(session, [*rows, near, third, {**third, "addr": "40 3rd Avenue at 10th St."}]) == RIGHT


def test_initials_of_two_first_names_tell_mailboxes_apart(session: Session) -> None:
    """Brothers in one firm, with its number: `zcastillo@` is not `acastillo@`, however alike."""
    rows: list[dict[str, str | None]] = [
        {"first_name": f, "last_name": s, "email": f"{f[0]}{s}@firm{i}.example".lower().replace("ö", "o"),
         "phone": f"20255{(i * 7919) % 90000 + 10000}", "company": f"{s} {f} Works", "truth": f"{f} {s}"}
        for i, (f, s) in enumerate((f, s) for f in FIRST for s in LAST)
    ]  # fmt: skip
    brother = {**rows[2], "first_name": "Zachary", "email": "zcastillo@firm2.example", "truth": "brother"}
    again = {**rows[50], "first_name": "F", "email": None}
    assert cluster_quality(session, [*rows, brother, again]) == RIGHT
