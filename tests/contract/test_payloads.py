"""API objects that nobody here wrote come through raw and staging whole."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.exports import Exports

NIGHT = "2026-11-18"
PAYLOADS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "hubspot_payloads.json").read_text())


def lines(name: str) -> str:
    return "".join(json.dumps(record) + "\n" for record in PAYLOADS[name]["results"])


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """One night of the payloads: objects one a line, the property list as the API's answer."""
    exports = Exports(tmp_path_factory.mktemp("payloads"))
    files: dict[str, str | bytes | None] = {
        "contacts.jsonl": lines("mock_contacts_with_history"),
        "companies.jsonl": lines("mock_companies_data"),
        "deals.jsonl": lines("mock_deals_data"),
        "properties/contacts.json": json.dumps(PAYLOADS["mock_contacts_properties"]),
    }
    report = exports.night("hubspot", NIGHT, files)
    assert {name: found.rejected for name, found in report.entities.items() if found.rejected} == {}
    return exports


@pytest.mark.parametrize(
    ("entity", "name"),
    [("contact", "mock_contacts_with_history"), ("company", "mock_companies_data"), ("deal", "mock_deals_data")],
)
def test_every_value_is_in_raw_as_it_was_on_the_wire(exports: Exports, entity: str, name: str) -> None:
    rows = {row["hs_object_id"]: row for row in exports.rows(f"raw/hubspot/{entity}", NIGHT)}
    for line, record in enumerate(PAYLOADS[name]["results"], 1):
        row = rows[record["id"]]
        assert row["source_line"] == line
        assert row["archived"] == "false"
        values = {k: v or None for k, v in record["properties"].items() if k != "hs_object_id"}
        assert {key: row[key] for key in values} == values


def test_the_objects_own_id_counts_where_a_property_says_another(exports: Exports) -> None:
    """The second contact with history calls itself 51 and its hs_object_id 1."""
    second = PAYLOADS["mock_contacts_with_history"]["results"][1]
    assert (second["id"], second["properties"]["hs_object_id"]) == ("51", "1")
    assert [row["hs_object_id"] for row in exports.rows("staged/hubspot/contact", NIGHT)] == ["1", "51"]


def test_contacts_are_typed(exports: Exports) -> None:
    maria, brian = exports.rows("staged/hubspot/contact", NIGHT)
    assert (maria["hs_object_id"], maria["email"], maria["city"]) == ("1", "emailmaria@hubspot.com", "Brisbane")
    assert maria["createdate"] == datetime(2023, 6, 28, 13, 55, 47, 572000, UTC)
    assert maria["lastmodifieddate"] == datetime(2023, 7, 1, 21, 28, 22, 147000, UTC)  # from updatedAt
    assert (maria["hs_marketable_status"], maria["hs_email_optout"]) == (True, None)
    assert maria["hs_analytics_num_visits"] == 0.0
    assert brian["city"] == "Cambridge"


def test_property_history_is_kept(exports: Exports) -> None:
    maria = exports.rows("staged/hubspot/contact", NIGHT)[0]
    history = json.loads(maria["propertiesWithHistory"])
    assert history["city"][0]["timestamp"] == "2023-06-28T13:55:47.558Z"


def test_deals_and_companies_are_typed(exports: Exports) -> None:
    first, second = exports.rows("staged/hubspot/deal", NIGHT, "dealname, amount, closedate, dealstage")
    assert (first["dealname"], first["amount"], first["closedate"]) == ("With Atul", 500.0, None)
    assert second["amount"] == 3233.0
    names = exports.rows("staged/hubspot/company", NIGHT, "name, domain")
    assert {"name": "U.S. Food and Drug Administration", "domain": "fda.gov"} in names


def test_the_property_list_is_staged(exports: Exports) -> None:
    found = exports.rows("staged/hubspot/property", NIGHT, "object, name")
    assert len(found) == len({p["name"] for p in PAYLOADS["mock_contacts_properties"]["results"]})
    assert {row["object"] for row in found} == {"contact"}


def test_the_short_form_of_contacts_comes_through(tmp_path: Path) -> None:
    exports = Exports(tmp_path)
    report = exports.night("hubspot", NIGHT, {"contacts.jsonl": lines("mock_contacts_data")})
    assert report.entities["contact"].good == 2
    assert [row["lastname"] for row in exports.rows("staged/hubspot/contact", NIGHT)] == [
        "Johnson (Sample Contact)",
        "Halligan (Sample Contact)",
    ]
