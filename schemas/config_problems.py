"""How the problems of sync.yaml are found, all at once, and how they read.

A validator stops at what it cannot read. So what is wrong is taken out and the rest validated again, until the file
holds; only then are the rules between blocks checked, on what is left. Values are never repeated in a message.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.config_walk import allowed, path_of, rule_at

Loc = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)

# Stand-ins for what a file must say and does not, used only to find its other problems.
_STAND_INS: dict[Loc, Any] = {
    ("timezone",): "UTC",
    ("start",): "1970-01-01",
    ("sources",): {"salesforce": {"path": "."}, "hubspot": {"path": "."}},
    ("sources", "salesforce"): {"path": "."},
    ("sources", "hubspot"): {"path": "."},
}
_REMOVALS = {None, False, "", "delete", "deleted", "remove", "removed", "none", "off"}
_ROUNDS = 8  # of validation: what one round refuses is taken out, so that the next one sees what it hid


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: where (YAML path; `-` the whole file), what, and the rule it breaks (None: the file's form)."""

    path: str
    message: str
    rule: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = (f"line {self.line}: " if self.line else "") + (f"{self.path}: " if self.path != "-" else "")
        return f"{where}{self.message}" + (f" ({self.rule})" if self.rule else "")


class ConfigError(Exception):
    """sync.yaml is refused. Carries every problem; the command line ends with status 2."""

    exit_status = 2

    def __init__(self, problems: list[Problem], file: str = "sync.yaml") -> None:
        self.problems = problems
        self.file = file
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))


def placed(problems: list[Problem], lines: dict[str, int]) -> list[Problem]:
    """The problems with their lines, in the order of the file, each once."""
    unique = {(p.path, p.message): p for p in problems}.values()
    found = [replace(p, line=_line(p.path, lines)) for p in unique]
    return sorted(found, key=lambda p: (p.line or 0, p.path, p.message))


def examine(
    model: type[Model], data: dict[str, Any], folder: Path, cross: Callable[[Model], list[Problem]]
) -> tuple[Model | None, list[Problem]]:
    """The model that the values make, None where they do not, and every problem, those between blocks included."""
    rest = _Rest(data)
    problems: list[Problem] = []
    for _ in range(_ROUNDS):
        try:
            config = model.model_validate(rest.data, context={"folder": folder, "timezone": _zone(rest.data)})
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            found = [_problem(model, data, rest.original(d["loc"]), d) for d in details]
            # What was taken out is not missing, and the block around it is not incomplete.
            problems += [p for p in found if not any(_is_around(p.path, known.path) for known in problems)]
            rest.take_out([(d["loc"], d["type"] == "missing") for d in details])
            continue
        between = [replace(p, path=rest.original_path(p.path)) for p in cross(config)]
        return (None if problems else config), problems + between
    return None, problems


class _Rest:
    """What is left of the values, with the places that list items had in the file."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = _copy(data)
        self._places: dict[Loc, list[int]] = {}

    def take_out(self, found: list[tuple[Loc, bool]]) -> None:
        """Remove values; where a required one is missing, use its stand-in or remove the block that lacks it."""
        for loc, missing in sorted(found, key=lambda f: [str(p).zfill(6) for p in f[0]], reverse=True):
            if loc in _STAND_INS:
                self._set(loc, _copy(_STAND_INS[loc]))
            elif missing:
                self._remove(loc[:-1])
            else:
                self._remove(loc)

    def original(self, loc: Loc) -> Loc:
        """Location in the file of a location in what is left."""
        return tuple(
            self._places[loc[:i]][p] if isinstance(p, int) and loc[:i] in self._places else p for i, p in enumerate(loc)
        )

    def original_path(self, path: str) -> str:
        """The same for a written path."""
        words = path.replace("[", ".[").split(".")
        return path_of(self.original(tuple(int(w[1:-1]) if w.startswith("[") else w for w in words)))

    def _parent(self, loc: Loc) -> Any:
        value: Any = self.data
        for part in loc[:-1]:
            value = value[part]
        return value

    def _set(self, loc: Loc, value: Any) -> None:
        self._parent(loc)[loc[-1]] = value

    def _remove(self, loc: Loc) -> None:
        try:
            parent = self._parent(loc)
            if isinstance(parent, list):
                self._places.setdefault(loc[:-1], list(range(len(parent)))).pop(int(loc[-1]))
            del parent[loc[-1]]
        except (KeyError, IndexError, TypeError):
            return  # already gone with the block around it


def _is_around(path: str, known: str) -> bool:
    return known == path or known.startswith((f"{path}.", f"{path}["))


def _problem(model: type[BaseModel], data: dict[str, Any], loc: Loc, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    rule = str(detail.get("ctx", {}).get("rule", "")) or rule_at(model, loc)
    message = detail["msg"].replace("Input should be", "must be").replace("a valid boolean", "true or false")
    message = message.replace("a valid dictionary or instance of", "a block of keys,")
    if kind == "extra_forbidden":
        message, rule = _unknown(str(loc[-1]), allowed(model, loc[:-1])), None
    elif kind == "missing":
        message = "is required"
    elif loc[:1] == ("mapping_rules",) and len(loc) > 1 and _value(data, loc) in _REMOVALS:
        message, rule = "a default mapping cannot be removed; `never` keeps it from syncing", "P1-20"
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        message = "must be a block of keys"
    return Problem(path_of(loc), message, rule)


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return "unknown key" + (f"; did you mean {close[0]}?" if close else "")


def _value(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data[part]
    if isinstance(data, str):
        return data.lower()
    return data if isinstance(data, bool | None) else "something else"


def _line(path: str, lines: dict[str, int]) -> int | None:
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _zone(data: dict[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(data["timezone"])
    except Exception:  # whatever is wrong with it is reported by its own key
        return ZoneInfo("UTC")


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value
