"""Who is who on one night: records of both CRMs to keys, judged pairs and clusters, within a person's decisions.

Pure over one session in which the staged tables are relations. Nothing here drives the sync; `tables` of the result are what
the assets write.
"""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa
from sqlglot import exp, parse_one

from assets.identity import block, cluster, compare, engine, model, record, reference, resolve, score
from assets.identity.overrides import Overrides
from assets.shared.sql import Session

SQL = compare.SQL
SMALL = 100  # records below which a portal is scored with the shipped weights, untrained
_TIERS = {"email": "T1", "mailbox": "T2", "domain": "T1"}


@dataclass(frozen=True)
class Resolved:
    """One entity's night: raw `fields`, `keys`, judged `pairs`, `review`, `clusters` (record, cluster) and what was done."""

    fields: pl.DataFrame
    keys: pl.DataFrame
    pairs: pa.Table
    review: pa.Table
    clusters: pl.DataFrame
    matched: engine.Matched
    clustered: cluster.Clustered


def resolve_entity(session: Session, entity: str, decided: Overrides) -> Resolved:
    """Resolve all records of an entity (person or company) of the session's night."""
    session.run(SQL / f"{entity}_field.sql")
    fields = session.sql(f"FROM {entity}_field").pl().sort("record")
    keys = record.keys(fields)
    shipped = model.parse(reference.weights(entity))
    engine.prepare(session, keys, shipped)
    known = _relations(session, entity, fields, keys, decided)
    report = engine.candidates(session, block.rules(reference.rows("blocking"), entity), keys.height)
    session.run(SQL / "joined_pair.sql")
    session.keep("pair", "FROM joined_pair")
    matched = engine.weigh(session, shipped, keys.height, report, fit=keys.height >= SMALL)
    clustered = _clusters(session, entity, matched)
    session.run(SQL / "refused_why.sql")
    session.run(SQL / "outcome.sql")
    session.keep("identity_pair", _with_evidence(matched))
    session.run(SQL / "identity_review.sql")
    clusters = session.sql(
        "SELECT base.record, cluster.cluster FROM cluster INNER JOIN base ON cluster.r = base.r"
    ).pl()
    clusters = clusters.join(fields.filter("live").select("record"), on="record", how="semi")
    emails = known.filter(pl.col("kind") == "email").group_by("record", maintain_order=True).agg(emails="value")
    told = keys.join(fields.select("record", "live"), on="record").join(emails, on="record", how="left")
    told = told.with_columns(
        pl.lit(entity).alias("entity"), pl.coalesce("emails", pl.lit([], dtype=pl.List(pl.String)))
    )
    pairs, review = session.table("identity_pair"), session.table("identity_review")
    return Resolved(fields, told, pairs, review, clusters.sort("record"), matched, clustered)


def addresses(entity: str, fields: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Exact keys, one row a record and value: `record, kind, value, tier, role`; primary addresses first."""
    from assets.identity import distinct, normalise

    if entity == "company":
        found = keys.select("record", pl.lit("domain").alias("kind"), value="domain").drop_nulls("value")
        return found.with_columns(tier=pl.lit("T1"), role=pl.lit(value=False))
    listed = pl.concat_list(pl.col("email").fill_null(""), pl.col("email_other").fill_null("").str.split(";"))
    rows = fields.select("record", email=listed).explode("email")
    rows = rows.with_columns(value=distinct.email(rows["email"])).drop_nulls("value").select("record", "value")
    rows = rows.unique(maintain_order=True)
    mailbox = rows.with_columns(normalise.email_canonical(pl.col("value")).alias("value"))
    kinds = [
        rows.with_columns(kind=pl.lit("email")),
        mailbox.unique(maintain_order=True).with_columns(kind=pl.lit("mailbox")),
    ]
    local = pl.col("value").str.extract("^([^@]+)@", 1)
    roles = list(reference.column("role_inboxes", "local_part"))
    return pl.concat(kinds).with_columns(
        tier=pl.col("kind").replace_strict(_TIERS, return_dtype=pl.String), role=local.is_in(roles)
    )


def _relations(
    session: Session, entity: str, fields: pl.DataFrame, keys: pl.DataFrame, decided: Overrides
) -> pl.DataFrame:
    """Make `stored`, `address`, `must_link`, `cannot_link`, `shared_key` and `tier_edge`."""
    found = addresses(entity, fields, keys)
    session.run(SQL / f"{entity}_stored.sql")
    session.keep("stored", f"FROM {entity}_stored")
    session.register("address_given", found)
    session.keep(
        "address", "SELECT given.*, base.r FROM address_given AS given INNER JOIN base ON given.record = base.record"
    )
    session.register("must_link", decided.must_link)
    session.register("cannot_link", decided.cannot_link)
    session.run(SQL / "shared_key.sql")
    session.run(SQL / "tier_edge.sql")
    return found


def _clusters(session: Session, entity: str, matched: engine.Matched) -> cluster.Clustered:
    """Judge every pair, then cluster what may merge; leaves `judged`, `kept_apart`, `cluster`."""
    level = {"entity": [entity], "link": [matched.model.link], "review": [matched.model.review]}
    session.register("level", pl.DataFrame(level))
    session.run(SQL / "judged.sql")
    session.keep("edge", "SELECT a, b, 0.0 AS strength FROM tier_edge WHERE tier IN ('must_link', 'T0')")
    cluster.components(session)
    session.keep("stored_component", "FROM component")
    session.run(SQL / "chosen_edge.sql")
    session.keep("edge", "FROM chosen_edge")
    cluster.components(session)
    resolve.contradictions(session, matched)
    session.run(SQL / "kept_apart.sql")
    session.keep("apart", "SELECT DISTINCT a, b FROM kept_apart")
    return cluster.clusters(session, matched.model.largest)


def _with_evidence(matched: engine.Matched) -> exp.Select:
    """`outcome` with what each field said: its level in words and its weight."""
    parts = []
    for name in matched.fields:
        levels = exp.Case(this=exp.column(f"g_{name}"))
        for number, words in enumerate(matched.model.fields[name].levels, start=1):
            levels = levels.when(exp.Literal.number(number), exp.Literal.string(words))
        weight = exp.func("round", exp.column(f"w_{name}"), exp.Literal.number(2))
        fields = {"field": exp.Literal.string(name), "level": levels, "weight": weight}
        parts.append(
            exp.Struct(expressions=[exp.PropertyEQ(this=exp.to_identifier(k), expression=v) for k, v in fields.items()])
        )
    nothing = "[]::STRUCT(field TEXT, level TEXT, weight DOUBLE)[]"
    listed = exp.Array(expressions=parts) if parts else parse_one(nothing, dialect="duckdb")
    inner = exp.select("*", exp.alias_(listed, "every_field")).from_("outcome")
    spoken = parse_one("list_filter(every_field, heard -> heard.level IS NOT NULL)", dialect="duckdb")
    columns = [exp.column(c) for c in ("entity", "a", "b", "tier", "rule", "weight")]
    probability = exp.func("round", score.probability(exp.column("weight")), exp.Literal.number(6))
    told = exp.select(*columns, exp.alias_(probability, "probability"), "zone", "guard", exp.alias_(spoken, "evidence"))
    return told.from_(inner.subquery("told"))
