"""Two plans of one night side by side: who enters and leaves, which stages and marketing contacts each would give."""

import polars as pl

from pipelines.report.plans import identified

MOVES = ["status", "hubspot_id", "email"]


def with_changed(both: pl.DataFrame, present: pl.DataFrame) -> pl.DataFrame:
    """Operations of two plans with `status` gained, lost or same: of the same ones, `changed` where the values differ."""
    now = identified(present).select(
        "identity", pl.col("changes").alias("_then"), pl.col("marketing").alias("_marketing")
    )
    joined = identified(both).join(now, on="identity", how="left", maintain_order="left")
    differs = ~pl.col("changes").eq_missing(pl.col("_then")) | ~pl.col("marketing").eq_missing(pl.col("_marketing"))
    status = (
        pl.when((pl.col("status") == "same") & differs)
        .then(pl.lit("changed"))
        .otherwise(pl.col("status"))
        .alias("status")
    )
    return joined.with_columns(status).select(both.columns)


def segment_moves(present: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """HubSpot contacts that enter or leave the inclusion segment from one configuration's decisions to the other's.

    One row per contact: status (enters, leaves), hubspot_id, email; sorted.
    """
    before, after = _outside(present), _outside(other)
    enters = before.join(after, on="hubspot_id", how="anti").with_columns(pl.lit("enters").alias("status"))
    leaves = after.join(before, on="hubspot_id", how="anti").with_columns(pl.lit("leaves").alias("status"))
    return pl.concat([enters, leaves]).select(MOVES).sort(MOVES, nulls_last=False)


def stage_counts(rows: pl.DataFrame) -> dict[tuple[str, ...], int]:
    """Lifecycle stages that a plan gives, by HubSpot object and stage; a stage that is cleared is `(cleared)`."""
    given = (
        rows.filter((pl.col("system") == "hubspot") & pl.col("op").is_in(["create", "update", "clear"]))
        .select("object", pl.col("changes"))
        .explode("changes")
        .unnest("changes")
        .filter(pl.col("field") == "lifecyclestage")
    )
    counted = given.group_by("object", pl.col("after").fill_null("(cleared)")).len()
    return {(row[0], row[1]): row[2] for row in counted.iter_rows()}


def marketing_counts(rows: pl.DataFrame) -> dict[tuple[str, ...], int]:
    """HubSpot contacts that a plan creates, by whether they become marketing contacts."""
    made = rows.filter(pl.col("marketing").is_not_null()).group_by("marketing").len()
    return {("marketing" if row[0] else "non-marketing",): row[1] for row in made.iter_rows()}


def _outside(decided: pl.DataFrame) -> pl.DataFrame:
    """Contacts that a plan's decisions leave out because of the segment: hubspot_id, email."""
    contacts = (pl.col("object") == "person") & (pl.col("direction") == "to_salesforce")
    return (
        decided.filter(contacts & pl.col("reasons").list.contains("not_in_segment"))
        .select("hubspot_id", "email")
        .unique()
    )
