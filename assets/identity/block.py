"""Blocking: which pairs are worth comparing. Rules are data (`data/reference/identity_blocking.csv`), strongest first.

Every rule's pairs are counted before one is made. A key value shared by more records than the rule's `max_block` is
dropped, and so is what would exceed the pair budget; both are reported with what they dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import exp

from assets.shared.sql import Session

EVERY_PAIR = 1_000_000
FLOOR = 1_500_000
PER_RECORD = 20
REPORT = ("rule", "pairs", "kept", "largest_block", "dropped_keys", "dropped_records")


@dataclass(frozen=True)
class Rule:
    """Records that agree on all `keys` are compared, unless more than `max_block` of them do."""

    number: int
    name: str
    keys: tuple[str, ...]
    max_block: int


def rules(rows: Sequence[dict[str, str]], entity: str) -> list[Rule]:
    """The rules of an entity, in file order."""
    chosen = [row for row in rows if row["entity"] == entity]
    return [Rule(i, r["rule"], tuple(r["keys"].split("+")), int(r["max_block"])) for i, r in enumerate(chosen)]


def budget(records: int) -> int:
    """Pairs that may be compared."""
    return max(FLOOR, PER_RECORD * records)


def pairs(session: Session, found: list[Rule], limit: int) -> pl.DataFrame:
    """Makes `pair` (a, b, rules as a bit mask) from `part`; returns one row a rule: pairs, kept, dropped keys and records."""
    left = limit
    report: list[tuple[str, int, int, int, int, int]] = []
    sources: list[exp.Select] = []
    for rule in found:
        name = f"block_{rule.number}"
        session.keep(name, _blocks(rule))
        sizes = session.sql(
            exp.select("size", "count(*) AS records").from_(name).group_by("size").order_by("size")
        ).pl()
        sizes = sizes.with_columns(pairs=pl.col("records") * (pl.col("size") - 1) // 2)
        allowed = sizes.filter((pl.col("size") <= rule.max_block) & (pl.col("pairs").cum_sum() <= left))
        cap = int(allowed["size"].max() or 0)
        kept = int(allowed["pairs"].sum())
        left -= kept
        dropped = sizes.filter(pl.col("size") > cap)
        keys = round((dropped["records"] / dropped["size"]).sum())
        report.append((rule.name, int(sizes["pairs"].sum()), kept, cap, keys, int(dropped["records"].sum())))
        if kept:
            sources.append(_joined(rule, name, cap))
    session.keep("pair", _union(sources))
    for rule in found:
        session.con.execute(f"DROP TABLE block_{rule.number}")
    return pl.DataFrame(report, schema=list(REPORT), orient="row")


def _blocks(rule: Rule) -> exp.Select:
    keys = [exp.column(k) for k in rule.keys]
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[k.copy() for k in keys])
    inner = exp.select("r", *keys, exp.alias_(size, "size")).from_("part")
    inner = inner.where(exp.and_(*[exp.Not(this=exp.Is(this=k.copy(), expression=exp.null())) for k in keys]))
    return exp.select("*").from_(inner.subquery("sized")).where("size > 1")


def _joined(rule: Rule, name: str, cap: int) -> exp.Select:
    on: list[exp.Expr] = [exp.EQ(this=exp.column(k, "x"), expression=exp.column(k, "y")) for k in rule.keys]
    on.append(exp.LT(this=exp.column("r", "x"), expression=exp.column("r", "y")))
    bit = exp.cast(exp.Literal.number(2**rule.number), "bigint")
    query = exp.select(exp.column("r", "x").as_("a"), exp.column("r", "y").as_("b"), exp.alias_(bit, "rule"))
    query = query.from_(exp.alias_(exp.to_table(name), "x", table=True))
    return query.join(exp.alias_(exp.to_table(name), "y", table=True), on=exp.and_(*on)).where(f"x.size <= {int(cap)}")


def _union(sources: list[exp.Select]) -> exp.Select:
    if not sources:
        return exp.select("0::BIGINT AS a", "0::BIGINT AS b", "0::BIGINT AS rules").where(exp.false())
    found: exp.Query = sources[0]
    for source in sources[1:]:
        found = exp.union(found, source, distinct=False)
    return exp.select("a", "b", "bit_or(rule) AS rules").from_(found.subquery("found")).group_by("a", "b")
