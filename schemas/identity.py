# mypy: disable-error-code="valid-type"
"""Tables of the identity stage beyond the rule-driven links: keys, pairs, clusters, golden records, duplicates.

A record is named `<system>/<object>/<id>` in all of them. They suggest; the sync reads
pairs of a tier only where `identity.auto_link` lets it.
"""

import pandera.polars as pa
import polars as pl

TEXTS = pl.List(pl.String)
EVIDENCE = pl.Struct({"field": pl.String, "level": pl.String, "weight": pl.Float64})
SOURCE = pl.Struct({"field": pl.String, "value": pl.String, "record": pl.String, "policy": pl.String})
LOST = pl.Struct({"field": pl.String, "value": pl.String})

ENTITIES = ["person", "company"]
TIERS = ["must_link", "T0", "T1", "T2", "T3"]
ZONES = ["merge", "review"]


def _personal(description: str) -> str:
    found: str = pa.Field(nullable=True, description=description, metadata={"pii": True})
    return found


class Key(pa.DataFrameModel):
    """One row: one version of what a record of either CRM is compared by, normalised; the newest one is the state."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    record: str = pa.Field(description="<system>/<object>/<id>")
    live: bool = pa.Field(description="false for a record that was merged away or converted; it only carries links")
    first: str = _personal("first name without marks and titles")
    middle: str = _personal("middle name or initial")
    last: str = _personal("last name without marks and suffixes")
    sound_first: str = _personal("how the first name sounds")
    sound_last: str = _personal("how the last name sounds")
    email: str = _personal("primary address, lower-cased")
    emails: TEXTS = pa.Field(description="every address, lower-cased, primary first", metadata={"pii": True})
    mailboxes: TEXTS = pa.Field(
        description="the mailbox behind each address, without tags and Gmail's dots", metadata={"pii": True}
    )
    email_canon: str = _personal("mailbox of the primary address: no tag, no dots at Gmail")
    phone: str = _personal("E.164 where the country is known, else digits")
    company: str = pa.Field(nullable=True, description="company without its legal form")
    domain: str = pa.Field(nullable=True, description="registrable domain of site or mail; null for free mail")
    street_no: str = _personal("house number")
    street: str = _personal("street without house number")
    city: str = pa.Field(nullable=True, description="city")
    postcode: str = pa.Field(nullable=True, description="postal code, letters and digits")
    state: str = pa.Field(nullable=True, description="state or province, by code where known")
    country: str = pa.Field(nullable=True, description="ISO 3166 code")
    job: str = pa.Field(nullable=True, description="job title")
    compared_hash: str = pa.Field(
        description="MD5 of the fields it is compared by: the same, nothing is compared again"
    )
    row_hash: str = pa.Field(description="MD5 of those and of its times: the same, its golden record stands")
    gone: bool = pa.Field(description="the record is there no more; nothing else of the row counts")


class Pair(pa.DataFrameModel):
    """One row: one version of a pair: two records that are one entity by some tier, or near enough for a person to look at."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    a: str = pa.Field(description="first record, <system>/<object>/<id>")
    b: str = pa.Field(description="second record; a < b")
    tier: str = pa.Field(isin=TIERS, description="strongest tier that joins them: must_link, T0 to T3")
    rule: str = pa.Field(description="stored_id, conversion, merge, email, domain, mailbox, likeness, override")
    weight: float = pa.Field(description="log2 odds that they are one, by likeness alone")
    probability: float = pa.Field(description="the same as a probability")
    zone: str = pa.Field(isin=ZONES, description="merge: taken by clustering; review: for a person")
    guard: str = pa.Field(nullable=True, description="what kept it from merging")
    evidence: pl.List(EVIDENCE) = pa.Field(description="by field: level of likeness and log2 weight")
    gone: bool = pa.Field(description="the two are no such pair any more; nothing else of the row counts")


class Review(pa.DataFrameModel):
    """One row: something a guard stopped, a pair or a key value shared by too many records."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    guard: str = pa.Field(
        description="role_inbox, shared_key, name_veto, household, colleague, conflicting_stored_ids, contradiction, size"
    )
    a: str = pa.Field(description="first record")
    b: str = pa.Field(nullable=True, description="second record; null where a key value was dropped")
    tier: str = pa.Field(nullable=True, description="tier that would have joined them")
    weight: float = pa.Field(nullable=True, description="log2 odds by likeness")
    records: int = pa.Field(description="records concerned: 2 for a pair")


class Cluster(pa.DataFrameModel):
    """One row: one version of a live record's place: the entity it belongs to."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    entity_id: str = pa.Field(description="stable id of the entity; never used for another one")
    record: str = pa.Field(description="<system>/<object>/<id>")
    size: int = pa.Field(description="live records of the entity")
    since: str = pa.Field(description="night on which the entity was first seen")
    gone: bool = pa.Field(description="the record is there no more, or not live; nothing else of the row counts")


class Alias(pa.DataFrameModel):
    """One row: an entity id that was merged into another one."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    alias_id: str = pa.Field(description="the id that is no longer used")
    entity_id: str = pa.Field(description="the id that stands for it now")
    since: str = pa.Field(description="night of the merge")


class Golden(pa.DataFrameModel):
    """What a version of a golden record has whatever it is."""

    entity_id: str = pa.Field(description="stable id of the entity")
    records: TEXTS = pa.Field(description="live records, <system>/<object>/<id>")
    phone: str = _personal("phone")
    street: str = _personal("street")
    city: str = pa.Field(nullable=True, description="city")
    state: str = pa.Field(nullable=True, description="state or region")
    postcode: str = pa.Field(nullable=True, description="postal code")
    country: str = pa.Field(nullable=True, description="country")
    sources: pl.List(SOURCE) = pa.Field(
        description="each value's record and the policy that chose it", metadata={"pii": True}
    )
    conflicts: pl.List(SOURCE) = pa.Field(
        description="other values that records of the entity have", metadata={"pii": True}
    )
    gone: bool = pa.Field(description="the entity is there no more; nothing else of the row counts")


class Person(Golden):
    """One row: one version of a person, the best value of each field over all records."""

    email: str = _personal("e-mail address")
    first_name: str = _personal("first name")
    last_name: str = _personal("last name")
    job_title: str = pa.Field(nullable=True, description="job title")
    company: str = pa.Field(nullable=True, description="company name")


class Company(Golden):
    """One row: one version of a company, the best value of each field over all records."""

    company: str = pa.Field(nullable=True, description="name")
    domain: str = pa.Field(nullable=True, description="website or domain")


class Duplicate(pa.DataFrameModel):
    """One row: one record that should be merged into another one of the same CRM and object."""

    object: str = pa.Field(isin=["contact", "company", "lead", "account"], description="object in that system")
    group_id: str = pa.Field(description="the entity both belong to")
    survivor_id: str = pa.Field(description="record to keep: in Salesforce the one that syncs (P2-2A)")
    duplicate_id: str = pa.Field(description="record to merge into it")
    tier: str = pa.Field(isin=TIERS, description="weakest tier on the strongest path between them")
    confidence: float = pa.Field(
        description="probability of the weakest link on that path; 1 for stored ids and people's word"
    )
    reason: str = pa.Field(description="why, in words, without values")
    lost: pl.List(LOST) = pa.Field(
        description="values of the duplicate that differ from the survivor's", metadata={"pii": True}
    )


class Weights(pa.DataFrameModel):
    """One row: the model that scored a night. Learnt on one night and kept until too many records have changed."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    version: str = pa.Field(description="version of the shipped model it started from")
    learnt: str = pa.Field(description="night on which it was learnt")
    basis: str = pa.Field(
        description="digest of reference data and code version; of another one, weights are learnt anew"
    )
    records: int = pa.Field(description="records it was fitted to")
    block: int = pa.Field(description="records that may share a value of a blocking rule")
    present: int = pa.Field(description="records there are tonight")
    changed: int = pa.Field(description="records that changed since it was learnt")
    rescored: int = pa.Field(description="records compared with the rest tonight")
    model: str = pa.Field(description="fields, levels, shares and priors as JSON")


class Share(pa.DataFrameModel):
    """One row: how common a value was when the model was learnt. Values of three records and more, by their MD5."""

    entity: str = pa.Field(isin=ENTITIES, description="person or company")
    field: str = pa.Field(description="compared field")
    value: str = pa.Field(description="MD5 of the value; blank: any value that is not listed")
    share: float = pa.Field(description="chance that a stranger has the value too")


class Override(pa.DataFrameModel):
    """One row: what a person had decided about two records when the night was computed."""

    action: str = pa.Field(isin=["must_link", "cannot_link"], description="must_link or cannot_link")
    a: str = pa.Field(description="first record, <system>/<object>/<id>")
    b: str = pa.Field(description="second record; a < b")


TABLES: dict[str, type[pa.DataFrameModel]] = {
    "core/identity/key": Key,
    "core/identity/weight": Weights,
    "core/identity/share": Share,
    "core/identity/override": Override,
    "core/identity/pair": Pair,
    "core/identity/review": Review,
    "core/identity/cluster": Cluster,
    "core/identity/alias": Alias,
    "core/identity/person": Person,
    "core/identity/company": Company,
    "out/duplicate/hubspot": Duplicate,
    "out/duplicate/salesforce": Duplicate,
}

# Identity of a row in tables that keep versions: the newest row of each is the state.
VERSIONED: dict[str, list[str]] = {
    "core/identity/key": ["record"],
    "core/identity/pair": ["a", "b"],
    "core/identity/cluster": ["record"],
    "core/identity/person": ["entity_id"],
    "core/identity/company": ["entity_id"],
}

ORDER: dict[str, list[str]] = {
    "core/identity/key": ["entity", "record"],
    "core/identity/weight": ["entity"],
    "core/identity/share": ["entity", "field", "value"],
    "core/identity/override": ["a", "b"],
    "core/identity/pair": ["entity", "a", "b"],
    "core/identity/review": ["entity", "guard", "a", "b"],
    "core/identity/cluster": ["entity", "record"],
    "core/identity/alias": ["entity", "alias_id"],
    "core/identity/person": ["entity_id"],
    "core/identity/company": ["entity_id"],
    "out/duplicate/hubspot": ["object", "group_id", "duplicate_id"],
    "out/duplicate/salesforce": ["object", "group_id", "duplicate_id"],
}
