"""A segment's tree to one SELECT of its members' ids, as a sqlglot expression.

Every condition is two-valued, so branches are plain AND, OR and NOT. Lists that a definition refers to become common table
expressions of their own, each once, unless HubSpot's own members were delivered: those count.
"""

from dataclasses import dataclass

from sqlglot import exp

from assets.segments.catalog import Catalog
from assets.segments.links import find_pairs, number_of, record_in, set_of, target_table
from assets.segments.lists import ListMembers
from assets.segments.moment import Moment
from assets.segments.property_filters import property_condition, record_select
from assets.segments.scope import RECORD_ID, DoesNotFit, Run, Scope, is_there, look_up
from assets.segments.sqltext import all_of, any_of, negated, written
from schemas.segment_definition import OBJECT_TYPES
from schemas.segment_filters import (
    AssociatedInList,
    Constant,
    InList,
    NumberOfAssociations,
    Occurrences,
    PropertyAssociatedInList,
    PropertyFilter,
    SetOccurrences,
    Unanswerable,
)
from schemas.segment_problems import DefinitionError, DefinitionProblem, NotEvaluable, Unknowable
from schemas.segment_registry import NUMBER, TEXT
from schemas.segment_tree import Association, Branch, Leaf, PropertyAssociation

_DEEPEST = 20  # conditions in one another; DuckDB plans deeper ones in more than quadratic time


@dataclass(frozen=True)
class Compiled:
    """The statement of a segment: its members' ids, one row each; `notes` say what the answer rests on."""

    statement: exp.Select
    notes: tuple[str, ...]

    def sql(self, dialect: str = "duckdb", *, pretty: bool = False) -> str:
        """The statement as text."""
        return written(self.statement, dialect, pretty=pretty)


def compile_segment(
    root: Branch, object_name: str, catalog: Catalog, moment: Moment, title: str | None = None
) -> Compiled:
    """Members of a tree over one object of the catalog. `title` is the list's own id, to find lists that lead back to it.

    Raises DefinitionError with everything that does not fit the portal, NotEvaluable with everything that the lake
    cannot answer; the first goes before the second.
    """
    compiler = Compiler(catalog, moment, title)
    statement = compiler.members(root, object_name)
    compiler.finish()
    return Compiled(compiler.run.with_tables(statement), tuple(compiler.run.notes))


class Compiler:
    """Compiles branches and filters over one catalog and moment; problems are collected until `finish`."""

    def __init__(self, catalog: Catalog, moment: Moment, title: str | None = None) -> None:
        self.run = Run(catalog, moment)
        self.lists = ListMembers(self.run, self.members, title)
        self._aliases = 0

    def finish(self) -> None:
        """Raises what was found on the way."""
        if self.run.problems:
            raise DefinitionError(list(dict.fromkeys(self.run.problems)))
        if self.run.unknowable:
            raise NotEvaluable(list(dict.fromkeys(self.run.unknowable)))

    def scope(self, object_name: str, where: str = "") -> Scope | None:
        """A fresh scope over an object; None when the run got a problem instead."""
        table = self.run.catalog.objects.get(object_name)
        if table is None:
            self.run.unknowable.append(Unknowable(where or "$", f"the {object_name} table", "records of it"))
            return None
        return Scope(table, self._alias("record"), where)

    def members(self, root: Branch, object_name: str, where: str = "") -> exp.Select:
        """SELECT of the ids of live records that a tree accepts."""
        scope = self.scope(object_name, where)
        if scope is None:
            return exp.select(exp.null().as_(RECORD_ID)).where(exp.false())
        return record_select(scope, scope.record_id.as_(RECORD_ID), [self.branch(root, scope)])

    def branch(self, branch: Branch, scope: Scope, depth: int = 0) -> exp.Expr:
        """Condition of a branch on the scope's record; `depth` counts the conditions around it in one statement."""
        if depth == _DEEPEST:
            inner = Scope(scope.table, self._alias("record"), scope.where)
            selected = [self.branch(branch, inner)]
            query = record_select(inner, inner.record_id.as_(RECORD_ID), selected)
            return record_in(scope, self.run.keep(self._alias("branch"), query))
        if branch.unanswerable is not None:
            return self._unknowable(branch.path, branch.unanswerable, scope)
        if isinstance(branch.link, Association):
            return self._association(branch, branch.link, scope)
        if isinstance(branch.link, PropertyAssociation):
            return self._property_association(branch, branch.link, scope)
        parts = self.parts(branch, scope, depth)
        found = any_of(parts) if branch.type in ("OR", "NOT_ANY") else all_of(parts)
        return negated(found) if branch.type.startswith("NOT") else found

    def parts(self, branch: Branch, scope: Scope, depth: int = 0) -> list[exp.Expr]:
        """Conditions of a branch's filters and branches, one by one."""
        filters = [self.leaf(leaf, scope) for leaf in branch.filters]
        return filters + [self.branch(inner, scope, depth + 1) for inner in branch.branches]

    def leaf(self, leaf: Leaf, scope: Scope) -> exp.Expr:
        """Condition of one filter on the scope's record."""
        found = leaf.filter
        if isinstance(found, PropertyFilter):
            return property_condition(found, leaf.path, scope, self.run)
        if isinstance(found, Unanswerable):
            return self._unknowable(leaf.path, found, scope)
        if isinstance(found, Constant):
            return exp.true() if found.should_accept else exp.false()
        if isinstance(found, InList):
            inside = self.lists.among(scope.record_id, str(found.list_id), scope.table.object, leaf.path, scope)
            return inside if found.operator == "IN_LIST" else negated(inside)
        if isinstance(found, NumberOfAssociations):
            return self._number(found, leaf.path, scope)
        if isinstance(found, AssociatedInList):
            return self._associated_in_list(found, leaf.path, scope)
        return self._property_in_list(found, leaf.path, scope)

    def _association(self, branch: Branch, link: Association, scope: Scope) -> exp.Expr:
        """An associated record that all filters accept: one and the same one."""
        target = target_table(link.object_type_id, branch.path, scope, self.run)
        if target is None:
            return exp.false()
        inner = Scope(target, self._alias("record"), scope.where, scope.level + 1)
        conditions = self.parts(branch, inner)
        pairs = find_pairs(
            link.association_type_id, link.association_category, link.object_type_id,
            branch.path, scope, self._alias("pair"), self.run,
        )  # fmt: skip
        if pairs is None:
            return exp.false()
        accepted = record_select(inner, inner.record_id, conditions)
        inside = [exp.In(this=pairs.target, query=exp.Subquery(this=accepted))] if conditions else []
        found = record_in(scope, self._flat(pairs.select(*inside), scope))
        return found if link.operator == "IN_LIST" else negated(found)

    def _property_association(self, branch: Branch, link: PropertyAssociation, scope: Scope) -> exp.Expr:
        """The record whose id a property holds, if all filters accept it."""
        target = target_table(link.object_type_id, branch.path, scope, self.run)
        held = self._held_id(link.property_with_object_id, f"{branch.path}.propertyWithObjectId", scope)
        if target is None or held is None:
            return exp.false()
        inner = Scope(target, self._alias("record"), scope.where, scope.level + 1)
        accepted = record_select(inner, inner.record_id, self.parts(branch, inner))
        inside = self._flat(accepted, scope)
        found = all_of([is_there(held), exp.In(this=held.copy(), query=exp.Subquery(this=inside))])
        return found if link.operator == "IN_LIST" else negated(found)

    def _flat(self, query: exp.Select, scope: Scope) -> exp.Select:
        """A query of ids; inside another association as a table of its own, because nesting has a limit in DuckDB."""
        if scope.level == 0:
            return query
        query.selects[0].replace(query.selects[0].as_(RECORD_ID))
        return self.run.keep(self._alias("associated"), query)

    def _number(self, found: NumberOfAssociations, path: str, scope: Scope) -> exp.Expr:
        pairs = find_pairs(
            found.association_type_id, found.association_category, found.to_object_type_id,
            path, scope, self._alias("pair"), self.run,
        )  # fmt: skip
        return exp.false() if pairs is None else number_of(pairs, found.coalescing_refine_by, scope)

    def _associated_in_list(self, found: AssociatedInList, path: str, scope: Scope) -> exp.Expr:
        pairs = find_pairs(
            found.association_type_id, found.association_category, found.to_object_type_id,
            path, scope, self._alias("pair"), self.run,
        )  # fmt: skip
        if pairs is None:
            return exp.false()
        inside = self.lists.among(pairs.target, found.list_id, pairs.link.target, path, scope)
        refined = found.coalescing_refine_by
        if isinstance(refined, Occurrences):
            answer = number_of(pairs, refined, scope, inside)
        else:
            answer = set_of(pairs, refined if isinstance(refined, SetOccurrences) else None, scope, inside)
        return answer if found.operator == "IN_LIST" else negated(answer)

    def _property_in_list(self, found: PropertyAssociatedInList, path: str, scope: Scope) -> exp.Expr:
        held = self._held_id(found.property_with_object_id, f"{path}.propertyWithObjectId", scope)
        if held is None:
            return exp.false()
        target = OBJECT_TYPES.get(found.to_object_type_id, "?") if found.to_object_type_id else None
        inside = self.lists.among(held, found.list_id, target, path, scope)
        answer = all_of([is_there(held), inside])
        return answer if found.operator == "IN_LIST" else negated(answer)

    def _held_id(self, name: str, path: str, scope: Scope) -> exp.Expr | None:
        """The record id that a property holds, as text; null where it holds none."""
        try:
            found = look_up(name, scope, self.run.catalog, "")
        except DoesNotFit as problem:
            self.run.problems.append(DefinitionProblem(f"{scope.where}{path}", str(problem)))
            return None
        if found.stored == NUMBER:
            return scope.number(found).written
        value = scope.value(found)
        return value if found.stored == TEXT else exp.cast(value, "VARCHAR")

    def _unknowable(self, path: str, found: Unanswerable, scope: Scope) -> exp.Expr:
        self.run.unknowable.append(Unknowable(f"{scope.where}{path}", found.type, found.needs))
        return exp.false()

    def _alias(self, kind: str) -> str:
        self._aliases += 1
        return f"{kind}_{self._aliases}"
