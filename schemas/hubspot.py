"""Contracts of the HubSpot records: the columns that the project reads, typed and described; the rest comes from properties.

Names are internal names. Types are HubSpot's own for default properties, except that ids of other records, which HubSpot
calls numbers, are text.
"""
# ruff: noqa: N815 (HubSpot's own names)

import pandera.polars as pa
import polars as pl

from schemas.contract import HUBSPOT_ID, Kind, email, key, link, personal, record_id, text
from schemas.delivery import Entity

DATETIME = pl.Datetime("us", "UTC")


class _Record(pa.DataFrameModel):
    hs_object_id: str = record_id(HUBSPOT_ID, "HubSpot record id")
    createdate: DATETIME = text("when it was created")  # type: ignore[valid-type]
    hs_lastmodifieddate: DATETIME = text("when it was last changed")  # type: ignore[valid-type]
    hubspot_owner_id: str = text("owner's id in owners.json")
    hs_merged_object_ids: str = text("ids that were merged into it, separated by ; (P2-2A)")


class Contact(_Record):
    """One row: one HubSpot contact."""

    lastmodifieddate: DATETIME = text("when it was last changed; the time of each field (P2-30)")  # type: ignore[valid-type]
    email: str = email("primary e-mail address, the only one that syncs (P2-27)")
    hs_additional_emails: str = personal("secondary addresses, separated by ; (P2-27)")
    hs_calculated_merged_vids: str = text("merged ids with times, id:milliseconds, separated by ;")
    firstname: str = personal("first name")
    lastname: str = personal("last name")
    salutation: str = text("salutation")
    phone: str = personal("phone")
    mobilephone: str = personal("mobile phone")
    fax: str = personal("fax")
    jobtitle: str = text("job title")
    company: str = text("company name")
    website: str = text("website")
    address: str = personal("street")
    city: str = text("city")
    state: str = text("state or region")
    zip: str = text("postal code")
    country: str = text("country or region")
    industry: str = text("industry")
    annualrevenue: str = text("annual revenue: text in HubSpot (P1-27)")
    numemployees: str = text("employees: a range, an enumeration (P1-27)")
    description: str = personal("contact description")
    rating: str = text("made by the connector")
    leadsource: str = text("made by the connector")
    leadstatus: str = text("made by the connector; not hs_lead_status (P1-27)")
    lifecyclestage: str = text("internal value of the stage (P2-60)")
    hs_lead_status: str = text("HubSpot's own lead status")
    hs_email_optout: bool = text("unsubscribed from all e-mail (P2-38)")
    hs_marketable_status: bool = text("marketing contact (P1-30)")
    hs_marketable_until_renewal: bool = text("counted as marketing contact until renewal (P2-A3)")
    associatedcompanyid: str = text("primary company")
    salesforceleadid: str = link("linked lead, 18 characters (P2-26)")
    salesforcecontactid: str = link("linked contact, 18 characters (P2-26)")
    salesforceaccountid: str = link("account of the linked contact, 18 characters")
    salesforceownerid: str = link("owner of the linked record, 18 characters")
    salesforcecampaignids: str = link("campaigns, 18 characters each, separated by ; (P2-56)", Kind.LINKS)
    salesforcelastsynctime: DATETIME = text("when the integration last synced it")  # type: ignore[valid-type]
    salesforcedeleted: bool = text("its Salesforce record was deleted")


class Company(_Record):
    """One row: one HubSpot company."""

    name: str = text("name")
    domain: str = text("primary domain (P2-2F)")
    website: str = text("website")
    phone: str = text("phone")
    address: str = text("street")
    address2: str = text("street, second line")
    city: str = text("city")
    state: str = text("state or region")
    zip: str = text("postal code")
    country: str = text("country or region")
    industry: str = text("industry")
    type: str = text("kind of company")
    description: str = text("description")
    annualrevenue: float = text("annual revenue")
    numberofemployees: float = text("employees")
    lifecyclestage: str = text("internal value of the stage (P2-60)")
    hs_parent_company_id: str = text("parent company")
    salesforceaccountid: str = link("linked account, 18 characters (P2-51)")
    salesforcelastsynctime: DATETIME = text("when the integration last synced it")  # type: ignore[valid-type]
    salesforcedeleted: bool = text("its account was deleted")


class Deal(_Record):
    """One row: one HubSpot deal."""

    dealname: str = text("name")
    amount: float = text("amount")
    dealstage: str = text("internal value of the stage")
    pipeline: str = text("internal value of the pipeline")
    closedate: DATETIME = text("expected or actual close date")  # type: ignore[valid-type]
    hs_is_closed_won: bool = text("closed and won")


class Owner(pa.DataFrameModel):
    """One row: one HubSpot owner."""

    id: str = record_id(HUBSPOT_ID, "value of hubspot_owner_id")
    email: str = personal("e-mail address; matches a Salesforce user (P2-36)")
    firstName: str = personal("first name")
    lastName: str = personal("last name")
    userId: str = text("user id")
    type: str = text("PERSON or QUEUE")
    archived: bool = text("no longer an owner")
    createdAt: DATETIME = text("when it was created")  # type: ignore[valid-type]
    updatedAt: DATETIME = text("when it was last changed")  # type: ignore[valid-type]


class Account(pa.DataFrameModel):
    """One row: the HubSpot portal itself, as the API's account details tell it."""

    portalId: str = record_id(HUBSPOT_ID, "portal id")
    timeZone: str = text("time zone of days in segments that name none")
    accountType: str = text("kind of account")
    companyCurrency: str = text("currency")


class List(pa.DataFrameModel):
    """One row: one HubSpot list (segment)."""

    listId: str = record_id(HUBSPOT_ID, "list id")
    name: str = text("name")
    objectTypeId: str = text("0-1 contacts, 0-2 companies")
    processingType: str = text("MANUAL, DYNAMIC or SNAPSHOT (P1-42)")
    processingStatus: str = text("COMPLETE, or still processing")
    filterBranch: str = text("definition, JSON")


class ListMembership(pa.DataFrameModel):
    """One row: one record in one list."""

    listId: str = record_id(HUBSPOT_ID, "list id")
    recordId: str = record_id(HUBSPOT_ID, "record id")
    membershipTimestamp: DATETIME = text("since when")  # type: ignore[valid-type]


class ContactCompany(pa.DataFrameModel):
    """One row: one association of a contact with a company."""

    contact_id: str = record_id(HUBSPOT_ID, "contact")
    company_id: str = record_id(HUBSPOT_ID, "company")
    label: str = text("association label; blank for the unlabelled one")
    primary: bool = text("primary company of the contact")


class Property(pa.DataFrameModel):
    """One row: one property of one object."""

    object: str = key("contact, company or deal")
    name: str = key("internal name")
    label: str = text("label")
    type: str = text("bool, date, datetime, enumeration, number, phone_number or string")
    fieldType: str = text("form of the field")
    options: str = text("JSON array of {label, value, displayOrder, hidden}")
    calculated: bool = text("calculated by HubSpot: read-only")
    hasUniqueValue: bool = text("may identify a record")
    read_only: bool = text("modificationMetadata.readOnlyValue")


_OBJECT_NEWEST = ("hs_lastmodifieddate",)  # what every object has; of another the old name may be any text
_NEWEST = ("lastmodifieddate", *_OBJECT_NEWEST)
_ID = ("hs_object_id",)
_MEMBERSHIP = ("listId", "recordId")
_ASSOCIATION = ("contact_id", "company_id", "label")
_RECORDS = ("csv", "jsonl")

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("property", "properties/*", Property, ("json",), key=("object", "name")),
        Entity("owner", "owners", Owner, ("json",), key=("id",)),
        Entity("account", "account", Account, ("json",), key=("portalId",), single=True),
        Entity("contact", "contacts", Contact, _RECORDS, needed=True, key=_ID, modified=_NEWEST, object="contact"),
        Entity("company", "companies", Company, _RECORDS, key=_ID, modified=_OBJECT_NEWEST, object="company"),
        Entity("deal", "deals", Deal, _RECORDS, key=_ID, modified=_OBJECT_NEWEST, object="deal"),
        Entity("list", "lists", List, ("json",), key=("listId",)),
        Entity("list_membership", "list_memberships", ListMembership, key=_MEMBERSHIP, modified=("membershipTimestamp",)),
        Entity("contact_company", "associations/contact_company", ContactCompany, key=_ASSOCIATION),
    )
}  # fmt: skip

# Name of a property file -> the object its properties belong to.
OBJECTS = {
    **{entity.object: entity.object for entity in ENTITIES.values() if entity.object},
    **{entity.file: entity.object for entity in ENTITIES.values() if entity.object},
}
