"""The mappings of a night: 29 defaults, custom ones on every object that has the field, rules by name, what is one-way."""

from typing import Any

import pyarrow as pa
import pytest

from assets.import_files import cells
from assets.sync.catalog import Catalog, FieldInfo
from assets.sync.mappings import default_mappings, digest, mapping_table, required_table
from assets.sync.values import SQL
from schemas.config import SyncConfig, parse

BASE = """
timezone: Europe/Oslo
start: 2026-11-18
sources:
  salesforce: {kind: exports, path: "{night}/s"}
  hubspot: {kind: exports, path: "{night}/h"}
"""


def config(extra: str = "") -> SyncConfig:
    return parse(BASE + extra)


def catalog(**salesforce: dict[str, FieldInfo]) -> Catalog:
    hubspot = {
        name: FieldInfo() for name in ("jobtitle", "city", "region__hs", "numemployees", "salesforcecampaignids")
    }
    return Catalog({"Lead": {}, "Contact": {}, "Account": {}, **salesforce}, {"contact": hubspot, "company": {}})


def rows(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def test_there_are_29_numbered_defaults_for_people() -> None:
    numbered = [
        entry["number"] for entry in default_mappings(config()) if entry["object"] == "person" and entry["number"]
    ]
    assert list(dict.fromkeys(numbered)) == [str(number) for number in range(1, 30)]


def test_one_mapping_serves_every_object_that_has_the_field() -> None:
    settings = config("mappings:\n- {hubspot: region__hs, salesforce: Region__c, rule: two_way}\n")
    both = catalog(Lead={"Region__c": FieldInfo()}, Contact={"Region__c": FieldInfo()})
    lead_only = catalog(Lead={"Region__c": FieldInfo()})
    assert rows(mapping_table(settings, both), "salesforce_object", "mapping", "rule") == [
        ("Contact", "region__hs:Region__c", "two_way"),
        ("Contact", "salesforcecampaignids:CampaignIds", "always_salesforce"),
        ("Lead", "region__hs:Region__c", "two_way"),
        ("Lead", "salesforcecampaignids:CampaignIds", "always_salesforce"),
    ]
    assert ("Contact", "region__hs:Region__c") not in rows(
        mapping_table(settings, lead_only), "salesforce_object", "mapping"
    )


@pytest.mark.parametrize(
    ("rules", "lead", "contact"),
    [
        ("{}", "prefer_salesforce_unless_blank", "prefer_salesforce_unless_blank"),
        ("{city: two_way}", "two_way", "two_way"),
        ("{city/lead: never}", "never", "prefer_salesforce_unless_blank"),
        ("{city: two_way, city/contact: always_salesforce}", "two_way", "always_salesforce"),
    ],
)
def test_a_rule_names_both_cities_or_one(rules: str, lead: str, contact: str) -> None:
    found = catalog(Lead={"City": FieldInfo()}, Contact={"MailingCity": FieldInfo()})
    table = mapping_table(config(f"mapping_rules: {rules}\n"), found)
    by_mapping = {row["mapping"]: row["rule"] for row in table.to_pylist()}
    assert (by_mapping["city:City"], by_mapping["city:MailingCity"]) == (lead, contact)


def test_numbers_of_employees_and_formulas_go_one_way() -> None:
    found = catalog(Lead={"NumberOfEmployees": FieldInfo(kind="number"), "Title": FieldInfo(calculated=True)})
    table = {row["mapping"]: row for row in mapping_table(config(), found).to_pylist()}
    assert table["numemployees:NumberOfEmployees"]["is_one_way"]
    assert table["jobtitle:Title"]["is_one_way"]
    assert not table["jobtitle:Title"]["is_trigger"]


def test_the_digest_names_the_set_of_mappings_and_its_rules() -> None:
    found = catalog(Lead={"Title": FieldInfo()})
    columns = {"staged__hubspot__contact": ["email", "jobtitle"]}
    before = digest(mapping_table(config(), found), columns)
    assert before == digest(mapping_table(config(), found), columns)
    assert before != digest(mapping_table(config("mapping_rules: {jobtitle: two_way}\n"), found), columns)
    assert before != digest(mapping_table(config(), found), columns | {"staged__salesforce__lead": ["Title"]})


def test_required_fields_leave_out_what_salesforce_fills_itself() -> None:
    found = catalog(
        Lead={
            "LastName": FieldInfo(required=True),
            "Name": FieldInfo(required=True),
            "OwnerId": FieldInfo(required=True),
        },
        Account={"Name": FieldInfo(required=True)},
    )
    assert rows(required_table(found), "salesforce_object", "salesforce") == [("Lead", "LastName"), ("Account", "Name")]


def test_deciding_and_the_files_take_the_same_addresses() -> None:
    """P2-C2: SQL that is carried to other engines binds no pattern, so it stands in two places."""
    sql = (SQL / "proposal.sql").read_text()
    assert f"'{cells._EMAIL.replace(chr(39), chr(39) * 2)}'" in sql
