"""Probabilistic matching from keys to scored pairs, in SQL over one session. Knows nothing about CRMs, files or clusters.

Relations, in the order they are made: `base` (keys, with a number `r` that depends on contents, never on row order), `record`
(the same with the share of records that have each value), `part`, `pair`, `compared` (levels of likeness), `scored` (weights).
"""

from dataclasses import dataclass
from functools import cache

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
    absent: tuple[str, ...] = ()  # columns that `record` lacks


def match(session: Session, model: Model, rules: list[block.Rule], records: int) -> Matched:
    """Score every pair worth comparing of `base`; leaves `scored`, which has pairs of the model's `review` weight and above."""
    present = filled(session)
    shares(session, model, present)
    report, _ = candidates(session, rules, records)
    fields = [f for f in model.fields if COLUMNS[f] in present]
    return weigh(session, model, fields, records, report, fit=True, absent=absent(present))


def weigh(
    session: Session, model: Model, fields: list[str], records: int, report: pl.DataFrame,
    *, fit: bool, absent: tuple[str, ...],
) -> Matched:  # fmt: skip
    """Make `scored` of `pair`. `fit` re-estimates shares and priors from the pairs, starting from the model.

    Few pairs are compared once and kept; of many a sample is compared to learn from, and all again as they are scored: levels
    and shares of all of them would need more memory than everything else.
    """
    count = session.scalar("SELECT count(*) FROM pair")
    thin = max(1, -(-count // estimate.SAMPLE))
    if thin == 1:
        session.keep("compared", compare.compared("pair", absent))
    else:
        session.define("comparing", compare.compared("pair", absent))
    if fit and records > 1 and fields:
        if thin > 1:
            session.register("thin", pl.DataFrame({"thin": [thin]}))
            session.run(SQL / "sample_pair.sql")
            session.define("comparing_sample", compare.compared("sample_pair", absent))
        estimate.random_pairs(session, records)
        session.define("comparing_random", compare.compared("random_pair", absent))
        model = estimate.fit(session, model, fields, records, thin, "compared" if thin == 1 else "comparing_sample")
    score.bind(session, model, fields, records)
    session.register("review_level", pl.DataFrame({"review": [float(model.review)], "asked": [ASKED]}))
    weighed = score.scored(
        score.shape(model, fields), "compared" if thin == 1 else "comparing", ("a", "b", "rules", *compare.LEVELS)
    )
    session.define("weighed", weighed)
    session.define("scored", (SQL / "scored.sql").read_text(encoding="utf-8"))
    return Matched(model, fields, records, report, absent)


def filled(session: Session) -> set[str]:
    """Columns of `base` that some record has."""
    columns = session.sql("FROM base").columns
    counts = exp.select(*[exp.alias_(exp.Count(this=exp.column(c)), c) for c in columns]).from_("base")
    return {column for column, count in session.sql(counts).pl().row(0, named=True).items() if count}


def absent(present: set[str]) -> tuple[str, ...]:
    """Columns that `record` lacks, of those that `sql/compared.sql` reads, where no other columns have values."""
    missing = {column for column in (*record.KEYS, "nicks") if column not in present}
    return tuple(sorted(missing | {f"f_{name}" for name in VALUES if _column(name) not in present}))


def shares(session: Session, model: Model, present: set[str]) -> None:
    """Make `record` of `base`: the columns that some record has, with the share of each value whose rarity counts.

    `base` becomes a view of it: one copy of the records is enough.
    """
    kept = [column for column in session.sql("FROM base").columns if column in {*present, "r", "record"}]
    rare = rare_shares(session, model)
    query = exp.select(*[exp.column(name, "base") for name in kept]).from_("base").join("rare_share", join_type="cross")
    for name in VALUES:
        if _column(name) not in present:
            continue
        if name not in rare:
            query = query.select(exp.alias_(exp.cast(exp.null(), "double"), f"f_{name}"))
            continue
        session.keep(f"share_{name}", common(model, name))
        same = exp.EQ(this=exp.column("value", f"share_{name}"), expression=value_of(name))
        query = query.join(f"share_{name}", on=same, join_type="left")
        share = exp.func("coalesce", exp.column("share", f"share_{name}"), exp.column(name, "rare_share"))
        given = exp.Not(this=exp.Is(this=value_of(name), expression=exp.null()))
        query = query.select(exp.alias_(exp.Case(ifs=[exp.If(this=given, true=share)]), f"f_{name}"))
    session.register("rare_share", pl.DataFrame({"zero": [0.0], **rare}))
    session.keep("record", query)
    columns: list[exp.Expr] = [exp.column(name) for name in kept]
    columns += [exp.alias_(exp.cast(exp.null(), "varchar"), column) for column in record.KEYS if column not in kept]
    session.con.execute("DROP TABLE base")
    session.define("base", exp.select(*columns).from_("record"))


def _column(name: str) -> str:
    """The column of `base` without which a value has no share."""
    return "street" if name == "place" else COLUMNS[name]


def candidates(
    session: Session, rules: list[block.Rule], records: int, cap: int | None = None
) -> tuple[pl.DataFrame, int]:
    """Make `pair` by the blocking rules, or of all records where there are few; returns the report by rule and the cap."""
    if every_pair(records):
        session.keep("pair", (SQL / "every_pair.sql").read_text(encoding="utf-8"))
        count = session.scalar("SELECT count(*) FROM pair")
        row = dict(zip(block.REPORT, ("every pair", count, count, records, 0, 0), strict=True))
        return pl.DataFrame([row]), block.UNLIMITED
    session.define("part", (SQL / "part.sql").read_text(encoding="utf-8"))
    return block.pairs(session, rules, records, block.budget(records), cap)


def every_pair(records: int) -> bool:
    """Whether there are so few records that blocking saves nothing."""
    return records * (records - 1) // 2 <= block.EVERY_PAIR


def value_of(name: str) -> exp.Expr:
    """The value of a record of `base` whose rarity counts."""
    value = VALUES[name]
    return parse_one(value if "." in value else f"base.{value}", dialect="duckdb")


def shares_of(model: Model, name: str) -> str | None:
    """Share of the records with any value that have this value, as the chance that a stranger to two records has it too.

    Columns `value`, `share` and `others`, the strangers counted. None where the model does not ask how rare a value is.
    The two records that agree count for half a stranger between them, of others the part that the model says (`strangers`), and a
    small file leans on the model's typical share.
    A key that should be one entity's alone (`unique`) is as rare as the number of different surnames that use it: many
    records with one mailbox and one name are one person's, a mailbox with many names is an office.
    """
    spec = model.fields.get("street" if name == "place" else name)
    if spec is None or not spec.value_levels:
        return None
    return _shares_of(name, _typical(model, name), spec.unique, spec.strangers)


@cache
def _shares_of(name: str, typical: float, unique: bool, strangers: float) -> str:
    value = value_of(name)
    names = "count(DISTINCT coalesce(sound_last, sound_first, company)) - 2"
    others = f"greatest({names}, 0)" if unique else f"greatest(count(*) - 1.5, {NO_OTHERS}) * {strangers}"
    smoothed = f"({others} + {_WEIGHT_OF_TYPICAL * typical!r}) / (sum(count(*)) OVER () + {_WEIGHT_OF_TYPICAL!r})"
    query = exp.select(exp.alias_(value, "value"))
    query = query.select(exp.alias_(parse_one(smoothed, dialect="duckdb"), "share"))
    query = query.select(exp.alias_(parse_one(others, dialect="duckdb"), "others")).from_("base")
    query = query.where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))).group_by(value.copy())
    return query.sql("duckdb")


def common(model: Model, name: str) -> str:
    """Values of several records with their share; all others are as rare as `rare_shares` says."""
    return _common(str(shares_of(model, name)), _least_others(model, name))


@cache
def _common(shares: str, least: float) -> str:
    found = parse_one(shares, dialect="duckdb", into=exp.Select).subquery("shares")
    return exp.select("value", "share").from_(found).where(f"others > {least}").sql("duckdb")


def rare_shares(session: Session, model: Model) -> dict[str, float]:
    """The share of a value that no stranger has, by name, as `shares_of` computes it for the records of `base`."""
    counts = exp.select(*[exp.alias_(exp.Count(this=value_of(n)), n) for n in VALUES]).from_("base")
    known = session.sql(counts).pl().row(0, named=True)
    found = {}
    for name in VALUES:
        if shares_of(model, name) is not None:
            typical = _WEIGHT_OF_TYPICAL * _typical(model, name)
            found[name] = (_least_others(model, name) + typical) / (known[name] + _WEIGHT_OF_TYPICAL)
    return found


def _least_others(model: Model, name: str) -> float:
    spec = model.fields["street" if name == "place" else name]
    return 0.0 if spec.unique else NO_OTHERS * spec.strangers


def _typical(model: Model, name: str) -> float:
    return model.fields["street" if name == "place" else name].u[2 if name == "street" else 0]
