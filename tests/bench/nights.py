"""Four hundred small nights as one range: seconds, and one run in Dagster.

    python -m tests.bench.nights [--nights 400] [--people 100]

Makes exports of a few people that change now and then, runs the range through the command line with a Dagster home of its
own, and prints one JSON line: seconds of the clock and of the processor, what the same nights cost one by one (from three of
them), runs and materializations that Dagster has, bytes of its storage.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST = date(2025, 1, 1)
CONFIG = """timezone: UTC
start: "2025-01-01"
sources:
  salesforce: {kind: exports, path: "exports/{night}/salesforce", snapshot: full}
  hubspot: {kind: exports, path: "exports/{night}/hubspot", snapshot: full}
initial_sync: full
guards: {max_changes: null, max_deletes: null, max_reject_rate: null, max_shrink: null}
"""


def night_of(number: int) -> str:
    """The night of a number, from 0."""
    return (FIRST + timedelta(days=number)).isoformat()


def deliver(root: Path, nights: int, people: int) -> Path:
    """Export folders of all nights, each with one change a side, and a sync.yaml beside them."""
    for number in range(nights):
        folder = root / "exports" / night_of(number)
        hubspot, lead = (
            ["hs_object_id,email,firstname,lastmodifieddate"],
            ["Id,Email,FirstName,LastName,SystemModstamp"],
        )
        for person in range(people):
            at = f"{night_of(number - (number - person) % people if number >= person else 0)}T10:00:00Z"
            hubspot.append(f"{person + 1},p{person}@x.example,Ann{at[:10]},{at}")
            lead.append(f"00Q{person:012},p{person}@x.example,Bea{at[:10]},Doe,{at}")
        for name, lines in (("hubspot/contacts.csv", hubspot), ("salesforce/Lead.csv", lead)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("\n".join(lines) + "\n")
    config = root / "sync.yaml"
    config.write_text(CONFIG)
    return config


def measure(root: Path, nights: int, people: int) -> dict[str, Any]:
    """Run the range, and three nights one by one in a lake of their own."""
    home = root / "home"
    home.mkdir()
    shutil.copy(Path(__file__).parents[2] / "dagster.yaml", home)
    os.environ["DAGSTER_HOME"] = str(home)
    import dagster as dg

    import pipelines.cli
    from pipelines.cli.core import run

    assert pipelines.cli.app  # registers the commands
    config = deliver(root, nights, people)
    began, used = time.perf_counter(), _processor()
    told = ["--config", str(config), "--lake", str(root / "lake")]
    status = run(["backfill", "--from", night_of(0), "--to", night_of(nights - 1), *told])
    seconds, busy = time.perf_counter() - began, _processor() - used
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs_count()
        there = len(instance.get_materialized_partitions(dg.AssetKey(["raw", "hubspot", "contact"])))
        decided = len(instance.get_materialized_partitions(dg.AssetKey(["core", "sync", "decision"])))
    size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    used = _processor()
    for number in range(min(3, nights)):
        run(["nightly", "--night", night_of(number), "--config", str(config), "--lake", str(root / "single")])
    single = (_processor() - used) / min(3, nights)
    return {
        "nights": nights, "people": people, "exit_status": status, "seconds": round(seconds, 1),
        "cpu_seconds": round(busy, 1), "cpu_a_night": round(busy / nights, 3), "cpu_a_night_one_by_one": round(single, 1),
        "runs": runs,
        "raw_nights": there, "decision_nights": decided, "storage_mb": round(size / 1e6, 1),
    }  # fmt: skip


def _processor() -> float:
    """Seconds that the processor has worked for this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure in a folder that is removed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--people", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), given.nights, given.people)))


if __name__ == "__main__":
    main()
