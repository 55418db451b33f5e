"""Small pieces of SQL that every predicate is made of. Values are literals of sqlglot, never text put into text."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from sqlglot import exp

_FRAMES = 20_000  # of Python's stack: more than the deepest tree needs
_METACHARACTERS = frozenset("\\.+*?()|[]{}^$")


def text(value: str) -> exp.Literal:
    """A text literal."""
    return exp.Literal.string(value)


def number(value: float) -> exp.Expr:
    """A number literal; one that a decimal would not hold exactly is cast to the column's own type."""
    if is_short(value):
        return exp.Literal.number(repr(value))
    return exp.cast(exp.Literal.number(repr(float(value))), "DOUBLE")


def is_short(value: float) -> bool:
    """Whether a double holds a number as it is written."""
    return abs(value) < 1e15 and len(repr(value)) <= 15


def day(value: date) -> exp.Expr:
    """A DATE literal."""
    return exp.cast(text(value.isoformat()), "DATE")


def stamp(value: datetime) -> exp.Expr:
    """A TIMESTAMPTZ literal, in UTC."""
    return exp.cast(text(value.astimezone(UTC).isoformat(sep=" ")), "TIMESTAMPTZ")


def column(name: str, relation: str | None = None) -> exp.Column:
    """A quoted column."""
    return exp.column(name, table=relation, quoted=True)


def all_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Conjunction; of nothing: true."""
    found = list(conditions)
    if not found:
        return exp.true()
    return found[0] if len(found) == 1 else exp.and_(*found, copy=False)


def any_of(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """Disjunction; of nothing: false."""
    found = list(conditions)
    if not found:
        return exp.false()
    return found[0] if len(found) == 1 else exp.or_(*found, copy=False)


def negated(condition: exp.Expr) -> exp.Expr:
    """Negation of a condition that is never null."""
    if isinstance(condition, exp.Boolean):
        return exp.false() if condition.this else exp.true()
    return exp.Not(this=condition if isinstance(condition, exp.Paren) else exp.Paren(this=condition))


def among(value: exp.Expr, values: Sequence[str]) -> exp.Expr:
    """Whether a value is one of several texts."""
    if not values:
        return exp.false()
    if len(values) == 1:
        return exp.EQ(this=value.copy(), expression=text(values[0]))
    return exp.In(this=value.copy(), expressions=[text(v) for v in values])


def contains(value: exp.Expr, part: str) -> exp.Expr:
    """Whether a text has a part."""
    return exp.Contains(this=value.copy(), expression=text(part))


def matches(value: exp.Expr, pattern: str) -> exp.Expr:
    """Whether a regular expression is found in a text; the pattern must read alike in RE2 and in Java."""
    return exp.RegexpLike(this=value.copy(), expression=text(pattern))


def verbatim(value: str) -> str:
    """A text as a regular expression that matches it and nothing else."""
    return "".join(f"\\{c}" if c in _METACHARACTERS else c for c in value)


def elements(value: exp.Expr, keep: exp.Expr) -> exp.Expr:
    """The `;`-separated elements of a text for which `keep`, about a column `element`, is true."""
    kept = exp.Lambda(this=keep, expressions=[exp.to_identifier("element")])
    split = exp.RegexpSplit(this=value.copy(), expression=text(";"))
    return exp.ArrayFilter(this=split, expression=kept)


def size(array: exp.Expr) -> exp.Expr:
    """Number of elements of an array."""
    return exp.ArraySize(this=array)


def written(query: exp.Expr, dialect: str = "duckdb", *, pretty: bool = False) -> str:
    """SQL of an expression however deep it is: sqlglot's generator recurses, a few frames a level of the tree."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        return query.sql(dialect, pretty=pretty)
    finally:
        sys.setrecursionlimit(limit)
