"""A run that is killed (SIGKILL) at any point, and then the same command: the lake of a run that was never killed."""

import shutil
from pathlib import Path
from random import Random

import pytest

from assets.shared import unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from pipelines.cli.core import place
from pipelines.cli.run import _missing
from pipelines.configuration import read_config
from pipelines.report.plans import decided_nights
from tests.pipeline.world import NIGHTS, World, files, rows, two_nights
from tests.support.killed import KILLED, Ran, crosswalk
from tests.support.night import run_night

# Point, and how often it is passed: the commands of the fast tier, one after the other on one lake.
CHAIN = [
    ("before the ledger_field is written", 1),
    ("rows are half written", 5),
    ("a folder of files takes its place", 2),
]
NIGHTLY = [
    "a step begins", "before a table is written", "rows are half written", "rows are not yet committed",
    "after a table is written", "a night was taken out", "before the ledger is written", "after the ledger is written",
    "before the ledger_field is written", "after the ledger_field is written", "an import file is begun",
    "a folder of files takes its place", "a folder is removed", "a file takes its place", "the run is at its end",
    "nights past retention are dropped", "old versions are removed", "a view is made", "the views take their place",
    "leftovers are removed",
]  # fmt: skip
ERASING = [
    "rows are half written", "after a table is written", "a table goes aside for an erasure", "a folder is removed",
    "old versions are removed", "a view is made", "the views take their place",
]  # fmt: skip
KNOWN = {"raw", "staged", "rejected", "core", "out", "files", "forgotten", "lake.json", "calendar.json", "config.json",
         "kept.json", "folded.json", "status.jsonl", "analyst.duckdb", ".lock", ".spill"}  # fmt: skip
TIMES = 3


class Killing:
    """Commands on one lake of a world."""

    def __init__(self, world: World, lake: Path) -> None:
        self.world, self.lake = world, lake

    def __call__(self, *arguments: str, kill: tuple[str, int] | None = None) -> Ran:
        options = ["--config", str(self.world.config), "--lake", str(self.lake)]
        return crosswalk(self.lake.parent / "said", *arguments, *options, kill=kill)

    def survives(self, *arguments: str, kill: tuple[str, int]) -> None:
        """Killed there, the same command ends well."""
        assert self(*arguments, kill=kill).status == KILLED, f"{kill} was never passed"
        again = self(*arguments)
        assert again.status == 0, f"{kill}: {again.err}"

    def equals(self, lake: Path) -> None:
        """The same rows in every table, the same files, and nothing beside them."""
        assert rows(self.lake) == rows(lake)
        assert files(self.lake) == files(lake)
        assert {path.name for path in self.lake.iterdir()} <= KNOWN
        assert not list((self.lake / ".spill").iterdir())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return two_nights(tmp_path_factory.mktemp("killed"))


@pytest.fixture
def command(world: World, tmp_path: Path) -> Killing:
    shutil.copytree(world.lake, tmp_path / "lake")
    return Killing(world, tmp_path / "lake")


def test_a_night_killed_again_and_again(world: World, command: Killing) -> None:
    for point in CHAIN:
        assert command("nightly", "--night", NIGHTS[1], kill=point).status == KILLED, point
        if point == CHAIN[0]:  # half of it is written: for a reader, and for --missing, the night is not there
            assert decided_nights(Lake(command.lake)) == [NIGHTS[0]]
        assert _missing(place(world.config, command.lake), read_config(world.config)) == NIGHTS[1:]
    again = command("nightly", "--night", NIGHTS[1])
    assert again.status == 0, again.err
    command.equals(world.folder / "whole" / "lake")


@pytest.mark.slow
@pytest.mark.parametrize("point", NIGHTLY)
def test_a_night_killed_at_any_point(world: World, command: Killing, tmp_path: Path, point: str) -> None:
    shutil.copytree(command.lake, tmp_path / "counted" / "lake")
    passed = Killing(world, tmp_path / "counted" / "lake")("nightly", "--night", NIGHTS[1]).passed
    times = Random(point).sample(range(1, passed[point] + 1), min(TIMES, passed[point]))
    for time in times:
        shutil.rmtree(command.lake)
        shutil.copytree(world.lake, command.lake)
        command.survives("nightly", "--night", NIGHTS[1], kill=(point, time))
        command.equals(world.folder / "whole" / "lake")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_another_night_after_one_that_was_killed(world: World, command: Killing, tmp_path: Path, seed: int) -> None:
    """What is half written does not count as the past: the night was missed."""
    lake = tmp_path / "missed" / "lake"
    shutil.copytree(command.lake, lake)
    run_night(read_config(world.config), Lake(lake), NIGHTS[2], who_is_who=world.config)
    point = ["after the ledger is written", "after a table is written", "rows are half written", "a step begins"][seed]
    passed = {"after a table is written": 12, "rows are half written": 9, "a step begins": 9}.get(point, 1)
    assert command("nightly", "--night", NIGHTS[1], kill=(point, passed)).status == KILLED
    assert command("nightly", "--night", NIGHTS[2]).status == 0
    command.equals(lake)


def test_an_erasure_that_was_killed(world: World, tmp_path: Path) -> None:
    """Between two renames: the old table is aside, the new one not yet in its place."""
    check_erasure(world, tmp_path, ("a file takes its place", 1))


@pytest.mark.slow
@pytest.mark.parametrize("point", ERASING)
@pytest.mark.parametrize("time", [1, 2, 7, 19])
def test_an_erasure_killed_at_any_point(world: World, tmp_path: Path, point: str, time: int) -> None:
    check_erasure(world, tmp_path, (point, time))


def check_erasure(world: World, folder: Path, point: tuple[str, int]) -> None:
    """Killed and told again, it leaves what it leaves at once; a night in between finds every table."""
    for name in ("at once", "killed"):
        shutil.copytree(world.folder / "whole" / "lake", folder / name / "lake")
    whole, killed = (Killing(world, folder / name / "lake") for name in ("at once", "killed"))
    told = whole("forget", "b@x.com")
    assert told.status == 0, told.err
    ran = killed("forget", "b@x.com", kill=point)
    if ran.status == KILLED:
        before = rows(folder / "killed" / "lake")
        unfinished.settle(Lake(killed.lake))
        assert set(before) <= set(rows(killed.lake))
        again = killed("forget", "b@x.com")
        assert again.status in (0, 1), again.err  # 1: nobody of that address is left
        assert again.status == 0 or "b@x.com" not in str(rows(killed.lake))
    shutil.rmtree(whole.lake / "forgotten")
    shutil.rmtree(killed.lake / "forgotten", ignore_errors=True)
    killed.equals(whole.lake)


@pytest.mark.slow
@pytest.mark.parametrize("time", [1, 2, 3])
def test_a_refusal_that_was_killed(world: World, command: Killing, tmp_path: Path, time: int) -> None:
    """Salesforce is refused after HubSpot was written; killed while that is taken back, the night is refused again."""
    other = World(tmp_path / "other", initial_sync="full")
    (other.exports(NIGHTS[1]) / "salesforce" / "Lead.csv").write_text("Name\nAnn\n")
    refused = Killing(other, command.lake)
    assert refused("nightly", "--night", NIGHTS[1], kill=("a table is put back", time)).status == KILLED
    assert refused("nightly", "--night", NIGHTS[1]).status == 2
    command.equals(world.lake)
    assert command("nightly", "--night", NIGHTS[1]).status == 0
    command.equals(world.folder / "whole" / "lake")


def test_a_run_that_failed_half_way_is_no_past(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full between the two tables of the ledger, and the next night is run without it."""
    missed, torn = (Lake(tmp_path / name) for name in ("missed", "torn"))
    for lake in (missed, torn):
        shutil.copytree(world.lake, lake.root)
    run_night(read_config(world.config), missed, NIGHTS[2])
    write = Lake.write

    def full(self: Lake, key: str, night: str, data: object) -> int:
        if key == "core/sync/ledger_field":
            raise OSError(28, "No space left on device")
        return write(self, key, night, data)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "write", full)
    with pytest.raises(OSError, match="No space"):
        run_night(read_config(world.config), torn, NIGHTS[1])
    monkeypatch.undo()
    assert decided_nights(torn) == [NIGHTS[0]]
    run_night(read_config(world.config), torn, NIGHTS[2])
    assert rows(torn.root) == rows(missed.root)


def test_a_refused_night_leaves_no_note(world: World, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shutil.copytree(world.lake, lake.root)
    other = World(tmp_path / "other", initial_sync="full")
    (other.exports(NIGHTS[1]) / "salesforce" / "Lead.csv").write_text("Name\nAnn\n")
    with pytest.raises(InputRefused):
        run_night(read_config(other.config), lake, NIGHTS[1])
    assert unfinished.read(lake) is None
    assert rows(lake.root) == rows(world.lake)
