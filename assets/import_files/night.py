"""One night's files from the lake: what is read, the guards before the first byte, the folder. Knows no Dagster."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from assets.import_files import guards
from assets.import_files.existing_keys import register_taken
from assets.import_files.folder import remove, replacing
from assets.import_files.marketing import tier
from assets.import_files.package_files import SQL, Extras
from assets.import_files.portal import (
    COMPANY,
    CONTACT,
    FIELD,
    LEAD,
    OWNER,
    PROPERTY,
    SALESFORCE_CONTACT,
    opted_out,
    read_knowledge,
    secondary_emails,
)
from assets.import_files.self_check import judge
from assets.import_files.write import refuse_without_basis, write_relation
from assets.shared import keys
from assets.shared.failures import GuardStopped
from assets.shared.lake import Lake
from assets.shared.sql import Session
from schemas.config import SyncConfig
from schemas.import_marketing import box_ticked
from schemas.imports import Manifest, Tier

FILES = "files"
ACCOUNT = keys.staged("salesforce", "account")
ASSOCIATION = keys.staged("hubspot", "contact_company")
READS = (
    CONTACT, COMPANY, PROPERTY, OWNER, FIELD, LEAD, SALESFORCE_CONTACT, ACCOUNT, ASSOCIATION, keys.LINK, keys.LEDGER,
    keys.DECISION,
)  # fmt: skip
IGNORED = "lifecycle-ignored.jsonl"
_STATUS = {
    "hs_marketable_status": "VARCHAR",
    "hs_marketable_until_renewal": "VARCHAR",
    "hs_object_id": "VARCHAR",
    "op": "VARCHAR",
}


def folder_of(lake: Lake, night: str) -> Path:
    """Where a night's files are."""
    return lake.root / FILES / night


def write_night(lake: Lake, nights: Sequence[str], config: SyncConfig) -> Manifest:
    """Write the files of the last of the nights; the others are folded into it and have none.

    Raises GuardStopped, and takes the night's older files away, where a guard is exceeded: they are not this plan's.
    Raises OwnFileRefusedError where a CRM would refuse a row of ours; nothing is published then.
    """
    night = nights[-1]
    refuse_without_basis(config)
    with lake.connect(night) as session:
        session.use(keys.DELTA_HUBSPOT)
        session.use(keys.DELTA_SALESFORCE)
        session.sql("FROM out__delta__hubspot UNION ALL BY NAME FROM out__delta__salesforce").create_view("night_delta")
        known = read_knowledge(session, config, night)
        gdpr = config.imports.hubspot.gdpr
        asked = opted_out(session) if gdpr.enabled and gdpr.communication else None  # for subscriptions alone
        known = replace(known, secondary=secondary_emails(session), opted_out=asked)
        found = count(session, lake, nights, config)
        try:
            guards.stop_if_exceeded(found, config)
        except GuardStopped:
            remove(folder_of(lake, night))
            raise
        with replacing(folder_of(lake, night)) as draft:
            register_taken(session, known)
            extras = Extras(found.tier, find_belonging(session, config), ignored_requests(session))
            manifest = write_relation(session.con, known, draft, extras)
            judge(manifest, draft, known)
    for folded in nights[:-1]:
        remove(folder_of(lake, folded))
    return manifest


def find_belonging(session: Session, config: SyncConfig) -> bool:
    """Make the relation `belonging`: contacts with their accounts, where companies sync at all (P2-50). Needs `night_delta`."""
    if not config.integration.company_sync:
        return False
    text = {"op": "VARCHAR"}
    session.use(keys.LINK)
    session.use(keys.LEDGER)
    session.use(keys.DECISION)
    session.use(ASSOCIATION, columns=text | {"contact_id": "VARCHAR", "company_id": "VARCHAR"})
    session.use(CONTACT, columns=text | {"hs_object_id": "VARCHAR", "email": "VARCHAR"})
    session.use(SALESFORCE_CONTACT, columns=text | {"Id": "VARCHAR", "AccountId": "VARCHAR"})
    session.run(SQL / "belonging.sql")
    return True


def ignored_requests(session: Session) -> dict[str, bytes]:
    """`lifecycle-ignored.jsonl`, one line a request of a bulk update that comes to nothing; nothing where there is none."""
    session.use(keys.LIFECYCLE_REQUEST)
    columns = (exp.column("path").as_("update"), "object", "line", "record_id", "code")
    found = exp.select(*columns).from_(keys.relation(keys.LIFECYCLE_REQUEST)).where("code IS NOT NULL")
    rows = session.sql(found.order_by("path", "line", "record_id", "code")).to_arrow_table()
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.to_pylist())
    return {IGNORED: text.encode()} if text else {}


def count(session: Session, lake: Lake, nights: Sequence[str], config: SyncConfig) -> guards.Counts:
    """Operations, deletions, rejects and marketing contacts of the nights. Needs the relation `night_delta`."""
    session.run(SQL / "night_count.sql")
    by_op = session.table("night_count").to_pylist()
    return guards.Counts(
        operations=sum(row["operations"] for row in by_op),
        deletes=sum(row["operations"] for row in by_op if row["op"] == "delete"),
        rejects=rejects(session, lake, nights),
        tier=_tier(session, config, nights[-1]),
    )


def rejects(session: Session, lake: Lake, nights: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Rejected and delivered rows, for each object with any rejected; a line that never became a row was delivered, too."""
    found = {}
    for crm, entities in keys.ENTITIES.items():
        unreadable = _unreadable(session, crm, nights)
        for entity in entities:
            rejected = _rows(lake, keys.rejected(crm, entity), nights)
            if rejected:
                delivered = _rows(lake, keys.raw(crm, entity), nights) + unreadable.get(entity, 0)
                found[f"{crm} {entity}"] = (rejected, delivered)
    return found


def _unreadable(session: Session, crm: str, nights: Sequence[str]) -> dict[str, int]:
    key = keys.raw(crm, "unreadable")
    session.use(key, until=nights[-1], versions=True)
    among = exp.column("night").isin(*nights)
    lines = exp.select("entity", exp.Count(this=exp.Star())).from_(keys.relation(key)).where(among).group_by("entity")
    return dict(session.sql(lines).fetchall())


def _rows(lake: Lake, key: str, nights: Sequence[str]) -> int:
    """Rows of some nights, from the footers of their files."""
    present = [night for night in lake.nights(key) if night in nights]
    return sum(pq.read_metadata(file).num_rows for file in lake.files(key, present))


def _tier(session: Session, config: SyncConfig, night: str) -> Tier:
    settings, mode = config.marketing, config.imports.hubspot.mode
    session.use(CONTACT, columns=_STATUS)
    row = {
        "is_updated": settings.next_update is not None and night >= settings.next_update,
        "may_promote": settings.can_set_status,
        "promotes": box_ticked(config.imports.hubspot, settings),
        "creates": mode != "update",
        "updates": mode != "create",
    }
    session.register("run", pa.Table.from_pylist([row]))
    for name in ("marketing_contact", "promoted", "marketing"):
        session.run(SQL / f"{name}.sql")
    found = session.table("marketing").to_pylist()[0]
    return tier(settings, **found)
