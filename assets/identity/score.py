"""Scoring as SQL expressions made from a model: evidence by field, and from it the weight of every pair.

A pair's weight is the log2 odds that it is one entity against everything else that could explain the same likeness:
strangers, a household, colleagues. So a surname with an address proves a family, and only what a family does not share
proves a person. Fields of a group (street, postcode, city ...) say much of the same thing: the strongest counts in full,
the others by `share_of_rest`, in favour and against.
"""

import math
from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from assets.identity.model import Field, Model, Shares

_BOUND = 60.0


def prior(model: Model, kind: str, records: int) -> float:
    """log2 odds, before any comparison, that two of so many records are related in a way."""
    return math.log2(max(model.partners[kind], 1e-9) / max(records - 1, 1))


def scored(model: Model, fields: list[str], records: int, source: str) -> exp.Select:
    """`source` (levels and value shares of pairs) with its evidence and weight.

    Adds `w_<field>` (log2 evidence for a match), `odds_<kind>` (odds of every other explanation over strangers) and
    `weight` (log2 odds of a match over all of them).
    """
    weighed = exp.select("*", *_field_columns(model, fields)).from_(source)
    summed = exp.select("*", *_kind_columns(model, fields, records)).from_(weighed.subquery("weighed"))
    explained = exp.func("log2", _total([exp.column(f"odds_{kind}") for kind in model.kinds], 1.0))
    weight = exp.func("round", exp.Sub(this=exp.column("support"), expression=explained), exp.Literal.number(6))
    return exp.select("*", exp.alias_(weight, "weight")).from_(summed.subquery("summed"))


def probability(weight: exp.Expr) -> exp.Expr:
    """Probability from log2 odds, safe at both ends."""
    low = exp.func("least", weight, _number(_BOUND))
    bounded = exp.func("greatest", low, _number(-_BOUND))
    odds = exp.func("power", _number(2.0), exp.Neg(this=exp.Paren(this=bounded)))
    return exp.Div(this=_number(1.0), expression=exp.Paren(this=exp.Add(this=_number(1.0), expression=odds)))


def _field_columns(model: Model, fields: list[str]) -> list[exp.Expr]:
    columns: list[exp.Expr] = []
    for name in fields:
        spec = model.fields[name]
        columns.append(exp.alias_(_evidence(name, spec, spec.m), f"w_{name}"))
        columns += [exp.alias_(_evidence(name, spec, shares), f"{kind}_{name}") for kind, shares in spec.other.items()]
    return columns


def _kind_columns(model: Model, fields: list[str], records: int) -> list[exp.Expr]:
    support = exp.Add(this=_number(prior(model, "match", records)), expression=_evidence_of(model, fields, "w"))
    columns: list[exp.Expr] = [exp.alias_(support, "support")]
    for kind in model.kinds:
        evidence = exp.Add(this=_number(prior(model, kind, records)), expression=_evidence_of(model, fields, kind))
        odds = exp.func("power", _number(2.0), exp.func("least", evidence, _number(4 * _BOUND)))
        columns.append(exp.alias_(odds, f"odds_{kind}"))
    return columns


def _evidence(name: str, spec: Field, shares: Shares) -> exp.Expr:
    """log2(share of the level / its share among strangers) of one field; 0 where it cannot be compared."""
    cases = []
    for level, (share, stranger) in enumerate(zip(shares, spec.u, strict=True), start=1):
        top = math.log2(max(share, 1e-9))
        result: exp.Expr = _number(top - math.log2(max(stranger, 1e-9)))
        if level in spec.value_levels:
            value = exp.func("coalesce", exp.column(f"f_{name}"), _number(stranger))
            value = exp.func("log2", exp.func("greatest", value, _number(spec.floor)))
            result = exp.Sub(this=_number(top), expression=value)
        cases.append(exp.If(this=exp.Literal.number(level), true=result))
    return exp.Case(this=exp.column(f"g_{name}"), ifs=cases, default=_number(0.0))


def _evidence_of(model: Model, fields: list[str], prefix: str) -> exp.Expr:
    present = [f for f in fields if prefix == "w" or prefix in model.fields[f].other]
    groups: dict[str, list[exp.Expr]] = {}
    for name in present:
        groups.setdefault(model.fields[name].group or name, []).append(exp.column(f"{prefix}_{name}"))
    return exp.Paren(this=_total([_damped(columns, model.share_of_rest) for columns in groups.values()], 0.0))


def _damped(columns: list[exp.Expr], share: float) -> exp.Expr:
    """Strongest value for and strongest against in full, the rest by `share`."""
    if len(columns) == 1:
        return columns[0]
    parts: list[exp.Expr] = []
    for bound in ("greatest", "least"):
        top = exp.func(bound, *[c.copy() for c in columns], _number(0.0))
        clipped = [exp.func(bound, c.copy(), _number(0.0)) for c in columns]
        rest = exp.Paren(this=exp.Sub(this=exp.Paren(this=_total(clipped, 0.0)), expression=top.copy()))
        parts += [top, exp.Mul(this=_number(share), expression=rest)]
    return exp.Paren(this=_total(parts, 0.0))


def _total(parts: Sequence[exp.Expr], start: float) -> exp.Expr:
    return reduce(lambda a, b: exp.Add(this=a, expression=b), parts, _number(start))


def _number(value: float) -> exp.Expr:
    number = exp.cast(exp.Literal.number(repr(abs(round(value, 9)))), "double")
    return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
