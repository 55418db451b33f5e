"""What each payload about text, options, numbers and booleans asks of a value that is there."""

from collections.abc import Callable

from sqlglot import exp

from assets.segments import numerals
from assets.segments import predicates_text as predicates
from assets.segments.asked import Asked
from assets.segments.scope import Scope, has_value
from schemas import segment_operations as shapes


def _text(asked: Asked, scope: Scope) -> exp.Expr:
    operation = asked.operation
    values = [operation.value] if isinstance(operation, shapes.OneText) else operation.values
    return predicates.text_test(asked.operator.test, asked.value_as_text(scope, asked.subject), values)


def _options(asked: Asked, scope: Scope) -> exp.Expr:
    value = asked.value_as_text(scope, asked.subject)
    return predicates.options_test(asked.operator.test, value, asked.operation.values, asked.subject.several)


def _number(asked: Asked, scope: Scope) -> exp.Expr:
    return numerals.number_test(asked.operator.test, scope.number(asked.subject), asked.operation.value)


def _number_range(asked: Asked, scope: Scope) -> exp.Expr:
    lower, upper = asked.operation.lower_bound, asked.operation.upper_bound
    return numerals.between_test(scope.number(asked.subject), lower, upper)


def _bool(asked: Asked, scope: Scope) -> exp.Expr:
    return predicates.bool_test(scope.value(asked.subject), asked.subject.stored, asked.operation.value)


def _other_property(asked: Asked, scope: Scope) -> exp.Expr:
    """Two properties of one record; the other must have a value."""
    other = asked.other(asked.operation.comparison_property_name, ".operation.comparisonPropertyName")
    asked.needed.append(has_value(scope, other))
    mine, test = asked.subject, asked.operator.test
    if asked.filter.kind == "STRING_COMPARATIVE":
        return predicates.other_text_test(test, asked.value_as_text(scope, mine), asked.value_as_text(scope, other))
    if asked.filter.kind == "BOOL_COMPARATIVE":
        return predicates.other_bool_test(scope.value(mine), mine.stored, scope.value(other), other.stored)
    return numerals.other_number_test(test, scope.number(mine), scope.number(other))


VALUE_TESTS: dict[type[shapes.Operation], Callable[[Asked, Scope], exp.Expr]] = {
    shapes.OneText: _text,
    shapes.ManyTexts: _text,
    shapes.Options: _options,
    shapes.OneNumber: _number,
    shapes.NumberRange: _number_range,
    shapes.OneBool: _bool,
    shapes.OtherProperty: _other_property,
}
