"""Decide one night: what would change on which side, why, and what is known afterwards (design section 6).

A pure function of the lake's relations, the configuration and the night. The steps are the files of `sql/` in the order
of `STEPS`; what depends on the configuration (mapped columns, settings, data files) is registered before them.
"""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from assets.shared import keys
from assets.shared.sql import SHARED_SQL, Session
from assets.sync import columns, settings
from assets.sync.catalog import REFERENCE, read_catalog
from assets.sync.mappings import digest, mapping_table, required_table
from assets.sync.values import exploded, record_hash
from schemas.config import SyncConfig

SQL = Path(__file__).parent / "sql"
BEFORE_FIELDS = (
    "hubspot_record", "salesforce_record", "salesforce_missing", "inclusion", "past", "pair", "campaign_value",
)  # fmt: skip
NAMING = ("named_pair", "held_pair", "standing", "route", "associated", "opened", "wanted_pair", "owner_match")
DECIDING = (
    "past_field", "side_value", "field_state", "pair_trigger", "taken_email", "verdict", "proposal", "problem", "stage_move",
    "changed_field", "outcome", "deletion", "change", "decision", "delta", "ledger", "ledger_field",
)  # fmt: skip
RESULTS = {
    keys.DECISION: "SELECT * FROM decision",
    keys.CHANGE: "SELECT * FROM change",
    keys.LEDGER: "SELECT * FROM ledger",
    keys.LEDGER_FIELD: "SELECT * FROM ledger_field ORDER BY object, pair_id, salesforce_id, mapping",
    keys.DELTA_HUBSPOT: "SELECT * FROM delta WHERE system = 'hubspot'",
    keys.DELTA_SALESFORCE: "SELECT * FROM delta WHERE system = 'salesforce'",
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
    _explode_values(session, mappings)
    for name in DECIDING:
        session.run(SQL / f"{name}.sql")
    return {key: session.sql(query) for key, query in RESULTS.items()}


def counts(session: Session) -> dict[str, int]:
    """How many candidates had each outcome, by object and direction; those unchanged without a reason are only here."""
    rows = session.con.execute(
        "SELECT object || ' ' || direction || ' ' || outcome, count(*) FROM outcome GROUP BY 1 ORDER BY 1"
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
    hubspot, salesforce = [], []
    for source in SOURCES:
        object_, salesforce_object, relation, id_column = source
        found = record_hash(relation, id_column, _mapped_columns(session, mappings, source), marks)
        if salesforce_object is None:
            hubspot.append(f"SELECT '{object_}' AS object, * FROM ({found.sql('duckdb')})")
        else:
            salesforce.append(found.sql("duckdb"))
    session.keep("hubspot_hash", " UNION ALL ".join(hubspot))
    session.keep("salesforce_hash", " UNION ALL ".join(salesforce))


def _explode_values(session: Session, mappings: pa.Table) -> None:
    session.keep("wanted_person", "SELECT hubspot_id AS record_id FROM wanted_pair WHERE object = 'person'")
    session.keep("wanted_company", "SELECT hubspot_id AS record_id FROM wanted_pair WHERE object = 'company'")
    session.keep("wanted_salesforce", "SELECT salesforce_id AS record_id FROM wanted_pair")
    hubspot, salesforce = [], []
    for source in SOURCES:
        object_, salesforce_object, relation, id_column = source
        wanted = f"wanted_{object_}" if salesforce_object is None else "wanted_salesforce"
        mapped = _mapped_columns(session, mappings, source)
        if not mapped:
            continue
        cells = exploded(relation, id_column, mapped, wanted).sql("duckdb")
        if salesforce_object is None:
            hubspot.append(f"SELECT '{object_}' AS object, * FROM ({cells})")
        else:
            salesforce.append(f"SELECT '{object_}' AS object, '{salesforce_object}' AS salesforce_object, * FROM ({cells})")
    salesforce += [
        f"SELECT 'person' AS object, '{name}' AS salesforce_object, record_id, 'CampaignIds' AS field, value "
        f"FROM campaign_value SEMI JOIN wanted_salesforce USING (record_id)"
        for name in ("Lead", "Contact")
    ]
    session.keep("hubspot_cell", " UNION ALL ".join(hubspot))
    session.keep("salesforce_cell", " UNION ALL ".join(salesforce))
