"""HubSpot: `raw` to `staged` and `rejected`. Types from the property files; archived, absent and merged records end."""

from collections.abc import Mapping, Sequence

import polars as pl
from sqlglot import exp

from assets.shared import keys
from assets.shared.http_land import ENDED
from assets.shared.labels import defaults
from assets.shared.lake import Lake
from assets.shared.sql import Session
from assets.shared.staging import StagingReport, stage_nights
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
        """CSV and JSON give the same record: an API object's own times fill the properties of the same meaning.

        An archived object is deleted, and so is what an API fetch marks as ended; a survivor names those that were merged into
        it, in two lists that both count.
        """
        nothing = [pl.lit(None, pl.String).alias("mark__master")]
        there = set(batch.columns)
        if self.entities[entity].object is None:
            ended = pl.col(ENDED).eq("true").fill_null(False) if ENDED in there else pl.lit(False)
            marked = batch.with_columns(
                ended.alias("mark__deleted"), pl.lit(None, pl.String).alias("mark__merged"), *nothing
            )
            return marked.drop(ENDED, strict=False)
        modified = "lastmodifieddate" if entity == "contact" else "hs_lastmodifieddate"
        filled = [
            pl.coalesce([c for c in (name, envelope) if c in there]).alias(name)
            for name, envelope in (("createdate", "createdAt"), (modified, "updatedAt"))
            if envelope in there
        ]
        lists = [pl.col(c) for c in ("hs_merged_object_ids", "hs_calculated_merged_vids") if c in there]
        merged = pl.concat_str(lists, separator=";", ignore_nulls=True) if lists else pl.lit(None, pl.String)
        ends = [pl.col(c).str.to_lowercase().eq("true").fill_null(False) for c in ("archived", ENDED) if c in there]
        deleted = pl.any_horizontal(ends) if ends else pl.lit(False)
        marked = batch.with_columns(*filled, deleted.alias("mark__deleted"), merged.alias("mark__merged"), *nothing)
        return marked.drop([c for c in (*_ENVELOPE, ENDED) if c in there])

    def described(self, session: Session) -> dict[str, dict[str, Kind]]:
        """Kinds by the property files' types; a single checkbox is yes or no, whatever its type is called."""
        key = keys.staged(self.crm, "property")
        session.use(key, _PROPERTY)
        query = exp.select("object", "name", "type", exp.column("fieldType", quoted=True)).from_(keys.relation(key))
        rows = session.sql(query.where("op = 'upsert'")).fetchall()
        found: dict[str, dict[str, Kind]] = {}
        for entity, name, kind, form in rows:
            if kind is not None:
                single = kind == "enumeration" and form == "booleancheckbox"
                found.setdefault(entity, {})[name] = Kind.BOOLEAN if single else KINDS.get(kind, Kind.TEXT)
        return found

    def standard(self, entity: str) -> Mapping[str, Kind]:
        """Kinds of HubSpot's default properties."""
        return {row["name"]: KINDS.get(row["type"], Kind.TEXT) for row in defaults(entity)}


def stage(lake: Lake, nights: Sequence[str], *, snapshot: str) -> dict[str, StagingReport]:
    """Stage nights of HubSpot: staged/hubspot/<entity> and rejected/hubspot/<entity>.

    With `snapshot: full` a record that was not delivered is deleted. Raises InputRefused for a column whose type is not
    the lake's.
    """
    return stage_nights(lake, HubspotRules(), nights, snapshot=snapshot, absent="delete")
