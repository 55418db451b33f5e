"""The files that describe the portal to its readers: sObject describes, HubSpot properties, as the APIs answer them."""

from typing import Any

import polars as pl

from tests.bench.portal import catalogue, ids

SOBJECTS = ("Lead", "Contact", "Account", "User", "Campaign", "CampaignMember", "Opportunity", "OpportunityContactRole")
HUBSPOT_OBJECTS = ("contact", "company", "deal")
# The answer of HubSpot's account details.
ACCOUNT = {
    "portalId": 14400000,
    "accountType": "STANDARD",
    "timeZone": "Europe/Oslo",
    "companyCurrency": "NOK",
    "additionalCurrencies": [],
    "utcOffset": "+01:00",
    "utcOffsetMilliseconds": 3600000,
    "uiDomain": "app-eu1.hubspot.com",
    "dataHostingLocation": "eu1",
}


def describe(sobject: str) -> dict[str, Any]:
    """The answer of an sObject describe, without the parts that nobody reads."""
    return {
        "name": sobject,
        "label": sobject,
        "keyPrefix": ids.PREFIXES[sobject].decode(),
        "custom": False,
        "createable": True,
        "updateable": True,
        "queryable": True,
        "replicateable": sobject != "OpportunityContactRole",
        "fields": [_field(row) for row in catalogue.salesforce(sobject)],
    }


def _field(row: dict[str, str]) -> dict[str, Any]:
    flags = set(row["flags"].split())
    writable = not flags & {"readonly", "calculated"}
    nillable = not flags & {"required", "readonly"} or "optional" in flags
    return {
        "name": row["name"],
        "label": row["label"],
        "type": row["type"],
        "length": int(row["length"]),
        "precision": int(row["precision"]),
        "scale": int(row["scale"]),
        "nillable": nillable,
        "calculated": "calculated" in flags,
        "createable": writable,
        "updateable": writable and "create" not in flags,
        "custom": "custom" in flags,
        "externalId": "external" in flags,
        "idLookup": "lookup" in flags,
        "restrictedPicklist": "restricted" in flags,
        "defaultedOnCreate": "default" in flags,
        "picklistValues": [
            {"active": True, "defaultValue": "default" in option["flags"], "label": option["label"], "validFor": None,
             "value": option["value"]}
            for option in catalogue.options(row["options"])
            if "hubspot" not in option["flags"]
        ],
        "referenceTo": row["refers_to"].split(),
    }  # fmt: skip


def properties(kind: str, campaigns: pl.DataFrame) -> list[dict[str, Any]]:
    """The properties of a HubSpot object, as its API lists them."""
    return [_property(row, campaigns) for row in catalogue.hubspot(kind)]


def _property(row: dict[str, str], campaigns: pl.DataFrame) -> dict[str, Any]:
    flags = set(row["flags"].split())
    if row["options"] == "campaign":
        choices = list(zip(campaigns["Name"], campaigns["Id"], strict=True))
    else:
        choices = [(option["label"], option["value"]) for option in catalogue.options(row["options"])]
    return {
        "name": row["name"],
        "label": row["label"],
        "type": row["type"],
        "fieldType": row["field_type"],
        "groupName": row["group"],
        "description": "",
        "options": [
            {"label": label, "value": value, "displayOrder": place, "hidden": False}
            for place, (label, value) in enumerate(choices)
        ],
        "calculated": "calculated" in flags,
        "externalOptions": "owner" in flags,
        "referencedObjectType": "OWNER" if "owner" in flags else None,
        "hasUniqueValue": "unique" in flags,
        "hubspotDefined": "custom" not in flags,
        "hidden": False,
        "formField": "readonly" not in flags,
        "modificationMetadata": {
            "archivable": "custom" in flags,
            "readOnlyDefinition": "custom" not in flags,
            "readOnlyValue": bool(flags & {"readonly", "calculated"}),
        },
    }
