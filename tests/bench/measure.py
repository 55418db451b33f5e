"""Stages of one night one after the other, or a floor, in this process: `python -m tests.bench.measure STAGE,STAGE FOLDER NIGHT`.

Prints one JSON line a stage: rows, wall and CPU seconds, and the peak of resident memory in MB. Imports are not counted.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import typer
from pandera.backends.polars.register import register_polars_backends
from sqlglot import Dialect

from assets.hubspot import extract as hubspot_extract
from assets.hubspot import stage as hubspot_stage
from assets.identity import tables
from assets.import_files.night import write_night
from assets.salesforce import extract as salesforce_extract
from assets.salesforce import stage as salesforce_stage
from assets.segments.membership import segment_tables
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.sql import BATCH
from assets.sync.decide import decide
from schemas.config import SyncConfig, load
from tests.bench.portal.__main__ import main as portal

Stage = Callable[[Lake, SyncConfig, Path, str], int]
CSV_OPTIONS = "all_varchar = true, header = true, strict_mode = false, max_line_size = 20000000"


def extract(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Both CRMs' files into raw."""
    rows = 0
    for source, module in ((config.sources.hubspot, hubspot_extract), (config.sources.salesforce, salesforce_extract)):
        found = module.extract(lake, night, source.folder(night), snapshot=source.snapshot, max_shrink=1.0)
        rows += sum(found.rows.values())
    return rows


def extract_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Every CSV file of the night into Parquet, as text."""
    rows = 0
    with duckdb.connect() as con:
        for file in sorted((folder / night).rglob("*.csv*")):
            if "results" in file.parts:
                continue
            source = f"read_csv('{file}', {CSV_OPTIONS})"
            con.execute(f"COPY (FROM {source}) TO '{_scratch(folder)}/{file.name}.parquet' (COMPRESSION zstd)")
            rows += con.sql(f"SELECT count(*) FROM '{_scratch(folder)}/{file.name}.parquet'").fetchall()[0][0]
    return rows


def stage(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Both CRMs' raw records into staged and rejected."""
    found = [
        hubspot_stage.stage(lake, [night], snapshot=config.sources.hubspot.snapshot),
        salesforce_stage.stage(lake, [night], snapshot=config.sources.salesforce.snapshot, absent="keep"),
    ]
    return sum(entity.delivered for nights in found for entity in nights[night].entities.values())


def stage_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Every raw record read, hashed once over all its columns, and written."""
    rows = 0
    with duckdb.connect() as con:
        for crm, entities in keys.ENTITIES.items():
            for entity in entities:
                files = lake.files(keys.raw(crm, entity), [night])
                if files:
                    target = f"{_scratch(folder)}/staged_{crm}_{entity}.parquet"
                    source = f"SELECT *, md5(raw::VARCHAR) AS row_hash FROM read_parquet({files}) AS raw"
                    con.execute(f"COPY ({source}) TO '{target}' (COMPRESSION zstd)")
                    rows += con.sql(f"SELECT count(*) FROM '{target}'").fetchall()[0][0]
    return rows


def identity(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """core/identity/*: who is who, suggestions, golden records and links."""
    found = tables.build(lake, night, night, tables.decided(folder / "sync.yaml"))
    written = sum(lake.write(key, night, rows.to_reader()) for key, rows in found.tables.items())
    return written + lake.write(keys.LINK, night, found.links)


def identity_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Every person of both sides read whole, joined with whom they share an e-mail, and written."""
    with lake.connect(night) as session:
        _use_people(session)
        query = f"""
            SELECT hs.*, pair.Id FROM staged__hubspot__contact AS hs
            LEFT JOIN ({_JOINED}) AS pair ON hs.hs_object_id = pair.hs_object_id
        """
        session.con.execute(f"COPY ({query}) TO '{_scratch(folder)}/people.parquet' (COMPRESSION zstd)")
    return _count(f"{_scratch(folder)}/people.parquet")


def segments(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """core/segment/*."""
    with lake.connect(night) as session:
        return sum(lake.write(key, night, rows) for key, rows in segment_tables(session, config).items())


def segments_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """The delivered memberships read and written."""
    with lake.connect(night) as session:
        session.use(keys.staged("hubspot", "list_membership"))
        session.con.execute(
            f"COPY (FROM staged__hubspot__list_membership) TO '{_scratch(folder)}/members.parquet' (COMPRESSION zstd)"
        )
    return _count(f"{_scratch(folder)}/members.parquet")


def decide_(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """core/sync/* and out/delta/*."""
    with lake.connect(night) as session:
        session.use(keys.LINK)
        session.use(keys.MEMBERSHIP)
        session.use(keys.DEFINITION)
        found = decide(session, config)
        return sum(lake.write(key, night, relation.to_arrow_reader(BATCH)) for key, relation in found.items())


def decide_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """Both sides of every link read whole, joined, and the pairs that differ in a few fields written."""
    with lake.connect(night) as session:
        _use_people(session)
        session.use(keys.LINK)
        query = """
            SELECT hs.*, sf.* FROM staged__hubspot__contact AS hs
            JOIN core__identity__link AS link ON hs.hs_object_id = link.hubspot_id AND link.is_current
            JOIN (SELECT * FROM staged__salesforce__lead UNION ALL BY NAME SELECT * FROM staged__salesforce__contact) AS sf
                ON link.salesforce_id = sf.Id
            WHERE hs.firstname <> sf.FirstName OR hs.lastname <> sf.LastName OR hs.jobtitle <> sf.Title OR hs.phone <> sf.Phone
        """
        session.con.execute(f"COPY ({query}) TO '{_scratch(folder)}/differ.parquet' (COMPRESSION zstd)")
    return _count(f"{_scratch(folder)}/differ.parquet")


def files(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """out/import: packages, requests, manifest, undo files."""
    manifest = write_night(lake, [night], config)
    return sum(file.rows for file in manifest.files)


def files_floor(lake: Lake, config: SyncConfig, folder: Path, night: str) -> int:
    """The deltas' fields written as CSV."""
    with lake.connect(night) as session:
        session.use(keys.CHANGE)
        session.con.execute(f"COPY (FROM core__sync__change) TO '{_scratch(folder)}/change.csv'")
        return int(session.scalar("SELECT count(*) FROM core__sync__change"))


_JOINED = """
    SELECT hs.hs_object_id, sf.Id FROM staged__hubspot__contact AS hs
    JOIN (SELECT Id, Email FROM staged__salesforce__lead UNION ALL SELECT Id, Email FROM staged__salesforce__contact) AS sf
        ON lower(trim(hs.email)) = lower(trim(sf.Email))
"""


def _use_people(session: object) -> None:
    for crm, entity in (("hubspot", "contact"), ("salesforce", "lead"), ("salesforce", "contact")):
        session.use(keys.staged(crm, entity))  # type: ignore[attr-defined]


def _scratch(folder: Path) -> Path:
    scratch = folder / "floor"
    scratch.mkdir(exist_ok=True)
    return scratch


def _count(file: str) -> int:
    return int(duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0])


STAGES: dict[str, Stage] = {
    "extract": extract, "stage": stage, "identity": identity, "segments": segments, "decide": decide_, "files": files,
    "extract_floor": extract_floor, "stage_floor": stage_floor, "identity_floor": identity_floor,
    "segments_floor": segments_floor, "decide_floor": decide_floor, "files_floor": files_floor,
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Run what is asked for, and print what each took."""
    name, *rest = arguments
    if name == "portal":
        app = typer.Typer()
        app.command()(portal)
        with _taken() as found:
            app(rest, standalone_mode=False)
        print(json.dumps(found))
        return
    folder = Path(rest[0])
    lake = Lake(folder / "lake")
    lake.prepare()
    config = load(folder / "sync.yaml")
    # What is imported on first use is an import too: pandera's checks bring hypothesis, where that is installed.
    register_polars_backends()
    Dialect.get_or_raise("duckdb")
    with lake.at_work():
        for stage in name.split(","):
            with _taken() as found:
                found["rows"] = STAGES[stage](lake, config, folder, rest[1])
            print(json.dumps(found))


@contextmanager
def _taken() -> Iterator[dict[str, float]]:
    """What the block takes: wall and CPU seconds, and the peak of memory meanwhile, which the kernel is asked to count anew."""
    Path("/proc/self/clear_refs").write_text("5")
    found: dict[str, float] = {"rows": 0}
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found["seconds"] = round(time.perf_counter() - wall, 2)
    found["cpu_seconds"] = round(time.process_time() - cpu, 2)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    found["peak_mb"] = int(status["VmHWM"].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1:])
