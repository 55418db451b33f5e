"""One PROPERTY filter on its way to SQL: what it asks, of which property, and what must have a value for it to pass."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from assets.segments.catalog import Property
from assets.segments.predicates_time import When, condition_on
from assets.segments.scope import DoesNotFit, Run, Scope, is_there, look_up
from assets.segments.sqltext import column
from assets.shared.history import given_at
from schemas.segment_filters import PropertyFilter
from schemas.segment_problems import shown
from schemas.segment_registry import DATETIME, OPEN, OPERATION_TYPES, TEXT, Operator

_KIND_WORDS = {
    "text": "text", "choice": "an enumeration", "number": "a number", "bool": "a boolean", "date": "a date",
    "datetime": "a date and time",
}  # fmt: skip


@dataclass
class Asked:
    """A filter and its property. `known`: what "has a value" means; `needed`: other properties that must have one."""

    filter: PropertyFilter
    operator: Operator
    subject: Property
    scope: Scope
    run: Run
    known: list[exp.Expr]
    needed: list[exp.Expr] = field(default_factory=list)

    @property
    def operation(self) -> Any:
        """The payload; its type is what the tests are dispatched on."""
        return self.filter.operation

    @property
    def zone(self) -> str:
        """The zone of operations that name none."""
        return self.run.moment.zone

    def check_fit(self, found: Property, key: str) -> None:
        """Raises DoesNotFit where the operation type does not fit a property's type."""
        kinds = OPERATION_TYPES[self.filter.kind].kinds
        reads_update = getattr(self.operation, "property_parser", "VALUE") == "UPDATED_AT"
        if reads_update or not kinds or found.kind == OPEN or {found.kind, found.also} & kinds:
            return
        what = _KIND_WORDS[found.kind]
        raise DoesNotFit(key, f"{self.filter.kind} does not fit property {shown(found.name)}, which is {what}")

    def other(self, name: str, key: str, reading: str = "VALUE") -> Property:
        """Another property of the record that the operation names. Raises DoesNotFit."""
        found = look_up(name, self.scope, self.run.catalog, key)
        if reading != "UPDATED_AT":
            self.check_fit(found, key)
        return found

    def value_as_text(self, scope: Scope, found: Property) -> exp.Expr:
        """A property's value as text, whichever way it is stored."""
        value = scope.value(found)
        return value if found.stored == TEXT else exp.cast(value, "VARCHAR")

    def when(self, scope: Scope, condition: Callable[[When], exp.Expr]) -> exp.Expr:
        """A condition on the property as a date or date-time."""
        return condition_on(scope.value(self.subject), self.subject.stored, condition)

    def modified(self, scope: Scope, found: Property) -> When:
        """When a property was updated: by its property history, else, with a note, the record's own modification stamp."""
        name, history = scope.table.modified, scope.table.history
        if name is None:
            raise DoesNotFit(".operation", f"the {scope.table.object} has no modification date in the lake")
        self.run.notes["without property history, a property's update is the record's own modification date"] = None
        stamp: exp.Expr = scope.value(scope.table.properties[name])
        if history is not None:
            given = given_at(column(history, scope.alias), found.name)
            stamp = exp.func("coalesce", given, stamp, copy=False)
        if (there := is_there(stamp)) not in self.known:
            self.known.append(there)
        return When(stamp, DATETIME)
