"""Which records are compared with all others tonight, and with whom: those that changed, and those that a change concerns.

A change concerns others where an exact key becomes or ceases to be an office's (`flipped`), where a person's word or a stored
id joins other records than the night before (`renamed`), and where a block outgrows its limit or falls back (`crossing`).
"""

from collections.abc import Collection, Sequence

import polars as pl

from assets.identity import block, changed_blocks, compare, engine
from assets.shared.sql import Session

SQL = compare.SQL


def everything(session: Session) -> None:
    """Make `rescored` (r) of all records, `shared_key` and `crowded`."""
    session.keep("rescored", "SELECT r FROM base")
    session.run(SQL / "shared_key.sql")
    session.define("crowded", compare.over("crowded_key"))


def around(
    session: Session, rules: Sequence[block.Rule], records: int, cap: int, filled: Collection[str]
) -> pl.DataFrame:
    """Make `rescored` (r) and `pair` (a, b, rules) of the records that changed and those they concern; what was done.

    `shared_key` has what matters to `rescored`, `crowded` every key that joins nobody. `records` and `cap` are those of the night
    that learnt the weights: which rules are used must not change between. `filled` are the columns of `base` with values.
    """
    session.run(SQL / "known_changed.sql")
    session.keep("gone_base", compare.over("night_base", key="known_changed"))
    session.define("address_gone", compare.over("address", base="gone_base"))
    for step in ("moved_value", "address_moved", "address_before"):
        session.run(SQL / f"{step}.sql")
    for name in ("moved", "before"):
        session.keep(f"shared_{name}", compare.over("shared_key", address=f"address_{name}"))
        session.define(f"crowded_{name}", compare.over("crowded_key", shared_key=f"shared_{name}"))
    session.define("crowded", (SQL / "crowded_now.sql").read_text(encoding="utf-8"))
    session.run(SQL / "flipped.sql")
    session.run(SQL / "renamed.sql")
    session.keep("changed_r", "SELECT base.r FROM base SEMI JOIN changed ON base.record = changed.record")
    every = engine.every_pair(records)
    used = [] if every else changed_blocks.telling(block.used(rules, records), filled)
    session.run(SQL / "rescored.sql")
    changed_blocks.members(session, used, cap)
    session.define("address_near", (SQL / "address_near.sql").read_text(encoding="utf-8"))
    session.keep("shared_key", compare.over("shared_key", address="address_near"))
    if every:
        changed_blocks.every(session)
    else:
        changed_blocks.pairs(session)
    count = session.scalar("SELECT count(*) FROM pair")
    row = dict(zip(block.REPORT, ("around changed records", count, count, 0, 0, 0), strict=True))
    return pl.DataFrame([row])
