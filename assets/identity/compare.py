"""The comparison of pairs: `sql/compared.sql`, over whichever relation of pairs is asked for."""

from functools import cache
from pathlib import Path

from sqlglot import exp, parse_one

SQL = Path(__file__).parent / "sql"

# Compared fields by the key whose presence makes them comparable.
COLUMNS = {name: {"email": "email_canon"}.get(name, name) for name in (
    "first", "middle", "last", "dob", "birth_place", "gender", "job", "email", "phone", "gid", "street", "postcode", "city",
    "state", "country", "company", "domain",
)}  # fmt: skip


def compared(pairs: str) -> exp.Select:
    """The rows of `sql/compared.sql` for the pairs of a relation (a, b, rules)."""
    return over("compared", pair=pairs)


def over(name: str, **relations: str) -> exp.Select:
    """The query of a file of `sql` with some of the relations it reads replaced by others."""
    query = _parsed(name).copy()
    for table in query.find_all(exp.Table):
        if table.name in relations:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(relations[table.name]))
    return query


@cache
def _parsed(name: str) -> exp.Select:
    return parse_one((SQL / f"{name}.sql").read_text(encoding="utf-8"), dialect="duckdb", into=exp.Select)
