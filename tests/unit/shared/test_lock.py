"""One run at a time, from any process; a killed holder leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assets.shared.lock import LakeBusy, lake_lock

HOLD = """
import sys, time
from pathlib import Path
from assets.shared.lock import lake_lock
with lake_lock(Path(sys.argv[1]), "the other run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_run_waits_says_for_whom_and_gives_up(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []
    with (
        pytest.raises(LakeBusy, match="the other run"),
        lake_lock(tmp_path, "me", wait_seconds=0.6, waiting=said.append),
    ):
        pass
    assert len(said) == 1
    assert "the other run" in said[0]


def test_a_killed_holder_releases_the_lake(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lake_lock(tmp_path, "me", wait_seconds=0):
        assert (tmp_path / ".lock").read_text() == "me"
    assert (tmp_path / ".lock").read_text() == ""


def test_one_process_may_hold_it_twice(tmp_path: Path) -> None:
    with lake_lock(tmp_path, "outer"):
        with lake_lock(tmp_path, "inner", wait_seconds=0):
            pass
        assert (tmp_path / ".lock").read_text() == "outer"
