"""Full extractions in bad weather end with exactly the emulator's records, none twice, none lost."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from pipelines.emulate.state import Fault
from tests.support.live import emulator, people
from tests.support.live_portal import column, fetch, new_lake

PEOPLE, LEADS = 4_000, 3_000
PROGRAM = """
import json, sys
from pathlib import Path
from assets.shared.lake import Lake
from tests.support.live import QUICK
from tests.support.live_portal import NIGHT, end
from assets.hubspot.api_extract import extract_api as hubspot
from assets.salesforce.api_extract import extract_api as salesforce
from schemas.config_sources import ApiSource, HubspotApi
crm, folder, secrets = sys.argv[1:]
print("begun", flush=True)
run, api = (hubspot, HubspotApi()) if crm == "hubspot" else (salesforce, ApiSource())
run(Lake(Path(folder)), {NIGHT: end(NIGHT)}, api, json.loads(secrets), patience=QUICK)
"""


def fill(crm: Serving) -> tuple[list[str], list[str]]:
    """Contacts and leads; their ids."""
    contacts = [str(i) for i in people(crm, PEOPLE, step=3)]
    crm.emulator.portal.kinds["contact"].archive(101 + 3 * 17)
    leads = [crm.emulator.org.put("Lead", {"LastName": f"L{i}", "Company": 'A "b"\n,c'}) for i in range(LEADS)]
    return contacts, leads


def exactly(lake: Lake, contacts: list[str] | None = None, leads: list[str] | None = None) -> None:
    """The tables hold these ids, each once."""
    if contacts is not None:
        assert column(lake, "raw/hubspot/contact", "hs_object_id") == sorted(contacts)
    if leads is not None:
        assert column(lake, "raw/salesforce/lead", "Id") == sorted(leads)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 9))])
def test_random_faults(tmp_path: Path, seed: int) -> None:
    with emulator(bulk_page=250, index_lag=1) as crm:
        contacts, leads = fill(crm)
        crm.emulator.world._random.seed(seed)
        for kind, chance in (
            ("429", 0.06),
            ("truncate", 0.03),
            ("reset", 0.03),
            ("status", 0.04),
            ("slow", 0.03),
            ("expire", 0.01),
        ):
            match = "services/data" if kind == "expire" else "crm/|services/data"
            crm.emulator.world.faults.append(Fault(kind, match, times=10_000, chance=chance, seconds=0.05))
        lake = new_lake(tmp_path)
        hubspot = fetch(crm, lake)
        salesforce = fetch(crm, lake, crm="salesforce")
        exactly(lake, contacts, leads)
        assert hubspot.stats["retried"] > 3
        assert salesforce.stats["retried"] >= 1


@pytest.mark.parametrize("crm_name", ["hubspot", pytest.param("salesforce", marks=pytest.mark.slow)])
def test_killed_between_pages_and_run_again(tmp_path: Path, crm_name: str) -> None:
    with emulator(bulk_page=100, latency=0.02) as crm:
        contacts, leads = fill(crm)
        lake = new_lake(tmp_path)
        command = [sys.executable, "-c", PROGRAM, crm_name, str(lake.root), json.dumps(crm.secrets())]
        mark = "GET /crm/objects/2026-09/contacts?" if crm_name == "hubspot" else "/results?"
        for pages in (6, 14):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."})
            while sum(mark in call for call in crm.emulator.world.log) < pages and process.poll() is None:
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert lake.nights(f"raw/{crm_name}/delivery") == []
        before = sum(mark in call for call in crm.emulator.world.log)
        crm.emulator.world.settings.latency = 0
        fetch(crm, lake, crm=crm_name)
        exactly(lake, contacts if crm_name == "hubspot" else None, leads if crm_name == "salesforce" else None)
        again = sum(mark in call for call in crm.emulator.world.log) - before
        assert again < (PEOPLE // 100 if crm_name == "hubspot" else LEADS // 100), "it goes on, it does not begin again"
        assert not list((lake.root / ".fetch").glob(f"{crm_name}*"))
