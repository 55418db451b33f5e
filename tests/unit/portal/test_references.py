"""Rows refer to rows that are there, and ids are what they claim to be."""

import pytest

from tests.unit.portal.delivered import NIGHTS, by_id, ids_of, rows

PREFIXES = {
    "Lead": "00Q", "Contact": "003", "Account": "001", "User": "005", "Campaign": "701", "CampaignMember": "00v",
    "Opportunity": "006", "OpportunityContactRole": "00K",
}  # fmt: skip
DOUBLED = ("salesforce_row_twice", "salesforce_rows_differ", "salesforce_rows_tied")
each_night = pytest.mark.parametrize("night", NIGHTS)


def suffix(short: str) -> str:
    """The three checking characters of a 15-character id, worked out bit by bit."""
    found = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(short[start : start + 5]) if "A" <= char <= "Z")
        found += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
    return found


def salesforce_ids(night: str, sobject: str) -> list[str]:
    return [row["Id"] for row in rows(night, f"salesforce/{sobject}")]


@each_night
@pytest.mark.parametrize("sobject", PREFIXES)
def test_salesforce_ids_have_prefix_length_and_checksum(night: str, sobject: str) -> None:
    bad = [each for each in salesforce_ids(night, sobject) if len(each) != 18 or each[15:] != suffix(each[:15])]
    # the ids of planted.json are the right ones, those of the file are the spoiled ones
    spoiled = ids_of(NIGHTS[0], ("salesforce_bad_id", "salesforce_bad_checksum"), "salesforce")
    assert len(bad) == len([each for each in spoiled if each.startswith(PREFIXES[sobject])])
    assert all(each.startswith(PREFIXES[sobject]) for each in salesforce_ids(night, sobject))


@each_night
def test_ids_are_unique_but_for_the_rows_planted_twice(night: str) -> None:
    twice = set(ids_of(NIGHTS[0], DOUBLED, "salesforce"))
    for sobject in PREFIXES:
        seen = salesforce_ids(night, sobject)
        assert (
            {each for each in seen if seen.count(each) > 1} <= twice
            if sobject in {"Lead", "Contact"}
            else len(set(seen)) == len(seen)
        )
    contacts = [row["hs_object_id"] for row in rows(night, "hubspot/contacts")]
    planted = set(ids_of(NIGHTS[0], ("hubspot_row_twice", "hubspot_rows_differ", "hubspot_rows_tied"), "hubspot"))
    assert len(contacts) - len(set(contacts)) == len(planted) > 0


@each_night
def test_campaign_members_refer_to_a_campaign_and_one_person(night: str) -> None:
    people, campaigns = by_id(night, "salesforce"), set(salesforce_ids(night, "Campaign"))
    spoiled = set(ids_of(NIGHTS[0], ("salesforce_bad_id", "salesforce_bad_checksum"), "salesforce"))
    for row in rows(night, "salesforce/CampaignMember"):
        who = row["LeadId"] or row["ContactId"]
        assert bool(row["LeadId"]) != bool(row["ContactId"])
        assert row["CampaignId"] in campaigns
        assert who in spoiled or people[who]["IsDeleted"] == "false"
        assert who in spoiled or people[who].get("IsConverted") != "true"


@each_night
def test_other_salesforce_references_hold(night: str) -> None:
    accounts = {row["Id"]: row for row in rows(night, "salesforce/Account")}
    users, people = set(salesforce_ids(night, "User")), by_id(night, "salesforce")
    opportunities = set(salesforce_ids(night, "Opportunity"))
    for row in rows(night, "salesforce/Contact"):
        assert not row["AccountId"] or accounts[row["AccountId"]]["IsDeleted"] == "false"
        assert row["OwnerId"] in users
    for row in rows(night, "salesforce/Lead"):
        assert row["OwnerId"] in users or row["OwnerId"].startswith("00G")
        if row["IsConverted"] == "true":
            assert row["ConvertedContactId"] in people
            assert row["ConvertedAccountId"] in accounts
            assert row["Status"] == "Closed - Converted"
            assert not row["ConvertedOpportunityId"] or row["ConvertedOpportunityId"] in opportunities
        assert not row["MasterRecordId"] or (row["IsDeleted"] == "true" and row["MasterRecordId"] in people)
    for row in rows(night, "salesforce/OpportunityContactRole"):
        assert row["OpportunityId"] in opportunities
        assert row["ContactId"] in people
    for row in rows(night, "salesforce/Opportunity"):
        assert not row["AccountId"] or row["AccountId"] in accounts


@each_night
def test_hubspot_references_hold(night: str) -> None:
    contacts = by_id(night, "hubspot")
    companies = {row["hs_object_id"] for row in rows(night, "hubspot/companies")}
    people = {short[:15] for each in NIGHTS for short in by_id(each, "salesforce")}
    spoiled = set(ids_of(NIGHTS[0], ("salesforce_bad_id", "salesforce_bad_checksum"), "salesforce"))
    for row in contacts.values():
        assert not row["associatedcompanyid"] or row["associatedcompanyid"] in companies
        for column in ("salesforceleadid", "salesforcecontactid"):
            assert len(row[column]) in {0, 15, 18}
            assert not row[column] or row[column] in spoiled or row[column][:15] in people
    primary: dict[str, str] = {}
    for row in rows(night, "hubspot/associations/contact_company"):
        assert row["contact_id"] in contacts
        assert row["company_id"] in companies
        if row["primary"] == "true":
            assert primary.setdefault(row["contact_id"], row["company_id"]) == row["company_id"]
    assert primary == {key: row["associatedcompanyid"] for key, row in contacts.items() if row["associatedcompanyid"]}
    for row in rows(night, "hubspot/list_memberships"):
        assert row["recordId"] in (companies if row["listId"] == "208" else contacts)


@each_night
def test_hubspot_campaigns_are_the_members_of_the_linked_record_where_nothing_drifted(night: str) -> None:
    members: dict[str, set[str]] = {}
    for row in rows(night, "salesforce/CampaignMember"):
        members.setdefault(row["LeadId"] or row["ContactId"], set()).add(row["CampaignId"])
    same = other = 0
    for row in by_id(night, "hubspot").values():
        link = row["salesforceleadid"] or row["salesforcecontactid"]
        if len(link) == 18:
            alike = set(filter(None, row["salesforcecampaignids"].split(";"))) == members.get(link, set())
            same, other = same + alike, other + (not alike)
    assert same > 2500
    assert 0 < other < 0.1 * same
