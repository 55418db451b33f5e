"""jsforce, Salesforce's own client for JavaScript, drives the emulated org and gets right answers (docs/contracts.md)."""

import json
import subprocess
from typing import Any

import pytest

from pipelines.emulate.serve import Serving
from tests.support.judges import JSFORCE, ROOT
from tests.support.live import emulator


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What jsforce got."""
    with emulator(rest_page=30) as crm:
        answers = driven(crm, "drive.js")
        answers["stored"] = sorted(str(row.get("LastName")) for row in crm.emulator.org.rows["Lead"].values())
        return answers


def driven(crm: Serving, script: str) -> dict[str, Any]:
    """What a script of jsforce's got from an org of 100 contacts, one of them deleted."""
    org = crm.emulator.org
    for i in range(100):
        org.put("Contact", {"LastName": f"N{i}", "Description": 'a "b"\nc'})
    org.delete("Contact", "003000000000005AAA")
    path = str(ROOT / "tests" / "contract" / "jsforce" / script)
    command = ["node", path, str(JSFORCE / "node_modules"), crm.url, crm.emulator.world.sign_in()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_pages_of_a_query_are_followed_to_the_end(found: dict[str, Any]) -> None:
    assert sorted(found["query"]) == sorted(f"N{i}" for i in range(100) if i != 4)
    assert found["description"] == 'a "b"\nc'
    assert found["scanAll"] == ["003000000000005AAA"]


def test_bulk_results_are_read(found: dict[str, Any]) -> None:
    assert sorted(found["bulk"]) == sorted(found["query"])
    assert found["bulkDescription"] == 'a "b"\nc'


def test_bulk_results_of_several_pages_are_read() -> None:
    with emulator(bulk_page=9) as crm:
        found = driven(crm, "pages.js")
    assert (found["pages"], found["processed"]) == (12, 100)
    assert sorted(found["names"]) == sorted(f"N{i}" for i in range(100))
    assert found["description"] == 'a "b"\nc'


def test_descriptions_limits_and_errors_are_understood(found: dict[str, Any]) -> None:
    assert {"Id", "LastName", "SystemModstamp"} <= set(found["fields"])
    assert (found["limit"], found["error"]) == (100_000, "INVALID_FIELD")


def test_records_are_written_one_by_one_and_in_bulk(found: dict[str, Any]) -> None:
    assert (found["lead"]["LastName"], found["lead"]["Title"]) == ("From jsforce", "CEO")
    assert found["loaded"] == {
        "successful": ['Loaded "1"\nline'],
        "failed": ["REQUIRED_FIELD_MISSING"],
        "unprocessed": 0,
    }
    assert found["stored"] == ["From jsforce", 'Loaded "1"\nline']
