"""One night over both CRMs: tiers, guards, overrides, golden records and what to merge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.identity import duplicate, ids, night, overrides, sources, survive
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.sql import Session

TYPES = {"VARCHAR": pl.String, "TIMESTAMPTZ": pl.Datetime("us", "UTC"), "BOOLEAN": pl.Boolean}
PEOPLE = [("Ana", "Dias"), ("Bo", "Nilsen"), ("Carla", "Rossi"), ("Dev", "Patel"), ("Edda", "Braun"), ("Finn", "Olsen")]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Lake(tmp_path / "lake").connect() as opened:
        yield opened


def stage(session: Session, **tables: list[dict[str, Any]]) -> None:
    """Staged relations with the columns that the stage reads; a row says only what matters."""
    for key, columns in sources.COLUMNS.items():
        rows = tables.get(key.removeprefix("staged/").replace("/", "_"), [])
        schema = {name: TYPES[kind] for name, kind in columns.items()} | {"night": pl.String}
        full = [{**dict.fromkeys(columns), "op": "upsert", "night": "2026-01-01", **row} for row in rows]
        session.register(keys.relation(key), pl.DataFrame(full, schema=schema))


def crowd(crm: str) -> list[dict[str, Any]]:
    """Six unrelated people as HubSpot contacts or Salesforce contacts, each pair with one address."""
    rows = []
    for i, (first, last) in enumerate(PEOPLE):
        mail = f"{first}.{last}@{last}.example".lower()
        if crm == "hubspot":
            rows.append({"hs_object_id": str(i), "firstname": first, "lastname": last, "email": mail})
        else:
            rows.append({"Id": f"003{i}", "FirstName": first, "LastName": last, "Email": mail})
    return rows


def decide(*rows: tuple[str, str, str]) -> overrides.Overrides:
    return overrides.parse([{"action": action, "a": a, "b": b, "who": "w", "why": "y"} for action, a, b in rows], "f")


def groups(found: night.Resolved) -> set[frozenset[str]]:
    """Clusters of more than one record."""
    sets = found.clusters.group_by("cluster").agg("record")["record"].to_list()
    return {frozenset(s) for s in sets if len(s) > 1}


def pairs(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["a"], row["b"]): row for row in session.table("identity_pair").to_pylist()}


def test_the_same_address_joins_across_systems(session: Session) -> None:
    stage(session, hubspot_contact=crowd("hubspot"), salesforce_contact=crowd("salesforce"))
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == {frozenset({f"hubspot/contact/{i}", f"salesforce/contact/003{i}"}) for i in range(6)}
    assert {row["tier"] for row in pairs(session).values() if row["zone"] == "merge"} == {"T1"}


def test_a_secondary_address_and_a_tagged_one_are_the_same_mailbox(session: Session) -> None:
    hubspot = crowd("hubspot")
    hubspot[0]["hs_additional_emails"] = "old@dias.example;ana+news@dias.example"
    salesforce = [
        {"Id": "0030", "FirstName": "Ana", "LastName": "Dias", "Email": "OLD@dias.example"},
        {"Id": "0031", "FirstName": "Ana", "LastName": "Dias", "Email": "ana@dias.example"},
    ]
    stage(session, hubspot_contact=hubspot, salesforce_contact=salesforce)
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == {frozenset({"hubspot/contact/0", "salesforce/contact/0030", "salesforce/contact/0031"})}
    assert pairs(session)["hubspot/contact/0", "salesforce/contact/0030"]["tier"] == "T1"
    assert pairs(session)["hubspot/contact/0", "salesforce/contact/0031"]["tier"] == "T2"


def test_stored_ids_join_through_conversions_and_merges(session: Session) -> None:
    hubspot = [{"hs_object_id": "1", "firstname": "Ana", "lastname": "Dias", "salesforceleadid": "00Q1"},
               {"hs_object_id": "2", "op": "merge", "merged_into": "1", "salesforcecontactid": "0039"}]  # fmt: skip
    leads = [{"Id": "00Q1", "op": "merge", "merged_into": "00Q2"},
             {"Id": "00Q2", "IsConverted": True, "ConvertedContactId": "0031", "LastName": "Dias"}]  # fmt: skip
    stage(
        session,
        hubspot_contact=hubspot,
        salesforce_lead=leads,
        salesforce_contact=[{"Id": "0031", "LastName": "Changed"}],
    )
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == {frozenset({"hubspot/contact/1", "salesforce/contact/0031"})}


def test_a_role_inbox_joins_nobody_and_is_reported(session: Session) -> None:
    hubspot = [{**row, "email": "info@firm.example"} for row in crowd("hubspot")]
    stage(session, hubspot_contact=hubspot)
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == set()
    kept = [row for row in found.review.to_pylist() if row["guard"] == "role_inbox"]
    assert kept
    assert kept[0]["records"] == 6


def test_an_address_that_three_names_use_is_an_office(session: Session) -> None:
    rows = crowd("salesforce")
    for row in rows[:3]:
        row["Email"] = "desk4@firm.example"
    stage(session, salesforce_contact=rows)
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == set()
    assert "role_inbox" in {row["guard"] for row in found.review.to_pylist()}


def test_an_address_against_both_names_is_vetoed(session: Session) -> None:
    rows = crowd("salesforce")
    rows[1]["Email"] = rows[0]["Email"]
    stage(session, salesforce_contact=rows)
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == set()
    assert pairs(session)["salesforce/contact/0030", "salesforce/contact/0031"]["guard"] == "name_veto"


def test_a_household_is_not_one_person(session: Session) -> None:
    home = {"address": "12 Elm Street", "zip": "90210", "city": "Springfield", "phone": "+14155552671"}
    rows = [{**row, **home, "lastname": "Dias", "email": None} for row in crowd("hubspot")[:3]]
    stage(session, hubspot_contact=[*rows, *crowd("hubspot")[3:]])
    assert groups(night.resolve_entity(session, "person", decide())) == set()


def test_records_linked_to_two_others_are_not_merged(session: Session) -> None:
    twin = {"firstname": "Ana", "lastname": "Dias", "phone": "+14155552671", "address": "12 Elm Street", "zip": "90210"}
    hubspot = [
        {"hs_object_id": "1", "salesforcecontactid": "0031", **twin},
        {"hs_object_id": "2", "salesforcecontactid": "0032", **twin},
    ]
    theirs = [
        {"Id": "0031", "FirstName": "Ana", "LastName": "Dias"},
        {"Id": "0032", "FirstName": "Ana", "LastName": "Dias"},
    ]
    stage(session, hubspot_contact=hubspot + crowd("hubspot")[3:], salesforce_contact=theirs)
    found = night.resolve_entity(session, "person", decide())
    assert groups(found) == {frozenset({f"hubspot/contact/{i}", f"salesforce/contact/003{i}"}) for i in (1, 2)}
    assert pairs(session)["hubspot/contact/1", "hubspot/contact/2"]["guard"] == "conflicting_stored_ids"


def test_a_person_overrules_the_machine(session: Session) -> None:
    stage(session, hubspot_contact=crowd("hubspot"), salesforce_contact=crowd("salesforce"))
    found = night.resolve_entity(
        session,
        "person",
        decide(
            ("cannot_link", "hubspot/contact/0", "salesforce/contact/0030"),
            ("must_link", "hubspot/contact/1", "hubspot/contact/2"),
        ),
    )
    assert not any({"hubspot/contact/0", "salesforce/contact/0030"} <= group for group in groups(found))
    assert pairs(session)["hubspot/contact/0", "salesforce/contact/0030"]["guard"] == "cannot_link"
    assert any(
        {"hubspot/contact/1", "hubspot/contact/2", "salesforce/contact/0031"} <= group for group in groups(found)
    )


def test_a_cannot_link_holds_through_others(session: Session) -> None:
    rows = [
        {"hs_object_id": str(i), "firstname": "Ana", "lastname": "Dias", "email": f"a{i}@x.example"} for i in range(3)
    ]
    rows[1]["hs_additional_emails"] = "a0@x.example;a2@x.example"
    stage(session, hubspot_contact=rows + crowd("hubspot")[3:])
    together = night.resolve_entity(session, "person", decide())
    assert frozenset(f"hubspot/contact/{i}" for i in range(3)) in groups(together)
    found = night.resolve_entity(session, "person", decide(("cannot_link", "hubspot/contact/0", "hubspot/contact/2")))
    assert not any({"hubspot/contact/0", "hubspot/contact/2"} <= group for group in groups(found))


def test_companies_by_domain_and_by_stored_id(session: Session) -> None:
    ours = [
        {"hs_object_id": "1", "name": "Acme", "domain": "acme.com"},
        {"hs_object_id": "2", "name": "Acme Inc.", "domain": "www.acme.com"},
        {"hs_object_id": "3", "name": "Borealis", "salesforceaccountid": "0013"},
    ]
    theirs = [
        {"Id": "0013", "Name": "Something Else"},
        {"Id": "0014", "Name": "Castor", "Website": "https://castor.io"},
    ]
    stage(session, hubspot_company=ours, salesforce_account=theirs)
    found = night.resolve_entity(session, "company", decide())
    assert groups(found) == {
        frozenset({"hubspot/company/1", "hubspot/company/2"}),
        frozenset({"hubspot/company/3", "salesforce/account/0013"}),
    }


def test_golden_records_and_merges(session: Session) -> None:
    rows = [
        {"Id": "0031", "FirstName": "A", "LastName": "Dias", "Email": "ana@dias.example", "Title": "CFO"},
        {"Id": "0032", "FirstName": "Ana", "LastName": "Dias", "Email": "ana@dias.example", "Phone": "+47 22 33 44 55"},
    ]
    stage(session, salesforce_contact=rows)
    found = night.resolve_entity(session, "person", decide())
    empty = dict.fromkeys(("record", "entity_id", "since", "alias_id"), pl.String)
    previous = pl.DataFrame(schema={k: empty[k] for k in ("record", "entity_id", "since")})
    aliases = pl.DataFrame(schema={k: empty[k] for k in ("alias_id", "entity_id", "since")})
    named = ids.named("person", "2026-01-01", found.clusters, previous, aliases)
    session.register("stale_member", named.members)
    session.define("stale_field", "SELECT * EXCLUDE (night) FROM person_field WHERE live")
    session.register("gone_entity", pl.DataFrame(schema={"entity_id": pl.String}))
    session.register("stale_entity", named.members.select("entity_id").unique())
    golden = next(session.sql(f"FROM {name}").pl() for name in survive.golden(session, "person")).row(0, named=True)
    assert (golden["first_name"], golden["job_title"], golden["phone"]) == ("Ana", "CFO", "+47 22 33 44 55")
    assert [(c["field"], c["value"]) for c in golden["conflicts"]] == [("first_name", "A")]
    linked = pl.Series(["salesforce/contact/0032"])
    fields = session.sql((night.SQL / "mergeable.sql").read_text(encoding="utf-8")).pl()
    merges = duplicate.duplicates("person", fields, pl.DataFrame(session.table("identity_pair")), linked).rows(
        named=True
    )
    assert [(m["survivor_id"], m["duplicate_id"], m["tier"]) for m in merges] == [("0032", "0031", "T1")]
    assert merges[0]["lost"] == [{"field": "first_name", "value": "A"}]
    assert merges[0]["reason"].startswith("same e-mail address; for: ")
