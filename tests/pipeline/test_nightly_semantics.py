"""Nights over time: again, replayed, as a range, rebuilt, refused. Whole lakes are compared (design section 1)."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from assets.shared.failures import CrosswalkError, GuardStopped, InputRefused
from assets.shared.lake import Lake
from assets.shared.nights import due_from
from pipelines.configuration import read_config
from pipelines.report.plans import night_of
from schemas.config import ConfigError
from tests.pipeline.world import EDITS, NIGHTS, World, files, rows
from tests.support.night import run_night
from tests.support.portal import Portal


def run(world: World, night: str | list[str], lake: Path | None = None, **options: Any):  # type: ignore[no-untyped-def]
    return run_night(read_config(world.config), Lake(lake or world.lake), night, **options)


def planned(world: World, night: str) -> list[tuple[str, str]]:
    """Operation and key of every delta to HubSpot of a night."""
    with Lake(world.lake).connect(night) as session:
        session.use("out/delta/hubspot")
        return session.sql("SELECT op, key FROM out__delta__hubspot").fetchall()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three nights, one after the other."""
    world = World(tmp_path_factory.mktemp("world"))
    for night in NIGHTS[:3]:
        run(world, night)
    return world


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    """A lake of its own with the three nights."""
    shutil.copytree(world.lake, tmp_path / "lake")
    return tmp_path / "lake"


def test_a_night_run_again_gives_the_same_rows_and_bytes(world: World, copy: Path) -> None:
    before = rows(copy), files(copy)
    run(world, NIGHTS[2], copy)
    assert (rows(copy), files(copy)) == before
    run(world, NIGHTS[2], copy, refetch=True)
    assert (rows(copy), files(copy)) == before


def test_shuffled_input_gives_the_same_rows_and_bytes(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "shuffled")
    for night in NIGHTS[:3]:
        for path in other.exports(night).rglob("*.csv"):
            header, *body = path.read_text().splitlines(keepends=True)
            path.write_text(header + "".join(reversed(body)))
        run(other, night)
    ours, theirs = rows(world.lake), rows(other.lake)
    decided = [key for key in ours if key.split("/")[0] in ("core", "out")]
    assert decided
    assert {key: theirs[key] for key in decided} == {key: ours[key] for key in decided}
    assert files(other.lake) == files(world.lake)


def test_a_replay_says_so_and_writes_neither_memory_nor_files(world: World, copy: Path) -> None:
    before = rows(copy), files(copy)
    changed = world.exports(NIGHTS[1]) / "salesforce" / "Lead.csv"
    kept = changed.read_bytes()
    changed.write_bytes(kept.replace(b"Anne", b"Other"))
    try:
        report = run(world, NIGHTS[1], copy)
    finally:
        changed.write_bytes(kept)
    assert report.span.mode == "replay"
    assert "replay" in str(report.span.note)
    assert (rows(copy), files(copy)) == before


def test_a_replay_leaves_what_matching_keeps(tmp_path: Path) -> None:
    """Later nights are told by what they have otherwise: a decision taken since must not reach them through an older night."""
    world = World(tmp_path)
    for night in NIGHTS[:2]:
        run(world, night, who_is_who=world.config)
    before = rows(world.lake)
    said = "action,a,b,who,why\nmust_link,hubspot/contact/1000001,hubspot/contact/1000002,me,seen\n"
    (tmp_path / "identity_overrides.csv").write_text(said)
    assert run(world, NIGHTS[0], who_is_who=world.config).span.mode == "replay"
    assert rows(world.lake) == before


def test_a_range_is_one_long_night(world: World, tmp_path: Path) -> None:
    lake = tmp_path / "range"
    report = run(world, NIGHTS[:3], lake)
    assert report.span.folded == tuple(NIGHTS[:2])
    found = Lake(lake)
    assert found.nights("raw/hubspot/contact") == NIGHTS[:3]
    assert found.nights("core/sync/ledger") == [NIGHTS[2]]
    assert found.nights("core/identity/link") == [NIGHTS[2]]
    assert [path.name for path in (lake / "files").iterdir()] == [NIGHTS[2]]
    with pytest.raises(CrosswalkError, match=f"{NIGHTS[0]}: was delivered, but has no plan of its own.* {NIGHTS[2]}"):
        night_of(found, NIGHTS[0])
    ours = {key: value for key, value in rows(world.lake).items() if key.startswith("staged/")}
    assert {key: value for key, value in rows(lake).items() if key.startswith("staged/")} == ours


def test_a_range_over_nights_that_were_run_takes_their_place(world: World, copy: Path, tmp_path: Path) -> None:
    run(world, NIGHTS[:3], tmp_path / "range")
    run(world, NIGHTS[:3], copy)
    assert rows(copy) == rows(tmp_path / "range")
    assert files(copy) == files(tmp_path / "range")


def test_the_last_night_of_a_range_again_is_the_whole_range_again(tmp_path: Path) -> None:
    """Alone it has the same ledger before it, and what was asked of the nights that were folded into it."""
    world = World(tmp_path, resync=[{"night": NIGHTS[1], "emails": ["b@x.com"]}])
    run(world, NIGHTS[0])
    run(world, NIGHTS[1:3])
    before = rows(world.lake), files(world.lake)
    assert any("resync" in row for row in before[0]["core/sync/ledger"])
    run(world, NIGHTS[2])
    assert (rows(world.lake), files(world.lake)) == before


@pytest.mark.parametrize("earlier", [[], NIGHTS[:1]], ids=["the first range", "a later one"])
def test_what_happened_on_a_folded_night_is_still_there_when_the_last_one_runs_again(
    tmp_path: Path, earlier: list[str]
) -> None:
    """Records that are new, a company's stage that moved, an opportunity's role: also on the first night that there is."""
    world = World(tmp_path, initial_sync="full", integration={"lifecycle_transitions": True})
    happens: list[dict[str, Any]] = [
        {"K1": {"lifecyclestage": "lead"}, "K2": {}, "H1": {"companies": ["K1"]}, "H2": {"companies": ["K2"]},
         "S1": ["H1"], "O1": {"StageName": "Open"}, "R9": {"OpportunityId": "O1"}},
        {"L8": {"Email": "new@x.com"}, "K1": {"lifecyclestage": "opportunity"}, "R1": {"OpportunityId": "O1", "ContactId": "C2"}},
        {},
    ]  # fmt: skip
    portal = Portal({"K": ["lifecyclestage"]})
    for number, (night, edits) in enumerate(zip(NIGHTS[:3], happens, strict=True)):
        for name, values in {**EDITS[number], **edits}.items():
            given = values if name == "S1" else {**EDITS[number].get(name, {}), **values}
            portal.edit(name, given, night, first=number == 0)
        portal.write(world.exports(night))
    for night in earlier:
        run(world, night)
    run(world, NIGHTS[len(earlier) : 3])
    before = rows(world.lake), files(world.lake)
    assert ("create", "new@x.com") in planned(world, NIGHTS[2])
    run(world, NIGHTS[2])
    assert (rows(world.lake), files(world.lake)) == before


def test_history_that_is_filled_in_later_makes_nobody_new_on_the_first_night(tmp_path: Path) -> None:
    """It is staged only until `rebuild` brings it in: the first night's window begins with that night (design section 6, 3)."""
    world = World(tmp_path)
    lake = Lake(world.lake)
    run(world, NIGHTS[2])
    assert run(world, NIGHTS[:2]).span.mode == "history"
    assert lake.nights("staged/salesforce/lead")[0] == NIGHTS[0]
    assert due_from(lake, NIGHTS[2]) == NIGHTS[2]


def test_a_record_that_was_refused_inside_a_range_is_new_when_it_is_good(tmp_path: Path) -> None:
    """On every night of the range, also on those that have no plan of their own (SC-A5)."""
    world = World(tmp_path)
    world.portal.edit("L9", {"Email": "new@x.com", "IsDeleted": "perhaps"}, NIGHTS[1])
    world.portal.write(world.exports(NIGHTS[1]))
    run(world, NIGHTS[0])
    run(world, NIGHTS[1:3])
    assert ("create", "new@x.com") not in planned(world, NIGHTS[2])
    world.portal.edit("L9", {"IsDeleted": "false"}, NIGHTS[3])
    world.portal.write(world.exports(NIGHTS[3]))
    run(world, NIGHTS[3])
    assert ("create", "new@x.com") in planned(world, NIGHTS[3])


def test_an_old_range_fills_raw_and_staged_only(world: World, tmp_path: Path) -> None:
    lake = tmp_path / "late"
    run(world, NIGHTS[2], lake)
    decided = {key: value for key, value in rows(lake).items() if key.split("/")[0] in ("core", "out")}
    report = run(world, NIGHTS[:2], lake)
    assert report.span.mode == "history"
    assert Lake(lake).nights("staged/hubspot/contact")[0] == NIGHTS[0]
    assert {key: value for key, value in rows(lake).items() if key.split("/")[0] in ("core", "out")} == decided


def test_a_range_may_have_nights_on_which_nothing_was_delivered(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "gap")
    shutil.rmtree(other.exports(NIGHTS[1]))
    run(other, NIGHTS[:3])
    assert Lake(other.lake).nights("raw/hubspot/contact") == [NIGHTS[0], NIGHTS[2]]


def test_a_missed_night_is_simply_not_there(world: World, tmp_path: Path) -> None:
    lake = tmp_path / "missed"
    run(world, NIGHTS[0], lake)
    report = run(world, NIGHTS[2], lake)
    assert report.span.mode == "run"
    assert Lake(lake).nights("core/identity/link") == [NIGHTS[0], NIGHTS[2]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("salesforce/Lead.csv", None, "missing tonight"),
        ("salesforce/Lead.csv", "<html><body>503</body></html>", "HTML"),
        ("salesforce/Lead.csv", "Name,Email\nAnn,a@x.com\n", "Id"),
        ("hubspot/contacts.csv", "", "empty"),
        ("hubspot/contacts.csv", "email,firstname\na@x.com,Ann\n", "hs_object_id"),
    ],
)
def test_refused_input_leaves_the_lake_as_it_was(
    world: World, copy: Path, tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    other = World(tmp_path / "broken")
    path = other.exports(NIGHTS[3]) / name
    path.unlink() if content is None else path.write_text(content)
    before = rows(copy), files(copy)
    with pytest.raises(InputRefused) as caught:
        run(other, NIGHTS[3], copy)
    assert words in str(caught.value)
    assert (rows(copy), files(copy)) == before


def test_a_night_that_only_one_crm_delivered_is_refused(copy: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "half")
    shutil.rmtree(other.exports(NIGHTS[3]) / "hubspot")
    before = rows(copy)
    with pytest.raises(InputRefused, match="hubspot"):
        run(other, NIGHTS[3], copy)
    assert rows(copy) == before


def test_a_delivery_that_shrank_is_refused_until_it_is_accepted(copy: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "small", guards={"max_shrink": 0.1, "max_deletes": None})
    path = other.exports(NIGHTS[3]) / "hubspot" / "contacts.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    with pytest.raises(InputRefused, match="--accept-shrink"):
        run(other, NIGHTS[3], copy)
    assert run(other, NIGHTS[3], copy, accept_shrink=True).span.mode == "run"


def test_a_guard_stops_the_files_only(copy: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "guarded", guards={"max_changes": 0, "max_deletes": None, "max_shrink": None})
    with pytest.raises(GuardStopped):
        run(other, NIGHTS[3], copy)
    assert NIGHTS[3] in Lake(copy).nights("core/sync/ledger")
    assert not (copy / "files" / NIGHTS[3]).exists()


def test_another_calendar_is_refused_under_a_lake_with_nights(copy: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "elsewhere", timezone="Europe/Oslo")
    with pytest.raises(ConfigError, match=r"line 1: timezone: Europe/Oslo is not the UTC"):
        run(other, NIGHTS[3], copy)


def test_everything_in_the_lake_is_private(world: World) -> None:
    open_to_others = [path for path in world.lake.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []
