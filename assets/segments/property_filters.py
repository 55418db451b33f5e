"""PROPERTY filters to SQL: what "no value" means, which operations fit, and history.

The logic is pass or fail. A record without a value passes exactly if `includeObjectsWithNoValueSet` says so, for negative
operators as well; so every condition is true or false, never null, and the branches above may negate it.
"""

from collections.abc import Callable

from sqlglot import exp

from assets.segments.asked import Asked
from assets.segments.date_filters import DATE_TESTS
from assets.segments.scope import DoesNotFit, Run, Scope, has_value, look_up
from assets.segments.sqltext import all_of, any_of, column, negated
from assets.segments.value_filters import VALUE_TESTS
from schemas.segment_filters import PropertyFilter
from schemas.segment_operations import Operation
from schemas.segment_problems import DefinitionProblem, shown
from schemas.segment_registry import OPERATION_TYPES

_TESTS: dict[type[Operation], Callable[[Asked, Scope], exp.Expr]] = VALUE_TESTS | DATE_TESTS


def property_condition(found: PropertyFilter, path: str, scope: Scope, run: Run) -> exp.Expr:
    """Condition of one PROPERTY filter; problems go to the run, and the condition is then of no use."""
    try:
        column_of = look_up(found.property, scope, run.catalog, ".property")
        operator = OPERATION_TYPES[found.kind].operators[found.operation.operator]
        asked = Asked(found, operator, column_of, scope, run, known=[has_value(scope, column_of)])
        return _condition(asked)
    except DoesNotFit as problem:
        run.problems.append(DefinitionProblem(f"{scope.where}{path}{problem.key}", str(problem)))
        return exp.false()


def _condition(asked: Asked) -> exp.Expr:
    asked.check_fit(asked.subject, ".operation.operationType")
    if asked.filter.kind == "ALL_PROPERTY":
        return negated(all_of(asked.known)) if asked.operator.negated else all_of(asked.known)
    passed = _in_history(asked) if asked.operator.history else _TESTS[type(asked.operation)](asked, asked.scope)
    if asked.operator.negated:
        passed = negated(passed)
    known = all_of(asked.known)
    blank_passes = asked.operation.include_objects_with_no_value_set
    answer = any_of([negated(known), passed]) if blank_passes else all_of([known, passed])
    return all_of([*asked.needed, answer])


def _in_history(asked: Asked) -> exp.Expr:
    """Whether any version up to the night passes; a version without a value does not."""
    table = asked.scope.table
    if asked.subject.calculated:
        name = shown(asked.subject.name)
        raise DoesNotFit(".operation.operator", f"property {name} is calculated and has no history")
    if table.versions is None:
        raise DoesNotFit(".operation.operator", f"the lake keeps no versions of the {table.object}")
    asked.run.notes[f"the history of the {table.object} is known since {table.known_since or 'this night'}"] = None
    version = Scope(table, "version")
    passed = _TESTS[type(asked.operation)](asked, version)
    past = (
        exp.select(version.record_id)
        .from_(exp.to_table(table.versions).as_(version.alias), copy=False)
        .where(all_of([has_value(version, asked.subject), passed]), copy=False)
    )
    return exp.In(this=asked.scope.record_id, query=exp.Subquery(this=past))


def record_select(scope: Scope, selected: exp.Expr, conditions: list[exp.Expr]) -> exp.Select:
    """Rows of the scope's live records for which all conditions hold."""
    live = [column("op", scope.alias).eq(exp.Literal.string("upsert"))] if scope.table.live else []
    table = exp.to_table(scope.table.relation).as_(scope.alias)
    query = exp.select(selected).from_(table, copy=False)
    found = [c for c in conditions if not (isinstance(c, exp.Boolean) and c.this)]
    return query.where(all_of([*live, *found]), copy=False) if live or found else query
