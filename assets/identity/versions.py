"""Rows of the tables that keep versions: what a night has otherwise than the night before, and what is there no more."""

from sqlglot import exp

from schemas.arrow import arrow_schema, duckdb_type
from schemas.tables import KEYS, TABLES

_GONE = "gone"
_BLANK: dict[str, exp.Expr] = {
    "VARCHAR": exp.Literal.string(""), "BOOLEAN": exp.false(), "BIGINT": exp.Literal.number(0), "DOUBLE": exp.Literal.number(0),
}  # fmt: skip


def of(key: str, rows: str, gone: str) -> exp.Union:
    """Versions of the table `key`: the `rows` as they are, and a blank row for each that `gone` names. Both are relations.

    `gone` has what identifies a row of the table, and `entity` where the table has it.
    """
    named = {*KEYS[key], "entity"}
    here: list[exp.Expr] = []
    away: list[exp.Expr] = []
    nullable = {name: bool(column.nullable) for name, column in TABLES[key].to_schema().columns.items()}
    for field in arrow_schema(TABLES[key]):
        kind = duckdb_type(field.type)
        here.append(exp.false().as_(_GONE) if field.name == _GONE else exp.column(field.name))
        if field.name == _GONE:
            away.append(exp.true().as_(_GONE))
        elif field.name in named:
            away.append(exp.column(field.name))
        else:
            blank = exp.null() if nullable[field.name] else _BLANK.get(kind, exp.Array(expressions=[])).copy()
            away.append(exp.cast(blank, exp.DataType.build(kind, dialect="duckdb")).as_(field.name))
    return exp.union(exp.select(*here).from_(rows), exp.select(*away).from_(gone), distinct=False)
