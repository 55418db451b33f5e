"""Stable ids: what an entity is called tonight, given what its records were called before.

A cluster takes the id that most of its records had; of several clusters that claim one id the one with most of its records
keeps it. What merges leaves its id as an alias, what splits off gets a new one. An id names the night and the first record of
its birth, so none is ever made twice.
"""

from dataclasses import dataclass

import polars as pl

_ORDER = ["shared", "since", "entity_id", "first"]
_DESCENDING = [True, False, False, False]


@dataclass(frozen=True)
class Named:
    """`members` (record, entity_id, since, size) and all `aliases` (alias_id, entity_id, since)."""

    members: pl.DataFrame
    aliases: pl.DataFrame


def named(entity: str, night: str, clusters: pl.DataFrame, previous: pl.DataFrame, aliases: pl.DataFrame) -> Named:
    """Name clusters (record, cluster) after the previous night's members (record, entity_id, since) and its aliases."""
    size = clusters.group_by("cluster").agg(
        pl.len().cast(pl.Int64).alias("size"), pl.col("record").min().alias("first")
    )
    shared = (
        clusters.join(previous, on="record")
        .group_by("cluster", "entity_id")
        .agg(pl.len().alias("shared"), pl.col("since").min())
        .join(size, on="cluster")
        .sort(_ORDER, descending=_DESCENDING)
    )
    kept = _assigned(shared)
    born = pl.concat_str(pl.lit(f"{entity}:{night}:"), pl.col("first"))
    all_named = size.join(kept, on="cluster", how="left").with_columns(
        entity_id=pl.coalesce("entity_id", born), since=pl.coalesce("since", pl.lit(night))
    )
    members = clusters.join(all_named.select("cluster", "entity_id", "since", "size"), on="cluster").drop("cluster")
    gone = shared.join(kept, on="entity_id", how="anti").sort(_ORDER, descending=_DESCENDING)
    heirs = (
        gone.group_by("entity_id", maintain_order=True).first().select("entity_id", "cluster")
        .join(all_named.select("cluster", heir="entity_id"), on="cluster")
        .select(alias_id="entity_id", entity_id="heir")
        .with_columns(since=pl.lit(night))
    )  # fmt: skip
    older = aliases.join(heirs.select(entity_id="alias_id", heir="entity_id"), on="entity_id", how="left")
    older = older.select("alias_id", pl.coalesce("heir", "entity_id").alias("entity_id"), "since")
    return Named(members.sort("record"), pl.concat([older, heirs]).sort("alias_id"))


def _assigned(shared: pl.DataFrame) -> pl.DataFrame:
    """One id a cluster and one cluster an id, best claims first: rounds in which every mutual best choice is kept."""
    kept = []
    while shared.height:
        best = shared.group_by("cluster", maintain_order=True).first()
        mutual = best.sort(_ORDER, descending=_DESCENDING).group_by("entity_id", maintain_order=True).first()
        first = shared.group_by("entity_id", maintain_order=True).first().select("entity_id", "cluster")
        mutual = mutual.join(first, on=["entity_id", "cluster"])
        kept.append(mutual.select("cluster", "entity_id", "since"))
        shared = shared.join(mutual, on="cluster", how="anti").join(mutual, on="entity_id", how="anti")
        shared = shared.sort(_ORDER, descending=_DESCENDING)
    empty = pl.DataFrame(schema={"cluster": pl.Int64, "entity_id": pl.String, "since": pl.String})
    return pl.concat([empty, *kept])
