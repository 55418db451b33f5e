"""Probabilistic matching from keys to scored pairs, in SQL over one session. Knows nothing about CRMs, files or clusters.

Relations, in the order they are made: `base` (keys, with a number `r` that depends on contents, never on row order), `record`
(with the share of records that have each value), `part`, `pair`, `compared` (levels of likeness), `scored` (weights).
"""

from dataclasses import dataclass

import polars as pl
from sqlglot import exp, parse_one

from assets.identity import block, compare, estimate, record, score
from assets.identity.compare import COLUMNS, SQL
from assets.identity.model import Model
from assets.shared.sql import Session

ASKED = 2**62  # bit of `rules` that keeps a pair whatever it weighs
NO_OTHERS = 0.5  # strangers that a value of one or two records counts for
_WEIGHT_OF_TYPICAL = 100.0  # records: how much the model's typical share counts against a file's own
# Values whose rarity counts, by the expression over `base`.
VALUES = {
    **{name: column for name, column in COLUMNS.items() if name != "middle"},
    "place": "base.street_no || ' ' || base.street",
}


@dataclass(frozen=True)
class Matched:
    """What a run of the engine leaves beside its relations: the fitted model and what blocking did."""

    model: Model
    fields: list[str]
    records: int
    rules: pl.DataFrame


def match(session: Session, keys: pl.DataFrame, model: Model, rules: list[block.Rule], *, fit: bool = True) -> Matched:
    """Score every pair worth comparing. `keys` has `record` and the columns of `record.KEYS`; leaves `scored`.

    `scored` keeps the pairs that are worth a look, of the model's `review` weight and above.
    """
    prepare(session, keys, model)
    report, _ = candidates(session, rules, len(keys))
    filled = exp.select(*[exp.alias_(exp.Count(this=exp.column(c)), f) for f, c in COLUMNS.items()]).from_("base")
    counts = session.sql(filled).pl().row(0, named=True)
    fields = [f for f in model.fields if counts[f]]
    return weigh(session, model, fields, len(keys), report, fit=fit)


def weigh(
    session: Session, model: Model, fields: list[str], records: int, report: pl.DataFrame, *, fit: bool = True
) -> Matched:
    """Make `compared` and `scored` of `pair`. `fit` re-estimates shares and priors from the pairs, starting from the model."""
    session.keep("compared", compare.compared("pair"))
    if fit and records > 1 and fields:
        model = estimate.fit(session, model, fields, records)
    weighed = score.scored(model, fields, records, "compared")
    session.keep(
        "scored",
        exp.select("*")
        .from_(weighed.subquery("weighed"))
        .where(f"weight >= {float(model.review)} OR rules >= {ASKED}"),
    )
    return Matched(model, fields, records, report)


def prepare(session: Session, keys: pl.DataFrame, model: Model) -> None:
    """Make `base` and `record`."""
    ordered = (
        keys.sort([*record.KEYS, "record"], nulls_last=True)
        .with_row_index("r")
        .with_columns(pl.col("r").cast(pl.Int64))
    )
    session.register("keys_given", ordered)
    session.register("nickname", record.nicknames())
    session.run(SQL / "base.sql")
    session.con.unregister("keys_given")
    query = exp.select("base.*").from_("base")
    for name in VALUES:
        shares = shares_of(model, name)
        if shares is None:
            query = query.select(exp.alias_(exp.cast(exp.null(), "double"), f"f_{name}"))
            continue
        session.keep(f"share_{name}", exp.select("value", "share").from_(shares.subquery("shares")))
        same = exp.EQ(this=exp.column("value", f"share_{name}"), expression=value_of(name))
        query = query.join(f"share_{name}", on=same, join_type="left")
        query = query.select(exp.column("share", f"share_{name}").as_(f"f_{name}"))
    session.keep("record", query)


def candidates(
    session: Session, rules: list[block.Rule], records: int, cap: int | None = None
) -> tuple[pl.DataFrame, int]:
    """Make `pair` by the blocking rules, or of all records where there are few; returns the report by rule and the cap."""
    if every_pair(records):
        session.run(SQL / "every_pair.sql")
        session.keep("pair", "SELECT a, b, rules FROM every_pair")
        count = session.scalar("SELECT count(*) FROM pair")
        row = dict(zip(block.REPORT, ("every pair", count, count, records, 0, 0), strict=True))
        return pl.DataFrame([row]), block.UNLIMITED
    session.run(SQL / "part.sql")
    return block.pairs(session, rules, records, block.budget(records), cap)


def every_pair(records: int) -> bool:
    """Whether there are so few records that blocking saves nothing."""
    return records * (records - 1) // 2 <= block.EVERY_PAIR


def value_of(name: str) -> exp.Expr:
    """The value of a record of `base` whose rarity counts."""
    value = VALUES[name]
    return parse_one(value if "." in value else f"base.{value}", dialect="duckdb")


def shares_of(model: Model, name: str) -> exp.Select | None:
    """Share of the records with any value that have this value, as the chance that a stranger to two records has it too.

    Columns `value`, `share` and `others`, the strangers counted. None where the model does not ask how rare a value is.
    The two records that agree count for half a stranger between them, and a small file leans on the model's typical share.
    A key that should be one entity's alone (`unique`) is as rare as the number of different surnames that use it: many
    records with one mailbox and one name are one person's, a mailbox with many names is an office.
    """
    spec = model.fields.get("street" if name == "place" else name)
    if spec is None or not spec.value_levels:
        return None
    typical, value = spec.u[2 if name == "street" else 0], value_of(name)
    names = "count(DISTINCT coalesce(sound_last, sound_first, company)) - 2"
    others = f"greatest({names}, 0)" if spec.unique else f"greatest(count(*) - 1.5, {NO_OTHERS})"
    smoothed = f"({others} + {_WEIGHT_OF_TYPICAL * typical!r}) / (sum(count(*)) OVER () + {_WEIGHT_OF_TYPICAL!r})"
    return (
        exp.select(exp.alias_(value, "value"))
        .select(exp.alias_(parse_one(smoothed, dialect="duckdb"), "share"))
        .select(exp.alias_(parse_one(others, dialect="duckdb"), "others"))
        .from_("base")
        .where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
        .group_by(value.copy())
    )


def share_of_rare(model: Model, name: str, values: int) -> float:
    """The share of a value that no stranger has, where so many records have any value: as `shares_of` computes it."""
    spec = model.fields["street" if name == "place" else name]
    typical = spec.u[2 if name == "street" else 0]
    others = 0.0 if spec.unique else NO_OTHERS
    return (others + _WEIGHT_OF_TYPICAL * typical) / (values + _WEIGHT_OF_TYPICAL)
