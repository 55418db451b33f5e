"""The same arguments give the same bytes, whatever the size of a slice; the committed sample is what the generator makes."""

from pathlib import Path

import pytest

from tests.bench.portal.generate import generate
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import Nights
from tests.unit.portal.delivered import NIGHTS, SAMPLES, content, rows

TWO_NIGHTS = "2026-11-18..2026-11-19"


def portal(people: int, seed: int = 7, nights: str = TWO_NIGHTS, change: float = 0.02) -> Portal:
    return Portal(people, seed, Nights.of(nights, "Europe/Oslo"), change)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    generate(portal(1500), folder)
    return folder


def test_same_arguments_same_bytes_even_in_other_slices(small: Path, tmp_path: Path) -> None:
    generate(portal(1500), tmp_path, rows=700)
    assert files(tmp_path) == files(small)


def test_another_seed_is_another_portal(small: Path, tmp_path: Path) -> None:
    generate(portal(1500, seed=8), tmp_path)
    assert files(tmp_path)["2026-11-18/salesforce/Lead.csv.gz"] != files(small)["2026-11-18/salesforce/Lead.csv.gz"]


def test_the_committed_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    generate(portal(4000, nights=f"{NIGHTS[0]}..{NIGHTS[-1]}"), tmp_path)
    made = {path.relative_to(tmp_path): content(path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(SAMPLES): content(path) for path in SAMPLES.rglob("*") if path.is_file()}
    assert sorted(made) == sorted(kept)
    assert [str(name) for name in made if made[name] != kept[name]] == []


def test_incremental_nights_hold_the_rows_changed_that_night(tmp_path: Path) -> None:
    generate(portal(3000), tmp_path / "full", varied=False)
    generate(portal(3000), tmp_path / "part", delivery="incremental", varied=False)
    assert files(tmp_path / "full" / "2026-11-18") == files(tmp_path / "part" / "2026-11-18")
    for name, stamp in (
        ("hubspot/contacts", "lastmodifieddate"),
        ("hubspot/companies", "hs_lastmodifieddate"),
        ("salesforce/Lead", "SystemModstamp"),
        ("salesforce/Contact", "SystemModstamp"),
        ("salesforce/CampaignMember", "SystemModstamp"),
        ("salesforce/Opportunity", "SystemModstamp"),
    ):
        full = rows("2026-11-19", name, tmp_path / "full")
        part = rows("2026-11-19", name, tmp_path / "part")
        assert 0 < len(part) < len(full) / 4
        assert list(part) == [row for row in full if row[stamp] > "2026-11-18T23:00:00.000Z"], name


def test_memberships_are_whole_even_in_an_incremental_night(tmp_path: Path) -> None:
    generate(portal(1500), tmp_path / "full", varied=False)
    generate(portal(1500), tmp_path / "part", delivery="incremental", varied=False)
    name = "2026-11-19/hubspot/list_memberships.csv"
    assert (tmp_path / "full" / name).read_bytes() == (tmp_path / "part" / name).read_bytes()


def test_a_change_share_is_kept() -> None:
    edited = portal(200_000, change=0.01)
    everybody = next(edited.slices(10**6))
    assert edited.edited(everybody, 2).mean() == pytest.approx(0.01, abs=0.001)


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "2026-11-18" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("keep me")
    with pytest.raises(FileExistsError, match="has not made"):
        generate(portal(1000), tmp_path)
    assert mine.read_text() == "keep me"
