"""Numbers: SQL of one test of the registry on a value that is there, exact where a double is not.

Every function gives a condition that is never null for a value that is neither null nor the empty string. Doubles decide as
long as they differ, for rounding keeps the order; where they are the same, the digits decide, as far as a decimal holds them.
"""

from dataclasses import dataclass

from sqlglot import exp

from assets.segments.sqltext import all_of, is_short, matches, number, text
from schemas.segment_registry import TEXT

_NUMERAL = r"\A[ \t]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?[ \t]*\z"
_DECIMAL = exp.DataType.build("DECIMAL(38, 10)")
_NO_DECIMALS = "." + 10 * "0"
_COMPARISONS: dict[str, type[exp.Binary]] = {
    "equal": exp.EQ,
    "greater": exp.GT,
    "greater_or_equal": exp.GTE,
    "less": exp.LT,
    "less_or_equal": exp.LTE,
}


@dataclass(frozen=True)
class Numeral:
    """A cell with a number, how it is stored, and the cell beside it for a number that no double holds, if there is one."""

    value: exp.Expr
    stored: str
    exact: exp.Expr | None = None

    @property
    def rounded(self) -> exp.Expr:
        """The number; null where a text is none."""
        if self.stored != TEXT:
            return self.value.copy()
        parsed = exp.TryCast(this=self.value.copy(), to=exp.DataType.build("DOUBLE"))
        return exp.Case(ifs=[exp.If(this=matches(self.value, _NUMERAL), true=parsed)])

    @property
    def digits(self) -> exp.Expr:
        """The number with every digit; null where a decimal cannot hold it."""
        written = self.value.copy() if self.stored == TEXT else exp.cast(self.value.copy(), "VARCHAR")
        if self.exact is not None:
            written = exp.Coalesce(this=self.exact.copy(), expressions=[written])
        return exp.TryCast(this=written, to=_DECIMAL.copy())

    @property
    def written(self) -> exp.Expr:
        """The number as a record id is written, one with decimals as no id is; null where a decimal cannot hold it."""
        return exp.func("replace", exp.cast(self.digits, "VARCHAR"), text(_NO_DECIMALS), text(""))


def number_test(test: str, cell: Numeral, operand: float) -> exp.Expr:
    """A comparison with a number; a text that is no number fails it."""
    written = text(repr(operand)) if isinstance(operand, int) or is_short(operand) else None
    digits = exp.TryCast(this=written, to=_DECIMAL.copy()) if written is not None else None
    return _compared(test, cell, number(operand), digits, exact=cell.exact is not None or not is_short(operand))


def other_number_test(test: str, cell: Numeral, other: Numeral) -> exp.Expr:
    """Two numbers of one record; a text that is no number fails."""
    exact = cell.exact is not None or other.exact is not None
    return _compared(test, cell, other.rounded, other.digits, exact=exact, is_text=other.stored == TEXT)


def between_test(cell: Numeral, lower: float, upper: float) -> exp.Expr:
    """Between two numbers, both included."""
    if cell.exact is not None or not (is_short(lower) and is_short(upper)):
        return all_of([number_test("greater_or_equal", cell, lower), number_test("less_or_equal", cell, upper)])
    found = exp.Between(this=cell.rounded, low=number(lower), high=number(upper))
    return _certain(found, cell.stored == TEXT)


def _compared(
    test: str, cell: Numeral, rounded: exp.Expr, digits: exp.Expr | None, *, exact: bool, is_text: bool = False
) -> exp.Expr:
    compare = _COMPARISONS[test]
    found: exp.Expr = compare(this=cell.rounded, expression=rounded)
    if exact and digits is not None:
        same = exp.EQ(this=cell.rounded, expression=rounded.copy())
        by_digits = exp.Coalesce(this=compare(this=cell.digits, expression=digits), expressions=[found.copy()])
        found = exp.Case(ifs=[exp.If(this=same, true=by_digits)], default=found)
    return _certain(found, is_text or cell.stored == TEXT)


def _certain(condition: exp.Expr, is_text: bool) -> exp.Expr:
    """A condition on a parsed text is null where the text is no number: then it fails."""
    return exp.Coalesce(this=condition, expressions=[exp.false()]) if is_text else condition
