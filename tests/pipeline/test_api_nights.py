"""Whole nights of `kind: api` through `crosswalk nightly`, from an emulator: what exports of the same CRMs would decide."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from tests.pipeline.world import NIGHTS, World
from tests.support.live import emulator
from tests.support.live_nights import DECIDED, api_config, both, command, secrets_of, serve_night

SOURCES = {"sources": {"salesforce": {"absent": "deleted"}}}
PEOPLE = ("staged/hubspot/contact", "staged/salesforce/lead", "staged/salesforce/contact")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("api"), initial_sync="full", **SOURCES)


@pytest.fixture(scope="module")
def crm() -> Iterator[Serving]:
    with emulator() as serving, secrets_of(serving):
        yield serving


@pytest.fixture(scope="module")
def lakes(world: World, crm: Serving) -> tuple[Path, Path]:
    """Two nights of the same CRMs, from their files and from their APIs."""
    files, api = world.folder / "lake-files", world.folder / "lake-api"
    for night in NIGHTS[:2]:
        assert command(world.config, files, "nightly", "--night", night) == 0
        serve_night(crm, world, night)
        assert command(api_config(world), api, "nightly", "--night", night) == 0
    return files, api


@pytest.mark.parametrize("key", [*PEOPLE, *DECIDED])
def test_a_first_and_a_second_night_decide_what_exports_decide(lakes: tuple[Path, Path], key: str) -> None:
    files, api = both(*lakes, key)
    assert api == files
    assert files or key == "core/segment/membership"


def test_the_second_night_asked_for_changes_only(lakes: tuple[Path, Path]) -> None:
    lake = Lake(lakes[1])
    with lake.connect(NIGHTS[1]) as session:
        session.use("raw/hubspot/api")
        modes = session.sql(
            "SELECT DISTINCT mode FROM raw__hubspot__api WHERE entity IN ('contact', 'deal')"
        ).fetchall()
        session.use("raw/salesforce/lead")
        leads = session.sql("SELECT count(*) FROM raw__salesforce__lead").fetchall()
    assert (modes, leads) == ([("changes",)], [(1,)])


def test_a_quota_stops_and_the_same_command_goes_on(
    world: World, crm: Serving, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without --night: the last night that is over, by the machine's own clock."""
    folder = world.exports(NIGHTS[0])
    crm.emulator.load(folder / "hubspot", folder / "salesforce")
    crm.emulator.world.offset = 0.0
    config = api_config(world)
    fault = crm.emulator.fault("daily", "GET /crm/lists|POST /crm/associations|GET /services/.*Contact", times=1)
    assert command(config, tmp_path, "nightly") == 4
    assert fault.times == 0
    assert "what was fetched is kept" in capfd.readouterr().err
    before = len(crm.emulator.world.log)
    assert command(config, tmp_path, "nightly") == 0
    printed = capfd.readouterr()
    assert "hubspot: a first full extraction" not in printed.err  # it goes on
    assert "HubSpot: 0 to create, 2 to update" in printed.out
    status = [json.loads(line) for line in (tmp_path / "status.jsonl").read_text().splitlines()]
    assert [(line["exit_status"], line["night"]) for line in status] == [
        (4, status[0]["night"]),
        (0, status[0]["night"]),
    ]
    pages = [call for call in crm.emulator.world.log[before:] if "GET /crm/objects/2026-09/contacts?" in call]
    assert not [call for call in pages if "archived=false" in call], "pages that were fetched are not asked for again"
    assert status[0]["night"] in Lake(tmp_path).nights("core/identity/link")


@pytest.mark.slow
def test_a_range_is_one_run_and_gives_each_record_to_the_night_of_its_last_change(
    world: World, crm: Serving, lakes: tuple[Path, Path], tmp_path: Path
) -> None:
    serve_night(crm, world, NIGHTS[1])
    asked = len(crm.emulator.world.log)
    assert command(api_config(world), tmp_path, "backfill", "--from", NIGHTS[0], "--to", NIGHTS[1]) == 0
    assert sum("GET /crm/properties/2026-09/contacts" in call for call in crm.emulator.world.log[asked:]) == 1
    with Lake(tmp_path).connect(NIGHTS[1]) as session:
        session.use("raw/salesforce/lead")
        assert session.sql("SELECT Id FROM raw__salesforce__lead").fetchall() == [("00Q0000000000L1EAI",)]
    for key in PEOPLE:
        ranged, nightly = ({(row.get("Id") or row["hs_object_id"]): row["row_hash"] for row in rows}
                           for rows in both(tmp_path, lakes[1], key))  # fmt: skip
        assert ranged.items() <= nightly.items() or set(ranged) == set(nightly)
    assert Lake(tmp_path).nights("core/sync/ledger") == [NIGHTS[1]]
