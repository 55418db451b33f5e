"""Bad configuration: each with its message, all at once, and nothing written."""

from pathlib import Path
from typing import Any

import pytest

import pipelines.cli
from pipelines.cli.core import run
from tests.pipeline.world import NIGHTS, World
from tests.support.ids import real

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


@pytest.mark.parametrize("command", ["check", "nightly"])
@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("SNAPSHOT", "COMPLETE", "is static"),
        ("MANUAL", "COMPLETE", "is static"),
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
