"""A definition as HubSpot hands it out: a bare `filterBranch`, a list, or the API's answer with one list in it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.segment_problems import DefinitionError, DefinitionProblem, shown

OBJECT_TYPES = {"0-1": "contact", "0-2": "company", "0-3": "deal"}
ACTIVE, STATIC = "DYNAMIC", ("MANUAL", "SNAPSHOT")
_MOST_NESTED = 300  # objects and arrays within each other; a definition has two a branch and a few more
_LONG = 100_000  # characters
_LIST_KEYS = ("listId", "name", "objectTypeId", "processingType", "processingStatus", "filterBranch")


@dataclass(frozen=True)
class Definition:
    """One list or segment before its branch is parsed. `branch` is None where a list has no filters."""

    branch: Any
    path: str = "$"
    list_id: str | None = None
    name: str | None = None
    object_type_id: str = "0-1"
    processing_type: str | None = None
    processing_status: str | None = None

    @property
    def static(self) -> bool:
        """Whether its members are picked rather than worked out."""
        return self.processing_type in STATIC

    @property
    def active(self) -> bool:
        """Whether its members are worked out; one that says something unknown may be static (P1-42)."""
        return (self.processing_type or ACTIVE) == ACTIVE

    @property
    def processing(self) -> bool:
        """Whether HubSpot was still working out its members when it was exported."""
        return self.processing_status not in (None, "COMPLETE")

    @property
    def object(self) -> str | None:
        """`contact`, `company`, `deal`, or None for an object that the lake does not have."""
        return OBJECT_TYPES.get(self.object_type_id)

    @property
    def title(self) -> str:
        """How messages call it."""
        if self.list_id is None:
            return f"segment {self.name}" if self.name else "the definition"
        return f"list {self.list_id}" + (f" ({self.name})" if self.name else "")


def read_definition(raw: Any, object_type_id: str = "0-1") -> Definition:
    """A definition out of parsed JSON, whichever of the three forms it has. Raises DefinitionError.

    `object_type_id` is the object of a bare `filterBranch`, which does not say it.
    """
    path = "$"
    if isinstance(raw, dict) and isinstance(raw.get("lists"), list):
        if len(raw["lists"]) != 1:
            raise DefinitionError([DefinitionProblem("$.lists", "must hold exactly one list here")])
        raw, path = raw["lists"][0], "$.lists[0]"
    elif isinstance(raw, dict) and isinstance(raw.get("list"), dict):
        raw, path = raw["list"], "$.list"
    if not isinstance(raw, dict):
        raise DefinitionError([DefinitionProblem(path, "must be an object: a filterBranch or a list")])
    if "filterBranchType" in raw:
        return Definition(raw, path, object_type_id=object_type_id)
    if not any(key in raw for key in _LIST_KEYS):
        raise DefinitionError([DefinitionProblem(path, "is neither a filterBranch nor a list")])
    return list_definition(raw, path, object_type_id)


def list_definition(raw: dict[str, Any], path: str = "$", object_type_id: str = "0-1") -> Definition:
    """One list of the Lists API. Keys that do not bear on membership are left alone."""
    list_id = raw.get("listId")
    texts = {key: raw.get(key) for key in ("name", "objectTypeId", "processingType", "processingStatus")}
    wrong = [key for key, value in texts.items() if value is not None and not isinstance(value, str)]
    if wrong:
        raise DefinitionError([DefinitionProblem(f"{path}.{key}", "must be text") for key in wrong])
    return Definition(
        raw.get("filterBranch"),
        f"{path}.filterBranch",
        None if list_id is None else str(list_id),
        texts["name"],
        texts["objectTypeId"] or object_type_id,
        texts["processingType"],
        texts["processingStatus"],
    )


def load_json(text: str, where: str) -> Any:
    """Parsed JSON, without the extensions Python allows. Raises DefinitionError naming `where`."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise DefinitionError([DefinitionProblem(where, "is nested too deeply")]) from None
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        raise DefinitionError([DefinitionProblem(place, f"not valid JSON: {error.msg}")]) from None
    except ValueError as error:
        raise DefinitionError([DefinitionProblem(where, f"not valid JSON: {shown(str(error))}")]) from None


def definition_hash(branch: Any) -> str:
    """SHA-256 of what a `filterBranch` says: order of keys, filters and branches and null entries do not count.

    Of what is nested too deeply to be a definition the order counts as well.
    """
    levels = list(_levels(branch))
    if len(levels) <= _MOST_NESTED:
        return _digest(_canonical(branch))
    return _digest("\n".join(repr([_outside(value) for value in level]) for level in levels))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _levels(value: Any) -> Iterator[list[Any]]:
    """The values of an object or array by how deeply they are nested."""
    level = [value]
    while level:
        yield level
        level = [inner for outer in level for inner in _inside(outer)]


def _outside(value: Any) -> Any:
    """What a value says itself, without what is in it."""
    return list(value) if isinstance(value, dict) else len(value) if isinstance(value, list) else value


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _canonical(value: Any) -> str:
    """Text of a value; a long part counts by its digest, for texts within texts would grow with every level."""
    text = _spelled(value)
    return text if len(text) <= _LONG else _digest(text)


def _spelled(value: Any) -> str:
    # By map, which takes no frame of its own: what is nested a few hundred levels deep must not meet the end of the stack.
    if isinstance(value, dict):
        names = [k for k, v in value.items() if v is not None and k not in ("filters", "filterBranches")]
        parts = dict(zip(names, map(_canonical, map(value.__getitem__, names)), strict=True))
        for key in ("filters", "filterBranches"):
            listed = value.get(key)
            parts[key] = json.dumps(sorted(map(_canonical, listed)) if isinstance(listed, list) else [])
        parts = {k: v for k, v in parts.items() if v != "[]"}
        return json.dumps(parts, sort_keys=True)
    if isinstance(value, list):
        return json.dumps(list(map(_canonical, value)))
    return json.dumps(value)
