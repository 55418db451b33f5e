"""From the two delta tables to a night's folder: its packages, what takes them back, one manifest over each.

Knows DuckDB and Arrow, no Dagster, no lake.
"""

from dataclasses import replace
from pathlib import Path

import duckdb

from assets.import_files import reference
from assets.import_files.folder import FOLDER_MODE, beside
from assets.import_files.held import Held
from assets.import_files.id_lists import write_list
from assets.import_files.knowledge import Knowledge
from assets.import_files.package_files import SLICE, Extras, relation_sql, write_packages
from assets.shared.failures import InputRefused
from schemas.config import SyncConfig
from schemas.imports import Companion, Manifest

MANIFEST = "manifest.json"
UNDO = "undo"
LASTING = "cannot-be-undone.jsonl"


def write_relation(
    con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, extras: Extras | None = None
) -> Manifest:
    """Write files and manifest into an empty folder, from the relation `night_delta` (columns of out/delta/*).

    The inverse of everything lies in `undo/`, with a manifest of its own. The relations `promoted`, `company_domain` and
    `taken_key` are read where there are any.
    """
    refuse_without_basis(known.config)
    con.execute("CREATE OR REPLACE TEMP VIEW delta AS SELECT *, FALSE AS steps_back FROM night_delta")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS company_domain (hs_object_id VARCHAR, domain VARCHAR)")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS taken_key (target VARCHAR, object VARCHAR, identifier VARCHAR)")
    held = Held()
    manifest = write_packages(con, known, folder, held, extras or Extras())
    undo = _write_undo(con, known, folder, held)
    manifest = manifest.model_copy(update={"companions": [*manifest.companions, *undo]})
    beside(folder, MANIFEST, manifest.text().encode())
    return manifest


def _write_undo(con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, held: Held) -> list[Companion]:
    """`undo/`: files that bring the values before the night back, and the list of what no file can take back."""
    operations, whole = held.left_out()
    con.register("held_operation", operations)
    con.register("held_package", whole)
    con.execute(f"CREATE OR REPLACE TEMP VIEW loaded AS {relation_sql('loaded')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE several AS {relation_sql('several')}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW undone AS {relation_sql('undone')}")
    con.execute("CREATE OR REPLACE TEMP VIEW delta AS FROM undone")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS promoted (record_id VARCHAR, was_marketing BOOLEAN)")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS association (record_id VARCHAR, link VARCHAR)")
    place = folder / UNDO
    place.mkdir(mode=FOLDER_MODE)
    lasting = write_list(place, LASTING, con.sql(relation_sql("lasting")).to_arrow_reader(SLICE))
    if lasting is None and not con.execute("FROM delta LIMIT 1").fetchall():
        place.rmdir()
        return []
    manifest = write_packages(con, _plain(known), place, Held(), Extras())
    manifest = manifest.model_copy(update={"companions": [*manifest.companions, *([lasting] if lasting else [])]})
    written = beside(place, MANIFEST, manifest.text().encode())
    return [written.model_copy(update={"file": f"{UNDO}/{written.file}"})]


def _plain(known: Knowledge) -> Knowledge:
    """The same, without what an undo must not do again: no marketing contacts, no list."""
    hubspot = known.config.imports.hubspot.model_copy(update={"marketing": False, "create_list": False})
    imports = known.config.imports.model_copy(update={"hubspot": hubspot})
    return replace(known, config=known.config.model_copy(update={"imports": imports}))


def refuse_without_basis(config: SyncConfig) -> None:
    """GDPR on and no legal basis, or one that HubSpot does not have letter for letter (P2-9F). Raises InputRefused."""
    gdpr = config.imports.hubspot.gdpr
    if gdpr.enabled and not gdpr.legal_basis:
        raise InputRefused("imports.hubspot.gdpr.legal_basis: GDPR is on and no legal basis is given (P2-9F)")
    unknown = [n for n, basis in enumerate(gdpr.legal_basis) if gdpr.enabled and basis not in reference.legal_bases()]
    if unknown:
        problem = "is not one of HubSpot's values, letter for letter; two of them have an en dash (P2-9F)"
        raise InputRefused([f"imports.hubspot.gdpr.legal_basis.{n}: {problem}" for n in unknown])
