"""Blocking around the records that changed: which pairs are worth comparing anew, and which blocks have become too large.

A block that outgrows its limit, or falls back below it, changes what is compared among records that did not change
themselves; those are compared anew too (`crossing`).
"""

from collections.abc import Collection, Sequence
from functools import cache

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


def members(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `block_member`: who is in the blocks of the records of `rescored`; adds to these the members of blocks that crossed.

    Reads `base` (all records tonight), `gone_base` (changed and gone ones as they were) and `changed_r` (those that changed, as
    they are).
    """
    session.define("block_key", _keys(tuple(rules), cap, "base"))
    session.keep("base_sought", "SELECT base.* FROM base SEMI JOIN rescored ON base.r = rescored.r")
    session.define("block_key_sought", _keys(tuple(rules), cap, "base_sought"))
    session.define("block_key_before", _keys(tuple(rules), cap, "gone_base"))
    session.run(SQL / "block_member.sql")
    session.run(SQL / "crossing.sql")
    if session.scalar("SELECT count(*) FROM crossing"):
        session.con.execute("INSERT INTO rescored FROM crossing")
        session.keep("base_sought", "SELECT base.* FROM base SEMI JOIN crossing ON base.r = crossing.r")
        session.define("block_key_before", "SELECT block_key.* FROM block_key WHERE FALSE")
        session.define("crossing_member", (SQL / "block_member.sql").read_text(encoding="utf-8"))
        session.con.execute("INSERT INTO block_member FROM crossing_member")


def pairs(session: Session) -> None:
    """Make `pair` (a, b, rules): every record of `rescored` with those it shares a block with."""
    session.keep("pair", (SQL / "block_pair.sql").read_text(encoding="utf-8"))
    session.forget("block_member")


def every(session: Session) -> None:
    """Make `pair` where everything is compared with everything."""
    session.run(SQL / "every_near.sql")
    session.keep("pair", "FROM every_near")


@cache
def _keys(rules: tuple[Rule, ...], cap: int, base: str) -> str:
    """The blocks of every record of a relation like `base`: rule (its bit), most (records in a block), r, key_1, key_2, key_3.

    The keys of a rule are taken out of part.sql one by one: all of it for every rule would cost more than a small night's blocks.
    """
    queries = [_key(rule, min(cap, rule.max_block), base) for rule in rules]
    nobody = _key(Rule(0, "nobody", (), 0), 0, base).where("FALSE", copy=False)
    return exp.union(nobody, *queries, distinct=False, copy=False).sql("duckdb") if queries else nobody.sql("duckdb")


def _key(rule: Rule, most: int, base: str) -> exp.Select:
    """The blocks of one rule; records that lack one of its keys are in none."""
    parts = _parts()
    blank = [exp.Literal.string("")] * (_KEYS - len(rule.keys))
    numbers = {"rule": 2**rule.number, "most": most}
    named = [exp.alias_(exp.cast(exp.Literal.number(number), "bigint"), name) for name, number in numbers.items()]
    named.append(exp.column("r"))
    named += [
        exp.alias_(value, f"key_{n}") for n, value in enumerate([*(parts[key] for key in rule.keys), *blank], start=1)
    ]
    given = [exp.column(f"key_{n}").is_(exp.null()).not_() for n, _ in enumerate(rule.keys, start=1)]
    return exp.select("*").from_(exp.select(*named).from_(base).subquery("part")).where(*given, copy=False)


@cache
def _parts() -> dict[str, exp.Expr]:
    """The expression over `base` of each column of `part`."""
    return {one.alias_or_name: one.unalias() for one in compare.parsed("part").selects}


@cache
def _sources() -> dict[str, set[str]]:
    """The columns of `base` that each column of `part` is made of."""
    return {name: {column.name for column in part.find_all(exp.Column)} for name, part in _parts().items()}
