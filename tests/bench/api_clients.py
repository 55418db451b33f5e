"""One client's work for `tests.bench.api`: everything there is into zstd Parquet (or, here, the lake), figures as one JSON line.

CPU seconds count from after the imports, for every client alike.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Work = Callable[[dict[str, str], int, Path], Callable[[], dict[str, Any]]]
_END = datetime(2026, 11, 21, tzinfo=UTC)


def hubspot(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """Crosswalk: every contact into raw/hubspot/contact."""
    from assets.hubspot.api_extract import extract_api
    from assets.shared.lake import Lake
    from schemas.config_sources import HubspotApi

    lake = Lake(folder)
    lake.prepare()

    def work() -> dict[str, Any]:
        found = extract_api(
            lake, {"2026-11-20": _END}, HubspotApi(extra_properties=["*"], associations_nights=1), secrets
        )["2026-11-20"]
        return {"rows": found.rows["contact"], "calls": found.stats["calls"], "throttled": found.stats["throttled"]}  # type: ignore[attr-defined]

    return work


def salesforce(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """Crosswalk: every lead into raw/salesforce/lead."""
    from assets.salesforce.api_extract import extract_api
    from assets.shared.lake import Lake
    from schemas.config_sources import ApiSource

    lake = Lake(folder)
    lake.prepare()
    extra = [f"p{c:02d}" for c in range(columns - 3)]

    def work() -> dict[str, Any]:
        found = extract_api(lake, {"2026-11-20": _END}, ApiSource(extra_properties=extra), secrets)["2026-11-20"]
        return {"rows": found.rows["lead"], "calls": found.stats["calls"]}  # type: ignore[attr-defined]

    return work


def hubspot_bucket(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """How much of the portal's bucket a full fetch uses, from the first answer to the last, and how many 429s it meets."""
    from assets.hubspot.api_full import FullFetch
    from assets.hubspot.client import HubspotClient
    from assets.hubspot.client_auth import HubspotSecrets
    from assets.shared.http_journal import Journal

    async def fetch() -> dict[str, Any]:
        async with HubspotClient(HubspotSecrets.read(secrets)) as client:
            await client.account()
            started, before = time.monotonic(), client.meter.calls
            await FullFetch(client, Journal(folder / "hubspot.journal", "q"), "contact", ["email"]).run()
            took, calls = time.monotonic() - started, client.meter.calls - before
            return {"calls": calls, "throttled": client.meter.throttled, "seconds": round(took, 2)}

    return lambda: asyncio.run(fetch())


def floor_hubspot(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """The same pages read and dropped, one after the other, by the standard library."""
    import http.client
    from urllib.parse import urlsplit

    names = ",".join([f"p{c:02d}" for c in range(columns - 3)] + ["email", "createdate", "lastmodifieddate"])

    def work() -> dict[str, Any]:
        connection = http.client.HTTPConnection(urlsplit(secrets["HUBSPOT_BASE_URL"]).netloc)
        after, size = "", 0
        while True:
            url = f"/crm/objects/2026-09/contacts?limit=100&properties={names}" + (f"&after={after}" if after else "")
            connection.request("GET", url, headers={"Authorization": f"Bearer {secrets['HUBSPOT_ACCESS_TOKEN']}"})
            body = connection.getresponse().read()
            size += len(body)
            _, mark, rest = body[-200:].partition(b'"after":"')
            if not mark:
                return {"bytes": size}
            after = rest.split(b'"')[0].decode()

    return work


def floor_salesforce(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """The same result pages read and dropped."""
    import urllib.request
    from urllib.parse import urlencode

    base = secrets["SALESFORCE_LOGIN_URL"]
    form = {
        "grant_type": "client_credentials",
        "client_id": secrets["SALESFORCE_CLIENT_ID"],
        "client_secret": secrets["SALESFORCE_CLIENT_SECRET"],
    }

    def ask(path: str, body: bytes | None = None, **headers: str) -> Any:
        return urllib.request.urlopen(urllib.request.Request(base + path, body, headers))

    token = json.load(ask("/services/oauth2/token", urlencode(form).encode()))["access_token"]
    fields = ", ".join(["Id", "IsDeleted", "Email", *(f"p{c:02d}" for c in range(columns - 3))])
    auth = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    query = json.dumps({"operation": "queryAll", "query": f"SELECT {fields} FROM Lead"}).encode()

    def work() -> dict[str, Any]:
        job = json.load(ask("/services/data/v67.0/jobs/query", query, **auth))["id"]
        locator, size = "", 0
        while locator != "null":
            answer = ask(
                f"/services/data/v67.0/jobs/query/{job}/results" + (f"?locator={locator}" if locator else ""), **auth
            )
            while block := answer.read(1 << 20):
                size += len(block)
            locator = answer.headers["Sforce-Locator"]
        return {"bytes": size}

    return work


def dlt(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """dlt's rest_api source into Parquet files."""
    import os

    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt as library
    from dlt.sources.rest_api import rest_api_source

    names = ",".join([f"p{c:02d}" for c in range(columns - 3)] + ["email", "createdate", "lastmodifieddate"])
    source = rest_api_source(
        {
            "client": {
                "base_url": secrets["HUBSPOT_BASE_URL"],
                "auth": {"type": "bearer", "token": secrets["HUBSPOT_ACCESS_TOKEN"]},
                "paginator": {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"},
            },
            "resources": [
                {
                    "name": "contacts",
                    "endpoint": {
                        "path": "crm/objects/2026-09/contacts",
                        "params": {"limit": 100, "properties": names},
                        "data_selector": "results",
                    },
                }
            ],
        }
    )
    pipeline = library.pipeline(
        "bench",
        pipelines_dir=str(folder / "p"),
        destination=library.destinations.filesystem(str(folder / "out")),
        dataset_name="d",
    )

    def work() -> dict[str, Any]:
        pipeline.run(source, loader_file_format="parquet")
        return {"rows": pipeline.last_trace.last_normalize_info.row_counts.get("contacts")}

    return work


def hubspot_api_client(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """hubspot-api-client's get_all, with the paths of the version it knows sent to today's, and Parquet from its objects."""
    import hubspot as library
    import polars as pl

    names = [f"p{c:02d}" for c in range(columns - 3)] + ["email", "createdate", "lastmodifieddate"]
    client = library.HubSpot(access_token=secrets["HUBSPOT_ACCESS_TOKEN"])
    api = client.crm.contacts.basic_api
    api.api_client.configuration.host = secrets["HUBSPOT_BASE_URL"]
    request = api.api_client.rest_client.request

    def sent(method: str, url: str, **more: Any) -> Any:
        return request(method, url.replace("/crm/v3/objects/", "/crm/objects/2026-09/"), **more)

    api.api_client.rest_client.request = sent

    def work() -> dict[str, Any]:
        found, after = [], None
        while True:
            page = api.get_page(limit=100, after=after, properties=names)
            found += [row.properties for row in page.results]
            if not page.paging:
                break
            after = page.paging.next.after
        pl.DataFrame(found).write_parquet(folder / "contacts.parquet")
        return {"rows": len(found)}

    return work


def simple_salesforce(secrets: dict[str, str], columns: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """simple-salesforce's bulk2.query, pages into Parquet by Arrow; its waits between polls are left out."""
    import io
    import urllib.request
    from urllib.parse import urlencode

    import pyarrow.csv as arrow_csv
    import pyarrow.parquet as parquet
    import simple_salesforce.bulk2 as bulk2
    from simple_salesforce import Salesforce

    bulk2.sleep = lambda seconds: None
    base = secrets["SALESFORCE_LOGIN_URL"]
    form = {
        "grant_type": "client_credentials",
        "client_id": secrets["SALESFORCE_CLIENT_ID"],
        "client_secret": secrets["SALESFORCE_CLIENT_SECRET"],
    }
    token = json.load(urllib.request.urlopen(f"{base}/services/oauth2/token", urlencode(form).encode()))["access_token"]
    org = Salesforce(instance_url=base, session_id=token, version="67.0")
    org.bulk2_url = f"{base}/services/data/v67.0/jobs/"
    fields = ", ".join(["Id", "IsDeleted", "Email", *(f"p{c:02d}" for c in range(columns - 3))])

    def work() -> dict[str, Any]:
        rows, writer = 0, None
        for page in org.bulk2.Lead.query(f"SELECT {fields} FROM Lead", max_records=50_000):
            table = arrow_csv.read_csv(
                io.BytesIO(page.encode()), parse_options=arrow_csv.ParseOptions(newlines_in_values=True)
            )
            writer = writer or parquet.ParquetWriter(folder / "lead.parquet", table.schema, compression="zstd")
            writer.write_table(table)
            rows += table.num_rows
        if writer:
            writer.close()
        return {"rows": rows}

    return work


CLIENTS: dict[str, Work] = {
    f.__name__: f
    for f in (
        hubspot,
        salesforce,
        hubspot_bucket,
        floor_hubspot,
        floor_salesforce,
        dlt,
        hubspot_api_client,
        simple_salesforce,
    )
}


def main() -> None:
    """Run one client and print its figures."""
    name, secrets, columns = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        work = CLIENTS[name](secrets, columns, Path(folder))
        before = time.process_time()
        idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        found = work()
        figures = {"wall": round(time.monotonic() - started, 2), "cpu": round(time.process_time() - before, 2)}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({**figures, "peak_mb": round(peak / 1024), "imports_mb": round(idle / 1024), **found}))


if __name__ == "__main__":
    main()
