"""What is wrong with a definition: every problem at once, each with its JSON path, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_SHOWN = 60


@dataclass(frozen=True)
class DefinitionProblem:
    """One thing that is wrong, and where: `$.filterBranches[0].filters[1].operation.operator`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class DefinitionError(ValueError):
    """A definition that cannot be read or does not fit the portal. Carries every problem."""

    def __init__(self, problems: list[DefinitionProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(p) for p in problems))


@dataclass(frozen=True)
class Unknowable:
    """A filter or branch that the lake's tables cannot answer: where it is, its type, and what they lack."""

    path: str
    type: str
    needs: str

    def __str__(self) -> str:
        return f"{self.path}: {self.type} cannot be evaluated, it needs {self.needs}"


class NotEvaluable(ValueError):
    """A sound definition that the lake cannot answer. Never to be read as a segment without members."""

    def __init__(self, found: list[Unknowable]) -> None:
        self.found = found
        super().__init__("; ".join(map(str, found)))


def shown(name: object) -> str:
    """A name out of a definition, short enough for a message."""
    text = repr(name)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def problems_of(error: ValidationError, raw: object, path: str) -> list[DefinitionProblem]:
    """Problems of a pydantic error below `path`, one a place, without the values that were found."""
    found: dict[str, DefinitionProblem] = {}
    for detail in error.errors(include_url=False, include_context=True, include_input=False):
        place = path + _relative(detail, raw)
        found.setdefault(place, DefinitionProblem(place, _words(detail)))
    return list(found.values())


def _relative(detail: ErrorDetails, raw: object) -> str:
    """JSON path of an error; names of union members, which pydantic puts into its locations, are left out."""
    steps, here, location = "", raw, detail["loc"]
    for position, step in enumerate(location):
        if isinstance(here, list) and isinstance(step, int) and step < len(here):
            steps, here = f"{steps}[{step}]", here[step]
        elif isinstance(here, dict) and step in here:
            steps, here = f"{steps}.{step}", here[step]
        elif isinstance(here, dict) and detail["type"] == "missing" and position == len(location) - 1:
            steps = f"{steps}.{step}"
    return steps


def _tag(context: dict[str, Any]) -> str:
    return str(context["discriminator"]).split("'")[-2]


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "extra_forbidden": lambda _: "is not a known key here",
    "literal_error": lambda c: f"must be one of {c['expected']}",
    "union_tag_invalid": lambda c: f"{_tag(c)} must be one of {c['expected_tags']}",
    "union_tag_not_found": lambda c: f"needs {_tag(c)}",
    "string_type": lambda _: "must be text",
    "string_too_short": lambda _: "must not be empty",
    "bool_type": lambda _: "must be true or false",
    "int_type": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "list_type": lambda _: "must be a list",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "greater_than_equal": lambda c: f"must be {c['ge']} or more",
    "less_than_equal": lambda c: f"must be {c['le']} or less",
    "value_error": lambda c: str(c["error"]),
}


def _words(detail: ErrorDetails) -> str:
    if detail["loc"] and detail["loc"][-1] in ("int", "float"):  # a member of the union `Number`
        return "must be a number"
    words = _WORDS.get(detail["type"])
    return words(detail.get("ctx", {})) if words else detail["msg"]
