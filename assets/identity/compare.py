"""The comparison of pairs: `sql/compared.sql`, over whichever relation of pairs is asked for.

Files of `sql` are parsed once a process, and the text of a query with other relations or fewer columns is made once.
"""

from functools import cache
from pathlib import Path

from sqlglot import exp, parse_one

SQL = Path(__file__).parent / "sql"

# Compared fields by the key whose presence makes them comparable.
COLUMNS = {name: {"email": "email_canon"}.get(name, name) for name in (
    "first", "middle", "last", "dob", "birth_place", "gender", "job", "email", "phone", "gid", "street", "postcode", "city",
    "state", "country", "company", "domain",
)}  # fmt: skip
LEVELS = tuple(f"g_{name}" for name in COLUMNS)
_TYPES = {"nicks": "varchar[]"}


@cache
def compared(pairs: str, absent: tuple[str, ...] = ()) -> str:
    """`sql/compared.sql` for the pairs of a relation (a, b, rules), where `record` lacks the `absent` columns: they are blank."""
    query = parsed("compared").copy()
    _renamed(query, {"pair": pairs})
    for step in query.find_all(exp.CTE):
        step.set("materialized", False)  # levels of millions of pairs pass through, and so does a choice of pairs
    for column in list(query.find_all(exp.Column)):
        if column.table in ("x", "y") and column.name in absent:
            kind = "double" if column.name.startswith("f_") else _TYPES.get(column.name, "varchar")
            blank: exp.Expr = exp.cast(exp.null(), kind)
            named = isinstance(column.parent, exp.Select)
            column.replace(exp.alias_(blank, column.name) if named else blank)
    return query.sql("duckdb")


@cache
def over(name: str, **relations: str) -> str:
    """The query of a file of `sql` with some of the relations it reads replaced by others."""
    query = parsed(name).copy()
    _renamed(query, relations)
    return query.sql("duckdb")


def _renamed(query: exp.Expression, relations: dict[str, str]) -> None:
    for table in query.find_all(exp.Table):
        if table.name in relations:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(relations[table.name]))


@cache
def parsed(name: str) -> exp.Select:
    """The query of a file of `sql`, which nobody may change."""
    return parse_one((SQL / f"{name}.sql").read_text(encoding="utf-8"), dialect="duckdb", into=exp.Select)
