"""Associations to SQL: which pairs of records an association type means, and what may be asked of the other side."""

from dataclasses import dataclass

from sqlglot import exp

from assets.segments.catalog import Link, ObjectTable
from assets.segments.scope import Run, Scope
from assets.segments.sqltext import all_of, any_of, column, negated
from schemas.segment_definition import OBJECT_TYPES
from schemas.segment_filters import Occurrences, SetOccurrences
from schemas.segment_problems import DefinitionProblem, Unknowable, shown

# HubSpot's own association types between the objects of the lake: id -> (from, to, primary only).
ASSOCIATION_TYPES: dict[int, tuple[str, str, bool]] = {
    1: ("contact", "company", True),
    2: ("company", "contact", True),
    3: ("deal", "contact", False),
    4: ("contact", "deal", False),
    5: ("deal", "company", True),
    6: ("company", "deal", True),
    279: ("contact", "company", False),
    280: ("company", "contact", False),
    341: ("deal", "company", False),
    342: ("company", "deal", False),
}


@dataclass(frozen=True)
class Pairs:
    """Pairs of records, as the rows of a relation: only primary ones where `primary` says so.

    A pair with a record that is not there any more is none; where no such records were ever delivered nobody can tell.
    """

    link: Link
    alias: str
    primary: bool
    targets: ObjectTable | None

    @property
    def source(self) -> exp.Column:
        """The record that is asked about."""
        return column(self.link.source_column, self.alias)

    @property
    def target(self) -> exp.Column:
        """The associated record."""
        return column(self.link.target_column, self.alias)

    def select(self, *conditions: exp.Expr) -> exp.Select:
        """Source ids of the pairs for which all conditions hold."""
        own: list[exp.Expr] = []
        if self.link.live:
            own.append(column("op", self.alias).eq(exp.Literal.string("upsert")))
        if self.primary and self.link.primary:
            own.append(column(self.link.primary, self.alias))
        if self.targets is not None:
            there = exp.select(column(self.targets.id_column)).from_(exp.to_table(self.targets.relation), copy=False)
            if self.targets.live:
                there = there.where(column("op").eq(exp.Literal.string("upsert")), copy=False)
            own.append(exp.In(this=self.target, query=exp.Subquery(this=there)))
        table = exp.to_table(self.link.relation).as_(self.alias)
        query = exp.select(self.source).from_(table, copy=False)
        found = [*own, *conditions]
        return query.where(all_of(found), copy=False) if found else query


def find_pairs(
    type_id: int, category: str, target_id: str | None, path: str, scope: Scope, alias: str, run: Run
) -> Pairs | None:
    """The pairs of an association type, seen from the scope's object; None when the run got a problem instead."""
    where, source = f"{scope.where}{path}", scope.table.object
    if category != "HUBSPOT_DEFINED" or type_id not in ASSOCIATION_TYPES:
        kind = f"association type {type_id} ({category})"
        run.unknowable.append(Unknowable(where, kind, "associations that the lake does not have"))
        return None
    begins, ends, primary = ASSOCIATION_TYPES[type_id]
    if begins != source:
        said = f"association type {type_id} leads from a {begins} to a {ends}, this is about a {source}"
        run.problems.append(DefinitionProblem(f"{where}.associationTypeId", said))
        return None
    if target_id is not None and OBJECT_TYPES.get(target_id) != ends:
        said = f"association type {type_id} leads to a {ends}, which is not object type {shown(target_id)}"
        run.problems.append(DefinitionProblem(f"{where}.objectTypeId", said))
        return None
    for link in run.catalog.links:
        if (link.source, link.target) == (begins, ends) and (link.primary is not None if primary else link.complete):
            return Pairs(link, alias, primary, run.catalog.objects.get(ends))
    which = "which company is primary" if primary else f"associations between {begins} and {ends}"
    run.unknowable.append(Unknowable(where, f"association type {type_id}", f"{which}, which was not delivered"))
    return None


def number_of(pairs: Pairs, counted: Occurrences, scope: Scope, *conditions: exp.Expr) -> exp.Expr:
    """Whether a record has so many distinct associated records; a record without any has 0."""
    least, most = counted.min_occurrences or 0, counted.max_occurrences
    distinct = exp.Count(this=exp.Distinct(expressions=[pairs.target]))
    bounds: list[exp.Expr] = []
    if least > 0:
        bounds.append(exp.GTE(this=distinct, expression=exp.Literal.number(least)))
        if most is not None:
            bounds.append(exp.LTE(this=distinct.copy(), expression=exp.Literal.number(most)))
    elif most is None:
        return exp.true()
    else:
        bounds.append(exp.GT(this=distinct, expression=exp.Literal.number(most)))
    query = pairs.select(*conditions).group_by(pairs.source, copy=False).having(all_of(bounds), copy=False)
    found = record_in(scope, query)
    return found if least > 0 else negated(found)


def set_of(pairs: Pairs, refined: SetOccurrences | None, scope: Scope, inside: exp.Expr) -> exp.Expr:
    """Whether all, any or none of the associated records are `inside`, with what having none counts as."""
    some = record_in(scope, pairs.select(inside))
    associated = record_in(scope, pairs.select())
    outside = record_in(scope, pairs.select(negated(inside.copy())))
    kind = "ANY" if refined is None else refined.set_type
    return {
        "ANY": lambda: some,
        "ANY_INCLUDE_EMPTY": lambda: any_of([some, negated(associated)]),
        "ALL": lambda: all_of([associated, negated(outside)]),
        "ALL_INCLUDE_EMPTY": lambda: negated(outside),
        "NONE": lambda: negated(some),
        "NONE_EXCLUDE_EMPTY": lambda: all_of([associated, negated(some)]),
    }[kind]()


def record_in(scope: Scope, query: exp.Select) -> exp.Expr:
    """Whether the scope's record is among the ids of a query."""
    return exp.In(this=scope.record_id, query=exp.Subquery(this=query))


def target_table(type_id: str, path: str, scope: Scope, run: Run) -> ObjectTable | None:
    """The table of an object type id; None when the run got a problem instead."""
    name = OBJECT_TYPES.get(type_id)
    if name is not None and name in run.catalog.objects:
        return run.catalog.objects[name]
    what = f"object type {type_id}" if name is None else f"the {name} table"
    run.unknowable.append(Unknowable(f"{scope.where}{path}", what, "records that the lake does not have"))
    return None
