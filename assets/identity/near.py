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

_KEYS = 3  # columns of a block's key; a rule of fewer leaves the others empty


def telling(rules: Sequence[Rule], filled: Collection[str]) -> list[Rule]:
    """The rules all of whose keys come from columns of `base` that some record has; the others find nobody."""
    empty = {key for key, columns in _sources().items() if not columns <= {*filled, "r"}}
    return [rule for rule in rules if not empty & set(rule.keys)]


def crossing(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `crossing` (r): members of blocks whose size crossed its limit.

    Reads `part` (all records tonight), `part_before` (changed and gone ones as they were) and `changed_r` (those that changed,
    as they are).
    """
    session.keep("crossing", "SELECT 0::BIGINT AS r WHERE FALSE")
    for rule in rules:
        _look_at(session, rule, cap)
        session.define("block_key_before", _key(rule, "part_before"))
        session.con.execute(f"INSERT INTO crossing {_text('block_crossed')}")


def pairs(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `pair` (a, b, rules): every record of `rescored` with those it shares a block with."""
    session.keep("found_pair", "SELECT 0::BIGINT AS a, 0::BIGINT AS b, 0::BIGINT AS rule WHERE FALSE")
    for rule in rules:
        _look_at(session, rule, cap)
        session.con.execute(f"INSERT INTO found_pair {_text('block_pair')}")
    session.keep("pair", "SELECT a, b, bit_or(rule) AS rules FROM found_pair GROUP BY a, b")
    session.forget("found_pair")


def every(session: Session) -> None:
    """Make `pair` where everything is compared with everything."""
    session.run(SQL / "every_near.sql")
    session.keep("pair", "FROM every_near")


def _look_at(session: Session, rule: Rule, cap: int) -> None:
    """Define `block_key` and `block_limit` of a rule: its bit, and the most records of a block."""
    session.define("block_key", _key(rule, "part"))
    limit = {"bit": [2**rule.number], "most": [min(cap, rule.max_block)]}
    session.register("block_limit", pl.DataFrame(limit))


@cache
def _key(rule: Rule, relation: str) -> str:
    """The keys of the records of a relation that have all of them: r, key_1, key_2, key_3."""
    columns = [exp.column(key) for key in rule.keys]
    blank = [exp.Literal.string("")] * (_KEYS - len(columns))
    named = [exp.alias_(value, f"key_{n}", copy=False) for n, value in enumerate([*columns, *blank], start=1)]
    given = [exp.Not(this=exp.Is(this=column.copy(), expression=exp.null())) for column in columns]
    query = exp.select("r", *named, copy=False).from_(relation, copy=False)
    return query.where(*given, copy=False).sql("duckdb")


@cache
def _text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


@cache
def _sources() -> dict[str, set[str]]:
    """The columns of `base` that each column of `part` is made of."""
    selected = compare.parsed("part").selects
    return {one.alias_or_name: {column.name for column in one.find_all(exp.Column)} for one in selected}
