"""SQL that depends on the mapped columns: one hash a record, and the mapped values as rows. Built as expressions, never as text.

A value is text in the one form it has everywhere: numbers without trailing zeros, dates as ISO days, times in UTC with
milliseconds and Z, booleans as true or false; blank is null.
"""

from functools import reduce

from sqlglot import exp

TEXT = "VARCHAR"
_SEPARATOR = exp.Literal.string("\x1f")
_NULL = exp.Literal.string("\x00")


def text_of(column: str, kind: str) -> exp.Expr:
    """The column's value as text in its canonical form; null where it is blank. `kind` is the DuckDB type."""
    name = exp.column(column, quoted=True)
    as_text = exp.cast(name, TEXT)
    if kind == "DOUBLE":
        whole = exp.and_(
            exp.EQ(this=name, expression=exp.func("trunc", name)),
            exp.LT(this=exp.func("abs", name), expression=exp.Literal.number("1e15")),
        )
        return exp.case().when(whole, exp.cast(exp.cast(name, "BIGINT"), TEXT)).else_(as_text)
    if kind.startswith("TIMESTAMP"):
        return exp.func("strftime", name, exp.Literal.string("%Y-%m-%dT%H:%M:%S.%gZ"), dialect="duckdb")
    if kind == TEXT:
        return exp.case().when(exp.func("trim", name).neq(""), name)
    return as_text


def record_hash(relation: str, id_column: str, columns: dict[str, str], digest: str) -> exp.Select:
    """One row per live record: record_id, hash. `columns` are the mapped ones with their types; `digest` names the mappings.

    The algorithm is md5 over the canonical texts, version 1: stored hashes must not depend on an engine's own hash().
    """
    parts: list[exp.Expr] = [exp.Literal.string(digest)]
    parts += [exp.func("coalesce", text_of(name, kind), _NULL.copy()) for name, kind in sorted(columns.items())]
    joined = reduce(
        lambda left, right: exp.DPipe(this=exp.DPipe(this=left, expression=_SEPARATOR.copy()), expression=right), parts
    )
    return exp.select(exp.column(id_column, quoted=True).as_("record_id"), exp.func("md5", joined).as_("hash")).from_(
        relation
    )


def exploded(relation: str, id_column: str, columns: dict[str, str], wanted: str) -> exp.Select:
    """One row per wanted record and mapped column that is not blank: record_id, field, value.

    `wanted` is a relation with a column record_id.
    """
    structs = [
        exp.Struct(
            expressions=[
                exp.PropertyEQ(this=exp.to_identifier("field"), expression=exp.Literal.string(name)),
                exp.PropertyEQ(this=exp.to_identifier("value"), expression=text_of(name, kind)),
            ]
        )
        for name, kind in sorted(columns.items())
    ]
    chosen = (
        exp.select(
            exp.column(id_column, table="source", quoted=True).as_("record_id"),
            exp.Unnest(expressions=[exp.Array(expressions=structs)]).as_("cell"),
        )
        .from_(exp.to_table(relation).as_("source"))
        .join(
            exp.to_table(wanted).as_("wanted"),
            join_type="semi",
            on=exp.column(id_column, table="source", quoted=True).eq(exp.column("record_id", table="wanted")),
        )
    )
    value = exp.Dot(this=exp.column("cell"), expression=exp.to_identifier("value"))
    field = exp.Dot(this=exp.column("cell"), expression=exp.to_identifier("field"))
    return (
        exp.select("record_id", field.as_("field"), value.as_("value"))
        .from_(chosen.subquery("cells"))
        .where(exp.not_(exp.Is(this=value.copy(), expression=exp.null())))
    )
