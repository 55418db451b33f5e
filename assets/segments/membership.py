"""`core/segment/membership` and `definition`: who is in which segment tonight, against the night before.

A definition that changed is not an entry (P2-12, X7), nor is the first night of a segment.
"""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pandera.polars import DataFrameModel
from sqlglot import exp

from assets.segments.catalog import Catalog
from assets.segments.moment import Moment
from assets.segments.relations import known_lists
from assets.segments.resolve import (
    DELIVERED,
    EVALUATED,
    Segment,
    definition_hashes,
    inclusion,
    night_catalog,
    segments_of,
)
from assets.segments.sqltext import among, column, text, written
from assets.shared import keys
from assets.shared.nights import due_from
from assets.shared.sql import Session
from schemas.arrow import arrow_schema
from schemas.config import SyncConfig
from schemas.tables import TABLES

SQL = Path(__file__).parent / "sql"
_TONIGHT = pa.schema(
    [(name, pa.string()) for name in ("segment_id", "definition_hash", "source", "past_hash", "past_source")]
)
_DEFINITION_COLUMNS = dict.fromkeys(("segment_id", "definition_hash", "source"), "VARCHAR")
_ALL = pa.schema(
    [
        *((name, pa.string()) for name in ("segment_id", "name", "object", "kind", "source")),
        ("reasons", pa.list_(pa.string())),
        ("definition_hash", pa.string()),
    ]
)
_PAST_COLUMNS = dict.fromkeys(("segment_id", "record_id", "change", "since", "definition_hash", "source"), "VARCHAR")


def segment_tables(session: Session, config: SyncConfig, *, before: str | None = None) -> dict[str, pa.Table]:
    """Rows of core/segment/membership and core/segment/definition of the session's night.

    `before` is the first night of a range that is computed as one; the night before is the newest one earlier than that.
    Raises InputRefused where the inclusion segment cannot be used (see `inclusion`) or segments.yaml is wrong; another
    segment that nobody can answer has no members, and its reasons.
    """
    catalog, moment = night_catalog(session, config)
    inclusion(session, config, catalog)
    return _tables(session, config, catalog, moment, before or str(session.night))


def overview(session: Session, config: SyncConfig) -> pa.Table:
    """Rows of core/segment/definition as they would be, whatever the inclusion segment is."""
    catalog, moment = night_catalog(session, config)
    return _tables(session, config, catalog, moment, str(session.night))[keys.DEFINITION]


def _tables(session: Session, config: SyncConfig, catalog: Catalog, moment: Moment, before: str) -> dict[str, pa.Table]:
    every = segments_of(catalog, moment)
    known = [segment for segment in every if segment.source is not None]
    _members(session, config, known)
    _past(session, before, known, catalog)
    session.register("run", pa.table({"night": [str(session.night)]}))
    session.register("segment_all", pa.Table.from_pylist([_described(s) for s in every], schema=_ALL))
    return {
        key: _rows(session, session.run(SQL / f"{name}.sql"), TABLES[key])
        for key, name in ((keys.MEMBERSHIP, "segment_change"), (keys.DEFINITION, "segment_definition"))
    }


def _rows(session: Session, relation: str, model: type[DataFrameModel]) -> pa.Table:
    schema = arrow_schema(model)
    return session.table(relation).select(schema.names).cast(schema)


def _described(segment: Segment) -> dict[str, object]:
    definition = segment.known.definition
    listed = "active" if definition.active else "static" if definition.static else "unknown"
    kind = "crosswalk" if definition.list_id is None else listed
    values = (segment.id, definition.name, definition.object, kind, segment.source, list(segment.reasons), segment.hash)
    return dict(zip(_ALL.names, values, strict=True))


def _members(session: Session, config: SyncConfig, segments: Sequence[Segment]) -> None:
    """Make `segment_member`: segment_id, record_id, joined (the night HubSpot says a member joined, null where unknown)."""
    local = exp.ConvertTimezone(
        source_tz=text("UTC"), target_tz=text(config.timezone),
        timestamp=exp.cast(column("membershipTimestamp"), "TIMESTAMP"),
    )  # fmt: skip
    delivered = [segment.id for segment in segments if segment.source == DELIVERED]
    query = (
        exp.select(
            column("listId").as_("segment_id"),
            column("recordId").as_("record_id"),
            exp.cast(exp.cast(local, "DATE"), "VARCHAR").as_("joined"),
        )
        .from_(keys.relation(keys.staged("hubspot", "list_membership")))
        .where(column("op").eq(text("upsert")), among(column("listId"), delivered))
    )
    session.keep("segment_member", query)
    for segment in segments:
        if segment.source == EVALUATED and segment.compiled is not None:
            found = exp.select(text(segment.id), column("record_id"), exp.cast(exp.null(), "VARCHAR")).from_(
                segment.compiled.statement.subquery("member")
            )
            session.con.execute(f"INSERT INTO segment_member {written(found)}")


def _past(session: Session, before: str, segments: Sequence[Segment], catalog: Catalog) -> None:
    """Make `segment_past` (the members of the night before) and `segment_tonight` (segments, then and now)."""
    newest = _newest(session, keys.MEMBERSHIP, before, _PAST_COLUMNS, "segment_history")
    members = newest.where(column("change").neq(text("left")))
    session.keep("segment_past", members.select("segment_id", "record_id", "since"))
    past = _past_definitions(session, before, catalog)
    rows = [
        dict(zip(_TONIGHT.names, (s.id, s.hash, s.source, *past.get(s.id, (None, None))), strict=True))
        for s in segments
    ]
    session.register("segment_tonight", pa.Table.from_pylist(rows, schema=_TONIGHT))


def _past_definitions(session: Session, before: str, catalog: Catalog) -> dict[str, tuple[str, str | None]]:
    """Hash and source of the segments that were there the night before.

    `core/segment/definition` says so. Before it was written, lists were there when their definitions were, those of folded nights
    apart; then a segment of our own was there if it has rows.
    """
    newest = _newest(session, keys.DEFINITION, before, _DEFINITION_COLUMNS, "segment_definition_history")
    rows = session.sql(newest.select("segment_id", "definition_hash", "source")).fetchall()
    if rows:
        return {segment_id: (digest, source) for segment_id, digest, source in rows if source is not None}
    own = _newest(session, keys.MEMBERSHIP, before, _PAST_COLUMNS, "segment_history").distinct()
    rows = session.sql(own.select("segment_id", "definition_hash", "source")).fetchall()
    found: dict[str, tuple[str, str | None]] = {segment_id: (digest, source) for segment_id, digest, source in rows}
    first = due_from(session.lake, before)
    if any(night < first for night in session.lake.nights(keys.staged("hubspot", "list"))):
        lists = known_lists(session, (), delivered=False, before=first)
        for segment_id, digest in definition_hashes(lists, [i for i in lists if i in catalog.lists]).items():
            found[segment_id] = (digest, found[segment_id][1] if segment_id in found else None)
    return found


def _newest(session: Session, key: str, before: str, columns: dict[str, str], name: str) -> exp.Select:
    """A query of the newest night of a table before another; no columns selected yet."""
    nights = [night for night in session.lake.nights(key) if night < before]
    session.use(key, columns, before=before, name=name)
    return exp.Select().from_(name).where(column("night").eq(text(nights[-1] if nights else "")))
