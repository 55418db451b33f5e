"""Text, options and booleans: SQL of one test of the registry on a value that is there.

Every function gives a condition that is never null for a value that is neither null nor the empty string.
"""

from collections.abc import Callable, Sequence

from sqlglot import exp

from assets.segments.folding import fold, folded, unfolded
from assets.segments.sqltext import (
    all_of,
    among,
    any_of,
    column,
    contains,
    elements,
    matches,
    negated,
    size,
    text,
    verbatim,
)
from schemas.segment_registry import TEXT

# Letters, digits, marks and the underscore make words; spelled out because \b of RE2 knows ASCII only.
WORD = r"\p{L}\p{N}\p{M}_"
_START, _END = rf"(?:\A|[^{WORD}])", rf"(?:\z|[^{WORD}])"
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_FEW = 4  # so many parts are looked for one by one; more become regular expressions
_PATTERN_PARTS = 500  # alternatives of one regular expression: RE2 refuses to compile very large ones


def text_test(test: str, value: exp.Expr, values: Sequence[str]) -> exp.Expr:
    """equal, contains, phrase, starts or ends: any of the values, case ignored."""
    needles = list(dict.fromkeys(fold(v) for v in values))
    subject = folded(value, needles)
    if test == "equal":
        return among(subject, needles)
    if test == "phrase":
        return any_of(_patterns(subject, needles, _START, _END))
    if len(needles) > _FEW:
        before, after = {"contains": ("", ""), "starts": (r"\A", ""), "ends": ("", r"\z")}[test]
        return any_of(_patterns(subject, needles, before, after))
    kind: Callable[..., exp.Expr] = {"contains": exp.Contains, "starts": exp.StartsWith, "ends": exp.EndsWith}[test]
    return any_of(kind(this=subject.copy(), expression=text(n)) for n in needles)


def _patterns(subject: exp.Expr, needles: list[str], before: str, after: str) -> list[exp.Expr]:
    found = []
    for first in range(0, len(needles), _PATTERN_PARTS):
        parts = "|".join(map(verbatim, needles[first : first + _PATTERN_PARTS]))
        found.append(matches(subject, f"{before}(?:{parts}){after}"))
    return found


def other_text_test(test: str, value: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Two text properties of one record, case ignored."""
    every = list(unfolded().values())
    left, right = folded(value, every), folded(other, every)
    kind: Callable[..., exp.Expr] = {
        "equal": exp.EQ, "contains": exp.Contains, "starts": exp.StartsWith, "ends": exp.EndsWith,
    }[test]  # fmt: skip
    return kind(this=left, expression=right)


def options_test(test: str, value: exp.Expr, values: Sequence[str], several: bool) -> exp.Expr:
    """any, exactly or all: sets of option values, case kept; `several`: a cell may hold more than one, with `;`."""
    wanted = list(dict.fromkeys(values))
    if not several:
        if test == "any":
            return among(value, wanted)
        if test == "all" and not wanted:
            return exp.true()
        return among(value, wanted) if len(wanted) == 1 else exp.false()
    possible = [v for v in wanted if v and ";" not in v]
    if test == "any":
        if not possible:
            return exp.false()
        multiple = contains(value, ";")
        return any_of([among(value, possible), all_of([multiple, _has_any(value, possible)])])
    if len(possible) < len(wanted):
        return exp.false()
    has_all = _has_all(value, possible)
    if test == "all":
        return has_all
    extra = all_of([column("element").neq(text("")), negated(among(column("element"), possible))])
    return all_of([has_all, size(elements(value, extra)).eq(0)])


def _has_any(value: exp.Expr, possible: list[str]) -> exp.Expr:
    if len(possible) <= _FEW:
        return any_of(contains(_delimited(value), f";{v};") for v in possible)
    return exp.GT(this=size(elements(value, among(column("element"), possible))), expression=exp.Literal.number(0))


def _has_all(value: exp.Expr, possible: list[str]) -> exp.Expr:
    if len(possible) <= _FEW:
        return all_of(contains(_delimited(value), f";{v};") for v in possible)
    found = exp.ArrayDistinct(this=elements(value, among(column("element"), possible)))
    return size(found).eq(len(possible))


def _delimited(value: exp.Expr) -> exp.Expr:
    return exp.DPipe(this=exp.DPipe(this=text(";"), expression=value.copy()), expression=text(";"))


def bool_test(value: exp.Expr, stored: str, wanted: bool) -> exp.Expr:
    """A boolean; in text columns also yes, no, 1 and 0."""
    if stored != TEXT:
        return exp.EQ(this=value.copy(), expression=exp.true() if wanted else exp.false())
    return among(exp.Lower(this=value.copy()), _TRUE if wanted else _FALSE)


def other_bool_test(value: exp.Expr, stored: str, other: exp.Expr, other_stored: str) -> exp.Expr:
    """Two booleans of one record that are equal."""
    pairs = [
        all_of([bool_test(value, stored, wanted), bool_test(other, other_stored, wanted)]) for wanted in (True, False)
    ]
    return any_of(pairs)
