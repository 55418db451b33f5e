"""From the two delta tables to a night's folder of files. Knows DuckDB and Arrow, no Dagster, no lake.

The deltas are sorted once into file order and streamed in slices; each package keeps one slice in memory. The same rows
in any order give the same bytes.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from assets.import_files import dataloader, reference
from assets.import_files.associations import associate
from assets.import_files.days import load_days
from assets.import_files.folder import FOLDER_MODE, beside, replacing
from assets.import_files.held import Held
from assets.import_files.hubspot import HubSpotBodies, HubSpotImport, Written
from assets.import_files.knowledge import Knowledge, knowledge
from assets.import_files.listed import write_list
from assets.import_files.packages import Package, carried, packages
from assets.import_files.salesforce import SalesforceImport
from assets.import_files.unique import unique
from assets.shared.failures import InputRefused
from schemas.config import SyncConfig
from schemas.imports import Companion, Manifest, ManifestFile, Tier
from schemas.reasons import Reason

SQL = Path(__file__).parent / "sql"
SLICE = 50_000
MANIFEST = "manifest.json"
SPILL = ".spill"
UNDO = "undo"
LASTING = "cannot-be-undone.jsonl"
HELD_BACK = "held-back.jsonl"
MEMORY = "600MB"  # of DuckDB; what does not fit is spilled, so that memory does not grow with the plan
_SETTING = pa.schema(
    [
        ("may_promote", pa.bool_()),
        ("promotes", pa.bool_()),
        ("external_id", pa.string()),
        ("is_external_id_mapped", pa.bool_()),
        ("unique_property", pa.string()),
    ]
)


@dataclass(frozen=True)
class Extras:
    """What the manifest says beside the files: the contact tier, lists to lay beside.

    `associates`: the relation `belonging` (sql/belonging.sql) is there, and who belongs together is associated.
    """

    tier: Tier | None = None
    associates: bool = False
    lists: dict[str, bytes] = field(default_factory=dict)


Writer = HubSpotImport | HubSpotBodies | SalesforceImport


def write_files(
    hubspot_delta: pa.Table,
    salesforce_delta: pa.Table,
    *,
    night: str,
    config: SyncConfig,
    properties: pa.Table | None,
    describe: pa.Table | None,
    folder: Path,
    owners: pa.Table | None = None,
    belonging: pa.Table | None = None,
) -> Manifest:
    """Write a night's folder from two delta tables (columns of out/delta/*, any row order); returns its manifest.

    `belonging` has the columns of sql/belonging.sql: who of the created records belongs to whom.

    Raises InputRefused where the configuration cannot be obeyed, ValueError where one row is larger than a file may be.
    """
    known = knowledge(config, night, properties, describe, owners)
    with (
        replacing(folder) as draft,
        duckdb.connect(config={"temp_directory": str(draft / SPILL), "preserve_insertion_order": False}) as con,
    ):
        con.register("hubspot_delta", hubspot_delta)
        con.register("salesforce_delta", salesforce_delta)
        con.execute("CREATE VIEW night_delta AS FROM hubspot_delta UNION ALL BY NAME FROM salesforce_delta")
        if belonging is not None:
            con.register("belonging", belonging)
        manifest = write_relation(con, known, draft, Extras(associates=belonging is not None))
        shutil.rmtree(draft / SPILL, ignore_errors=True)
        return manifest


def write_relation(
    con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, extras: Extras | None = None
) -> Manifest:
    """Write files and manifest into an empty folder, from the relation `night_delta` (columns of out/delta/*).

    The inverse of everything lies in `undo/`, with a manifest of its own. A table `promoted` (sql/promoted.sql) is read where
    there is one.
    """
    refuse_without_basis(known.config)
    con.execute("CREATE OR REPLACE TEMP VIEW delta AS SELECT *, FALSE AS steps_back FROM night_delta")
    held = Held()
    manifest = write_packages(con, known, folder, held, extras or Extras())
    undo = _write_undo(con, known, folder, held)
    manifest = manifest.model_copy(update={"companions": [*manifest.companions, *undo]})
    beside(folder, MANIFEST, manifest.text().encode())
    return manifest


def write_packages(
    con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, held: Held, extras: Extras
) -> Manifest:
    """Files of the connection's relation `delta`; the manifest is not written yet.

    Takes the connection over: its memory is limited from here on.
    """
    con.execute(f"SET memory_limit = '{MEMORY}'")
    todo = _plan(con, known, held)
    members = con.sql(_sql("company_contact")).to_arrow_table() if extras.associates else None
    written = [file for writer in _write(con, todo, known, folder, held, members) for file in writer.close()]
    if extras.associates:
        hubspot = [w for w in written if w.package.target == "hubspot"]
        hubspot += associate(con, known, folder, held, hubspot, SLICE)
        written = [*hubspot, *(w for w in written if w.package.target != "hubspot")]
    return _manifest(written, known, folder, held, extras)


def _write_undo(con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, held: Held) -> list[Companion]:
    """`undo/`: files that bring the values before the night back, and the list of what no file can take back."""
    operations, whole = held.left_out()
    con.register("held_operation", operations)
    con.register("held_package", whole)
    con.execute(f"CREATE OR REPLACE TEMP VIEW loaded AS {_sql('loaded')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE several AS {_sql('several')}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW undone AS {_sql('undone')}")
    con.execute("CREATE OR REPLACE TEMP VIEW delta AS FROM undone")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS promoted (record_id VARCHAR, was_marketing BOOLEAN)")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS association (record_id VARCHAR, link VARCHAR)")
    place = folder / UNDO
    place.mkdir(mode=FOLDER_MODE)
    lasting = write_list(place, LASTING, con.sql(_sql("lasting")).to_arrow_reader(SLICE))
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


def _plan(con: duckdb.DuckDBPyConnection, known: Knowledge, held: Held) -> list[Package]:
    """The packages to write; makes the relations `packaged` and `package_rank`."""
    settings, status = known.config.imports, known.config.marketing
    row = {
        "may_promote": status.can_set_status,
        "promotes": settings.hubspot.marketing and status.can_set_status,
        "external_id": settings.salesforce.external_id,
        "is_external_id_mapped": settings.salesforce.external_id in {m.salesforce for m in known.config.mappings},
        "unique_property": known.unique_property,
    }
    con.register("setting", pa.Table.from_pylist([row], schema=_SETTING))
    con.execute(f"CREATE OR REPLACE TEMP TABLE operation AS {_sql('operation')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE cleared AS {_sql('cleared')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE doubled_key AS {_sql('doubled_key')}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW packaged AS {_sql('packaged')}")
    found = packages(con.sql(_sql("package")).to_arrow_table())
    todo = []
    for package in found:
        if carried(package, settings.hubspot.mode):
            todo.append(package)
        else:
            held.package(package, "import_mode")
    ranks = [(p.target, p.object, p.operation, p.variant, rank) for rank, p in enumerate(todo)]
    names = ("target", "object", "operation", "variant")
    columns = {name: pa.array([r[i] for r in ranks], pa.string()) for i, name in enumerate(names)}
    con.register("package_rank", pa.table({**columns, "rank": pa.array([r[4] for r in ranks], pa.int64())}))
    return todo


def _write(
    con: duckdb.DuckDBPyConnection,
    todo: list[Package],
    known: Knowledge,
    folder: Path,
    held: Held,
    members: pa.Table | None,
) -> list[Writer]:
    writers = [_writer(package, known, folder, held, members) for package in todo]
    if writers:
        reader = con.sql(_sql("sorted")).to_arrow_reader(SLICE)
        for batch in unique(reader):
            for rank, part in _by_package(batch):
                writers[rank].add(part)
    return writers


def _writer(package: Package, known: Knowledge, folder: Path, held: Held, members: pa.Table | None) -> Writer:
    if package.target == "salesforce":
        return SalesforceImport(package, known, folder, held)
    if package.is_bodies:
        return HubSpotBodies(package, known, folder, held, members if package.object == "company" else None)
    return HubSpotImport(package, known, folder, held)


def _by_package(batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    ranks = batch.column("rank").to_numpy()
    edges = np.concatenate([[0], np.flatnonzero(np.diff(ranks)) + 1, [len(ranks)]])
    for start, end in pairwise(edges):
        yield int(ranks[start]), batch.slice(int(start), int(end - start))


def _manifest(written: list[Written], known: Knowledge, folder: Path, held: Held, extras: Extras) -> Manifest:
    files: list[ManifestFile] = []
    companions: list[Companion] = []
    processes: list[dataloader.Process] = []
    for file in written:
        if file.part.rows == 0:
            (folder / file.part.file).unlink()
            continue
        files.append(_entry(file, files))
        companions += [beside(folder, name, data) for name, data in file.companions.items()]
        if file.job is not None:
            processes.append(dataloader.Process(file.part.file, file.job))
    if processes:
        companions.append(beside(folder, dataloader.PROCESS_FILE, dataloader.processes(processes)))
    lists = {HELD_BACK: held.lines(), **extras.lists}
    companions += [beside(folder, name, data) for name, data in lists.items() if data]
    return Manifest(
        night=known.night,
        configuration_digest=known.config.digest,
        files=files,
        companions=companions,
        held_back=held.summary(),
        days=load_days(files),
        marketing=extras.tier,
        warnings=_warnings(files, known, extras),
    )


def _warnings(files: list[ManifestFile], known: Knowledge, extras: Extras) -> list[str]:
    """Codes about the night as a whole (docs/reasons.md)."""
    gdpr = known.config.imports.hubspot.gdpr
    creates = any((f.target, f.object, f.operation) == ("hubspot", "contact", "create") for f in files)
    said = {
        Reason.TIER_EXCEEDED: bool(extras.tier and extras.tier.exceeded_by),
        Reason.COMMUNICATION_BASIS_MISSING: gdpr.enabled and not gdpr.communication and creates,
    }
    return [str(code) for code, holds in said.items() if holds]


def _entry(file: Written, before: list[ManifestFile]) -> ManifestFile:
    package = file.package
    same = [f for f in before if (f.target, f.object) == (package.target, package.object)]
    waits_for = [f.file for f in same if package.variant == "after-clear" and f.operation == "clear"]
    if file.follows:
        waits_for += [f.file for f in same if f.operation == package.operation and f.file.startswith(package.stem)]
    waits_for += [f.file for f in before if f.file in file.after]
    return ManifestFile(
        file=file.part.file,
        target=package.target,  # type: ignore[arg-type]
        object=package.object,  # type: ignore[arg-type]
        operation=package.operation,  # type: ignore[arg-type]
        rows=file.part.rows,
        bytes=file.part.bytes,
        sha256=file.part.sha256,
        via=package.via,  # type: ignore[arg-type]
        order=len(before) + 1,
        waits_for=waits_for,
    )


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()
