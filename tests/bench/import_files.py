"""Split import packages against DuckDB's own COPY of the same columns, and preflight against reading the same bytes.

`python -m tests.bench.import_files --rows 5000000` prints one JSON line a figure: seconds, seconds of processor, rows a second,
the floor measured in the same run, the ratios, and the peak memory of the process that did it, which is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

from assets.import_files.held import Held
from assets.import_files.knowledge import knowledge
from assets.import_files.package_files import Extras, write_packages
from assets.import_files.preflight import preflight
from assets.import_files.write import write_relation
from schemas.config import parse

FIELDS = ("city", "company", "firstname", "jobtitle", "lastname", "phone", "website", "zip")
CONFIG = "timezone: Europe/Oslo\nstart: 2026-01-01\nsources: {salesforce: {path: x}, hubspot: {path: y}}\n"
MEMORY = {"memory_limit": "1GB", "preserve_insertion_order": "false"}


def generate(folder: Path, rows: int) -> None:
    """A night of updates: one operation a contact, eight fields each, in no order."""
    changes = ", ".join(
        f"{{'field': '{f}', 'before': 'old ' || i, 'after': '{f} \"' || i || '\", Ø', 'rule': 'two_way', 'because': 'x'}}"
        for f in FIELDS
    )
    query = f"""
        SELECT 'hubspot' AS system, 'contact' AS object, 'update' AS op, (20000000000 + i)::VARCHAR AS record_id,
            'user' || i || '@example.com' AS key, '00Q' || lpad(i::VARCHAR, 12, '0') || 'EAA' AS link, [{changes}] AS changes,
            1::BIGINT AS sequence, '2026-01-01' AS since, NULL::BOOLEAN AS marketing
        FROM (SELECT (r * 7919) % {rows} AS i FROM range({rows}) AS t(r))"""
    wide = ", ".join(f"'{f} \"' || i || '\", Ø' AS {f}" for f in FIELDS)
    with duckdb.connect(config=MEMORY) as con:
        con.execute(f"COPY ({query}) TO '{folder / 'delta.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
        shuffled = f"(SELECT (r * 7919) % {rows} AS i FROM range({rows}) AS t(r))"
        flat = f"SELECT (20000000000 + i)::VARCHAR AS record_id, {wide} FROM {shuffled}"
        con.execute(f"COPY ({flat}) TO '{folder / 'wide.parquet'}' (FORMAT parquet, COMPRESSION zstd)")


def copy(folder: Path) -> None:
    """The floor: DuckDB writes the same columns."""
    with duckdb.connect(config=MEMORY) as con:
        con.execute(f"COPY (FROM '{folder / 'wide.parquet'}') TO '{folder / 'floor.csv'}' (HEADER)")


def copy_sorted(folder: Path) -> None:
    """The floor of files whose bytes do not depend on the order of the input."""
    with duckdb.connect(config=MEMORY | {"temp_directory": str(folder / "spill")}) as con:
        con.execute(f"COPY (FROM '{folder / 'wide.parquet'}' ORDER BY record_id) TO '{folder / 'floor.csv'}' (HEADER)")


def write(folder: Path) -> None:
    """The packages."""
    _write(folder, undo=False)


def write_with_undo(folder: Path) -> None:
    """The packages and their undo."""
    _write(folder, undo=True)


def _write(folder: Path, *, undo: bool) -> None:
    known = knowledge(parse(CONFIG), "2026-01-01")
    target = Path(tempfile.mkdtemp(dir=folder))
    with duckdb.connect(config=MEMORY | {"temp_directory": str(folder / "spill")}) as con:
        con.execute(f"CREATE VIEW night_delta AS FROM '{folder / 'delta.parquet'}'")
        if undo:
            write_relation(con, known, target)
        else:
            con.execute("CREATE VIEW delta AS SELECT *, FALSE AS steps_back FROM night_delta")
            write_packages(con, known, target, Held(), Extras())


def judge(folder: Path) -> None:
    """Preflight of the floor's file."""
    found = preflight(_judged(folder), "hubspot-contacts", knowledge(parse(CONFIG), "2026-01-01"))
    if len(found):
        raise SystemExit(f"{len(found)} findings in a clean file")


def read(folder: Path) -> None:
    """The floor of preflight: polars reads the same bytes as text."""
    pl.read_csv(_judged(folder), infer_schema=False)


def _judged(folder: Path) -> Path:
    path = folder / "judged.csv"
    if not path.exists():
        with duckdb.connect(config=MEMORY) as con:
            query = f"SELECT record_id AS \"Record ID\", * EXCLUDE (record_id) FROM '{folder / 'wide.parquet'}' LIMIT 1000000"
            con.execute(f"COPY ({query}) TO '{path}' (HEADER)")
    return path


STEPS = {f.__name__: f for f in (copy, copy_sorted, write, write_with_undo, read, judge)}
FLOORS = {"write": "copy", "write_with_undo": "copy", "judge": "read"}


def measured(step: str, folder: Path) -> dict[str, float]:
    """Seconds, seconds of processor and peak MB of one step in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.import_files", "--step", step, "--folder", str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def main() -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.step:
        if arguments.step in ("judge", "read"):
            _judged(arguments.folder)
        started, used = time.perf_counter(), time.process_time()
        STEPS[arguments.step](arguments.folder)
        seconds, cpu = time.perf_counter() - started, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak}))
        return
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            generate(folder, rows)
            times = {step: measured(step, folder) for step in STEPS}
        for step, time_ in times.items():
            count = min(rows, 1_000_000) if step in ("judge", "read") else rows
            line = {"bench": "import_files", "step": step, "rows": count}
            line |= {name: round(value, 2) for name, value in time_.items()}
            line["rows_per_second"] = round(count / time_["seconds"])
            if step in FLOORS:
                floor = times[FLOORS[step]]
                line |= {"floor": FLOORS[step], "ratio": round(time_["seconds"] / floor["seconds"], 2)}
                line["ratio_cpu"] = round(time_["cpu"] / floor["cpu"], 2)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
