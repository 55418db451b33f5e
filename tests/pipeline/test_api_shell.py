"""The raw step of `kind: api` in Dagster: metadata, the check that blocks, retries by kind of failure, the plan of calls."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.shared.failures import InputRefused
from assets.shared.http import Patience
from assets.shared.http_failures import CallRefused, GaveUp, RecordsMissing
from assets.shared.http_progress import Live
from assets.shared.lake import Lake
from pipelines.cli.core import Place
from pipelines.configuration import read_config
from pipelines.definitions import build_defs
from pipelines.emulate.serve import Serving
from pipelines.live import mapped_names, wished_names
from pipelines.night import deliver
from pipelines.runner import run_nights
from pipelines.settings import Settings
from tests.support.live import emulator, people

NIGHT = "2026-11-20"
YAML = """\
timezone: UTC
start: 2026-11-01
sources:
  hubspot: {kind: api}
  salesforce: {kind: api}
mappings:
  - {hubspot: tier, salesforce: Tier__c, rule: two_way}
"""
IMPATIENT = Patience(attempts=2, first=0.01, longest=0.02, scale=0.01)


@pytest.fixture
def crm() -> Iterator[Serving]:
    with emulator() as serving:
        people(serving, 230, tier="a")
        yield serving


def raw_step(crm: Serving, folder: Path, *, said: list[str] | None = None, record: Path | None = None) -> Any:
    """Run the step `raw_hubspot` alone; its events."""
    (folder / "sync.yaml").write_text(YAML)
    say = said.append if said is not None else None
    live = Live(crm.secrets, mapped_names, wished_names, say, IMPATIENT, record, pause=0.0)
    defs = build_defs(config=folder / "sync.yaml", lake=folder / "lake", resources={"live": live})
    raw = next(a for a in defs.assets if isinstance(a, dg.AssetsDefinition) and a.op.name == "raw_hubspot")
    job = defs.resolve_job_def("nightly")
    return job.execute_in_process(
        partition_key=NIGHT,
        asset_selection=list(raw.keys),
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        raise_on_error=False,
    )


def metadata(result: Any, key: str) -> dict[str, Any]:
    [found] = [m for m in result.asset_materializations_for_node("raw_hubspot") if m.asset_key.to_user_string() == key]
    return {name: value.value for name, value in found.metadata.items()}


def checks(result: Any) -> list[Any]:
    return result.get_asset_check_evaluations()


def test_what_a_fetch_cost_and_what_agreed_is_metadata(crm: Serving, tmp_path: Path) -> None:
    said: list[str] = []
    result = raw_step(crm, tmp_path, said=said, record=tmp_path / "cassette.jsonl")
    assert result.success
    cassette = (tmp_path / "hubspot-cassette.jsonl").read_text()
    assert len(cassette.splitlines()) == len(crm.emulator.world.log)
    assert "example.no" not in cassette
    found = metadata(result, "raw/hubspot/delivery")
    assert found["calls"] == len(crm.emulator.world.log)
    assert (found["throttled"], found["planned calls"]) == (0, 27)
    assert abs(found["calls"] - found["planned calls"]) <= 10
    assert found["lag in minutes"] > 0
    assert "contact.tier" not in found["notes"]
    assert metadata(result, "raw/hubspot/contact")["dagster/partition_row_count"] == 230
    [check] = checks(result)
    assert (check.passed, check.check_name) == (True, "counts_agree_with_the_source")
    rows = [record.data for record in check.metadata["counts"].records]
    assert {"what": "hubspot: contacts", "came": 230, "counted before": 230, "counted after": 230} in rows
    assert any(text.startswith("hubspot: a first full extraction takes") for text in said)


def test_missing_records_fail_the_check_and_nothing_is_written(crm: Serving, tmp_path: Path) -> None:
    kind = crm.emulator.portal.kinds["contact"]
    page = kind.page

    def losing(after: int, limit: int, *, archived: bool) -> Any:
        rows, more = page(after, limit, archived=archived)
        return [row for row in rows if row["id"] != "151"], more

    kind.put({}, 151, at=0.0)
    kind.page = losing  # type: ignore[method-assign]
    result = raw_step(crm, tmp_path)
    assert not result.success
    [check] = checks(result)
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert check.metadata["came"].value == 230
    assert check.metadata["counted at least"].value == 231
    assert RecordsMissing.__name__ in str(result.failure_data_for_node("raw_hubspot").error)
    assert Lake(tmp_path / "lake").nights("raw/hubspot/contact") == []


@pytest.mark.parametrize(("times", "succeeds"), [(2, True), (4, False)])
def test_a_portal_that_is_down_is_tried_once_more(crm: Serving, tmp_path: Path, times: int, succeeds: bool) -> None:
    crm.emulator.fault("status", "account-info", status=503, times=times)
    result = raw_step(crm, tmp_path)
    assert result.success == succeeds
    again = [e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY]
    assert len(again) == 1
    if not succeeds:
        assert GaveUp.__name__ in str(result.failure_data_for_node("raw_hubspot").error)


def test_what_is_refused_for_good_is_not_tried_again(crm: Serving, tmp_path: Path) -> None:
    crm.emulator.fault("status", "/crm/properties/2026-09/contacts", status=403, times=9)
    result = raw_step(crm, tmp_path)
    assert not result.success
    assert not [e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY]
    assert CallRefused.__name__ in str(result.failure_data_for_node("raw_hubspot").error)
    assert sum("/crm/properties/2026-09/contacts" in call for call in crm.emulator.world.log) == 1


def test_only_one_step_at_a_time_uses_a_portals_quota(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML)
    defs = build_defs(config=tmp_path / "sync.yaml", lake=tmp_path / "lake")
    pools = {a.op.name: a.op.pool for a in defs.assets if isinstance(a, dg.AssetsDefinition)}
    assert {name: pool for name, pool in pools.items() if pool} == {
        "raw_hubspot": "hubspot_api",
        "raw_salesforce": "salesforce_api",
    }


def test_names_that_the_configuration_uses_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML + "imports: {salesforce: {external_id: Ext__c}}\n")
    where = "{property: nps, is: known}"
    (tmp_path / "segments.yaml").write_text(f"segments:\n  - name: Fans\n    object: contact\n    where: {where}\n")
    config = read_config(tmp_path / "sync.yaml")
    assert mapped_names(config)["salesforce"]["lead"] == ["Tier__c"]
    assert mapped_names(config)["hubspot"]["contact"] == ["tier"]
    assert wished_names(config)["salesforce"]["account"] == ["Ext__c"]
    assert wished_names(config)["hubspot"]["contact"] == ["nps"]


def test_only_the_nightly_job_asks_a_live_crm(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML)
    config = read_config(tmp_path / "sync.yaml")
    with pytest.raises(InputRefused, match="run `crosswalk nightly` first"):
        deliver(config, Lake(tmp_path / "lake"), [NIGHT])


def test_a_live_crm_is_not_asked_for_a_night_that_has_not_begun(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML)
    place = Place(tmp_path / "sync.yaml", tmp_path / "lake", Settings())
    with pytest.raises(InputRefused, match="2099-01-01 has not begun"):
        run_nights(place, read_config(tmp_path / "sync.yaml"), ["2099-01-01"])
    assert not (tmp_path / "lake").exists()
