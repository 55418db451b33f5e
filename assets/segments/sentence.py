"""A segment as a sentence an analyst would write, and each of its conditions as the part of one."""

from collections.abc import Sequence
from typing import Any

from assets.segments.catalog import Catalog
from assets.segments.links import ASSOCIATION_TYPES
from assets.segments.operands import READINGS, operand
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
)
from schemas.segment_tree import Association, Branch, Leaf, PropertyAssociation

_PLURAL = {"contact": "contacts", "company": "companies", "deal": "deals"}
_PRIMARY = (1, 2, 5, 6)

# Words of an operator: what comes before its operand.
WORDS: dict[str, str] = {
    "IS_KNOWN": "is known", "IS_NOT_BLANK": "is known", "IS_UNKNOWN": "is unknown", "IS_BLANK": "is unknown",
    "IS_EQUAL_TO": "is", "IS_NOT_EQUAL_TO": "is not", "CONTAINS": "contains", "DOES_NOT_CONTAIN": "does not contain",
    "CONTAINS_EXACTLY": "contains the phrase", "DOES_NOT_CONTAIN_EXACTLY": "does not contain the phrase",
    "STARTS_WITH": "starts with", "ENDS_WITH": "ends with", "HAS_EVER_BEEN_EQUAL_TO": "has ever been",
    "HAS_NEVER_BEEN_EQUAL_TO": "has never been", "HAS_EVER_CONTAINED": "has ever contained",
    "HAS_NEVER_CONTAINED": "has never contained", "IS_GREATER_THAN": "is greater than",
    "IS_GREATER_THAN_OR_EQUAL_TO": "is at least", "IS_LESS_THAN": "is less than",
    "IS_LESS_THAN_OR_EQUAL_TO": "is at most", "IS_BETWEEN": "is between", "IS_NOT_BETWEEN": "is not between",
    "IS_ANY_OF": "is any of", "IS_NONE_OF": "is none of", "IS_EXACTLY": "is exactly", "IS_NOT_EXACTLY": "is not exactly",
    "CONTAINS_ALL": "has all of", "DOES_NOT_CONTAIN_ALL": "does not have all of", "HAS_EVER_BEEN_ANY_OF": "has ever been any of",
    "HAS_NEVER_BEEN_ANY_OF": "has never been any of", "HAS_EVER_BEEN_EXACTLY": "has ever been exactly",
    "HAS_NEVER_BEEN_EXACTLY": "has never been exactly", "HAS_EVER_CONTAINED_ALL": "has ever had all of",
    "HAS_NEVER_CONTAINED_ALL": "has never had all of", "IS_BEFORE": "is before", "IS_AFTER": "is after",
    "IS_BEFORE_DATE": "is before", "IS_AFTER_DATE": "is after", "IS_LESS_THAN_X_DAYS_AGO": "is less than",
    "IS_MORE_THAN_X_DAYS_AGO": "is more than", "IS_LESS_THAN_X_DAYS_FROM_NOW": "is less than",
    "IS_MORE_THAN_X_DAYS_FROM_NOW": "is more than", "IN_THIS_TIME_UNIT": "is in this",
    "IN_THIS_TIME_UNIT_SO_FAR": "is in this", "IN_NEXT_TIME_UNIT": "is in the next", "IN_LAST_TIME_UNIT": "is in the last",
    "UPDATED_IN_LAST_X_DAYS": "was updated in the last", "NOT_UPDATED_IN_LAST_X_DAYS": "was not updated in the last",
}  # fmt: skip


def sentence(root: Branch, object_name: str, catalog: Catalog | None = None) -> str:
    """`contacts: Lifecycle Stage is any of lead, customer and not in list 202`. Lists are named, long ones cut short."""
    return f"{_PLURAL.get(object_name, object_name)}: {_said(root, object_name, catalog)}"


def condition(node: Branch | Leaf, object_name: str, catalog: Catalog | None = None) -> str:
    """One filter or branch, as the part of a sentence."""
    return _leaf(node, object_name, catalog) if isinstance(node, Leaf) else _said(node, object_name, catalog)


def _said(branch: Branch, object_name: str, catalog: Catalog | None) -> str:
    if branch.unanswerable is not None:
        return f"with a condition on {branch.unanswerable.needs} ({branch.type})"
    if isinstance(branch.link, Association | PropertyAssociation):
        return _linked(branch, branch.link, catalog)
    parts = [_leaf(leaf, object_name, catalog) for leaf in branch.filters]
    parts += [_said(inner, object_name, catalog) for inner in branch.branches]
    if branch.type in ("OR", "NOT_ANY"):
        joined = _joined(parts, "or") if parts else "nobody"
    else:
        joined = _joined(parts, "and") if parts else "everybody"
    return f"not ({joined})" if branch.type.startswith("NOT") else joined


def _joined(parts: Sequence[str], word: str) -> str:
    if len(parts) == 1:
        return parts[0]
    other = " or " if word == "and" else " and "
    wrapped = [f"({part})" if other in part else part for part in parts]
    return f" {word} ".join(wrapped)


def _linked(branch: Branch, link: Association | PropertyAssociation, catalog: Catalog | None) -> str:
    target = OBJECT_TYPES.get(link.object_type_id, f"object {link.object_type_id}")
    if isinstance(link, PropertyAssociation):
        which = f"the {target} that {link.property_with_object_id} names"
    else:
        which = f"{'a primary' if link.association_type_id in _PRIMARY else 'an associated'} {target}"
    parts = [_leaf(leaf, target, catalog) for leaf in branch.filters]
    parts += [_said(inner, target, catalog) for inner in branch.branches]
    inside = _joined(parts, "and") if parts else ""
    where = f" where ({inside})" if len(parts) > 1 else f" where {inside}" if parts else ""
    return f"{'with' if link.operator == 'IN_LIST' else 'without'} {which}{where}"


def _leaf(leaf: Leaf, object_name: str, catalog: Catalog | None) -> str:
    found = leaf.filter
    if isinstance(found, PropertyFilter):
        return _property(found, object_name, catalog)
    if isinstance(found, InList):
        return f"{_member(found.operator)} {_list(str(found.list_id), catalog)}"
    if isinstance(found, NumberOfAssociations):
        return f"with {_count(found.coalescing_refine_by)} {_associated(found.association_type_id)}"
    if isinstance(found, AssociatedInList):
        refined = found.coalescing_refine_by
        many = _count(refined) if isinstance(refined, Occurrences) else "any"
        if isinstance(refined, SetOccurrences):
            many = refined.set_type.lower().replace("_", " ")
        which = f"with {many} of the {_associated(found.association_type_id)}"
        return f"{which} {_member(found.operator)} {_list(found.list_id, catalog)}"
    if isinstance(found, PropertyAssociatedInList):
        return f"whose {found.property_with_object_id} names a record {_member(found.operator)} {_list(found.list_id, catalog)}"
    if isinstance(found, Constant):
        return "everybody" if found.should_accept else "nobody"
    return f"with a condition on {found.needs} ({found.type})"


def _associated(type_id: int) -> str:
    _, target, primary = ASSOCIATION_TYPES.get(type_id, ("", "", False))
    what = _PLURAL.get(target, f"records (association type {type_id})")
    return f"{'primary' if primary else 'associated'} {what}"


def _member(operator: str) -> str:
    return "in" if operator == "IN_LIST" else "not in"


def _list(list_id: str, catalog: Catalog | None) -> str:
    known = catalog.lists.get(list_id) if catalog else None
    return known.definition.title if known else f"list {list_id}"


def _count(bounds: Occurrences) -> str:
    least, most = bounds.min_occurrences or 0, bounds.max_occurrences
    if most is None:
        return f"at least {least}"
    return f"exactly {least}" if least == most else f"{least} to {most}"


def _property(found: PropertyFilter, object_name: str, catalog: Catalog | None) -> str:
    operation: Any = found.operation
    table = catalog.objects.get(object_name) if catalog else None
    known = table.properties.get(found.property) if table else None
    name = READINGS[getattr(operation, "property_parser", "VALUE")] + ((known.label if known else "") or found.property)
    said = " ".join(part for part in (name, WORDS[operation.operator], operand(operation)) if part)
    blank_passes = operation.include_objects_with_no_value_set and found.kind != "ALL_PROPERTY"
    return f"{said} (or is unknown)" if blank_passes else said
