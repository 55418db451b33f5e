"""`lifecycle.updates` of a night (section 1.5): which of them run, and what their files and segments ask for, as relations.

An update works as an import (a file: the stage only forward, unless told to clear first; its other columns too) or as a
workflow (a segment: backward too). What comes of it is decided by `sql/update_*.sql`.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from assets.shared import keys, nights
from assets.shared.domains import COMPANY_DOMAIN, domain_key, register_domains
from assets.shared.failures import InputRefused
from assets.shared.labels import internal_names
from assets.shared.sql import Session
from assets.shared.stream import ByteStream
from assets.shared.tabular import CsvFile
from assets.sync import update_values
from assets.sync.catalog import Catalog
from assets.sync.named_segments import NamedSegments
from schemas.config import SyncConfig
from schemas.config_parts import StageUpdate

NAMES = {"contact": "email", "company": "domain"}
EARLIER = keys.relation(keys.LIFECYCLE_REQUEST)
STAGE = "lifecyclestage"
RECORD = "hs_object_id"
_OBJECTS = {"contact": "person", "company": "company"}
_TEXT = pa.string()
_UPDATE = pa.schema(
    [("update_no", pa.int64()), ("update_id", _TEXT), ("path", _TEXT), ("object", _TEXT), ("stage", _TEXT),
     ("segment_id", _TEXT), ("name_property", _TEXT), ("steps_back", pa.bool_()), ("is_continuous", pa.bool_()),
     ("rule", _TEXT)]
)  # fmt: skip
_CELL = pa.schema([("update_no", pa.int64()), ("line", pa.int64()), ("property", _TEXT), ("value", _TEXT)])
_UNKNOWN = pa.schema([("update_no", pa.int64()), ("line", pa.int64()), ("property", _TEXT)])


def register(
    session: Session,
    config: SyncConfig,
    first_night: str,
    catalog: Catalog,
) -> None:
    """Register what the updates that are due on the session's night ask for, of a range that begins with `first_night`.

    `stage_update`: one row an update that runs. `update_cell`: one row a cell of its file that is not blank, under the
    property's internal name. `unknown_column`: one row a column that is no property. `company_domain`: what companies are
    named by, where an update is about them. Further `update_values.register`.
    Raises InputRefused, with all problems at once.
    """
    running = _running(session, config.lifecycle.updates, first_night)
    named, problems = NamedSegments(session), list[str]()
    cells, unknown, updates = [_CELL.empty_table()], [], []
    for number, update in running:
        path = f"lifecycle.updates[{number}]"
        wanted = named.id_of(f"{path}.enroll", update.enroll, update.object)
        updates.append(_row(number, update, path, wanted))
        if update.source is None:
            problems += _problems_of_workflow(session, update, path)
            continue
        try:
            found, strange = _read(session, update, number, path)
        except InputRefused as error:
            problems += error.problems
            continue
        cells.append(found)
        unknown += strange
    if problems or named.problems:
        raise InputRefused([*named.problems, *problems])
    session.register("stage_update", pa.Table.from_pylist(updates, schema=_UPDATE))
    session.register("update_cell", pa.concat_tables(cells))
    session.register("unknown_column", pa.Table.from_pylist(unknown, schema=_UNKNOWN))
    if any(row["object"] == "company" for row in updates):
        register_domains(session)
    else:
        session.register("company_domain", COMPANY_DOMAIN.empty_table())
    update_values.register(session, catalog)


def identity_of(update: StageUpdate) -> str:
    """A name for an update that stays the same as long as it says the same."""
    said = json.dumps(update.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _running(session: Session, updates: Sequence[StageUpdate], first_night: str) -> list[tuple[int, StageUpdate]]:
    """The updates that run tonight, with their places in sync.yaml.

    A continuous one runs every night from its `night` on; one with a `night` when that is due; one without runs once, that is
    until an earlier night has recorded its requests.
    """
    session.use(keys.LIFECYCLE_REQUEST, before=first_night)
    due_from, night = nights.due_from(session.lake, first_night), str(session.night)
    earlier = {row[0] for row in session.sql(exp.select("update_id").distinct().from_(EARLIER)).fetchall()}
    return [
        (number, update)
        for number, update in enumerate(updates)
        if (update.continuous and (update.night or night) <= night)
        or (not update.continuous and update.night is not None and due_from <= update.night <= night)
        or (not update.continuous and update.night is None and identity_of(update) not in earlier)
    ]


def _row(number: int, update: StageUpdate, path: str, segment: str | None) -> dict[str, Any]:
    is_file = update.source is not None
    return {
        "update_no": number,
        "update_id": identity_of(update),
        "path": path,
        "object": _OBJECTS[update.object],
        "stage": update.set,
        "segment_id": segment,
        "name_property": NAMES[update.object],
        "steps_back": not is_file or update.backward == "clear_then_set",
        "is_continuous": update.continuous,
        "rule": "P1-66: import" if is_file else "P1-62: workflow",
    }


def _problems_of_workflow(session: Session, update: StageUpdate, path: str) -> list[str]:
    word = str(update.set).strip().lower()
    stages = session.con.execute(
        "SELECT count(*) FROM stage_order WHERE object = ? AND (lower(stage) = ? OR lower(label) = ?)",
        [_OBJECTS[update.object], word, word],
    ).fetchall()
    if stages[0][0]:
        return []
    return [f"{path}.set: is no lifecycle stage of the portal, by internal value or label (P2-63)"]


def _read(session: Session, update: StageUpdate, number: int, path: str) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Cells of a stage file that are not blank, and its columns that are no property (P1-67 to P1-69)."""
    source = update.source or Path()
    name = f"{path}.file: {source.name}"
    if not source.is_file():
        raise InputRefused(f"{name}: is not there")
    reader = CsvFile(name, ByteStream(source, name).blocks())
    properties = session.con.execute(
        "SELECT name, label FROM staged__hubspot__property WHERE op = 'upsert' AND object = ?", [update.object]
    ).fetchall()
    portal = [{"name": row[0], "label": row[1]} for row in properties]
    columns = internal_names(update.object, reader.header, portal)
    names = [column for column, is_property, _ in columns if is_property]
    problems = [
        f"{name}: property {twice} has two columns" for twice in sorted({n for n in names if names.count(n) > 1})
    ]
    if STAGE not in names:
        problems.append(f"{name}: has no Lifecycle stage column (P1-68)")
    if not {RECORD, NAMES[update.object]} & set(names):
        problems.append(f"{name}: has no e-mail, domain or Record ID column (P1-67)")
    parts = []
    for chunk in reader.chunks():
        problems += [f"{name}: line {bad.line}: {bad.reason}" for bad in chunk.bad]
        if names:
            parts.append(_long(chunk.table, columns, number))
    if problems:
        raise InputRefused(problems)
    unknown = [
        {"update_no": number, "line": 1, "property": cell}
        for cell, (_, is_property, _) in zip(reader.header, columns, strict=True)
        if not is_property
    ]
    cells = pa.concat_tables(parts) if parts else _CELL.empty_table()
    is_domain = pc.equal(cells["property"], NAMES["company"]) if update.object == "company" else False
    value = pc.if_else(is_domain, domain_key(cells["value"]), cells["value"])
    return cells.set_column(_CELL.get_field_index("value"), "value", value), unknown


def _long(table: pa.Table, columns: list[tuple[str, bool, bool]], number: int) -> pa.Table:
    """One row a cell that is not blank, of the columns that are properties."""
    names = [f"{place}" for place in range(len(columns))]
    frame = pl.DataFrame(table.rename_columns([*names, "source_line"]))
    known = {name: column for name, (column, is_property, _) in zip(names, columns, strict=True) if is_property}
    long = frame.unpivot(list(known), index="source_line", variable_name="place", value_name="value")
    value = pl.col("value").str.strip_chars()
    return (
        long.with_columns(value=value)
        .filter(value.fill_null("") != "")
        .select(
            update_no=pl.lit(number, pl.Int64),
            line=pl.col("source_line"),
            property=pl.col("place").replace_strict(known, return_dtype=pl.String),
            value=pl.col("value"),
        )
        .to_arrow()
        .cast(_CELL)
    )
