"""`make bench`: two nights of a generated portal, stage by stage, each beside its floor in the same run.

A night's stages run one after the other in one process, as in a run; every floor has a process of its own. A floor is plain
DuckDB doing the least that any implementation must: reading the same bytes, joining the same rows, writing what comes out,
without a rule. Prints a JSON line a stage, and one that compares the nights; absolute times depend on the machine, ratios are
what docs/performance.md keeps.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

NIGHTS = ("2026-11-18", "2026-11-19")
STAGES = ("extract", "stage", "identity", "segments", "decide", "files")
CONFIG = """
timezone: Europe/Oslo
start: 2026-11-18
sources:
  salesforce: {{kind: exports, path: "{{night}}/salesforce", snapshot: {delivery}}}
  hubspot: {{kind: exports, path: "{{night}}/hubspot", snapshot: {delivery}}}
initial_sync: {initial}
integration: {{inclusion_segment: 201, on_salesforce_delete: delete_hubspot_contact, lifecycle_transitions: true}}
mappings: [{{hubspot: region__hs, salesforce: Region__c, rule: two_way}}]
mapping_rules: {{jobtitle: two_way}}
guards: {{max_deletes: null, max_shrink: null, max_reject_rate: null}}
"""


def main() -> None:
    """Generate, then run every stage of both nights and its floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000, help="people a side")
    parser.add_argument("--change", type=float, default=0.01, help="share of records edited on the second night")
    parser.add_argument("--delivery", choices=("full", "incremental"), default="incremental")
    parser.add_argument("--initial", choices=("baseline", "full"), default="baseline")
    parser.add_argument("--folder", type=Path, help="keep portal and lake here; a portal that is there is used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if not (folder / NIGHTS[-1]).is_dir():
            arguments = ["--people", str(options.people), "--change", str(options.change), "--forms", "plain"]
            arguments += [
                "--delivery",
                options.delivery,
                "--nights",
                f"{NIGHTS[0]}..{NIGHTS[-1]}",
                "--out",
                str(folder),
            ]
            _report({"stage": "generate"}, *_run(["tests.bench.measure", "portal", *arguments]))
        (folder / "sync.yaml").write_text(CONFIG.format(delivery=options.delivery, initial=options.initial))
        taken = []
        for night in NIGHTS:
            found = _run(["tests.bench.measure", ",".join(STAGES), str(folder), night])
            for stage, one in zip(STAGES, found, strict=True):
                (floor,) = _run(["tests.bench.measure", f"{stage}_floor", str(folder), night])
                _report({"people": options.people, "night": night, "stage": stage}, one, floor)
            taken.append(sum(one["cpu_seconds"] for one in found))
        first, later = taken
        _report({"people": options.people}, {"first_night": first, "later_night": later, "share": later / first})


def _run(arguments: list[str]) -> list[dict[str, float]]:
    done = subprocess.run([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return [dict(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def _report(what: dict[str, object], found: dict[str, float], floor: dict[str, float] | None = None) -> None:
    line = what | {name: round(value, 3) for name, value in found.items()}
    if floor:
        ratio = found["seconds"] / max(floor["seconds"], 0.001)
        line |= {"floor_seconds": floor["seconds"], "ratio": round(ratio, 2)}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
