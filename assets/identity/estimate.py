"""Learning the model from the pairs themselves, without labels: expectation-maximisation over patterns of likeness.

Shares among strangers (`u`) come from random pairs, shares among matches (`m`) and the priors from the candidate pairs, each
counted by the probability that the present model gives it. The shipped model takes part as pseudo-counts, so a small file
stays close to it and a large one speaks for itself. Household and colleague shares are not learnt, only how common they are.
"""

from dataclasses import replace
from functools import cache

import polars as pl
from sqlglot import exp, parse_one

from assets.identity import compare, score
from assets.identity.model import Field, Model, Shares
from assets.shared.sql import Session

SAMPLE = 200_000  # candidate pairs learnt from
RANDOM = 100_000  # random pairs learnt from
ROUNDS = 10  # of expectation and maximisation
GRANTED = 20.0  # right pairs that a threshold is judged with
KEPT = 0.8  # share of the expected right pairs that a higher threshold must keep
M_PSEUDO, U_PSEUDO, PARTNER_PSEUDO = 100.0, 1000.0, 50.0


def fit(session: Session, model: Model, fields: list[str], records: int, thin: int, source: str) -> Model:
    """The model fitted to every `thin`-th candidate pair, compared in `source`, and to random ones in `comparing_random`."""
    valued = tuple(name for name in fields if model.fields[name].value_levels)
    session.keep("pattern", _patterns(tuple(fields), valued, source))
    session.keep("pattern_random", _patterns(tuple(fields), valued, "comparing_random"))
    shipped, expected = model, 0.0
    for _ in range(ROUNDS):
        score.bind(session, model, fields, records)
        shape = score.shape(model, fields)
        found = _expect(session, shape, "pattern")
        strangers = _expect(session, shape, "pattern_random")
        learnt = [f for f in fields if not shipped.fields[f].steady]
        m = {f: _shares(found, f, shipped.fields[f].m, M_PSEUDO, "match") for f in learnt}
        m |= {f: _hardly_ever(shipped.fields[f], m[f]) for f in learnt if shipped.fields[f].own}
        u = {f: _shares(strangers, f, shipped.fields[f].u, U_PSEUDO, "rest") for f in fields}
        u |= {f: _at_least(shipped.fields[f].u, u[f]) for f in fields if shipped.fields[f].fixed}
        partners = {
            kind: round((2 * thin * found[f"n_{kind}"] + PARTNER_PSEUDO * rate) / (records + PARTNER_PSEUDO), 9)
            for kind, rate in shipped.partners.items()
        }
        model = shipped.fitted(m, u, partners)
        previous, expected = expected, found["n_match"]
        if abs(expected - previous) <= 0.001 * expected:
            break
    return replace(model, link=_threshold(session, model, fields, records))


def _threshold(session: Session, model: Model, fields: list[str], records: int) -> float:
    """The lowest weight, not below the model's, from which on pairs are one entity as often as the model wants.

    Some right pairs are taken for granted: a few doubtful ones in a small file are no reason to raise it. It is not raised so far
    that much of what is expected to be one entity would be lost: where nothing is sure, caution would link nothing.
    """
    score.bind(session, model, fields, records)
    by = session.sql(_by_weight(score.shape(model, fields), "pattern")).pl().filter(pl.col("weight") >= model.link)
    by = by.sort("weight", descending=True).with_columns(pl.col("right", "pairs").cum_sum())
    sure = pl.col("right") + GRANTED >= model.precision * (pl.col("pairs") + GRANTED)
    kept = pl.col("right") >= KEPT * pl.col("right").max()
    if by.select(sure.all()).item():
        return model.link
    good, most = by.filter(sure)["weight"].to_list(), by.filter(kept)["weight"].to_list()
    return float(min([*good, max(most)]))


@cache
def _by_weight(shape: score.Shape, source: str) -> str:
    """Pairs, and how many of them are expected to be one entity, by weight in quarters."""
    weight = "floor(weight * 4) / 4 AS weight"
    match = score.probability(exp.column("weight"))
    inner = exp.select("pairs", "weight", exp.alias_(match, "p")).from_(
        score.query(shape, source, ("pairs",)).subquery("s")
    )
    query = exp.select(weight, "sum(pairs * p) AS right", "sum(pairs)::DOUBLE AS pairs").from_(inner.subquery("e"))
    return query.group_by("floor(weight * 4) / 4").sql("duckdb")


def random_pairs(session: Session, records: int) -> None:
    """Make `random_pair`: pairs that do not depend on likeness, records with those some fixed distances away."""
    steps = max(1, min((records - 1) // 2, -(-RANDOM // records)))
    shifts = sorted({1 + i * (records - 1) // steps for i in range(steps)})
    every = max(1, records // RANDOM)
    session.register("shift", pl.DataFrame({"shift": shifts, "records": records, "every": every}))
    session.keep("random_pair", (compare.SQL / "random_pair.sql").read_text(encoding="utf-8"))


@cache
def _patterns(fields: tuple[str, ...], valued: tuple[str, ...], source: str) -> str:
    """Distinct rows of levels and rounded value shares, with how many pairs have them."""
    columns: list[exp.Expr] = [exp.column(f"g_{f}") for f in fields]
    for name in valued:
        rounded = parse_one(f"power(2.0, round(log2(greatest(f_{name}, 1e-9)) * 2) / 2.0)", dialect="duckdb")
        columns.append(exp.alias_(rounded, f"f_{name}"))
    return exp.select(*columns, "count(*) AS pairs").from_(source).group_by(exp.Var(this="ALL")).sql("duckdb")


def _expect(session: Session, shape: score.Shape, source: str) -> dict[str, float]:
    """Expected pairs by kind (`n_<kind>`) and by kind and level (`<field>_<level>_match`, `..._rest`), one pass."""
    row = session.sql(_expectation(shape, source)).pl().row(0, named=True)
    return {key: float(value or 0.0) for key, value in row.items()}


@cache
def _expectation(shape: score.Shape, source: str) -> str:
    match = score.probability(exp.column("weight"))
    kept = ("pairs", *(f"g_{field.name}" for field in shape.fields))
    inner = exp.select("*", exp.alias_(match, "p")).from_(score.query(shape, source, kept).subquery("s"))
    total = " + ".join(["1.0", *(f"odds_{kind}" for kind in shape.kinds)])
    columns = ["sum(pairs * p) AS n_match"]
    columns += [f"sum(pairs * (1 - p) * odds_{kind} / ({total})) AS n_{kind}" for kind in shape.kinds]
    for field in shape.fields:
        for level in range(1, field.levels + 1):
            columns.append(f"sum(pairs * p) FILTER (g_{field.name} = {level}) AS {field.name}_{level}_match")
            columns.append(f"sum(pairs * (1 - p)) FILTER (g_{field.name} = {level}) AS {field.name}_{level}_rest")
    return exp.select(*columns).from_(inner.subquery("e")).sql("duckdb")


def _hardly_ever(shipped: Field, learnt: Shares) -> Shares:
    """Shares among matches with no more than twice the shipped one for `different`, the others larger in proportion."""
    different = shipped.levels.index("different")
    bound = min(learnt[different], 2 * shipped.m[different])
    rest = (1.0 - bound) / (1.0 - learnt[different])
    return tuple(bound if level == different else round(share * rest, 9) for level, share in enumerate(learnt))


def _at_least(shipped: Shares, learnt: Shares) -> Shares:
    """Shares among strangers no smaller than the shipped ones: some files are full of likeness (`user1@`, `user2@`)."""
    alike = tuple(map(max, shipped[:-1], learnt[:-1]))
    return (*alike, round(max(1.0 - sum(alike), 1e-6), 9))


def _shares(found: dict[str, float], name: str, shipped: Shares, pseudo: float, kind: str) -> Shares:
    counts = [found[f"{name}_{level}_{kind}"] for level in range(1, len(shipped) + 1)]
    total = sum(counts) + pseudo
    return tuple(round((count + pseudo * share) / total, 9) for count, share in zip(counts, shipped, strict=True))
