"""Every planted family is there, and a good part of them is looked up in the files: what is said to have happened did."""

import json
import re
from collections.abc import Callable

import pytest

from tests.bench.portal.stories import COMPANY_STORIES, STORIES
from tests.unit.portal.delivered import NIGHTS, SAMPLES, by_id, content, ids_of, path_of, planted, rows

RULES = re.findall(
    r"\S+",
    """
    P1-03 P1-04 P1-06 P1-11 P1-12 P1-14 P1-16 P1-22 P1-23 P1-27 P1-36 P1-41 P1-44 P1-45 P1-61 P1-62 P1-66 P1-68
    D1 D2 D3 D4 D5 D7 D8 D9 D10 D11 D12 D13 D14 X1 X2 X6 X8 X9 X11 X12
    P2-01 P2-02 P2-03 P2-05 P2-06 P2-07 P2-10 P2-11 P2-12 P2-13 P2-17
    P2-20 P2-21 P2-22 P2-23 P2-24 P2-25 P2-26 P2-27 P2-28 P2-29 P2-2A P2-2B P2-2C P2-2D
    P2-30 P2-33 P2-35 P2-36 P2-38 P2-39 P2-3A P2-45 P2-46 P2-47
    P2-50 P2-51 P2-52 P2-53 P2-54 P2-56 P2-57 P2-60 P2-61 P2-62 P2-63 P2-64 P2-65 P2-66 P2-67 P2-68 P2-6A P2-A3
    """,
)
A, B, C = NIGHTS


def test_every_family_is_there() -> None:
    there = {name for night in NIGHTS for name in planted(night)["families"]}
    assert {story.name for story in (*STORIES, *COMPANY_STORIES)} <= there
    for night in NIGHTS:
        for part in ("families", "later"):
            for name, family in planted(night)[part].items():
                assert family["count"] == len(family["records"]) > 0, (night, name)
                assert all(record["hubspot"] or record["salesforce"] for record in family["records"]), (night, name)


def test_families_cover_the_rules_that_the_sample_is_for() -> None:
    named = {rule for night in NIGHTS for family in planted(night)["families"].values() for rule in family["rules"]}
    assert set(RULES) <= named


def test_nobody_is_in_two_families() -> None:
    names = [story.name for story in STORIES]
    assert len(names) == len(set(names))
    seen: dict[str, str] = {}
    for night in NIGHTS:
        for name, family in planted(night)["families"].items():
            if name.startswith("lifecycle_file"):
                continue
            for record in family["records"]:
                for each in record["hubspot"] + record["salesforce"]:
                    assert seen.setdefault(each, name) == name


def moved(night: str, crm: str, column: str) -> Callable[[str], bool]:
    """Whether a record's column differs from the night before."""
    before, after = by_id(NIGHTS[NIGHTS.index(night) - 1], crm), by_id(night, crm)
    contact = {"City": "MailingCity", "PostalCode": "MailingPostalCode"}

    def differs(record: str) -> bool:
        name = contact.get(column, column) if record.startswith("003") else column
        return before[record][name] != after[record][name]

    return differs


@pytest.mark.parametrize("night", [B, C])
@pytest.mark.parametrize(
    ("family", "crm", "column", "still"),
    [
        ("salesforce_changed", "salesforce", "Phone", ("hubspot", "phone")),
        ("salesforce_changed", "salesforce", "City", ("hubspot", "city")),
        ("hubspot_changed_two_way", "hubspot", "jobtitle", ("salesforce", "Title")),
        ("cleared_in_salesforce", "salesforce", "Phone", ("hubspot", "phone")),
        ("cleared_in_hubspot_two_way", "hubspot", "jobtitle", ("salesforce", "Title")),
        ("hubspot_fills_blank", "hubspot", "fax", ("salesforce", "Fax")),
        ("email_in_hubspot", "hubspot", "email", ("salesforce", "Email")),
        ("email_in_salesforce", "salesforce", "Email", ("hubspot", "email")),
        ("owner_in_salesforce", "salesforce", "OwnerId", ("hubspot", "hubspot_owner_id")),
        ("optout_in_hubspot", "hubspot", "hs_email_optout", ("salesforce", "HasOptedOutOfEmail")),
        ("formula_moved", "salesforce", "Score_Band__c", ("salesforce", "SystemModstamp")),
        ("unmapped_in_hubspot", "hubspot", "mobilephone", ("salesforce", "MobilePhone")),
        ("employees_within_range", "salesforce", "NumberOfEmployees", ("hubspot", "numemployees")),
        ("outside_changed_in_salesforce", "salesforce", "Phone", ("hubspot", "phone")),
        ("deleted_in_salesforce", "salesforce", "IsDeleted", ("hubspot", "lastmodifieddate")),
        ("link_tie", "salesforce", "Phone", ("salesforce", "Email")),
    ],
)
def test_what_moved_and_what_stayed(night: str, family: str, crm: str, column: str, still: tuple[str, str]) -> None:
    if family == "link_tie":  # a standing family: nothing of it ever moves
        assert not any(moved(night, crm, column)(each) for each in ids_of(A, family, crm))
        return
    changed, stayed = ids_of(night, family, crm), ids_of(night, family, still[0])
    assert changed
    assert all(moved(night, crm, column)(each) for each in changed)
    comparable = still[1] != "lastmodifieddate" or night == B  # instants have another form on the third night
    assert not comparable or not any(moved(night, *still)(each) for each in stayed if still[1] != "SystemModstamp")


@pytest.mark.parametrize("night", [B, C])
def test_new_ones_are_new_and_gone_ones_are_gone(night: str) -> None:
    earlier = NIGHTS[NIGHTS.index(night) - 1]
    for family, crm in (
        ("new_lead", "salesforce"),
        ("new_contact", "salesforce"),
        ("new_in_hubspot_as_lead", "hubspot"),
    ):
        for each in ids_of(night, family, crm):
            assert each not in by_id(earlier, crm)
            assert each in by_id(night, crm)
    for family, crm in (("deleted_in_hubspot", "hubspot"), ("absent_from_salesforce", "salesforce")):
        for each in ids_of(night, family, crm):
            assert each in by_id(earlier, crm)
            assert each not in by_id(night, crm)


def test_what_follows_a_night_later() -> None:
    for each in ids_of(C, "deleted_and_restored_in_hubspot", "hubspot", "later"):
        assert [each in by_id(night, "hubspot") for night in NIGHTS] == [True, False, True]
    for each in ids_of(C, "deleted_and_restored_in_salesforce", "salesforce", "later"):
        assert [by_id(night, "salesforce")[each]["IsDeleted"] for night in NIGHTS] == ["false", "true", "false"]
    for record in planted(C)["later"]["delta_applied"]["records"]:
        given = by_id(B, "salesforce")[record["salesforce"][0]]["Phone"]
        phones = [by_id(night, "hubspot")[record["hubspot"][0]]["phone"] for night in NIGHTS]
        assert phones[0] == phones[1] != phones[2] == given
    for record in planted(C)["later"]["delta_rewritten"]["records"]:
        given = by_id(B, "salesforce")[record["salesforce"][0]]["Phone"]
        phones = [by_id(night, "hubspot")[record["hubspot"][0]]["phone"] for night in NIGHTS]
        assert len({*phones, given}) == 3


@pytest.mark.parametrize("night", [B, C])
def test_conversions_and_merges(night: str) -> None:
    people = by_id(night, "salesforce")
    for record in planted(night)["families"]["converted"]["records"]:
        lead, contact = (people[each] for each in sorted(record["salesforce"], reverse=True))
        assert (lead["IsConverted"], lead["ConvertedContactId"]) == ("true", contact["Id"])
        assert lead["Email"] == contact["Email"]
    for record in planted(night)["families"]["converted_other_email"]["records"]:
        lead, contact = (people[each] for each in sorted(record["salesforce"], reverse=True))
        assert lead["Email"] != contact["Email"]
    for record in planted(night)["families"]["linked_was_merged_away"]["records"]:
        linked = by_id(night, "hubspot")[record["hubspot"][0]]["salesforceleadid"]
        assert people[linked]["IsDeleted"] == "true"
        assert people[people[linked]["MasterRecordId"]]["IsDeleted"] == "false"
    for record in planted(night)["families"]["merged_in_hubspot"]["records"]:
        survivor, loser = record["hubspot"]
        kept = by_id(night, "hubspot")[survivor]
        assert kept["hs_merged_object_ids"] == loser
        assert kept["hs_calculated_merged_vids"].startswith(f"{loser}:")
        assert kept["hs_additional_emails"] == by_id(NIGHTS[0], "hubspot")[loser]["email"]
        assert loser not in by_id(night, "hubspot")


def test_answers_of_the_crms_are_about_planted_records() -> None:
    folder = SAMPLES / C / "salesforce" / "results"
    refused = {
        row["sf__Id"] for kind in ("Lead", "Contact") for row in rows(C, f"salesforce/results/{kind}-update-error")
    }
    assert refused == set(ids_of(B, "import_refused", "salesforce"))
    made = {row["sf__Id"] for row in rows(C, "salesforce/results/Lead-insert-success")}
    assert made == set(ids_of(C, "new_in_hubspot_created_in_salesforce", "salesforce", "later"))
    assert len(list(folder.iterdir())) == 6
    assert {row["Record ID"] for row in rows(C, "hubspot/results/contacts-update-errors")} < set(by_id(C, "hubspot"))


def test_lifecycle_file_holds_each_case() -> None:
    cells = [row["Lifecycle stage"] for row in rows(C, "lifecycle")]
    assert {"Customer", "1863050417", "Trial", "MQL", "Kunde", "", " customer ", "subscriber"} <= set(cells)
    emails = {row["email"] for row in by_id(C, "hubspot").values()}
    assert [row["Email"] for row in rows(C, "lifecycle") if row["Email"] not in emails] == ["nobody@nordwind.example"]


def test_awkward_cells_come_in_each_form() -> None:
    contacts = content(path_of(A, "hubspot/contacts"))
    assert b"\x00" in contacts
    assert b'""B""' in contacts
    assert b"\nRear entrance" in contacts
    assert b"\x00" in content(path_of(A, "salesforce/Lead"))


def test_planted_json_is_the_shape_that_tests_rely_on() -> None:
    found = json.loads((SAMPLES / B / "planted.json").read_text(encoding="utf-8"))
    assert set(found) == {"night", "seed", "people", "rows", "families", "later"}
    assert all(set(each) == {"rules", "what", "count", "records"} for each in found["families"].values())
