"""Contacts and companies that a night creates, associated by an import that makes nothing (P2-96, P2-97)."""

import copy
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assets.import_files.knowledge import knowledge
from assets.import_files.package_files import SQL
from assets.import_files.self_check import judge
from tests.unit.import_files.deltas import NIGHT, config, property_row, row, rows_of, written
from tests.unit.import_files.model_hubspot import Portal

CONTACTS = {
    r["name"]: r
    for r in (
        property_row("hs_object_id", type="number", read_only=True),
        property_row("email", label="Email"),
        property_row("firstname", label="First Name"),
        property_row("hs_marketable_status", read_only=True),
    )
}
COMPANIES = {
    r["name"]: r
    for r in (
        property_row("hs_object_id", object="company", type="number", read_only=True),
        property_row("domain", object="company", label="Company domain name"),
        property_row("name", object="company", label="Company name"),
    )
}
ROWS = [
    row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", link="003A", marketing=True),
    row("hubspot", "contact", "create", {"email": "b@x.com"}, key="b@x.com", link="003B"),
    row("hubspot", "contact", "create", {"email": "n@x.com"}, key="n@x.com", link="003N"),
    row("hubspot", "contact", "create", {"email": "not an address"}, key="not an address", link="003X"),
    row("hubspot", "company", "create", {"domain": "acme.com", "name": "Acme"}, key="acme.com", link="001A"),
    row("hubspot", "company", "create", {"name": "No domain"}, key="No domain", link="001N"),
]
BELONGING = [
    {"salesforce_id": "003A", "account_id": "001A"},
    {"salesforce_id": "003B", "account_id": "001B", "company_id": "70"},
    {"salesforce_id": "003N", "account_id": "001N"},
    {"salesforce_id": "003O", "account_id": "001A", "hubspot_id": "1", "email": "old@x.com"},
    {"salesforce_id": "003P", "account_id": "001A"},
    {"salesforce_id": "003R", "account_id": "001N", "hubspot_id": "1", "email": "old@x.com"},
    {"salesforce_id": "003Q", "account_id": "001N", "hubspot_id": "2", "email": "w@x.com"},
    {"salesforce_id": "003X", "account_id": "001A"},
    {
        "salesforce_id": "003W",
        "account_id": "001W",
        "hubspot_id": "2",
        "email": "w@x.com",
        "company_id": "70",
        "is_waiting": True,
    },
    {"salesforce_id": "003V", "account_id": "001V", "hubspot_id": "2", "email": "w@x.com", "is_waiting": True},
]


def portal() -> Portal:
    """A portal with one contact and one company."""
    companies = Portal("0-2", COMPANIES, {"70": {"name": "Old", "domain": "old.com"}}, next_id=500)
    return Portal("0-1", CONTACTS, {"1": {"email": "old@x.com"}, "2": {"email": "w@x.com"}}, companies=companies)


def folder_with(tmp_path: Path, settings: str = "") -> tuple[Path, Any]:
    folder = tmp_path / "n"
    properties = [*CONTACTS.values(), *COMPANIES.values()]
    return folder, written(folder, ROWS, settings=settings, properties=properties, belonging=BELONGING)


def test_created_records_are_associated_with_theirs(tmp_path: Path) -> None:
    """New with new, new with old either way; who is not in HubSpot, or was held back, is left out; loading twice is safe."""
    folder, manifest = folder_with(tmp_path)
    hub = portal()
    hub.load(folder)
    assert hub.errors == []
    assert hub.companies is not None
    ids = {r["email"]: i for i, r in hub.records.items()}
    acme = next(i for i, r in hub.companies.records.items() if r.get("domain") == "acme.com")
    assert hub.associations == {(ids["a@x.com"], acme), (ids["old@x.com"], acme), (ids["b@x.com"], "70"), ("2", "70")}
    assert hub.records[ids["a@x.com"]]["hs_marketable_status"] == "true"
    [unnamed] = [i for i, r in hub.companies.records.items() if r["name"] == "No domain"]
    assert hub.companies.associations == {("1", unnamed), ("2", unnamed)}
    once = copy.deepcopy((hub.records, hub.associations))
    hub.load(folder)
    assert (hub.records, hub.associations) == once
    assert [(h.operation, h.code, h.rows) for h in manifest.held_back if h.operation == "associate"] == [
        ("associate", "company_without_domain", 1)
    ]
    listed = [json.loads(line) for line in (folder / "undo" / "cannot-be-undone.jsonl").read_text().splitlines()]
    assert sorted(r["link"] for r in listed if r["code"] == "association_made") == ["003A", "003B", "003O", "003W"]


def test_a_company_without_a_domain_is_found_by_a_unique_property(tmp_path: Path) -> None:
    """P2-92: where a mapped property of companies is unique, no company needs a domain; loading twice makes none twice."""
    unique = [
        property_row("account_key", object="company", hasUniqueValue=True),
        property_row("a_key_nobody_maps", object="company", hasUniqueValue=True),
    ]
    named = {"name": "No domain", "account_key": "K-7", "a_key_nobody_maps": "x"}
    rows = [
        *ROWS[:-1],
        row("hubspot", "company", "create", named, key="No domain", link="001N"),
        row("hubspot", "company", "create", {"name": "Neither"}, key="Neither", link="001Z"),
    ]
    folder = tmp_path / "n"
    manifest = written(
        folder,
        rows,
        settings="mappings: [{hubspot: account_key, salesforce: Key__c, object: company}]\n",
        properties=[*CONTACTS.values(), *COMPANIES.values(), *unique],
        belonging=BELONGING,
    )
    file = "hubspot-companies-create-by-unique.csv"
    assert rows_of(folder / file) == [{"account_key": "K-7", "A_Key_Nobody_Maps": "x", "Company name": "No domain"}]
    judge(manifest, folder, knowledge(config(), NIGHT))
    hub = portal()
    assert hub.companies is not None
    hub.companies.properties = COMPANIES | {r["name"]: r for r in unique}
    hub.load(folder)
    [made] = [i for i, r in hub.companies.records.items() if r.get("account_key") == "K-7"]
    ids = {r["email"]: i for i, r in hub.records.items()}
    assert {pair for pair in hub.associations if pair[1] == made} == {(ids["n@x.com"], made), ("1", made), ("2", made)}
    assert [h.code for h in manifest.held_back if h.operation == "associate"] == []
    listed = [json.loads(line) for line in (folder / "undo" / "cannot-be-undone.jsonl").read_text().splitlines()]
    made_now = {(r["record_id"], r["link"]) for r in listed if r["code"] == "association_made"}
    assert made_now == {
        (None, "003A"),
        (None, "003B"),
        (None, "003N"),
        ("1", "003O"),
        ("1", "003R"),
        ("2", "003Q"),
        ("2", "003W"),
    }
    count = sum(r["name"] == "No domain" for r in hub.companies.records.values())
    hub.load(folder)
    assert (count, sum(r["name"] == "No domain" for r in hub.companies.records.values())) == (1, 1)
    waits = {f.file: f.waits_for for f in manifest.files}
    assert file in waits["hubspot-contacts-associate-by-unique.csv"]


def test_the_files_wait_for_what_they_refer_to_and_pass_the_preflight(tmp_path: Path) -> None:
    folder, manifest = folder_with(tmp_path)
    files = {f.file: f for f in manifest.files}
    by_id = files["hubspot-contacts-associate.csv"]
    by_domain = files["hubspot-contacts-associate-by-domain.csv"]
    assert (by_id.rows, by_domain.rows) == (2, 2)
    creates = {f.file for f in manifest.files if f.operation == "create"}
    assert set(by_domain.waits_for) == creates
    assert all(files[name].order < by_id.order for name in creates)
    assert rows_of(folder / by_id.file) == [
        {"Email": "b@x.com", "Company record ID": "70"},
        {"Email": "w@x.com", "Company record ID": "70"},
    ]
    request = json.loads((folder / f"{by_domain.file}.request.json").read_text())
    assert request["importOperations"] == {"0-1": "UPDATE", "0-2": "UPDATE"}
    assert request["marketableContactImport"] is False
    assert request["createContactListFromImport"] is False
    judge(manifest, folder, knowledge(config(), NIGHT))


@pytest.mark.parametrize("mode", ["create", "update"])
def test_a_mode_that_cannot_create_and_find_associates_nobody(tmp_path: Path, mode: str) -> None:
    """P2-93."""
    folder, manifest = folder_with(tmp_path, f"imports: {{hubspot: {{mode: {mode}}}}}\n")
    lasting = folder / "undo" / "cannot-be-undone.jsonl"
    assert not lasting.exists() or "association_made" not in lasting.read_text()
    assert not [f for f in manifest.files if f.operation == "associate"]
    assert ("associate", "import_mode") in {(h.operation, h.code) for h in manifest.held_back}


def test_nothing_is_associated_where_nothing_is_created(tmp_path: Path) -> None:
    rows = [row("hubspot", "contact", "update", {"firstname": "A"}, record_id="1")]
    manifest = written(tmp_path / "n", rows, belonging=[{"salesforce_id": "003A", "account_id": "001A"}])
    assert [f.operation for f in manifest.files] == ["update"]


def test_who_belongs_to_whom() -> None:
    """sql/belonging.sql: created tonight; made earlier and not seen associated; not what is there or was taken away.

    Of a company that is created, contacts that were there: not who is held back, nor who is outside the segment (P1-41)."""
    tables = {
        "night_delta": [
            {"system": "hubspot", "object": "contact", "op": "create", "link": "003N"},
            {"system": "hubspot", "object": "company", "op": "create", "link": "001B"},
        ],
        "core__sync__decision": [
            {"direction": "to_hubspot", "salesforce_id": "003H", "reasons": ["held_back"]},
            {"direction": "to_salesforce", "salesforce_id": "003U", "reasons": ["not_in_segment"]},
            {"direction": "to_salesforce", "salesforce_id": "003W", "reasons": ["not_in_segment"]},
            {"direction": "to_zoho", "salesforce_id": "003I", "reasons": ["not_in_segment"]},
        ],
        "core__sync__ledger": [
            {"pair_id": "sf:003W", "created_by": "auto_create"},
            {"pair_id": "sf:003S", "created_by": "auto_create"},
            {"pair_id": "sf:003T", "created_by": "import"},
            {"pair_id": "hs:9", "created_by": "stage"},
        ],
        "staged__salesforce__contact": [
            {"Id": f"003{n}", "AccountId": "001A" if n != "Z" else None, "op": "upsert"} for n in "NWSTOZ"
        ]
        + [{"Id": f"003{n}", "AccountId": "001B", "op": "upsert"} for n in "HUI"],
        "core__identity__link": [
            *(
                {"hubspot_id": n, "salesforce_object": "Contact", "salesforce_id": f"003{n}", "is_current": True}
                for n in "WSTOHUI"
            ),
            {"hubspot_id": "70", "salesforce_object": "Account", "salesforce_id": "001A", "is_current": True},
        ],
        "staged__hubspot__contact": [{"hs_object_id": n, "email": f" {n}@X.com", "op": "upsert"} for n in "WSTOHUI"],
        "staged__hubspot__contact_company": [
            {"contact_id": "S", "company_id": "70", "op": "upsert"},
            {"contact_id": "T", "company_id": "70", "op": "delete"},
        ],
    }
    with duckdb.connect() as con:
        for name, rows in tables.items():
            con.register(name, pa.Table.from_pylist(rows))
        found = con.sql((SQL / "belonging.sql").read_text()).order("salesforce_id").to_arrow_table().to_pylist()
    assert [(r["salesforce_id"], r["hubspot_id"], r["email"], r["company_id"], r["is_waiting"]) for r in found] == [
        ("003I", "I", "i@x.com", None, False),
        ("003N", None, None, "70", False),
        ("003W", "W", "w@x.com", "70", True),
    ]
