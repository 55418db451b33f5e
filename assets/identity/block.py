"""Blocking: which pairs are worth comparing. Rules are data (`data/reference/identity_blocking.csv`), strongest first.

Every rule's pairs are counted before one is made. A key value shared by too many records, by the rule's `max_block` or by
the pair budget, is dropped and reported with what it dropped: it says least and costs most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl
from sqlglot import exp

from assets.shared.sql import Session

EVERY_PAIR = 20_000  # pairs: where there are no more, all records are compared with all
FLOOR = 2_000_000  # pairs that may be compared however few records there are
PER_RECORD = 3  # pairs that may be compared for each record, where that is more
UNLIMITED = 1_000_000_000  # records in a block: more than any has
REPORT = ("rule", "pairs", "kept", "largest_block", "dropped_keys", "dropped_records")


@dataclass(frozen=True)
class Rule:
    """Records that agree on all `keys` are compared, unless more than `max_block` of them do.

    A rule with `up_to` is left out for more records than that: what it adds is then not worth the reading.
    """

    number: int
    name: str
    keys: tuple[str, ...]
    max_block: int
    up_to: int | None = None


def rules(rows: Sequence[dict[str, str]], entity: str) -> list[Rule]:
    """The rules of an entity, in file order."""
    chosen = [row for row in rows if row["entity"] == entity]
    return [
        Rule(i, r["rule"], tuple(r["keys"].split("+")), int(r["max_block"]), int(r["up_to"]) if r["up_to"] else None)
        for i, r in enumerate(chosen)
    ]


def budget(records: int) -> int:
    """Pairs that may be compared, counted once for every rule that finds them."""
    return max(FLOOR, PER_RECORD * records)


def used(found: Sequence[Rule], records: int) -> list[Rule]:
    """The rules that are worth their reading for so many records."""
    return [rule for rule in found if rule.up_to is None or records <= rule.up_to]


def pairs(
    session: Session, found: list[Rule], records: int, limit: int, cap: int | None = None
) -> tuple[pl.DataFrame, int]:
    """Makes `pair` (a, b, rules as a bit mask) from `part`; returns one row a rule, the columns of `REPORT`, and the cap.

    All rules share one largest block size: the largest with which the pairs of all of them stay within the limit, or the
    one given.
    """
    rules_used = used(found, records)
    sizes = _sizes(session, rules_used)
    cap = largest_block(sizes, limit) if cap is None else cap
    report, sources = [], []
    for rule in rules_used:
        mine = sizes.filter(pl.col("rule") == rule.number)
        kept = mine.filter(pl.col("size") <= min(cap, rule.max_block))
        dropped = mine.filter(pl.col("size") > min(cap, rule.max_block))
        count = int(kept["pairs"].sum())
        keys = round((dropped["records"] / dropped["size"]).sum())
        biggest = max(kept["size"].to_list(), default=0)
        report.append((rule.name, int(mine["pairs"].sum()), count, biggest, keys, int(dropped["records"].sum())))
        if count:
            sources.append(_joined(rule.number, min(cap, rule.max_block)))
    session.keep("pair", _union(sources))
    for rule in rules_used:
        session.con.execute(f"DROP TABLE block_{rule.number}")
    return pl.DataFrame(report, schema=list(REPORT), orient="row"), cap


def largest_block(sizes: pl.DataFrame, limit: int) -> int:
    """The largest block size with which the pairs of all smaller or equal blocks (`size`, `pairs`, `max_block`) fit the limit.

    Where all of them fit there is no such size (`UNLIMITED`): blocks may grow as far as their rules let them.
    """
    counted = (
        sizes.filter(pl.col("size") <= pl.col("max_block")).group_by("size").agg(pl.col("pairs").sum()).sort("size")
    )
    fitting = counted.filter(pl.col("pairs").cum_sum() <= limit)
    if fitting.height == counted.height:
        return UNLIMITED
    return max(fitting["size"].to_list(), default=0)


def _sizes(session: Session, rules_used: list[Rule]) -> pl.DataFrame:
    """Makes `block_<number>` for every rule; one row a rule and block size: records in such blocks and the pairs they make."""
    frames = [pl.DataFrame(schema={"size": pl.Int64, "records": pl.Int64, "rule": pl.Int64, "max_block": pl.Int64})]
    for rule in rules_used:
        name = f"block_{rule.number}"
        session.keep(name, _blocks(rule))
        size, records = exp.cast(exp.column("size"), "bigint").as_("size"), exp.Count(this=exp.Star()).as_("records")
        counted = session.sql(exp.select(size, records).from_(name).group_by(exp.column("size"))).pl()
        frames.append(
            counted.with_columns(rule=pl.lit(rule.number, pl.Int64), max_block=pl.lit(rule.max_block, pl.Int64))
        )
    return pl.concat(frames).with_columns(pairs=pl.col("records") * (pl.col("size") - 1) // 2)


@cache
def _blocks(rule: Rule) -> str:
    """Records that share a block with others: `r`, the block's number and its size; as small numbers, for all rules are kept."""
    keys = [exp.column(k) for k in rule.keys]
    counted = exp.Window(this=exp.Count(this=exp.Star()), partition_by=keys)
    first = exp.Window(this=exp.Min(this=exp.column("r")), partition_by=[k.copy() for k in keys])
    numbers = {"r": exp.column("r"), "block": first, "size": counted}
    inner = exp.select(*[exp.alias_(exp.cast(value, "integer"), name) for name, value in numbers.items()]).from_("part")
    inner = inner.where(exp.and_(*[exp.Not(this=exp.Is(this=k.copy(), expression=exp.null())) for k in keys]))
    return exp.select("*").from_(inner.subquery("sized")).where("size > 1").sql("duckdb")


@cache
def _joined(number: int, cap: int) -> str:
    """Pairs inside the blocks of a rule."""
    name, bit = f"block_{number}", exp.cast(exp.Literal.number(2**number), "bigint")
    query = exp.select("x.r::BIGINT AS a", "y.r::BIGINT AS b", exp.alias_(bit, "rule")).from_(f"{name} AS x")
    return query.join(f"{name} AS y", on="x.block = y.block AND x.r < y.r").where(f"x.size <= {int(cap)}").sql("duckdb")


def _union(sources: list[str]) -> str:
    if not sources:
        return "SELECT 0::BIGINT AS a, 0::BIGINT AS b, 0::BIGINT AS rules WHERE FALSE"
    return f"SELECT a, b, bit_or(rule) AS rules FROM ({' UNION ALL '.join(sources)}) AS found GROUP BY a, b"  # noqa: S608
