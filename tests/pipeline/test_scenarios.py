"""Each worked example of the rule catalogue, as data: one file an example, one test an example and case.

`pytest -k SC-21` runs one alone; EX are further ones for rules that the worked examples leave out. A file says what there
is on each night (rows under short names, only what differs), the settings that differ, and what must come out: `plan` is
the whole plan of that night, nothing may be in it that is not named, and an operation's fields are all of its fields.
`results` are the error files of our last import that lie beside a night's exports, `without` what these lack. A source that is
delivered incrementally delivers the rows that are named that night. `says` and `rules` are for the reader.
"""

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from assets.shared.failures import CrosswalkError
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.configuration import read_config
from schemas.config import ConfigError
from schemas.config_rules import notices
from schemas.imports import ImportRequest
from tests.support.configuration import merged, write_config
from tests.support.ids import is_short, real
from tests.support.outcome import Names, Outcome
from tests.support.portal import Portal, night_of
from tests.support.run import run_night
from tests.unit.import_files.deltas import bodies_of

FOLDER = Path(__file__).parent / "scenarios"
PREFIXES = {"Lead": "00Q", "Contact": "003", "Account": "001"}
Example = dict[str, Any]


def examples() -> dict[str, Example]:
    """Every example and case by id: `SC-24`, or `SC-24-lead` where an example has cases."""
    found = {}
    for path in sorted(FOLDER.glob("[A-Z]*-*.yaml")):
        example = yaml.safe_load(path.read_text())
        cases = example.pop("cases", None)
        for name, case in (cases or {"": {}}).items():
            found[path.stem + (f"-{name}" if name else "")] = merged(example, case)
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hold(EXAMPLES[name], tmp_path, capsys)


def test_all_worked_examples_are_there() -> None:
    assert len(list(FOLDER.glob("SC-*.yaml"))) == 67


def test_leads_with_automatic_companies_are_noticed(tmp_path: Path) -> None:
    """P2-04: allowed, and probably not meant."""
    for create_as, expected in (("lead", ["P2-04"]), ("contact", [])):
        config = read_config(write_config(tmp_path / "sync.yaml", {"integration": {"create_as": create_as}}))
        assert [notice.rule for notice in notices(config)] == expected


def hold(example: Example, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Play the nights, then look at the file or request, of whichever an example has."""
    assert {"nights", "preflight", "request"} & set(example)
    if "nights" in example:
        play(example, folder)
    if "preflight" in example:
        look_at_file(example, folder, capsys)
    if "request" in example:
        with pytest.raises(ValidationError) as caught:
            ImportRequest.model_validate(example["request"])
        assert [text for text in example["expect"]["refused"] if text not in str(caught.value)] == []


def look_at_file(example: Example, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`crosswalk preflight` finds exactly this, in this order, and ends with this status."""
    what, expected, file = example["preflight"], example["expect"], folder / "people.csv"
    columns = ",".join(["Email", *(f"column_{n}" for n in range(2, what.get("columns", 1) + 1))])
    file.write_text(with_real_ids(what.get("file", f"{columns}\na@x.com{',' * (what.get('columns', 1) - 1)}\n")))
    config = write_config(folder / "sync.yaml", example.get("config", {}))
    arguments = ["--config", str(config), "--lake", str(folder / "lake"), "--format", "jsonl"]
    capsys.readouterr()
    status = run(["preflight", str(file), "--as", what["as"], *arguments])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    if "findings" in expected:
        assert [{key: f[key] for key in ("rule", "effect")} for f in found] == expected["findings"]
    assert [f for f in found if f["rule"] in expected.get("no_findings", [])] == []
    assert status == expected["exit"]


def with_real_ids(text: str) -> str:
    """A CSV file with its short ids as real ones."""
    return "".join(real(word) if is_short(word) else word for word in re.split(r"([,\n])", text))


def play(example: Example, folder: Path) -> None:
    """Run the nights of an example one after the other and compare each with what it expects."""
    portal = prepare(example, folder)
    lake = Lake(folder / "lake")
    overrides: list[dict[str, Any]] = [example.get("config", {})]
    for number in sorted(example["nights"]):
        night = night_of(number)
        for name, values in (example["nights"][number] or {}).items():
            portal.edit(name, values, night, first=number == 1)
        portal.write(folder / "exports" / night, incremental(example), list(example["nights"][number] or {}))
        for name, columns in example.get("without", {}).get(number, {}).items():
            leave_out(folder / "exports" / night / name, columns)
        for crm, text in example.get("results", {}).get(number, {}).items():
            answers = folder / "exports" / night / crm / "results" / "errors.csv"
            answers.parent.mkdir()
            answers.write_text(with_real_ids(text))
        overrides.append(example.get("config_on", {}).get(number, {}))
        config = write_config(folder / "sync.yaml", *overrides)
        expected = example["expect"].get(number, {})
        if "refused" in expected:
            refuses(expected["refused"], config, lake, night)
            return
        run_night(config, lake.root, night)
        outcome = Outcome(lake, night, Names.learn(portal.rows))
        compare(expected, outcome)
        if expected.get("run_again") == "identical":
            before = outcome.everything()
            run_night(config, lake.root, night)
            assert outcome.everything() == before


def incremental(example: Example) -> list[str]:
    """The CRMs that deliver what has changed and no more."""
    sources = example.get("config", {}).get("sources", {})
    return [crm for crm, source in sources.items() if source.get("snapshot") == "incremental"]


def leave_out(file: Path, columns: list[str] | None) -> None:
    """Take columns out of a CSV file, or the whole file where none are named."""
    if columns is None:
        file.unlink()
    else:
        pl.read_csv(file, infer_schema=False).drop(columns).write_csv(file)


def prepare(example: Example, folder: Path) -> Portal:
    """The portal with every column that the example names on any night, and the files beside sync.yaml."""
    portal = Portal(example.get("columns"))
    portal.properties, portal.describes = example.get("properties", {}), example.get("describe", {})
    scratch = Portal()
    for number, rows in sorted(example["nights"].items()):
        for name, values in (rows or {}).items():
            scratch.edit(name, values, night_of(number), first=number == 1)
            if name in scratch.rows:
                portal.know(name[0], list(scratch.rows[name]))
    portal.with_associations = scratch.with_associations
    portal.delivered |= set(portal.properties) | set(portal.describes)
    for name, text in example.get("inputs", {}).items():
        (folder / name).write_text(text)
    return portal


def refuses(texts: list[str], config: Path, lake: Lake, night: str) -> None:
    """The configuration is refused, the message names these texts, and nothing is written."""
    with pytest.raises((ConfigError, CrosswalkError)) as caught:
        run_night(config, lake.root, night)
    assert getattr(caught.value, "exit_status", 2) == 2
    missing = [text for text in texts if str(text) not in str(caught.value)]
    assert missing == [], str(caught.value)
    assert not lake.nights("core/sync/decision")
    assert not (lake.root / "files").exists()


def compare(expected: Example, outcome: Outcome) -> None:
    """Everything that an example expects of one night."""
    if "plan" in expected:
        compare_plan(expected["plan"], outcome)
    named = [*outcome.rows("core/sync/decision"), *outcome.rows("core/sync/ledger")]
    wrong = [
        row for row in named if row["salesforce_id"] and PREFIXES[row["salesforce_object"]] != row["salesforce_id"][:3]
    ]
    assert wrong == []  # P2-29, whatever the example is about
    decisions = outcome.decisions()
    for who, what in expected.get("decisions", {}).items():
        compare_decision(who, what, decisions)
    for unwanted in expected.get("no_outcome", []):
        assert [d for d in decisions if d["outcome"] == unwanted] == []
    links = outcome.links()
    for name, linked in expected.get("links", {}).items():
        assert (name, links.get(name)) == (name, linked)
    for what, rows in expected.get("files", {}).items():
        assert outcome.file_rows(*what.split()) == rows
    for what, rows in expected.get("cells", {}).items():
        written = outcome.file_rows(*what.split())
        assert len(written) == len(rows)
        for row, wanted in zip(written, rows, strict=True):
            assert {name: row.get(name) for name in wanted} == wanted
    for file, rows in expected.get("bodies", {}).items():
        written = bodies_of(outcome.folder / file)
        assert [{name: body.get(name) for name in wanted} for body, wanted in zip(written, rows, strict=True)] == rows
    for what, names in expected.get("headers", {}).items():
        assert [sorted(header) for header in outcome.headers(*what.split())] == [names]
    for wanted in expected.get("held_back", []):
        assert [h for h in outcome.manifest()["held_back"] if wanted.items() <= h.items()], outcome.manifest()[
            "held_back"
        ]
    for what, content in expected.get("requests", {}).items():
        requests = outcome.requests(*what.split())
        assert requests
        for request in requests:
            assert {key: request[key] for key in content} == content
    if "order" in expected:
        files = sorted(outcome.manifest()["files"], key=lambda f: f["order"])
        assert [f"{f['target']} {f['object']} {f['operation']}" for f in files] == expected["order"]
    if "tier" in expected:
        assert {key: outcome.manifest()["marketing"][key] for key in expected["tier"]} == expected["tier"]
    for code in expected.get("manifest_warnings", []):
        assert any(code in warning for warning in outcome.manifest()["warnings"])


def compare_plan(expected: dict[str, Example], outcome: Outcome) -> None:
    """The whole plan: `update salesforce lead L1: {Title: CEO}`; keys with `_` are columns of the operation."""
    planned = [(f"{d['op']} {d['system']} {d['object']} {d['target']}", d) for d in outcome.deltas()]
    assert sorted(what for what, _ in planned) == sorted(expected), planned
    deltas = dict(planned)
    for what, fields in expected.items():
        delta = deltas[what]
        values = {name: value for name, value in fields.items() if not name.startswith("_")}
        if values or not fields:
            assert (what, delta["changes"]) == (what, values)
        for name, value in fields.items():
            if name == "_warnings" and value == "some":
                assert delta["warnings"]
            elif name.startswith("_"):
                assert (what, name, delta[name[1:]]) == (what, name, value)


def compare_decision(who: str, what: str, decisions: list[Example]) -> None:
    """`to_hubspot C2: reject email_in_use`: one decision, this outcome, this code among its reasons and warnings."""
    direction, name = who.split()
    outcome, _, code = what.partition(" ")
    side = "hubspot" if name[0] in "HK" else "salesforce"
    found = [d for d in decisions if d["direction"] == direction and d[side] == name]
    assert [(who, d["outcome"]) for d in found] == [(who, outcome)]
    codes = found[0]["codes"]
    assert not code or code in codes or code in [c.partition(":")[0] for c in codes], f"{who}: {codes}"
