"""Contracts of the Salesforce records: the columns that the project reads, typed and described; the rest comes from describe.

Names are API names. Lengths and picklists are not checked here: a value that Salesforce itself delivered is Salesforce's,
and what would go out is checked by the sync stage.
"""
# ruff: noqa: N815 (Salesforce's own names)

import pandera.polars as pa
import polars as pl

from schemas.contract import SALESFORCE_ID, email, key, personal, record_id, reference, text
from schemas.delivery import Entity

DATETIME = pl.Datetime("us", "UTC")
ADDRESSES = ("", "Mailing", "Other", "Billing", "Shipping")  # what the fields of the compound addresses begin with


class _Record(pa.DataFrameModel):
    Id: str = record_id(SALESFORCE_ID, "18-character record id")
    IsDeleted: bool = text("in the recycle bin: deleted, or merged where MasterRecordId is set (P2-46)")
    CreatedDate: DATETIME = text("when it was created")  # type: ignore[valid-type]
    LastModifiedDate: DATETIME = text("when a user or process last changed it")  # type: ignore[valid-type]
    SystemModstamp: DATETIME = text("when anything last changed it")  # type: ignore[valid-type]


class _Person(_Record):
    FirstName: str = personal("first name, 40 characters")
    LastName: str = personal("last name, 80 characters; required by Salesforce")
    Salutation: str = text("Mr., Ms. …")
    Email: str = email("e-mail address")
    Phone: str = personal("business phone")
    MobilePhone: str = personal("mobile phone")
    Fax: str = personal("business fax")
    Title: str = text("job title")
    LeadSource: str = text("picklist")
    Description: str = personal("free text")
    HasOptedOutOfEmail: bool = text("opted out of e-mail; sticky (P2-38)")
    OwnerId: str = reference("user or queue that owns it")
    MasterRecordId: str = reference("the record it was merged into")


class Lead(_Person):
    """One row: one Salesforce lead."""

    Company: str = text("company name; required by Salesforce")
    Street: str = personal("street, may have several lines")
    City: str = text("city")
    State: str = text("state or province")
    PostalCode: str = text("postal code")
    Country: str = text("country")
    Website: str = text("website")
    Industry: str = text("picklist")
    Rating: str = text("picklist: Hot, Warm, Cold")
    Status: str = text("lead status; required by Salesforce")
    AnnualRevenue: float = text("annual revenue")
    NumberOfEmployees: int = text("employees")
    IsConverted: bool = text("converted; its contact syncs instead (P2-2C)")
    ConvertedDate: pl.Date = text("when it was converted")
    ConvertedContactId: str = reference("contact it became")
    ConvertedAccountId: str = reference("account it became")
    ConvertedOpportunityId: str = reference("opportunity it became")


class Contact(_Person):
    """One row: one Salesforce contact."""

    AccountId: str = reference("account of the contact; none for a private contact")
    MailingStreet: str = personal("street, may have several lines")
    MailingCity: str = text("city")
    MailingState: str = text("state or province")
    MailingPostalCode: str = text("postal code")
    MailingCountry: str = text("country")


class Account(_Record):
    """One row: one Salesforce account."""

    Name: str = text("name")
    Website: str = text("website")
    Phone: str = text("phone")
    Industry: str = text("picklist")
    Rating: str = text("picklist")
    Type: str = text("picklist")
    AnnualRevenue: float = text("annual revenue")
    NumberOfEmployees: int = text("employees")
    BillingStreet: str = text("street")
    BillingCity: str = text("city")
    BillingState: str = text("state or province")
    BillingPostalCode: str = text("postal code")
    BillingCountry: str = text("country")
    ParentId: str = reference("parent account")
    OwnerId: str = reference("user that owns it")
    MasterRecordId: str = reference("the account it was merged into")


class User(_Record):
    """One row: one Salesforce user, or a queue that may own leads."""

    Email: str = personal("e-mail address; matches a HubSpot owner (P2-36)")
    Username: str = personal("login name")
    FirstName: str = personal("first name")
    LastName: str = personal("last name")
    Name: str = personal("full name")
    IsActive: bool = text("may own records (P2-BC)")
    UserType: str = text("kind of user")


class Campaign(_Record):
    """One row: one Salesforce campaign."""

    Name: str = text("name")
    IsActive: bool = text("only active campaigns can be imported (P2-56)")
    Status: str = text("picklist")
    Type: str = text("picklist")
    StartDate: pl.Date = text("first day")
    EndDate: pl.Date = text("last day")
    ParentId: str = reference("parent campaign")
    OwnerId: str = reference("user that owns it")


class CampaignMember(_Record):
    """One row: one lead or contact in one campaign."""

    CampaignId: str = reference("campaign")
    LeadId: str = reference("lead, unless it was converted (P2-57)")
    ContactId: str = reference("contact")
    Status: str = text("picklist")
    HasResponded: bool = text("responded")


class Opportunity(_Record):
    """One row: one Salesforce opportunity."""

    Name: str = text("name")
    AccountId: str = reference("account")
    StageName: str = text("picklist")
    IsClosed: bool = text("closed")
    IsWon: bool = text("closed and won (P2-67)")
    Amount: float = text("amount")
    CloseDate: pl.Date = text("expected or actual close date")
    OwnerId: str = reference("user that owns it")


class OpportunityContactRole(_Record):
    """One row: the role of one contact in one opportunity (P2-67)."""

    OpportunityId: str = reference("opportunity")
    ContactId: str = reference("contact")
    Role: str = text("picklist")
    IsPrimary: bool = text("primary contact")


class Field(pa.DataFrameModel):
    """One row: one field of one object, as describe gives it."""

    object: str = key("API name of the object")
    name: str = key("API name of the field")
    label: str = text("label")
    type: str = text("describe type")
    length: int = text("characters, of text")
    precision: int = text("digits, of numbers")
    scale: int = text("digits after the point")
    nillable: bool = text("may be blank")
    calculated: bool = text("formula or roll-up: read-only (P2-39)")
    createable: bool = text("may be set on a create")
    updateable: bool = text("may be set on an update")
    custom: bool = text("made by the customer")
    externalId: bool = text("external id")
    idLookup: bool = text("may identify a record in an upsert")
    caseSensitive: bool = text("as an external id, takes small letters and capitals for different values (P2-B8)")
    restrictedPicklist: bool = text("takes only its active values (P2-33)")
    defaultedOnCreate: bool = text("has a default on create, so need not be given")
    picklistValues: str = text("JSON array")
    referenceTo: str = text("JSON array")


_NEWEST = ("SystemModstamp", "LastModifiedDate")
_STANDING = (
    "IsDeleted",
    "MasterRecordId",
    "IsConverted",
    *(f"Converted{what}" for what in ("Date", "ContactId", "AccountId", "OpportunityId")),
)


def _object(name: str, api_name: str, model: type[pa.DataFrameModel], *, needed: bool = False) -> Entity:
    return Entity(name, api_name, model, ("csv",), needed, ("Id",), _NEWEST, api_name, _STANDING)


ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("field", "describe/*", Field, ("json",), key=("object", "name")),
        _object("lead", "Lead", Lead, needed=True),
        _object("contact", "Contact", Contact, needed=True),
        _object("account", "Account", Account),
        _object("user", "User", User),
        _object("campaign", "Campaign", Campaign),
        _object("campaign_member", "CampaignMember", CampaignMember),
        _object("opportunity", "Opportunity", Opportunity),
        _object("opportunity_contact_role", "OpportunityContactRole", OpportunityContactRole),
    )
}
