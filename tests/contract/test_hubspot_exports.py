"""`full_snapshot: export`: the same tables as by paging, one call an object, a signed address that gets no token."""

from pathlib import Path
from typing import Any

import pytest

from assets.shared.failures import QuotaReached
from assets.shared.http_failures import CallRefused, RecordsMissing
from assets.shared.lake import Lake
from tests.support.live import emulator, people
from tests.support.live_portal import NEXT, column, fetch, landed, new_lake

CONTACT = "raw/hubspot/contact"
EXPORT = {"full_snapshot": "export"}


def cells(lake: Lake) -> list[dict[str, Any]]:
    return sorted(landed(lake, CONTACT), key=lambda row: int(row["hs_object_id"]))


@pytest.mark.parametrize("size", [1_000_000, 100])
def test_an_export_and_paging_land_the_same(tmp_path: Path, size: int) -> None:
    with emulator(export_delay=0.3, export_rows=size) as crm:
        ids = people(crm, 230, jobtitle='say "x",\nand more', zip="007")
        crm.emulator.portal.kinds["contact"].archive(ids[3])
        paged, exported = new_lake(tmp_path / "paged"), new_lake(tmp_path / "exported")
        fetch(crm, paged, api={"extra_properties": ["*"]})
        before = len(crm.emulator.world.log)
        found = fetch(crm, exported, api={"extra_properties": ["*"], **EXPORT})
        assert found.rows["contact"] == 230
        assert cells(exported) == cells(paged)
        assert not [c for c in crm.emulator.world.log[before:] if "/contacts?" in c and "archived=false" in c]
        assert crm.emulator.hubspot.exports.with_token == []
        assert not list((exported.root / ".fetch").rglob("*.csv"))


def test_the_night_after_an_export_asks_for_changes(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 30)
        lake = new_lake(tmp_path)
        fetch(crm, lake, api=EXPORT)
        crm.emulator.world.offset += 7200
        crm.emulator.portal.kinds["contact"].put({"firstname": "New"}, ids[2])
        fetch(crm, lake, NEXT, api=EXPORT)
        assert column(lake, CONTACT, "firstname", NEXT) == ["New"]
        assert len(crm.emulator.hubspot.exports.tasks) == 3


def test_an_export_is_started_once_whatever_happens_meanwhile(tmp_path: Path) -> None:
    with emulator(export_delay=0.2) as crm:
        people(crm, 30)
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "tasks/1/status", skip=1)
        with pytest.raises(QuotaReached):
            fetch(crm, lake, api=EXPORT)
        assert fetch(crm, lake, api=EXPORT).rows["contact"] == 30
        assert len(crm.emulator.hubspot.exports.tasks) == 3  # one an object


def test_an_export_that_lacks_records_is_refused(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 30)
        rows = crm.emulator.hubspot.exports._rows
        crm.emulator.hubspot.exports._rows = lambda body: rows(body)[:-1]  # type: ignore[method-assign]
        lake = new_lake(tmp_path)
        with pytest.raises(RecordsMissing, match="29 records came, the source counts 30"):
            fetch(crm, lake, api=EXPORT)
        assert lake.nights(CONTACT) == []


def test_a_token_without_the_scope_is_told_which(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 3)
        body = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.export"]}}]}
        crm.emulator.fault("status", "/crm/exports/", status=403, body=body, times=9)
        with pytest.raises(CallRefused, match=r"lacks the scope crm\.export"):
            fetch(crm, new_lake(tmp_path), api=EXPORT)


def test_a_signed_address_that_anybody_could_read_is_not_fetched(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 3)
        body = {"status": "COMPLETE", "result": "http://files.example.no/export.csv"}
        crm.emulator.fault("status", "/status", status=200, body=body)
        with pytest.raises(CallRefused, match="must be https"):
            fetch(crm, new_lake(tmp_path), api=EXPORT)
