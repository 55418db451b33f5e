"""One run from keys to clusters: score, link what is likely enough, find contradictions, cluster within constraints."""

from dataclasses import dataclass

import polars as pl

from assets.identity import block, cluster, compare, engine, score
from assets.identity.model import Model
from assets.shared.sql import Session


@dataclass(frozen=True)
class Resolved:
    """What a run leaves beside `base`, `scored`, `edge` and `cluster`."""

    matched: engine.Matched
    clustered: cluster.Clustered


def resolve(
    session: Session, keys: pl.DataFrame, model: Model, rules: list[block.Rule], *, fit: bool = True
) -> Resolved:
    """Cluster records by likeness alone; leaves `base`, `scored`, `edge` (a, b, strength) and `cluster` (r, cluster)."""
    matched = engine.match(session, keys, model, rules, fit=fit)
    entity = "person" if "first" in matched.model.fields else "company"
    session.register("level", pl.DataFrame({"entity": [entity], "link": [matched.model.link]}))
    session.run(compare.SQL / "likely_edge.sql")
    session.keep("edge", "FROM likely_edge")
    cluster.components(session)
    session.keep("touched", "SELECT r FROM base")
    inside(session)
    contradictions(session, matched)
    return Resolved(matched, cluster.clusters(session, model.largest))


def inside(session: Session) -> None:
    """Make `inside_pair` (a, b): all pairs inside a component; two records may have come together without being compared."""
    session.run(compare.SQL / "inside_pair.sql")


def contradictions(session: Session, matched: engine.Matched) -> None:
    """Make `contradicting` and `apart` (a, b): pairs of `inside_pair` whose own evidence says that they are two."""
    if not session.scalar("SELECT count(*) FROM inside_pair"):
        for name in ("contradicting", "apart"):
            session.keep(name, "SELECT a, b FROM inside_pair")
        return
    model, fields, records = matched.model, matched.fields, matched.records
    worst = model.contradiction + score.prior(model, "match", records)
    session.keep("compared_inside", compare.compared("inside_pair"))
    session.keep("completed", score.scored(model, fields, records, "compared_inside"))
    session.register("worst", pl.DataFrame({"weight": [worst]}))
    session.run(compare.SQL / "contradicting.sql")
    session.keep("apart", "FROM contradicting")
