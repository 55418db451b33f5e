"""Numbers and pictures of a night for the assets' pages: counts only, never values."""

from typing import Any

import polars as pl
from sqlglot import exp

from assets.identity import charts, evidence, night
from assets.shared.sql import Session


def of(session: Session, entity: str, found: night.Resolved, sizes: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """By short table name: pairs by rule before scoring, weights, cluster sizes, precision estimate, guards, what was compared.

    `sizes` says how many `entities` have which `size`; the session has every pair as `settled`.
    """
    pairs = session.sql(exp.select("tier", "zone", "weight", evidence.probability()).from_("settled")).pl()
    merged = pairs.filter(pl.col("zone") == "merge")
    likely = merged.filter(pl.col("tier") == "T3")
    by_rule = {row["rule"]: row["kept"] for row in found.matched.rules.to_dicts() if row["pairs"]}
    dropped = {row["rule"]: row["dropped_keys"] for row in found.matched.rules.to_dicts() if row["dropped_keys"]}
    binned = pairs.filter(pl.col("tier") == "T3").with_columns(bin=(pl.col("weight") / 4).floor().cast(pl.Int64) * 4)
    weights = {f"{row[0]:+d} to {row[0] + 4:+d}": row[1] for row in binned.group_by("bin").len().sort("bin").rows()}
    by_size = {str(size): entities for size, entities in sizes.rows()}
    guards = dict(pl.DataFrame(found.review.select(["guard"])).group_by("guard").len().sort("guard").rows())
    estimate = float(likely["probability"].mean() or 1.0) if likely.height else 1.0
    return {
        "weight": {
            f"{entity} weights learnt on": found.weights["learnt"],
            f"{entity} records": found.weights["present"],
            f"{entity} records compared tonight": found.weights["rescored"],
            f"{entity} records clustered tonight": found.clusters.height,
        },
        "pair": {
            f"{entity} candidate pairs by rule": by_rule,
            f"{entity} key values dropped by rule": dropped,
            f"{entity} pairs merged": merged.height,
            f"{entity} estimated precision of T3": round(estimate, 4),
            f"{entity} match weights": charts.bars(weights, f"{entity}: likeness pairs by match weight"),
        },
        "review": {f"{entity} stopped by guard": guards},
        "cluster": {
            f"{entity} entities": sum(sizes["entities"]),
            f"{entity} components cut": found.clustered.conflicting,
            f"{entity} cluster sizes": charts.bars(by_size, f"{entity}: entities by number of records"),
        },
    }
