"""Which records are compared with all others tonight, and with whom: those that changed, and those that a change concerns.

A change concerns others where an exact key becomes or ceases to be an office's (`flipped`), where a person's word or a stored
id joins other records than the night before (`renamed`), and where a block outgrows its limit or falls back (`crossing`).
"""

from collections.abc import Sequence

import polars as pl
from sqlglot import exp

from assets.identity import block, compare, engine, near
from assets.shared.sql import Session

SQL = compare.SQL


def everything(session: Session) -> None:
    """Make `rescored` (r) of all records."""
    session.keep("rescored", "SELECT r FROM base")


def around(session: Session, rules: Sequence[block.Rule], records: int, cap: int) -> pl.DataFrame:
    """Make `rescored` (r) and `pair` (a, b, rules) of the records that changed and those they concern; what was done.

    `records` and `cap` are those of the night that learnt the weights: which rules are used must not change between.
    """
    session.define("known_numbered", "SELECT 0::BIGINT AS r, * FROM known_key")
    session.keep("address_before", compare.over("address", base="known_numbered"))
    session.run(SQL / "moved_value.sql")
    among = compare.over("shared_key", address="address_moved")
    moved = exp.select("address_before.*").from_("address_before").join(
        "moved_value", on="address_before.kind = moved_value.kind AND address_before.value = moved_value.value", join_type="semi"
    )  # fmt: skip
    session.keep("address_moved", moved)
    session.keep("shared_before", among)
    session.run(SQL / "flipped.sql")
    session.run(SQL / "renamed.sql")
    session.keep("changed_r", "SELECT base.r FROM base SEMI JOIN changed ON base.record = changed.record")
    every = engine.every_pair(records)
    used = [] if every else block.used(rules, records)
    session.define("part", compare.over("part"))
    session.keep("gone_base", _as_they_were())
    session.define("part_before", compare.over("part", base="gone_base"))
    near.crossing(session, used, cap)
    session.run(SQL / "rescored.sql")
    if every:
        near.every(session)
    else:
        near.pairs(session, used, cap)
    count = session.scalar("SELECT count(*) FROM pair")
    row = dict(zip(block.REPORT, ("around changed records", count, count, 0, 0, 0), strict=True))
    return pl.DataFrame([row])


def _as_they_were() -> exp.Select:
    """Changed and gone records with the keys of the night before, in the columns of `base`."""
    known = (
        exp.select("known_key.*")
        .from_("known_key")
        .join("changed", on="known_key.record = changed.record", join_type="semi")
    )
    query: exp.Select = compare.over("night_base", key="known_changed")
    return query.with_("known_changed", as_=known)
