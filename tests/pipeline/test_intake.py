"""Nights through raw and staged: versions, deletions, merges, duplicates, and what is neither gone nor changed."""

import csv
import io
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.support.exports import HUBSPOT, SALESFORCE, Exports

ONE, TWO, THREE = "2026-11-18", "2026-11-19", "2026-11-20"
CONTACT, LEAD = "staged/hubspot/contact", "staged/salesforce/lead"
LI, MO = "00Q000000000001EAA", "00Q000000000002EAA"


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


def contacts(*rows: str) -> dict[str, str | bytes | None]:
    """A contacts file: id, e-mail, first name, last modified."""
    return {"contacts.csv": "\n".join(["hs_object_id,email,firstname,lastmodifieddate", *rows]) + "\n"}


def leads(*rows: str) -> dict[str, str | bytes | None]:
    """A leads file: id, e-mail, deleted, master."""
    return {"Lead.csv": "\n".join(["Id,Email,IsDeleted,MasterRecordId", *rows]) + "\n"}


def test_the_answer_about_the_portal_is_one_record(exports: Exports) -> None:
    """`account.json` as the API gives it, without an array; an error answer in its place is a rejected row."""
    account = {"portalId": 62515, "timeZone": "US/Eastern", "utcOffsetMilliseconds": -18000000}
    exports.night("hubspot", ONE, contacts("1,a@x.example,A,") | {"account.json": json.dumps(account)})
    rows = exports.rows("staged/hubspot/account", ONE, '"portalId", "timeZone", "utcOffsetMilliseconds", op')
    assert rows == [
        {"portalId": "62515", "timeZone": "US/Eastern", "utcOffsetMilliseconds": "-18000000", "op": "upsert"}
    ]
    error = {"status": "error", "category": "MISSING_SCOPES"}
    report = exports.night("hubspot", TWO, contacts("1,a@x.example,A,") | {"account.json": json.dumps(error)})
    assert report.entities["account"].reasons == {"required_field_missing": 1}
    assert exports.rows("staged/hubspot/account", TWO, '"timeZone", op') == [{"timeZone": "US/Eastern", "op": "upsert"}]


def states(exports: Exports, night: str, key: str = CONTACT) -> dict[str, tuple[str, str | None]]:
    name = "Id" if "salesforce" in key else "hs_object_id"
    return {row[name]: (row["op"], row["merged_into"]) for row in exports.rows(key, night, f"{name}, op, merged_into")}


def written(exports: Exports, night: str, key: str = CONTACT) -> list[dict[str, Any]]:
    """Versions of one night."""
    return [row for row in exports.rows(key, night, versions=True) if row["night"] == night]


def test_a_night_lands_as_text_and_is_staged_typed(exports: Exports) -> None:
    exports.night("hubspot", ONE)
    raw = exports.rows("raw/hubspot/contact", ONE)[0]
    assert (raw["hs_object_id"], raw["score"], raw["source_file"], raw["source_line"]) == ("1", "1", "contacts.csv", 2)
    row = exports.rows(CONTACT, ONE)[0]
    assert row["score"] == 1.0  # typed by properties/contacts.json
    assert row["createdate"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert (row["op"], row["merged_into"], row["hash_version"], row["source_line"]) == ("upsert", None, "v1", 2)
    assert exports.rows("staged/hubspot/property", ONE, "object, name, type") == [
        {"object": "contact", "name": "score", "type": "number"}
    ]
    assert exports.rows("staged/hubspot/contact_company", ONE, 'contact_id, company_id, label, "primary"') == [
        {"contact_id": "1", "company_id": "11", "label": None, "primary": True}
    ]


def test_salesforce_ids_have_18_characters_in_every_id_and_reference(exports: Exports) -> None:
    exports.night("salesforce", ONE)
    assert [row["Id"] for row in exports.rows(LEAD, ONE)] == [LI, MO]
    assert exports.rows("staged/salesforce/campaign_member", ONE, "Id, CampaignId, LeadId") == [
        {"Id": "00v000000000001AAA", "CampaignId": "701000000000001AAA", "LeadId": LI}
    ]


def test_salesforce_ids_that_hubspot_keeps_have_18_characters_too(exports: Exports) -> None:
    exports.night("hubspot", ONE, {"contacts.csv": "hs_object_id,salesforceleadid,salesforcecampaignids\n"
                                   "1,00Q000000000001,701000000000001;701000000000001AAA\n2,by hand,\n"})  # fmt: skip
    assert exports.rows(CONTACT, ONE, "salesforceleadid AS l, salesforcecampaignids AS c") == [
        {"l": LI, "c": "701000000000001AAA;701000000000001AAA"},
        {"l": "by hand", "c": None},
    ]


def test_only_versions_that_differ_are_written(exports: Exports) -> None:
    exports.night("hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01", "2,b@x.example,Bo,2026-01-01"))
    report = exports.night("hubspot", TWO, contacts("2,b@x.example,Bob,2026-01-02", "1,a@x.example,Ann,2026-01-01"))
    assert report.entities["contact"].upserts == 1
    assert [(row["hs_object_id"], row["firstname"]) for row in written(exports, TWO)] == [("2", "Bob")]


def test_a_night_run_again_gives_the_same_rows(exports: Exports) -> None:
    exports.night(
        "hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01", "2,b@x.example,Bo,2026-01-01", "3,bad,C,2026-01-01")
    )
    exports.night("hubspot", TWO, contacts("1,a@x.example,Anna,2026-01-02", "4,d@x.example,Di,2026-01-02"))
    keys = [f"{layer}/hubspot/contact" for layer in ("staged", "rejected")]
    before = {(key, night): exports.rows(key, night, versions=True) for key in keys for night in (ONE, TWO)}
    exports.stage("hubspot", ONE)
    exports.stage("hubspot", TWO)
    assert {(key, night): exports.rows(key, night, versions=True) for key in keys for night in (ONE, TWO)} == before


def test_a_fetched_night_is_kept_until_refetch(exports: Exports) -> None:
    exports.night("hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01"))
    exports.write(
        "hubspot", ONE, good=False, changes=contacts("1,a@x.example,Changed,2026-01-01", "2,b@x.example,Bo,2026-01-01")
    )
    found = exports.extract("hubspot", ONE)
    assert not found.fetched
    assert found.notes == [f"hubspot {ONE}: fetched before and kept; --refetch reads the files again"]
    assert found.rows["contact"] == 1
    assert exports.extract("hubspot", ONE, refetch=True).rows["contact"] == 2
    assert [row["firstname"] for row in exports.rows("raw/hubspot/contact", ONE)] == ["Changed", "Bo"]


def test_an_absent_hubspot_record_is_deleted_and_may_return(exports: Exports) -> None:
    both = ("1,a@x.example,Ann,2026-01-01", "2,b@x.example,Bo,2026-01-01")
    exports.night("hubspot", ONE, contacts(*both))
    report = exports.night("hubspot", TWO, contacts(both[0]))
    assert report.entities["contact"].deletes == 1
    (gone,) = written(exports, TWO)
    assert (gone["hs_object_id"], gone["op"], gone["firstname"], gone["source_file"]) == (
        "2",
        "delete",
        "Bo",
        "contacts.csv",
    )
    exports.night("hubspot", THREE, contacts(*both))
    assert [(row["hs_object_id"], row["op"]) for row in written(exports, THREE)] == [("2", "upsert")]
    assert states(exports, TWO) == {"1": ("upsert", None), "2": ("delete", None)}


def test_absence_from_an_incremental_delivery_says_nothing(exports: Exports) -> None:
    exports.night(
        "hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01", "2,b@x.example,Bo,2026-01-01"), snapshot="incremental"
    )
    exports.night("hubspot", TWO, contacts("1,a@x.example,Anna,2026-01-02"), snapshot="incremental")  # P2-47
    assert states(exports, TWO) == {"1": ("upsert", None), "2": ("upsert", None)}


def test_a_rejected_record_counts_as_delivered(exports: Exports) -> None:
    exports.night("hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01", "2,b@x.example,Bo,2026-01-01"))
    report = exports.night("hubspot", TWO, contacts("1,a@x.example,Ann,2026-01-01", "2,broken,Bo,2026-01-02"))
    assert report.entities["contact"].reasons == {"invalid_email": 1}
    assert written(exports, TWO) == []
    assert exports.rows("rejected/hubspot/contact", TWO) == [
        {
            "record_id": "2",
            "reasons": ["invalid_email: email"],
            "source_file": "contacts.csv",
            "source_line": 3,
            "night": TWO,
        }
    ]


def test_a_line_whose_id_is_readable_counts_as_delivered(exports: Exports) -> None:
    exports.night("salesforce", ONE, leads("00Q000000000001,a@x.example,,", "00Q000000000002,b@x.example,,"))
    exports.night(
        "salesforce", TWO, leads("00Q000000000001,a@x.example,,", "00Q000000000002,b@x.example"), absent="deleted"
    )
    assert states(exports, TWO, LEAD) == {LI: ("upsert", None), MO: ("upsert", None)}


@pytest.mark.parametrize("line", ["x2,b@x.example,Bo,2026-01-01", ",b@x.example,Bo,2026-01-01", '"', "\xff\xfe"])
def test_nothing_is_gone_while_a_row_nobody_can_tell_might_be_it(exports: Exports, line: str) -> None:
    good = "1,a@x.example,Ann,2026-01-01"
    exports.night("hubspot", ONE, contacts(good, "2,b@x.example,Bo,2026-01-01", "3,c@x.example,Cy,2026-01-01"))
    bad = contacts(good, line)["contacts.csv"]
    report = exports.night("hubspot", TWO, {"contacts.csv": str(bad).encode("latin-1")})
    assert states(exports, TWO)["2"] == ("upsert", None)
    assert "nothing that is absent tonight is taken as gone" in report.entities["contact"].notes[0]
    exports.night(
        "hubspot", THREE, {"contacts.csv": str(bad).encode("latin-1")}
    )  # the same fault: it hides nothing new
    assert states(exports, THREE)["2"] == ("delete", None)


def test_a_file_that_ends_in_the_middle_deletes_nothing(exports: Exports) -> None:
    lines = [f"{i},p{i}@x.example,P,2026-01-01" for i in range(1, 6)]
    exports.night("hubspot", ONE, contacts(*lines))
    cut = str(contacts(*lines[:3])["contacts.csv"]) + "4,p4@x"
    exports.night("hubspot", TWO, {"contacts.csv": cut})
    assert {op for op, _ in states(exports, TWO).values()} == {"upsert"}


@pytest.mark.parametrize(("absent", "op"), [("keep", "gone"), ("deleted", "delete")])
def test_absence_from_a_full_salesforce_delivery(exports: Exports, absent: str, op: str) -> None:
    exports.night("salesforce", ONE, leads("00Q000000000001,a@x.example,,", "00Q000000000002,b@x.example,,"))
    gone = leads("00Q000000000001,a@x.example,,")
    exports.night("salesforce", TWO, gone, absent=absent)
    assert states(exports, TWO, LEAD) == {LI: ("upsert", None), MO: (op, None)}
    exports.night("salesforce", THREE, gone, absent=absent)
    assert written(exports, THREE, LEAD) == []


def test_a_gone_record_is_deleted_once_absence_means_that(exports: Exports) -> None:
    exports.night("salesforce", ONE, leads("00Q000000000001,a@x.example,,", "00Q000000000002,b@x.example,,"))
    gone = leads("00Q000000000001,a@x.example,,")
    exports.night("salesforce", TWO, gone)
    exports.night("salesforce", THREE, gone, absent="deleted")
    assert states(exports, THREE, LEAD)[MO] == ("delete", None)


def test_the_recycle_bin_deletes_and_merges(exports: Exports) -> None:
    """P2-46: a loser with a master is a merge; chains are followed to the last master."""
    a, b, c, d = (f"00Q00000000000{i}" for i in range(1, 5))
    exports.night("salesforce", ONE, leads(*(f"{i},x@x.example,false," for i in (a, b, c, d))))
    report = exports.night(
        "salesforce",
        TWO,
        leads(
            f"{a},x@x.example,false,",
            f"{b},x@x.example,true,{a}",
            f"{c},x@x.example,true,{b}",
            f"{d},x@x.example,TRUE,",
        ),
    )
    master = LI
    assert list(states(exports, TWO, LEAD).values()) == [
        ("upsert", None),
        ("merge", master),
        ("merge", master),
        ("delete", None),
    ]
    assert (report.entities["lead"].merges, report.entities["lead"].deletes) == (2, 1)
    exports.night(
        "salesforce", THREE, leads(f"{a},x@x.example,false,", f"{b},x@x.example,true,{a}", f"{c},y@x.example,true,{b}")
    )
    assert (
        written(exports, THREE, LEAD) == []
    )  # what is in the recycle bin, or was emptied from it, is not written again


def test_a_master_that_is_merged_later_takes_its_losers_along(exports: Exports) -> None:
    a, b, c = (f"00Q00000000000{i}" for i in range(1, 4))
    exports.night(
        "salesforce", ONE, leads(f"{a},x@x.example,false,", f"{b},x@x.example,false,", f"{c},x@x.example,true,{b}")
    )
    exports.night("salesforce", TWO, leads(f"{a},x@x.example,false,", f"{b},x@x.example,true,{a}"))
    assert list(states(exports, TWO, LEAD).values()) == [("upsert", None), ("merge", LI), ("merge", LI)]


def merging(*rows: str) -> dict[str, str | bytes | None]:
    return {
        "contacts.csv": "\n".join(["hs_object_id,email,hs_merged_object_ids,hs_calculated_merged_vids", *rows]) + "\n"
    }


def test_hubspot_survivors_name_their_losers_in_two_lists(exports: Exports) -> None:
    exports.night("hubspot", ONE, merging(*(f"{i},p{i}@x.example,," for i in range(1, 6))))
    exports.night("hubspot", TWO, merging("1,p1@x.example,2;99,3:1700000000000;1:1700000000000", "4,p4@x.example,,"))
    assert states(exports, TWO) == {
        "1": ("upsert", None), "2": ("merge", "1"), "3": ("merge", "1"), "4": ("upsert", None), "5": ("delete", None),
    }  # fmt: skip
    exports.night("hubspot", THREE, merging("4,p4@x.example,1,"))
    assert states(exports, THREE) == {
        "1": ("merge", "4"), "2": ("merge", "4"), "3": ("merge", "4"), "4": ("upsert", None), "5": ("delete", None),
    }  # fmt: skip


def test_a_loser_that_is_still_delivered_is_merged(exports: Exports) -> None:
    exports.night("hubspot", ONE, merging("1,p1@x.example,2,", "2,p2@x.example,,"))
    assert states(exports, ONE) == {"1": ("upsert", None), "2": ("merge", "1")}


def test_a_circle_of_survivors_leads_nowhere(exports: Exports) -> None:
    exports.night("hubspot", ONE, merging("1,p1@x.example,2,", "2,p2@x.example,1,", "3,p3@x.example,3,"))
    assert {op for op, _ in states(exports, ONE).values()} == {"upsert"}


def test_an_archived_api_object_is_deleted(exports: Exports) -> None:
    def night(archived: bool) -> dict[str, str | bytes | None]:
        return {
            "contacts.csv": None,
            "contacts.jsonl": json.dumps({"id": "1", "properties": {"email": "a@x.example"}, "archived": archived}),
        }

    exports.night("hubspot", ONE, night(False))
    exports.night("hubspot", TWO, night(True))
    assert [(row["op"], row["email"]) for row in written(exports, TWO)] == [("delete", "a@x.example")]
    exports.night("hubspot", THREE, night(False))
    assert states(exports, THREE) == {"1": ("upsert", None)}


def test_of_several_rows_with_one_id(exports: Exports) -> None:
    """Identical ones collapse, else the newest modification wins; if the newest are tied, none does."""
    report = exports.night("hubspot", ONE, contacts(
        "1,a@x.example,Ann,2026-01-01", "1,a@x.example,Ann,2026-01-01T00:00:00Z",
        "2,b@x.example,Old,2026-01-01", "2,b@x.example,New,2026-01-02", "2,b@x.example,Blank,",
        "3,c@x.example,One,2026-01-01", "3,c@x.example,Two,2026-01-01", "3,c@x.example,Older,2025-01-01",
        "4,d@x.example,Copy,2026-01-02", "4,d@x.example,Copy,2026-01-02",
        "4,d@x.example,Old,2026-01-01", "4,d@x.example,Old,2026-01-01",
    ))  # fmt: skip
    assert [(row["hs_object_id"], row["firstname"], row["source_line"]) for row in exports.rows(CONTACT, ONE)] == [
        ("1", "Ann", 2), ("2", "New", 5), ("4", "Copy", 10),
    ]  # fmt: skip
    rejected = exports.rows("rejected/hubspot/contact", ONE, "record_id, source_line, reasons")
    assert {(row["record_id"], row["source_line"]) for row in rejected} == {
        ("2", 4),
        ("2", 6),
        ("3", 7),
        ("3", 8),
        ("3", 9),
        ("4", 12),
    }
    assert {reason for row in rejected for reason in row["reasons"]} == {"duplicate_id: hs_object_id"}
    counts = report.entities["contact"]
    assert (counts.delivered, counts.good, counts.rejected, counts.collapsed) == (12, 3, 6, 3)


def test_a_tied_record_is_neither_gone_nor_changed(exports: Exports) -> None:
    exports.night("hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01"))
    exports.night("hubspot", TWO, contacts("1,a@x.example,One,2026-01-02", "1,a@x.example,Two,2026-01-02"))
    assert written(exports, TWO) == []


def test_all_reasons_of_a_row_are_told(exports: Exports) -> None:
    exports.night("salesforce", ONE, {"Lead.csv": "Id,Email,CreatedDate,NumberOfEmployees,OwnerId,IsConverted\n"
                                      "bad,nobody,soon,many,nobody,perhaps\n,,,,,\n"})  # fmt: skip
    (row,) = exports.rows("rejected/salesforce/lead", ONE, "record_id, reasons, source_line")
    assert row["reasons"] == [
        "invalid_email: Email", "invalid_format: CreatedDate", "invalid_format: IsConverted", "invalid_format: NumberOfEmployees",
        "invalid_id: Id", "invalid_id: OwnerId",
    ]  # fmt: skip


def test_unreadable_lines_are_rejected_with_line_and_reason(exports: Exports) -> None:
    data = str(
        contacts(
            "1,a@x.example,Ann,2026-01-01", "2,b@x.example", '3,"c@x.example"x,Cy,', "4,d@x.example,Di,2026-01-01"
        )["contacts.csv"]
    )
    report = exports.night("hubspot", ONE, {"contacts.csv": data.encode() + b"5,e@x.example,\xff,\n"})
    assert exports.rows("rejected/hubspot/contact", ONE, "source_line, record_id, reasons") == [
        {"source_line": 3, "record_id": "2", "reasons": ["wrong_number_of_columns"]},
        {"source_line": 4, "record_id": "3", "reasons": ["malformed_quotes"]},
        {"source_line": 6, "record_id": "5", "reasons": ["invalid_encoding"]},
    ]
    assert sorted(states(exports, ONE)) == ["1", "4"]
    assert report.entities["contact"].delivered == 5


def shuffled(text: str, seed: int) -> str:
    head, *rows = list(csv.reader(io.StringIO(text)))
    random.Random(seed).shuffle(rows)
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue()


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    nights = {
        ONE: contacts(*(f"{i},p{i}@x.example,P{i % 7},2026-01-01" for i in range(1, 40)),
                      "7,p7@x.example,P0,2026-01-01", "8,z@x.example,Z,2026-02-01"),
        TWO: contacts(*(f"{i},p{i}@x.example,P{i % 5},2026-01-02" for i in range(3, 44)), "9,bad,B,2026-01-02"),
    }  # fmt: skip
    found = []
    for seed in range(3):
        exports = Exports(tmp_path / str(seed))
        for night, changes in nights.items():
            exports.night("hubspot", night, {"contacts.csv": shuffled(str(changes["contacts.csv"]), seed)})
        columns = "* EXCLUDE (source_line)"
        found.append([exports.rows(CONTACT, night, columns, versions=True) for night in nights])
    assert found[0] == found[1] == found[2]


def test_csv_and_json_of_one_record_are_one_version(exports: Exports) -> None:
    """The form of the file is no content: labels, dates and empty cells give the record that the API object gives."""
    record = {"id": "1", "properties": {"email": "a@x.example", "firstname": "Ann", "score": "1.0", "city": "",
              "createdate": "2026-01-01T00:00:00.000Z", "lastmodifieddate": "2026-02-01T00:00:00Z"},
              "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-02-01T00:00:00Z", "archived": False}  # fmt: skip
    header = "Email,Last Modified Date,Create Date,Record ID,score,First Name,City"
    csv_form = f"{header}\na@x.example,1769904000000,2026-01-01 00:00,1,1,Ann,\n"
    properties = {"properties/contacts.json": HUBSPOT["properties/contacts.json"]}
    exports.night("hubspot", ONE, {"contacts.jsonl": json.dumps(record), **properties})
    exports.night("hubspot", TWO, {"contacts.csv": csv_form, **properties})
    assert written(exports, TWO) == []
    only_id = {"id": "1", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-03-01T00:00:00Z", "properties": {}}
    exports.night("hubspot", THREE, {"contacts.jsonl": json.dumps(only_id), **properties})
    (row,) = written(exports, THREE)
    assert row["createdate"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert row["lastmodifieddate"] == datetime(2026, 3, 1, tzinfo=UTC)


def test_members_that_leave_a_full_delivery_are_deleted(exports: Exports) -> None:
    exports.night("hubspot", ONE)
    exports.night("hubspot", TWO, {"list_memberships.csv": "listId,recordId\n5,2\n5,3\n",
                                   "associations/contact_company.csv": "contact_id,company_id\n2,11\n"}, good=True)  # fmt: skip
    members = exports.rows("staged/hubspot/list_membership", TWO, '"listId" AS l, "recordId" AS r, op')
    assert [(m["r"], m["op"]) for m in members] == [("1", "delete"), ("2", "upsert"), ("3", "upsert")]
    pairs = exports.rows("staged/hubspot/contact_company", TWO, "contact_id AS c, op")
    assert [(p["c"], p["op"]) for p in pairs] == [("1", "delete"), ("2", "upsert")]


def test_a_new_column_is_no_change_where_it_is_blank(exports: Exports) -> None:
    exports.night("hubspot", ONE, {"contacts.csv": "hs_object_id,email\n1,a@x.example\n2,b@x.example\n"})
    exports.night("hubspot", TWO, {"contacts.csv": "hs_object_id,email,shoe_size\n1,a@x.example,\n2,b@x.example,44\n"})
    assert [row["hs_object_id"] for row in written(exports, TWO)] == ["2"]


def test_a_column_that_is_missing_tonight_is_told_of(exports: Exports) -> None:
    exports.write("salesforce", ONE, {"Lead.csv": "Id,Email,Title\n00Q000000000001,a@x.example,CEO\n"}, good=False)
    assert not [note for note in exports.extract("salesforce", ONE).notes if "missing tonight" in note]
    exports.write("salesforce", TWO, {"Lead.csv": "Id,Email\n00Q000000000001,a@x.example\n"}, good=False)
    (note,) = [note for note in exports.extract("salesforce", TWO).notes if "missing tonight" in note]
    assert note.startswith(f"{exports.folder('salesforce', TWO)}/Lead.csv: Title: delivered on {ONE}, missing tonight")


def test_files_that_were_never_there_are_empty_tables_with_the_standard_columns(exports: Exports) -> None:
    exports.write("salesforce", ONE, {"Contact.csv": SALESFORCE["Contact.csv"]}, good=False)
    found = exports.extract("salesforce", ONE)
    exports.stage("salesforce", ONE)
    assert "Campaign: not delivered; campaign is empty" in found.notes
    with exports.lake.connect(ONE) as session:
        session.use("staged/salesforce/opportunity")
        kinds = dict(
            session.sql("SELECT column_name, column_type FROM (DESCRIBE staged__salesforce__opportunity)").fetchall()
        )
    assert (kinds["Id"], kinds["IsWon"], kinds["CloseDate"], kinds["Amount"]) == (
        "VARCHAR",
        "BOOLEAN",
        "DATE",
        "DOUBLE",
    )
    assert kinds["op"] == "VARCHAR"


def test_columns_that_crosswalk_uses_itself_and_odd_names_are_kept(exports: Exports) -> None:
    header = 'hs_object_id,night,op,index,"My, ""odd"" (name)",,Schuhgröße'
    report = exports.night("hubspot", ONE, {"contacts.csv": f"{header}\n1,tonight,x,7,odd,blank,44\n"})
    (row,) = exports.rows(CONTACT, ONE)
    assert {k: row[k] for k in ("night_", "op_", "index", 'My, "odd" (name)', "column_6", "Schuhgröße", "op", "night")} == {
        "night_": "tonight", "op_": "x", "index": "7", 'My, "odd" (name)': "odd", "column_6": "blank", "Schuhgröße": "44",
        "op": "upsert", "night": ONE,
    }  # fmt: skip
    assert report.entities["contact"].good == 1


def test_types_come_from_describe_for_custom_fields(exports: Exports) -> None:
    fields = [{"name": name, "type": kind} for name, kind in (
        ("Score__c", "double"), ("Count__c", "int"), ("Ok__c", "boolean"), ("Day__c", "date"), ("At__c", "datetime"),
        ("Ref__c", "reference"), ("Pick__c", "picklist"), ("Odd__c", "somethingnew"),
    )]  # fmt: skip
    exports.night("salesforce", ONE, {
        "describe/Lead.json": json.dumps({"name": "Lead", "fields": fields}),
        "Lead.csv": "Id,Score__c,Count__c,Ok__c,Day__c,At__c,Ref__c,Pick__c,Odd__c,Undescribed__c\n"
        "00Q000000000001,1.5,2.0,true,2026-01-01,2026-01-01T10:00:00.000+0000,a0X000000000001,x,y,z\n",
    })  # fmt: skip
    with exports.lake.connect(ONE) as session:
        session.use(LEAD)
        frame = session.sql("FROM staged__salesforce__lead").pl()
    expected = {"Score__c": pl.Float64, "Count__c": pl.Int64, "Ok__c": pl.Boolean, "Day__c": pl.Date,
                "At__c": pl.Datetime("us", "UTC"), "Ref__c": pl.String, "Undescribed__c": pl.String}  # fmt: skip
    assert {name: frame.schema[name] for name in expected} == expected
    assert frame["Ref__c"].to_list() == ["a0X000000000001EAA"]


def test_the_delivery_says_what_was_in_the_files(exports: Exports) -> None:
    exports.night("hubspot", ONE, {"notes.txt": "hello"}, good=True)
    rows = {row["file"]: row for row in exports.rows("raw/hubspot/delivery", ONE)}
    contact = rows["contacts.csv"]
    assert (contact["entity"], contact["rows"], contact["unreadable"], contact["complete"]) == ("contact", 3, 0, True)
    assert contact["bytes"] == len(HUBSPOT["contacts.csv"].encode())
    assert contact["columns"] == ["hs_object_id", "email", "firstname", "createdate", "lastmodifieddate", "score"]
    assert "firstname" in contact["label_headed"]
    assert "notes.txt" not in rows


def test_answers_to_imports_are_landed(exports: Exports) -> None:
    exports.night("salesforce", ONE, {
        "Lead.csv": SALESFORCE["Lead.csv"],
        "results/a_success.csv": "sf__Id,sf__Created,LastName\n00Q000000000001,true,Li\n",
        "results/b_error.csv": 'sf__Id,sf__Error,LastName\n,"REQUIRED_FIELD_MISSING:x\ny:LastName --",\n',
    })  # fmt: skip
    rows = exports.rows("raw/salesforce/result", ONE, "source_file, sf__Id, sf__Error, source_line")
    assert rows == [
        {"source_file": "results/a_success.csv", "sf__Id": "00Q000000000001", "sf__Error": None, "source_line": 2},
        {
            "source_file": "results/b_error.csv",
            "sf__Id": None,
            "sf__Error": "REQUIRED_FIELD_MISSING:x\ny:LastName --",
            "source_line": 2,
        },
    ]


def test_results_of_data_loader_are_landed_as_those_of_the_bulk_api(exports: Exports) -> None:
    """P2-B9: Data Loader writes its own columns around those of the file, which may have an Id too."""
    exports.night("salesforce", ONE, {
        "Lead.csv": SALESFORCE["Lead.csv"],
        "results/Lead-update.error.csv": '"Id","Status","ERROR"\n"00Q000000000001","Open","STRING_TOO_LONG:x"\n',
        "results/Lead-update.success.csv": '"ID","Id","Status","STATUS"\n"00Q000000000002","00Q000000000002","","Item Updated"\n',
    })  # fmt: skip
    rows = exports.rows("raw/salesforce/result", ONE, "source_file, sf__Id, sf__Error, sf__Created, Id, Status")
    assert [tuple(row.values())[1:] for row in rows] == [
        (None, "STRING_TOO_LONG:x", None, "00Q000000000001", "Open"),
        ("00Q000000000002", None, "Item Updated", "00Q000000000002", None),
    ]


@pytest.mark.parametrize(
    ("crm", "first", "second", "columns"),
    [
        ("salesforce", "sf__Id,sf__Error,Id,Title\n,x,1,a\n", "ID,TITLE,ERROR\n2,b,y\n", "Title"),
        ("hubspot", "Record ID,Email,Error code\n1,a,x\n", "record id,EMAIL,error code\n2,b,y\n", "Email"),
    ],
)
def test_results_may_spell_a_column_otherwise_than_one_another(
    exports: Exports, crm: str, first: str, second: str, columns: str
) -> None:
    """P2-B9: each tool writes headers in its own letters; a night's results are one table, which has each column once."""
    exports.night(crm, ONE, {"results/a.csv": first, "results/b.csv": second}, good=True)
    rows = exports.rows(f"raw/{crm}/result", ONE, f"source_file, {columns}")
    assert [row[columns] for row in sorted(rows, key=lambda row: row["source_file"])] == ["a", "b"]


def test_a_result_that_tells_nothing_is_noted(exports: Exports) -> None:
    """P2-B9: unprocessed records are the rows as they were sent; they lie with the answers and are none."""
    files = {"results/left.csv": "Id,Email\n00Q000000000001,a@x.example\n", "results/good.csv": "sf__Created,sf__Id\n"}
    exports.write("salesforce", ONE, {"Lead.csv": SALESFORCE["Lead.csv"], **files})
    said = "results/left.csv: no column of 2 is sf__Id or sf__Error; it tells nothing of an import"
    notes = [note for note in exports.extract("salesforce", ONE).notes if "results/" in note]
    assert notes == [f"{exports.folder('salesforce', ONE)}/{said}"]


def test_a_night_killed_on_its_way_is_fetched_again(exports: Exports) -> None:
    """`delivery` is written last, so without it the night counts as not fetched."""
    exports.night("hubspot", ONE, contacts("1,a@x.example,Ann,2026-01-01"))
    exports.lake.drop("raw/hubspot/delivery", [ONE])
    exports.write("hubspot", ONE, contacts("1,a@x.example,Anna,2026-01-01"), good=False)
    assert exports.extract("hubspot", ONE).fetched
    assert [row["firstname"] for row in exports.rows("raw/hubspot/contact", ONE)] == ["Anna"]


def test_nothing_is_left_in_the_spill_folder(exports: Exports) -> None:
    exports.night("hubspot", ONE)
    assert list((exports.lake.root / ".spill").iterdir()) == []
