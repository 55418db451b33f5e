"""Who is who over two nights through the lake: tables as declared, ids that last, an alias where two people become one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from assets.identity import link, overrides, past, sources, survive, tables
from assets.shared import keys
from assets.shared.lake import Lake
from pipelines.migrations import migrate
from schemas.arrow import arrow_schema
from schemas.tables import KEYS, TABLES
from tests.support.older import with_whole_nights

TYPES = {"VARCHAR": pl.String, "TIMESTAMPTZ": pl.Datetime("us", "UTC"), "BOOLEAN": pl.Boolean}
FIRST, SECOND = "2026-01-01", "2026-01-02"
NOBODY = overrides.parse([], "none")


def stage(lake: Lake, night: str, key: str, rows: list[dict[str, Any]]) -> None:
    columns = sources.COLUMNS[key]
    full = [{**dict.fromkeys(columns), "op": "upsert", **row} for row in rows]
    schema = {name: TYPES[kind] for name, kind in columns.items()}
    lake.write(key, night, pl.DataFrame(full, schema=schema).to_arrow())


def person(number: int, email: str, **more: str) -> dict[str, Any]:
    return {"hs_object_id": str(number), "firstname": "Ana", "lastname": "Dias", "email": email, **more}


def write(lake: Lake, night: str) -> tables.Night:
    built = tables.build(lake, night, night, NOBODY)
    for key, table in built.tables.items():
        assert lake.write(key, night, table.to_reader()) == table.to_table().num_rows
    return built


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.prepare()
    return made


def test_ids_last_and_a_merge_leaves_an_alias(lake: Lake) -> None:
    stage(lake, FIRST, "staged/hubspot/contact", [person(1, "one@x.example"), person(2, "two@y.example")])
    before = write(lake, FIRST)
    old = dict(pl.DataFrame(before.tables[tables.CLUSTER]).select("record", "entity_id").rows())
    assert old["hubspot/contact/1"] != old["hubspot/contact/2"]

    changed = person(2, "two@y.example", hs_additional_emails="one@x.example")
    stage(lake, SECOND, "staged/hubspot/contact", [changed])
    after = write(lake, SECOND)
    new = dict(pl.DataFrame(after.tables[tables.CLUSTER]).select("record", "entity_id").rows())
    kept = new["hubspot/contact/1"]
    assert kept == new["hubspot/contact/2"]
    assert kept in old.values()
    gone = next(entity for entity in old.values() if entity != kept)
    assert pl.DataFrame(after.tables[tables.ALIAS]).select("alias_id", "entity_id").rows() == [(gone, kept)]
    merges = pl.DataFrame(after.tables["out/duplicate/hubspot"])
    assert merges.select("survivor_id", "duplicate_id", "tier").rows() == [("1", "2", "T1")]


def test_a_night_built_again_is_the_same(lake: Lake) -> None:
    stage(lake, FIRST, "staged/hubspot/contact", [person(1, "one@x.example"), person(2, "one@x.example")])
    first = write(lake, FIRST)
    again = write(lake, FIRST)
    assert all(first.tables[key].to_table().equals(again.tables[key].to_table()) for key in first.tables)


def test_only_keys_that_differ_are_written_and_what_is_gone_is_said_once(lake: Lake) -> None:
    """A record changes, goes, and comes back; the state of every night is the keys of its records."""
    contact = "staged/hubspot/contact"
    stage(lake, FIRST, contact, [person(1, "one@x.example"), person(2, "two@y.example"), person(3, "three@z.example")])
    gone, same = {**person(2, ""), "op": "delete"}, person(1, "one@x.example")
    nights = {
        SECOND: [gone],
        "2026-01-03": [{**same, "lastmodifieddate": datetime(2026, 1, 3, tzinfo=UTC)}],
        "2026-01-04": [person(2, "back@y.example")],
    }
    written = {FIRST: write(lake, FIRST).tables[tables.KEY].to_table()}
    for night, rows in nights.items():
        stage(lake, night, contact, rows)
        written[night] = write(lake, night).tables[tables.KEY].to_table()
    told = {
        night: [(row["record"][-1], row["email"], row["gone"]) for row in table.to_pylist()]
        for night, table in written.items()
    }
    assert told == {
        FIRST: [("1", "one@x.example", False), ("2", "two@y.example", False), ("3", "three@z.example", False)],
        SECOND: [("2", None, True)],
        "2026-01-03": [("1", "one@x.example", False)],
        "2026-01-04": [("2", "back@y.example", False)],
    }
    with lake.connect("2026-01-03") as session:
        past.known(session, "known_key", tables.KEY, "2026-01-03", "person")
        assert session.sql("SELECT record FROM known_key ORDER BY record").pl()["record"].to_list() == [
            "hubspot/contact/1", "hubspot/contact/3",
        ]  # fmt: skip


def test_whole_nights_of_keys_become_versions(lake: Lake) -> None:
    """What an older lake kept becomes, row for row, what would have been written; nights that have versions stay."""
    contact, third = "staged/hubspot/contact", "2026-01-03"
    people = [person(n, f"p{n}@x.example", firstname=f"Ana{n}") for n in range(1, 31)]
    stage(lake, FIRST, contact, people)
    stage(lake, SECOND, contact, [{**person(2, ""), "op": "delete"}, person(3, "p4@x.example", firstname="Ana4")])
    stage(lake, third, contact, [person(2, "back@x.example", firstname="Ana2"), person(5, "p6@x.example")])
    for night in (FIRST, SECOND, third):
        write(lake, night)
    expected = _versions(lake, tables.KEY)
    with_whole_nights(lake.root, [FIRST, SECOND], [tables.KEY], 2)
    older = Lake(lake.root)
    assert _versions(older, tables.KEY) != expected
    assert migrate(lake.root) == [f"{tables.KEY}: kept as versions now: 2 whole nights", NOW.format(3), NOW.format(4)]
    assert _versions(older, tables.KEY) == expected
    assert migrate(lake.root) == []


def test_whole_nights_of_pairs_clusters_and_golden_records_become_versions(lake: Lake) -> None:
    """Each night's state stays what it was; pairs and clusters become, row for row, what would have been written."""
    contact, third = "staged/hubspot/contact", "2026-01-03"
    people = [person(n, f"p{n // 2}@x.example", firstname=f"Ana{n // 2}") for n in range(1, 31)]
    stage(lake, FIRST, contact, people)
    stage(lake, FIRST, "staged/hubspot/company", [{"hs_object_id": str(n), "name": "Acme"} for n in (7, 8)])
    changed = [{**person(2, ""), "op": "delete"}, {**person(1, ""), "op": "delete"}, person(4, "p9@x.example")]
    stage(lake, SECOND, contact, changed)
    stage(lake, SECOND, "staged/hubspot/company", [{"hs_object_id": "8", "name": "Bolt"}])
    stage(lake, third, contact, [person(2, "p1@x.example", firstname="Ana1"), person(5, "p6@x.example")])
    stage(lake, third, "staged/hubspot/company", [{"hs_object_id": "7", "name": "Cog"}])
    for night in (FIRST, SECOND, third):
        write(lake, night)
    among = [tables.PAIR, tables.CLUSTER, tables.PERSON, tables.COMPANY]
    written = {key: _versions(lake, key) for key in among}
    states = [_state(lake, key, night) for key in among for night in (FIRST, SECOND, third)]
    with_whole_nights(lake.root, [FIRST, SECOND], among, 3)
    older = Lake(lake.root)
    assert [_versions(older, key) != rows for key, rows in written.items()] == [True] * 4
    told = [f"{key}: kept as versions now: 2 whole nights" for key in sorted(among, key=list(KEYS).index)]
    assert migrate(lake.root) == [*told, NOW.format(4)]
    assert [_state(older, key, night) for key in among for night in (FIRST, SECOND, third)] == states
    assert [_versions(older, key) for key in among[:2]] == [written[key] for key in among[:2]]
    assert {row[-2] for key in among for row in _versions(older, key)} <= {True, False}


def test_a_whole_night_without_a_pair_is_one(lake: Lake) -> None:
    """Nothing of it is in the table: what it had no more is gone all the same."""
    contact = "staged/hubspot/contact"
    stage(lake, FIRST, contact, [person(1, "one@x.example"), person(2, "one@x.example")])
    stage(lake, SECOND, contact, [{**person(1, ""), "op": "delete"}])
    for night in (FIRST, SECOND):
        write(lake, night)
    written = _versions(lake, tables.PAIR)
    with_whole_nights(lake.root, [FIRST, SECOND], [tables.PAIR], 3)
    older = Lake(lake.root)
    assert older.nights(tables.PAIR) == [FIRST]
    migrate(lake.root)
    assert _versions(older, tables.PAIR) == written
    assert _state(older, tables.PAIR, SECOND) == []


def test_ids_last_where_the_weights_of_the_night_before_are_past_retention(lake: Lake) -> None:
    """The oldest night that is kept, rebuilt: versions outlast weights, so nobody gets another id and what is gone is gone."""
    people = [person(n, f"p{n}@x{n}.example", firstname=name) for n, name in enumerate(("Bo", "Cy", "Di"), 1)]
    stage(lake, FIRST, "staged/hubspot/contact", people)
    stage(lake, SECOND, "staged/hubspot/contact", [{**person(3, ""), "op": "delete"}])
    for night in (FIRST, SECOND):
        write(lake, night)
    among = (tables.KEY, tables.PAIR, tables.CLUSTER, tables.PERSON)
    states = [_state(lake, key, SECOND) for key in among]
    for key in TABLES:
        if keys.state_key(key) is None:
            lake.drop(key, [FIRST])
    write(lake, SECOND)
    assert [_state(lake, key, SECOND) for key in among] == states


NOW = "the lake has schema version {} now"


def _versions(lake: Lake, key: str) -> list[tuple[Any, ...]]:
    return _read(lake, key, None, versions=True)


def _state(lake: Lake, key: str, night: str) -> list[tuple[Any, ...]]:
    return _read(lake, key, night, versions=False)


def _read(lake: Lake, key: str, night: str | None, *, versions: bool) -> list[tuple[Any, ...]]:
    """Rows in the declared columns, then `gone` and the night; of a state those that are not gone, without the night."""
    columns = ", ".join(name for name in arrow_schema(TABLES[key]).names if name != "gone")
    order = ", ".join(KEYS[key])
    with lake.connect(night) as session:
        session.use(key, {"gone": "BOOLEAN"}, versions=versions)
        told = "gone, night" if versions else "gone"
        where = "" if versions else "WHERE NOT gone"
        return session.sql(
            f"SELECT {columns}, {told} FROM {keys.relation(key)} {where} ORDER BY {order}, night"
        ).fetchall()


def test_a_record_that_an_import_of_older_nights_brought_is_matched(lake: Lake) -> None:
    """Its version is older than the night before, which did not know it."""
    people = [person(n, f"p{n}@x.example", firstname=f"Ana{n}") for n in range(1, 13)]
    stage(lake, SECOND, "staged/hubspot/contact", people)
    write(lake, SECOND)
    stage(lake, FIRST, "staged/hubspot/contact", [person(20, "p1@x.example", firstname="Ana1")])
    built = write(lake, "2026-01-03")
    entities = dict(pl.DataFrame(built.tables[tables.CLUSTER]).select("record", "entity_id").rows())
    assert entities["hubspot/contact/20"] == entities["hubspot/contact/1"]
    assert built.tables[tables.KEY].to_table()["record"].to_pylist() == ["hubspot/contact/20"]


def test_suggestions_about_people_and_companies_stand(lake: Lake) -> None:
    """Merges of both kinds are there on a night that touches neither."""
    twice = [given for given in ("Ola", "Kari", "Ivar", "Siri", "Nils", "Tone") for _ in range(2)]
    people = [person(n, f"{given}@x.example", firstname=given) for n, given in enumerate(twice)]
    stage(lake, FIRST, "staged/hubspot/contact", people)
    companies = [{"hs_object_id": str(n), "name": "Acme", "domain": "acme.com"} for n in (7, 8)]
    stage(lake, FIRST, "staged/hubspot/company", companies)
    first = write(lake, FIRST).tables["out/duplicate/hubspot"].to_table()
    stage(lake, SECOND, "staged/hubspot/contact", [person(30, "three@z.example")])
    assert write(lake, SECOND).tables["out/duplicate/hubspot"].to_table() == first
    assert first.column("object").to_pylist() == ["company", *["contact"] * 6]


def test_golden_records_and_merges_do_not_depend_on_how_they_are_sliced(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Ola", "Kari", "Ivar", "Siri", "Nils", "Tone")
    people = [person(n, f"{names[n // 2]}@x.example", firstname=names[n // 2]) for n in range(1, 12)]
    stage(lake, FIRST, "staged/hubspot/contact", people)
    stage(lake, SECOND, "staged/hubspot/contact", [person(3, "other@x.example")])

    def made() -> list[pa.Table]:
        nights = [write(lake, night) for night in (FIRST, SECOND)]
        return [night.tables[key].to_table() for night in nights for key in (tables.PERSON, "out/duplicate/hubspot")]

    whole = made()
    monkeypatch.setattr(survive, "SLICE", 2)
    monkeypatch.setattr(tables, "SLICE", 2)
    assert made() == whole
    assert all(table.num_rows > 2 for table in whole)


def test_golden_records_of_a_small_portal_are_put_together_at_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    made, slices = survive.golden, []
    monkeypatch.setattr(survive, "golden", lambda *given: (slices.append(given[1]) or name for name in made(*given)))
    stage(lake, FIRST, "staged/hubspot/contact", [person(n, f"p{n}@x.example") for n in range(1, 30)])
    write(lake, FIRST)
    assert sorted(slices) == ["company", "person"]


def test_a_lake_without_records_gives_empty_tables(lake: Lake) -> None:
    stage(lake, FIRST, "staged/hubspot/contact", [])
    built = write(lake, FIRST)
    assert {key for key, table in built.tables.items() if table.to_table().num_rows} == {tables.WEIGHT, tables.SHARE}


@pytest.mark.parametrize(
    ("tiers", "expected"), [((), []), (("T2",), ["T2"]), (("T3",), ["T3"]), (("T2", "T3"), ["T2", "T3"])]
)
def test_a_tier_links_only_where_it_is_let(lake: Lake, tiers: tuple[str, ...], expected: list[str]) -> None:
    """T2: the mailbox with a tag; T3: no address on one side, all else alike. A linked contact keeps its record."""
    alike = {"phone": "+4722334455", "zip": "0150", "address": "Storgata 1", "city": "Oslo"}
    theirs = {"Phone": "+4722334455", "PostalCode": "0150", "Street": "Storgata 1", "City": "Oslo"}
    stage(
        lake,
        FIRST,
        "staged/hubspot/contact",
        [
            person(1, "ana+news@x.example"),
            {"hs_object_id": "2", "firstname": "Bo", "lastname": "Nilsen", "email": "bo@y.example", **alike},
            person(3, "eva@z.example", firstname="Eva"),
        ],
    )
    stage(
        lake,
        FIRST,
        "staged/salesforce/contact",
        [
            {"Id": "0031", "FirstName": "Ana", "LastName": "Dias", "Email": "ana@x.example"},
            {"Id": "0032", "FirstName": "Bo", "LastName": "Nilsen", **theirs},
            {"Id": "0033", "FirstName": "Eva", "LastName": "Dias", "Email": "eva@z.example"},
        ],
    )
    write(lake, FIRST)
    with lake.connect(FIRST) as session:
        rows = link.link(session, tiers=tiers).to_pylist()
    found = {row["hubspot_id"]: (row["salesforce_id"], row["rule"], row["is_current"]) for row in rows}
    assert found.pop("3") == ("0033", "email", True)
    assert found == {
        number: (f"003{number}", tier, True) for number, tier in (("1", "T2"), ("2", "T3")) if tier in expected
    }
