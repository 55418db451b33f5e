"""What was staged of an entity before a night, for the nights of one run: read once, then carried from night to night."""

from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from assets.shared import keys
from assets.shared.contract import KEY
from assets.shared.sql import Session
from assets.shared.versions import key_of
from schemas.delivery import Entity

_AFTER = Path(__file__).parent / "sql" / "intake_state.sql"


class States:
    """The states of one CRM's entities in one connection, for nights that are staged in their order."""

    def __init__(self, crm: str, nights: Sequence[str]) -> None:
        self._crm = crm
        self._last = nights[-1] if nights else None
        self._known: dict[str, str] = {}  # by entity, the night at whose end its state is kept

    def read(self, session: Session, entity: Entity) -> None:
        """The relation `state`: key, hash, op, survivor and night of the newest version of each record before tonight."""
        key, known = keys.staged(self._crm, entity.name), self._known.get(entity.name)
        tonight = session.night or ""
        if known is None or any(known < night < tonight for night in session.lake.nights(key)):
            session.use(key, _columns(entity), before=tonight)
            columns = (key_of(entity).as_(KEY), "row_hash", "op", "merged_into", "night")
            session.keep(_kept(entity), exp.select(*columns).from_(keys.relation(key)))
        session.define("state", exp.select("*").from_(_kept(entity)))

    def past(self, session: Session, entity: Entity, records: exp.Select) -> str:
        """The relation of those nights in which these records have their newest version before tonight; no other is opened.

        `records`: a query of their keys.
        """
        key = keys.staged(self._crm, entity.name)
        nights = exp.select("night").distinct().from_("state").where(exp.column(KEY).isin(query=records))
        among = [night for (night,) in session.sql(nights).fetchall()]
        session.use(key, _columns(entity), before=session.night, among=among)
        return keys.relation(key)

    def carry(self, session: Session, entity: Entity) -> None:
        """Keep the state as of the end of tonight, where another night follows. Reads what tonight's staging left."""
        if session.night != self._last:
            session.keep(_kept(entity), _AFTER.read_text())
            self._known[entity.name] = session.night or ""


def _kept(entity: Entity) -> str:
    return f"state__{entity.name}"


def _columns(entity: Entity) -> dict[str, str]:
    """What is read of earlier versions besides their values, with types."""
    named = (*entity.key, "row_hash", "hash_version", "op", "merged_into", "source_file")
    return dict.fromkeys(named, "VARCHAR") | {"source_line": "BIGINT"}
