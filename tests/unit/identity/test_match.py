"""Matching a file: what is compared, what is told apart, and that neither the order of rows nor of columns matters."""

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.identity import columns, matchfile
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.sql import Session

FIRST = ["Alice", "Bruno", "Chiara", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ingrid", "Jamal", "Katja", "Liam"]
LAST = ["Abbott", "Bergmann", "Castillo", "Dubois", "Eriksen", "Fontana", "Grönberg", "Haddad", "Ivanov", "Jansen"]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Lake(tmp_path / "lake").connect() as opened:
        yield opened


def people() -> pl.DataFrame:
    """120 different people, two families, and five duplicates whose row is slightly different."""
    rows = [
        {
            "id": f"p{i:03}", "given_name": first, "surname": last,
            "dob": f"{1950 + (i * 7) % 50}-{1 + i % 12:02}-{1 + i % 28:02}",
            "email": f"{first}.{last}{i}@mail{i % 9}.example".lower(), "address_1": f"{i + 3} {last} Road",
            "postcode": f"{10000 + i * 37}", "city": f"City {i % 15}", "truth": f"t{i:03}",
        }
        for i, (first, last) in enumerate((f, s) for f in FIRST for s in LAST)
    ]  # fmt: skip
    typo = {**rows[3], "id": "d1", "surname": "Duboi", "email": ""}
    swapped = {**rows[40], "id": "d2", "given_name": rows[40]["surname"], "surname": rows[40]["given_name"]}
    married = {**rows[55], "id": "d3", "surname": "Newname", "address_1": "", "postcode": ""}
    moved = {**rows[70], "id": "d4", "address_1": "900 Elsewhere", "postcode": "99999", "city": "Faraway"}
    slip = {
        **rows[99],
        "id": "d5",
        "dob": rows[99]["dob"][:-1] + "9",
        "email": rows[99]["email"].replace("mail", "mial"),
    }
    wife = {**rows[10], "id": "f1", "given_name": "Zora", "dob": "1961-02-03", "email": "", "truth": "f1"}
    child = {**rows[10], "id": "f2", "given_name": "Quentin", "dob": "1999-12-30", "email": "", "truth": "f2"}
    return pl.DataFrame([*rows, typo, swapped, married, moved, slip, wife, child])


def test_duplicates_are_found_and_families_kept_apart(session: Session) -> None:
    outcome = matchfile.run(session, people(), {}, "truth")
    assert outcome.quality == {
        "pairwise": {"precision": 1.0, "recall": 1.0, "f1": 1.0},
        "cluster": {"precision": 1.0, "recall": 1.0, "f1": 1.0},
        "largest_cluster": 2,
        "records": 127,
    }
    assert outcome.rows.columns == ["record", "cluster"]
    assert outcome.rows["record"].to_list() == people()["id"].to_list()


def test_the_order_of_rows_and_columns_does_not_matter(session: Session, tmp_path: Path) -> None:
    straight = matchfile.run(session, people(), {}).rows.sort("record")
    shuffled = people().sample(fraction=1.0, shuffle=True, seed=4)
    shuffled = shuffled.select(reversed(shuffled.columns))
    with Lake(tmp_path / "other").connect() as other:
        assert matchfile.run(other, shuffled, {}).rows.sort("record").equals(straight)


def test_a_shared_mailbox_does_not_make_one_person(session: Session) -> None:
    shared = (
        people()
        .head(60)
        .with_columns(email=pl.when(pl.int_range(60) < 12).then(pl.lit("info@firm.example")).otherwise("email"))
    )
    outcome = matchfile.run(session, shared, {}, "truth")
    assert outcome.quality["largest_cluster"] == 1  # type: ignore[index]
    assert (outcome.inboxes.addresses, outcome.inboxes.records) == (1, 12)


def test_companies_are_matched_by_name_domain_and_place(session: Session) -> None:
    names = [
        "Acme Widgets",
        "Borealis Foods",
        "Castor Steel",
        "Delphi Books",
        "Ember Labs",
        "Fjord Lines",
        "Gamma Rays",
    ]
    rows = [
        {"company": n, "website": f"www.{n.split()[0].lower()}.com", "city": f"C{i}", "t": str(i)}
        for i, n in enumerate(names)
    ]
    again = [
        {"company": "ACME Widgets, Inc.", "website": "https://acme.com/en", "city": "C0", "t": "0"},
        {"company": "Castor Steel GmbH", "website": None, "city": "C2", "t": "2"},
    ]
    outcome = matchfile.run(session, pl.DataFrame(rows + again), {}, "t")
    assert outcome.mapped.entity == "company"
    assert outcome.quality["cluster"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}  # type: ignore[index]
    assert outcome.rows["record"].to_list() == [str(i) for i in range(1, 10)]
    assert outcome.rows["cluster"].to_list() == ["1", "2", "3", "4", "5", "6", "7", "1", "3"]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_file_of_almost_nothing(session: Session, rows: int) -> None:
    outcome = matchfile.run(session, people().head(rows), {}, "truth")
    assert outcome.rows.height == rows
    assert outcome.rows["cluster"].to_list() == outcome.rows["record"].to_list()


def test_columns_are_recognised_in_many_spellings() -> None:
    frame = pl.DataFrame(
        {
            c: ["x"]
            for c in ("First Name", "last_name", "E-mail Address", "Zip Code", "SSN", "Date of birth", "Nonsense")
        }
    )
    found = columns.mapped(frame, {}, None)
    assert found.sources == {
        "first_name": ["First Name"], "last_name": ["last_name"], "email": ["E-mail Address"], "postcode": ["Zip Code"],
        "any_id": ["SSN"], "birth_date": ["Date of birth"],
    }  # fmt: skip


def test_a_mapping_wins_over_the_name_and_ignores_on_demand() -> None:
    frame = pl.DataFrame(
        {"email": ["a"], "handle": ["b"], "street1": ["c"], "street2": ["d"], "name": ["e"], "surname": ["f"]}
    )
    found = columns.mapped(
        frame, {"handle": "e-mail", "email": "ignore", "street1": "street", "street2": "street"}, None
    )
    assert found.sources["email"] == ["handle"]
    assert found.frame["street"].to_list() == ["c d"]
    assert found.sources["first_name"] == ["name"]


def test_a_title_is_a_job_beside_a_name_and_else_the_name() -> None:
    works = columns.mapped(pl.DataFrame({"title": ["Efficient Joins"], "venue": ["VLDB"]}), {}, None)
    assert (works.entity, works.sources["company"]) == ("company", ["title"])
    people = columns.mapped(pl.DataFrame({"title": ["CFO"], "email": ["a@b.example"]}), {}, None)
    assert people.sources["job_title"] == ["title"]


def test_every_problem_of_a_mapping_is_said_at_once() -> None:
    with pytest.raises(InputRefused) as refused:
        columns.mapped(pl.DataFrame({"a": ["x"]}), {"b": "email", "a": "shoe_size"}, "truth")
    assert len(refused.value.problems) == 3


def test_a_file_without_any_known_column_is_refused() -> None:
    with pytest.raises(InputRefused, match="no column is recognised"):
        columns.mapped(pl.DataFrame({"shoe_size": ["43"]}), {}, None)


def test_files_with_other_separators_and_marks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("\ufeffVorname;Nachname\nJörg;Müller\n".encode())
    assert matchfile.read(path).rows() == [("Jörg", "Müller")]
    path.write_bytes("Vorname;Nachname\nJörg;Müller\n".encode("cp1252"))
    assert matchfile.read(path).rows() == [("Jörg", "Müller")]
    path.write_bytes("Vorname\tNachname\nJörg\tMüller\n".encode("utf-16"))
    assert matchfile.read(path).rows() == [("Jörg", "Müller")]
    path.write_bytes(gzip.compress(b"Vorname;Nachname\nAnna;Li\n"))
    assert matchfile.read(path).rows() == [("Anna", "Li")]
    path.write_bytes(b"sep=|\r\n Vorname|Nachname \r\nAnna|Li\r\n")
    assert matchfile.read(path).to_dicts() == [{"Vorname": "Anna", "Nachname": "Li"}]
    path.write_bytes(b'Vorname,Firma\nAnna,Joe\'s "Best" Pizza\nBert,"The "Other" One"\nCarl,Li"s\nDora\n')
    assert [row[0] for row in matchfile.read(path).rows()] == ["Anna", "Bert", "Carl", "Dora"]
    path.write_bytes(bytes(range(256)))
    with pytest.raises(InputRefused, match="cannot be read"):
        matchfile.read(path)
    with pytest.raises(InputRefused, match="no such file"):
        matchfile.read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("res_street_address", "street"),
        ("full_phone_number", "phone"),
        ("gender_code", "gender"),
        ("state_cd", "state"),
        ("MailingPostalCode", "postcode"),
        ("Contact: Given Name", "first_name"),
        ("имя", "first_name"),
        ("Prénom", "first_name"),
        ("Straße", "street"),
        ("birth_city", "birth_place"),
        ("mother_last_name", None),
        ("created_at", None),
        ("Record ID - Contact", "record"),
        ("Company Domain Name", "domain"),
        ("Country/Region", "country"),
        ("E-Mail-Adresse", "email"),
        ("Last Activity Date", None),
        ("Account Owner", None),
        ("Account Number", None),
        ("name_suffix", None),
        ("linkedin_url", None),
        ("customer_birth_date", "birth_date"),
        ("company_phone_number", "phone"),
        ("user_status", None),
        ("score", None),
    ],
)
def test_a_header_is_understood_by_its_words(header: str, field: str | None) -> None:
    assert columns.field_named(header) == field


def test_a_column_of_addresses_is_the_email_whatever_its_name() -> None:
    frame = pl.DataFrame(
        {"Surname": ["a", "b"], "kontaktpunkt": ["a@x.example", "b@y.example"], "truth": ["c@x.example"] * 2}
    )
    assert columns.mapped(frame, {}, "truth").sources == {"last_name": ["Surname"], "email": ["kontaktpunkt"]}
    assert "email" not in columns.mapped(frame, {"kontaktpunkt": "ignore"}, "truth").sources


def namesakes(addresses: list[str]) -> pl.DataFrame:
    """Thirty people of different names, and namesakes with these addresses, each a person of its own."""
    crowd = [
        {"first_name": f, "last_name": s, "email": f"{f}.{s}@{s}.example".lower()} for f in FIRST[:6] for s in LAST[:5]
    ]
    rows = [{"first_name": "Maria", "last_name": "Jansen", "email": address} for address in addresses]
    return pl.DataFrame([*crowd, *rows]).with_row_index("truth").with_columns(pl.col("truth").cast(pl.String))


def test_a_mailbox_made_of_the_name_says_no_more_than_the_name(session: Session) -> None:
    frame = namesakes(["maria.jansen@acme.example", "maria.jansen@borealis.example", "mjansen@castor.example"])
    assert matchfile.run(session, frame, {}, "truth").quality["largest_cluster"] == 1  # type: ignore[index]


def test_numbers_tell_mailboxes_of_one_name_apart(session: Session) -> None:
    frame = namesakes(["maria.jansen4@gmail.com", "maria.jansen5@gmail.com", "marja.jansen5@gmail.com"])
    matchfile.run(session, frame, {}, "truth")
    pairs = """SELECT x.email_canon, y.email_canon, g_email FROM compared
        INNER JOIN base AS x ON a = x.r INNER JOIN base AS y ON b = y.r
        WHERE x.last = 'jansen' AND y.last = 'jansen' AND x.first = 'maria' AND y.first = 'maria'"""
    levels = {frozenset((one, other)): level for one, other, level in session.sql(pairs).fetchall()}
    four, five, slip = (
        frame["email"]
        .tail(3)
        .str.replace("maria.j", "mariaj", literal=True)
        .str.replace("marja.j", "marjaj", literal=True)
    )
    assert (levels[frozenset((four, five))], levels[frozenset((five, slip))]) == (4, 2)


def test_a_first_name_and_a_company_are_not_a_person(session: Session) -> None:
    rows = people().drop("dob", "address_1", "postcode", "city", "email").with_columns(company=pl.lit("Acme Widgets"))
    rows = rows.filter(~pl.col("id").str.starts_with("d"))
    found = matchfile.run(session, rows, {}, "truth")
    assert found.quality["cluster"]["precision"] == 1.0  # type: ignore[index]


def test_typed_files_are_read_as_texts(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"zip": [150.0, None], "born": [date(1980, 1, 2), None], "share": [0.5, 1.0], "tags": [["a"], []]}
    )
    frame.write_parquet(tmp_path / "people.parquet")
    frame.drop("born").write_ndjson(tmp_path / "people.jsonl")
    (tmp_path / "packed.parquet.gz").write_bytes(gzip.compress((tmp_path / "people.parquet").read_bytes()))
    assert matchfile.read(tmp_path / "packed.parquet.gz").equals(matchfile.read(tmp_path / "people.parquet"))
    assert matchfile.read(tmp_path / "people.parquet").rows() == [("150", "1980-01-02", "0.5"), (None, None, "1.0")]
    assert matchfile.read(tmp_path / "people.jsonl").rows() == [("150", "0.5"), (None, "1.0")]
