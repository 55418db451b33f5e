"""Stable ids: kept over shuffles and removals, one heir a merge, one keeper a split, none used twice."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.identity import ids

MEMBERS = {"record": pl.String, "entity_id": pl.String, "since": pl.String}
ALIASES = {"alias_id": pl.String, "entity_id": pl.String, "since": pl.String}
HISTORIES = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 4), min_size=1), min_size=1, max_size=5
)


def night(number: int) -> str:
    return f"2026-01-{number:02}"


def name(clusters: dict[str, int], number: int, before: ids.Named | None) -> ids.Named:
    frame = pl.DataFrame(list(clusters.items()), schema={"record": pl.String, "cluster": pl.Int64}, orient="row")
    previous = before.members.select(*MEMBERS) if before else pl.DataFrame(schema=MEMBERS)
    aliases = before.aliases if before else pl.DataFrame(schema=ALIASES)
    return ids.named("person", night(number), frame, previous, aliases)


def of(named: ids.Named) -> dict[str, str]:
    return dict(named.members.select("record", "entity_id").rows())


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_histories(history: list[dict[str, int]]) -> None:
    before: ids.Named | None = None
    born: dict[str, int] = {}
    for number, clusters in enumerate(history, start=1):
        named = name(clusters, number, before)
        found = of(named)
        shuffled = dict(reversed([(record, 10 - label) for record, label in clusters.items()]))
        assert of(name(shuffled, number, before)) == found
        for a in clusters:
            for b in clusters:
                assert (found[a] == found[b]) == (clusters[a] == clusters[b])
        alive, retired = set(found.values()), dict(named.aliases.select("alias_id", "entity_id").rows())
        assert not alive & set(retired)
        for entity_id in alive:
            assert born.setdefault(entity_id, number) == number or (before and entity_id in set(of(before).values()))
        if before:
            for entity_id in set(of(before).values()) - alive:
                rest = [r for r, e in of(before).items() if e == entity_id and r in found]
                assert bool(rest) == (entity_id in retired)
                assert not rest or retired[entity_id] in {found[r] for r in rest}
        before = named


def test_a_record_removed_leaves_the_others_their_id() -> None:
    first = name({"a": 0, "b": 0, "c": 0}, 1, None)
    second = name({"b": 7, "c": 7}, 2, first)
    assert set(of(second).values()) == set(of(first).values())
    assert second.members["since"].to_list() == [night(1)] * 2


def test_of_two_that_merge_the_larger_keeps_its_id_and_the_other_becomes_an_alias() -> None:
    first = name({"a": 0, "b": 1, "c": 1}, 1, None)
    second = name({"a": 0, "b": 0, "c": 0}, 2, first)
    assert set(of(second).values()) == {of(first)["b"]}
    assert second.aliases.rows() == [(of(first)["a"], of(first)["b"], night(2))]
    third = name({"a": 0, "b": 0, "c": 0, "d": 0, "e": 1}, 3, second)
    assert third.aliases.rows() == second.aliases.rows()


def test_an_alias_follows_when_its_entity_is_merged_again() -> None:
    first = name({"a": 0, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}, 1, None)
    second = name({"a": 0, "b": 0, "c": 0, "d": 2, "e": 2, "f": 2}, 2, first)
    third = name(dict.fromkeys("abcdefg", 0), 3, second)
    assert set(third.aliases["entity_id"]) <= set(of(third).values())
    assert third.aliases.height == 2


def test_of_two_parts_the_larger_keeps_the_id() -> None:
    first = name({"a": 0, "b": 0, "c": 0}, 1, None)
    second = name({"a": 0, "b": 1, "c": 1}, 2, first)
    assert of(second)["b"] == of(first)["b"]
    assert of(second)["a"] == "person:2026-01-02:a"
    assert second.aliases.is_empty()
