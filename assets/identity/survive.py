"""Golden records: the best value of each field over the records of an entity, by policies that are data.

`data/reference/identity_survivorship.csv` lists the policies of a field in order: `valid` (an address that is one, a phone in
international form), `source` (`identity_sources.csv`), `recent` (last modified), `longest`. A blank never survives.
"""

import polars as pl

from assets.identity import normalise, reference

_ADDRESS = ("street", "city", "state", "postcode", "country")
FIELDS = {
    "person": ("email", "first_name", "last_name", "phone", "job_title", "company", *_ADDRESS),
    "company": ("company", "domain", "phone", *_ADDRESS),
}
_SORTS = {
    "valid": ("valid", True),
    "source": ("source", False),
    "recent": ("modified_at", True),
    "longest": ("length", True),
}


def golden(entity: str, fields: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """One row an entity: `entity_id, records`, a column a field, `sources` and `conflicts`.

    `fields` has `record`, the raw fields and `modified_at`; `members` has `record` and `entity_id`.
    """
    values = _ranked(entity, fields, members)
    best = values.group_by("entity_id", "field", maintain_order=True).first()
    wide = best.pivot("field", index="entity_id", values="value", aggregate_function="first")
    told = pl.struct("field", "value", "record", "policy")
    sources = best.sort("entity_id", "field").group_by("entity_id", maintain_order=True).agg(told.alias("sources"))
    others = values.join(best.select("entity_id", "field", chosen="same"), on=["entity_id", "field"])
    others = others.filter(pl.col("same") != pl.col("chosen"))
    others = (
        others.group_by("entity_id", "field", "same", maintain_order=True).first().sort("entity_id", "field", "record")
    )
    conflicts = others.group_by("entity_id", maintain_order=True).agg(told.alias("conflicts"))
    records = members.sort("record").group_by("entity_id", maintain_order=True).agg(pl.col("record").alias("records"))
    result = records.join(wide, on="entity_id", how="left").join(sources, on="entity_id", how="left")
    result = result.join(conflicts, on="entity_id", how="left")
    missing = [pl.lit(None, pl.String).alias(f) for f in FIELDS[entity] if f not in result.columns]
    empty = pl.lit([], dtype=pl.List(_struct()))
    return result.with_columns(
        *missing, sources=pl.coalesce("sources", empty), conflicts=pl.coalesce("conflicts", empty)
    )


def _ranked(entity: str, fields: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Every non-blank value of every record and field, best first within (entity_id, field)."""
    policies = {r["field"]: r["policies"] for r in reference.rows("survivorship") if r["entity"] == entity}
    ranks = {r["object"]: int(r["rank"]) for r in reference.rows("sources") if r["entity"] == entity}
    known = fields.join(members.select("record", "entity_id"), on="record")
    long = known.unpivot(
        [f for f in FIELDS[entity] if f in known.columns],
        index=["entity_id", "record", "modified_at"],
        variable_name="field",
    ).filter(pl.col("value").str.strip_chars() != "")
    long = long.with_columns(
        policy=pl.col("field").replace_strict(policies, return_dtype=pl.String),
        source=pl.col("record").str.replace(r"/[^/]*$", "").replace_strict(ranks, return_dtype=pl.Int64),
        length=pl.col("value").str.len_chars(),
        valid=pl.when(pl.col("field") == "email").then(normalise.email(pl.col("value")).is_not_null())
        .when(pl.col("field") == "phone").then(pl.col("value").str.contains(r"^\s*(\+|00)\d")).otherwise(True),
        same=normalise.text(pl.col("value")).fill_null(""),
    )  # fmt: skip
    parts = []
    for policy in sorted(set(policies.values())):
        names = [_SORTS[p] for p in policy.split()]
        by = ["entity_id", "field", *[n for n, _ in names], "record"]
        down = [False, False, *[d for _, d in names], False]
        parts.append(long.filter(pl.col("policy") == policy).sort(by, descending=down, nulls_last=True))
    return pl.concat(parts)


def _struct() -> pl.Struct:
    return pl.Struct({"field": pl.String, "value": pl.String, "record": pl.String, "policy": pl.String})
