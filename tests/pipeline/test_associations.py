"""Contacts and companies over whole nights: associated when one is made, again until seen, never against anybody's will."""

import csv
import json
from pathlib import Path

from assets.shared.lake import Lake
from tests.support.configuration import write_config
from tests.support.ids import real
from tests.support.outcome import Names, Outcome
from tests.support.portal import Portal, night_of
from tests.support.run import run_night


def associated(outcome: Outcome) -> list[tuple[str, str]]:
    """(e-mail, company's Record ID) of the night's association file."""
    path = outcome.folder / "hubspot-contacts-associate.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]  # type: ignore[misc]


def test_who_is_made_is_associated_until_it_is_seen(tmp_path: Path) -> None:
    """Night 2: a new contact of a known company, a new account whose contact is known. Night 3: loaded but for the file of
    associations. Night 4: loaded, and taken away by hand on night 5."""
    portal, config, lake = Portal(), write_config(tmp_path / "sync.yaml", {}), Lake(tmp_path / "lake")

    def night(number: int) -> Outcome:
        portal.write(tmp_path / "exports" / night_of(number))
        run_night(config, lake.root, night_of(number))
        return Outcome(lake, night_of(number), Names({}))

    portal.edit("K9", {"name": "Old"}, night_of(1), first=True)
    portal.edit("H1", {"email": "p1@x.com", "companies": ["K9"]}, night_of(1), first=True)
    portal.edit("H5", {"email": "p5@x.com"}, night_of(1), first=True)
    portal.edit("A9", {"Name": "Old"}, night_of(1), first=True)
    portal.edit("C1", {"Email": "p1@x.com", "AccountId": real("A9")}, night_of(1), first=True)
    portal.edit("C5", {"Email": "p5@x.com"}, night_of(1), first=True)
    assert associated(night(1)) == []

    portal.edit("C3", {"Email": "c3@x.com", "AccountId": real("A9")}, night_of(2))
    portal.edit("A2", {"Name": "NewCo"}, night_of(2))
    portal.edit("C5", {"AccountId": real("A2")}, night_of(2))
    second = night(2)
    assert associated(second) == [("c3@x.com", real("K9"))]
    [line] = (second.folder / "create-hubspot-companies.jsonl").read_text().splitlines()
    [body] = json.loads(line)["inputs"]
    assert (body["properties"]["name"], [a["to"]["id"] for a in body["associations"]]) == ("NewCo", [real("H5")])
    order = {f["file"]: f["order"] for f in second.manifest()["files"]}
    assert order["hubspot-contacts-create.csv"] < order["hubspot-contacts-associate.csv"]

    portal.edit("K2", {"name": "NewCo"}, night_of(3))
    portal.edit("H5", {"companies": ["K2"]}, night_of(3))
    portal.edit("H3", {"email": "c3@x.com"}, night_of(3))
    third = night(3)
    assert associated(third) == [("c3@x.com", real("K9"))]
    assert not (third.folder / "create-hubspot-companies.jsonl").exists()

    portal.edit("H3", {"companies": ["K9"]}, night_of(4))
    assert associated(night(4)) == []
    portal.edit("H3", {"companies": []}, night_of(5))
    assert associated(night(5)) == []


def test_nobody_is_associated_where_companies_do_not_sync(tmp_path: Path) -> None:
    """P2-50."""
    portal, lake = Portal(), Lake(tmp_path / "lake")
    config = write_config(tmp_path / "sync.yaml", {"integration": {"company_sync": False}})
    portal.edit("K9", {"name": "Old"}, night_of(1), first=True)
    portal.edit("H1", {"email": "p1@x.com", "companies": ["K9"]}, night_of(1), first=True)
    portal.edit("A9", {"Name": "Old"}, night_of(1), first=True)
    portal.edit("C1", {"Email": "p1@x.com", "AccountId": real("A9")}, night_of(1), first=True)
    for number in (1, 2):
        if number == 2:
            portal.edit("C3", {"Email": "c3@x.com", "AccountId": real("A9")}, night_of(2))
        portal.write(tmp_path / "exports" / night_of(number))
        run_night(config, lake.root, night_of(number))
    outcome = Outcome(lake, night_of(2), Names({}))
    assert [f["operation"] for f in outcome.manifest()["files"]] == ["create"]
