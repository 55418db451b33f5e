"""`python -m tests.bench.identity`: Crosswalk, Splink and plain equality on every labelled set, one process each.

Prints a JSON line a run and, with `--write`, replaces the table of docs/identity.md. Absolute times depend on the machine
and on what else runs there; the comparison within one run is what counts.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

TOOLS = ("crosswalk", "splink", "equality")
DOCS = Path(__file__).parents[3] / "docs" / "identity.md"


def main() -> None:
    """Run every combination asked for in a process of its own."""
    from tests.bench.identity import normal
    from tests.bench.identity.sets import SETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--tools", nargs="*", default=list(TOOLS), choices=TOOLS)
    parser.add_argument("--write", action="store_true", help="replace the table in docs/identity.md")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "SET"), help="run one combination in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(*options.one)))
        return
    results = []
    for name in options.sets:
        for tool in options.tools:
            command = [sys.executable, "-m", "tests.bench.identity", "--one", tool, name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            results.append(json.loads(done.stdout.splitlines()[-1]))
            print(json.dumps(results[-1]), flush=True)
    speeds = list(normal.measured())
    for told in speeds:
        print(json.dumps(told), flush=True)
    if options.write:
        replace("bench", table(results))
        replace("speed", normal.table(speeds))


def replace(block: str, text: str) -> None:
    """Put a table into its place in docs/identity.md."""
    begin, end = f"<!-- {block}:begin -->", f"<!-- {block}:end -->"
    page = DOCS.read_text(encoding="utf-8")
    DOCS.write_text(f"{page.split(begin)[0]}{begin}\n{text}\n{end}{page.split(end)[1]}", encoding="utf-8")


def one(tool: str, name: str) -> dict[str, object]:
    """One tool on one set: quality, seconds without loading and importing, peak resident megabytes."""
    from tests.bench.identity import peers
    from tests.bench.identity.sets import SETS

    frame = SETS[name]()
    if tool == "crosswalk":
        import assets.identity.matchfile  # noqa: F401  (imports are not measured)
    elif tool == "splink":
        import splink  # noqa: F401
    started = time.perf_counter()
    if tool == "crosswalk":
        quality = _crosswalk(frame)
        seconds, how = time.perf_counter() - started, "as shipped"
    else:
        found = peers.splink(name, frame) if tool == "splink" else peers.equality(name, frame)
        seconds, how = time.perf_counter() - started, found.how
        quality = peers.quality(found, frame)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"set": name, "tool": tool, "how": how, **quality, "seconds": round(seconds, 1), "megabytes": peak}


def _crosswalk(frame: pl.DataFrame) -> dict[str, object]:
    from assets.identity import matchfile
    from assets.shared.lake import Lake

    with tempfile.TemporaryDirectory() as folder, Lake(Path(folder)).connect() as session:
        outcome = matchfile.run(session, frame, {}, "truth")
    assert outcome.quality is not None
    return outcome.quality


def table(results: list[dict[str, object]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| data | tool | pairs P / R / F1 | clusters P / R / F1 | largest | s | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in results:
        cells = [
            " / ".join(f"{r[kind][m]:.3f}" for m in ("precision", "recall", "f1")) for kind in ("pairwise", "cluster")
        ]  # type: ignore[index]
        lines.append(
            f"| {r['set']} ({r['records']:,}) | {r['tool']}, {r['how']} | {cells[0]} | {cells[1]} | {r['largest_cluster']} "
            f"| {r['seconds']} | {r['megabytes']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
