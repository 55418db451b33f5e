"""What holds whatever the records are: order never matters, one that goes leaves the others' ids, nobody kept apart meets."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.identity import overrides, tables
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from tests.pipeline.test_identity_incremental import (
    CONTACT,
    LEAD,
    PEOPLE,
    PHASES,
    contact,
    first_night,
    lead,
    stage,
)

FIRST, SECOND = "2026-01-01", "2026-01-02"
LIVE = st.fixed_dictionaries({str(i): contact.map(lambda row: {**row, "op": "upsert"}) for i in range(1, 8)})
LEADS = st.fixed_dictionaries(dict.fromkeys(("00Q1", "00Q2", "00Q3"), lead.map(lambda row: {**row, "op": "upsert"})))
APART = st.lists(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True), max_size=3)
TOGETHER = st.lists(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2, unique=True), max_size=3)
quick = settings(max_examples=2, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
long = settings(max_examples=25, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
Rows = dict[str, dict[str, Any]]


def lake_of(folder: Path, at: str, contacts: Rows, leads: Rows) -> Lake:
    lake = Lake(folder / "lake")
    lake.prepare()
    stage(lake, at, CONTACT, "hs_object_id", contacts)
    stage(lake, at, LEAD, "Id", leads)
    return lake


def entities(lake: Lake, at: str, words: overrides.Overrides | None = None) -> dict[str, str]:
    """Build and write a night; the entity of every record."""
    for key, table in tables.build(lake, at, at, words or overrides.parse([], "f")).tables.items():
        lake.write(key, at, table.to_reader())
    with lake.connect(at) as session:
        session.use(tables.CLUSTER)
        found = session.sql("SELECT record, entity_id FROM core__identity__cluster WHERE NOT gone").fetchall()
    return dict(found)


def same_in_any_order(tmp_path_factory: pytest.TempPathFactory, night: dict[str, Any], seed: int) -> None:
    """The same rows, staged in another order, give the same tables."""
    results = []
    for shuffle in (False, True):
        given_rows = [list(night[name].items()) for name in ("contacts", "leads")]
        if shuffle:
            for rows in given_rows:
                random.Random(seed).shuffle(rows)
        lake = lake_of(tmp_path_factory.mktemp("order"), FIRST, *(dict(rows) for rows in given_rows))
        results.append(tables.build(lake, FIRST, FIRST, overrides.parse([], "f")).tables)
    for key, table in results[0].items():
        if key != tables.WEIGHT:
            ours, theirs = (sorted(map(str, t.to_table().to_pylist())) for t in (table, results[1][key]))
            assert ours == theirs, key


def members(of: dict[str, str]) -> dict[str, frozenset[str]]:
    """Entity ids with their records."""
    return {entity: frozenset(record for record, its in of.items() if its == entity) for entity in of.values()}


def the_others_keep_their_ids(tmp_path_factory: pytest.TempPathFactory, contacts: Rows, leads: Rows, gone: str) -> None:
    """A record that is deleted leaves every entity its id that still has the same other records; no id goes to strangers.

    Entities may merge or split where the record was in the way, or an address is no longer an office's.
    """
    lake = lake_of(tmp_path_factory.mktemp("removed"), FIRST, contacts, leads)
    before = entities(lake, FIRST)
    stage(lake, SECOND, CONTACT, "hs_object_id", {gone: {**contacts[gone], "op": "delete"}})
    after = entities(lake, SECOND)
    assert set(after) == set(before) - {f"hubspot/contact/{gone}"}
    left = {entity: records - {f"hubspot/contact/{gone}"} for entity, records in members(before).items()}
    now = members(after)
    assert {e: r for e, r in left.items() if r in now.values()} == {e: r for e, r in now.items() if r in left.values()}
    assert all(records & left[entity] for entity, records in now.items() if entity in left)


def the_kept_apart_never_meet(
    tmp_path_factory: pytest.TempPathFactory,
    contacts: Rows,
    leads: Rows,
    apart: list[list[str]],
    together: list[list[str]],
) -> None:
    """No entity holds two records of a cannot-link, whatever else joins them, a person's own must-links included."""
    forbidden = {frozenset(pair) for pair in apart}
    told = [{"action": "cannot_link", "a": a, "b": b} for a, b in map(sorted, forbidden)]
    told += [
        {"action": "must_link", "a": a, "b": b}
        for a, b in map(sorted, {frozenset(pair) for pair in together} - forbidden)
    ]
    try:
        words = overrides.parse([{**row, "who": "w", "why": "y"} for row in told], "f")
    except InputRefused:  # a chain of must-links against a cannot-link is refused as such
        return
    found = entities(lake_of(tmp_path_factory.mktemp("apart"), FIRST, contacts, leads), FIRST, words)
    for a, b in map(tuple, forbidden):
        assert found[a] != found[b]


@quick
@given(night=first_night, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(tmp_path_factory: pytest.TempPathFactory, night: Any, seed: int) -> None:
    same_in_any_order(tmp_path_factory, night, seed)


@quick
@given(contacts=LIVE, leads=LEADS, gone=st.integers(1, 7).map(str))
def test_a_record_removed_leaves_the_others_ids(
    tmp_path_factory: pytest.TempPathFactory, contacts: Rows, leads: Rows, gone: str
) -> None:
    the_others_keep_their_ids(tmp_path_factory, contacts, leads, gone)


@quick
@given(contacts=LIVE, leads=LEADS, apart=APART, together=TOGETHER)
def test_a_cannot_link_is_never_broken(
    tmp_path_factory: pytest.TempPathFactory,
    contacts: Rows,
    leads: Rows,
    apart: list[list[str]],
    together: list[list[str]],
) -> None:
    the_kept_apart_never_meet(tmp_path_factory, contacts, leads, apart, together)


@pytest.mark.slow
@long
@given(night=first_night, seed=st.integers(0, 99))
def test_the_order_of_rows_never_matters(tmp_path_factory: pytest.TempPathFactory, night: Any, seed: int) -> None:
    same_in_any_order(tmp_path_factory, night, seed)


@pytest.mark.slow
@long
@given(contacts=LIVE, leads=LEADS, gone=st.integers(1, 7).map(str))
def test_any_record_removed_leaves_the_others_ids(
    tmp_path_factory: pytest.TempPathFactory, contacts: Rows, leads: Rows, gone: str
) -> None:
    the_others_keep_their_ids(tmp_path_factory, contacts, leads, gone)


@pytest.mark.slow
@long
@given(contacts=LIVE, leads=LEADS, apart=APART, together=TOGETHER)
def test_no_cannot_link_is_ever_broken(
    tmp_path_factory: pytest.TempPathFactory,
    contacts: Rows,
    leads: Rows,
    apart: list[list[str]],
    together: list[list[str]],
) -> None:
    the_kept_apart_never_meet(tmp_path_factory, contacts, leads, apart, together)
