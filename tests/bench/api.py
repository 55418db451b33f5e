"""The live clients on loopback, beside the clients that people use: CPU seconds and peak memory, one process a client.

    python -m tests.bench.api [--rows 200000] [--columns 20] [--only hubspot|salesforce|latency] [--peers PYTHON]

The server is a process of its own that serves pages made beforehand, so that its work is not counted. Each figure is one
JSON line with its floor: the same bytes read and dropped. Peers (dlt, hubspot-api-client, simple-salesforce) run by one
interpreter that has them.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def serve(port: Any, rows: int, columns: int, latency: float, limit: int) -> None:
    """The emulator with a portal of `rows` contacts and leads (a process's whole work)."""
    from pipelines.emulate.app import Emulator
    from pipelines.emulate.serve import Serving
    from pipelines.emulate.state import Settings

    settings = Settings(
        limit=limit, search_limit=limit, latency=latency, bulk_page=50_000, salesforce_daily=10**9, daily=10**9
    )
    emulator = Emulator(settings)
    values = {f"p{c:02d}": f"value {c} of some length" for c in range(columns - 3)}
    kind = emulator.portal.kinds["contact"]
    stamp = "2026-01-01T00:00:00.000Z"
    for i in range(1, rows + 1):
        properties = {
            **values,
            "hs_object_id": str(i),
            "email": f"p{i}@example.no",
            "createdate": stamp,
            "lastmodifieddate": stamp,
        }
        kind.rows[i] = {"id": str(i), "made": 1.7e9, "at": 1.7e9, "archived": False, "properties": properties}
        emulator.org.rows["Lead"][f"00Q{i:012d}AAA"] = {
            "Id": f"00Q{i:012d}AAA",
            "IsDeleted": "false",
            "SystemModstamp": stamp,
            "Email": f"p{i}@example.no",
            **values,
        }
    kind.changed()
    known = [
        {
            "name": n,
            "label": n,
            "type": "string",
            "fieldType": "text",
            "options": [],
            "calculated": False,
            "hasUniqueValue": False,
        }
        for n in [*values, "email", "createdate", "lastmodifieddate", "hs_object_id"]
    ]
    emulator.portal.properties["contact"] = known
    like = next(f for f in emulator.org.fields["Lead"] if f["name"] == "LastName")
    emulator.org.fields["Lead"] += [{**like, "name": n} for n in values]
    _prepared(emulator)
    serving = Serving(emulator)
    with serving:
        port.put(serving.secrets())
        while True:
            time.sleep(3600)


def _prepared(emulator: Any) -> None:
    """Result pages rendered once: the second reader of a page costs the server nothing."""
    rendered: dict[tuple[int, int], Any] = {}
    original = emulator.org.csv

    def csv(job: Any, start: int, count: int) -> Any:
        key = (len(job.header), start)
        if key not in rendered:
            rendered[key] = original(job, start, count)
        return rendered[key]

    emulator.org.csv = csv


@contextmanager
def server(rows: int, columns: int, latency: float = 0.0, limit: int = 10**9) -> Iterator[dict[str, str]]:
    """A running server; its secrets."""
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    process = context.Process(target=serve, args=(port, rows, columns, latency, limit), daemon=True)
    process.start()
    try:
        yield port.get(timeout=600)
    finally:
        process.kill()
        process.join()


def run(name: str, secrets: dict[str, str], columns: int, python: str = sys.executable) -> dict[str, Any]:
    """One client in a process of its own: seconds, CPU seconds of its work, peak memory, rows."""
    command = [python, "-m", "tests.bench.api_clients", name, json.dumps(secrets), str(columns)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"client": name, "failed": done.stderr.strip().splitlines()[-1:]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return {"client": name, **found}


def main() -> None:
    """Print one JSON line a figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--only", choices=["hubspot", "salesforce", "latency"])
    parser.add_argument("--peers", metavar="PYTHON", help="also run the peers, by an interpreter that has them")
    given = parser.parse_args()
    if given.only in (None, "hubspot", "salesforce"):
        with server(given.rows, given.columns) as secrets:
            for crm, peers in (("hubspot", ("dlt", "hubspot_api_client")), ("salesforce", ("simple_salesforce",))):
                if given.only in (None, crm):
                    figures = [
                        {"rows": given.rows, **run(name, secrets, given.columns)} for name in (f"floor_{crm}", crm)
                    ]
                    figures += [
                        {"rows": given.rows, **run(name, secrets, given.columns, given.peers)}
                        for name in peers
                        if given.peers
                    ]
                    for figure in figures:
                        figure["times_floor"] = round(figure.get("cpu", 0) / max(figures[0].get("cpu", 0), 0.001), 1)
                        print(json.dumps(figure), flush=True)
    if given.only in (None, "latency"):
        for latency in (0.05, 0.3):
            rows, limit = min(given.rows, 200_000), 190
            with server(rows, given.columns, latency, limit) as secrets:
                figure = run("hubspot_bucket", secrets, given.columns)
                best = (figure.get("calls", 1) - 1) // limit * 10.0  # the last window's calls at its first moment
                figure |= {"best_seconds": best, "used": round(best / max(figure.get("seconds", 0), 0.001), 3)}
                print(json.dumps({"latency": latency, "limit": limit, **figure}), flush=True)


if __name__ == "__main__":
    main()
