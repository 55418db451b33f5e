"""Weights from a file: a model of this stage as JSON, or what Splink has learnt, as it saves its models.

Splink's comparisons are matched to fields by the name of their column. Its levels are its own: the likest is taken for `same`,
the last for `different`, and what lies between is spread over the levels between as the shipped model has them.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from assets.identity import columns, model
from assets.identity.model import Model, Shares
from assets.shared.failures import InputRefused

_KEYS = {
    "first_name": "first", "middle_name": "middle", "last_name": "last", "birth_date": "dob", "job_title": "job", "any_id": "gid",
}  # fmt: skip


def read(path: Path, shipped: Model) -> Model:
    """The model of a file, on top of the shipped one. Raises InputRefused for a file that holds none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputRefused(f"{path}: cannot be read as JSON ({type(error).__name__})") from None
    if isinstance(data, dict) and "fields" in data:
        try:
            return model.parse(data)
        except (KeyError, TypeError, ValueError) as error:
            raise InputRefused(f"{path}: is not a model: {type(error).__name__}") from None
    found = splink(data, shipped) if isinstance(data, dict) else {}
    if not found:
        raise InputRefused(f"{path}: has neither `fields` nor a Splink comparison of a known field with m and u")
    fields = {
        name: replace(field, m=found[name][0], u=found[name][1]) if name in found else field
        for name, field in shipped.fields.items()
    }
    return replace(shipped, version=f"{shipped.version}+splink", fields=fields)


def splink(settings: dict[str, Any], shipped: Model) -> dict[str, tuple[Shares, Shares]]:
    """The m and u by field of the comparisons of a saved Splink model; those without both at either end are left out."""
    found = {}
    for comparison in settings.get("comparisons", []):
        field = columns.field_named(str(comparison.get("output_column_name", "")))
        name = _KEYS.get(field or "", field)
        levels = [level for level in comparison.get("comparison_levels", []) if not level.get("is_null_level")]
        shares = [(level.get("m_probability"), level.get("u_probability")) for level in levels]
        if (
            name not in shipped.fields
            or len(shares) < 2
            or any(s is None for end in (shares[0], shares[-1]) for s in end)
        ):
            continue
        known = shipped.fields[name]
        m, u = ([share[side] or 0.0 for share in shares] for side in (0, 1))
        found[name] = (_spread(m, known.m), _spread(u, known.u))
    return found


def _spread(given: list[float], shipped: Shares) -> Shares:
    """Shares over our levels: the first and last as given, the rest between as the shipped ones lie."""
    if len(shipped) == 2:
        return (given[0], 1.0 - given[0])
    between, ours = max(1.0 - given[0] - given[-1], 0.0), sum(shipped[1:-1])
    inner = tuple(round(between * share / ours, 9) if ours else 0.0 for share in shipped[1:-1])
    return (given[0], *inner, given[-1])
