"""Whether tonight's absence of a record means anything (P2-47): not where a row that nobody can read might be the record."""

from sqlglot import exp

from assets.shared import keys
from assets.shared.sql import Session
from assets.shared.words import counted
from schemas.contract import Broken
from schemas.delivery import Entity


def doubt(session: Session, crm: str, entity: Entity, complete: bool) -> str | None:
    """Why nothing absent tonight may be taken as gone; None where it may.

    Reads `refused` and `state`. A row without readable id that was there the night before as well hides nothing: its
    record was absent then already. `complete` is false where a file ends in the middle of a record.
    """
    if session.scalar("SELECT count(*) FROM state WHERE op IN ('upsert', 'gone')") == 0:
        return None
    tonight = session.scalar(_nameless("refused", entity))
    before = _before(session, crm, entity)
    if tonight > before:
        rows = f"{counted(tonight, 'row')} without a readable id ({before} the night before)"
        return f"{rows}: nothing that is absent tonight is taken as gone"
    return (
        None if complete else "the file ends in the middle of a record: nothing that is absent tonight is taken as gone"
    )


def _before(session: Session, crm: str, entity: Entity) -> int:
    """Rows without readable id of the newest earlier delivery."""
    night = session.night or ""
    earlier = [n for n in session.lake.nights(keys.raw(crm, "delivery")) if n < night]
    key = keys.rejected(crm, entity.name)
    if not earlier or earlier[-1] not in session.lake.nights(key):
        return 0
    session.use(key, before=night)
    rows = _nameless(keys.relation(key), entity)
    night_of_row = exp.column("night").eq(exp.Literal.string(earlier[-1]))
    return int(session.scalar(rows.where(night_of_row)))


def _nameless(relation: str, entity: Entity) -> exp.Select:
    """Number of rejected rows whose record nobody can tell."""
    faults = (Broken.INVALID_ID, Broken.REQUIRED_FIELD_MISSING)
    codes = [exp.Literal.string(f"{fault.value}: {name}") for name in entity.key for fault in faults]
    blank = exp.Is(this=exp.column("record_id"), expression=exp.null())
    wrong = exp.Anonymous(this="list_has_any", expressions=[exp.column("reasons"), exp.Array(expressions=codes)])
    return exp.select(exp.Count(this=exp.Star())).from_(relation).where(exp.or_(blank, wrong))
