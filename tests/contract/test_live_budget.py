"""A budget that is smaller than a night: each run gets further, and what came is not asked for again."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assets.shared.failures import QuotaReached
from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from schemas.config import ConfigError, load
from schemas.config_sources import LEAST_BUDGET
from tests.contract.test_salesforce_pains import LEAD, leads
from tests.support.live import emulator, people
from tests.support.live_portal import column, fetch, new_lake


def runs(serving: Serving, lake: Lake, most: int, *, api: dict[str, Any] | None = None, **more: Any) -> int:
    """How many runs of the least budget a night takes, at most so many; each makes no more calls than that."""
    for number in range(1, most + 1):
        before = len(serving.emulator.world.log)
        try:
            fetch(serving, lake, api={"request_budget": LEAST_BUDGET, **(api or {})}, **more)
            return number
        except QuotaReached:
            assert len(serving.emulator.world.log) - before <= LEAST_BUDGET
    raise AssertionError("it never gets on")


def asked(crm: Serving, part: str, often: int = 1) -> list[str]:
    """Calls that were made more often than that."""
    return [call for call, times in Counter(crm.emulator.world.log).items() if part in call and times > often]


def test_lists_definitions_and_members_go_on_where_a_budget_ended(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 30)
        for number in range(1, 231):
            one = {"listId": f"{number}", "name": f"L{number}", "objectTypeId": "0-1", "processingType": "MANUAL"}
            crm.emulator.portal.lists[f"{number}"] = one
            crm.emulator.portal.members[f"{number}"] = {str(ids[number % 30]): None}
        lake = new_lake(tmp_path)
        assert runs(crm, lake, 6) >= 5
        assert len(column(lake, "raw/hubspot/list", "listId")) == 230
        assert len(column(lake, "raw/hubspot/list_membership", "recordId")) == 230
        for part in ("/crm/lists/", "/crm/properties/", "/crm/owners/", "/campaigns"):
            assert asked(crm, part) == []


def test_many_that_read_ids_first_and_values_then_get_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many workers as there may be, each of which needs three calls before a page is kept."""
    monkeypatch.setattr("assets.hubspot.client.LONGEST_URL", 10)
    monkeypatch.setattr("assets.hubspot.api_full._WORTH_SPLITTING", 10)
    with emulator() as crm:
        people(crm, 3_000)
        for entity in ("company", "deal"):
            kind = crm.emulator.portal.kinds[entity]
            for number in range(1, 3_001):
                kind.put({"name": f"N{number}", "dealname": f"N{number}"}, number, at=1e9)
        lake = new_lake(tmp_path)
        api = {"history_properties": ["email", "name", "dealname"]}
        assert runs(crm, lake, 40, api=api) > 3
        for entity in ("contact", "company", "deal"):
            assert len(set(column(lake, f"raw/hubspot/{entity}", "hs_object_id"))) == 3_000


@pytest.mark.parametrize("bulk", [True, False])
def test_an_org_gets_on(tmp_path: Path, bulk: bool) -> None:
    with emulator(bulk_page=40, rest_page=40) as crm:
        ids = leads(crm, 6_000)
        if not bulk:
            crm.emulator.org.no_bulk.add("Lead")
        lake = new_lake(tmp_path)
        assert 2 <= runs(crm, lake, 5, crm="salesforce") <= 3
        assert column(lake, LEAD, "Id") == sorted(ids)
        assert asked(crm, "COUNT", 2) == []  # before and after
        assert asked(crm, "/results?") == []


def test_a_list_of_more_result_pages_than_a_run_may_ask_for_goes_on_where_it_ended(tmp_path: Path) -> None:
    with emulator(bulk_page=5) as crm:
        ids = leads(crm, 3_000)
        lake = new_lake(tmp_path)
        assert runs(crm, lake, 12, crm="salesforce") >= 8
        assert column(lake, LEAD, "Id") == sorted(ids)
        assert asked(crm, "/resultPages") == []
        assert asked(crm, "/results?") == []


def test_a_budget_that_no_run_gets_on_with_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    text = "timezone: UTC\nstart: 2026-11-01\nsources:\n  hubspot: {kind: api, api: {request_budget: 99}}\n"
    (tmp_path / "sync.yaml").write_text(text + "  salesforce: {kind: api, api: {request_budget: 100}}\n")
    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "sync.yaml")
    [problem] = refused.value.problems
    assert problem.path == "sources.hubspot.api.request_budget"
    assert str(LEAST_BUDGET) in problem.message
