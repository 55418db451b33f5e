"""Decide one night: what would change on which side, why, and what is known afterwards (design section 6).

A pure function of the lake's relations, the configuration and the night. The steps are the files of `sql/` in the order
of `STEPS`; what depends on the configuration (mapped columns, settings, data files) is registered before them.
"""

import itertools
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from assets.shared.sql import SHARED_SQL, Session
from assets.sync import columns, settings
from assets.sync.catalog import REFERENCE, read_catalog
from assets.sync.mappings import digest, mapping_table, required_table
from assets.sync.values import exploded, record_hash
from schemas.config import SyncConfig
from schemas.tables import ORDER

SQL = Path(__file__).parent / "sql"
BEFORE_FIELDS = (
    "hubspot_record", "salesforce_record", "salesforce_missing", "inclusion", "past", "pair", "campaign_value",
)  # fmt: skip
NAMING = (
    "named_pair",
    "held_pair",
    "standing",
    "route",
    "associated",
    "stage_wish",
    "opened",
    "wanted_pair",
    "owner_match",
)
DECIDING = (
    "past_field", "side_value", "field_state", "pair_trigger", "taken_email", "verdict", "proposal", "problem", "stage_move",
    "changed_field", "outcome", "deletion", "change", "decision", "delta", "ledger", "ledger_field",
)  # fmt: skip
# Which relation is which table; the two deltas are one relation.
RESULTS = {
    keys.DECISION: "decision",
    keys.CHANGE: "change",
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

    Needs the relations `core__identity__link` and `core__segment__membership`, from the lake or registered. A range of
    nights is decided as one long night: `first_night` is its first, and the ledger is read before it.
    """
    night = session.night or ""
    first = first_night or night
    columns.use(session, before=first)
    settings.register(session, config, night, first)
    _register_reference(session)
    catalog = read_catalog(session)
    mappings = mapping_table(config, catalog)
    session.register("mapping", mappings)
    session.register("required_field", required_table(catalog))
    for step in (*SHARED_SQL, *(SQL / f"{name}.sql" for name in BEFORE_FIELDS)):
        session.run(step)
    _hash_records(session, mappings)
    for name in NAMING:
        session.run(SQL / f"{name}.sql")
    for side, object_ in itertools.product(("hubspot", "salesforce"), ("person", "company")):
        wanted = exp.select(exp.column(f"{side}_id").as_("record_id")).from_("wanted_pair")
        session.keep(f"wanted_{side}_{object_}", wanted.where(exp.column("object").eq(object_)))
    _explode_values(session, mappings)
    for name in DECIDING:
        session.run(SQL / f"{name}.sql")
    return {key: session.sql(_result(key, relation)) for key, relation in RESULTS.items()}


def _result(key: str, relation: str) -> exp.Select:
    """The rows of a table in its own total order, so that the same rows give the same bytes."""
    rows = exp.select("*").from_(relation).order_by(*ORDER[key])
    return rows.where(exp.column("system").eq(key.rsplit("/", 1)[1])) if relation == "delta" else rows


def counts(session: Session) -> dict[str, int]:
    """How many candidates had each outcome, by object and direction; those unchanged without a reason are only here."""
    rows = session.con.execute(
        "SELECT object || ' ' || direction || ' ' || outcome, count(*) FROM outcome GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def operations(session: Session, system: str) -> dict[str, int]:
    """How many operations of each kind one system would see, by object and operation: flat, so that the UI plots them."""
    rows = session.con.execute(
        "SELECT object || '_' || op, count(*) FROM delta WHERE system = ? GROUP BY 1 ORDER BY 1", [system]
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def _register_reference(session: Session) -> None:
    session.register("update_rule", pl.read_csv(REFERENCE / "update_rules.csv", infer_schema=False).to_arrow())
    session.register("converted_status", pl.read_csv(REFERENCE / "converted_statuses.csv", infer_schema=False))
    session.register("employee_range", pl.read_csv(REFERENCE / "employee_ranges.csv"))
    session.register("stage_order", settings.stage_order(session))


def _mapped_columns(session: Session, mappings: pa.Table, source: tuple[str, str | None, str, str]) -> dict[str, str]:
    """The source's mapped columns with their DuckDB types."""
    object_, salesforce_object, relation, _ = source
    types = {row[0]: row[1] for row in session.con.execute(f"DESCRIBE {relation}").fetchall()}
    side = "hubspot" if salesforce_object is None else "salesforce"
    names = {
        row[side]
        for row in mappings.select(["object", "salesforce_object", side]).to_pylist()
        if row["object"] == object_ and salesforce_object in (None, row["salesforce_object"])
    }
    return {name: types[name] for name in sorted(names) if name in types}


def _hash_records(session: Session, mappings: pa.Table) -> None:
    marks = digest(mappings)
    hashes: dict[str, list[exp.Select]] = {"hubspot_hash": [], "salesforce_hash": []}
    for source in SOURCES:
        object_, salesforce_object, relation, id_column = source
        found = record_hash(relation, id_column, _mapped_columns(session, mappings, source), marks)
        if salesforce_object is None:
            hashes["hubspot_hash"].append(_labelled(found, object=object_))
        else:
            hashes["salesforce_hash"].append(found)
    for name, parts in hashes.items():
        session.keep(name, exp.union(*parts, distinct=False))


def _explode_values(session: Session, mappings: pa.Table) -> None:
    cells: dict[str, list[exp.Select]] = {"hubspot_cell": [], "salesforce_cell": []}
    for source in SOURCES:
        object_, salesforce_object, relation, id_column = source
        side = "hubspot" if salesforce_object is None else "salesforce"
        mapped = _mapped_columns(session, mappings, source)
        if mapped:
            found = exploded(relation, id_column, mapped, f"wanted_{side}_{object_}")
            labels = {"object": object_} | (
                {} if salesforce_object is None else {"salesforce_object": salesforce_object}
            )
            cells[f"{side}_cell"].append(_labelled(found, **labels))
    for name in ("Lead", "Contact"):
        campaigns = exp.select("record_id", exp.Literal.string("CampaignIds").as_("field"), "value").from_(
            "campaign_value"
        )
        cells["salesforce_cell"].append(_labelled(campaigns, object="person", salesforce_object=name))
    for name, parts in cells.items():
        session.keep(name, exp.union(*parts, distinct=False))


def _labelled(query: exp.Select, **labels: str) -> exp.Select:
    """The query's rows with constant columns before them."""
    constants = [exp.Literal.string(value).as_(name) for name, value in labels.items()]
    return exp.select(*constants, "*").from_(query.subquery("labelled"))
