"""Who is who on the command line: what to merge and as which files, the path between two records, labels, and any file."""

import json
from pathlib import Path
from typing import Any

import pytest

import pipelines.cli
from assets.identity import overrides, tables
from assets.shared import keys
from assets.shared.lake import Lake
from pipelines.cli.core import run
from tests.pipeline.test_identity_incremental import CONTACT, LEAD, stage

assert pipelines.cli.app  # registers the commands
NIGHT = "2026-01-01"
LAST = ["Abbott", "Bergmann", "Castillo", "Dubois", "Eriksen", "Fontana", "Haddad", "Jansen", "Kowalski", "Lindqvist"]


def person(number: int, last: str, **more: str) -> dict[str, Any]:
    given = {"firstname": f"Ana{number}", "lastname": last, "email": f"ana{number}@{last.lower()}.example"}
    return {
        **given,
        "phone": f"+4722334{number:03}",
        "address": f"{number} Elm Street",
        "zip": f"{1000 + number}",
        **more,
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten people; the first has two more contacts (one address, one likeness) and a lead."""
    made = Lake(tmp_path_factory.mktemp("identity") / "lake")
    made.prepare()
    contacts = {str(n): person(n, last) for n, last in enumerate(LAST)}
    contacts["20"] = person(0, "Abbott", phone="")
    contacts["21"] = person(0, "Abbot", email="private@mail.example")
    stage(made, NIGHT, CONTACT, "hs_object_id", contacts)
    lead = {"FirstName": "Ana0", "LastName": "Abbott", "Email": "ana0@abbott.example", "PostalCode": "1000"}
    stage(made, NIGHT, LEAD, "Id", {"00Q1": lead})
    for key, table in tables.build(made, NIGHT, NIGHT, overrides.parse([], "f")).tables.items():
        made.write(key, NIGHT, table.to_reader())
    ledger = made.schema(keys.LEDGER)
    assert ledger is not None
    made.write(keys.LEDGER, NIGHT, ledger.empty_table())  # a night that decided nothing new
    return made.root


def printed(capfd: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capfd.readouterr()
    assert run(list(arguments)) == status
    captured = capfd.readouterr()
    return captured.out + (captured.err if status else "")


def test_duplicates_and_their_merge_files(lake: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [
        json.loads(line) for line in printed(capfd, "duplicates", "--lake", str(lake), "--format", "jsonl").splitlines()
    ]
    assert {(row["system"], row["survivor_id"], row["duplicate_id"]) for row in rows} == {
        ("hubspot", "0", "20"), ("hubspot", "0", "21"),
    }  # fmt: skip
    assert all(row["reason"] and 0.5 < row["confidence"] <= 1 for row in rows)
    assert "to merge" in printed(capfd, "duplicates", "--lake", str(lake), "--system", "hubspot")
    printed(capfd, "duplicates", "--lake", str(lake), "--files", str(tmp_path / "merges"))
    bodies = (tmp_path / "merges" / "hubspot-merge-contacts.jsonl").read_text().splitlines()
    assert {json.loads(body)["primaryObjectId"] for body in bodies} == {"0"}
    assert (tmp_path / "merges" / "manifest.json").is_file()


def test_the_path_between_two_records_is_masked(lake: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = printed(capfd, "explain", "hubspot/contact/20", "00Q1", "--lake", str(lake))
    assert "one entity" in told
    assert "T1, same e-mail address" in " ".join(told.split())
    assert "abbott" not in told.lower()
    assert "hubspot/contact/21" in printed(capfd, "explain", "Private@mail.example", "00Q1", "--lake", str(lake))
    several = printed(capfd, "explain", "ana0@abbott.example", "00Q1", "--lake", str(lake), status=1)
    assert "stands for 2 records" in several
    apart = printed(capfd, "explain", "hubspot/contact/1", "hubspot/contact/2", "--lake", str(lake))
    assert "not one entity" in apart
    assert "is not known" in printed(capfd, "explain", "999", "00Q1", "--lake", str(lake), status=1)
    (line,) = printed(
        capfd, "explain", "hubspot/contact/20", "00Q1", "--lake", str(lake), "--format", "jsonl"
    ).splitlines()
    path = json.loads(line)
    assert (path["a"], path["same"], len(set(path["entity_ids"]))) == ("hubspot/contact/20", True, 1)
    assert {"tier", "why", "weight", "probability", "fields"} < set(path["steps"][0])
    assert {tuple(field) for field in path["steps"][0]["fields"]} == {("field", "level", "weight", "one", "other")}
    assert "abbott" not in line.lower()


def test_labels_propose_a_threshold(lake: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text(
        "a,b,same\nhubspot/contact/21,hubspot/contact/0,yes\nhubspot/contact/20,hubspot/contact/21,yes\n"
    )
    told = printed(capfd, "label", "--lake", str(lake), "--answers", str(answers))
    assert "link from weight" in told
    assert "not one of person, company" in printed(capfd, "label", "--lake", str(lake), "--entity", "deal", status=2)
    answers.write_text("a,b\n1,2\n")
    assert "the columns same are missing" in printed(
        capfd, "label", "--lake", str(lake), "--answers", str(answers), status=2
    )


def test_any_file_is_matched(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    rows = [f"{n},Ana{n} {last},ana{n}@{last.lower()}.example,{n}" for n, last in enumerate(LAST)]
    rows.append("90,Ana0 Abbot,ana0@abbott.example,0")
    file.write_text("nr;who;mail;person\n".replace(";", ",") + "\n".join(rows) + "\n")
    options = "--map", "who=full_name", "--map", "nr=record", "--truth", "person", "--format", "jsonl"
    *clusters, quality = (json.loads(line) for line in printed(capfd, "match", str(file), *options).splitlines())
    assert clusters[-1] == {"record": "90", "cluster": "0"}
    assert set(quality) == {"pairwise", "cluster", "largest_cluster", "records"}
    assert quality["cluster"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    refused = printed(capfd, "match", str(file), "--map", "nobody=email", status=2)
    assert "the file has no column nobody" in refused


@pytest.mark.parametrize(("region", "status"), [("no", 0), ("Norway", 2), ("ZZ", 2)])
def test_numbers_are_read_in_a_country_that_there_is(
    region: str, status: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With a code that no country has, numbers would be read as if no country had been named."""
    file = tmp_path / "people.csv"
    file.write_text("record,first_name,last_name,phone\n1,Ann,Lee,22334455\n2,Ann,Lee,+4722334455\n")
    said = printed(capfd, "match", str(file), "--region", region, status=status)
    assert ("as DE or GB" in said) == bool(status)
