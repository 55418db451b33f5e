"""From a night's raw rows to `staged` and `rejected`: contract, one row an id, and only the versions that differ.

`Rules` says what differs between the CRMs: what a raw row needs before its contract, and what makes it a deletion or a merge.
The state before is what nights before this one left, so that a night run again writes the same rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from assets.shared.contract import KEY, SOURCE, split
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.sql import Session
from assets.shared.versions import column, key_of, row_hash, versions
from schemas.arrow import arrow_schema, arrow_type
from schemas.contract import POLARS, Contract, Kind, arrow_types, contract, kind_of, kinds
from schemas.delivery import Entity, Rejected

SQL = Path(__file__).parent / "sql"
BATCH_ROWS = 500_000
BATCH_CELLS = 40_000_000
MARKS = ("mark__modified", "mark__deleted", "mark__master", "mark__merged")


@dataclass
class EntityReport:
    """What became of one entity's rows. delivered = good + rejected + collapsed."""

    delivered: int = 0
    good: int = 0
    rejected: int = 0
    collapsed: int = 0
    versions: int = 0
    upserts: int = 0
    deletes: int = 0
    merges: int = 0
    gone: int = 0
    doubled: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass
class StagingReport:
    """One night of one CRM, by entity."""

    entities: dict[str, EntityReport] = field(default_factory=dict)


class Rules(Protocol):
    """How one CRM's records are staged."""

    crm: str
    entities: Mapping[str, Entity]

    def prepare(self, entity: str, batch: pl.DataFrame) -> pl.DataFrame:
        """Raw rows with the columns that their contract is about, and three marks: `mark__deleted` (bool), `mark__master`
        (id of the record it was merged into) and `mark__merged` (ids that were merged into it, separated by `;`).
        """

    def described(self, session: Session) -> dict[str, dict[str, Kind]]:
        """Kinds of columns by entity, from the portal's own description as of the session's night."""

    def standard(self, entity: str) -> Mapping[str, Kind]:
        """Kinds of the CRM's standard columns."""


class Staging:
    """One night of one CRM being staged."""

    def __init__(self, lake: Lake, rules: Rules, night: str, *, snapshot: str, absent: str) -> None:
        self.lake = lake
        self.rules = rules
        self.night = night
        self._absent = absent if snapshot == "full" else None
        self._files = self._delivery()

    def run(self) -> StagingReport:
        """Stage every entity; those that describe the others first. Raises InputRefused for a column that changed its type."""
        report = StagingReport()
        described: dict[str, dict[str, Kind]] | None = None
        with self.lake.connect(self.night) as session, self.lake.connect(self.night) as reading:
            for name, entity in self.rules.entities.items():
                if entity.object is not None and described is None:
                    described = self.rules.described(session)
                report.entities[name] = self._entity(session, reading, entity, (described or {}).get(name, {}))
        return report

    def _entity(
        self, session: Session, reading: Session, entity: Entity, described: Mapping[str, Kind]
    ) -> EntityReport:
        report = EntityReport()
        files = [file for file in self._files if file["entity"] == entity.name]
        key = keys.staged(self.rules.crm, entity.name)
        if not files and self.lake.exists(key) and self.night not in self.lake.nights(key):
            return report
        found, notes = self._contract(entity, files, described)
        report.notes += notes
        self._state(session, entity)
        self._tables(session, found)
        self._batches(session, reading, entity, found, report)
        absent = self._absent_tonight(session, entity, files, report)
        run = {"night": [self.night], "absent": pa.array([absent], pa.string())}
        session.register("run", pa.table(run))
        for name in ("intake_winner", "intake_duplicate", "intake_merge", "intake_ending", "intake_upsert"):
            session.run(SQL / f"{name}.sql")
        session.con.execute(
            "INSERT INTO refused SELECT record_key, ['duplicate_id: ' || key_name], source_file, source_line "
            "FROM intake_duplicate CROSS JOIN key_name"
        )
        self._write(session, entity, found, report)
        return report

    def _contract(
        self, entity: Entity, files: list[dict[str, object]], described: Mapping[str, Kind]
    ) -> tuple[Contract, list[str]]:
        """The contract of tonight's columns. A column's kind is its declaration's, else the portal's own, else the lake's."""
        declared = kinds(entity.model)
        columns: list[str] = []
        for file in files:
            columns += [c for c in _listed(file["columns"]) if c not in columns]
        empty = pl.DataFrame(schema={name: pl.String for name in columns})
        prepared = self.rules.prepare(entity.name, empty).columns if columns else list(declared)
        delivered = [name for name in prepared if name not in MARKS]
        before = self.lake.schema(keys.staged(self.rules.crm, entity.name))
        standard = self.rules.standard(entity.name)
        found: dict[str, Kind] = {}
        notes: list[str] = []
        for name in (*entity.key, *(c for c in delivered if c not in entity.key)):
            kind = declared.get(name) or described.get(name)
            known = kind_of(before.field(name).type) if before is not None and name in before.names else None
            if kind is None:
                kind = known or standard.get(name, Kind.TEXT)
            elif known is Kind.TEXT and kind in POLARS and name not in declared:
                notes.append(f"{name}: is {kind.value} now, was text in the lake; kept as text")
                kind = Kind.TEXT
            elif known is not None and _type(known) != _type(kind):
                raise InputRefused(
                    f"{keys.staged(self.rules.crm, entity.name)}: column {name} was {known.value} and is {kind.value} now; "
                    "run `crosswalk migrate`"
                )
            found[name] = kind
        return contract(entity.model, found), notes

    def _state(self, session: Session, entity: Entity) -> None:
        key = keys.staged(self.rules.crm, entity.name)
        wanted = dict.fromkeys((*entity.key, "row_hash", "hash_version", "op", "merged_into", "source_file"), "VARCHAR")
        wanted["source_line"] = "BIGINT"
        session.use(key, wanted, before=self.night)
        state = exp.select(key_of(entity).as_(KEY), "row_hash", "op", "merged_into").from_(keys.relation(key))
        session.keep("state", state)

    def _tables(self, session: Session, found: Contract) -> None:
        typed = arrow_types(found.kinds)
        extra = [(KEY, pa.string()), ("row_hash", pa.string()), ("source_file", pa.string()), ("source_line", pa.int64())]
        _create(session, "candidate", pa.schema([*typed, *extra]))
        marks = [("modified", pa.timestamp("us", tz="UTC")), ("deleted", pa.bool_()), ("master", pa.string()), ("merged", pa.string())]
        _create(session, "seen", pa.schema([*extra, *marks]))
        _create(session, "refused", arrow_schema(Rejected))

    def _batches(
        self, session: Session, reading: Session, entity: Entity, found: Contract, report: EntityReport
    ) -> None:
        blank = [name for name, column in entity.model.to_schema().columns.items() if column.nullable]
        modified = [name for name in entity.modified if name in found.kinds]
        at = pl.coalesce([pl.col(name) for name in modified]) if modified else pl.lit(None)
        for batch in self._raw(reading, entity, len(found.kinds)):
            report.delivered += batch.height
            rows = self.rules.prepare(entity.name, batch)
            lacking = [name for name in found.kinds if name not in rows.columns]
            rows = rows.with_columns([pl.lit(None, pl.String).alias(name) for name in lacking])
            rows = rows.select(*found.kinds, *SOURCE, *MARKS[1:])
            good, rejected = split(rows, found, entity.key, blank)
            good = good.with_columns(at.cast(pl.Datetime("us", "UTC")).alias(MARKS[0]))
            session.register("refused_batch", rejected)
            session.con.execute("INSERT INTO refused SELECT * FROM refused_batch")
            session.register("batch", good)
            session.keep("hashed", exp.select("*", row_hash(found).as_("row_hash")).from_("batch"))
            columns = ", ".join([KEY, "row_hash", *SOURCE, *MARKS])
            session.con.execute(f"INSERT INTO seen SELECT {columns} FROM hashed")
            new = (
                exp.select(*(column(name, "hashed") for name in (*found.kinds, KEY, "row_hash", *SOURCE)))
                .from_("hashed")
                .join(
                    "state",
                    on=f"hashed.{KEY} = state.{KEY} AND hashed.row_hash = state.row_hash AND state.op = 'upsert'",
                    join_type="anti",
                )
            )
            session.con.execute(f"INSERT INTO candidate {new.sql('duckdb')}")

    def _raw(self, reading: Session, entity: Entity, width: int) -> Iterator[pl.DataFrame]:
        key = keys.raw(self.rules.crm, entity.name)
        rows = max(1_000, min(BATCH_ROWS, BATCH_CELLS // max(width, 1)))
        reading.use(key)
        query = exp.select(exp.Star(**{"except_": [exp.to_identifier("night")]})).from_(keys.relation(key))
        for batch in reading.sql(query).to_arrow_reader(rows):
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame) and frame.height:
                yield frame

    def _absent_tonight(
        self, session: Session, entity: Entity, files: list[dict[str, object]], report: EntityReport
    ) -> str | None:
        """What absence means tonight. Nothing, where a row without readable id might be the absent record."""
        key = keys.raw(self.rules.crm, "unreadable")
        session.use(key)
        session.con.execute(
            f"INSERT INTO refused SELECT record_id, [reason], source_file, source_line FROM {keys.relation(key)} WHERE entity = ?",
            [entity.name],
        )
        report.delivered += _count(session, "SELECT count(*) FROM refused WHERE len(reasons) = 1 AND NOT contains(reasons[1], ':')")
        session.register("key_name", pa.table({"key_name": [", ".join(entity.key)]}))
        if self._absent is None or not files:
            return None
        nameless = _count(session, "SELECT count(*) FROM refused WHERE record_id IS NULL")
        if nameless:
            report.notes.append(f"{nameless} rows have no readable id, so records that are absent tonight are not taken as gone")
            return None
        if not all(file["complete"] for file in files):
            report.notes.append("the file ends in the middle of a record, so records that are absent tonight are not taken as gone")
            return None
        return self._absent

    def _write(self, session: Session, entity: Entity, found: Contract, report: EntityReport) -> None:
        rejected = session.sql("SELECT * FROM refused").to_arrow_table()
        report.rejected = rejected.num_rows
        report.reasons = dict(
            session.sql(
                "SELECT split_part(unnest(reasons), ':', 1) AS code, count(*) AS rows FROM refused GROUP BY code ORDER BY code"
            ).fetchall()
        )
        report.good = _count(session, "SELECT count(*) FROM intake_winner")
        report.collapsed = report.delivered - report.good - report.rejected
        key = keys.staged(self.rules.crm, entity.name)
        session.keep("version", versions(entity, found, keys.relation(key), self.lake.schema(key)))
        counts = dict(session.sql("SELECT op, count(*) FROM version GROUP BY op").fetchall())
        report.upserts, report.deletes = counts.get("upsert", 0), counts.get("delete", 0)
        report.merges, report.gone = counts.get("merge", 0), counts.get("gone", 0)
        report.versions = sum(counts.values())
        report.doubled = _count(session, f"SELECT count(*) - count(DISTINCT {KEY}) FROM version")
        self._put(keys.rejected(self.rules.crm, entity.name), rejected)
        reader = session.sql(f"SELECT * EXCLUDE ({KEY}) FROM version ORDER BY {KEY}").to_arrow_reader(100_000)
        self._put(keys.staged(self.rules.crm, entity.name), reader, report.versions)

    def _put(self, key: str, data: pa.Table | pa.RecordBatchReader, rows: int | None = None) -> None:
        rows = data.num_rows if rows is None else rows
        if rows or not self.lake.exists(key) or self.night in self.lake.nights(key):
            self.lake.write(key, self.night, data)

    def _delivery(self) -> list[dict[str, object]]:
        key = keys.raw(self.rules.crm, "delivery")
        if self.night not in self.lake.nights(key):
            raise InputRefused(f"{key}: nothing was fetched for {self.night}")
        with self.lake.connect(self.night) as session:
            session.use(key)
            found: list[dict[str, object]] = session.sql(f"FROM {keys.relation(key)}").to_arrow_table().to_pylist()
        return found


def _count(session: Session, query: str) -> int:
    return int(session.sql(query).fetchall()[0][0])


def _create(session: Session, name: str, schema: pa.Schema) -> None:
    session.register("shape", schema.empty_table())
    session.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM shape")


def _type(kind: Kind) -> pa.DataType:
    return arrow_type(POLARS.get(kind, pl.String()))


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
