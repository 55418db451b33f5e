"""Years of nights: rebuilt, refetched, filled in before the first one, missed; whole lakes are compared with plain ones."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.nights import interrupted, rebuild_marker
from pipelines.cli.core import place
from pipelines.configuration import read_config
from pipelines.night import run_night
from pipelines.rebuild import rebuilding
from tests.pipeline.world import NIGHTS, World, files, rows
from tests.support.killed import KILLED, crosswalk


def run(world: World, lake: Path, *nights: str | list[str], **options: bool) -> None:
    for night in nights:
        run_night(read_config(world.config), Lake(lake), night, **options)


def rebuild(world: World, lake: Path, first: str, **options: bool) -> None:
    """What `crosswalk rebuild` does, night by night."""
    with rebuilding(place(world.config, lake), Lake(lake), read_config(world.config), first) as nights:
        run(world, lake, *nights, **options)


def same(lake: Path, other: Path) -> None:
    assert rows(lake) == rows(other)
    assert files(lake) == files(other)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three nights in order, in `<folder>/lake`; the fourth is delivered."""
    world = World(tmp_path_factory.mktemp("years"), initial_sync="full")
    run(world, world.lake, *NIGHTS[:3])
    return world


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world.lake, tmp_path / "lake"))


@pytest.fixture
def changed(tmp_path: Path) -> World:
    """The same world, in which the second night was another."""
    world = World(tmp_path / "changed", initial_sync="full")
    path = world.exports(NIGHTS[1]) / "salesforce" / "Lead.csv"
    path.write_text(path.read_text().replace("Anne", "Anneliese"))
    return world


def test_a_rebuild_without_changes_changes_nothing(world: World, lake: Path) -> None:
    rebuild(world, lake, NIGHTS[2])
    same(lake, world.lake)
    assert interrupted(Lake(lake)) is None


def test_a_rebuild_that_was_interrupted_is_finished_first(world: World, lake: Path) -> None:
    rebuild_marker(Lake(lake)).write_text(f'{{"from": "{NIGHTS[1]}"}}\n')
    with pytest.raises(InputRefused, match=f"crosswalk rebuild --from {NIGHTS[1]}"):
        rebuild(world, lake, NIGHTS[2])
    ran = crosswalk(lake.parent / "said", "nightly", "--config", str(world.config), "--lake", str(lake))
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert f"crosswalk rebuild --from {NIGHTS[1]}" in ran.err


def test_a_rebuild_from_a_night_whose_raw_is_gone_is_refused(world: World, lake: Path) -> None:
    opened = Lake(lake)
    for crm, entities in keys.ENTITIES.items():
        for entity in (*entities, "delivery", "unreadable", "result"):
            opened.drop(keys.raw(crm, entity), [NIGHTS[0]])
    before = rows(lake)
    with pytest.raises(InputRefused, match=f"raw has no night {NIGHTS[0]} any more"):
        rebuild(world, lake, NIGHTS[0])
    assert rows(lake) == before


def test_another_first_night_is_refused(world: World, lake: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "other", start="2026-02-01", initial_sync="full")
    before = rows(lake)
    with pytest.raises(InputRefused, match="start: 2026-02-01 is not the 2026-03-01 of this lake"):
        run(other, lake, NIGHTS[3])
    assert rows(lake) == before


@pytest.mark.slow
def test_changed_input_for_an_old_night_enters_through_a_rebuild(lake: Path, changed: World) -> None:
    run(changed, changed.lake, *NIGHTS[:3])
    rebuild(changed, lake, NIGHTS[1], refetch=True)
    same(lake, changed.lake)


@pytest.mark.slow
def test_changed_input_for_the_newest_night_enters_by_fetching_again(
    world: World, changed: World, tmp_path: Path
) -> None:
    run(changed, changed.lake, *NIGHTS[:2])
    run(world, tmp_path / "lake", *NIGHTS[:2])
    run(changed, tmp_path / "lake", NIGHTS[1])
    assert "Anneliese" not in str(rows(tmp_path / "lake"))  # what was fetched is kept
    run(changed, tmp_path / "lake", NIGHTS[1], refetch=True)
    same(tmp_path / "lake", changed.lake)


@pytest.mark.slow
def test_history_before_the_first_night_then_a_rebuild_is_as_if_it_had_always_been_there(
    world: World, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    run(world, lake, NIGHTS[2])
    run(world, lake, NIGHTS[:2])
    rebuild(world, lake, NIGHTS[0])
    same(lake, world.lake)


@pytest.mark.slow
def test_a_range_after_the_first_night_then_a_rebuild_is_as_if_every_night_had_been_run(
    world: World, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    run(world, lake, NIGHTS[0], NIGHTS[1:3])
    assert Lake(lake).nights(keys.LINK) == [NIGHTS[0], NIGHTS[2]]
    rebuild(world, lake, NIGHTS[1])
    same(lake, world.lake)


@pytest.mark.slow
def test_missed_nights_are_run_in_order(world: World, tmp_path: Path) -> None:
    lake, plain = tmp_path / "lake", tmp_path / "plain"
    run(world, lake, NIGHTS[0], who_is_who=world.config)
    other = World(tmp_path / "three", initial_sync="full")
    shutil.rmtree(other.exports(NIGHTS[3]))
    ran = crosswalk(tmp_path / "said", "nightly", "--missing", "--config", str(other.config), "--lake", str(lake))
    assert ran.status == 0, ran.err
    run(world, plain, *NIGHTS[:3], who_is_who=world.config)
    same(lake, plain)


@pytest.mark.slow
def test_a_night_that_one_crm_delivered_late(lake: Path, world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "half", initial_sync="full")
    away = (other.exports(NIGHTS[3]) / "hubspot").rename(tmp_path / "away")
    before = rows(lake), files(lake)
    with pytest.raises(InputRefused, match="hubspot"):
        run(other, lake, NIGHTS[3])
    assert (rows(lake), files(lake)) == before
    away.rename(other.exports(NIGHTS[3]) / "hubspot")
    run(other, lake, NIGHTS[3])
    plain = tmp_path / "plain"
    run(world, plain, *NIGHTS)
    same(lake, plain)


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", [("after a table is written", 30), ("after the ledger is written", 2), ("a night was taken out", 9)]
)
def test_a_rebuild_that_was_killed_is_finished_by_the_same_command(
    world: World, lake: Path, point: tuple[str, int]
) -> None:
    arguments = ["rebuild", "--from", NIGHTS[1], "--config", str(world.config), "--lake", str(lake)]
    assert crosswalk(lake.parent / "said", *arguments, kill=point).status == KILLED
    again = crosswalk(lake.parent / "said", *arguments)
    assert again.status == 0, again.err
    ours, theirs = rows(lake), rows(world.lake)
    assert {key: ours[key] for key in theirs} == theirs
    assert files(lake) == files(world.lake)


@pytest.mark.slow
def test_a_range_is_one_run_in_dagster_and_every_night_of_it_is_there(world: World, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    told = ["--config", str(world.config), "--lake", str(tmp_path / "lake")]
    arguments = ["backfill", "--from", NIGHTS[0], "--to", NIGHTS[2], *told]
    ran = crosswalk(tmp_path / "said", *arguments, environment={"DAGSTER_HOME": str(home)})
    assert ran.status == 0, ran.err
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (only,) = instance.get_runs()
        assert only.status == dg.DagsterRunStatus.SUCCESS
        for key in (keys.raw("hubspot", "contact"), keys.DECISION):
            assert instance.get_materialized_partitions(dg.AssetKey(key.split("/"))) == set(NIGHTS[:3])
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(keys.DECISION.split("/")))
        observed = instance.fetch_observations(wanted, limit=10).records
    assert {record.partition_key for record in observed} == set(NIGHTS[:2])  # folded into the last one
