"""`crosswalk check --live` and `crosswalk emulate`: what is there, what is missing, how many calls; cassettes without values."""

import json
from pathlib import Path

import pytest

from pipelines.cli import core
from pipelines.live import findings
from schemas.config import load
from tests.contract.test_salesforce_pains import field
from tests.support.live import QUICK, emulator, people
from tests.support.live_portal import write_exports

YAML = """\
timezone: UTC
start: 2026-11-01
sources:
  hubspot: {kind: api, api: {extra_properties: [no_such_thing]}}
  salesforce: {kind: api}
mappings:
  - {hubspot: tier, salesforce: Tier__c, rule: two_way}
"""


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML)
    cassette = tmp_path / "cassette.jsonl"
    with emulator(limit=190) as crm:
        people(crm, 230)
        body = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.lists.read"]}}]}
        crm.emulator.fault("status", "/crm/lists/", status=403, body=body)
        config = load(tmp_path / "sync.yaml")
        found = findings(
            config,
            crm.secrets(),
            mapped={"hubspot": {"contact": ["tier"]}, "salesforce": {"lead": ["Tier__c"]}},
            record=cassette,
            patience=QUICK,
        )
    texts = [one.text for one in found]
    bad = {one.text for one in found if one.ok is False}
    assert {
        "hubspot: lists: status 403; the token lacks the scope crm.lists.read",
        "hubspot: contact.tier is mapped, but the portal has no such property",
        "hubspot: extra_properties: no object has no_such_thing",
        "salesforce: Lead.Tier__c is mapped, but there is no such field, or it may not be seen",
    } == bad
    assert any(
        text.startswith("hubspot: a first full extraction takes 27 calls (small things 20, contacts 4")
        for text in texts
    ), texts
    written = cassette.read_text()
    assert len(written.splitlines()) > 20
    assert all("example" not in line and "pat-emulated" not in line for line in written.splitlines())
    assert {json.loads(line)["status"] for line in written.splitlines()} == {200, 207, 403}


def test_what_only_takes_several_runs_or_is_written_otherwise_is_not_missing(tmp_path: Path) -> None:
    api = "{kind: api, api: {request_budget: 100}}"
    (tmp_path / "sync.yaml").write_text(YAML.split("sources:")[0] + f"sources: {{hubspot: {api}, salesforce: {api}}}\n")
    with emulator(limit=190, daily=200) as crm:
        people(crm, 20_000)
        field(crm, "Tier__c")
        mapped = {"salesforce": {"lead": ["tier__c"]}}
        found = findings(load(tmp_path / "sync.yaml"), crm.secrets(), mapped=mapped, patience=QUICK)
    assert [one for one in found if one.ok is False] == []
    notes = [one.text for one in found if one.ok is None]
    assert "hubspot: a run may make 100 calls (request_budget), so that it takes 3 runs or more" in notes
    assert sum("it will stop there, and the same command goes on the next day" in text for text in notes) == 1


def test_the_command_ends_with_1_where_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sync.yaml").write_text(
        YAML.replace("api: {extra_properties: [no_such_thing]}", "api: {}").split("mappings:")[0]
    )
    with emulator(limit=190) as crm:
        people(crm, 1)
        for name, value in crm.secrets().items():
            monkeypatch.setenv(name, value)
        given = ["check", "--live", "--config", str(tmp_path / "sync.yaml"), "--lake", str(tmp_path / "lake")]
        assert core.run(given) == 0
        assert "ok       hubspot: portal 1 answers" in capsys.readouterr().out
        assert core.run([*given, "--format", "jsonl"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert {tuple(line) for line in lines} == {("ok", "text")}
        assert [line["ok"] for line in lines if line["text"].startswith("hubspot: portal 1 answers")] == [True]


@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_credentials_of_one_crm_that_fail_do_not_hide_what_the_other_says(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sync.yaml").write_text(YAML.replace("api: {extra_properties: [no_such_thing]}", "api: {}"))
    given = ["check", "--live", "--config", str(tmp_path / "sync.yaml"), "--lake", str(tmp_path / "lake")]
    given += ["--format", form]
    with emulator(limit=190) as crm:
        people(crm, 1)
        for name, value in crm.secrets().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "hunter2")
        assert core.run(given) == 1
        printed = capsys.readouterr()
        assert "HUBSPOT_ACCESS_TOKEN is not accepted" in printed.out
        assert "salesforce: Lead.Tier__c is mapped, but there is no such field" in printed.out
        assert "salesforce: a first full extraction takes" in printed.out
        assert "hunter2" not in printed.out + printed.err
        monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "hunter3")
        assert core.run(given) == 1
        printed = capsys.readouterr()
        assert "HUBSPOT_ACCESS_TOKEN is not accepted" in printed.out
        assert "salesforce: sign-in was refused" in printed.out
        assert "hunter3" not in printed.out + printed.err


def test_an_object_that_cannot_be_counted_does_not_hide_the_rest(tmp_path: Path) -> None:
    (tmp_path / "sync.yaml").write_text(YAML)
    with emulator(limit=190) as crm:
        crm.emulator.fault("status", "/queryAll", status=400, body=[{"errorCode": "INVALID_TYPE"}])
        mapped = {"salesforce": {"lead": ["Tier__c"]}}
        found = findings(load(tmp_path / "sync.yaml"), crm.secrets(), mapped=mapped, patience=QUICK)
    bad = {one.text for one in found if one.ok is False and one.text.startswith("salesforce")}
    assert {
        "salesforce: Lead cannot be counted: status 400 INVALID_TYPE",
        "salesforce: Lead.Tier__c is mapped, but there is no such field, or it may not be seen",
    } == bad


def test_credentials_that_are_not_there_are_all_named_and_end_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sync.yaml").write_text(YAML.split("mappings:")[0])
    monkeypatch.setattr("pipelines.live.environment", dict)
    assert core.run(["check", "--live", "--config", str(tmp_path / "sync.yaml")]) == 2
    printed = capsys.readouterr().out
    assert "missing  sources.hubspot.kind: api needs HUBSPOT_ACCESS_TOKEN" in printed
    assert "missing  sources.salesforce.kind: api needs SALESFORCE_CLIENT_ID" in printed


def test_the_emulator_serves_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_exports(tmp_path, 3)
    assert core.run(["emulate", str(tmp_path), "--port", "0", "--for", "0"]) == 0
    assert "export HUBSPOT_BASE_URL=http://127.0.0.1:" in capsys.readouterr().out
    assert core.run(["emulate", str(tmp_path / "nothing")]) == 2
