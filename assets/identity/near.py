"""Blocking around the records that changed: which pairs are worth comparing anew, and which blocks have become too large.

A block that outgrows its limit, or falls back below it, changes what is compared among records that did not change
themselves; those are compared anew too (`crossing`).
"""

from collections.abc import Collection, Sequence
from functools import cache

import polars as pl
from sqlglot import exp

from assets.identity import compare
from assets.identity.block import Rule
from assets.identity.compare import SQL
from assets.shared.sql import Session

_NOBODY = """
    SELECT 0::BIGINT AS r, 0::BIGINT AS rule, '' AS key_1, '' AS key_2, '' AS key_3, FALSE AS is_within, FALSE AS has_crossed
    WHERE FALSE
"""
_KEYS = 3  # columns of a block's key; a rule of fewer leaves the others empty


def telling(rules: Sequence[Rule], filled: Collection[str]) -> list[Rule]:
    """The rules all of whose keys come from columns of `base` that some record has; the others find nobody."""
    empty = {key for key, columns in _sources().items() if not columns <= {*filled, "r"}}
    return [rule for rule in rules if not empty & set(rule.keys)]


def members(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `block_member`: who is in the blocks of the records of `rescored`; adds to these the members of blocks that crossed.

    Reads `base` (all records tonight), `gone_base` (changed and gone ones as they were) and `changed_r` (those that changed, as
    they are).
    """
    session.keep("base_sought", "SELECT base.* FROM base SEMI JOIN rescored ON base.r = rescored.r")
    session.keep("block_member", _NOBODY)
    _add_members(session, rules, cap, before="gone_base")
    session.run(SQL / "crossing.sql")
    if session.scalar("SELECT count(*) FROM crossing"):
        session.con.execute("INSERT INTO rescored FROM crossing")
        session.keep("base_sought", "SELECT base.* FROM base SEMI JOIN crossing ON base.r = crossing.r")
        session.keep("base_none", "SELECT * FROM gone_base WHERE FALSE")
        _add_members(session, rules, cap, before="base_none")


def pairs(session: Session) -> None:
    """Make `pair` (a, b, rules): every record of `rescored` with those it shares a block with."""
    session.keep("pair", (SQL / "block_pair.sql").read_text(encoding="utf-8"))
    session.forget("block_member")


def every(session: Session) -> None:
    """Make `pair` where everything is compared with everything."""
    session.run(SQL / "every_near.sql")
    session.keep("pair", "FROM every_near")


def _add_members(session: Session, rules: Sequence[Rule], cap: int, *, before: str) -> None:
    """Insert the rows of block_member.sql, rule by rule; `before` has the changed and gone records as they were."""
    for rule in rules:
        session.define("block_key", _key(rule, "base"))
        session.define("block_key_sought", _key(rule, "base_sought"))
        session.define("block_key_before", _key(rule, before))
        session.register("block_limit", pl.DataFrame({"bit": [2**rule.number], "most": [min(cap, rule.max_block)]}))
        session.con.execute(f"INSERT INTO block_member {_member()}")


@cache
def _key(rule: Rule, base: str) -> str:
    """The keys of the records of a relation like `base` that have all of them: r, key_1, key_2, key_3.

    They are taken out of part.sql one by one: to plan all of it for every rule costs more than a small night's blocks.
    """
    parts = _parts()
    blank = [exp.Literal.string("")] * (_KEYS - len(rule.keys))
    named = [
        exp.alias_(value, f"key_{n}") for n, value in enumerate([*(parts[key] for key in rule.keys), *blank], start=1)
    ]
    query = exp.select("*").from_(exp.select("r", *named).from_(base).subquery("part"))
    given = [
        exp.Not(this=exp.Is(this=exp.column(f"key_{n}"), expression=exp.null()))
        for n, _ in enumerate(rule.keys, start=1)
    ]
    return query.where(*given, copy=False).sql("duckdb")


@cache
def _parts() -> dict[str, exp.Expr]:
    """The expression over `base` of each column of `part`."""
    return {one.alias_or_name: one.unalias() for one in compare.parsed("part").selects}


@cache
def _member() -> str:
    return (SQL / "block_member.sql").read_text(encoding="utf-8")


@cache
def _sources() -> dict[str, set[str]]:
    """The columns of `base` that each column of `part` is made of."""
    return {name: {column.name for column in part.find_all(exp.Column)} for name, part in _parts().items()}
