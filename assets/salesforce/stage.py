"""Salesforce: `raw` to `staged` and `rejected`. Types from describe; the recycle bin's rows are deletions and merges (P2-46)."""

from collections.abc import Mapping, Sequence

import polars as pl
from sqlglot import exp

from assets.salesforce.reference import standard_kinds
from assets.shared import keys
from assets.shared.http_land import ENDED
from assets.shared.lake import Lake
from assets.shared.parse import booleans, salesforce_ids
from assets.shared.sql import Session
from assets.shared.staging import StagingReport, stage_nights
from schemas.contract import Kind
from schemas.delivery import Entity
from schemas.salesforce import ENTITIES

# Describe types that are not text (api.md 2.2); an address or a location is a compound that no export has.
KINDS = {
    "id": Kind.TEXT, "reference": Kind.REFERENCE, "boolean": Kind.BOOLEAN, "int": Kind.INTEGER, "double": Kind.NUMBER,
    "currency": Kind.NUMBER, "percent": Kind.NUMBER, "date": Kind.DATE, "datetime": Kind.DATETIME,
}  # fmt: skip
_FIELD = dict.fromkeys(("object", "name", "type", "op"), "VARCHAR")


class SalesforceRules:
    """How Salesforce's records are staged."""

    crm = "salesforce"
    entities: Mapping[str, Entity] = ENTITIES

    def prepare(self, entity: str, batch: pl.DataFrame) -> pl.DataFrame:
        """A row of the recycle bin is deleted, and so is what an API fetch marks as ended; with a master it was merged."""
        nothing = pl.repeat(None, batch.height, dtype=pl.String, eager=True)
        ended = booleans(batch[ENDED] if ENDED in batch.columns else nothing)
        master = salesforce_ids(batch["MasterRecordId"]) if "MasterRecordId" in batch.columns else nothing
        deleted = booleans(batch["IsDeleted"] if "IsDeleted" in batch.columns else nothing)
        return batch.with_columns(
            deleted.zip_with(deleted.is_not_null(), master.is_not_null())
            .zip_with(ended.is_null(), ended)
            .alias("mark__deleted"),
            master.alias("mark__master"),
            nothing.alias("mark__merged"),
        ).drop(ENDED, strict=False)

    def described(self, session: Session) -> dict[str, dict[str, Kind]]:
        """Kinds by describe's types."""
        key = keys.staged(self.crm, "field")
        session.use(key, _FIELD)
        query = exp.select("object", "name", "type").from_(keys.relation(key)).where("op = 'upsert'")
        rows = session.sql(query).fetchall()
        entity_of = {entity.object: name for name, entity in ENTITIES.items() if entity.object}
        found: dict[str, dict[str, Kind]] = {}
        for object_name, name, kind in rows:
            if object_name in entity_of:
                found.setdefault(entity_of[object_name], {})[name] = KINDS.get(kind or "", Kind.TEXT)
        return found

    def standard(self, entity: str) -> Mapping[str, Kind]:
        """Kinds of Salesforce's standard fields."""
        return standard_kinds(entity)


def stage(lake: Lake, nights: Sequence[str], *, snapshot: str, absent: str = "keep") -> dict[str, StagingReport]:
    """Stage nights of Salesforce: staged/salesforce/<entity> and rejected/salesforce/<entity>.

    `snapshot: full` and `absent: deleted` make a record that was not delivered deleted, `absent: keep` makes it `gone`
    (link kept, nothing written); incremental says nothing about it (P2-47). Raises InputRefused for a column whose type
    is not the lake's.
    """
    word = "delete" if absent == "deleted" else "gone"
    return stage_nights(lake, SalesforceRules(), nights, snapshot=snapshot, absent=word)
