"""`crosswalk preflight`: exit statuses, formats, and the portal it judges by."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.core import run

YAML = """
timezone: Europe/Oslo
start: 2026-01-01
sources:
  salesforce: {path: "in/{night}/salesforce"}
  hubspot: {path: "in/{night}/hubspot"}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with one delivered night, whose portal has a property `color`."""
    import pipelines.cli  # noqa: F401  (registers the commands)

    (tmp_path / "sync.yaml").write_text(YAML)
    hubspot = tmp_path / "in" / "2026-01-05" / "hubspot"
    salesforce = tmp_path / "in" / "2026-01-05" / "salesforce"
    (hubspot / "properties").mkdir(parents=True)
    (salesforce / "describe").mkdir(parents=True)
    color = {
        "name": "color",
        "label": "Color",
        "type": "enumeration",
        "fieldType": "select",
        "options": [{"value": "red", "label": "Red"}],
    }
    email = {"name": "email", "label": "Email", "type": "string", "fieldType": "text"}
    (hubspot / "properties" / "contact.json").write_text(json.dumps({"results": [email, color]}))
    field = {"name": "Code__c", "type": "string", "length": 3, "nillable": True, "createable": True, "updateable": True}
    key = {"name": "Id", "type": "id", "length": 18, "createable": False, "updateable": False}
    (salesforce / "describe" / "Lead.json").write_text(json.dumps({"name": "Lead", "fields": [key, field]}))
    monkeypatch.delenv("CROSSWALK_CONFIG", raising=False)
    monkeypatch.delenv("CROSSWALK_LAKE", raising=False)
    return tmp_path


def call(place: Path, text: str, kind: str, *more: str) -> int:
    file = place / "file.csv"
    file.write_text(text)
    return run(["preflight", str(file), "--as", kind, "--config", str(place / "sync.yaml"), *more])


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_findings_that_refuse_rows_end_with_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, "Email,Color\nbad,green\n", "hubspot-contacts", "--format", "jsonl") == 1
    rows = printed(capsys)
    assert [list(r) for r in rows] == [["line", "column", "rule", "effect", "message"]] * 2
    assert [(r["line"], r["column"], r["rule"], r["effect"]) for r in rows] == [
        (2, "Email", "P2-9C", "row refused"),
        (2, "Color", "P2-9C", "value dropped"),
    ]


def test_dropped_values_alone_end_with_zero(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, "Email,Color\na@x.com,green\n", "hubspot-contacts", "--format", "jsonl") == 0
    assert [r["effect"] for r in printed(capsys)] == ["value dropped"]


def test_a_good_file_ends_with_zero_and_says_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, "Email,Color\na@x.com,RED\n", "hubspot-contacts") == 0
    assert "no findings" in capsys.readouterr().out


def test_a_table_shows_line_column_and_effect(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, "Email\nbad\n", "hubspot-contacts") == 1
    out = capsys.readouterr().out
    assert "row refused" in out
    assert "Email" in out


def test_the_describe_of_the_delivered_night_is_used(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "Id,Code__c,Other__c\n00Q000000000001EAA,abcd,\n"
    assert call(place, text, "salesforce-lead", "--format", "jsonl") == 1
    assert [(r["line"], r["column"], r["rule"]) for r in printed(capsys)] == [
        (1, "Other__c", "P2-B0"),
        (2, "Code__c", "P2-BB"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--as", "hubspot-deals"],
        ["--as", "hubspot-contacts", "--format", "xml"],
        ["--as", "hubspot-contacts", "--date-format", "ISO"],
        ["--as", "salesforce-lead", "--operation", "merge"],
        [],
    ],
)
def test_usage_errors_end_with_two(place: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (place / "file.csv").write_text("Email\na@x.com\n")
    assert run(["preflight", str(place / "file.csv"), "--config", str(place / "sync.yaml"), *arguments]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_what_cannot_be_read_ends_with_two_and_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, "<html></html>", "hubspot-contacts") == 2
    error = capsys.readouterr().err
    assert "web page" in error
    assert call(place, "", "salesforce-lead", "--format", "jsonl") == 2
    assert [(r["line"], r["column"], r["rule"], r["effect"]) for r in printed(capsys)] == [
        (1, None, "P2-B0", "file refused")
    ]
    assert call(place, "PK\x03\x04", "hubspot-contacts", "--format", "jsonl") == 2
    assert printed(capsys) == []
    assert call(place, "PK\x03\x04", "salesforce-lead", "--format", "jsonl") == 2
    assert len(printed(capsys)) == 1
    assert error.count("\n") == 1
    assert (
        run(["preflight", str(place / "none.csv"), "--as", "hubspot-contacts", "--config", str(place / "sync.yaml")])
        == 2
    )
    assert run(["preflight", str(place), "--as", "hubspot-contacts", "--config", str(place / "sync.yaml")]) == 2
