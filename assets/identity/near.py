"""Blocking around the records that changed: which pairs are worth comparing anew, and which blocks have become too large.

A block that outgrows its limit, or falls back below it, changes what is compared among records that did not change
themselves; those are compared anew too (`crossing`).
"""

from collections.abc import Sequence
from functools import cache

from sqlglot import exp

from assets.identity.block import Rule
from assets.identity.compare import SQL
from assets.shared.sql import Session


def crossing(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `crossing` (r): members of blocks whose size crossed its limit.

    Reads `part` (all records tonight), `part_before` (changed and gone ones as they were) and `changed_r` (those that changed,
    as they are).
    """
    session.keep("crossing", "SELECT 0::BIGINT AS r WHERE FALSE")
    for rule in rules:
        session.keep("moved_block", _moved(rule))
        if session.scalar("SELECT count(*) FROM moved_block"):
            session.con.execute(f"INSERT INTO crossing {_crossed(rule, min(cap, rule.max_block))}")


def pairs(session: Session, rules: Sequence[Rule], cap: int) -> None:
    """Make `pair` (a, b, rules): every record of `rescored` with those it shares a block with."""
    session.keep("found_pair", "SELECT 0::BIGINT AS a, 0::BIGINT AS b, 0::BIGINT AS rule WHERE FALSE")
    for rule in rules:
        session.keep("near", _near(rule))
        session.con.execute(f"INSERT INTO found_pair {_joined(rule, min(cap, rule.max_block))}")
    session.keep("pair", "SELECT a, b, bit_or(rule) AS rules FROM found_pair GROUP BY a, b")
    session.forget("near", "found_pair")


def every(session: Session) -> None:
    """Make `pair` where everything is compared with everything."""
    session.run(SQL / "every_near.sql")
    session.keep("pair", "FROM every_near")


def _keys(rule: Rule, table: str | None = None) -> list[exp.Expr]:
    return [exp.column(key, table) for key in rule.keys]


def _given(rule: Rule) -> exp.Expr:
    return exp.and_(*[exp.Not(this=exp.Is(this=key, expression=exp.null())) for key in _keys(rule)])


def _same(rule: Rule, one: str, other: str) -> exp.Expr:
    return exp.and_(*[a.eq(b) for a, b in zip(_keys(rule, one), _keys(rule, other), strict=True)])


@cache
def _moved(rule: Rule) -> str:
    """Blocks that gained or lost records: their keys and by how many."""
    came = (
        exp.select("1 AS change", *_keys(rule))
        .from_("part")
        .where("r IN (SELECT r FROM changed_r)")
        .where(_given(rule))
    )
    went = exp.select("-1 AS change", *_keys(rule)).from_("part_before").where(_given(rule))
    both = exp.union(came, went, distinct=False).subquery("moved")
    query = exp.select(*_keys(rule), "sum(change) AS change").from_(both).group_by(*_keys(rule))
    return query.having("sum(change) <> 0").sql("duckdb")


@cache
def _crossed(rule: Rule, cap: int) -> str:
    members = (
        exp.select("part.r", "moved_block.change")
        .from_("part")
        .join("moved_block", on=_same(rule, "part", "moved_block"))
    )
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=_keys(rule, "part"))
    sized = members.select(exp.alias_(size, "size")).subquery("sized")
    limit = exp.Literal.number(cap)
    over = exp.GT(this=exp.column("size"), expression=limit)
    was_over = exp.GT(this=exp.Sub(this=exp.column("size"), expression=exp.column("change")), expression=limit.copy())
    return (
        exp.select("r")
        .from_(sized)
        .where(exp.NEQ(this=exp.Paren(this=over), expression=exp.Paren(this=was_over)))
        .sql("duckdb")
    )


@cache
def _near(rule: Rule) -> str:
    """All records of the blocks of `rescored`, with the size of their block."""
    wanted = (
        exp.select(*_keys(rule)).distinct().from_("part").where("r IN (SELECT r FROM rescored)").where(_given(rule))
    )
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=_keys(rule, "part"))
    query = exp.select("part.r", *_keys(rule, "part"), exp.alias_(size, "size")).from_("part")
    return query.join(wanted.subquery("wanted"), on=_same(rule, "part", "wanted"), join_type="semi").sql("duckdb")


@cache
def _joined(rule: Rule, cap: int) -> str:
    bit = exp.cast(exp.Literal.number(2**rule.number), "bigint")
    query = exp.select("least(x.r, y.r) AS a", "greatest(x.r, y.r) AS b", exp.alias_(bit, "rule")).from_("near AS x")
    query = query.join("near AS y", on=exp.and_(_same(rule, "x", "y"), "x.r <> y.r"))
    return query.where("x.r IN (SELECT r FROM rescored)").where(f"x.size <= {int(cap)}").distinct().sql("duckdb")
