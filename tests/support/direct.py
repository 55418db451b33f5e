"""The deciding stages alone: staged versions are written as staging would, then links and decisions are computed.

For the many random histories, where reading exports would take longer than everything else.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from assets.identity.link import link
from assets.shared import keys
from assets.shared.lake import Lake
from assets.sync.decide import decide
from schemas.arrow import arrow_schema
from schemas.config import SyncConfig
from schemas.segments import Membership, SegmentDefinition
from tests.support.ids import is_short, real
from tests.support.portal import KINDS, Portal

ENTITIES = {
    "H": ("hubspot", "contact"),
    "L": ("salesforce", "lead"),
    "C": ("salesforce", "contact"),
    "K": ("hubspot", "company"),
    "A": ("salesforce", "account"),
    "U": ("salesforce", "user"),
    "P": ("salesforce", "campaign"),
    "M": ("salesforce", "campaign_member"),
}
TIMES = {"createdate", "lastmodifieddate", "hs_lastmodifieddate", "CreatedDate", "LastModifiedDate", "SystemModstamp"}
BOOLEANS = {"IsDeleted", "IsConverted", "IsActive", "HasOptedOutOfEmail", "hs_email_optout", "archived"}
# Every decision, also those that are unchanged without a reason, which no table keeps.
DECIDED = """
SELECT outcome.direction, standing.hubspot_id, standing.salesforce_id
FROM night_outcome AS outcome
INNER JOIN standing ON outcome.object = standing.object AND outcome.pair_id = standing.pair_id
"""
VERSION = pa.schema([("op", pa.string()), ("merged_into", pa.string()), ("row_hash", pa.string())])


class Direct:
    """A lake whose staged tables are written by hand."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.before: dict[str, dict[str, Any]] = {}
        self.members: set[str] = set()
        self.associated: set[tuple[str, str]] = set()
        self.decided: list[
            tuple[str, str | None, str | None]
        ] = []  # direction, HubSpot and Salesforce id of tonight's pairs

    def night(self, config: SyncConfig, night: str, portal: Portal, members: set[str]) -> None:
        """Stage what the portal delivers, link, decide, write."""
        for letter in sorted(portal.delivered & set(ENTITIES)):
            self._stage(letter, night, portal, config.sources.salesforce.absent)
        self._associate(night, portal)
        if portal.owners:
            table = pa.Table.from_pylist([{"id": real(n), "op": "upsert", **row} for n, row in portal.owners.items()])
            self.lake.write(keys.staged("hubspot", "owner"), night, table)
        if config.integration.inclusion_segment is not None:
            self._write_members(str(config.integration.inclusion_segment), night, members)
        with self.lake.connect(night) as session:
            self.lake.write(keys.LINK, night, link(session))
        with self.lake.connect(night) as session:
            session.use(keys.LINK)
            session.use(keys.MEMBERSHIP)
            session.use(keys.DEFINITION)
            for key, relation in decide(session, config).items():
                self.lake.write(key, night, relation.to_arrow_table())
            self.decided = session.con.execute(DECIDED).fetchall()
        self.before = {name: dict(row) for name, row in portal.rows.items()}
        self.members = set(members)

    def _stage(self, letter: str, night: str, portal: Portal, absent: str) -> None:
        now = {name: row for name, row in portal.rows.items() if name[0] == letter}
        rows = [_version(row) for name, row in now.items() if self.before.get(name) != row]
        gone = {name: row for name, row in self.before.items() if name[0] == letter and name not in now}
        # Only of Salesforce's records sync.yaml says what their absence means.
        ended = "gone" if ENTITIES[letter][0] == "salesforce" and absent == "keep" else "delete"
        rows += [{**_version(row), **_ending(portal.merged.get(name), ended)} for name, row in gone.items()]
        columns = [(name, _type(name)) for name in portal.columns[letter]]
        table = pa.Table.from_pylist(rows, schema=pa.schema([*columns, *VERSION]))
        self.lake.write(keys.staged(*ENTITIES[letter]), night, table)

    def _associate(self, night: str, portal: Portal) -> None:
        now = {(row["contact_id"], row["company_id"]) for row in portal.associations}
        listed = [
            *((one, "upsert") for one in sorted(now - self.associated)),
            *((one, "delete") for one in sorted(self.associated - now)),
        ]
        rows = [
            {"contact_id": real(contact), "company_id": real(company), "label": None, "primary": True, "op": op}
            for (contact, company), op in listed
        ]
        columns = [
            ("contact_id", pa.string()),
            ("company_id", pa.string()),
            ("label", pa.string()),
            ("primary", pa.bool_()),
            ("op", pa.string()),
        ]
        self.lake.write(
            keys.staged("hubspot", "contact_company"), night, pa.Table.from_pylist(rows, schema=pa.schema(columns))
        )
        self.associated = now

    def _write_members(self, segment: str, night: str, members: set[str]) -> None:
        yesterday = (date.fromisoformat(night) - timedelta(days=1)).isoformat()
        rows = [
            {
                "segment_id": segment,
                "record_id": real(name),
                "change": "left" if name not in members else "stayed" if name in self.members else "entered",
                "since": night if name not in self.members else yesterday,
                "definition_hash": None,
                "source": "delivered",
            }
            for name in sorted(members | self.members)
        ]
        self.lake.write(keys.MEMBERSHIP, night, pa.Table.from_pylist(rows, schema=arrow_schema(Membership)))
        known = {"segment_id": segment, "object": "contact", "kind": "active", "source": "delivered", "reasons": []}
        self.lake.write(keys.DEFINITION, night, pa.Table.from_pylist([known], schema=arrow_schema(SegmentDefinition)))


def _version(row: dict[str, Any]) -> dict[str, Any]:
    typed = {name: _value(name, value) for name, value in row.items()}
    merged = row.get("MasterRecordId")
    op = "merge" if row.get("IsDeleted") and merged else "delete" if row.get("IsDeleted") else "upsert"
    return {**typed, "op": op, "merged_into": real(merged) if merged else None, "row_hash": "none"}


def _ending(survivor: str | None, ended: str) -> dict[str, Any]:
    return {"op": "merge", "merged_into": real(survivor)} if survivor else {"op": ended}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in TIMES:
        return datetime.fromisoformat(value).astimezone(UTC)
    parts = value.split(";") if isinstance(value, str) else []
    return ";".join(map(real, parts)) if parts and all(map(is_short, parts)) else value


def _type(name: str) -> pa.DataType:
    if name in TIMES:
        return pa.timestamp("us", tz="UTC")
    return pa.bool_() if name in BOOLEANS else pa.string()


assert set(ENTITIES) <= set(KINDS)
