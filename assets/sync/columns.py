"""Which relations deciding reads, with the columns that its SQL names and their types where a portal does not deliver them."""

from assets.shared import keys, nights
from assets.shared.sql import Session

_VERSION = {"op": "VARCHAR", "merged_into": "VARCHAR"}
_HUBSPOT = _VERSION | {"hs_object_id": "VARCHAR", "createdate": "TIMESTAMPTZ", "lifecyclestage": "VARCHAR"}
_SALESFORCE = _VERSION | {
    "Id": "VARCHAR", "CreatedDate": "TIMESTAMPTZ", "SystemModstamp": "TIMESTAMPTZ", "LastModifiedDate": "TIMESTAMPTZ",
}  # fmt: skip
READS: dict[str, dict[str, str]] = {
    "staged/hubspot/contact": _HUBSPOT
    | {"email": "VARCHAR", "lastmodifieddate": "TIMESTAMPTZ", "hs_additional_emails": "VARCHAR",
       "salesforcecontactid": "VARCHAR", "salesforceleadid": "VARCHAR"},
    "staged/hubspot/company": _HUBSPOT
    | {"domain": "VARCHAR", "name": "VARCHAR", "hs_lastmodifieddate": "TIMESTAMPTZ", "salesforceaccountid": "VARCHAR"},
    "staged/hubspot/contact_company": {
        "op": "VARCHAR", "contact_id": "VARCHAR", "company_id": "VARCHAR", "primary": "BOOLEAN",
    },
    "staged/hubspot/owner": {
        "op": "VARCHAR", "id": "VARCHAR", "email": "VARCHAR", "firstName": "VARCHAR", "lastName": "VARCHAR",
        "archived": "BOOLEAN",
    },
    "staged/hubspot/property": {
        "op": "VARCHAR", "object": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR", "fieldType": "VARCHAR",
        "options": "VARCHAR", "calculated": "BOOLEAN", "read_only": "BOOLEAN",
    },
    "staged/salesforce/lead": _SALESFORCE
    | {"Email": "VARCHAR", "IsConverted": "BOOLEAN", "ConvertedContactId": "VARCHAR"},
    "staged/salesforce/contact": _SALESFORCE | {"Email": "VARCHAR", "AccountId": "VARCHAR"},
    "staged/salesforce/account": _SALESFORCE | {"Name": "VARCHAR"},
    "staged/salesforce/user": {"op": "VARCHAR", "Id": "VARCHAR", "Email": "VARCHAR", "IsActive": "BOOLEAN"},
    "staged/salesforce/campaign_member": {
        "op": "VARCHAR", "CampaignId": "VARCHAR", "LeadId": "VARCHAR", "ContactId": "VARCHAR",
    },
    "staged/salesforce/opportunity": {
        "op": "VARCHAR", "Id": "VARCHAR", "IsWon": "BOOLEAN", "IsClosed": "BOOLEAN",
    },
    "staged/salesforce/opportunity_contact_role": {
        "op": "VARCHAR", "Id": "VARCHAR", "OpportunityId": "VARCHAR", "ContactId": "VARCHAR",
    },
    "raw/salesforce/result": {
        "sf__Id": "VARCHAR", "sf__Error": "VARCHAR", "Id": "VARCHAR", "Email": "VARCHAR", "Name": "VARCHAR",
    },
    "raw/hubspot/result": {
        "Record ID": "VARCHAR", "Email": "VARCHAR", "Company domain name": "VARCHAR", "Company name": "VARCHAR",
        "Error code": "VARCHAR",
    },
    "staged/salesforce/field": {
        "op": "VARCHAR", "object": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR", "length": "BIGINT",
        "precision": "BIGINT", "scale": "BIGINT", "nillable": "BOOLEAN", "calculated": "BOOLEAN", "createable": "BOOLEAN",
        "updateable": "BOOLEAN", "restrictedPicklist": "BOOLEAN", "defaultedOnCreate": "BOOLEAN", "picklistValues": "VARCHAR",
    },
}  # fmt: skip


def use(session: Session, before: str) -> None:
    """Make every relation that deciding reads; the ledger, and records to compare with, as before `before`."""
    for key, names in READS.items():
        session.use(key, names)
    for name in ("company", "contact"):
        session.use(f"staged/hubspot/{name}", _HUBSPOT, before=before, name=f"before__hubspot__{name}")
    for name in ("lead", "contact", "opportunity", "opportunity_contact_role"):
        key = f"staged/salesforce/{name}"
        session.use(key, READS[key], before=before, name=f"before__salesforce__{name}")
    added = {"given_stage": "VARCHAR", "given_email": "VARCHAR", "outside_filter": "BOOLEAN"}
    session.use("core/sync/ledger", added, before=before)
    session.use("core/sync/ledger_field", {"compared_as": "VARCHAR", "met": "VARCHAR"}, before=before, versions=True)
    previous = nights.decided_before(session.lake, before)
    session.use(keys.DECISION, before=before, among=[previous] if previous else [], name="before__decision")
    for name in ("salesforce/lead", "salesforce/contact", "salesforce/account", "hubspot/contact", "hubspot/company"):
        session.use(f"rejected/{name}", before=before, versions=True)


def use_versions(session: Session, before: str) -> None:
    """Make every version of contacts and companies before a night: what was known of a column that was not delivered."""
    for name in ("company", "contact"):
        session.use(f"staged/hubspot/{name}", _HUBSPOT, before=before, versions=True, name=f"version__hubspot__{name}")
