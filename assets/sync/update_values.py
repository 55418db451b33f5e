"""The other columns of a stage file: what kind of property each is, its options, and what the records have there now."""

import json
from functools import cache

import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from assets.shared.sql import Session
from assets.sync.catalog import Catalog
from assets.sync.values import Side, bare_of, norm_of, property_rows, types_among
from schemas.import_fields import is_system_property

RECORD = "hs_object_id"
OWNER = "hubspot_owner_id"
ENTITIES = {"person": "contact", "company": "company"}
_TEXT = pa.string()
_PROPERTY = pa.schema([("object", _TEXT), ("property", _TEXT), ("kind", _TEXT), ("is_writable", pa.bool_())])
_OPTION = pa.schema([("object", _TEXT), ("property", _TEXT), ("option", _TEXT), ("label", _TEXT)])
_PRESENT = ("object", "record_id", "property", "value", "norm")


def register(session: Session, catalog: Catalog) -> None:
    """Make four relations of the properties that `update_cell` names beside its identifier and the stage.

    `update_property`: object, property, kind, is_writable. `update_option`: object, property, option (its internal value),
    label. `update_norm`: the cells, with `norm`, the form in which they are compared. `update_present`: object, record_id,
    property, value, norm of the records as they are.
    """
    properties = _properties(session, catalog)
    session.register("update_property", pa.Table.from_pylist(properties, schema=_PROPERTY))
    session.register("update_option", pa.Table.from_pylist(_options(session, properties), schema=_OPTION))
    parts: list[exp.Query] = []
    for object_, entity in ENTITIES.items():
        relation = keys.relation(keys.staged("hubspot", entity))
        types = session.types(relation)
        kinds = {r["property"]: r["kind"] for r in properties if r["object"] == object_ and r["property"] in types}
        if kinds:
            side = Side("hubspot", relation, RECORD, types_among(types, map(str, kinds)))
            parts.append(property_rows(side, object_, {str(n): str(k) for n, k in kinds.items()}))
    nothing = exp.select(*(exp.cast(exp.null(), "VARCHAR").as_(name) for name in _PRESENT)).where(exp.false())
    session.define("update_present", exp.union(nothing, *parts, distinct=False, copy=False) if parts else nothing)
    session.define("update_norm", _normed())


def _properties(session: Session, catalog: Catalog) -> list[dict[str, str | bool]]:
    named = session.con.execute(
        "SELECT DISTINCT stage_update.object, cell.property FROM update_cell AS cell"
        " INNER JOIN stage_update ON cell.update_no = stage_update.update_no"
        " WHERE cell.property NOT IN (?, ?, stage_update.name_property) ORDER BY ALL",
        [RECORD, "lifecyclestage"],
    ).fetchall()
    rows: list[dict[str, str | bool]] = []
    for object_, property_ in named:
        info = catalog.hubspot[ENTITIES[object_]].get(property_)
        kind, writable = (info.kind, info.updateable) if info else ("text", not is_system_property(property_))
        rows.append({"object": object_, "property": property_, "kind": kind, "is_writable": writable})
    return rows


def _options(session: Session, properties: list[dict[str, str | bool]]) -> list[dict[str, str]]:
    """Options of the enumerations; owners by id, e-mail and full name, where it is one owner's alone (P2-98)."""
    wanted = {(row["object"], row["property"]) for row in properties}
    objects = {entity: object_ for object_, entity in ENTITIES.items()}
    found = session.con.execute(
        "SELECT object, name, options FROM staged__hubspot__property"
        " WHERE op = 'upsert' AND type = 'enumeration' AND options IS NOT NULL"
    ).fetchall()
    rows = []
    for entity, name, options in found:
        if (objects.get(entity), name) in wanted:
            rows += [(objects[entity], name, o["value"], o.get("label") or o["value"]) for o in json.loads(options)]
    owners = session.con.execute(
        "WITH named AS (SELECT id, unnest([coalesce(email, id), trim(concat_ws(' ', firstName, lastName))]) AS said"
        " FROM staged__hubspot__owner WHERE op = 'upsert' AND NOT coalesce(archived, FALSE))"
        " SELECT DISTINCT id, said FROM named WHERE said <> ''"
        " QUALIFY min(id) OVER (PARTITION BY lower(said)) = max(id) OVER (PARTITION BY lower(said)) ORDER BY id, said"
    ).fetchall()
    for object_ in sorted(str(o) for o, name in wanted if name == OWNER):
        rows += [(object_, OWNER, owner, said) for owner, said in owners]
    return [dict(zip(_OPTION.names, row, strict=True)) for row in rows]


@cache
def _normed() -> str:
    """The cells of `update_cell` that are other columns, each with its norm by the kind of its property."""
    kinds = exp.case()
    for kind in ("number", "bool", "date", "datetime", "set"):
        kinds.when(exp.column("kind").eq(kind), norm_of(exp.column("bare"), kind), copy=False)
    same_update = exp.column("update_no", table="cell").eq(exp.column("update_no", table="stage_update"))
    same_property = exp.and_(
        exp.column("object", table="stage_update").eq(exp.column("object", table="update_property")),
        exp.column("property", table="cell").eq(exp.column("property", table="update_property")),
    )
    bare = bare_of(exp.column("value", table="cell")).as_("bare")
    cells = (
        exp.select("cell.*", "update_property.kind", "update_property.is_writable", bare)
        .from_("update_cell AS cell")
        .join("stage_update", on=same_update)
        .join("update_property", on=same_property)
    )
    norm = kinds.else_(exp.column("value")).as_("norm")
    return exp.select("* EXCLUDE (bare)", norm).from_(cells.subquery("cell")).sql("duckdb")
