"""The portal that a file is judged against: from the lake where a night was staged, else from the delivered files."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from assets.import_files.knowledge import Knowledge, knowledge
from assets.import_files.package_files import SQL
from assets.import_files.records import HubSpotRecords, SalesforceRecords
from assets.shared import keys
from assets.shared.domains import domain_key
from assets.shared.lake import Lake
from assets.shared.sql import Session
from schemas.config import SyncConfig

PROPERTY = keys.staged("hubspot", "property")
OWNER = keys.staged("hubspot", "owner")
FIELD = keys.staged("salesforce", "field")
CONTACT = keys.staged("hubspot", "contact")
COMPANY = keys.staged("hubspot", "company")
LEAD = keys.staged("salesforce", "lead")
SALESFORCE_CONTACT = keys.staged("salesforce", "contact")
USER = keys.staged("salesforce", "user")
_PROPERTY_COLUMNS = ("name", "label", "type", "fieldType", "calculated", "hasUniqueValue")


def read_knowledge(session: Session, config: SyncConfig, night: str) -> Knowledge:
    """Properties, describe and owners of the session's night."""
    return knowledge(config, night, *(living(session, key) for key in (PROPERTY, FIELD, OWNER)))


def living(session: Session, key: str, columns: dict[str, str] | None = None) -> pa.Table | None:
    """Living rows of a staged state, or the named columns of it; None where the table was never written."""
    return _with_op(session, key, "upsert", columns)


def _with_op(session: Session, key: str, op: str, columns: dict[str, str] | None = None) -> pa.Table | None:
    if not session.lake.exists(key):
        return None
    session.use(key, columns=columns)
    relation = session.sql(exp.select("*").from_(keys.relation(key)).where(exp.column("op").eq(op)))
    return (relation.select(*columns) if columns else relation).to_arrow_table()


def _deleted(session: Session, key: str, column: str) -> pa.Array:
    """Ids of records that were deleted, merged ones not: their id leads to the record that is left."""
    found = _with_op(session, key, "delete", {column: "VARCHAR"})
    ids: pa.Array = pa.array([], pa.string()) if found is None else found[column].combine_chunks()
    return ids


def hubspot_records(session: Session, object_name: str) -> HubSpotRecords | None:
    """Living contacts or companies of the session's night; None where none were ever staged."""
    key, name = (CONTACT, "email") if object_name == "contact" else (COMPANY, "domain")
    wanted = {"hs_object_id": "VARCHAR", name: "VARCHAR", "lifecyclestage": "VARCHAR"}
    found = living(session, key, wanted)
    if found is None:
        return None
    found = found.combine_chunks()
    ids, names, stages = (pa.chunked_array(found[c]).combine_chunks() for c in wanted)
    secondary = secondary_emails(session) if object_name == "contact" else pa.array([], pa.string())
    deleted = _deleted(session, key, "hs_object_id")
    known = pc.utf8_lower(pc.utf8_trim_whitespace(names)) if object_name == "contact" else domain_key(names)
    return HubSpotRecords(ids, known, stages, secondary, deleted)


def secondary_emails(session: Session) -> pa.Array:
    """`<record id> <e-mail>` of every secondary e-mail of a living contact, in lower case."""
    session.use(CONTACT, columns={"hs_object_id": "VARCHAR", "hs_additional_emails": "VARCHAR", "op": "VARCHAR"})
    session.run(SQL / "secondary_email.sql")
    found: pa.Array = session.table("secondary_email")["pair"].combine_chunks()
    return found


def opted_out(session: Session) -> pa.Array:
    """E-mail addresses, in lower case, whose owner opted out in either CRM."""
    session.use(CONTACT, columns={"email": "VARCHAR", "hs_email_optout": "VARCHAR"})
    for key in (LEAD, SALESFORCE_CONTACT):
        session.use(key, columns={"Email": "VARCHAR", "HasOptedOutOfEmail": "VARCHAR"})
    session.run(SQL / "opted_out.sql")
    found: pa.Array = session.table("opted_out")["email"].combine_chunks()
    return found


def salesforce_records(session: Session, object_name: str) -> SalesforceRecords | None:
    """Converted leads and deleted records of the session's night; None where none were ever staged."""
    key = keys.staged("salesforce", object_name)
    if not session.lake.exists(key):
        return None
    found = living(session, LEAD, {"Id": "VARCHAR", "IsConverted": "BOOLEAN"}) if object_name == "lead" else None
    none = pa.array([], pa.string())
    converted = none if found is None else found.filter(found["IsConverted"])["Id"].combine_chunks()
    return SalesforceRecords(converted, _deleted(session, key, "Id"))


def inactive_users(session: Session) -> frozenset[str]:
    """Ids of users who may own nothing: of 18 and of 15 characters."""
    found = living(session, USER, {"Id": "VARCHAR", "IsActive": "BOOLEAN"})
    ids = [] if found is None else found.filter(pc.invert(pc.fill_null(found["IsActive"], True)))["Id"].to_pylist()
    return frozenset([*ids, *(i[:15] for i in ids)])


def portal_of(config: SyncConfig, lake: Lake | None, night: str | None) -> Knowledge:
    """Knowledge without a run: the lake's newest staged state, else what was delivered for the night, else defaults."""
    if lake is not None and (lake.exists(PROPERTY) or lake.exists(FIELD)):
        with lake.connect(night) as session:
            return read_knowledge(session, config, night or "")
    properties, described, owners = [], [], []
    if night is not None:
        hubspot, salesforce = config.sources.hubspot, config.sources.salesforce
        if hubspot.path:
            properties = list(_properties(hubspot.folder(night)))
            owners = list(_bodies(hubspot.folder(night), "owners.json*", ("results", "owners")))
        if salesforce.path:
            described = list(_described(salesforce.folder(night)))
    return knowledge(
        config, night or "", *(pa.Table.from_pylist(r) if r else None for r in (properties, described, _owners(owners)))
    )


def _properties(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "properties").glob("*.json*")):
        for row in _bodies(path.parent, path.name, ("results",)):
            read_only = (row.get("modificationMetadata") or {}).get("readOnlyValue")
            yield {
                "object": path.name.split(".")[0],
                **{name: row.get(name) for name in _PROPERTY_COLUMNS},
                "options": json.dumps(row.get("options") or []),
                "read_only": bool(read_only),
            }


def _described(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "describe").glob("*.json*")):
        for row in _bodies(path.parent, path.name, ("fields",)):
            nested = {name: json.dumps(row.get(name) or []) for name in ("picklistValues", "referenceTo")}
            plain = {k: v for k, v in row.items() if not isinstance(v, list | dict)}
            yield {"object": path.name.split(".")[0], **plain, **nested}


def _owners(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{n: row.get(n) for n in ("id", "email", "firstName", "lastName", "archived")} for row in rows]


def _bodies(folder: Path, pattern: str, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Records of an API answer (`{name: [...]}`) or a bare array; a file that is neither has none."""
    for path in sorted(folder.glob(pattern)):
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            body = json.loads(data)
        except (OSError, ValueError):
            continue
        found = (
            body
            if isinstance(body, list)
            else next((body[n] for n in names if isinstance(body, dict) and n in body), [])
        )
        yield from (row for row in found if isinstance(row, dict))
