"""`filterBranch` JSON to a tree, strictly and without recursion.

Recursion would make the depth of a hostile definition the parser's problem; here depth is counted, and a tree deeper
than `MAX_DEPTH` is refused like any other mistake. Children are built before their parents, from the pre-order's end.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.segment_filters import (
    EVALUABLE,
    FILTER_TYPES,
    UNANSWERABLE,
    InList,
    OtherRefinement,
    PropertyFilter,
    Unanswerable,
)
from schemas.segment_problems import DefinitionError, DefinitionProblem, problems_of, shown
from schemas.segment_registry import OPERATION_TYPES, SPELLINGS
from schemas.segment_time import Part
from schemas.segment_tree import Association, Branch, Leaf, PropertyAssociation

MAX_DEPTH = 128

# Branch type -> (what filterBranchOperator may say, model of its own keys; None where it has none).
_BRANCHES: dict[str, tuple[tuple[str, ...], type[Part] | None]] = {
    "OR": (("OR",), None),
    "AND": (("AND",), None),
    "NOT_ALL": (("NOT_ALL", "AND"), None),
    "NOT_ANY": (("NOT_ANY", "OR"), None),
    "ASSOCIATION": (("AND",), Association),
    "PROPERTY_ASSOCIATION": (("AND", "PROPERTY_ASSOCIATION"), PropertyAssociation),
}
_UNANSWERABLE_BRANCHES = {
    "UNIFIED_EVENTS": ("events", ("HAS_COMPLETED", "HAS_NOT_COMPLETED")),
    "RESTRICTED": ("filters that the token which exported this list may not see", ()),
}
BRANCH_TYPES = (*_BRANCHES, *_UNANSWERABLE_BRANCHES)
_COMMON = ("filterBranchType", "filterBranchOperator", "filterBranches", "filters")


def parse_branch(raw: Any, path: str = "$") -> Branch:
    """The tree of one `filterBranch`. Raises DefinitionError with every problem and its JSON path."""
    problems: list[DefinitionProblem] = []
    shells = _shells(raw, path, problems)
    built: dict[str, Branch] = {}
    for shell in reversed(shells):
        children = tuple(built[place] for place in shell.children if place in built)
        built[shell.path] = Branch(
            shell.path, shell.type, tuple(shell.filters), children, shell.link, shell.unanswerable
        )
    if problems:
        raise DefinitionError(problems)
    return built[path]


@dataclass
class _Shell:
    path: str
    type: str
    filters: list[Leaf]
    children: list[str]
    link: Association | PropertyAssociation | None
    unanswerable: Unanswerable | None


def _shells(raw: Any, path: str, problems: list[DefinitionProblem]) -> list[_Shell]:
    """Branches in pre-order, without their children."""
    shells: list[_Shell] = []
    waiting: list[tuple[Any, str, int]] = [(raw, path, 1)]
    while waiting:
        value, here, depth = waiting.pop()
        if depth > MAX_DEPTH:
            problems.append(DefinitionProblem(path, f"is nested deeper than {MAX_DEPTH} branches"))
            return []
        shell = _shell(value, here, problems)
        if shell is None:
            continue
        shells.append(shell)
        if shell.unanswerable is None:
            branches = _listed(value, "filterBranches", here, problems)
            shell.children = [f"{here}.filterBranches[{i}]" for i in range(len(branches))]
            waiting.extend(reversed([(b, p, depth + 1) for b, p in zip(branches, shell.children, strict=True)]))
    return shells


def _shell(value: Any, path: str, problems: list[DefinitionProblem]) -> _Shell | None:
    if not isinstance(value, dict):
        problems.append(DefinitionProblem(path, "must be an object with a filterBranchType"))
        return None
    kind = value.get("filterBranchType")
    if kind in _UNANSWERABLE_BRANCHES:
        needs, operators = _UNANSWERABLE_BRANCHES[kind]
        _check_operator(value, kind, operators, path, problems)
        return _Shell(path, kind, [], [], None, Unanswerable(kind, needs, value))
    if not isinstance(kind, str) or kind not in _BRANCHES:
        names = ", ".join(BRANCH_TYPES)
        found = "is required" if kind is None else f"unknown branch type {shown(kind)}"
        problems.append(DefinitionProblem(f"{path}.filterBranchType", f"{found}; one of {names}"))
        return None
    allowed, model = _BRANCHES[kind]
    operator = value.get("filterBranchOperator")
    if operator is not None and operator not in allowed:
        problems.append(
            DefinitionProblem(f"{path}.filterBranchOperator", f"{shown(operator)} contradicts the branch type {kind}")
        )
    own = {key: entry for key, entry in value.items() if key not in _COMMON}
    link = None if model is None else _validated(model, own, path, problems)
    if model is None:
        problems.extend(
            DefinitionProblem(f"{path}.{key}", "is not a known key here")
            for key, entry in own.items()
            if entry is not None
        )
    filters = [
        leaf
        for index, entry in enumerate(_listed(value, "filters", path, problems))
        if (leaf := _leaf(entry, f"{path}.filters[{index}]", problems)) is not None
    ]
    return _Shell(path, kind, filters, [], link, None)  # type: ignore[arg-type]


def _leaf(value: Any, path: str, problems: list[DefinitionProblem]) -> Leaf | None:
    if not isinstance(value, dict):
        problems.append(DefinitionProblem(path, "must be an object with a filterType"))
        return None
    kind = value.get("filterType")
    if kind == "PROPERTY":
        found: Any = _property_filter(value, path, problems)
    elif isinstance(kind, str) and kind in EVALUABLE:
        found = _validated(EVALUABLE[kind], value, path, problems)
        found = _refined(found, kind, value)
    elif isinstance(kind, str) and kind in UNANSWERABLE:
        needs, operators = UNANSWERABLE[kind]
        _check_operator(value, kind, operators, path, problems)
        found = Unanswerable(kind, needs, value)
    else:
        names = ", ".join(FILTER_TYPES)
        said = "is required" if kind is None else f"unknown filter type {shown(kind)}"
        problems.append(DefinitionProblem(f"{path}.filterType", f"{said}; one of {names}"))
        return None
    return None if found is None else Leaf(path, found)


def _refined(found: Any, kind: str, value: dict[str, Any]) -> Any:
    """A list filter that refers to something record tables do not have is unanswerable as well."""
    if isinstance(found, InList) and found.other is not None:
        what = "imports" if found.other == "IMPORT" else found.other.split("_")[0].lower()
        return Unanswerable(f"{kind} {found.other}", f"members of {what}", value)
    refinement = getattr(found, "coalescing_refine_by", None)
    if isinstance(refinement, OtherRefinement):
        return Unanswerable(f"{kind} {refinement.type}", "when records were associated", value)
    return found


# Keys that HubSpot's editors leave on a property filter and nothing depends on.
_EDITOR_KEYS = ("context", "filterInsightsId", "frameworkFilterId")


def _property_filter(value: dict[str, Any], path: str, problems: list[DefinitionProblem]) -> PropertyFilter | None:
    before = len(problems)
    known = ("filterType", "property", "operation", *_EDITOR_KEYS)
    problems.extend(
        DefinitionProblem(f"{path}.{key}", "is not a known key here")
        for key, entry in value.items()
        if key not in known and entry is not None
    )
    name, raw = value.get("property"), value.get("operation")
    if not isinstance(name, str) or not name:
        problems.append(DefinitionProblem(f"{path}.property", "must be the internal name of a property"))
    if not isinstance(raw, dict):
        problems.append(DefinitionProblem(f"{path}.operation", "must be an object with an operationType"))
        return None
    spelled = raw.get("operationType")
    kind = SPELLINGS.get(spelled) if isinstance(spelled, str) else None
    if kind is None:
        said = "is required" if spelled is None else f"unknown operation type {shown(spelled)}"
        names = ", ".join(OPERATION_TYPES)
        problems.append(DefinitionProblem(f"{path}.operation.operationType", f"{said}; one of {names}"))
        return None
    operators = OPERATION_TYPES[kind].operators
    _check_operator(raw, kind, tuple(operators), f"{path}.operation", problems)
    operator = raw.get("operator")
    if not isinstance(operator, str) or operator not in operators:
        return None
    operation = _validated(OPERATION_TYPES[kind].payload_of(operator), raw, f"{path}.operation", problems)
    if operation is None or len(problems) > before:
        return None
    return PropertyFilter(str(name), kind, operation)


def _check_operator(
    value: dict[str, Any], kind: str, operators: tuple[str, ...], path: str, problems: list[DefinitionProblem]
) -> None:
    operator = value.get("operator")
    if not operators or (isinstance(operator, str) and operator in operators):
        return
    said = "is required" if operator is None else f"{kind} has no operator {shown(operator)}"
    problems.append(DefinitionProblem(f"{path}.operator", f"{said}; one of {', '.join(operators)}"))


Model = TypeVar("Model", bound=Part)


def _validated(model: type[Model], raw: dict[str, Any], path: str, problems: list[DefinitionProblem]) -> Model | None:
    """A model of `raw`; a key whose value is null is a key that is not given."""
    given = {key: entry for key, entry in raw.items() if entry is not None}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems.extend(problems_of(error, given, path))
        return None


def _listed(value: dict[str, Any], key: str, path: str, problems: list[DefinitionProblem]) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        problems.append(DefinitionProblem(f"{path}.{key}", "must be a list"))
        return []
    return found
