"""What to merge inside each CRM: groups of live records of one object that are one entity, and which of them to keep.

In Salesforce the record that syncs with HubSpot survives, in HubSpot the one that is linked (P2-2A), then the fullest, then the
oldest, then the lowest id. Leads and contacts are never merged into each other: Salesforce converts, it does not merge them.
"""

import polars as pl

from assets.identity import normalise, paths, words
from assets.identity.survive import FIELDS

SYSTEMS = ("hubspot", "salesforce")


def duplicates(entity: str, fields: pl.DataFrame, pairs: pl.DataFrame, linked: pl.Series) -> pl.DataFrame:
    """Rows of `out/duplicate/*` with their `system`.

    `fields` has `record`, `entity_id`, the raw fields, `modified_at` and `created_at` of the records that are not alone in their
    entity and object; `pairs` the rows of `core/identity/pair`; `linked` the records that sync with the other CRM.
    """
    ranked = _ranked(entity, fields, linked)
    survivor = (
        ranked.group_by("entity_id", "place", maintain_order=True)
        .first()
        .select("entity_id", "place", survivor="record")
    )
    found = ranked.join(survivor, on=["entity_id", "place"]).filter(pl.col("record") != pl.col("survivor"))
    found = found.select("entity_id", "place", "survivor", duplicate="record")
    found = found.join(_told(found, pairs), on=["survivor", "duplicate"], how="left")
    found = found.join(_lost(entity, fields, found), on=["survivor", "duplicate"], how="left")
    return found.select(
        system=pl.col("place").str.split("/").list.first(),
        object=pl.col("place").str.split("/").list.last(),
        group_id="entity_id",
        survivor_id=pl.col("survivor").str.split("/").list.last(),
        duplicate_id=pl.col("duplicate").str.split("/").list.last(),
        tier="tier",
        confidence="confidence",
        reason="reason",
        lost=pl.coalesce("lost", pl.lit([], dtype=pl.List(pl.Struct({"field": pl.String, "value": pl.String})))),
    )


def _ranked(entity: str, fields: pl.DataFrame, linked: pl.Series) -> pl.DataFrame:
    """The records with their place (`<system>/<object>`), within an entity and place the survivor first."""
    filled = pl.sum_horizontal(pl.col(f).is_not_null().cast(pl.Int64) for f in FIELDS[entity] if f in fields.columns)
    ranked = fields.with_columns(
        place=pl.col("record").str.replace(r"/[^/]*$", ""),
        filled=filled,
        linked=pl.col("record").is_in(linked.implode()),
    )
    order = ["entity_id", "place", "linked", "filled", "created_at", "record"]
    return ranked.sort(order, descending=[False, False, True, True, False, False], nulls_last=True)


def _told(found: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Tier, confidence and reason of each survivor and duplicate: by their own pair, else by the path between them."""
    merged = pairs.filter(pl.col("zone") == "merge").select("a", "b", "tier", "probability", "evidence", "rule")
    ends = (
        pl.min_horizontal("survivor", "duplicate").alias("a"),
        pl.max_horizontal("survivor", "duplicate").alias("b"),
    )
    wanted = found.select("survivor", "duplicate", *ends)
    told = words.reasons(pl.col("rule"), pl.col("evidence")).alias("reason")
    direct = wanted.join(merged, on=["a", "b"]).with_columns(told)
    direct = direct.select("survivor", "duplicate", "tier", _confidence().alias("confidence"), "reason")
    rest = wanted.join(direct, on=["survivor", "duplicate"], how="anti")
    if not rest.height:
        return direct
    reached = paths.weakest(merged, rest.select("survivor", "duplicate"))
    through = reached.select(
        "survivor", "duplicate", "tier", _confidence().alias("confidence"),
        pl.format("not alike by themselves, joined through {} other record(s)", "between").alias("reason"),
    )  # fmt: skip
    return pl.concat([direct, through])


def _confidence() -> pl.Expr:
    return pl.when(pl.col("tier").is_in(["must_link", "T0"])).then(1.0).otherwise("probability")


def _lost(entity: str, fields: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Values of a duplicate that the survivor has otherwise: a merge keeps the survivor's."""
    columns = [f for f in FIELDS[entity] if f in fields.columns]
    long = fields.unpivot(columns, index="record", variable_name="field").filter(
        pl.col("value").str.strip_chars() != ""
    )
    ours = found.join(long, left_on="duplicate", right_on="record")
    theirs = long.select(survivor="record", field="field", kept="value")
    both = ours.join(theirs, on=["survivor", "field"])
    same = normalise.text(pl.col("value")).fill_null("") == normalise.text(pl.col("kept")).fill_null("")
    lost = both.filter(~same).sort("survivor", "duplicate", "field")
    return lost.group_by("survivor", "duplicate", maintain_order=True).agg(pl.struct("field", "value").alias("lost"))
