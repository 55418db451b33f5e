# mypy: disable-error-code="valid-type"
"""Tables of the deciding stage: links, decisions, changes, the ledger and the deltas (design sections 6 and 7)."""

import pandera.polars as pa
import polars as pl

TEXTS = pl.List(pl.String)
FIELD_CHANGE = pl.Struct(
    {"field": pl.String, "before": pl.String, "after": pl.String, "rule": pl.String, "because": pl.String}
)

PERSON_OR_COMPANY = ["person", "company"]
SYSTEMS = ["hubspot", "salesforce"]
OPERATIONS = ["create", "update", "clear", "delete"]
OUTCOMES = ["create", "update", "delete", "unchanged", "skip", "reject"]


class Link(pa.DataFrameModel):
    """One row: a HubSpot record and a Salesforce record that belong together by the rules (P2-20 to P2-2C)."""

    hubspot_id: str = pa.Field(description="HubSpot record id of the contact or company")
    salesforce_object: str = pa.Field(isin=["Lead", "Contact", "Account"], description="Salesforce object")
    salesforce_id: str = pa.Field(description="18-character Salesforce id")
    rule: str = pa.Field(
        description="why they belong together: ledger, stored_id, conversion, merge, email, updated, T2, T3 …"
    )
    rank: int = pa.Field(description="order among the candidates of one HubSpot record; 1 is the one that syncs")
    is_current: bool = pa.Field(description="this is the record that HubSpot syncs with tonight")


class Decision(pa.DataFrameModel):
    """One row: one candidate record in one direction, what happens to it tonight and why."""

    object: str = pa.Field(isin=PERSON_OR_COMPANY, description="person or company")
    direction: str = pa.Field(description="to_salesforce, to_hubspot, or to_<app> for another data-sync app")
    hubspot_id: str = pa.Field(nullable=True, description="HubSpot record id")
    salesforce_object: str = pa.Field(nullable=True, description="Lead, Contact or Account")
    salesforce_id: str = pa.Field(nullable=True, description="18-character Salesforce id")
    email: str = pa.Field(nullable=True, description="normalised primary e-mail of a person", metadata={"pii": True})
    outcome: str = pa.Field(isin=OUTCOMES, description="create, update, delete, unchanged, skip or reject")
    since: str = pa.Field(
        nullable=True,
        description="night on which the oldest open trigger was first seen; of another app, on which the contact first went out",
    )
    reasons: TEXTS = pa.Field(description="reason codes, with the field where there is one")
    warnings: TEXTS = pa.Field(description="warning codes, with the field where there is one")


class Change(pa.DataFrameModel):
    """One row: one field of one operation."""

    system: str = pa.Field(isin=SYSTEMS, description="the system that would be changed")
    object: str = pa.Field(isin=["contact", "company", "lead", "account"], description="object in that system")
    op: str = pa.Field(isin=OPERATIONS, description="create, update, clear or delete")
    record_id: str = pa.Field(nullable=True, description="id in the target; null for a create")
    key: str = pa.Field(nullable=True, description="normalised e-mail, domain or name", metadata={"pii": True})
    link: str = pa.Field(nullable=True, description="the counterpart's id")
    sequence: int = pa.Field(description="order of operations on one record; a clear comes before its update")
    pair_id: str = pa.Field(description="the ledger's pair")
    field: str = pa.Field(description="internal or API name in the target")
    before: str = pa.Field(nullable=True, description="value in the target now; null is blank", metadata={"pii": True})
    after: str = pa.Field(nullable=True, description="value it would get; null is blank", metadata={"pii": True})
    rule: str = pa.Field(description="the mapping's update rule, or the rule that sets the field")
    because: str = pa.Field(description="the truth-table row or rule id that decided")


class Delta(pa.DataFrameModel):
    """One row: one operation that would be carried out in one system."""

    system: str = pa.Field(isin=SYSTEMS, description="the system that would be changed")
    object: str = pa.Field(isin=["contact", "company", "lead", "account"], description="object in that system")
    op: str = pa.Field(isin=OPERATIONS, description="create, update, clear or delete")
    record_id: str = pa.Field(nullable=True, description="id in the target; null for a create")
    key: str = pa.Field(nullable=True, description="normalised e-mail, domain or name", metadata={"pii": True})
    link: str = pa.Field(nullable=True, description="the counterpart's id")
    changes: pl.List(FIELD_CHANGE) = pa.Field(description="the fields, by name", metadata={"pii": True})
    sequence: int = pa.Field(description="order of operations on one record")
    since: str = pa.Field(nullable=True, description="night since which this is pending")
    reasons: TEXTS = pa.Field(description="the triggers that opened it")
    warnings: TEXTS = pa.Field(description="warning codes, with the field where there is one")
    marketing: bool = pa.Field(nullable=True, description="HubSpot creates: set as marketing contact")


class LifecycleRequest(pa.DataFrameModel):
    """One row: one request of a bulk update of lifecycle stages that ran tonight; kept, so that what runs once has run."""

    update_id: str = pa.Field(description="the update of sync.yaml, by a digest of what it says")
    path: str = pa.Field(description="its place in sync.yaml")
    object: str = pa.Field(isin=["contact", "company"], description="object in HubSpot")
    line: int = pa.Field(nullable=True, description="line of its file; null for a member of a segment")
    record_id: str = pa.Field(nullable=True, description="the HubSpot record that it names; null where none was found")
    code: str = pa.Field(
        nullable=True, description="why nothing comes of it, or of one of its fields; null where it does"
    )


class Ledger(pa.DataFrameModel):
    """One row: what is known about one pair, written on the nights on which it changed."""

    object: str = pa.Field(isin=PERSON_OR_COMPANY, description="person or company")
    pair_id: str = pa.Field(description="hs:<id>, or sf:<id> while HubSpot had no record; never changes")
    alias: str = pa.Field(nullable=True, description="the other system's key of the pair")
    hubspot_id: str = pa.Field(nullable=True, description="HubSpot record id")
    salesforce_object: str = pa.Field(nullable=True, description="linked Salesforce object")
    salesforce_id: str = pa.Field(nullable=True, description="linked Salesforce id")
    segment_id: str = pa.Field(nullable=True, description="inclusion segment in force; null is everyone")
    in_segment: bool = pa.Field(nullable=True, description="inside the inclusion segment")
    outside_filter: bool = pa.Field(
        nullable=True, description="outside the data-sync filter and not synced yet; null where there is no filter"
    )
    created_by: str = pa.Field(nullable=True, description="what created the counterpart: auto_create, stage, setting …")
    hubspot_hash: str = pa.Field(nullable=True, description="mapped HubSpot values: <mappings>-<md5 of the values>")
    salesforce_hash: str = pa.Field(
        nullable=True, description="mapped Salesforce values, likewise; -<md5 of the campaigns>"
    )
    triggers: TEXTS = pa.Field(description="open triggers")
    since: str = pa.Field(nullable=True, description="night on which the oldest open trigger opened")
    gone_since: str = pa.Field(nullable=True, description="night since which a side is gone")
    given_stage: str = pa.Field(
        nullable=True, description="stage that a new lead gives its contact, while it is pending"
    )
    given_email: str = pa.Field(
        nullable=True,
        description="address of the record that is asked for (a company's or account's name), while it is pending",
        metadata={"pii": True},
    )


class LedgerField(pa.DataFrameModel):
    """One row: what is known about one mapped field of a pair, written on the nights on which it changed."""

    object: str = pa.Field(isin=PERSON_OR_COMPANY, description="person or company")
    pair_id: str = pa.Field(description="the pair")
    salesforce_id: str = pa.Field(nullable=True, description="the Salesforce record the values were seen on")
    mapping: str = pa.Field(description="mapping id, <hubspot>:<salesforce>")
    rule: str = pa.Field(description="update rule in force")
    compared_as: str = pa.Field(nullable=True, description="as what its values were compared")
    met: str = pa.Field(nullable=True, description="night on which both were first seen side by side")
    is_hubspot_agreed: bool = pa.Field(description="the sides have been equal once, and HubSpot had agreed_hubspot")
    is_salesforce_agreed: bool = pa.Field(description="the same with this Salesforce record")
    agreed_hubspot: str = pa.Field(nullable=True, description="HubSpot value when last equal", metadata={"pii": True})
    agreed_salesforce: str = pa.Field(nullable=True, description="Salesforce value then", metadata={"pii": True})
    seen_hubspot: str = pa.Field(nullable=True, description="HubSpot value last seen", metadata={"pii": True})
    seen_salesforce: str = pa.Field(nullable=True, description="Salesforce value last seen", metadata={"pii": True})
    changed_hubspot_night: str = pa.Field(nullable=True, description="night the HubSpot value was first seen")
    changed_hubspot_at: pl.Datetime("us", "UTC") = pa.Field(nullable=True, description="that night's record time")
    changed_salesforce_night: str = pa.Field(nullable=True, description="night the Salesforce value was first seen")
    changed_salesforce_at: pl.Datetime("us", "UTC") = pa.Field(nullable=True, description="that night's record time")
    given_to: str = pa.Field(nullable=True, description="system that the last delta of this field went to")
    given: str = pa.Field(
        nullable=True, description="the value of that delta, as the sides are compared", metadata={"pii": True}
    )
