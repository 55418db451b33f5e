"""One set of packages: from the relation `delta` to files with their companions, and what their manifest says.

The deltas are sorted once into file order and streamed in slices; each package keeps one slice in memory. The same rows
in any order give the same bytes. Knows DuckDB and Arrow, no Dagster, no lake.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from assets.import_files import dataloader
from assets.import_files.associations import associate
from assets.import_files.days import load_days
from assets.import_files.folder import beside
from assets.import_files.held import Held
from assets.import_files.hubspot import HubSpotBodies, HubSpotImport, Written
from assets.import_files.knowledge import Knowledge
from assets.import_files.packages import Package, carried, packages
from assets.import_files.salesforce import SalesforceImport
from assets.import_files.unique import unique
from schemas.import_marketing import box_ticked
from schemas.imports import Companion, Manifest, ManifestFile, Tier
from schemas.reasons import Reason

SQL = Path(__file__).parent / "sql"
SLICE = 50_000
# DuckDB's part, in bytes; what does not fit is spilled.
MEMORY = 600_000_000
MOST_MEMORY = 4_000_000_000
HELD_BACK = "held-back.jsonl"
_SETTING = pa.schema(
    [
        ("may_promote", pa.bool_()),
        ("promotes", pa.bool_()),
        ("external_id", pa.string()),
        ("keyed_objects", pa.list_(pa.string())),
        ("case_sensitive", pa.list_(pa.string())),
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


def write_packages(
    con: duckdb.DuckDBPyConnection, known: Knowledge, folder: Path, held: Held, extras: Extras
) -> Manifest:
    """Files of the connection's relation `delta`; the manifest is not written yet.

    Takes the connection over: its memory is limited from here on.
    """
    _limit_memory(con, MEMORY)
    todo = _plan(con, known, held)
    _limit_memory(con, max(MEMORY, _needed_to_sort(con)))
    members = con.sql(relation_sql("company_contact")).to_arrow_table() if extras.associates else None
    written = [file for writer in _write(con, todo, known, folder, held, members) for file in writer.close()]
    if extras.associates:
        hubspot = [w for w in written if w.package.target == "hubspot"]
        hubspot += associate(con, known, folder, held, hubspot, SLICE)
        written = [*hubspot, *(w for w in written if w.package.target != "hubspot")]
    return _manifest(written, known, folder, held, extras)


def _limit_memory(con: duckdb.DuckDBPyConnection, size: float) -> None:
    con.execute(f"SET memory_limit = '{int(min(size, MOST_MEMORY))}B'")


def _needed_to_sort(con: duckdb.DuckDBPyConnection) -> float:
    """Bytes that a sort which spills needs: it holds a vector of rows of each run that it merges.

    So it grows with the width of a row and with the runs, that is with the bytes and one over the limit. The factor was
    measured: five million operations of eight fields need less than 600 MB, a million of forty long ones more.
    """
    kept = con.execute("SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory()").fetchall()
    rows = con.execute("SELECT count(*) FROM operation").fetchall()
    return float(780 * int(kept[0][0] or 0) / max(1, int(rows[0][0])) ** 0.5)


def _plan(con: duckdb.DuckDBPyConnection, known: Knowledge, held: Held) -> list[Package]:
    """The packages to write; makes the relations `packaged` and `package_rank`."""
    settings, status = known.config.imports, known.config.marketing
    row = {
        "may_promote": status.can_set_status,
        "promotes": box_ticked(settings.hubspot, status),
        "external_id": known.external_id,
        "keyed_objects": known.keyed_objects,
        "case_sensitive": known.case_sensitive,
        "unique_property": known.unique_property,
    }
    con.register("setting", pa.Table.from_pylist([row], schema=_SETTING))
    con.execute(f"CREATE OR REPLACE TEMP TABLE operation AS {relation_sql('operation')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE cleared AS {relation_sql('cleared')}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE doubled_key AS {relation_sql('doubled_key')}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW packaged AS {relation_sql('packaged')}")
    found = packages(con.sql(relation_sql("package")).to_arrow_table())
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
        reader = con.sql(relation_sql("sorted")).to_arrow_reader(SLICE)
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
        Reason.NO_EXTERNAL_ID: known.external_id is not None
        and any(f.target == "salesforce" and f.operation == "create" and not known.upserts(f.object) for f in files),
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


def relation_sql(name: str) -> str:
    """The query of one of the stage's relations."""
    return (SQL / f"{name}.sql").read_text()
