"""Every key that sync.yaml can have, read off the models: for messages, suggestions and the reference in docs."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Key:
    """One key: its path with `[]` for list items, its declaration and the model of its value where it is a block."""

    path: str
    field: FieldInfo
    block: type[BaseModel] | None
    listed: bool

    @property
    def rule(self) -> str | None:
        """Rule of the catalogue that the key stands for."""
        extra = self.field.json_schema_extra
        return str(extra["rule"]) if isinstance(extra, dict) and "rule" in extra else None


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    """All keys below a model, in the order of their declaration."""
    for name, field in model.model_fields.items():
        block, listed = _block(field.annotation)
        path = f"{prefix}.{name}" if prefix else name
        yield Key(path, field, block, listed)
        if block is not None:
            yield from keys(block, path + ("[]" if listed else ""))


def allowed(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Keys allowed in the block at a location; empty where the location is no block."""
    block: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int):
            continue
        if block is None or part not in block.model_fields:
            return []
        block = _block(block.model_fields[part].annotation)[0]
    return list(block.model_fields) if block else []


def rule_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> str | None:
    """Rule of the key at a location, else of the nearest block around it that has one."""
    rules = {key.path.replace("[]", ""): key.rule for key in keys(model)}
    names = [str(part) for part in loc if not isinstance(part, int)]
    while names:
        if (rule := rules.get(".".join(names))) is not None:
            return rule
        names.pop()
    return None


def path_of(loc: tuple[int | str, ...]) -> str:
    """YAML path of a location: ("mappings", 0, "rule") -> mappings[0].rule."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path or "-"


def _block(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(annotation) if a is not type(None)]
        return _block(inner[0]) if len(inner) == 1 else (None, False)
    if origin is list:
        return _block(typing.get_args(annotation)[0])[0], True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    return None, False
