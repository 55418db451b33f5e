"""What the lake has, as the compiler sees it: objects with their properties, links between them, and lists.

Plain values. `assets.segments.relations` fills them from a session, tests by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.segment_definition import Definition
from schemas.segment_registry import BOOL, CHOICE, DATE, DATETIME, NUMBER, OPEN, TEXT

# HubSpot's property type -> kind; a phone number is text.
_DECLARED = {
    "string": TEXT,
    "phone_number": TEXT,
    "enumeration": CHOICE,
    "number": NUMBER,
    "bool": BOOL,
    "date": DATE,
    "datetime": DATETIME,
}
# DuckDB's column type -> (how a cell is stored, kind where nothing declares one).
_STORED = {
    "VARCHAR": (TEXT, OPEN),
    "DOUBLE": (NUMBER, NUMBER),
    "BIGINT": (NUMBER, NUMBER),
    "BOOLEAN": (BOOL, BOOL),
    "DATE": (DATE, DATE),
    "TIMESTAMP WITH TIME ZONE": (DATETIME, DATETIME),
}


@dataclass(frozen=True)
class Property:
    """A property: its kind (a checkbox with options is `also` a choice), how cells are stored, whether they hold several.

    `exact`: the column beside it that has the numbers no double holds.
    """

    name: str
    kind: str
    stored: str
    several: bool = False
    calculated: bool = False
    label: str = ""
    also: str | None = None
    exact: str | None = None


@dataclass(frozen=True)
class ObjectTable:
    """The relation of one HubSpot object; `versions` has every version up to the night, from `known_since` on.

    `modified`: the column of a record's last change; `history`: that of its properties' earlier values, where it was delivered.
    """

    object: str
    relation: str
    properties: Mapping[str, Property]
    id_column: str = "hs_object_id"
    live: bool = True
    versions: str | None = None
    known_since: str | None = None
    modified: str | None = None
    history: str | None = None
    undelivered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Link:
    """Pairs of associated records. `primary`: the column that marks the primary one; `complete`: it has every pair."""

    source: str
    target: str
    relation: str
    source_column: str
    target_column: str
    primary: str | None = None
    live: bool = True
    complete: bool = True


@dataclass(frozen=True)
class KnownList:
    """A list of the portal: its definition, and whether HubSpot's own members were delivered."""

    definition: Definition
    delivered: bool


@dataclass(frozen=True)
class Catalog:
    """Everything a definition can refer to."""

    objects: Mapping[str, ObjectTable]
    links: tuple[Link, ...] = ()
    lists: Mapping[str, KnownList] = field(default_factory=dict)
    membership: str = "staged__hubspot__list_membership"


def make_property(
    name: str,
    column_type: str,
    declared: str | None = None,
    field_type: str | None = None,
    *,
    calculated: bool = False,
    label: str = "",
    exact: str | None = None,
) -> Property | None:
    """A property of a column; the declared HubSpot type counts, else the column's. None for a type no property has.

    Where the form of the field is not known, a cell of an enumeration may hold several options.
    """
    if column_type not in _STORED:
        return None
    stored, kind = _STORED[column_type]
    if declared in _DECLARED:
        kind = _DECLARED[declared]
    ticked = (declared, field_type) == ("enumeration", "booleancheckbox")
    several = stored == TEXT and kind in (CHOICE, OPEN) and field_type in (None, "checkbox")
    also = CHOICE if ticked else None
    return Property(name, BOOL if ticked else kind, stored, several, calculated, label, also, exact)
