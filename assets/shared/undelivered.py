"""Columns that say whether a record is there still, and are missing tonight: they say nothing, so what was known stands."""

from collections.abc import Collection

import polars as pl
from sqlglot import exp

from assets.shared import keys
from assets.shared.parse import salesforce_ids
from assets.shared.sql import Session
from assets.shared.versions import column
from schemas.delivery import Entity


def standing(session: Session, key: str, entity: Entity, delivered: Collection[str]) -> tuple[pl.DataFrame, list[str]]:
    """What earlier nights said in columns of the records' state that are missing tonight; and a note, where they said something.

    One row per record of which they did: its key, and these columns as text.
    """
    known = session.lake.schema(key)
    names = [name for name in entity.standing if known and name in known.names and name not in delivered]
    nothing = pl.DataFrame(schema={entity.key[0]: pl.String})
    if not names:
        return nothing, []
    session.use(key, before=session.night)
    said = [exp.func("nullif", exp.cast(column(name), "VARCHAR"), exp.Literal.string("false")) for name in names]
    values = [value.as_(name, quoted=True) for name, value in zip(names, said, strict=True)]
    told = exp.or_(*(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())) for value in said))
    kept = session.sql(exp.select(column(entity.key[0]), *values).from_(keys.relation(key)).where(told)).pl()
    if kept.is_empty():
        return nothing, []
    return kept, [f"{', '.join(names)}: not delivered; what was known of {kept.height} records stands"]


def with_standing(batch: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Raw rows with the columns of `standing`; none where it has none."""
    if kept.is_empty():
        return batch
    name = kept.columns[0]
    ids = batch.with_columns(salesforce_ids(batch[name]).alias("mark__id"))
    return ids.join(kept, left_on="mark__id", right_on=name, how="left", maintain_order="left").drop("mark__id")
