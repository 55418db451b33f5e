"""Columns that are missing tonight: they say nothing, so what was known of the delivered records stands.

Of an incremental delivery that is every column. A full one says what there is, and what it lacks is blank; but whether a record
is there still is known from what was said last, however it is delivered.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from assets.shared.contract import KEY
from assets.shared.intake import gather
from assets.shared.parse import salesforce_ids
from assets.shared.sql import Session
from assets.shared.staged_state import States
from assets.shared.versions import column, key_of
from assets.shared.words import counted
from schemas.contract import EXACT, RESERVED, Kind, kind_of
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
    return kept, [f"{', '.join(names)}: not delivered; what was known of {counted(kept.height, 'record')} stands"]


def with_standing(batch: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Raw rows with the columns of `standing`; none where it has none."""
    if kept.is_empty():
        return batch
    name = kept.columns[0]
    ids = batch.with_columns(salesforce_ids(batch[name]).alias("mark__id"))
    return ids.join(kept, left_on="mark__id", right_on=name, how="left", maintain_order="left").drop("mark__id")


def unsaid(before: pa.Schema | None, entity: Entity, said: Collection[str], *, incremental: bool) -> dict[str, Kind]:
    """Kinds of the columns of which tonight's delivery says nothing, and whose last values it therefore leaves as they are.

    `before`: the columns in the lake; `said`: those of tonight's delivery. What a number has beside it goes with the number.
    """
    return {
        field.name: kind_of(field.type)
        for field in before or []
        if field.name not in RESERVED
        and field.name.removeprefix(EXACT) not in said
        and (incremental or field.name in entity.standing)
    }


def with_last(
    session: Session, states: States, entity: Entity, rows: Iterable[pl.DataFrame], kinds: Mapping[str, Kind],
    unsaid: Collection[str],
) -> Iterator[str]:  # fmt: skip
    """Relations of typed rows, of `kinds`, with the columns of `unsaid` as their records had them; null of a new record.

    A relation a batch; where something is unsaid, one of them all, so that the past is read once and not once a batch. Reads
    `state`.
    """
    if not unsaid:
        for batch in rows:
            session.register("whole_batch", batch)
            yield "whole_batch"
        return
    said = gather(session, rows, {name: kind for name, kind in kinds.items() if name not in unsaid})
    relation = states.past(session, entity, exp.select(KEY).from_("typed"))
    last = exp.select(key_of(entity).as_(KEY), *(column(name) for name in unsaid)).from_(relation).subquery("past")
    same = exp.EQ(this=column(KEY, "past"), expression=column(KEY, "typed"))
    values = [*(column(name, "typed") for name in said), *(column(name, "past") for name in unsaid)]
    session.keep("whole", exp.select(*values).from_("typed").join(last, on=same, join_type="left"))
    session.forget("typed")
    yield "whole"
    session.forget("whole")
