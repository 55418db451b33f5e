"""SQL that depends on the mapped columns: one hash a record, and the mapped values as rows. Built as expressions, never as text.

A value is text in the one form it has everywhere: numbers without trailing zeros, dates as ISO days, times in UTC with
milliseconds and Z, booleans as true or false; blank is null.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path

import sqlglot
from sqlglot import exp

from assets.shared.history import HISTORY, given_at
from schemas.contract import EXACT

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
SQL = Path(__file__).parent / "sql"
TEXT = "VARCHAR"
# Columns whose canonical text is already the form in which they are compared.
_OWN_FORM = {
    "DOUBLE": "number",
    "BIGINT": "number",
    "BOOLEAN": "bool",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
}
_SEPARATOR = exp.Literal.string("\x1f")
_NULL = exp.Literal.string("\x00")
_WHITE = exp.Literal.string(" \t\n\x0b\x0c\r")
# Text that begins between these is neither blank nor begins with white space or a control character.
_LOWEST, _HIGHEST = exp.Literal.string("!"), exp.Literal.string("\x7f")


@dataclass(frozen=True)
class Side:
    """One system's relation as it is joined: its name (hubspot, salesforce), id column, and mapped columns with DuckDB types.

    Among these are the columns of numbers that no double holds.
    """

    name: str
    relation: str
    id_column: str
    columns: dict[str, str]


def types_among(types: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """Those of a relation's columns that are named, and what beside them has numbers that no double holds."""
    wanted = [found for name in names for found in (name, f"{EXACT}{name}")]
    return {name: types[name] for name in sorted(wanted) if name in types}


@dataclass(frozen=True)
class Mapping:
    """One mapping: its id, the column on each side, and how the two are compared."""

    name: str
    hubspot: str
    salesforce: str
    compare: str


Cell = tuple[Side, str, str]  # a side, one of its mapped columns, how it is compared


def text_of(column: str, kind: str, table: str | None = None, *, exact: bool = False) -> exp.Expr:
    """The column's value as text in its canonical form; null where it is blank. `kind` is the DuckDB type.

    `exact`: beside it another column has the numbers that no double holds.
    """
    name = exp.column(column, table=table, quoted=True)
    as_text: exp.Expr = exp.cast(name, TEXT)
    if kind == "DOUBLE":
        if exact:
            as_text = exp.func("coalesce", exp.column(f"{EXACT}{column}", table=table, quoted=True), as_text)
        return _number(name, as_text)
    if kind.startswith("TIMESTAMP"):
        return exp.func("strftime", name, exp.Literal.string("%Y-%m-%dT%H:%M:%S.%gZ"), dialect="duckdb")
    if kind == TEXT:
        plain = exp.and_(exp.GTE(this=name, expression=_LOWEST.copy()), exp.LT(this=name, expression=_HIGHEST.copy()))
        blank = exp.case().when(plain, name.copy(), copy=False)
        return blank.when(_bare(name).neq(""), name.copy(), copy=False)
    return as_text


def _bare(value: exp.Expr) -> exp.Expr:
    """A text without any white space at its ends: the blanks of every script, tabs and ends of lines."""
    return exp.Trim(this=exp.Trim(this=value.copy()), expression=_WHITE.copy())


def _number(name: exp.Expr, as_text: exp.Expr) -> exp.Expr:
    """A number as norm.sql writes one, without reading it from text again."""

    def given(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.TryCast) and node.to.is_type("double"):
            return name.copy()
        if isinstance(node, exp.RegexpLike):
            return exp.true()
        return as_text.copy() if isinstance(node, exp.Column) and node.name == "value" else node

    return _query("norm")["number"].transform(given)


def record_hash(source: Side, compared: Iterable[tuple[str, str]], digest: str) -> exp.Select:
    """One row per record of a source: record_id, hash (`<digest>-<md5 of the values>`).

    `compared` are mapped columns, each with how it is compared. Values are hashed as they are compared, so that an edit
    which changes nothing (white space, the order of a set, the form of a number) moves no hash (P2-3A). `digest` names the
    mappings. The algorithm is md5, version 2: stored hashes must not depend on an engine's own hash().
    """
    cells = sorted(set(compared))
    parts: list[exp.Expr] = [
        exp.func("coalesce", _norm(source, column, how), _NULL, copy=False) for column, how in cells
    ]
    joined = reduce(
        lambda left, right: exp.DPipe(this=exp.DPipe(this=left, expression=_SEPARATOR.copy()), expression=right),
        parts or [_NULL.copy()],
    )
    marked = exp.DPipe(this=exp.Literal.string(f"{digest}-"), expression=exp.func("md5", joined, copy=False))
    identity = exp.column(source.id_column, table=source.name, quoted=True)
    records = exp.select(identity.as_("record_id")).from_(exp.to_table(source.relation).as_(source.name))
    hashed = exp.Alias(this=marked, alias=exp.to_identifier("hash"))
    read, _ = _read(records, [(source, column, how) for column, how in cells])
    return exp.select("record_id").select(hashed, copy=False).from_(read, copy=False)


def field_rows(target: str, hubspot: Side, salesforce: Side, mappings: list[Mapping]) -> exp.Select:
    """One row per target pair and mapping of one Salesforce object: the pair's columns, mapping, and value and norm of each side.

    `hubspot_at`: when HubSpot's value was given, where its property history is there. `target` is a relation with hubspot_id
    and salesforce_id of the pairs; a side that is not there gives nulls. Both sides are joined whole
    and their mapped columns unnested together, so that no join runs over the long form.
    """
    cells = [
        exp.Struct(
            expressions=[
                _entry("mapping", exp.Literal.string(mapping.name)),
                _entry("hubspot_value", _value(hubspot, mapping.hubspot)),
                _entry("hubspot_norm", _norm(hubspot, mapping.hubspot, mapping.compare)),
                _entry("hubspot_at", _given_at(hubspot, mapping.hubspot)),
                _entry("salesforce_value", _value(salesforce, mapping.salesforce)),
                _entry("salesforce_norm", _norm(salesforce, mapping.salesforce, mapping.compare)),
            ]
        )
        for mapping in mappings
    ]
    joined = (
        exp.select("target.*")
        .from_(exp.to_table(target).as_("target"))
        .join(exp.to_table(hubspot.relation).as_("hubspot"), on=_same("hubspot", hubspot), join_type="left")
        .join(exp.to_table(salesforce.relation).as_("salesforce"), on=_same("salesforce", salesforce), join_type="left")
    )
    wanted = [(hubspot, mapping.hubspot, mapping.compare) for mapping in mappings]
    wanted += [(salesforce, mapping.salesforce, mapping.compare) for mapping in mappings]
    wanted.append((hubspot, HISTORY, "text"))
    return _long(joined, wanted, cells)


def property_rows(source: Side, object_: str, kinds: dict[str, str]) -> exp.Select:
    """One row per record of a source and property: object, record_id, property, value, norm. `kinds`: how each is compared."""
    cells = [
        exp.Struct(
            expressions=[
                _entry("property", exp.Literal.string(name)),
                _entry("value", _value(source, name)),
                _entry("norm", _norm(source, name, kind)),
            ]
        )
        for name, kind in kinds.items()
    ]
    identity = exp.column(source.id_column, table=source.name, quoted=True)
    records = exp.select(exp.Literal.string(object_).as_("object"), identity.as_("record_id"))
    records = records.from_(exp.to_table(source.relation).as_(source.name))
    return _long(records, [(source, name, kind) for name, kind in kinds.items()], cells)


def bare_of(value: exp.Expr) -> exp.Expr:
    """A text without white space at its ends; fast where no control character is there, as hardly ever one is."""
    last = exp.func("right", value.copy(), exp.Literal.number(1))
    controlled = exp.or_(
        exp.LT(this=value.copy(), expression=_LOWEST.copy()), exp.LT(this=last, expression=_LOWEST.copy())
    )
    return exp.case().when(controlled, _bare(value), copy=False).else_(exp.Trim(this=value.copy()), copy=False)


def norm_of(bare: exp.Expr, compare: str) -> exp.Expr:
    """A text without white space at its ends, as it is compared."""
    return _query("norm")[compare].transform(
        lambda node: bare.copy() if isinstance(node, exp.Column) and node.name == "value" and not node.table else node
    )


def _same(side: str, source: Side) -> exp.Expr:
    return exp.and_(
        exp.column(f"{side}_live", table="target"),
        exp.column(f"{side}_id", table="target").eq(exp.column(source.id_column, table=side, quoted=True)),
    )


def _read(records: exp.Select, wanted: Iterable[Cell]) -> tuple[exp.Subquery, list[str]]:
    """The records with the wanted columns as text, and bare where they are compared so; and the names of these columns.

    A step reads what the one before it made: to repeat an expression inside another one costs more than a small night's rows.
    Like all that holds the mapped columns, the query is built in place.
    """
    texts: dict[str, exp.Expr] = {}
    bare: dict[str, exp.Expr] = {}
    for side, column, how in wanted:
        if column in side.columns:
            exact = f"{EXACT}{column}" in side.columns
            texts[_text(side, column)] = text_of(column, side.columns[column], side.name, exact=exact)
            if _OWN_FORM.get(side.columns[column]) != how:
                bare[_bare_text(side, column)] = bare_of(_named(_text(side, column)))
    given = records.select(*_aliased(texts), copy=False).subquery("given", copy=False)
    read = exp.select("*").select(*_aliased(bare), copy=False).from_(given, copy=False)
    return read.subquery("read", copy=False), [*texts, *bare]


def _long(records: exp.Select, wanted: Iterable[Cell], cells: list[exp.Struct]) -> exp.Select:
    """One row per record and cell: the record's columns and the cell's."""
    read, made = _read(records, wanted)
    others = exp.Star(except_=[exp.to_identifier(name, quoted=True) for name in made])
    unnested = exp.Alias(this=exp.Unnest(expressions=[exp.Array(expressions=cells)]), alias=exp.to_identifier("cell"))
    rows = exp.select(others).select(unnested, copy=False).from_(read, copy=False).subquery("cells", copy=False)
    names = [entry.this.name for entry in cells[0].expressions]
    fields = [exp.Dot(this=exp.column("cell"), expression=exp.to_identifier(name)).as_(name) for name in names]
    return exp.select("* EXCLUDE (cell)", *fields).from_(rows, copy=False)


def _text(side: Side, column: str) -> str:
    return f"{side.name}:{column}"


def _bare_text(side: Side, column: str) -> str:
    return f"{side.name}:{column}:bare"


def _named(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _aliased(columns: dict[str, exp.Expr]) -> list[exp.Alias]:
    return [exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True)) for name, value in columns.items()]


def _entry(name: str, value: exp.Expr) -> exp.PropertyEQ:
    return exp.PropertyEQ(this=exp.to_identifier(name), expression=value)


def _value(side: Side, column: str) -> exp.Expr:
    if column not in side.columns:
        return exp.cast(exp.null(), TEXT)
    return _named(_text(side, column))


def _norm(side: Side, column: str, compare: str) -> exp.Expr:
    value = _value(side, column)
    if column not in side.columns or _OWN_FORM.get(side.columns[column]) == compare:
        return value
    if compare == "employees" and side.name == "salesforce":
        return _range_of(value)
    return norm_of(_named(_bare_text(side, column)), compare)


def _given_at(side: Side, column: str) -> exp.Expr:
    """When a property got its value, by the record's property history; null where the record has none of it."""
    if HISTORY not in side.columns:
        return exp.cast(exp.null(), "TIMESTAMPTZ")
    return given_at(_value(side, HISTORY), column)


def _range_of(value: exp.Expr) -> exp.Expr:
    """HubSpot's range of a number of employees: the first that reaches up to it (P1-27); null below the lowest."""
    number = exp.TryCast(this=value, to=exp.DataType.build("DOUBLE"))
    ranges = exp.case()
    for option, lowest, highest in _employee_ranges():
        inside: exp.Expr = exp.GTE(this=number.copy(), expression=exp.Literal.number(lowest))
        if highest:
            inside = exp.and_(inside, exp.LT(this=number.copy(), expression=exp.Literal.number(int(highest) + 1)))
        ranges.when(inside, exp.Literal.string(option), copy=False)
    return ranges


@cache
def _employee_ranges() -> tuple[tuple[str, ...], ...]:
    with (REFERENCE / "employee_ranges.csv").open(newline="") as file:
        return tuple(tuple(row.values()) for row in csv.DictReader(file))


@cache
def _query(name: str) -> dict[str, exp.Expr]:
    """The expressions of a file by their names."""
    query = sqlglot.parse_one((SQL / f"{name}.sql").read_text(), dialect="duckdb")
    return {expression.alias: expression.this for expression in query.expressions}
