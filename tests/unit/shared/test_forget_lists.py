"""What an erasure takes out of the tables of memberships: HubSpot numbers the records of each object for itself."""

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from assets.shared import keys
from assets.shared.forget import Person, erase
from assets.shared.lake import Lake
from schemas.arrow import arrow_schema
from schemas.tables import TABLES

NIGHT, NEXT = "2026-03-01", "2026-03-02"
CONTACTS, COMPANIES, UNSAID, DEALS, NOT_EXPORTED = "1", "2", "3", "4", "5"
LISTS = {CONTACTS: "0-1", COMPANIES: "0-2", UNSAID: None, DEALS: "0-3"}
OF_PEOPLE = {CONTACTS, UNSAID, NOT_EXPORTED}
KEPT = {(COMPANIES, "7"), (DEALS, "7"), *((one, "8") for one in (*LISTS, NOT_EXPORTED))}
PERSON = Person(frozenset({"7"}), frozenset(), frozenset())


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake of two nights in which every record numbered 7 or 8 is in every list."""
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    listed = [{"listId": one, "objectTypeId": kind} for one, kind in LISTS.items()]
    members = [{"listId": one, "recordId": record} for one in (*LISTS, NOT_EXPORTED) for record in ("7", "8")]
    for night in (NIGHT, NEXT):
        for layer in ("raw", "staged"):
            lake.write(f"{layer}/hubspot/list", night, pa.Table.from_pylist(listed))
            lake.write(f"{layer}/hubspot/list_membership", night, pa.Table.from_pylist(members))
        joined = [{"record_id": f"{m['listId']}/{m['recordId']}"} for m in members]
        write(lake, keys.rejected("hubspot", "list_membership"), night, joined)
    return lake


def write(lake: Lake, key: str, night: str, rows: list[dict[str, Any]]) -> None:
    """Rows of a declared table; what they do not say is null."""
    lake.write(key, night, pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[key])))


def left(lake: Lake, key: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(file, hive_partitioning=True) for file in lake.files(key)])


@pytest.mark.parametrize("layer", ["raw", "staged"])
def test_a_company_with_a_contacts_number_stays_in_the_lists_of_companies(lake: Lake, layer: str) -> None:
    key = f"{layer}/hubspot/list_membership"
    proof = erase(lake, PERSON)
    assert set(left(lake, key).select("listId", "recordId").iter_rows()) == KEPT
    assert (proof.rows[key], proof.remaining) == (2 * len(OF_PEOPLE), 0)


def test_rejected_memberships_of_the_contact_go_as_well(lake: Lake) -> None:
    key, pairs = keys.rejected("hubspot", "list_membership"), keys.rejected("hubspot", "contact_company")
    write(lake, pairs, NIGHT, [{"record_id": one} for one in ("7/8/", "8/7/")])
    assert erase(lake, PERSON).remaining == 0
    assert {tuple(one.split("/")) for one in left(lake, key)["record_id"]} == KEPT
    assert left(lake, pairs)["record_id"].to_list() == ["8/7/"]


def test_the_segment_of_that_night_tells_whose_members_are_meant(lake: Lake) -> None:
    """A segment of our own may change its object; a list that the night's definitions no longer have is known by HubSpot."""
    objects = {NIGHT: "company", NEXT: "contact"}
    for night, of in objects.items():
        write(lake, keys.DEFINITION, night, [{"segment_id": "Own", "object": of}])
        rows = [{"segment_id": one, "record_id": "7"} for one in ("Own", CONTACTS, COMPANIES)]
        write(lake, keys.MEMBERSHIP, night, rows)
    assert erase(lake, PERSON).remaining == 0
    kept = left(lake, keys.MEMBERSHIP).select(pl.col("night").cast(pl.String), "segment_id")
    assert set(kept.iter_rows()) == {(NIGHT, "Own"), (NIGHT, COMPANIES), (NEXT, COMPANIES)}


def test_an_unreadable_line_of_a_company_with_the_contacts_number_stays(lake: Lake) -> None:
    key = keys.raw("hubspot", "unreadable")
    write(lake, key, NIGHT, [{"entity": one, "record_id": "7"} for one in ("contact", "company", "deal")])
    assert erase(lake, PERSON).rows[key] == 1
    assert set(left(lake, key)["entity"]) == {"company", "deal"}
