"""Scoring in SQL: evidence by field, and from it the weight of every pair.

A pair's weight is the log2 odds that it is one entity against everything else that could explain the same likeness:
strangers, a household, colleagues. So a surname with an address proves a family, and only what a family does not share
proves a person. Fields of a group (street, postcode, city ...) say much of the same thing: the strongest counts in full,
the others by `share_of_rest`, in favour and against.

The text of a query depends on which fields there are and how many levels they have (`Shape`), and is made once a process; the
numbers reach it through the relation `model_weight` (one row), so that learning weights makes no text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce

import pyarrow as pa
from sqlglot import exp

from assets.identity.model import Model
from assets.shared.sql import Session

_BOUND = 60.0  # bits of evidence: from 53 on a probability is 1 to the last digit of a double


@dataclass(frozen=True)
class Evidence:
    """What of a field shapes the query: its name, number of levels, levels with a share by value, group, relations that show."""

    name: str
    levels: int
    value_levels: tuple[int, ...]
    group: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """The fields compared, and the relations other than a match that explain likeness."""

    fields: tuple[Evidence, ...]
    kinds: tuple[str, ...]


def shape(model: Model, fields: Sequence[str]) -> Shape:
    """The shape of a model over some of its fields."""
    told = []
    for name in fields:
        spec = model.fields[name]
        kinds = tuple(kind for kind in model.kinds if kind in spec.other)
        told.append(Evidence(name, len(spec.levels), spec.value_levels, spec.group or name, kinds))
    return Shape(tuple(told), model.kinds)


def prior(model: Model, kind: str, records: int) -> float:
    """log2 odds, before any comparison, that two of so many records are related in a way."""
    return math.log2(max(model.partners[kind], 1e-9) / max(records - 1, 1))


def bind(session: Session, model: Model, fields: Sequence[str], records: int) -> None:
    """Make `model_weight`: one row, the numbers of a model that `scored` reads, in log2 where they are added up.

    `<kind>_<field>_<level>` is the evidence of a level, `top_<kind>_<field>_<level>` what of it remains where the share of the
    value is subtracted, `stranger_<field>_<level>` that share where it is not known, `floor_<field>` the smallest one.
    """
    row = {f"prior_{kind}": prior(model, kind, records) for kind in ("match", *model.kinds)}
    row["share_of_rest"] = model.share_of_rest
    for name in fields:
        spec = model.fields[name]
        row[f"floor_{name}"] = spec.floor
        for kind, shares in {"w": spec.m, **spec.other}.items():
            for level, (share, stranger) in enumerate(zip(shares, spec.u, strict=True), start=1):
                top = math.log2(max(share, 1e-9))
                row[f"{kind}_{name}_{level}"] = round(top - math.log2(max(stranger, 1e-9)), 9)
                if level in spec.value_levels:
                    row[f"top_{kind}_{name}_{level}"] = round(top, 9)
                    row[f"stranger_{name}_{level}"] = round(stranger, 9)
    session.register("model_weight", pa.table({name: pa.array([value]) for name, value in row.items()}))


@cache
def scored(shape: Shape, source: str, kept: tuple[str, ...]) -> str:
    """The text of `query`."""
    return query(shape, source, kept).sql("duckdb")


def query(shape: Shape, source: str, kept: tuple[str, ...]) -> exp.Select:
    """`source` (levels and value shares of pairs) with its evidence and weight, by the numbers bound.

    Columns: `kept` of the source, `w_<field>` (log2 evidence for a match), `odds_<kind>` (odds of every other explanation over
    strangers) and `weight` (log2 odds of a match over all of them).
    """
    weighed = exp.select("*", *_field_columns(shape), copy=False).from_(source, copy=False)
    weighed = weighed.join("model_weight", join_type="cross", copy=False)
    summed = exp.select("*", *_kind_columns(shape), copy=False).from_(
        weighed.subquery("weighed", copy=False), copy=False
    )
    explained = exp.func("log2", _total([exp.column(f"odds_{kind}") for kind in shape.kinds], _number(1.0)))
    weight = exp.func("round", exp.Sub(this=exp.column("support"), expression=explained), exp.Literal.number(6))
    columns = [*kept, *(f"w_{field.name}" for field in shape.fields)]
    columns += [f"odds_{kind}" for kind in shape.kinds]
    query = exp.select(*columns, exp.alias_(weight, "weight", copy=False), copy=False)
    return query.from_(summed.subquery("summed", copy=False), copy=False)


def probability(weight: exp.Expr) -> exp.Expr:
    """Probability from log2 odds, safe at both ends."""
    low = exp.func("least", weight, _number(_BOUND))
    bounded = exp.func("greatest", low, _number(-_BOUND))
    odds = exp.func("power", _number(2.0), exp.Neg(this=exp.Paren(this=bounded)))
    return exp.Div(this=_number(1.0), expression=exp.Paren(this=exp.Add(this=_number(1.0), expression=odds)))


def _field_columns(shape: Shape) -> list[exp.Expr]:
    return [
        exp.alias_(_evidence(field, kind), f"{kind}_{field.name}", copy=False)
        for field in shape.fields
        for kind in ("w", *field.kinds)
    ]


def _kind_columns(shape: Shape) -> list[exp.Expr]:
    columns: list[exp.Expr] = [exp.alias_(_evidence_of(shape, "w", "match"), "support", copy=False)]
    for kind in shape.kinds:
        bounded = exp.func("least", _evidence_of(shape, kind, kind), _number(4 * _BOUND), copy=False)
        columns.append(exp.alias_(exp.func("power", _number(2.0), bounded, copy=False), f"odds_{kind}", copy=False))
    return columns


def _evidence(field: Evidence, kind: str) -> exp.Expr:
    """log2(share of the level / its share among strangers) of one field; 0 where it cannot be compared."""
    cases = []
    for level in range(1, field.levels + 1):
        result: exp.Expr = exp.column(f"{kind}_{field.name}_{level}", "model_weight")
        if level in field.value_levels:
            stranger = exp.column(f"stranger_{field.name}_{level}", "model_weight")
            share = exp.func("coalesce", exp.column(f"f_{field.name}"), stranger, copy=False)
            share = exp.func("greatest", share, exp.column(f"floor_{field.name}", "model_weight"), copy=False)
            top = exp.column(f"top_{kind}_{field.name}_{level}", "model_weight")
            result = exp.Sub(this=top, expression=exp.func("log2", share, copy=False))
        cases.append(exp.If(this=exp.Literal.number(level), true=result))
    return exp.Case(this=exp.column(f"g_{field.name}"), ifs=cases, default=_number(0.0))


def _evidence_of(shape: Shape, side: str, kind: str) -> exp.Expr:
    """The prior of a kind of relation and the evidence of all fields for it, groups damped."""
    groups: dict[str, list[exp.Expr]] = {}
    for field in shape.fields:
        if side == "w" or side in field.kinds:
            groups.setdefault(field.group, []).append(exp.column(f"{side}_{field.name}"))
    return _total([_damped(columns) for columns in groups.values()], exp.column(f"prior_{kind}"))


def _damped(columns: list[exp.Expr]) -> exp.Expr:
    """Strongest value for and strongest against in full, the rest by the model's share."""
    if len(columns) == 1:
        return columns[0]
    parts: list[exp.Expr] = []
    for bound in ("greatest", "least"):
        top = exp.func(bound, *[c.copy() for c in columns], _number(0.0), copy=False)
        clipped = [exp.func(bound, c.copy(), _number(0.0), copy=False) for c in columns]
        rest = exp.Paren(this=exp.Sub(this=exp.Paren(this=_total(clipped, _number(0.0))), expression=top.copy()))
        parts += [top, exp.Mul(this=exp.column("share_of_rest"), expression=rest)]
    return exp.Paren(this=_total(parts, _number(0.0)))


def _total(parts: Sequence[exp.Expr], start: exp.Expr) -> exp.Expr:
    return reduce(lambda a, b: exp.Add(this=a, expression=b), parts, start)


def _number(value: float) -> exp.Expr:
    number = exp.Cast(this=exp.Literal.number(repr(abs(value))), to=exp.DataType.build("double"))
    return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
