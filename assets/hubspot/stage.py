"""HubSpot: `raw` to `staged` and `rejected`. Types from the property files; archived, absent and merged records end."""

from collections.abc import Mapping, Sequence

import polars as pl

from assets.hubspot.labels import defaults
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.parse import booleans
from assets.shared.sql import Session
from assets.shared.staging import Staging, StagingReport
from schemas.contract import Kind
from schemas.delivery import Entity
from schemas.hubspot import ENTITIES

KINDS = {"bool": Kind.BOOLEAN, "number": Kind.NUMBER, "date": Kind.DATE, "datetime": Kind.DATETIME}
_PROPERTY = dict.fromkeys(("object", "name", "type", "fieldType", "op"), "VARCHAR")
# What an API object says beside its properties, and the properties that say the same in a CSV.
_ENVELOPE = ("archived", "createdAt", "updatedAt", "archivedAt")


class HubspotRules:
    """How HubSpot's records are staged."""

    crm = "hubspot"
    entities: Mapping[str, Entity] = ENTITIES

    def prepare(self, entity: str, batch: pl.DataFrame) -> pl.DataFrame:
        """An API object's own times fill the properties of the same meaning, so that CSV and JSON give the same record."""
        if self.entities[entity].object is None or "createdAt" not in batch.columns:
            return batch
        modified = "lastmodifieddate" if entity == "contact" else "hs_lastmodifieddate"
        filled = [
            pl.coalesce([c for c in (name, envelope) if c in batch.columns]).alias(name)
            for name, envelope in (("createdate", "createdAt"), (modified, "updatedAt"))
        ]
        return batch.with_columns(filled).drop([c for c in _ENVELOPE[1:] if c in batch.columns])

    def marks(self, entity: str, columns: Sequence[str]) -> list[pl.Expr]:
        """An archived object is deleted; a survivor names those that were merged into it, in two lists that both count."""
        lists = [c for c in ("hs_merged_object_ids", "hs_calculated_merged_vids") if c in columns]
        record = self.entities[entity].object is not None
        archived = pl.col("archived").map_batches(booleans, return_dtype=pl.Boolean).fill_null(False)
        return [
            (archived if record and "archived" in columns else pl.lit(False)).alias("mark__deleted"),
            pl.lit(None, pl.String).alias("mark__master"),
            (pl.concat_str(lists, separator=";", ignore_nulls=True) if record and lists else pl.lit(None, pl.String)).alias("mark__merged"),
        ]

    def described(self, session: Session) -> dict[str, dict[str, Kind]]:
        """Kinds by the property files' types; a single checkbox is yes or no, whatever its type is called."""
        key = keys.staged(self.crm, "property")
        session.use(key, _PROPERTY)
        rows = session.sql(
            f'SELECT object, name, type, "fieldType" FROM {keys.relation(key)} WHERE op = \'upsert\' ORDER BY ALL'
        ).fetchall()
        found: dict[str, dict[str, Kind]] = {}
        for entity, name, kind, form in rows:
            if kind is not None:
                single = kind == "enumeration" and form == "booleancheckbox"
                found.setdefault(entity, {})[name] = Kind.BOOLEAN if single else KINDS.get(kind, Kind.TEXT)
        return found

    def standard(self, entity: str) -> Mapping[str, Kind]:
        """Kinds of HubSpot's default properties."""
        return {row["name"]: KINDS.get(row["type"], Kind.TEXT) for row in defaults(entity)}


def stage(lake: Lake, night: str, *, snapshot: str, absent: str = "keep") -> StagingReport:
    """Stage one night of HubSpot: staged/hubspot/<entity> and rejected/hubspot/<entity>.

    With `snapshot: full` a record that was not delivered is deleted; `absent` has no meaning for HubSpot. Raises
    InputRefused for a column whose type is not the lake's.
    """
    return Staging(lake, HubspotRules(), night, snapshot=snapshot, absent="delete").run()
