"""What a night knows of the night before: keys, pairs, clusters, and the weights with the shares they were learnt with.

All of it lies in the lake as tables of their own nights; only nights before the run's are read, so a night can be run again.
A night scores by weights that an earlier night learnt, until too many records have changed since (`STALE`), the reference
data or this code's `VERSION` is another, or the night that learnt them is past retention. Where rows of the night before are
missing (a person was forgotten), every pair is scored again, by the same weights.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlglot import exp

from assets.identity import compare, model, reference
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.sql import Session

VERSION = 2  # of normalisation, comparison and blocking: a change of theirs makes yesterday's pairs worthless
STALE = 0.2  # share of the records learnt from that may change before weights are learnt anew

KEY = keys.MATCH_KEY
WEIGHT, SHARE, OVERRIDE = (f"core/identity/{t}" for t in ("weight", "share", "override"))
PAIR, CLUSTER, ALIAS = (f"core/identity/{t}" for t in ("pair", "cluster", "alias"))
PERSON, COMPANY = "core/identity/person", "core/identity/company"
REVIEW = "core/identity/review"
RELATIONS = {
    "known_key": KEY, "pair_version": PAIR, "known_review": REVIEW, "cluster_version": CLUSTER, "known_alias": ALIAS,
}  # fmt: skip


@dataclass(frozen=True)
class Past:
    """The night before and its usable weights: None where there is none."""

    night: str | None = None
    weights: dict[str, Any] | None = None
    lost: bool = False  # pairs of the night before do not tell everything

    @property
    def model(self) -> model.Model:
        """The model learnt before."""
        assert self.weights is not None  # noqa: S101 - asked for only where there are weights
        return model.parse(json.loads(self.weights["model"]))

    def stale(self, changed: int) -> bool:
        """Whether so many more changed records make the weights too old, or there are none."""
        if self.weights is None:
            return True
        return bool(self.weights["changed"] + changed > STALE * self.weights["records"])


def use(session: Session, entity: str, before: str, *, everything: bool = False) -> Past:
    """Make the relations `known_*` and `share_known` of an entity as the newest night before `before` left them.

    What is read more than once is kept without its wide columns: `known_hash` of `known_key`, `known_cluster` of
    `cluster_version`, `pair_before` of `pair_version`. `known_pair` are its pairs until they are forgotten.
    With `everything`, or where something of that night is missing, all pairs are to be scored again.
    """
    # Versions outlast the weights: without these, too, nobody gets another id and what is gone is said to be.
    kept = (WEIGHT, *keys.IDENTITY_VERSIONS)
    at = max((night for key in kept for night in session.lake.nights(key) if night < before), default=None)
    weights = _weights(session, entity, at)
    for name, key in RELATIONS.items():
        known(session, name, key, at, entity)
    known(session, "share_known", SHARE, weights["learnt"] if weights else None, entity)
    known(session, "known_override", OVERRIDE, at)
    known(session, "known_golden", PERSON if entity == "person" else COMPANY, at)
    _keep(session)
    session.run(compare.SQL / "incomplete.sql")
    lost = session.scalar("SELECT count(*) FROM incomplete") > 0
    lost = lost or (weights is not None and session.scalar("SELECT count(*) FROM known_hash") != weights["present"])
    return Past(at, weights, lost or everything)


def forget(session: Session) -> None:
    """Take keys and pairs of the night before for lost, so that everything is compared anew."""
    known(session, "known_key", KEY, None)
    session.con.execute("DELETE FROM known_hash")
    session.define("known_pair", "FROM pair_before WHERE FALSE")


def nothing(session: Session) -> Past:
    """The past of a first night: the same relations, empty."""
    for name, key in (*RELATIONS.items(), ("share_known", SHARE), ("known_override", OVERRIDE)):
        known(session, name, key, None)
    _keep(session)
    return Past()


def known(session: Session, name: str, key: str, night: str | None, entity: str | None = None) -> None:
    """The rows of one night of a table (of an entity, where the table has that column), typed and empty without a night.

    Of a table that keeps versions they are the newest ones of what was there that night, and `gone` is no column.
    """
    schema = session.lake.schema(key)
    assert schema is not None  # noqa: S101 - every table of this stage is declared
    versioned = keys.state_key(key) is not None
    columns = [name for name in schema.names if not (versioned and name == "gone")]
    nights = session.lake.nights(key)
    session.con.execute(f"DROP VIEW IF EXISTS {name}")
    if night is None or not (nights and nights[0] <= night if versioned else night in nights):
        session.register(name, schema.empty_table().select(columns))
        return
    declared = {field.name: "VARCHAR" for field in schema}  # a column that an older lake lacks is a null
    session.use(key, declared, until=night, name=f"{name}_nights")
    query = exp.select(*[exp.column(column) for column in columns]).from_(f"{name}_nights")
    query = query.where(
        "gone IS DISTINCT FROM TRUE" if versioned else exp.column("night").eq(exp.Literal.string(night))
    )
    if entity is not None and "entity" in schema.names:
        query = query.where(exp.column("entity").eq(exp.Literal.string(entity)))
    session.define(name, query)


@cache
def basis() -> str:
    """Digest of the code's version and of all reference data of the stage."""
    digest = hashlib.sha256(str(VERSION).encode())
    for file in sorted(reference.FOLDER.glob("identity_*")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def linked_before(lake: Lake, past: Past) -> str | None:
    """The night whose links the night before used, where they are still there."""
    return past.night if past.night in lake.nights(keys.LINK) else None


def _keep(session: Session) -> None:
    session.keep("known_hash", "SELECT entity, record, live, compared_hash, row_hash FROM known_key")
    session.keep("known_cluster", "FROM cluster_version")
    session.keep("pair_before", "SELECT * EXCLUDE (evidence) FROM pair_version")
    session.define("known_pair", "FROM pair_before")


def _weights(session: Session, entity: str, night: str | None) -> dict[str, Any] | None:
    known(session, "known_weight", WEIGHT, night, entity)
    found: list[dict[str, Any]] = session.sql("FROM known_weight").pl().to_dicts()
    if len(found) != 1 or found[0]["basis"] != basis() or found[0]["learnt"] not in session.lake.nights(SHARE):
        return None
    return found[0]
