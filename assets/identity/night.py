"""Who is who on one night: records of both CRMs to keys, judged pairs and clusters, within a person's decisions.

Only what changed is compared, with everything; only what that touches is clustered; the rest stands as the night before left
it. A first night, and one that learns its weights anew, is the same with everything changed. The result is that of comparing
everything by the same weights. Nothing here drives the sync.
"""

import json
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from assets.identity import (
    block,
    change,
    cluster,
    compare,
    engine,
    evidence,
    model,
    night_keys,
    past,
    reference,
    remember,
    resolve,
)
from assets.identity.overrides import Overrides
from assets.shared.sql import Session

SQL = compare.SQL
SMALL = 100  # records below which a portal is scored with the shipped weights, untrained
_NOT_IN_CRMS = ("dob", "birth_place", "gender", "gid")


@dataclass(frozen=True)
class Resolved:
    """One entity's night.

    All `review` rows; `clusters` (record, cluster) of the live records that were clustered anew; the
    `weights` row, `shares` where weights were learnt tonight, and what was done. `before` is the night whose rows stand where
    nothing touched them, None where everything was compared anew. The session keeps `identity_pair`, `<entity>_field`, `base`,
    `touched`, `known_*` and what differs from them for who comes after.
    """

    before: str | None
    review: pa.Table
    clusters: pl.DataFrame
    weights: dict[str, Any]
    shares: pa.Table | None
    matched: engine.Matched
    clustered: cluster.Clustered


@dataclass(frozen=True)
class Terms:
    """By what a night scores: the model, the records and block size it was made for, the night that learnt it."""

    model: model.Model
    records: int
    block: int | None
    learnt: str
    changed: int  # records changed since
    before: str | None  # the night whose keys and pairs are carried on

    @property
    def learns(self) -> bool:
        """Whether tonight learns them."""
        return self.block is None


def resolve_entity(
    session: Session, entity: str, decided: Overrides, before: past.Past | None = None, at: str = ""
) -> Resolved:
    """Resolve an entity (person or company) of the session's night, named `at`; `before` is what `past.use` found."""
    terms = _terms(session, entity, before or past.nothing(session), at)
    night_keys.keys(session, entity)
    _relations(session, entity, decided, terms.model)
    filled = engine.filled(session)
    report, cap = _candidates(session, entity, terms, filled)
    fields = [f for f in terms.model.fields if f not in _NOT_IN_CRMS]
    fit = terms.learns and terms.records >= SMALL
    absent = engine.absent(filled)
    matched = engine.weigh(session, terms.model, fields, terms.records, report, fit=fit, absent=absent)
    _level(session, entity, matched.model)
    for step in ("judged", "carried_pair", "judged_pair"):
        session.run(SQL / f"{step}.sql")
    clustered = _clusters(session, matched)
    for step in ("refused_why", "settled", "moved_pair", "left_pair"):
        session.run(SQL / f"{step}.sql")
    session.keep("fresh_pair", evidence.pairs(matched))
    session.define("identity_pair", (SQL / "identity_pair.sql").read_text(encoding="utf-8"))
    for step in ("identity_review", "live_cluster"):
        session.run(SQL / f"{step}.sql")
    weights = {
        "entity": entity, "version": matched.model.version, "learnt": terms.learnt, "basis": past.basis(),
        "records": terms.records, "block": cap, "present": session.scalar("SELECT count(*) FROM base"),
        "changed": terms.changed, "rescored": session.scalar("SELECT count(*) FROM rescored"),
        "model": json.dumps(model.dump(matched.model)),  # fields in their order: sums depend on it
    }  # fmt: skip
    learnt = session.sql("SELECT level.entity, share_given.* FROM share_given CROSS JOIN level").to_arrow_table()
    return Resolved(
        before=terms.before,
        review=session.table("identity_review"),
        clusters=session.sql("FROM live_cluster ORDER BY record").pl(),
        weights=weights,
        shares=learnt if terms.learns else None,
        matched=matched,
        clustered=clustered,
    )


def _terms(session: Session, entity: str, before: past.Past, at: str) -> Terms:
    """Make the relations of `night_keys.records` and `.changed`; the night's terms: those of an earlier night, else new ones.

    All records are changed ones where weights are learnt, and where pairs of the night before do not tell everything.
    `new_version` (record) is what differs from the night before all the same; everything does where its keys are of no use.
    """
    records = night_keys.records(session, entity)
    known = before.weights
    whole = known is None or before.lost
    if known is None:
        past.forget(session)
    changed = night_keys.changed(session, entity, None if whole else before.night)
    session.keep("new_version", "SELECT record FROM moved_key")
    learns = before.stale(changed)
    if known is not None and (learns or before.lost):
        past.forget(session)
        if whole:
            night_keys.differing(session)
        else:
            night_keys.changed(session, entity, None)
    if known is None or learns:
        return Terms(model.parse(reference.weights(entity)), records, None, at, 0, None)
    told = (known["records"], known["block"], known["learnt"], known["changed"] + changed)
    return Terms(before.model, *told, None if before.lost else before.night)


def _level(session: Session, entity: str, known: model.Model) -> None:
    """Make `level`: the entity and its thresholds, which learning may have raised."""
    session.register("level", pl.DataFrame({"entity": [entity], "link": [known.link], "review": [known.review]}))


def _relations(session: Session, entity: str, decided: Overrides, fitted: model.Model) -> None:
    """Make `level`, `address`, `must_link`, `cannot_link`, `named_edge` and `strongest_named`."""
    _level(session, entity, fitted)
    session.register("role_inbox", pl.DataFrame({"local_part": list(reference.column("role_inboxes", "local_part"))}))
    session.register("must_link", decided.must_link)
    session.register("cannot_link", decided.cannot_link)
    session.run(SQL / f"{entity}_stored.sql")
    session.define("stored", f"FROM {entity}_stored")
    for step in ("address", "named_edge", "strongest_named"):
        session.run(SQL / f"{step}.sql")


def _candidates(session: Session, entity: str, terms: Terms, filled: set[str]) -> tuple[pl.DataFrame, int]:
    """Make `share_given`, `rescored`, `tier_edge`, `pair` and the `record` rows that pairs need; report and block size."""
    rules = block.rules(reference.rows("blocking"), entity)
    if terms.learns:
        remember.learn(session, terms.model)
    else:
        session.keep("share_given", "SELECT field, value, share FROM share_known")
    if session.scalar("SELECT count(*) FROM known_hash"):
        assert terms.block is not None  # noqa: S101 - where keys stand, so do the terms
        report, cap = change.around(session, rules, terms.records, terms.block, filled), terms.block
    else:
        change.everything(session)
        remember.records(session, "FROM rescored")
        report, cap = engine.candidates(session, rules, terms.records, terms.block)
    session.run(SQL / "tier_edge.sql")
    session.run(SQL / "joined_pair.sql")
    session.keep("pair", "FROM joined_pair")
    if session.scalar("SELECT count(*) FROM known_hash"):
        remember.records(session, "SELECT a AS r FROM pair UNION SELECT b FROM pair")
    return report, cap


def _clusters(session: Session, matched: engine.Matched) -> cluster.Clustered:
    """Cluster what may have changed; leaves `touched`, `kept_apart` and `cluster`."""
    session.keep("edge", "SELECT a, b, 0.0 AS strength FROM named_edge")
    cluster.components(session)
    session.keep("stored_component", "FROM component")
    session.run(SQL / "chosen_edge.sql")
    session.keep("edge", "FROM chosen_edge")
    cluster.components(session)
    session.run(SQL / "seed.sql")
    session.run(SQL / "touched.sql")
    session.keep("component", "SELECT component.* FROM component SEMI JOIN touched ON component.r = touched.r")
    session.keep("edge", "SELECT edge.* FROM edge SEMI JOIN touched ON edge.a = touched.r")
    session.define("weighed_edge", "SELECT a, b, weight FROM judged_pair")
    resolve.inside(session, resolve.worst(matched))
    remember.records(session, "SELECT a AS r FROM inside_pair UNION SELECT b FROM inside_pair")
    resolve.contradictions(session, matched)
    session.run(SQL / "kept_apart.sql")
    session.keep("apart", "SELECT DISTINCT a, b FROM kept_apart")
    return cluster.clusters(session, matched.model.largest)
