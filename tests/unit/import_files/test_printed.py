"""What `crosswalk plan`, `nightly` and `files` print of a night's import files."""

import json
from pathlib import Path

import pytest

import pipelines.cli
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.cli.printing_files import print_files, tier_line
from pipelines.report.import_files import folder_of, manifest_of
from schemas.imports import Tier
from tests.unit.import_files.deltas import NIGHT, row, written

assert pipelines.cli.app  # registers the commands
ROWS = [
    row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", link="003A"),
    row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1"),
]


def test_what_is_in_no_file_is_said_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import that only updates creates nobody: the plan says so, and the print-out says that no file does it."""
    print_files(written(tmp_path / "n", ROWS, settings="imports: {hubspot: {mode: update}}\n"))
    text = " ".join(capsys.readouterr().out.split())
    assert "In no import file" in text
    assert "import_mode" in text
    assert "The import mode" in text


def test_nothing_is_printed_where_nothing_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_files(written(tmp_path / "n", ROWS))
    print_files(None)
    assert capsys.readouterr().out == ""


def test_the_tier_before_and_after() -> None:
    tier = Tier(before=998, created=5, promoted=0, demoted=1, after=1003, tier=1000, exceeded_by=3)
    expected = (
        "marketing contacts: 998 now, 1,003 after the files (5 created, 0 promoted); the tier has 1,000, 3 too many"
    )
    assert tier_line(tier).plain == expected


def test_a_manifest_of_another_form_counts_as_none(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert manifest_of(lake, NIGHT) is None
    folder_of(lake, NIGHT).mkdir(parents=True)
    (folder_of(lake, NIGHT) / "manifest.json").write_text(json.dumps({"files": "many"}))
    assert manifest_of(lake, NIGHT) is None


def test_files_needs_a_night_that_has_some(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.report import plans

    Lake(tmp_path).prepare()
    monkeypatch.setattr(plans, "night_of", lambda lake, night: NIGHT)
    where = ["--lake", str(tmp_path)]
    assert run(["files", *where]) == 2
    assert "has no import files" in capsys.readouterr().err
    folder = folder_of(Lake(tmp_path), NIGHT)
    written(folder, ROWS)
    assert run(["files", *where, "--loaded", "hubspot-contacts-create.csv", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(r["order"], r["file"], r["status"], r["day"]) for r in rows] == [
        (1, "hubspot-contacts-create.csv", "loaded", 1),
        (2, "hubspot-contacts-update.csv", "next", 1),
    ]
    assert run(["files", *where, "--loaded", "nothing.csv"]) == 2
    assert "is no file" in capsys.readouterr().err
    assert run(["files", *where]) == 0
    assert "1 of 2 files loaded" in capsys.readouterr().out
