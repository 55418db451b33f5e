"""YAML text to plain values: duplicate keys refused, and the line of every path, to point at a problem."""

from typing import Any

import yaml

_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice: the second would silently win."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == _MERGE:  # `<<: *other`: its keys are filled in below, under those given here
            continue
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, dict | list):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", key_node.start_mark)
        seen.add(key)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep)


# Dates stay text: a wrong one is then a problem of its key, not of the whole file.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse_yaml(text: str) -> tuple[dict[str, Any], list[tuple[str, str, int | None]]]:
    """Values of a YAML document and its problems as (path, message, line); a document must be one mapping."""
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return {}, [("-", f"not valid YAML: {error.problem}", mark.line + 1 if mark else None)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, [("-", f"not valid YAML: {type(error).__name__}", None)]
    if _holds_itself(data, ()):
        return {}, [("-", "not valid YAML: an alias stands inside what it is an alias of", None)]
    if not isinstance(data, dict):
        return {}, [("-", "must be a mapping with the keys of docs/configuration.md", 1)]
    return data, []


def _holds_itself(value: Any, around: tuple[int, ...]) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return id(value) in around or any(_holds_itself(one, (*around, id(value))) for one in inner)


def lines_of(text: str) -> dict[str, int]:
    """Line of every path of a valid document, counted from 1: `mappings[0].rule` -> 17."""
    found: dict[str, int] = {}

    def walk(node: yaml.Node, path: str) -> None:
        if path and path not in found:
            found[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = f"{path}.{key.value}" if path else str(key.value)
                found[inner] = key.start_mark.line + 1
                walk(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                walk(value, f"{path}[{index}]")

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None:
        walk(root, "")
    return found
