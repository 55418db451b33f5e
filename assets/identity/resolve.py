"""One run from keys to clusters: score, link what is likely enough, find contradictions, cluster within constraints."""

import polars as pl

from assets.identity import block, cluster, compare, engine, score
from assets.identity.model import Model
from assets.shared.sql import Session


def resolve(session: Session, model: Model, rules: list[block.Rule], records: int) -> None:
    """Cluster the records of `base` by likeness alone; leaves `scored`, `edge` (a, b, strength) and `cluster` (r, cluster)."""
    matched = engine.match(session, model, rules, records)
    entity = "person" if "first" in matched.model.fields else "company"
    session.register("level", pl.DataFrame({"entity": [entity], "link": [matched.model.link]}))
    session.run(compare.SQL / "likely_edge.sql")
    session.keep("edge", "FROM likely_edge")
    cluster.components(session)
    session.keep("touched", "SELECT r FROM base")
    session.define("weighed_edge", "SELECT a, b, strength AS weight FROM edge")
    inside(session, worst(matched))
    contradictions(session, matched)
    cluster.clusters(session, model.largest)


def inside(session: Session, worst: float) -> None:
    """Make `inside_pair` (a, b): pairs inside a component that may contradict each other.

    Two records may have come together without being compared; those that were weighed above `worst` do not contradict.
    """
    session.register("worst", pl.DataFrame({"weight": [worst]}))
    session.run(compare.SQL / "inside_pair.sql")


def worst(matched: engine.Matched) -> float:
    """The weight from which down two records contradict each other."""
    return matched.model.contradiction + score.prior(matched.model, "match", matched.records)


def contradictions(session: Session, matched: engine.Matched) -> None:
    """Make `contradicting` and `apart` (a, b): pairs of `inside_pair` whose own evidence says that they are two."""
    if not session.scalar("SELECT count(*) FROM inside_pair"):
        for name in ("contradicting", "apart"):
            session.keep(name, "SELECT a, b FROM inside_pair")
        return
    score.bind(session, matched.model, matched.fields, matched.records)
    session.define("compared_inside", compare.compared("inside_pair", matched.absent))
    weighed = score.scored(score.shape(matched.model, matched.fields), "compared_inside", ("a", "b"))
    session.define("completed", weighed)
    session.run(compare.SQL / "contradicting.sql")
    session.keep("apart", "FROM contradicting")
