"""Which type each of tonight's columns has, and that it is the type the lake has."""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from assets.shared.failures import InputRefused
from schemas.arrow import arrow_type
from schemas.contract import POLARS, Kind, kind_of


def settle_kinds(
    key: str,
    columns: Sequence[str],
    *,
    declared: Mapping[str, Kind],
    described: Mapping[str, Kind],
    standard: Mapping[str, Kind],
    before: pa.Schema | None,
) -> tuple[dict[str, Kind], list[str]]:
    """Kind of every column, and notes.

    What the project declares comes first, then the portal's own description, then the type in the lake, then the CRM's
    standard type, else text. Text in the lake stays text where a portal begins to describe a column later. Raises
    InputRefused for any other change of type: it would make old and new versions of one record incomparable.
    """
    found: dict[str, Kind] = {}
    notes: list[str] = []
    for name in columns:
        known = kind_of(before.field(name).type) if before is not None and name in before.names else None
        kind = declared.get(name) or described.get(name)
        if kind is None:
            found[name] = known or standard.get(name, Kind.TEXT)
        elif known is None or _type(known) == _type(kind):
            found[name] = kind
        elif known is Kind.TEXT and name not in declared:
            notes.append(f"{name}: is described as {kind.value} now, was text in the lake; kept as text")
            found[name] = Kind.TEXT
        else:
            raise InputRefused(
                f"{key}: column {name} was {known.value} and is {kind.value} now; run `crosswalk migrate"
                + ("`" if name in declared else f" --as-text {key}.{name}`")
            )
    return found, notes


def _type(kind: Kind) -> pa.DataType:
    return arrow_type(POLARS.get(kind, pl.String()))
