"""Who belongs to whom by the rules: HubSpot contacts to leads and contacts, companies to accounts (P2-20 to P2-2C, P2-51).

Stored ids and the primary e-mail link records. What else might be the same person the rest of this stage suggests; it links
only what neither of them links, and only by a tier that sync.yaml lets (`identity.auto_link`).
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from assets.shared.sql import SHARED_SQL, Session
from schemas.config_output import AutoLink

SQL = Path(__file__).parent / "sql"

# The columns that linking reads, with the types they have where a portal does not deliver them.
HUBSPOT_CONTACT = {
    "op": "VARCHAR", "merged_into": "VARCHAR", "hs_object_id": "VARCHAR", "email": "VARCHAR",
    "createdate": "TIMESTAMPTZ", "salesforcecontactid": "VARCHAR", "salesforceleadid": "VARCHAR",
}  # fmt: skip
HUBSPOT_COMPANY = {
    "op": "VARCHAR", "merged_into": "VARCHAR", "hs_object_id": "VARCHAR", "salesforceaccountid": "VARCHAR",
    "name": "VARCHAR", "createdate": "TIMESTAMPTZ",
}  # fmt: skip
CONTACT_COMPANY = {"op": "VARCHAR", "contact_id": "VARCHAR", "company_id": "VARCHAR", "primary": "BOOLEAN"}
SALESFORCE = {
    "op": "VARCHAR", "merged_into": "VARCHAR", "Id": "VARCHAR", "Email": "VARCHAR", "CreatedDate": "TIMESTAMPTZ",
    "SystemModstamp": "TIMESTAMPTZ", "LastModifiedDate": "TIMESTAMPTZ",
}  # fmt: skip
LEAD = SALESFORCE | {"IsConverted": "BOOLEAN", "ConvertedContactId": "VARCHAR"}
CONTACT = SALESFORCE | {"AccountId": "VARCHAR"}
ACCOUNT = {
    "op": "VARCHAR", "merged_into": "VARCHAR", "Id": "VARCHAR", "Name": "VARCHAR", "CreatedDate": "TIMESTAMPTZ",
}  # fmt: skip

STEPS = (
    "hubspot_person",
    "salesforce_person",
    "person_absent",
    "person_claim",
    "person_held",
    "person_link",
    "company_answer",
    "company_link",
)


def link(session: Session, before: str | None = None, tiers: Sequence[str] = ()) -> pa.Table:
    """`core/identity/link` of the session's night: one row per HubSpot record and Salesforce record that belong together.

    By the rules, then by the `tiers` of matching that link by themselves. The ledger is read as it was before `before` (a range
    of nights is decided against the ledger before its first night; by default before the session's own night).
    """
    return by_tiers(session, by_rules(session, before), tiers, before)


def by_rules(session: Session, before: str | None = None) -> pa.Table:
    """The links by stored ids and addresses, from `staged` as of the night and the ledger before `before`."""
    session.use("staged/hubspot/contact", HUBSPOT_CONTACT)
    session.use("staged/hubspot/company", HUBSPOT_COMPANY)
    session.use("staged/hubspot/contact_company", CONTACT_COMPANY)
    session.use("staged/salesforce/lead", LEAD)
    session.use("staged/salesforce/contact", CONTACT)
    session.use("staged/salesforce/account", ACCOUNT)
    session.use("core/sync/ledger", {"given_email": "VARCHAR"}, before=before)
    session.keep("run", "SELECT max(night) AS previous_night FROM core__sync__ledger")
    for file in (*SHARED_SQL, *(SQL / f"{step}.sql" for step in STEPS)):
        session.run(file)
    return session.sql("FROM person_link UNION ALL BY NAME FROM company_link").to_arrow_table()


def by_tiers(session: Session, links: pa.Table, tiers: Sequence[str], before: str | None = None) -> pa.Table:
    """The links by rules with those that the `tiers` of the night's `core/identity/pair` (T2, T3) make of what is left."""
    if not tiers:
        return links
    session.register("rule_link", links)
    session.use("core/sync/ledger", before=before)
    session.use("core/identity/pair")
    session.register("auto_tier", pl.DataFrame({"tier": list(tiers)}))
    session.run(SQL / "auto_link.sql")
    return session.sql("FROM rule_link UNION ALL BY NAME FROM auto_link").to_arrow_table()


def auto_tiers(allowed: AutoLink) -> list[str]:
    """The tiers of matching that sync.yaml lets link by themselves."""
    return [tier for tier, on in (("T2", allowed.T2), ("T3", allowed.T3)) if on]


def rules_used(links: pa.Table) -> dict[str, int]:
    """How many current links each rule made."""
    current = links.filter(links["is_current"])
    counted = current.group_by("rule").aggregate([("rule", "count")]).to_pylist()
    return {row["rule"]: row["rule_count"] for row in sorted(counted, key=lambda row: row["rule"])}
