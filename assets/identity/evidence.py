"""What each field said of a pair, as the list that `core/identity/pair` keeps."""

from functools import cache

from sqlglot import exp, parse_one

from assets.identity import score
from assets.identity.engine import Matched

_NOTHING = "[]::STRUCT(field TEXT, level TEXT, weight DOUBLE)[]"
_COLUMNS = ("entity", "a", "b", "tier", "rule", "weight", "probability", "zone", "guard", "evidence")
Fields = tuple[tuple[str, tuple[str, ...]], ...]  # names, each with its levels in words


def pairs(matched: Matched) -> str:
    """Pairs that are not as the night before left them: judged tonight with their evidence, and moved."""
    return _pairs(tuple((name, matched.model.fields[name].levels) for name in matched.fields))


@cache
def _pairs(fields: Fields) -> str:
    names = "x.record AS a", "y.record AS b", "coalesce(judged.tier, 'T3') AS tier", "judged.rule", "judged.weight"
    inner = exp.select(
        "level.entity", *names, "settled.zone", "settled.guard", exp.alias_(_every_field(fields), "every_field")
    )
    inner = inner.from_("judged").join("level", join_type="cross")
    inner = inner.join("base AS x", on="judged.a = x.r").join("base AS y", on="judged.b = y.r")
    inner = inner.join("settled", on="judged.a = settled.a AND judged.b = settled.b")
    spoken = parse_one("list_filter(every_field, heard -> heard.level IS NOT NULL)", dialect="duckdb")
    told = exp.select(*_COLUMNS[:6], probability(), "zone", "guard", exp.alias_(spoken, "evidence"))
    moved = exp.select(*_COLUMNS).from_("moved_pair")
    return exp.union(told.from_(inner.subquery("told")), moved, distinct=False).sql("duckdb")


def probability() -> exp.Expr:
    """The probability of a `weight`, as it is kept."""
    return exp.alias_(exp.func("round", score.probability(exp.column("weight")), exp.Literal.number(6)), "probability")


def _every_field(compared: Fields) -> exp.Expr:
    """One entry a field: its name, its level of likeness in words (null where not comparable), its weight."""
    parts = []
    for name, known in compared:
        levels = exp.Case(this=exp.column(f"g_{name}"))
        for number, words in enumerate(known, start=1):
            levels = levels.when(exp.Literal.number(number), exp.Literal.string(words))
        weight = exp.func("round", exp.column(f"w_{name}"), exp.Literal.number(2))
        fields = {"field": exp.Literal.string(name), "level": levels, "weight": weight}
        parts.append(
            exp.Struct(expressions=[exp.PropertyEQ(this=exp.to_identifier(k), expression=v) for k, v in fields.items()])
        )
    return exp.Array(expressions=parts) if parts else parse_one(_NOTHING, dialect="duckdb")
