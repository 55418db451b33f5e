"""The first range that a lake decides: the nights folded into it are known for ever, history is never taken for them."""

import shutil
from pathlib import Path

import pytest

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.nights import due_from
from assets.shared.upkeep import look_after
from schemas.config_output import Retention
from tests.pipeline.test_operations import rebuild, run
from tests.pipeline.world import NIGHTS, World, files, rows
from tests.support.portal import night_of

FOLDED, LAST = NIGHTS[2:]
LATER = night_of(5)
NEW = "f@x.com"  # a lead made on the folded night, of whom a contact is to be made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A lake whose first range was folded into one night; history before it and a night after it are delivered."""
    world = World(tmp_path_factory.mktemp("ranged"), initial_sync="full")
    world.portal.write(world.exports(LATER))
    run(world, world.lake, [FOLDED, LAST])
    assert NEW in str(decided(world.lake)[keys.DELTA_HUBSPOT])
    return world


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world.lake, tmp_path / "lake"))


def decided(lake: Path) -> dict[str, list[str]]:
    """What was worked out of the range's last night: rows of core and out."""
    found = {key: [row for row in some if f'"night":"{LAST}"' in row] for key, some in rows(lake).items()}
    return {key: some for key, some in found.items() if key.startswith(("core/", "out/"))}


@pytest.mark.parametrize("nights", [LAST, [FOLDED, LAST]], ids=["alone", "whole"])
@pytest.mark.parametrize("meanwhile", ["nothing", "history", "housekeeping"])
def test_its_last_night_again_gives_the_same_rows_and_bytes(
    world: World, lake: Path, nights: str | list[str], meanwhile: str
) -> None:
    if meanwhile == "history":
        run(world, lake, NIGHTS[:2])
    if meanwhile == "housekeeping":
        look_after(Lake(lake), LAST, Retention(raw=1, core=1, out=1))
    run(world, lake, nights)
    assert decided(lake) == decided(world.lake)
    assert files(lake) == files(world.lake)
    assert (lake / "folded.json").read_bytes() == (world.lake / "folded.json").read_bytes()


def test_a_replay_of_its_last_night_decides_the_same(world: World, lake: Path) -> None:
    run(world, lake, LATER, LAST)
    assert decided(lake) == decided(world.lake)


def test_a_rebuild_from_its_last_night_decides_the_same(world: World, lake: Path) -> None:
    rebuild(world, lake, LAST)
    assert decided(lake) == decided(world.lake)


def test_a_rebuild_that_decides_every_night_is_what_counts_from_then_on(world: World, lake: Path) -> None:
    rebuild(world, lake, FOLDED)
    before = rows(lake)
    run(world, lake, LAST)
    assert rows(lake) == before


def test_a_range_that_was_refused_is_none(world: World, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    other = World(tmp_path / "refused", integration={"inclusion_segment": "nowhere"})
    with pytest.raises(InputRefused):
        run(other, lake.root, [FOLDED, LAST])
    run(world, lake.root, LAST)
    assert due_from(lake, LAST) == LAST
    assert not (lake.root / "folded.json").exists()


def test_a_lake_of_before_knows_no_range(lake: Path) -> None:
    (lake / "folded.json").unlink()
    assert due_from(Lake(lake), LAST) == LAST
