"""What a compilation knows while it runs: the lake, the moment, whose properties are meant, and what went wrong."""

from dataclasses import dataclass, field

from sqlglot import exp

from assets.segments.catalog import Catalog, ObjectTable, Property
from assets.segments.moment import Moment
from assets.segments.numerals import Numeral
from assets.segments.sqltext import all_of, column, text
from schemas.segment_problems import DefinitionProblem, Unknowable, shown
from schemas.segment_registry import TEXT

RECORD_ID = "record_id"


@dataclass
class Run:
    """One compilation: what it may refer to, when it is, and what it found."""

    catalog: Catalog
    moment: Moment
    problems: list[DefinitionProblem] = field(default_factory=list)
    unknowable: list[Unknowable] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    tables: dict[str, exp.Select] = field(default_factory=dict)

    def keep(self, name: str, query: exp.Select) -> exp.Select:
        """Make a query of one column `record_id` a common table expression; returns a query of that."""
        self.tables.setdefault(name, query)
        return exp.select(column(RECORD_ID)).from_(exp.table_(name, quoted=True), copy=False)

    def with_tables(self, statement: exp.Select) -> exp.Select:
        """A statement with the common table expressions it uses; those used by others come first."""
        for name, query in self.tables.items():
            statement = statement.with_(exp.to_identifier(name, quoted=True), as_=query, copy=False)
        return statement


@dataclass(frozen=True)
class Scope:
    """Whose properties are meant: a table under an alias; `where` leads its paths (the list they are in).

    `level` counts the associations around it.
    """

    table: ObjectTable
    alias: str
    where: str = ""
    level: int = 0

    def value(self, found: Property) -> exp.Column:
        """The column of a property."""
        return column(found.name, self.alias)

    def number(self, found: Property) -> Numeral:
        """The number that a property holds."""
        return Numeral(self.value(found), found.stored, column(found.exact, self.alias) if found.exact else None)

    @property
    def record_id(self) -> exp.Column:
        """The column of the record's id."""
        return column(self.table.id_column, self.alias)


class DoesNotFit(Exception):
    """A filter that does not fit the portal: what is wrong, and with which key below the filter."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(message)


def has_value(scope: Scope, found: Property) -> exp.Expr:
    """Whether a property has a value: neither null nor the empty string."""
    value = scope.value(found)
    there = is_there(value)
    return all_of([there, value.copy().neq(text(""))]) if found.stored == TEXT else there


def is_there(value: exp.Expr) -> exp.Expr:
    """Whether a value is not null."""
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.null()))


def look_up(name: str, scope: Scope, catalog: Catalog, key: str) -> Property:
    """A property of the scope's object. Raises DoesNotFit where it has none, naming the object that has."""
    found = scope.table.properties.get(name)
    if found is not None:
        return found
    what = scope.table.object
    if name in scope.table.undelivered:
        raise DoesNotFit(key, f"property {shown(name)} of the {what} was not delivered")
    others = [other.object for other in catalog.objects.values() if name in other.properties and other.object != what]
    hint = f"; a property of the {others[0]} is asked for inside an ASSOCIATION branch" if others else ""
    raise DoesNotFit(key, f"unknown property {shown(name)} of the {what}{hint}")
