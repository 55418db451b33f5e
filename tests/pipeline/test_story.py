"""What `explain` tells of a pair over several nights."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import pipelines.cli
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.report.story import tell
from tests.support.configuration import write_config
from tests.support.ids import real
from tests.support.portal import Portal, night_of
from tests.support.run import run_night

assert pipelines.cli.app  # registers the commands
ONE = night_of(1)
MARKUP = "[/b] [red]Ada :phone:"


class Asked:
    """A lake of one night, and commands that ask it."""

    def __init__(self, folder: Path) -> None:
        self.config = write_config(folder / "sync.yaml", {"initial_sync": "full"})
        self.lake = folder / "lake"
        portal = Portal()
        edits: dict[str, Any] = {
            "H1": {"email": "a@x.com", "firstname": MARKUP},
            "H2": {"email": "b@x.com"},
            "L1": {"Email": "a@x.com"},
            "K1": {"hs_object_id": real("H1"), "name": "One", "salesforceaccountid": real("A1"), "domain": "one.com"},
            "A1": {"Name": "One", "Website": "one.com"},
            "S1": ["H1"],
            "S2": [],
        }
        for name, values in edits.items():
            portal.edit(name, values, ONE, first=True)
        portal.write(folder / "exports" / ONE)
        run_night(self.config, self.lake, ONE)

    def __call__(self, *arguments: str, lake: Path | None = None) -> int:
        return run([*arguments, "--config", str(self.config), "--lake", str(lake or self.lake)])


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return Asked(tmp_path_factory.mktemp("asked"))


def test_a_value_that_looks_like_markup_is_printed_as_it_is(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("explain", "a@x.com") == 0
    printed = capsys.readouterr().out
    assert [word for word in MARKUP.split() if word not in printed] == []


def test_a_contact_and_a_company_with_one_number_have_a_story_each(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(word: str) -> dict[str, Any]:
        assert asked("explain", word, "--format", "jsonl") == 0
        story: dict[str, Any] = json.loads(capsys.readouterr().out)
        return story

    person, company, both = told("a@x.com"), told("one.com"), told(real("H1"))
    for story, own, name in ((person, {"contact", "lead"}, "person"), (company, {"company", "account"}, "company")):
        assert {row["entity"] for row in story["records"]} == own
        assert {row["object"] for row in story["decisions"] + story["ledger"] + story["ledger_fields"]} == {name}
        assert {row["salesforce_object"].lower() for row in story["links"]} < own
        assert {row["object"] for row in story["changes"] + story["operations"]} <= own
    assert [row["segment_id"] for row in person["membership"]] == [real("S1")]
    assert company["membership"] == []
    for part in ("records", "links", "membership", "decisions", "changes", "ledger", "ledger_fields"):
        assert both[part] == person[part] + company[part]


def test_a_company_with_a_forgotten_contacts_number_stays_whole(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = shutil.copytree(asked.lake, tmp_path / "lake")

    def told() -> str:
        assert asked("explain", "one.com", "--format", "jsonl", lake=lake) == 0
        return capsys.readouterr().out

    before = told()
    assert asked("forget", "a@x.com", lake=lake) == 0
    capsys.readouterr()
    assert told() == before


def test_decisions_of_a_segment_are_those_of_its_own_objects(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    def told(segment: str) -> list[tuple[str, str]]:
        assert asked("decisions", "--segment", segment, "--format", "jsonl") == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return sorted({(line["object"], line["hubspot_id"]) for line in lines})

    assert told(real("S1")) == told("Segment S1") == [("person", real("H1"))]
    assert told(real("S2")) == []  # there, and empty
    assert asked("decisions", "--segment", "S3") == 1
    assert "S3: there is no such segment" in capsys.readouterr().err


def test_what_a_record_was_asked_for_with_is_not_told_once_it_is_there(tmp_path: Path) -> None:
    """One row a field of the pair, before and after the lead answers."""
    portal = Portal()
    config = write_config(tmp_path / "sync.yaml", {"initial_sync": "full"})
    lake = Lake(tmp_path / "lake")
    steps = ({}, {"H1": {"email": "a@x.com"}}, {"L1": {"Email": "a@x.com"}})
    told = []
    for number, step in enumerate(steps, 1):
        for name, values in step.items():
            portal.edit(name, values, night_of(number))
        portal.write(tmp_path / "exports" / night_of(number))
        run_night(config, lake.root, night_of(number))
    for night in (night_of(2), night_of(3)):
        fields = [(row["mapping"], row["salesforce_id"]) for row in tell(lake, real("H1"), night).ledger_fields]
        assert len({mapping for mapping, _ in fields}) == len(fields) > 0
        told.append({salesforce_id for _, salesforce_id in fields})
    assert told == [{None}, {real("L1")}]
