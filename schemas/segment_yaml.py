"""Segments that live only in Crosswalk: the readable YAML of data/segments.yaml to the same `filterBranch` JSON.

What a condition may say about a property is a table of its own, `schemas.segment_phrases`. Anything that the phrases do not
cover can be written as HubSpot's own JSON under `filter_branch`.
"""

from dataclasses import dataclass, field
from typing import Any

from schemas.config_yaml import lines_of, parse_yaml
from schemas.segment_parse import MAX_DEPTH
from schemas.segment_phrases import PHRASES, Json, WrongValue
from schemas.segment_problems import DefinitionError, DefinitionProblem, shown
from schemas.segment_values import month_name, month_number

OBJECT_IDS = {"contact": "0-1", "company": "0-2", "deal": "0-3"}


@dataclass(frozen=True)
class OwnSegment:
    """One segment of data/segments.yaml; its name is its id."""

    name: str
    object: str
    branch: Json = field(repr=False)
    description: str = ""


_MODIFIERS = ("or_unknown", "fiscal_year_start")
BRANCHES = {"all": "AND", "any": "OR", "not_all": "NOT_ALL", "not_any": "NOT_ANY"}
# Key -> (object, association type, operator): conditions on associated records.
ASSOCIATED: dict[str, tuple[str, int, str]] = {
    "company": ("0-2", 279, "IN_LIST"),
    "no_company": ("0-2", 279, "NOT_IN_LIST"),
    "primary_company": ("0-2", 1, "IN_LIST"),
    "no_primary_company": ("0-2", 1, "NOT_IN_LIST"),
    "contact": ("0-1", 280, "IN_LIST"),
    "no_contact": ("0-1", 280, "NOT_IN_LIST"),
}
_COUNTED = {"companies": 279, "contacts": 280}
_LISTS = {"in_segment": "IN_LIST", "not_in_segment": "NOT_IN_LIST"}


def parse_segments(text: str, file: str = "segments.yaml") -> list[OwnSegment]:
    """The segments of data/segments.yaml. Raises DefinitionError with every problem, its line and its YAML path."""
    data, wrong = parse_yaml(text)
    if wrong:
        raise DefinitionError([DefinitionProblem(f"{file}:{line or 1}", message) for _, message, line in wrong])
    reader = _Reader()
    found = reader.segments(data)
    if reader.problems:
        lines = lines_of(text)
        placed = []
        for path, message in reader.problems:
            at = next((lines[p] for p in _parents(path) if p in lines), 1)
            placed.append(DefinitionProblem(f"{file}:{at}: {path}", message))
        raise DefinitionError(placed)
    return found


def _parents(path: str) -> list[str]:
    found = [path]
    while "." in path or "[" in path:
        path = path[: max(path.rfind("."), path.rfind("["))]
        found.append(path)
    return found


class _Reader:
    """Reads conditions; problems are collected as (YAML path, message)."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def segments(self, data: Json) -> list[OwnSegment]:
        listed = data.get("segments")
        self._unknown_keys(data, ("segments",), "")
        if not isinstance(listed, list):
            self.problems.append(("segments", "must be a list of segments"))
            return []
        found = [s for i, entry in enumerate(listed) if (s := self._segment(entry, f"segments[{i}]")) is not None]
        names = [s.name for s in found]
        for index, name in enumerate(names):
            if name in names[:index]:
                self.problems.append((f"segments[{index}].name", f"{shown(name)} is the name of two segments"))
        return found

    def _segment(self, entry: Any, path: str) -> OwnSegment | None:
        if not isinstance(entry, dict):
            self.problems.append((path, "must be a mapping with name and where"))
            return None
        self._unknown_keys(entry, ("name", "object", "description", "where"), path)
        name, kind = entry.get("name"), entry.get("object", "contact")
        if not isinstance(name, str) or not name.strip():
            self.problems.append((f"{path}.name", "must be a name"))
        if kind not in OBJECT_IDS:
            self.problems.append((f"{path}.object", f"must be one of {', '.join(OBJECT_IDS)}"))
        if "where" not in entry:
            self.problems.append((f"{path}.where", "is required"))
            return None
        branch = self._branch("AND", entry["where"], f"{path}.where", 1)
        return OwnSegment(str(name), str(kind), branch, str(entry.get("description", "")))

    def _branch(self, kind: str, conditions: Any, path: str, depth: int, **extra: Any) -> Json:
        """A branch of a list of conditions, or of a single one."""
        listed = conditions if isinstance(conditions, list) else [conditions]
        filters: list[Json] = []
        branches: list[Json] = []
        if depth > MAX_DEPTH:
            self.problems.append((path, "is nested too deeply"))
            listed = []
        for index, condition in enumerate(listed):
            here = f"{path}[{index}]" if isinstance(conditions, list) else path
            self._condition(condition, here, depth, filters, branches)
        operator = "AND" if kind == "ASSOCIATION" else kind
        return {
            "filterBranchType": kind, "filterBranchOperator": operator, "filterBranches": branches, "filters": filters,
            **extra,
        }  # fmt: skip

    def _condition(self, entry: Any, path: str, depth: int, filters: list[Json], branches: list[Json]) -> None:
        if not isinstance(entry, dict) or not entry:
            self.problems.append((path, "must be a condition: a mapping"))
            return
        if "property" in entry:
            filters.extend(self._property(entry, path))
            return
        if len(entry) != 1:
            self.problems.append((path, "must be about one property (`property: ...`) or have one key"))
            return
        ((key, value),) = entry.items()
        here = f"{path}.{key}"
        if key in BRANCHES:
            branches.append(self._branch(BRANCHES[key], value, here, depth + 1))
        elif key in ASSOCIATED:
            object_id, type_id, operator = ASSOCIATED[key]
            link = {"objectTypeId": object_id, "associationTypeId": type_id, "operator": operator}
            category = {"associationCategory": "HUBSPOT_DEFINED"}
            branches.append(self._branch("ASSOCIATION", value, here, depth + 1, **link, **category))
        elif key in _COUNTED:
            filters.extend(self._count(_COUNTED[key], value, here))
        elif key in _LISTS:
            filters.append({"filterType": "IN_LIST", "listId": str(value), "operator": _LISTS[key]})
        elif key == "filter_branch" and isinstance(value, dict):
            branches.append(value)
        else:
            known = ", ".join(("property", *BRANCHES, *ASSOCIATED, *_COUNTED, *_LISTS, "filter_branch"))
            self.problems.append((here, f"is not a condition; one of {known}"))

    def _property(self, entry: Json, path: str) -> list[Json]:
        said = [key for key in entry if key in PHRASES]
        self._unknown_keys(entry, ("property", *PHRASES, *_MODIFIERS), path)
        if len(said) != 1:
            what = "says nothing about the property" if not said else f"says two things: {', '.join(said)}"
            self.problems.append((path, what))
            return []
        try:
            operation = PHRASES[said[0]](entry[said[0]])
        except WrongValue as wrong:
            self.problems.append((f"{path}.{said[0]}", str(wrong)))
            return []
        if not isinstance(entry["property"], str):
            self.problems.append((f"{path}.property", "must be the internal name of a property"))
        if "fiscal_year_start" in entry:
            try:
                start = month_name(month_number(entry["fiscal_year_start"])).upper()
                operation |= {"useFiscalYear": True, "fiscalYearStart": start}
            except ValueError as wrong:
                self.problems.append((f"{path}.fiscal_year_start", str(wrong)))
        unknown = entry.get("or_unknown", False)
        if not isinstance(unknown, bool):
            self.problems.append((f"{path}.or_unknown", "must be true or false"))
        operation["includeObjectsWithNoValueSet"] = unknown is True
        return [{"filterType": "PROPERTY", "property": entry["property"], "operation": operation}]

    def _count(self, type_id: int, value: Any, path: str) -> list[Json]:
        bounds = value if isinstance(value, dict) else {}
        self._unknown_keys(bounds, ("at_least", "at_most"), path)
        counts = [bounds.get(key) for key in ("at_least", "at_most")]
        if not bounds or not all(
            c is None or (isinstance(c, int) and not isinstance(c, bool) and c >= 0) for c in counts
        ):
            self.problems.append((path, "must have at_least or at_most, whole numbers"))
            return []
        return [
            {
                "filterType": "NUM_ASSOCIATIONS",
                "associationTypeId": type_id,
                "associationCategory": "HUBSPOT_DEFINED",
                "coalescingRefineBy": {
                    "type": "NUM_OCCURRENCES",
                    "minOccurrences": counts[0],
                    "maxOccurrences": counts[1],
                },
            }
        ]

    def _unknown_keys(self, entry: Json, known: tuple[str, ...], path: str) -> None:
        for key in entry:
            if key not in known:
                self.problems.append((f"{path}.{key}" if path else str(key), "is not a known key here"))
