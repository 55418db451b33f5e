"""From one schema version of the lake to the next. Additive columns need no step: they merge as they are written.

| from | to | what changes |
|---|---|---|
| 1 | 2 | tables have the columns and types that are declared now, and logs count ids only, none of them as delivered |
| 2 | 3 | the keys of matching are versions, no whole nights: only what a night before has otherwise |
| 3 | 4 | so are its pairs, clusters and golden records |

A table that differs is written anew beside the old one; a step that was killed may be run again.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from sqlglot import exp

from assets.identity import whole_nights
from assets.shared import keys, unfinished
from assets.shared.failures import InputRefused
from assets.shared.lake import SCHEMA_VERSION, Lake, statistics_of
from assets.shared.lock import write_whole
from assets.shared.rewrite import write_anew
from assets.shared.rollback import tables
from assets.shared.sql import BATCH, Session
from assets.shared.words import counted
from schemas import hubspot, salesforce
from schemas.arrow import arrow_schema, arrow_type, duckdb_type
from schemas.contract import POLARS, kinds
from schemas.tables import ORDER, TABLES

Step = Callable[[Lake], list[str]]
_ENTITIES = {"hubspot": hubspot.ENTITIES, "salesforce": salesforce.ENTITIES}
_TIME = "%Y-%m-%dT%H:%M:%S.%gZ"


def migrate(root: Path, as_text: Sequence[str] = ()) -> list[str]:
    """Run every step that is missing, then turn columns (`staged/salesforce/lead.Score__c`) into text; what was done.

    Raises InputRefused, with nothing changed, where there is no way: a newer lake, values that do not fit their new type.
    """
    file = root / "lake.json"
    if not file.exists():
        raise InputRefused(f"{root}: there is no lake here")
    version = int(json.loads(file.read_text())["schema_version"])
    if version > SCHEMA_VERSION:
        raise InputRefused(
            f"{root}: the lake has schema version {version}, newer than this Crosswalk ({SCHEMA_VERSION}); update it"
        )
    missing = [number for number in range(version, SCHEMA_VERSION) if number not in STEPS]
    if missing:
        raise InputRefused(
            f"{root}: there is no step from schema version {missing[0]}; rebuild the lake from its exports"
        )
    lake = Lake(root)
    unfinished.settle(lake)  # a note of a killed run names versions of tables that a step may write anew
    done = []
    for number in range(version, SCHEMA_VERSION):
        done += STEPS[number](lake)
        write_whole(file, json.dumps({"schema_version": number + 1}) + "\n")
        done.append(f"the lake has schema version {number + 1} now")
    return done + _texts(lake, as_text)


def as_declared(lake: Lake) -> list[str]:
    """Write every table anew that is not as this Crosswalk would write it; one line a table."""
    wanted = {key: _declared(key, _columns(lake, key)) for key in tables(lake)}
    unlike = {key: schema for key, schema in wanted.items() if _differs(lake, key, schema)}
    with lake.at_work():
        problems = [line for key, schema in unlike.items() for line in _unfit(lake, key, schema)]
        if problems:
            raise InputRefused(problems)
        for key, schema in unlike.items():
            _rewrite(lake, key, schema)
    return [f"{key}: written anew with {counted(len(schema), 'column')}" for key, schema in unlike.items()]


def as_versions(lake: Lake, among: Sequence[str]) -> list[str]:
    """Write the whole nights of some tables as versions; one line a table that had any."""
    with lake.at_work():
        whole = {key: whole_nights.as_versions(lake, key) for key in among}
    return [
        f"{key}: kept as versions now: {counted(len(nights), 'whole night')}" for key, nights in whole.items() if nights
    ]


STEPS: dict[int, Step] = {  # from this version to the next
    1: as_declared,
    2: partial(as_versions, among=[keys.MATCH_KEY]),
    3: partial(as_versions, among=[key for key in keys.IDENTITY_VERSIONS if key != keys.MATCH_KEY]),
}


def _texts(lake: Lake, named: Sequence[str]) -> list[str]:
    """Columns of a portal whose type the CRM has changed: text can hold what was there and what comes."""
    columns: dict[str, list[str]] = {}
    problems = []
    for name in named:
        key, _, column = name.partition(".")
        present = _columns(lake, key) if lake.exists(key) else pa.schema([])
        if not key.startswith("staged/") or column not in present.names:
            problems.append(f"{name}: there is no such column; name it as staged/salesforce/lead.Score__c")
        elif column in kinds(_entity(key)) or column in keys.id_columns(*key.split("/")[1:3]):
            problems.append(f"{name}: Crosswalk itself says what this column is; it cannot become text")
        elif present.field(column).type != pa.string():
            columns.setdefault(key, []).append(column)
    if problems:
        raise InputRefused(problems)
    with lake.at_work():
        for key, found in columns.items():
            texts = [pa.field(f.name, pa.string()) if f.name in found else f for f in _columns(lake, key)]
            _rewrite(lake, key, pa.schema(texts))
    return [f"{key}: {', '.join(found)} became text" for key, found in columns.items()]


def _entity(key: str) -> type:
    _, crm, entity = key.split("/")
    return _ENTITIES[crm][entity].model


def _columns(lake: Lake, key: str) -> pa.Schema:
    """Columns that a table has, without the night."""
    found = pa.schema(DeltaTable(str(lake.root / key)).schema().to_arrow())
    return pa.schema([_plain(field) for field in found if field.name != "night"])


def _plain(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string() if pa.types.is_string_view(field.type) else field.type)


def _declared(key: str, present: pa.Schema) -> pa.Schema:
    """The columns that a table should have: all of a declared one; of a staged one those that are there, typed as declared."""
    if key in TABLES:
        return arrow_schema(TABLES[key])
    if not key.startswith("staged/"):
        return present
    declared = {name: arrow_type(POLARS[kind]) for name, kind in kinds(_entity(key)).items() if kind in POLARS}
    return pa.schema([pa.field(f.name, declared.get(f.name, f.type)) for f in present])


def _differs(lake: Lake, key: str, wanted: pa.Schema) -> bool:
    kept = DeltaTable(str(lake.root / key)).metadata().configuration
    counted = {name: set(value.split(",")) for name, value in kept.items() if name.startswith("delta.dataSkipping")}
    types = {f.name: _kind(f) for f in _columns(lake, key)}
    wished = {name: set(value.split(",")) for name, value in statistics_of(key, wanted).items()}
    return types != {f.name: _kind(f) for f in wanted} or counted != wished


def _unfit(lake: Lake, key: str, wanted: pa.Schema) -> list[str]:
    """Columns with values that are none of the wanted type, a line each."""
    present = _columns(lake, key)
    moved = [f for f in wanted if f.name in present.names and _kind(present.field(f.name)) != _kind(f)]
    if not moved or not lake.nights(key):
        return []
    with lake.connect() as session:
        session.use(key, versions=True)
        counts = [
            exp.CountIf(
                this=exp.and_(
                    _value(f, present).is_(exp.null()), exp.column(f.name, quoted=True).is_(exp.null()).not_()
                )
            )
            for f in moved
        ]
        found = session.sql(exp.select(*counts).from_(keys.relation(key))).fetchall()[0]
    return [
        f"{key}: {counted(number, 'value')} of {f.name} cannot be {_kind(f)}; nothing was changed; "
        "rebuild the lake from its exports"
        for f, number in zip(moved, found, strict=True)
        if number
    ]


def _rewrite(lake: Lake, key: str, wanted: pa.Schema) -> None:
    """A table with the wanted columns, each cast from what it has."""
    present = _columns(lake, key)
    values = [_value(f, present).as_(f.name, quoted=True) for f in wanted]
    order = ORDER.get(key) or keys.state_key(key) or [n for n in ("source_file", "source_line") if n in present.names]
    with lake.connect() as session:
        session.use(key, versions=True)

        def rows(night: str) -> pa.RecordBatchReader:
            return _night(session, key, night, values, order)

        write_anew(lake, key, rows)


def _night(
    session: Session, key: str, night: str, values: list[exp.Expr], order: Sequence[str]
) -> pa.RecordBatchReader:
    that = exp.column("night").eq(exp.Literal.string(night))
    rows = exp.select(*values).from_(keys.relation(key)).where(that)
    return session.sql(rows.order_by(*(exp.column(name, quoted=True) for name in order))).to_arrow_reader(BATCH)


def _value(wanted: pa.Field, present: pa.Schema) -> exp.Expr:
    """A column as its wanted type: null where it is not there or does not fit; text as the CRMs write it."""
    if wanted.name not in present.names:
        return exp.cast(exp.null(), _kind(wanted))
    value: exp.Expr = exp.column(wanted.name, quoted=True)
    before = present.field(wanted.name)
    if _kind(before) == _kind(wanted):
        return value
    if pa.types.is_timestamp(before.type):
        value = exp.Anonymous(this="strftime", expressions=[value, exp.Literal.string(_TIME)])
    elif pa.types.is_floating(before.type) and pa.types.is_string(wanted.type):
        whole = exp.TryCast(this=value, to=exp.DataType.build("BIGINT"), safe=True)
        value = (
            exp.case()
            .when(whole.eq(value.copy()), exp.cast(whole.copy(), "VARCHAR"))
            .else_(exp.cast(value.copy(), "VARCHAR"))
        )
    return exp.TryCast(this=value, to=exp.DataType.build(_kind(wanted), dialect="duckdb"), safe=True)


def _kind(field: pa.Field) -> str:
    """DuckDB's name of a column's type; of one that the lake does not keep any more, Arrow's."""
    try:
        return duckdb_type(field.type)
    except TypeError:
        return str(field.type)
