"""Decide one night: what would change on which side, why, and what is known afterwards (design section 6).

A pure function of the lake's relations, the configuration and the night. The steps are the files of `sql/` in the order
of `STEPS`; what depends on the configuration (mapped columns, settings, data files) is registered before them.
"""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys, nights
from assets.shared.history import HISTORY
from assets.shared.sql import SHARED_SQL, Session
from assets.sync import columns, settings, stage_updates
from assets.sync.catalog import REFERENCE, delivered, read_catalog
from assets.sync.hashes import hash_records
from assets.sync.mappings import mapping_table, required_table, state_table, untold_table
from assets.sync.values import Mapping, Side, field_rows, types_among
from schemas.config import SyncConfig
from schemas.tables import ORDER

SQL = Path(__file__).parent / "sql"
_STAGE = "lifecyclestage"
KEPT_PAIRS = 100_000  # above it, reading both sides twice for their fields costs less than the memory to keep them
BEFORE_FIELDS = (
    "hubspot_record", "salesforce_record", "salesforce_missing", "newly_deleted", "inclusion", "past", "late_record", "pair",
    "vanished", "campaign_value",
)  # fmt: skip
NAMING = (
    "named_pair", "held_pair", "standing", "route", "associated", "stage_wish", "opened", "wanted_pair", "owner_match",
    "user_alias", "field_target",
)  # fmt: skip
DECIDING = (
    "notable_field", "pair_trigger", "deletion", "taken_email", "verdict", "proposal", "problem", "stage_move",
    "changed_field", "crm_answer", "outcome", "app_routing",
)  # fmt: skip
UPDATING = (
    "update_request", "update_stage", "update_value", "update_field", "update_outcome", "written_field", "night_outcome",
    "lifecycle_request", "change", "delta", "ledger",
)  # fmt: skip
# Which relation is which table; the two deltas are one relation.
RESULTS = {
    keys.DECISION: "decision",
    keys.CHANGE: "change",
    keys.LIFECYCLE_REQUEST: "lifecycle_request",
    keys.LEDGER: "ledger",
    keys.LEDGER_FIELD: "ledger_field",
    keys.DELTA_HUBSPOT: "delta",
    keys.DELTA_SALESFORCE: "delta",
}
# Staged relations with mapped columns: object, Salesforce object (null in HubSpot), relation, id column.
SOURCES = (
    ("person", None, "staged__hubspot__contact", "hs_object_id"),
    ("company", None, "staged__hubspot__company", "hs_object_id"),
    ("person", "Lead", "staged__salesforce__lead", "Id"),
    ("person", "Contact", "staged__salesforce__contact", "Id"),
    ("company", "Account", "staged__salesforce__account", "Id"),
)


def decide(session: Session, config: SyncConfig, first_night: str | None = None) -> dict[str, duckdb.DuckDBPyRelation]:
    """The relations of `core/sync/*` and `out/delta/*` for the session's night, by asset key, not yet written.

    Needs the relations `core__identity__link`, `core__segment__membership` and `core__segment__definition`, from the lake or
    registered. A range of nights is decided as one long night: `first_night` is its first, and all is compared with the newest
    night that was decided before it, also where the range's last night runs again alone.
    Raises InputRefused for a segment or stage of sync.yaml that tonight does not have.
    """
    night = session.night or ""
    first = nights.due_from(session.lake, first_night or night)
    columns.use(session, before=first)
    settings.register(session, config, night, first)
    _register_reference(session)
    catalog = read_catalog(session)
    _define_stages(session, first)
    mappings = mapping_table(config, catalog)
    session.register("mapping", mappings)
    session.register("untold_mapping", untold_table(config, catalog))
    session.register("required_field", required_table(catalog))
    picklists = state_table(catalog)
    session.register("state_picklist", picklists)
    _define_addresses(session, picklists)
    for step in (*SHARED_SQL, *(SQL / f"{name}.sql" for name in BEFORE_FIELDS)):
        session.run(step)
    _hash_records(session, mappings, nights.decided_before(session.lake, first))
    for name in NAMING:
        session.run(SQL / f"{name}.sql")
        if name == "standing":  # has what is asked of them from here on
            session.forget("past", "pair")
    _collect_values(session, mappings)
    stage_updates.register(session, config, first, catalog)
    session.run(SQL / "past_field.sql")
    keep_fields = session.scalar("SELECT count(*) FROM wanted_pair") <= KEPT_PAIRS
    (session.keep if keep_fields else session.define)("field_state", (SQL / "field_state.sql").read_text())
    for name in (*DECIDING, *UPDATING, "ledger_field"):
        session.run(SQL / f"{name}.sql")
    # By far the most rows of a later night, and read once: when they are written.
    session.define("decision", (SQL / "decision.sql").read_text())
    return {key: session.sql(_result(key, relation)) for key, relation in RESULTS.items()}


def _result(key: str, relation: str) -> exp.Select:
    """The rows of a table in its own total order, so that the same rows give the same bytes."""
    rows = exp.select("*").from_(relation).order_by(*ORDER[key])
    return rows.where(exp.column("system").eq(key.rsplit("/", 1)[1])) if relation == "delta" else rows


def counts(session: Session) -> dict[str, int]:
    """How many candidates had each outcome, by object and direction; those unchanged without a reason are only here."""
    rows = session.con.execute(
        "SELECT object || ' ' || direction || ' ' || outcome, count(*) FROM night_outcome GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def reasons(session: Session) -> dict[str, int]:
    """Why candidates do not sync: how many were skipped or rejected for each reason, whatever the field."""
    rows = session.con.execute(
        "SELECT split_part(reason, ':', 1), count(*) FROM (SELECT unnest(reasons) AS reason FROM night_outcome "
        "WHERE outcome IN ('skip', 'reject')) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {str(code): int(number) for code, number in rows}


def operations(session: Session, system: str) -> dict[str, int]:
    """How many operations of each kind one system would see, by object and operation: flat, so that the UI plots them."""
    rows = session.con.execute(
        "SELECT object || '_' || op, count(*) FROM delta WHERE system = ? GROUP BY 1 ORDER BY 1", [system]
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def _register_reference(session: Session) -> None:
    session.register("update_rule", pl.read_csv(REFERENCE / "update_rules.csv", infer_schema=False).to_arrow())
    session.register("crm_error", pl.read_csv(REFERENCE / "crm_errors.csv", infer_schema=False))
    session.register("converted_status", pl.read_csv(REFERENCE / "converted_statuses.csv", infer_schema=False))
    session.register("stage_order", settings.stage_order(session))


def _define_stages(session: Session, first: str) -> None:
    """Define `stage_column` (whether a delivery has the stage, tonight and the night before) and `earlier_stage`.

    A column that was not delivered says nothing: what was known last stands.
    """
    previous = nights.decided_before(session.lake, first)
    rows = []
    for object_, name in (("person", "contact"), ("company", "company")):
        now, before = (delivered(session, name, n) if n else set() for n in (session.night, previous))
        told = {"is_delivered": _STAGE in now, "is_missing": bool(now) and _STAGE not in now}
        rows.append({"object": object_, **told, "was_missing": bool(before) and _STAGE not in before})
    session.register("stage_column", pa.Table.from_pylist(rows))
    file = "earlier_stage"
    if any(row["was_missing"] for row in rows):
        file = "known_stage"
        columns.use_versions(session, first)
    session.define("earlier_stage", (SQL / f"{file}.sql").read_text())


def _mapped_columns(session: Session, mappings: pa.Table, source: tuple[str, str | None, str, str]) -> dict[str, str]:
    """The columns of a source that these mappings name, and HubSpot's property history, with their DuckDB types."""
    object_, salesforce_object, relation, _ = source
    side = "hubspot" if salesforce_object is None else "salesforce"
    names = {
        row[side]
        for row in mappings.select(["object", "salesforce_object", side]).to_pylist()
        if row["object"] == object_ and salesforce_object in (None, row["salesforce_object"])
    }
    return types_among(session.types(relation), {*names, HISTORY} if side == "hubspot" else names)


def _define_addresses(session: Session, picklists: pa.Table) -> None:
    """Define `address_now`: salesforce_id and field of the states and countries that records have, where these are picklists."""
    names = exp.select(*(exp.cast(exp.null(), "VARCHAR").as_(name) for name in ("salesforce_id", "field")))
    found: exp.Select | exp.Union = names.where(exp.false())
    for _, salesforce_object, relation, id_column in SOURCES:
        listed = [row for row in picklists.to_pylist() if row.pop("salesforce_object") == salesforce_object]
        present = session.types(relation) if listed else {}
        for name in (name for row in listed for name in row.values() if name in present):
            value = exp.column(name, quoted=True)
            record = exp.column(id_column, quoted=True).as_("salesforce_id")
            having = exp.select(record, exp.Literal.string(name).as_("field")).from_(relation)
            having = having.where(exp.column("op").eq("upsert"), exp.func("trim", value).neq(""))
            found = found.union(having, distinct=False, copy=False)
    session.define("address_now", found)


def _hash_records(session: Session, mappings: pa.Table, previous: str | None) -> None:
    triggering = mappings.filter(mappings["is_trigger"])  # not formulas, nor fields that are not synced (P2-13)
    sources = []
    for source in SOURCES:
        object_, salesforce_object, relation, id_column = source
        side = "hubspot" if salesforce_object is None else "salesforce"
        columns_ = _mapped_columns(session, triggering, source)
        compared = [
            (row[side], row["compare"])
            for row in triggering.select(["object", "salesforce_object", side, "compare"]).to_pylist()
            if row["object"] == object_
            and salesforce_object in (None, row["salesforce_object"])
            and row[side] in columns_
        ]
        sources.append((object_, Side(side, relation, id_column, columns_), compared))
    hash_records(session, mappings, sources, previous)


def _collect_values(session: Session, mappings: pa.Table) -> None:
    """Define `field_value`: the wanted pairs' values in the long form, one query a Salesforce object.

    An object none of whose mapped fields exists has none.
    """
    types = {source[2]: _mapped_columns(session, mappings, source) for source in SOURCES}
    names = {"mapping": "VARCHAR", "hubspot_value": "VARCHAR", "hubspot_norm": "VARCHAR", "hubspot_at": "TIMESTAMPTZ",
             "salesforce_value": "VARCHAR", "salesforce_norm": "VARCHAR"}  # fmt: skip
    nothing = exp.select("*", *(exp.cast(exp.null(), kind).as_(name) for name, kind in names.items()))
    values: exp.Select | exp.Union = nothing.from_("field_target").where(exp.false())
    for object_, salesforce_object, relation, id_column in SOURCES:
        listed = [
            Mapping(row["mapping"], row["hubspot"], row["salesforce"], row["compare"])
            for row in mappings.to_pylist()
            if row["object"] == object_ and row["salesforce_object"] == salesforce_object
        ]
        if not listed or salesforce_object is None:
            continue
        target = f"target_{salesforce_object.lower()}"
        chosen = exp.select("*").from_("field_target").where(exp.column("salesforce_target").eq(salesforce_object))
        session.keep(target, chosen)
        columns_ = types[relation]
        if object_ == "person":
            relation = _with_campaigns(session, relation, id_column, target)
            columns_ = columns_ | {"CampaignIds": "VARCHAR"}
        hubspot = next(source for source in SOURCES if source[:2] == (object_, None))
        left = Side("hubspot", hubspot[2], hubspot[3], types[hubspot[2]])
        right = Side("salesforce", relation, id_column, columns_)
        values = values.union(field_rows(target, left, right, listed), distinct=False, copy=False)
    session.define("field_value", values)


def _with_campaigns(session: Session, relation: str, id_column: str, target: str) -> str:
    """The relation's wanted records with the column CampaignIds, which Salesforce does not have (P2-56)."""
    name = f"{relation}__with_campaigns"
    identity = exp.column(id_column, table="record", quoted=True)
    query = (
        exp.select("record.*", exp.column("value", table="campaign").as_("CampaignIds", quoted=True))
        .from_(exp.to_table(relation).as_("record"))
        .join(exp.to_table(target), on=identity.eq(exp.column("salesforce_id", table=target)), join_type="semi")
        .join(
            "campaign_value AS campaign",
            on=identity.copy().eq(exp.column("record_id", table="campaign")),
            join_type="left",
        )
    )
    session.define(name, query)
    return name
