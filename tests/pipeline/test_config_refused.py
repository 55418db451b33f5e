"""Bad configuration: each with its message, all at once, and nothing written."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipelines.cli
from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.configuration import read_config
from pipelines.definitions import build_defs
from schemas.config import ConfigError
from tests.pipeline.world import NIGHTS, World
from tests.support.ids import real
from tests.support.night import run_night

assert pipelines.cli.app  # registers the commands
TEXT = {"type": "string", "fieldType": "text"}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"colour": "blue"}, "colour: unknown key"),
        ({"integration": {"create_as": "deal"}}, "integration.create_as"),
        ({"mapping_rules": {"email": "never"}}, "(P2-35)"),
        ({"mapping_rules": {"lastname": "deleted"}}, "(P1-20)"),
        ({"mappings": [{"hubspot": "jobtitle", "salesforce": "Rank__c"}]}, "(P2-32)"),
        ({"data_sync": [{"app": "x", "lead_stages": ["lead", "mql"], "contact_stages": ["mql"]}]}, "mql (P1-05)"),
        ({"timezone": "Europe/Olso"}, "timezone"),
    ],
)
def test_a_bad_file_is_refused_with_nothing_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], overrides: dict[str, Any], words: str
) -> None:
    world = World(tmp_path, **overrides)
    status = run(["nightly", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]])
    assert status == 2
    assert words in capfd.readouterr().err
    assert not world.lake.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"imports": {"hubspot": {"gdpr": {"enabled": True, "legal_basis": ["No such basis"]}}}},
        {"mappings": [{"hubspot": "jobtitle", "salesforce": "Rank__c"}]},
    ],
)
def test_a_run_from_the_ui_refuses_what_the_command_line_refuses(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """P2-9F, P2-32: a file that was edited after the code location was loaded is read by the run itself."""
    world = World(tmp_path)
    resources = build_defs(config=world.config, lake=world.lake).resources or {}
    world.config.write_text(yaml.safe_dump(yaml.safe_load(world.config.read_text()) | wrong))
    with pytest.raises(ConfigError) as by_command:
        read_config(world.config)
    with pytest.raises(ConfigError) as by_run:
        _ = resources["crosswalk"].config
    assert by_run.value.problems == by_command.value.problems


@pytest.mark.parametrize("command", ["check", "nightly"])
@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("SNAPSHOT", "COMPLETE", "is static"),
        ("MANUAL", "COMPLETE", "is static"),
        ("Static", "COMPLETE", "is active or static, which its processingType does not tell"),
        ("DYNAMIC", "PROCESSING", "still processing"),
    ],
)
def test_a_segment_that_cannot_be_known_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], command: str, kind: str, status: str, words: str
) -> None:
    world = World(tmp_path, integration={"inclusion_segment": int(real("S55"))})
    world.portal.edit("S55", {"type": kind, "status": status, "members": ["H1"]}, NIGHTS[0])
    world.portal.write(world.exports(NIGHTS[0]))
    ended = run([command, "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]])
    error = capfd.readouterr().err
    assert ended == 2
    assert words in error
    assert real("S55") in error
    assert not list(world.lake.glob("*/*/*/_delta_log"))


@pytest.mark.parametrize(
    ("file", "record", "words"),
    [
        (
            "hubspot/properties/contacts.json",
            {"name": "jobtitle", "type": "enumeration", "options": "A;B"},
            "jobtitle: options",
        ),
        ("hubspot/properties/contacts.json", {"name": "jobtitle", "options": [{"label": "A"}]}, "jobtitle: options"),
        ("salesforce/describe/Lead.json", {"name": "Title", "picklistValues": [5]}, "Title: picklistValues"),
    ],
)
def test_options_that_cannot_be_read_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], file: str, record: dict[str, Any], words: str
) -> None:
    """Which values there are cannot be guessed; the message names the property, and the night leaves nothing."""
    world = World(tmp_path)
    path = world.exports(NIGHTS[0]) / file
    path.parent.mkdir()
    path.write_text(json.dumps([record]))
    ended = run(["nightly", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]])
    assert (ended, words in (said := capfd.readouterr().err)) == (2, True), said
    assert Lake(world.lake).nights("staged/hubspot/contact") == []


def test_a_simulated_configuration_is_refused_by_its_own_name_and_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    world.portal.edit("S55", {"type": "MANUAL", "members": ["H1"]}, NIGHTS[0])
    world.portal.write(world.exports(NIGHTS[0]))
    values = yaml.safe_load(world.config.read_text())
    values["integration"]["inclusion_segment"] = real("S55")
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(values))
    [line] = [n for n, line in enumerate(other.read_text().splitlines(), 1) if "inclusion_segment" in line]
    told = ["--config", str(other), "--present", str(world.config), "--lake", str(world.lake)]
    status = run(["simulate", *told, "--night", NIGHTS[0]])
    said = capfd.readouterr().err
    assert (status, f"{other}: line {line}: integration.inclusion_segment" in said) == (2, True), said


def test_check_of_a_night_before_the_start_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path, start=NIGHTS[1])
    assert run(["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]]) == 2
    assert f"start: is after the night that is checked, {NIGHTS[0]}" in capfd.readouterr().err


def test_check_lists_what_the_file_names_and_nobody_has(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each with its path, all at once, segments.yaml among them; what is asked of another night is not judged."""
    updates = [
        {"enroll": "D", "set": "lead"},
        {"file": "none.csv", "night": NIGHTS[0]},
        {"file": "x.csv", "night": NIGHTS[1]},
    ]
    world = World(
        tmp_path,
        integration={"inclusion_segment": "A"},
        data_sync=[{"app": "salesforce", "filter": "B"}, {"app": "x", "filter": "Ours"}],
        resync=[{"night": NIGHTS[1], "segment": "Later"}],
        lifecycle={"updates": updates},
    )
    own = tmp_path / "segments.yaml"
    own.write_text("segments: [{name: Ours, where: []}]\n")
    assert run(["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]]) == 2
    error = capfd.readouterr().err
    found = [line.split(": ")[3] for line in error.splitlines() if "there is no list" in line or "is not there" in line]
    assert found == [
        "integration.inclusion_segment", "data_sync[0].filter", "lifecycle.updates[0].enroll", "lifecycle.updates[1].file",
    ]  # fmt: skip
    own.write_text("segments: 3\n")
    (tmp_path / "identity_overrides.csv").write_text(
        "action,a,b,who,why\nmaybe,hubspot/contact/1,hubspot/contact/2,me,\n"
    )
    assert run(["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]]) == 2
    error = capfd.readouterr().err
    assert "segments.yaml:1: segments: must be a list" in error
    assert "identity_overrides.csv:2: action is one of must_link, cannot_link" in error
    assert "identity_overrides.csv:2: why is missing" in error
    assert "data_sync[1].filter" in error
    assert not world.lake.exists()


@pytest.mark.parametrize(
    ("property_name", "expected"),
    [
        (
            "hobby",
            "error: integration.inclusion_segment: list 9 (Nine): $.filters[0].property: unknown property 'hobby' of the contact",
        ),
        ("firstname", None),
    ],
)
def test_check_works_the_inclusion_segment_out(
    property_name: str, expected: str | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As the night would, from the night's own records; a definition that cannot be answered is told here already."""
    world = World(tmp_path, integration={"inclusion_segment": 9})
    exports = world.exports(NIGHTS[0]) / "hubspot"
    condition = {"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": ["Ann"]}
    branch = {
        "filterBranchType": "AND", "filters": [{"filterType": "PROPERTY", "property": property_name, "operation": condition}],
    }  # fmt: skip
    listed = {"listId": "9", "name": "Nine", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    (exports / "lists.json").write_text(json.dumps([listed]))
    status = run(["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]])
    said = capfd.readouterr().err
    assert (status, world.lake.exists()) == (2 if expected else 0, False), said
    assert [line for line in said.splitlines() if "inclusion_segment" in line] == ([expected] if expected else []), said


def test_check_looks_at_the_lake_the_descriptions_and_the_columns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A calendar that is not the lake's, an upsert by no external id; a mapping of fields that nobody delivered is noted."""
    world = World(tmp_path)
    asked = ["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[1]]
    run_night(read_config(world.config), Lake(world.lake), NIGHTS[0])
    described = world.exports(NIGHTS[1]) / "salesforce" / "describe"
    described.mkdir()
    (described / "Lead.json").write_text(json.dumps({"fields": [{"name": "Ext__c", "externalId": False}]}))
    other = World(tmp_path / "other", timezone="Europe/Oslo", imports={"salesforce": {"external_id": "Ext__c"}})
    shutil.copytree(world.exports(NIGHTS[1]), other.exports(NIGHTS[1]), dirs_exist_ok=True)
    assert run([*asked[:2], str(other.config), *asked[3:]]) == 2
    error = capfd.readouterr().err
    line = other.config.read_text().splitlines().index("timezone: Europe/Oslo") + 1
    assert f"{other.config}: line {line}: timezone: Europe/Oslo is not the UTC of this lake" in error
    assert "imports.salesforce.external_id: is not an external id field of Lead (P2-B8)" in error
    typo = {"hubspot": "nosuch", "salesforce": "NoSuch__c", "rule": "two_way"}
    third = World(tmp_path / "third", mappings=[typo])
    assert run(["check", "--config", str(third.config), "--lake", str(third.lake), "--night", NIGHTS[0]]) == 0
    noted = capfd.readouterr().err
    assert "mappings[0].hubspot: no such property in HubSpot; nothing is mapped" in noted
    assert "mappings[0].salesforce: no such field on Lead or Contact; nothing is mapped" in noted


def test_check_looks_at_what_the_night_before_brought(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What a run would refuse: a file that was there before, and a delivery that has shrunk."""
    world = World(tmp_path, guards={"max_shrink": 0.2})
    run_night(read_config(world.config), Lake(world.lake), NIGHTS[0])
    asked = ["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[1]]
    assert run(asked) == 0
    hubspot = world.exports(NIGHTS[1]) / "hubspot"
    header, *people = (hubspot / "contacts.csv").read_text().splitlines(keepends=True)
    (hubspot / "contacts.csv").write_text("".join([header, *people[: len(people) // 2]]))
    (world.exports(NIGHTS[1]) / "salesforce" / "Contact.csv").unlink()
    capfd.readouterr()
    assert run(asked) == 2
    error = capfd.readouterr().err
    assert "contacts.csv: " in error
    assert "guards.max_shrink allows 20 %" in error
    assert f"Contact.csv: missing tonight, but was delivered on {NIGHTS[0]}" in error
    assert Lake(world.lake).nights(keys.raw("hubspot", "delivery")) == [NIGHTS[0]]


def test_check_says_nothing_of_rows_that_it_cannot_see(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sync.yaml"
    sources = "sources: {hubspot: {kind: api}, salesforce: {kind: api}}"
    file.write_text(f"timezone: UTC\nstart: {NIGHTS[0]}\n{sources}\n")
    assert run(["check", "--config", str(file), "--lake", str(tmp_path / "lake"), "--night", NIGHTS[0]]) == 0
    said = capfd.readouterr().out
    assert "is in order" in said
    assert "rejected" not in said


@pytest.mark.parametrize("limit", [0.05, 0.9])
def test_check_tells_what_the_night_would_reject(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], limit: float
) -> None:
    """As the night itself does afterwards: rows by entity and reason, and whether the guard stops the files."""
    world = World(tmp_path, guards={"max_reject_rate": limit})
    told = ["--config", str(world.config), "--lake", str(world.lake), "--night"]
    assert run(["nightly", *told, NIGHTS[0]]) == 0
    hubspot = world.exports(NIGHTS[1]) / "hubspot"
    assert run(["check", *told, NIGHTS[1]]) == 0
    assert "no row would be rejected" in capfd.readouterr().out
    with (hubspot / "contacts.csv").open("a") as file:
        columns = (hubspot / "contacts.csv").read_text().splitlines()[0].split(",")
        name, address = columns.index("hs_object_id"), columns.index("email")
        for number, mail in ((901, "nobody"), (902, "no one"), (903, "a@x.example"), (903, "b@x.example")):
            cells = [""] * len(columns)
            cells[name], cells[address] = str(number), mail
            file.write(",".join(cells) + "\n")
        file.write("904\n")
    before = {path: path.stat().st_mtime_ns for path in world.lake.rglob("*")}
    assert run(["check", *told, NIGHTS[1]]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert run(["check", *told, NIGHTS[1], "--format", "jsonl"]) == 0
    rows = {(row["crm"], row["entity"]): row for row in map(json.loads, capfd.readouterr().out.splitlines())}
    assert before == {path: path.stat().st_mtime_ns for path in world.lake.rglob("*")}
    found = rows["hubspot", "contact"]
    reasons = {"duplicate_id": 2, "invalid_email": 2, "wrong_number_of_columns": 1}
    assert (found["rejected"], found["reasons"]) == (5, reasons)
    assert f"hubspot contact: 5 of {found['delivered']} rows would be rejected" in said
    assert "duplicate_id 2, invalid_email 2, wrong_number_of_columns 1" in said
    assert [row["rejected"] for key, row in rows.items() if key != ("hubspot", "contact")] == [0] * (len(rows) - 1)
    ended = run(["nightly", *told, NIGHTS[1]])
    assert ended == (0 if found["stopped"] is None else 3) == (3 if limit == 0.05 else 0)
    error = capfd.readouterr().err
    assert found["stopped"] is None or (found["stopped"] in error and found["stopped"] in said)
    with Lake(world.lake).connect(NIGHTS[1]) as session:
        session.use("rejected/hubspot/contact")
        assert session.scalar("SELECT count(*) FROM rejected__hubspot__contact") == found["rejected"]


def test_a_segment_without_known_members_is_never_an_empty_one(tmp_path: Path) -> None:
    """Wherever sync.yaml names it: the night is refused, with every path, and nothing of it stays."""
    world = World(
        tmp_path,
        data_sync=[{"app": "x"}, {"app": "salesforce", "filter": "Nobody's"}],
        resync=[
            {"night": NIGHTS[0], "segment": 55},
            {"night": NIGHTS[1], "segment": "Tomorrow's"},
            {"night": NIGHTS[0], "segment": "Firms"},
        ],
    )
    forms = {"filterBranchType": "AND", "filters": [{"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT"}]}
    listed = {
        "listId": "55",
        "name": "Forms",
        "objectTypeId": "0-1",
        "processingType": "DYNAMIC",
        "filterBranch": forms,
    }
    folder = world.exports(NIGHTS[0]) / "hubspot"
    (folder / "list_memberships.csv").unlink(missing_ok=True)
    firms = {
        **listed,
        "listId": "56",
        "name": "Firms",
        "objectTypeId": "0-2",
        "filterBranch": {"filterBranchType": "AND"},
    }
    (folder / "lists.json").write_text(json.dumps({"lists": [listed, firms]}))
    with pytest.raises(InputRefused) as refused:
        run_night(read_config(world.config), Lake(world.lake), NIGHTS[0])
    first, second, third = refused.value.problems
    assert first == 'data_sync[1].filter: there is no list or segment "Nobody\'s"'
    assert second.startswith("resync[0].segment: list 55 (Forms): ")
    assert "FORM_SUBMISSION cannot be evaluated" in second
    assert third == "resync[2].segment: list 56 holds records of another object (company, not contact)"
    assert Lake(world.lake).nights(keys.DECISION) == []


@pytest.mark.parametrize(
    ("prop", "field", "words"),
    [
        (TEXT, {"type": "double"}, "single-line text"),
        ({"type": "enumeration", "fieldType": "checkbox"}, {"type": "picklist"}, "multiple checkboxes"),
        ({"type": "bool", "fieldType": "booleancheckbox"}, {"type": "string"}, "single checkbox"),
        ({"type": "number", "fieldType": "number"}, {"type": "string"}, "number"),
    ],
)
def test_types_that_do_not_fit_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], prop: dict[str, Any], field: dict[str, Any], words: str
) -> None:
    world = World(tmp_path, mappings=[{"hubspot": "grade__hs", "salesforce": "Grade__c"}])
    world.portal.know("H", ["grade__hs"])
    world.portal.know("L", ["Grade__c"])
    world.portal.properties["H"] = {"grade__hs": prop}
    world.portal.describes["L"] = {"Grade__c": field}
    world.portal.write(world.exports(NIGHTS[0]))
    status = run(["check", "--config", str(world.config), "--lake", str(world.lake), "--night", NIGHTS[0]])
    error = capfd.readouterr().err
    assert status == 2
    assert words in error
    assert "(P2-31)" in error
