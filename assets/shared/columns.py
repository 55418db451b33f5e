"""What delivered columns are called in the lake: one spelling a column, none twice, none that Crosswalk uses itself."""

from collections.abc import Iterable, Sequence

from schemas.contract import EXACT, RESERVED


def settle(columns: Sequence[str], known: Iterable[str]) -> list[str]:
    """Names for columns, in the order given.

    The known spelling where only upper and lower case differ (DuckDB and Salesforce do not tell them apart),
    `column_<n>` for a blank header, an underscore after a name that Crosswalk uses itself.
    """
    spelling: dict[str, str] = {}
    for name in known:
        spelling.setdefault(name.casefold(), name)
    found = []
    for number, column in enumerate(columns, 1):
        name = " ".join(column.split()) or f"column_{number}"
        own = name.casefold() in RESERVED or name.casefold().startswith(EXACT)
        found.append(spelling.get(name.casefold(), f"{name}_" if own else name))
    return found


def doubled(columns: Sequence[str]) -> dict[str, list[int]]:
    """Names that stand more than once, upper and lower case alike, with their places from 1."""
    places: dict[str, list[int]] = {}
    for number, name in enumerate(columns, 1):
        places.setdefault(name.casefold(), []).append(number)
    return {columns[found[0] - 1]: found for found in places.values() if len(found) > 1}
