"""A segment's definition as a tree of branches and filters, each with its JSON path; `schemas.segment_parse` makes it.

Nothing here recurses: a tree may be as deep as the parser allows, and walking it must not depend on Python's stack.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import StrictStr

from schemas.segment_filters import (
    AssociatedInList,
    Category,
    Constant,
    InList,
    ListOperator,
    NumberOfAssociations,
    PropertyAssociatedInList,
    PropertyFilter,
    Unanswerable,
)
from schemas.segment_time import Part
from schemas.segment_values import AssociationType, Name

Filter = (
    PropertyFilter
    | InList
    | AssociatedInList
    | PropertyAssociatedInList
    | NumberOfAssociations
    | Constant
    | Unanswerable
)


class Association(Part):
    """Which associated records a branch is about."""

    object_type_id: StrictStr
    operator: ListOperator
    association_type_id: AssociationType
    association_category: Category


class PropertyAssociation(Part):
    """The record whose id a property holds."""

    object_type_id: StrictStr
    operator: ListOperator
    property_with_object_id: Name


@dataclass(frozen=True, eq=False)
class Leaf:
    """One filter and its JSON path."""

    path: str
    filter: Filter


@dataclass(frozen=True, eq=False)
class Branch:
    """Filters and branches combined by `type`; `link` says whose they are, where not the record's own."""

    path: str
    type: str
    filters: tuple[Leaf, ...] = field(repr=False)
    branches: tuple["Branch", ...] = field(repr=False)
    link: Association | PropertyAssociation | None = None
    unanswerable: Unanswerable | None = None


def walk(root: Branch) -> Iterator[Branch | Leaf]:
    """Every branch and filter of a tree, parents first."""
    waiting: list[Branch] = [root]
    while waiting:
        branch = waiting.pop()
        yield branch
        yield from branch.filters
        waiting.extend(reversed(branch.branches))


def referenced_lists(root: Branch) -> list[tuple[str, str]]:
    """(path, list id) of every list a tree refers to."""
    found: list[tuple[str, str]] = []
    for node in walk(root):
        named = getattr(node.filter, "list_id", None) if isinstance(node, Leaf) else None
        if named is not None:
            found.append((node.path, named))
    return found
