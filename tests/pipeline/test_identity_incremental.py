"""A night that compares only what changed gives what comparing everything gives: clusters, ids, suggestions, golden records."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assets.identity import block, overrides, past, sources, tables
from assets.shared import forget, keys
from assets.shared.lake import Lake
from schemas.tables import ORDER

TYPES = {"VARCHAR": pl.String, "TIMESTAMPTZ": pl.Datetime("us", "UTC"), "BOOLEAN": pl.Boolean}
CONTACT, LEAD, COMPANY = "staged/hubspot/contact", "staged/salesforce/lead", "staged/hubspot/company"
FIRST, LAST = ["Ana", "Anna", "Bo", "Carla"], ["Dias", "Diaz", "Nilsen"]
MAILS = ["ana@x.example", "ana+n@x.example", "info@x.example", "bo@y.example", None]

contact = st.fixed_dictionaries(
    {
        "firstname": st.sampled_from(FIRST), "lastname": st.sampled_from(LAST), "email": st.sampled_from(MAILS),
        "phone": st.sampled_from(["+4722334455", "+4799887766", None]), "zip": st.sampled_from(["0150", "5003", None]),
        "salesforceleadid": st.sampled_from(["00Q1", "00Q2", None, None]),
        "op": st.sampled_from(["upsert", "upsert", "upsert", "delete"]),
    }
)  # fmt: skip
lead = st.fixed_dictionaries(
    {
        "FirstName": st.sampled_from(FIRST), "LastName": st.sampled_from(LAST), "Email": st.sampled_from(MAILS),
        "PostalCode": st.sampled_from(["0150", "5003"]), "op": st.sampled_from(["upsert", "upsert", "delete"]),
    }
)  # fmt: skip
company = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Acme", "Acme Inc", "Castor"]),
        "domain": st.sampled_from(["acme.com", "castor.io", None]),
    }
)
PEOPLE = [f"hubspot/contact/{i}" for i in range(1, 8)]
decision = st.tuples(
    st.sampled_from(overrides.ACTIONS), st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True)
)
night = st.fixed_dictionaries(
    {
        "contacts": st.dictionaries(st.integers(1, 7).map(str), contact, max_size=4),
        "leads": st.dictionaries(st.sampled_from(["00Q1", "00Q2", "00Q3"]), lead, max_size=2),
        "companies": st.dictionaries(st.integers(1, 3).map(str), company, max_size=2),
        "decision": st.none() | decision,
    }
)
first_night = st.fixed_dictionaries(
    {
        "contacts": st.fixed_dictionaries({str(i): contact for i in range(1, 8)}),
        "leads": st.fixed_dictionaries(dict.fromkeys(("00Q1", "00Q2", "00Q3"), lead)),
        "companies": st.fixed_dictionaries({str(i): company for i in range(1, 4)}),
        "decision": st.none() | decision,
    }
)
PHASES = (
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
)  # a history takes seconds: the first that fails is shown as it is
HISTORY = st.tuples(first_night, st.lists(night, min_size=1, max_size=3)).map(lambda h: [h[0], *h[1]])


def stage(lake: Lake, at: str, key: str, id_column: str, rows: dict[str, dict[str, Any]]) -> None:
    if not rows:
        return
    columns = sources.COLUMNS[key]
    full = [{**dict.fromkeys(columns), "op": "upsert", id_column: number, **row} for number, row in rows.items()]
    lake.write(key, at, pl.DataFrame(full, schema={n: TYPES[k] for n, k in columns.items()}).to_arrow())


def decided(drawn: tuple[str, list[str]] | None) -> overrides.Overrides:
    rows = [] if drawn is None else [{"action": drawn[0], "a": drawn[1][0], "b": drawn[1][1], "who": "w", "why": "y"}]
    return overrides.parse(rows, "f")


def run(folder: Path, history: list[dict[str, Any]]) -> list[int]:
    """Every night both ways; how many records each night compared anew."""
    lake = Lake(folder / "lake")
    lake.prepare()
    compared = []
    golden = {tables.PERSON: pl.DataFrame(), tables.COMPANY: pl.DataFrame()}  # as the night before left them
    for number, drawn in enumerate(history, start=1):
        at = f"2026-01-{number:02}"
        stage(lake, at, CONTACT, "hs_object_id", drawn["contacts"])
        stage(lake, at, LEAD, "Id", drawn["leads"])
        stage(lake, at, COMPANY, "hs_object_id", drawn["companies"])
        words = decided(drawn["decision"])
        everything = tables.build(lake, at, at, words, everything=True)
        found = tables.build(lake, at, at, words)
        for key, table in found.tables.items():
            if key == tables.WEIGHT:
                continue
            names = table.schema.names
            one, other = (pl.DataFrame(t.tables[key]).select(names) for t in (found, everything))
            if key in golden:  # a version is what was made anew, equal or not: what comes of them must be
                one, other = (_newest(golden[key], rows) for rows in (one, other))
                golden[key] = one
            order = [c for c in names if not isinstance(one.schema[c], pl.List | pl.Struct)]
            assert one.sort(order).equals(other.sort(order)), (key, at)
        compared.append(sum(pl.DataFrame(found.tables[tables.WEIGHT])["rescored"]))
        for key, table in found.tables.items():
            lake.write(key, at, table.to_reader())
    return compared


def _newest(before: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    standing = before.join(rows, on="entity_id", how="anti") if before.height else before
    return pl.concat([standing, rows.filter(~pl.col("gone"))]) if standing.height else rows.filter(~pl.col("gone"))


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of four records at most, never everything with everything, weights of the first night for good."""
    rules = block.rules
    monkeypatch.setattr(past, "STALE", 100.0)
    monkeypatch.setattr(block, "EVERY_PAIR", 0)
    monkeypatch.setattr(
        block,
        "rules",
        lambda rows, entity: [block.Rule(r.number, r.name, r.keys, 4, r.up_to) for r in rules(rows, entity)][::6],
    )


@settings(max_examples=2, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(history=HISTORY)
@pytest.mark.usefixtures("small_limits")
def test_incremental_equals_full(tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, Any]]) -> None:
    run(tmp_path_factory.mktemp("history"), history)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(history=HISTORY)
@pytest.mark.usefixtures("small_limits")
def test_incremental_equals_full_over_many_histories(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, Any]]
) -> None:
    run(tmp_path_factory.mktemp("history"), history)


def people(*numbers: int, last: str = "Dias") -> dict[str, dict[str, Any]]:
    """Contacts of different first names, each with a mailbox of its own."""
    names = ["Ana", "Bo", "Carla", "Dev", "Edda", "Finn", "Greta", "Hugo", "Inga", "Jamal", "Kim", "Liv"]
    return {
        str(n): {"firstname": names[n], "lastname": last, "email": f"{names[n]}.{n}@x{n}.example".lower()}
        for n in numbers
    }


def build(lake: Lake, at: str) -> tables.Night:
    found = tables.build(lake, at, at, overrides.parse([], "f"))
    for key, table in found.tables.items():
        lake.write(key, at, table.to_reader())
    return found


def weights(found: tables.Night) -> dict[str, Any]:
    return pl.DataFrame(found.tables[tables.WEIGHT]).filter(pl.col("entity") == "person").row(0, named=True)


def test_what_a_night_compares_and_by_which_weights(tmp_path: Path) -> None:
    """One of twelve changed: it alone is compared. A person forgotten: everything, by the same weights. Many: new weights."""
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    one, two, three, four = (f"2026-01-0{n}" for n in range(1, 5))
    stage(lake, one, CONTACT, "hs_object_id", people(*range(12)))
    assert weights(build(lake, one))["learnt"] == one
    stage(lake, two, CONTACT, "hs_object_id", people(3, last="Nilsen"))
    second = build(lake, two)
    assert (weights(second)["rescored"], weights(second)["learnt"], weights(second)["changed"]) == (1, one, 1)
    forget.erase(lake, forget.Person(frozenset({"5"}), frozenset(), frozenset({"finn.5@x5.example"})))
    stage(lake, three, CONTACT, "hs_object_id", people(4, last="Nilsen"))
    third = weights(build(lake, three))
    assert (third["present"], third["rescored"], third["learnt"], third["changed"]) == (11, 11, one, 2)
    stage(lake, four, CONTACT, "hs_object_id", people(6, 7, 8, last="Olsen"))
    assert weights(build(lake, four))["learnt"] == four


def test_nobody_is_without_an_entity_after_somebody_who_was_gone_was_forgotten(tmp_path: Path) -> None:
    """Two are one person under an id that names the first; he goes, and is forgotten: the other is made an entity anew."""
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    one, two, three = (f"2026-01-0{n}" for n in range(1, 4))
    twin = {"12": people(2)["2"]}
    stage(lake, one, CONTACT, "hs_object_id", {**people(*range(12)), **twin})
    build(lake, one)
    stage(lake, two, CONTACT, "hs_object_id", {"12": {**twin["12"], "op": "delete"}})
    build(lake, two)
    forget.erase(lake, forget.Person(frozenset({"12"}), frozenset(), frozenset()))
    stage(lake, three, CONTACT, "hs_object_id", people(4, last="Nilsen"))
    build(lake, three)
    assert [_standing(lake, key, three) for key in (tables.CLUSTER, tables.PERSON)] == [12, 12]


def _standing(lake: Lake, key: str, at: str) -> int:
    with lake.connect(at) as session:
        session.use(key)
        return int(session.scalar(f"SELECT count(*) FROM {keys.relation(key)} WHERE NOT gone"))


def test_a_night_run_again_after_later_ones_is_the_same(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    one, two, three = (f"2026-01-0{n}" for n in range(1, 4))
    stage(lake, one, CONTACT, "hs_object_id", people(*range(12)))
    build(lake, one)
    stage(lake, two, CONTACT, "hs_object_id", {"3": {**people(2)["2"]}})
    second = build(lake, two)
    stage(lake, three, CONTACT, "hs_object_id", people(3, last="Nilsen"))
    build(lake, three)
    again = tables.build(lake, two, two, overrides.parse([], "f"))
    assert any("hubspot/contact/3" in row["b"] for row in second.tables[tables.PAIR].to_table().to_pylist())
    for key, table in second.tables.items():
        order = [(name, "ascending") for name in ORDER[key]]
        assert again.tables[key].to_table().sort_by(order).equals(table.to_table().sort_by(order)), key
