"""Labelling: which pairs a person should look at, and what the answers say about every threshold.

Pairs are drawn evenly over the range of weights, not over the pairs: most pairs are obvious, the threshold lies where they are
few. Each answer then stands for the pairs of its stretch, so precision is estimated for all pairs above a threshold.
"""

import hashlib

import polars as pl

STRETCH = 1.0  # log2 odds


def chosen(pairs: pl.DataFrame, count: int) -> pl.DataFrame:
    """At most `count` pairs judged by likeness (`a, b, weight, evidence`), evenly over stretches of weight, in a fixed order."""
    likely = pairs.filter((pl.col("rule") == "likeness") & pl.col("guard").is_null())
    likely = likely.with_columns(
        stretch=(pl.col("weight").clip(-8, 16) / STRETCH).floor().cast(pl.Int64),
        draw=pl.concat_str("a", "b", separator="|").map_elements(_draw, return_dtype=pl.String),
    )
    ranked = likely.sort("stretch", "draw").with_columns(turn=pl.int_range(pl.len()).over("stretch"))
    return ranked.sort("turn", "stretch").head(count).sort("draw").drop("draw", "turn")


def report(pairs: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Estimated precision and share of the true pairs by threshold: `threshold, pairs, precision, recall, answered`.

    `answers` has `a, b, same` (bool). A stretch without answers takes those of the nearest answered one below it, or above.
    """
    likely = pairs.filter((pl.col("rule") == "likeness") & pl.col("guard").is_null())
    likely = likely.with_columns(stretch=(pl.col("weight").clip(-8, 16) / STRETCH).floor().cast(pl.Int64))
    said = (
        likely.join(answers, on=["a", "b"]).group_by("stretch").agg(pl.col("same").mean(), pl.len().alias("answered"))
    )
    by = likely.group_by("stretch").agg(pl.len().alias("pairs")).join(said, on="stretch", how="left").sort("stretch")
    by = by.with_columns(pl.col("same").forward_fill().backward_fill(), pl.col("answered").fill_null(0))
    true = pl.col("pairs") * pl.col("same")
    above = by.sort("stretch", descending=True).with_columns(
        precision=true.cum_sum() / pl.col("pairs").cum_sum(),
        recall=true.cum_sum() / true.sum(),
        above=pl.col("pairs").cum_sum(),
    )
    return above.sort("stretch").select(
        threshold=pl.col("stretch") * STRETCH,
        pairs="above",
        precision="precision",
        recall="recall",
        answered="answered",
    )


def proposed(table: pl.DataFrame, precision: float = 0.95) -> float | None:
    """The lowest threshold from which on the estimated precision is high enough; None where no threshold is."""
    good = table.filter(pl.col("precision") >= precision)
    return None if good.is_empty() else float(good["threshold"].min())  # type: ignore[arg-type]


def _draw(names: str) -> str:
    return hashlib.sha256(names.encode()).hexdigest()
