"""Default English labels, the portal's own labels, and option labels."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.hubspot.labels import Portal, translate
from assets.shared.labels import REFERENCE, fold
from schemas.contract import Kind, kinds
from schemas.hubspot import ENTITIES

PROPERTIES: list[dict[str, Any]] = [
    {"name": "region__hs", "label": "Region", "type": "enumeration", "fieldType": "select",
     "options": [{"label": "North", "value": "n"}, {"label": "South", "value": "s"}, {"label": "n", "value": "other"}]},
    {"name": "topics", "label": "Topics", "type": "enumeration", "fieldType": "checkbox",
     "options": [{"label": "Data & AI", "value": "data"}, {"label": "Sales", "value": "sales"}]},
    {"name": "phone", "label": "Telephone", "type": "string", "fieldType": "text"},
]  # fmt: skip


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    (tmp_path / "properties").mkdir()
    (tmp_path / "properties" / "contacts.json").write_text(json.dumps({"results": PROPERTIES}))
    owners = [{"id": "7", "email": "ann@x.example", "firstName": "Ann", "lastName": "Lee"},
              {"id": "8", "email": "bo@x.example", "firstName": "Bo", "lastName": "Ek"},
              {"id": "9", "email": "bo2@x.example", "firstName": "Bo", "lastName": "Ek"}]  # fmt: skip
    (tmp_path / "owners.json").write_text(json.dumps(owners))
    return Portal(tmp_path)


def names(portal: Portal, *header: str) -> tuple[list[str], set[str]]:
    return portal.names("contact", list(header))


def test_default_labels_without_property_files(tmp_path: Path) -> None:
    found, labelled = names(
        Portal(tmp_path), "Record ID", "First Name", "email", "Lifecycle Stage", "Shoe size", "CITY"
    )
    assert found == ["hs_object_id", "firstname", "email", "lifecyclestage", "Shoe size", "city"]
    assert labelled == {"hs_object_id", "firstname", "lifecyclestage", "city"}


def test_a_header_mixes_labels_and_internal_names(portal: Portal) -> None:
    found, labelled = names(portal, "hs_object_id", "Last Name", "region__hs", "Topics")
    assert found == ["hs_object_id", "lastname", "region__hs", "topics"]
    assert labelled == {"lastname", "topics"}


def test_the_portals_label_comes_before_the_default_one(portal: Portal) -> None:
    assert names(portal, "Telephone", "Phone Number")[0] == ["phone", "phone"]


def test_an_internal_name_comes_before_a_label(portal: Portal) -> None:
    assert names(portal, "phone") == (["phone"], set())


def test_a_label_of_several_properties_means_hubspots_own_or_none(tmp_path: Path) -> None:
    (tmp_path / "properties").mkdir()
    called = {"old_job_title": "Job title", "jobtitle": "Job Title", "size_eu": "Size", "size_us": "size"}
    listed = [{"name": name, "label": label} for name, label in called.items()]
    (tmp_path / "properties" / "contact.json").write_text(json.dumps(listed))
    assert names(Portal(tmp_path), "Job Title", "Size", "size_eu")[0] == ["jobtitle", "Size", "size_eu"]


def values(portal: Portal, name: str, *cells: str | None) -> list[str | None]:
    frame = pl.DataFrame({"x": cells}, schema={"x": pl.String})
    return frame.select(translate(pl.col("x"), portal.options("contact", name)))["x"].to_list()


def test_option_labels_become_internal_values(portal: Portal) -> None:
    assert values(portal, "region__hs", "North", " south ", "s", "West", None) == ["n", "s", "s", "West", None]


def test_an_internal_value_comes_before_another_options_label(portal: Portal) -> None:
    assert values(portal, "region__hs", "n") == ["n"]  # P2-63


def test_several_options_in_a_cell(portal: Portal) -> None:
    assert values(portal, "topics", "Data & AI;Sales", "sales; data & ai", "Other;Sales", None) == [
        "data;sales", "sales;data", "Other;sales", None,
    ]  # fmt: skip


def test_owners_by_name_or_address_where_that_is_one_owner(portal: Portal) -> None:
    cells = values(portal, "hubspot_owner_id", "Ann Lee", "BO@x.example", "Bo Ek", "7", None)
    assert cells == ["7", "8", "Bo Ek", "7", None]


def test_default_options(tmp_path: Path) -> None:
    stages = values(Portal(tmp_path), "lifecyclestage", "Marketing Qualified Lead", "customer", "MQL", "Kunde")
    assert stages == ["marketingqualifiedlead", "customer", "MQL", "Kunde"]  # SC-57


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe{", b"<html>", b'{"results": 5}', b"[1, null]", b'[{"name": 5}]']
)
def test_a_broken_property_file_is_left_to_the_landing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "properties").mkdir()
    (tmp_path / "properties" / "contacts.json").write_bytes(content)
    assert names(Portal(tmp_path), "Email")[0] == ["email"]


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_default_label_means_two_properties() -> None:
    seen: dict[tuple[str, str], str] = {}
    for row in rows("hubspot_properties.csv"):
        assert seen.setdefault((row["object"], fold(row["label"])), row["name"]) == row["name"]
        assert row["object"] in ENTITIES


def test_every_declared_property_of_hubspots_own_has_a_label() -> None:
    labelled = {(row["object"], row["name"]) for row in rows("hubspot_properties.csv")}
    made_elsewhere = {("company", "hs_additional_domains")}
    for entity in ENTITIES.values():
        if entity.object:
            declared = {(entity.object, name) for name in kinds(entity.model)}
            assert declared - labelled <= made_elsewhere


def test_options_belong_to_listed_properties() -> None:
    listed = {(row["object"], row["name"]) for row in rows("hubspot_properties.csv")}
    assert {(row["object"], row["name"]) for row in rows("hubspot_options.csv")} <= listed


def test_declared_types_are_hubspots_except_for_ids() -> None:
    types = {"bool": Kind.BOOLEAN, "number": Kind.NUMBER, "date": Kind.DATE, "datetime": Kind.DATETIME}
    for row in rows("hubspot_properties.csv"):
        declared = kinds(ENTITIES[row["object"]].model).get(row["name"])
        if declared in set(types.values()):
            assert types.get(row["type"], Kind.BOOLEAN) is declared, row["name"]
