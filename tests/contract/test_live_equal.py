"""`kind: api` and `kind: exports` give the same tables for the same portal: raw by cells, staged by rows and row hashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.hubspot.extract import extract as hubspot_exports
from assets.hubspot.stage import stage as hubspot_stage
from assets.salesforce.extract import extract as salesforce_exports
from assets.salesforce.stage import stage as salesforce_stage
from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from tests.support.live import emulator
from tests.support.live_portal import NEXT, NIGHT, fetch, landed, new_lake, staged, write_exports

HUBSPOT = ("contact", "company", "deal", "owner", "list", "list_membership", "property", "contact_company", "account")
SALESFORCE = (
    "lead",
    "contact",
    "account",
    "user",
    "campaign",
    "campaign_member",
    "opportunity",
    "opportunity_contact_role",
)
_SINCE = {"api": {"extra_properties": ["*"], "overlap_minutes": 10}}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Lake, Serving]]:
    folder = tmp_path_factory.mktemp("both")
    hubspot, salesforce = write_exports(folder)
    with emulator(bulk_page=7) as crm:
        crm.emulator.load(hubspot, salesforce)
        files, api = new_lake(folder / "files"), new_lake(folder / "api")
        hubspot_exports(files, NIGHT, hubspot, snapshot="full", max_shrink=1.0)
        salesforce_exports(files, NIGHT, salesforce, snapshot="full", max_shrink=1.0)
        for name in ("hubspot", "salesforce"):
            fetch(crm, api, crm=name, **_SINCE)
        for lake in (files, api):
            hubspot_stage(lake, [NIGHT], snapshot="full")
            salesforce_stage(lake, [NIGHT], snapshot="full")
        yield files, api, crm


def cells(rows: list[dict[str, Any]], like: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the columns that the exports have."""
    names = {name for row in like for name in row}
    return sorted(({k: v for k, v in row.items() if k in names} for row in rows), key=str)


@pytest.mark.parametrize("entity", HUBSPOT)
def test_hubspot_lands_the_same_cells(both: tuple[Lake, Lake, Serving], entity: str) -> None:
    files, api, _ = both
    wanted = landed(files, f"raw/hubspot/{entity}")
    assert cells(landed(api, f"raw/hubspot/{entity}"), wanted) == sorted(wanted, key=str)


@pytest.mark.parametrize(
    "key", [*(f"staged/hubspot/{e}" for e in HUBSPOT[:3]), *(f"staged/salesforce/{e}" for e in SALESFORCE)]
)
def test_records_stage_the_same_versions(both: tuple[Lake, Lake, Serving], key: str) -> None:
    files, api, _ = both
    left, right = staged(files, key, NIGHT), staged(api, key, NIGHT)
    names = [n for n in left.column_names if n in right.column_names and n not in ("source_file", "source_line")]
    assert left.select(names).to_pylist() == right.select(names).to_pylist()
    assert left.num_rows > 0 or key.rsplit("/", 1)[1] in ("deal", *SALESFORCE[3:])


def test_a_night_of_changes_is_staged_as_what_changed(both: tuple[Lake, Lake, Serving]) -> None:
    _, api, crm = both
    world, portal, org = crm.emulator.world, crm.emulator.portal, crm.emulator.org
    world.offset += 7200
    contacts = portal.kinds["contact"]
    contacts.put({"firstname": "Changed"}, 101)
    contacts.archive(104)
    contacts.merge(107, 110)
    del contacts.rows[113]
    contacts.changed()
    org.put("Lead", {"Company": "Changed"}, "00Q000000000000AAA")
    org.delete("Lead", "00Q000000000001AAA")
    org.delete("Lead", "00Q000000000002AAA", hard=True)
    sweep = {**_SINCE["api"], "id_sweep_nights": 1}
    hubspot, salesforce = fetch(crm, api, NEXT, api=sweep), fetch(crm, api, NEXT, crm="salesforce", api=sweep)
    hubspot_stage(api, [NEXT], snapshot="incremental")
    salesforce_stage(api, [NEXT], snapshot="incremental")
    ops = {
        r["hs_object_id"]: (r["op"], r["merged_into"]) for r in staged(api, "staged/hubspot/contact", NEXT).to_pylist()
    }
    assert ops == {
        "101": ("upsert", None),
        "104": ("delete", None),
        "107": ("upsert", None),
        "110": ("merge", "107"),
        "113": ("delete", None),
    }
    ops = {r["Id"]: r["op"] for r in staged(api, "staged/salesforce/lead", NEXT).to_pylist()}
    assert ops == {"00Q000000000000AAA": "upsert", "00Q000000000001AAA": "delete", "00Q000000000002AAA": "delete"}
    assert "contact: 2 records gone without a trace" in hubspot.notes
    assert "lead: 1 record gone without a trace" in salesforce.notes


def test_a_night_that_was_fetched_is_kept(both: tuple[Lake, Lake, Serving], tmp_path: Path) -> None:
    _, api, crm = both
    calls = len(crm.emulator.world.log)
    found = fetch(crm, api)
    assert not found.fetched
    assert found.rows["contact"] == 230
    assert len(crm.emulator.world.log) == calls
