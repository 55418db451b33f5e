"""The lake as a catalog: relations of a session's night, the types of their columns, links between them, lists.

Relations carry their asset's name. `staged` ones are the state of the night, `versions__hubspot__*` every version up to it.
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from sqlglot import exp

from assets.segments.catalog import Catalog, KnownList, ObjectTable, Property, make_property
from assets.segments.pairs import DEAL_COLUMNS, PRIMARY_COLUMNS, lake_links
from assets.shared import keys
from assets.shared.history import HISTORY
from assets.shared.sql import Session
from schemas.contract import EXACT
from schemas.segment_definition import Definition, load_json
from schemas.segment_problems import DefinitionError
from schemas.segment_yaml import OBJECT_IDS, OwnSegment

_REFERENCE = Path(__file__).parents[2] / "data" / "reference" / "hubspot_properties.csv"
OBJECTS = ("contact", "company", "deal")
DELIVERY = keys.raw("hubspot", "delivery")

# Columns of staged tables that are no properties: Crosswalk's own, and what an API object says beside its properties.
_NOT_PROPERTIES = frozenset(
    {
        "night", "op", "merged_into", "row_hash", "hash_version", "source_file", "source_line", "archived",
        "associations", HISTORY,
    }
)  # fmt: skip
_MODIFIED = ("lastmodifieddate", "hs_lastmodifieddate")
_LIST_COLUMNS = dict.fromkeys(
    ("op", "listId", "name", "objectTypeId", "processingType", "processingStatus", "filterBranch"), "VARCHAR"
)
_PROPERTY_COLUMNS = {
    **dict.fromkeys(("op", "object", "name", "label", "type", "fieldType"), "VARCHAR"),
    "calculated": "BOOLEAN",
}
_MEMBER_COLUMNS = {**dict.fromkeys(("op", "listId", "recordId"), "VARCHAR"), "membershipTimestamp": "TIMESTAMPTZ"}
Declared = tuple[str | None, str | None, bool, str]  # type, form of the field, calculated, label


def lake_catalog(session: Session, own: Sequence[OwnSegment] = ()) -> Catalog:
    """What a definition can refer to on the session's night; makes the relations that compiled SQL reads."""
    declared = _declared(session)
    present = {name: _use_object(session, name) for name in OBJECTS}
    delivered = delivered_entities(session)
    objects = {
        name: _object_table(session, name, columns, declared.get(name, {}))
        for name, columns in present.items()
        if name == "contact" or name in delivered or _has_rows(session, name)
    }
    session.use(keys.staged("hubspot", "list_membership"), _MEMBER_COLUMNS)
    links = lake_links(session, present, delivered)
    return Catalog(objects, links, known_lists(session, own, "list_membership" in delivered))


def delivered_entities(session: Session) -> set[str]:
    """Entities of which HubSpot delivered a file on the session's night or before, as far as the lake remembers."""
    night = session.night
    session.use(DELIVERY, {"entity": "VARCHAR"}, until=night, name="segment_delivery")
    found = {row[0] for row in session.con.execute("SELECT DISTINCT entity FROM segment_delivery").fetchall()}
    for name in keys.HUBSPOT_ENTITIES:
        if any(night is None or staged <= night for staged in session.lake.nights(keys.staged("hubspot", name))):
            found.add(name)
    return found


def known_lists(
    session: Session, own: Sequence[OwnSegment], delivered: bool, before: str | None = None
) -> dict[str, KnownList]:
    """Lists by id, and Crosswalk's own segments by name; `before` gives the lists of the night before another."""
    session.use(keys.staged("hubspot", "list"), _LIST_COLUMNS, before=before, name="segment_list")
    rows = session.con.execute(
        'SELECT "listId", name, "objectTypeId", "processingType", "processingStatus", "filterBranch"'
        " FROM segment_list WHERE op = 'upsert' ORDER BY \"listId\""
    ).fetchall()
    found = {
        list_id: KnownList(
            Definition(_branch(branch), "$", list_id, name, object_id or "0-1", processing, status), delivered
        )
        for list_id, name, object_id, processing, status, branch in rows
    }
    for segment in own:
        definition = Definition(segment.branch, "$", None, segment.name, OBJECT_IDS[segment.object], "DYNAMIC")
        found[segment.name] = KnownList(definition, delivered=False)
    return found


def _branch(text: str | None) -> object:
    """A list's filters; text that is no JSON stays text, and is refused where it is read as a branch."""
    if text is None or not text.strip() or text == "null":
        return None
    try:
        return load_json(text, "$")
    except DefinitionError:
        return text


def _use_object(session: Session, name: str) -> dict[str, str]:
    """Make an object's relations; gives its columns as the lake has them, with their DuckDB types."""
    key = keys.staged("hubspot", name)
    needed = {"hs_object_id": "VARCHAR", "op": "VARCHAR"}
    session.use(key, needed)
    columns = session.types(keys.relation(key))
    session.use(key, needed, versions=True, name=f"versions__hubspot__{name}")
    links = [*([PRIMARY_COLUMNS[name]] if name in PRIMARY_COLUMNS else []), *(DEAL_COLUMNS if name == "deal" else ())]
    session.use(key, needed | dict.fromkeys(links, "VARCHAR"))
    return columns


def _object_table(
    session: Session,
    name: str,
    columns: Mapping[str, str],
    declared: Mapping[str, Declared],
) -> ObjectTable:
    properties: dict[str, Property] = {}
    for column, kind in columns.items():
        if column in _NOT_PROPERTIES or column.startswith(EXACT):
            continue
        said = declared.get(column) or (_standard().get((name, column)), None, False, "")
        exact = f"{EXACT}{column}" if f"{EXACT}{column}" in columns else None
        made = make_property(column, kind, said[0], said[1], calculated=said[2], label=said[3], exact=exact)
        if made is not None:
            properties[column] = made
    modified = next((c for c in _MODIFIED if c in properties and properties[c].stored == "datetime"), None)
    nights = session.lake.nights(keys.staged("hubspot", name))
    return ObjectTable(
        name,
        keys.relation(keys.staged("hubspot", name)),
        properties,
        versions=f"versions__hubspot__{name}",
        known_since=min((n for n in nights if session.night is None or n <= session.night), default=None),
        modified=modified,
        history=HISTORY if HISTORY in columns else None,
        undelivered=frozenset(declared) - frozenset(properties),
    )


def _declared(session: Session) -> dict[str, dict[str, Declared]]:
    """Properties by object and name, as the portal's property files declare them: type, form, calculated, label."""
    session.use(keys.staged("hubspot", "property"), _PROPERTY_COLUMNS)
    rows = session.con.execute(
        'SELECT object, name, type, "fieldType", calculated, label FROM staged__hubspot__property'
        " WHERE op = 'upsert' ORDER BY ALL"
    ).fetchall()
    found: dict[str, dict[str, Declared]] = {}
    for object_name, name, kind, form, calculated, label in rows:
        found.setdefault(object_name, {})[name] = (kind, form, bool(calculated), label or "")
    return found


@cache
def _standard() -> dict[tuple[str, str], str]:
    """Types of HubSpot's own properties, for portals that delivered no property files."""
    with _REFERENCE.open(newline="", encoding="utf-8") as file:
        return {(row["object"], row["name"]): row["type"] for row in csv.DictReader(file)}


def _has_rows(session: Session, name: str) -> bool:
    relation = keys.relation(keys.staged("hubspot", name))
    return bool(session.scalar(exp.select("1").from_(relation).limit(1)))
