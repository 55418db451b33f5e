"""Describes and properties are of the shape that the APIs give, and name every column that is delivered."""

import pytest

from tests.unit.portal.delivered import NIGHTS, document, rows

FIELD = {
    "name", "label", "type", "length", "precision", "scale", "nillable", "calculated", "createable", "updateable", "custom",
    "externalId", "idLookup", "restrictedPicklist", "defaultedOnCreate", "picklistValues", "referenceTo",
}  # fmt: skip
SOBJECTS = ("Lead", "Contact", "Account", "User", "Campaign", "CampaignMember", "Opportunity", "OpportunityContactRole")


@pytest.mark.parametrize("sobject", SOBJECTS)
def test_describe(sobject: str) -> None:
    for night in NIGHTS:
        about = document(night, f"salesforce/describe/{sobject}.json")
        fields = {each["name"]: each for each in about["fields"]}
        assert about["name"] == sobject
        assert all(set(each) == FIELD for each in fields.values())
        assert set(rows(night, f"salesforce/{sobject}")[0]) <= set(fields)
        assert not fields["Id"]["updateable"]


def test_custom_fields_are_on_leads_and_contacts() -> None:
    kinds = {
        "Region__c": "picklist", "Interests__c": "multipicklist", "Newsletter__c": "boolean", "Fit_Score__c": "double",
        "Contract_End__c": "date", "Last_Demo__c": "datetime",
    }  # fmt: skip
    for sobject in ("Lead", "Contact"):
        fields = {each["name"]: each for each in document(NIGHTS[0], f"salesforce/describe/{sobject}.json")["fields"]}
        assert {name: fields[name]["type"] for name in kinds} == kinds
        assert all(fields[name]["custom"] for name in kinds)
        assert fields["Score_Band__c"]["calculated"]
        assert not fields["Score_Band__c"]["updateable"]
        assert "GLOBAL" not in {each["value"] for each in fields["Region__c"]["picklistValues"]}
        assert {each["value"] for each in fields["Region__c"]["picklistValues"]} > {"NORDICS", "APAC"}


@pytest.mark.parametrize(("kind", "file"), [("contact", "contacts"), ("company", "companies"), ("deal", "deals")])
def test_properties(kind: str, file: str) -> None:
    for night in NIGHTS:
        found = {each["name"]: each for each in document(night, f"hubspot/properties/{kind}.json")}
        assert set(rows(night, f"hubspot/{file}")[0]) == set(found)
        assert len({each["label"] for each in found.values()}) == len(found)
        for each in found.values():
            assert [option["displayOrder"] for option in each["options"]] == list(range(len(each["options"])))


def test_what_is_read_only() -> None:
    found = {each["name"]: each for each in document(NIGHTS[1], "hubspot/properties/contact.json")}
    closed = {name for name, each in found.items() if each["modificationMetadata"]["readOnlyValue"]}
    assert {"hs_object_id", "createdate", "hs_marketable_status", "salesforceleadid", "salesforceaccountid"} <= closed
    assert not closed & {"email", "salesforcecampaignids", "lifecyclestage", "region__hs"}
    stages = [option["value"] for option in found["lifecyclestage"]["options"]]
    assert stages.index("1863050417") == stages.index("lead") + 1
