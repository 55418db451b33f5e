"""The best path between two records, and what a person's answers say about a threshold."""

import polars as pl

from assets.identity import explain, label, paths

EDGES = [("a", "b", "T3", 0.9), ("b", "c", "T0", 1.0), ("a", "c", "T3", 0.7), ("c", "d", "T1", 0.99)]


def test_the_path_is_the_one_whose_weakest_edge_is_strongest() -> None:
    assert [edge[:2] for edge in paths.best(EDGES, "a", "d")] == [("a", "b"), ("b", "c"), ("c", "d")]
    assert paths.best(EDGES, "a", "z") == []


def test_a_duplicate_is_as_sure_as_its_weakest_edge() -> None:
    pairs = pl.DataFrame(EDGES, schema=["a", "b", "tier", "probability"], orient="row")
    wanted = pl.DataFrame({"survivor": ["a"], "duplicate": ["d"]})
    assert paths.weakest(pairs, wanted).rows() == [("a", "d", "T3", 0.9, 2)]


def test_values_are_masked() -> None:
    assert explain.mask("Ana") == "A••"
    assert explain.mask(None) == ""
    assert len(explain.mask("x" * 40)) == 12


def pairs() -> pl.DataFrame:
    """1,000 pairs far above the threshold, 20 around it, 200 below."""
    weights = [12.5] * 1000 + [0.5] * 10 + [1.5] * 10 + [-3.5] * 200
    rows = [(f"a{i}", f"b{i}", w, "likeness", None) for i, w in enumerate(weights)]
    return pl.DataFrame(
        rows,
        schema={"a": pl.String, "b": pl.String, "weight": pl.Float64, "rule": pl.String, "guard": pl.String},
        orient="row",
    )


def test_pairs_are_drawn_evenly_over_the_weights_and_always_the_same() -> None:
    drawn = label.chosen(pairs(), 40)
    assert sorted(drawn.group_by("weight").len().rows()) == [(-3.5, 10), (0.5, 10), (1.5, 10), (12.5, 10)]
    assert label.chosen(pairs().sample(fraction=1.0, shuffle=True, seed=1), 40).equals(drawn)


def test_answers_stand_for_all_pairs_of_their_stretch() -> None:
    drawn = label.chosen(pairs(), 40)
    answers = drawn.select("a", "b", same=pl.col("weight") > 1)
    table = label.report(pairs(), answers)
    assert table["threshold"].to_list() == [-4.0, 0.0, 1.0, 12.0]
    assert table["precision"].round(4).to_list() == [round(1010 / 1220, 4), round(1010 / 1020, 4), 1.0, 1.0]
    assert label.proposed(table, 0.95) == 0.0
    assert label.proposed(table, 0.999) == 1.0
    assert label.proposed(table.with_columns(precision=pl.lit(0.1)), 0.95) is None
