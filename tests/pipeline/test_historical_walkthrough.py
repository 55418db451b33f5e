"""docs/historical-import.md, run as it is written, with the sample; and a loading that goes on where it stopped."""

import json
import re
import shlex
from pathlib import Path

import pytest

import pipelines.cli
from pipelines.cli.core import run

assert pipelines.cli.app  # registers the commands
ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "historical-import.md"


def commands(place: Path) -> list[list[str]]:
    """The commands of the document, with another folder for the lake."""
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    found = [shlex.split(line.replace("/tmp/history", str(place))) for line in lines]
    assert all(words[0] == "crosswalk" for words in found)
    return [words[1:] for words in found]


@pytest.mark.slow
def test_the_walk_through_with_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    lake = tmp_path / "history"
    written = commands(lake)
    assert [words[0] for words in written] == ["check", "backfill", "plan", "files", "preflight", "files"]
    for words in written:
        assert run(words) == 0, words
    capsys.readouterr()
    where = ["--config", "data/sync.yaml", "--lake", str(lake), "--format", "jsonl"]
    for _ in range(20):  # each round loads what is next, as a user does, until nothing is left
        assert run(["files", *where]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        following = [row["file"] for row in rows if row["status"] == "next"]
        if not following:
            break
        marks = [word for name in following for word in ("--loaded", name)]
        assert run(["files", *where, *marks]) == 0
        capsys.readouterr()
    assert {row["status"] for row in rows} == {"loaded"}
    assert [row["order"] for row in rows] == list(range(1, len(rows) + 1))
