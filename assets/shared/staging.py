"""From a night's raw rows to `staged` and `rejected`: contract, one row an id, and only the versions that differ.

`Rules` says what differs between the CRMs: what a raw row needs before its contract, and what makes it a deletion or a merge.
The state before is what nights before this one left, so that a night run again writes the same rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import absence, keys
from assets.shared.column_kinds import settle_kinds
from assets.shared.contract import KEY, SOURCE, split
from assets.shared.exact import exact_columns, with_exact
from assets.shared.failures import InputRefused
from assets.shared.intake import MARKS, insert, refusal, relations
from assets.shared.lake import Lake
from assets.shared.sql import BATCH, Session
from assets.shared.staged_state import States
from assets.shared.undelivered import standing, unsaid, with_last, with_standing
from assets.shared.versions import CHANGED, candidates, ended_keys, row_hash, versions
from schemas.arrow import arrow_schema
from schemas.contract import Broken, Contract, Kind, arrow_types, contract, kinds
from schemas.delivery import Entity, Rejected, Version

SQL = Path(__file__).parent / "sql"
BATCH_ROWS = 500_000
BATCH_CELLS = 15_000_000  # of text; keeps a batch of wide rows below a few hundred megabytes


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
        """Raw rows with the columns that their contract is about, and three marks.

        `mark__deleted` (bool), `mark__master` (id of the record it was merged into), `mark__merged` (ids that were merged into
        it, separated by `;`).
        """

    def described(self, session: Session) -> dict[str, dict[str, Kind]]:
        """Kinds of columns by entity, from the portal's own description as of the session's night."""

    def standard(self, entity: str) -> Mapping[str, Kind]:
        """Kinds of the CRM's standard columns."""


def stage_nights(
    lake: Lake, rules: Rules, nights: Sequence[str], *, snapshot: str, absent: str
) -> dict[str, StagingReport]:
    """Stage nights of one CRM in their order; each leaves its state to the next, so that a long range reads it once.

    Raises InputRefused for a column that changed its type and for a night that was not fetched.
    """
    word = absent if snapshot == "full" else None
    states = States(rules.crm, sorted(nights))
    with lake.connect() as session, lake.connect() as reading:
        return {
            night: Staging(lake, rules, night, word, states).run(session.at(night), reading.at(night))
            for night in sorted(nights)
        }


class Staging:
    """One night of one CRM being staged. `absent`: what a record is that was not delivered, None where that says nothing."""

    def __init__(self, lake: Lake, rules: Rules, night: str, absent: str | None, states: States) -> None:
        self.lake = lake
        self.rules = rules
        self.night = night
        self._absent = absent
        self._states = states
        self._files = self._delivery()

    def run(self, session: Session, reading: Session) -> StagingReport:
        """Stage every entity; those that describe the others first."""
        report = StagingReport()
        described: dict[str, dict[str, Kind]] | None = None
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
        if not files:
            self._nothing(entity)
            return report
        columns = list(dict.fromkeys(name for file in files for name in _listed(file["columns"])))
        key = keys.staged(self.rules.crm, entity.name)
        kept, told = standing(session, key, entity, columns)
        found, notes = self._contract(reading, entity, [*columns, *kept.columns[1:]], described)
        report.notes += told + notes
        said = [name for name in found.kinds if name not in kept.columns[1:]]
        last = unsaid(self.lake.schema(key), entity, said, incremental=self._absent is None)
        whole = replace(found, kinds=found.kinds | last)
        self._states.read(session, entity)
        relations(session, whole)
        raw = (with_standing(batch, kept) for batch in self._raw(reading, entity, len(whole.kinds)))
        good = self._good(session, raw, entity, found, report)
        for batch in with_last(session, self._states, entity, good, found.kinds, last):
            session.define("batch", exp.select("*").from_(batch))
            marks = exp.select(KEY, row_hash(whole).as_("row_hash"), *SOURCE, *MARKS).from_("batch")
            session.keep("marked", marks)
            insert(session, "seen", exp.select("*").from_("marked"))
            insert(session, "candidate", candidates(whole))
        self._unreadable(session, entity, report)
        absent = None
        if self._absent:
            doubt = absence.doubt(session, self.rules.crm, entity, all(file["complete"] for file in files))
            absent = None if doubt else self._absent
            report.notes += [doubt] if doubt else []
        run = {"night": [self.night], "absent": pa.array([absent], pa.string())}
        session.register("run", pa.table(run))
        for name in ("intake_winner", "intake_duplicate", "intake_merge", "intake_ending", "intake_upsert"):
            session.run(SQL / f"{name}.sql")
        reason = f"{Broken.DUPLICATE_ID.value}: {', '.join(entity.key)}"
        insert(session, "refused", refusal("intake_duplicate", KEY, exp.Literal.string(reason)))
        self._write(session, entity, whole, report)
        self._states.carry(session, entity)
        return report

    def _contract(
        self, reading: Session, entity: Entity, columns: Sequence[str], described: Mapping[str, Kind]
    ) -> tuple[Contract, list[str]]:
        """The contract of tonight's columns; of an entity that was not delivered, of the declared ones."""
        empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        prepared = self.rules.prepare(entity.name, empty).columns if columns else list(kinds(entity.model))
        key = keys.staged(self.rules.crm, entity.name)
        found, notes = settle_kinds(
            key,
            list(dict.fromkeys((*entity.key, *(name for name in prepared if name not in MARKS)))),
            declared=kinds(entity.model),
            described=described,
            standard=self.rules.standard(entity.name),
            before=self.lake.schema(key),
        )
        exact = exact_columns(reading, keys.raw(self.rules.crm, entity.name), found)
        return contract(entity.model, found | exact), notes

    def _good(
        self, session: Session, raw: Iterator[pl.DataFrame], entity: Entity, found: Contract, report: EntityReport
    ) -> Iterator[pl.DataFrame]:
        """Batches of typed rows with their marks; the others are counted and go to `refused`."""
        blank = [name for name, column in entity.model.to_schema().columns.items() if column.nullable]
        modified = [name for name in entity.modified if name in found.kinds]
        at = pl.coalesce([pl.col(name) for name in modified]) if modified else pl.lit(None)
        for batch in raw:
            report.delivered += batch.height
            rows = with_exact(self.rules.prepare(entity.name, batch), found.kinds)
            lacking = [name for name in found.kinds if name not in rows.columns]
            rows = rows.with_columns([pl.lit(None, pl.String).alias(name) for name in lacking])
            rows = rows.select(*found.kinds, *SOURCE, *MARKS[1:])
            good, rejected = split(rows, found, entity.key, blank)
            if rejected.height:
                session.register("refused_batch", rejected)
                insert(session, "refused", exp.select("*").from_("refused_batch"))
            yield good.with_columns(at.cast(pl.Datetime("us", "UTC")).alias(MARKS[0]))

    def _raw(self, reading: Session, entity: Entity, width: int) -> Iterator[pl.DataFrame]:
        key = keys.raw(self.rules.crm, entity.name)
        rows = max(1_000, min(BATCH_ROWS, BATCH_CELLS // max(width, 1)))
        reading.use(key)
        query = exp.select(exp.Star(except_=[exp.to_identifier("night")])).from_(keys.relation(key))
        for batch in reading.sql(query).to_arrow_reader(rows):
            frame = pl.from_arrow(batch)
            if isinstance(frame, pl.DataFrame) and frame.height:
                yield frame

    def _unreadable(self, session: Session, entity: Entity, report: EntityReport) -> None:
        """Lines that never became rows are rejected rows too."""
        lost = sum(int(str(file["unreadable"])) for file in self._files if file["entity"] == entity.name)
        report.delivered += lost
        if not lost:
            return
        key = keys.raw(self.rules.crm, "unreadable")
        session.use(key)
        lines = refusal(keys.relation(key), "record_id", exp.column("reason"))
        insert(
            session,
            "refused",
            lines.where(exp.EQ(this=exp.column("entity"), expression=exp.Literal.string(entity.name))),
        )

    def _write(self, session: Session, entity: Entity, found: Contract, report: EntityReport) -> None:
        rejected = session.sql("SELECT * FROM refused").to_arrow_table()
        report.rejected = rejected.num_rows
        report.reasons = dict(
            session.sql(
                "SELECT split_part(unnest(reasons), ':', 1) AS code, count(*) AS rows FROM refused GROUP BY code ORDER BY code"
            ).fetchall()
        )
        report.good = session.scalar("SELECT count(*) FROM intake_winner")
        report.collapsed = report.delivered - report.good - report.rejected
        report.upserts = session.scalar("SELECT count(*) FROM intake_upsert")
        changed = exp.select("op", exp.Count(this=exp.Star())).from_("intake_ending").where(CHANGED).group_by("op")
        endings = dict(session.sql(changed).fetchall())
        report.deletes, report.merges = endings.get("delete", 0), endings.get("merge", 0)
        report.gone = endings.get("gone", 0)
        report.versions = report.upserts + sum(endings.values())
        refused = keys.rejected(self.rules.crm, entity.name)
        if self._is_due(refused, rejected.num_rows):
            self.lake.write(refused, self.night, rejected)
        key = keys.staged(self.rules.crm, entity.name)
        if self._is_due(key, report.versions):
            query = versions(entity, found, self._states.past(session, entity, ended_keys()), self.lake.schema(key))
            self.lake.write(key, self.night, session.sql(query).to_arrow_reader(BATCH))

    def _nothing(self, entity: Entity) -> None:
        """Of an entity that was not delivered: no rows tonight, and a typed table."""
        staged = keys.staged(self.rules.crm, entity.name)
        if not self.lake.exists(staged):
            columns = pa.schema([*arrow_types(kinds(entity.model)), *arrow_schema(Version)])
            self.lake.write(staged, self.night, columns.empty_table())
        if self.night in self.lake.nights(staged):
            self.lake.drop(staged, [self.night])
        refused = keys.rejected(self.rules.crm, entity.name)
        if self._is_due(refused, 0):
            self.lake.write(refused, self.night, arrow_schema(Rejected).empty_table())

    def _is_due(self, key: str, rows: int) -> bool:
        """Whether a table is written tonight: no commit says that nothing came."""
        return bool(rows) or not self.lake.exists(key) or self.night in self.lake.nights(key)

    def _delivery(self) -> list[dict[str, object]]:
        key = keys.raw(self.rules.crm, "delivery")
        if self.night not in self.lake.nights(key):
            raise InputRefused(f"{key}: nothing was fetched for {self.night}")
        with self.lake.connect(self.night) as session:
            session.use(key)
            found: list[dict[str, object]] = session.sql(f"FROM {keys.relation(key)}").to_arrow_table().to_pylist()
        return found


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
