"""Ignoring case, beyond ASCII: Unicode's full case folding, in Python and as SQL that gives the same.

`lower()` of DuckDB leaves 183 letters unfolded (ß, ς, µ, Cherokee ...). Which of them matter is known when a definition is
compiled: those whose folding shares a letter with the text that is looked for. Where none does, the SQL is `LOWER(x)`;
else rows outside ASCII take the longer way. İ folds to i, like its lower case in DuckDB and in Java.
"""

from functools import cache

from sqlglot import exp

_DOTTED = "i\u0307"  # what İ folds to in Python
# Lower-case letters that are not folded yet. Ranges: Greek, Cherokee, Cyrillic and Latin letters, ligatures.
_RANGES = ((0xB5, 0x590), (0x13F8, 0x13FE), (0x1C80, 0x1C8B), (0x1E96, 0x2000), (0xAB70, 0xABC0), (0xFB00, 0xFB18))


def fold(text: str) -> str:
    """A text as it is compared: two texts that differ only in case fold to the same."""
    return text.casefold().replace(_DOTTED, "i")


@cache
def unfolded() -> dict[str, str]:
    """Letters that lower-casing leaves alone and folding does not, with what they fold to."""
    letters = (chr(code) for first, last in _RANGES for code in range(first, last))
    return {c: fold(c) for c in letters if c.lower() == c and fold(c) != c}


def folded(value: exp.Expr, needles: list[str]) -> exp.Expr:
    """SQL of a value folded as far as a comparison with `needles`, which are folded, can tell."""
    letters = set().union(*map(set, needles)) if needles else set()
    relevant = {c: f for c, f in unfolded().items() if not letters.isdisjoint(f)}
    single = {c: f for c, f in relevant.items() if len(f) == 1}
    chain: exp.Expr = exp.Lower(this=value.copy())
    if single:
        arguments = [exp.Literal.string("".join(single)), exp.Literal.string("".join(single.values()))]
        chain = exp.Anonymous(this="TRANSLATE", expressions=[chain, *arguments])
    several = [(c, f) for c, f in relevant.items() if len(f) > 1] + ([(_DOTTED, "i")] if "i" in letters else [])
    for letter, folding in several:
        chain = exp.Replace(this=chain, expression=exp.Literal.string(letter), replacement=exp.Literal.string(folding))
    if not single and not several:
        return chain
    is_ascii = exp.BitLength(this=value.copy()).eq(
        exp.Mul(this=exp.Literal.number(8), expression=exp.Length(this=value.copy()))
    )
    return exp.Case(ifs=[exp.If(this=is_ascii, true=exp.Lower(this=value.copy()))], default=chain)
