"""The asset graph as the code server loads it: keys, policies, owners, and no work at import."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from pipelines.definitions import build_defs
from pipelines.schedules import freshness
from pipelines.settings import Settings

ROOT = Path(__file__).parents[3]
KEYS = Path(__file__).with_name("asset_keys.txt")
CONFIG = """
timezone: Europe/Oslo
start: 2026-01-01
sources: {salesforce: {path: "{night}/s"}, hubspot: {path: "{night}/h"}}
"""


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("defs")
    (folder / "sync.yaml").write_text(CONFIG)
    built = build_defs(config=folder / "sync.yaml", lake=folder / "lake")
    yield built
    assert not (folder / "lake").exists(), "loading the definitions must not touch the lake"


def test_the_keys_are_those_that_were_reviewed(defs) -> None:  # type: ignore[no-untyped-def]
    """A new or renamed asset shows in the diff of asset_keys.txt."""
    found = sorted(key.to_user_string() for key in defs.resolve_all_asset_keys())
    assert found == KEYS.read_text().split()


def test_every_asset_says_whose_it_is_and_what_a_row_is(defs) -> None:  # type: ignore[no-untyped-def]
    for spec in defs.resolve_all_asset_specs():
        assert spec.owners, spec.key
        assert spec.group_name != "default", spec.key
        assert spec.kinds, spec.key
        assert spec.description, spec.key
        assert "sql" in spec.metadata or spec.key.path[:2] == ["out", "import"], spec.key


def test_what_the_page_shows_is_true_of_every_lake(defs) -> None:  # type: ignore[no-untyped-def]
    """Angle brackets in a description are taken for HTML and not shown; a fixed path or night would be the sample's."""
    for spec in defs.resolve_all_asset_specs():
        assert "<" not in (spec.description or ""), spec.key
        if "sql" in spec.metadata:
            text = spec.metadata["sql"].value
            name = spec.metadata["dagster/table_name"]
            assert f"WHERE night = (SELECT max(night) FROM {name})" in text, spec.key
            assert "data/lake" not in text, spec.key


def test_files_for_the_crms_hold_people_as_the_deltas_do(defs) -> None:  # type: ignore[no-untyped-def]
    personal = {spec.key.to_user_string() for spec in defs.resolve_all_asset_specs() if spec.tags["pii"] == "true"}
    assert {f"out/{kind}/{crm}" for kind in ("delta", "import") for crm in ("hubspot", "salesforce")} <= personal
    assert "core/sync/decision" in personal
    assert "core/identity/link" not in personal


def test_one_policy_and_one_calendar_for_all(defs) -> None:  # type: ignore[no-untyped-def]
    job = defs.resolve_job_def("nightly")
    assert job.backfill_policy is not None
    assert job.backfill_policy.max_partitions_per_run is None
    partitions = {str(asset.partitions_def) for asset in defs.assets}
    assert len(partitions) == 1
    assert "Europe/Oslo" in partitions.pop()


def test_the_job_runs_in_process_on_a_schedule(defs) -> None:  # type: ignore[no-untyped-def]
    assert defs.resolve_job_def("nightly").executor_def.name == "in_process"
    schedule = defs.resolve_schedule_def("nightly_schedule")
    assert schedule.execution_timezone == "Europe/Oslo"


def test_what_leaves_is_expected_every_morning(defs) -> None:  # type: ignore[no-untyped-def]
    """By CROSSWALK_LATE_HOUR in the time zone of the nights, and made since the midnight that closed the night."""
    expected = {spec.key.to_user_string(): spec.freshness_policy for spec in defs.resolve_all_asset_specs()}
    assert {key for key, policy in expected.items() if policy} == {key for key in expected if key.startswith("out/")}
    policies = {policy for policy in expected.values() if policy}
    assert [(p.deadline_cron, p.timezone, p.lower_bound_delta) for p in policies] == [
        ("0 6 * * *", "Europe/Oslo", timedelta(hours=6))
    ]


def test_another_late_hour_moves_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSWALK_LATE_HOUR", "9")
    policy = freshness("Europe/Oslo", Settings())
    assert (policy.deadline_cron, policy.lower_bound_delta) == ("0 9 * * *", timedelta(hours=9))


def test_nothing_is_staged_before_both_deliveries_are_read(defs) -> None:  # type: ignore[no-untyped-def]
    for spec in defs.resolve_all_asset_specs():
        if spec.key.path[0] in ("staged", "rejected"):
            crms = {dep.asset_key.path[1] for dep in spec.deps if dep.asset_key.path[0] == "raw"}
            assert crms == {"hubspot", "salesforce"}, spec.key


def test_the_instance_runs_one_at_a_time_and_keeps_no_output() -> None:
    instance = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    assert instance["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert instance["compute_logs"]["class"] == "NoOpComputeLogManager"
    assert instance["telemetry"]["enabled"] is False
