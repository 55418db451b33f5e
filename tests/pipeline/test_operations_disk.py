"""A disk that is full or read-only: one line that says so, nothing lost, and the same command works when there is room."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.pipeline.world import NIGHTS, World, files, rows, two_nights
from tests.support.killed import Ran, crosswalk
from tests.support.room import full, limited, read_only

FULL = ("error: the disk is full", "error: a file is larger than the disk")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return two_nights(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world.lake, tmp_path / "own" / "lake"))


def told(world: World, lake: Path, *arguments: str, **options: object) -> Ran:
    options.setdefault("prepare", None)
    return crosswalk(lake.parent / "said", *arguments, "--config", str(world.config), "--lake", str(lake), **options)  # type: ignore[arg-type]


def works_again(world: World, lake: Path) -> None:
    """What was there is there, and the same command gives what it would have given."""
    again = told(world, lake, "nightly", "--night", NIGHTS[1])
    assert again.status == 0, again.err
    assert rows(lake) == rows(world.folder / "whole" / "lake")
    assert files(lake) == files(world.folder / "whole" / "lake")


@pytest.mark.slow
@pytest.mark.parametrize("size", [2_000, 4_000, 6_500])
def test_files_that_may_not_grow(world: World, lake: Path, size: int) -> None:
    ran = told(world, lake, "nightly", "--night", NIGHTS[1], prepare=partial(limited, size))
    assert (ran.status, ran.err.splitlines()[-1].startswith(FULL)) == (1, True), ran.err
    assert "Traceback" not in ran.err
    works_again(world, lake)


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 40_000, 90_000, 150_000, 250_000])
def test_a_full_disk(world: World, lake: Path, tmp_path: Path, free: int) -> None:
    after = tmp_path / "after" / "lake"
    ran = told(world, lake, "nightly", "--night", NIGHTS[1], prepare=partial(full, lake, free, after))
    assert (ran.status, ran.err.splitlines()[-1].startswith(FULL)) == (1, True), ran.err
    assert "Traceback" not in ran.err
    assert rows(after).keys() >= rows(world.lake).keys()
    works_again(world, after)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["nightly", "--night", NIGHTS[1]], ["backfill", "--from", NIGHTS[1], "--to", NIGHTS[2]],
        ["rebuild", "--from", NIGHTS[0]], ["forget", "a@x.com"], ["migrate"],
    ],
)  # fmt: skip
def test_a_read_only_lake(world: World, lake: Path, arguments: list[str]) -> None:
    before = rows(lake), files(lake)
    ran = told(world, lake, *arguments, prepare=partial(read_only, lake))
    assert (ran.status, len(ran.err.splitlines())) == (1, 1), ran.err
    assert ran.err.startswith("error: the lake is on a read-only file system")
    assert (rows(lake), files(lake)) == before
    works_again(world, lake)
