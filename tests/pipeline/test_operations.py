"""Years of nights: rebuilt, refetched, filled in before the first one, missed; whole lakes are compared with plain ones."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from assets.shared import keys
from assets.shared.failures import CrosswalkError, GuardStopped, InputRefused
from assets.shared.lake import Lake
from assets.shared.nights import interrupted, rebuild_marker
from pipelines.cli.core import place
from pipelines.configuration import read_config
from pipelines.rebuild import rebuilding
from pipelines.report.plans import night_of
from schemas.config import ConfigError
from tests.pipeline.world import NIGHTS, World, files, rows
from tests.support.killed import KILLED, crosswalk
from tests.support.night import run_night


def run(world: World, lake: Path, *nights: str | list[str], **options: bool) -> None:
    for night in nights:
        run_night(read_config(world.config), Lake(lake), night, **options)


def rebuild(world: World, lake: Path, first: str, **options: bool) -> None:
    """What `crosswalk rebuild` does, night by night."""
    with rebuilding(place(world.config, lake), Lake(lake), read_config(world.config), first, **options) as runs:
        run(world, lake, *runs, **options)


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


@pytest.fixture
def quiet(tmp_path: Path) -> World:
    """Four nights, on two of which nothing changes; all have been run, in order, in `<folder>/lake`."""
    world = World(tmp_path / "quiet", initial_sync="full")
    for night in (NIGHTS[1], NIGHTS[2]):
        shutil.rmtree(world.exports(night))
        shutil.copytree(world.exports(NIGHTS[0]), world.exports(night))
    run(world, world.lake, *NIGHTS)
    assert Lake(world.lake).nights(keys.LEDGER) == [NIGHTS[0], NIGHTS[3]]
    return world


@pytest.mark.parametrize(
    "first", [NIGHTS[1], *(pytest.param(n, marks=pytest.mark.slow) for n in NIGHTS[:1] + NIGHTS[2:])]
)
def test_a_rebuild_over_nights_on_which_nothing_changed_changes_nothing(
    quiet: World, first: str, tmp_path: Path
) -> None:
    """They left no rows in the ledger, and are run again all the same."""
    lake = Path(shutil.copytree(quiet.lake, tmp_path / "lake"))
    rebuild(quiet, lake, first)
    same(lake, quiet.lake)


def test_a_range_takes_the_place_of_nights_on_which_nothing_changed(quiet: World, tmp_path: Path) -> None:
    run(quiet, quiet.lake, NIGHTS[1:])
    with pytest.raises(CrosswalkError, match=f"{NIGHTS[2]}: was delivered, but has no plan of its own"):
        night_of(Lake(quiet.lake), NIGHTS[2])


def test_a_rebuild_folds_a_night_of_one_crm_as_the_range_did(world: World, tmp_path: Path) -> None:
    half = World(tmp_path / "half", initial_sync="full")
    shutil.rmtree(half.exports(NIGHTS[1]) / "hubspot")
    run(half, half.lake, NIGHTS[0], NIGHTS[1:3])
    lake = Path(shutil.copytree(half.lake, tmp_path / "lake"))
    rebuild(half, lake, NIGHTS[1])
    same(lake, half.lake)


def test_a_refused_rebuild_leaves_the_lake_as_it_was(world: World, lake: Path, tmp_path: Path) -> None:
    """Where a night's folder is not there to be read again, and where a night is refused on the way; other runs go on."""
    before = rows(lake), files(lake)
    other = World(tmp_path / "other", initial_sync="full", integration={"inclusion_segment": "Nobody's"})
    for asked, options in ((world, {"refetch": True}), (other, {})):
        away = shutil.move(world.exports(NIGHTS[2]), tmp_path / "away")
        with pytest.raises((InputRefused, ConfigError)):
            rebuild(asked, lake, NIGHTS[1], **options)
        shutil.move(away, world.exports(NIGHTS[2]))
        assert (rows(lake), files(lake)) == before
        assert interrupted(Lake(lake)) is None
    run(world, lake, NIGHTS[3])


def test_a_rebuild_that_was_killed_and_is_then_refused_leaves_the_lake_as_it_was_before_it(
    world: World, lake: Path, tmp_path: Path
) -> None:
    """Also where the second one begins earlier: what counts is the lake before anything was taken out of it."""
    before = rows(lake), files(lake)
    with (
        pytest.raises(KeyboardInterrupt),
        rebuilding(place(world.config, lake), Lake(lake), read_config(world.config), NIGHTS[2]),
    ):
        raise KeyboardInterrupt
    assert rows(lake) != before[0]
    other = World(tmp_path / "other", initial_sync="full", integration={"inclusion_segment": "Nobody's"})
    with pytest.raises((InputRefused, ConfigError)):
        rebuild(other, lake, NIGHTS[1])
    assert (rows(lake), files(lake)) == before
    assert interrupted(Lake(lake)) is None


def test_a_guard_does_not_end_a_rebuild(world: World, tmp_path: Path) -> None:
    """It stops the files of a night, as it did when the night was first run; the exit status says so at the end."""
    guarded = World(tmp_path / "guarded", initial_sync="full", guards={"max_changes": 0})
    for night in NIGHTS[:3]:
        with pytest.raises(GuardStopped):
            run(guarded, guarded.lake, night)
    lake = Path(shutil.copytree(guarded.lake, tmp_path / "lake"))
    arguments = ["rebuild", "--from", NIGHTS[1], "--config", str(guarded.config), "--lake", str(lake)]
    ran = crosswalk(tmp_path / "said", *arguments)
    assert (ran.status, interrupted(Lake(lake))) == (3, None), ran.err
    assert f"rebuilding 2 nights, {NIGHTS[1]} to {NIGHTS[2]}, from raw" in ran.out
    ours, theirs = rows(lake), rows(guarded.lake)
    assert {key: ours[key] for key in theirs} == theirs


def test_a_night_that_was_delivered_late_enters_through_a_rebuild_that_reads_again(
    world: World, tmp_path: Path
) -> None:
    """`--missing` does not replay it as if it were there, nor the nights that a range has folded: it says what to do."""
    late = World(tmp_path / "late", initial_sync="full")
    away = shutil.move(late.exports(NIGHTS[1]), tmp_path / "away")
    shutil.rmtree(late.exports(NIGHTS[3]))
    run(late, late.lake, NIGHTS[0], NIGHTS[2])
    shutil.move(away, late.exports(NIGHTS[1]))
    told = ["--config", str(late.config), "--lake", str(late.lake)]
    before = rows(late.lake)
    ran = crosswalk(tmp_path / "said", "nightly", "--missing", *told)
    assert (ran.status, rows(late.lake)) == (0, before)
    assert f"crosswalk rebuild --from {NIGHTS[1]} --refetch" in ran.out
    rebuild(late, late.lake, NIGHTS[1], refetch=True)
    same(late.lake, world.lake)


def test_missing_nights_are_not_those_that_a_range_has_folded(world: World, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run(world, lake, NIGHTS)
    before = rows(lake)
    ran = crosswalk(tmp_path / "said", "nightly", "--missing", "--config", str(world.config), "--lake", str(lake))
    assert (ran.status, rows(lake)) == (0, before)
    assert "every delivered night is in the lake" in ran.out


def test_another_first_night_is_refused(world: World, lake: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "other", start="2026-02-01", initial_sync="full")
    before = rows(lake)
    with pytest.raises(
        ConfigError, match=r"sync\.yaml: line \d+: start: 2026-02-01 is not the 2026-03-01 of this lake"
    ):
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
