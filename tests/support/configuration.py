"""sync.yaml as tests write it: only what differs from the defaults of the worked examples, with short names."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from tests.support.ids import is_short, real
from tests.support.portal import night_of

BASE: dict[str, Any] = {
    "timezone": "UTC",
    "start": night_of(1),
    "sources": {
        "salesforce": {"kind": "exports", "path": "exports/{night}/salesforce", "snapshot": "full", "absent": "keep"},
        "hubspot": {"kind": "exports", "path": "exports/{night}/hubspot", "snapshot": "full"},
    },
    "initial_sync": "baseline",
    "integration": {
        "create_as": "lead",
        "auto_create": {"leads": {"new": True, "existing": False}, "contacts": {"new": True, "existing": False}},
    },
    # The worked examples are a handful of records each, of which one vanishes or is refused: no guard may stop them.
    "guards": {"max_changes": None, "max_deletes": None, "max_reject_rate": None, "max_shrink": None},
}


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Both, the second one's values winning; dictionaries are merged at every depth."""
    result = deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else deepcopy(value)
    return result


def plain(value: Any) -> Any:
    """The same with real ids for short names and dates for `night 2`."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and (found := re.fullmatch(r"night (\d+)", value)):
        return night_of(int(found[1]))
    return real(value) if is_short(value) and value[0] not in "XY" else value


def write_config(path: Path, *overrides: dict[str, Any]) -> Path:
    """Write the base with the overrides over it."""
    config = BASE
    for override in overrides:
        config = merged(config, override)
    path.write_text(yaml.safe_dump(plain(config), sort_keys=False))
    return path
