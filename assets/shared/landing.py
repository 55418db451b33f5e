"""One night of one CRM from its files into `raw`: everything is read and checked first, and only then anything is written.

`Reading` says what differs between the CRMs: how headers and cells are named, and where the JSON files keep what. A night is
kept once fetched; `delivery` is written last, so a night that was killed on the way is fetched again.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import delivery, keys
from assets.shared.columns import doubled, settle
from assets.shared.delivery import RESULT, File
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.objects import read_answer, read_lines, refuse_nameless, table_of, whole_answer
from assets.shared.parse import salesforce_ids
from assets.shared.records import Bad
from assets.shared.spool import Spool
from assets.shared.stream import ByteStream
from assets.shared.tabular import Chunk, CsvFile
from schemas.arrow import arrow_schema
from schemas.contract import kinds
from schemas.delivery import Delivery, Entity, Unreadable


@dataclass
class Extraction:
    """What a night brought: rows by entity, its files, what deserves a look."""

    rows: dict[str, int]
    files: list[dict[str, object]]
    notes: list[str] = field(default_factory=list)
    fetched: bool = True


class Reading(Protocol):
    """How one CRM names things."""

    crm: str
    entities: Mapping[str, Entity]
    lists: tuple[str, ...]
    answers: tuple[str, ...]  # columns of what the CRM says of an import, without which a result says nothing

    def names(self, entity: str, header: list[str]) -> tuple[list[str], set[str]]:
        """Internal names of a CSV header's cells, also of a result's, and those of them that the header had as labels."""

    def cells(self, entity: str, table: pa.Table, labelled: set[str]) -> pa.Table:
        """Rows with the cells of label-headed columns as internal values."""

    def pointers(self, entity: str, file: File) -> tuple[dict[str, str], str | None]:
        """Where JSON records keep the columns: column -> JSON pointer, and the object all of whose keys are columns."""

    def records(self, entity: str, file: File, found: list[object]) -> list[object]:
        """Records of an answer, completed with what only the file knows."""


@dataclass
class _Landed:
    file: File
    stream: ByteStream
    rows: int = 0
    bad: int = 0
    complete: bool = True
    columns: list[str] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)


class Landing:
    """One night being fetched."""

    def __init__(self, lake: Lake, reading: Reading, night: str, folder: Path) -> None:
        self.lake = lake
        self.reading = reading
        self.night = night
        self.folder = folder
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._landed: list[_Landed] = []
        self._unreadable: list[dict[str, object]] = []

    def fetch(self, *, accept_shrink: bool, snapshot: str, max_shrink: float | None) -> Extraction:
        """Read, check, write. Raises InputRefused with every problem of the night."""
        files, problems, notes = delivery.find(self.folder, self.reading.entities)
        self.problems += problems
        self.notes += notes
        before = delivery.earlier(self.lake, self.reading.crm, self.night)
        if before.night and self.folder.is_dir():
            self.problems += delivery.missing(self.folder, before.night, before.files, files)
        folder = self.lake.spill_folder()
        try:
            spools = {name: Spool(folder / name) for name in (*self.reading.entities, RESULT)}
            for file in files:
                self._read(file, spools[file.entity])
            if before.night and snapshot == "full" and not accept_shrink:
                self._guard(before.night, before.rows, max_shrink)
            if self.problems:
                raise InputRefused(self.problems)
            told = (delivery.lost(before, item.file, item.columns) for item in self._landed)
            self.notes += [note for note in told if note]
            return self._write(spools)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _read(self, file: File, spool: Spool) -> None:
        stream = ByteStream(file.path, file.shown)
        landed = _Landed(file, stream)
        try:
            for chunk in self._chunks(file, stream, landed):
                landed.rows += chunk.table.num_rows + len(chunk.bad)
                landed.bad += len(chunk.bad)
                spool.add(chunk.table.append_column("source_file", pa.repeat(file.name, chunk.table.num_rows)))
        except InputRefused as refused:
            self.problems += refused.problems
            return
        landed.columns = landed.columns or spool.columns
        spool.expect(landed.columns)
        self._landed.append(landed)

    def _chunks(self, file: File, stream: ByteStream, landed: _Landed) -> Iterator[Chunk]:
        if file.form == "csv":
            yield from self._csv(file, stream, landed)
            return
        entity, (fixed, nested) = self.reading.entities[file.entity], self.reading.pointers(file.entity, file)
        if file.form == "jsonl":
            chunks = read_lines(file.shown, stream.blocks(), fixed, nested)
        else:
            answer = whole_answer(file.shown, stream.blocks())
            found = read_answer(file.shown, answer, self.reading.lists, single=entity.single)
            chunks = iter([table_of(self.reading.records(file.entity, file, found), fixed, nested, file.shown)])
        seen: dict[str, str] = {}
        for chunk in chunks:
            names = chunk.table.column_names
            settled = settle(names[:-1], self._known(file.entity))
            if twice := _twice(file.shown, names[len(fixed) : -1], settled[len(fixed) :], seen):
                raise InputRefused(twice)
            table = chunk.table.rename_columns([*_distinct(settled), names[-1]])
            if file.form == "json" and not entity.single:
                refuse_nameless(file.shown, table, self.required(file.entity))
            yield self._keep(file, Chunk(table, chunk.bad), None)

    def _csv(self, file: File, stream: ByteStream, landed: _Landed) -> Iterator[Chunk]:
        reader = CsvFile(file.shown, stream.blocks())
        names, labelled = self.reading.names(file.entity, reader.header)
        reader.columns = settle(names, self._known(file.entity))
        twice = doubled(reader.columns)
        wanted = [] if file.entity == RESULT else self.required(file.entity)
        needed = self.reading.answers if file.entity == RESULT else wanted
        problems = delivery.lacking(file, reader.header, reader.columns, needed)
        problems += [
            f"{file.shown}: line 1: column {name} is there {len(places)} times (cells {', '.join(map(str, places))})"
            for name, places in twice.items()
        ]
        if problems:
            raise InputRefused(problems)
        if len(wanted) == 1:
            reader.id_index = reader.columns.index(wanted[0])
            reader.id_pattern = re.compile(
                "[0-9]{1,19}" if self.reading.crm == "hubspot" else "[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?"
            )
        if file.entity == RESULT:
            self.notes += delivery.unanswered(file, reader.columns, self.reading.answers)
        landed.columns, landed.labelled = list(reader.columns), labelled
        for chunk in reader.chunks():
            table = self.reading.cells(file.entity, chunk.table, labelled) if labelled else chunk.table
            yield self._keep(file, Chunk(table, chunk.bad), reader)
        landed.complete = reader.complete

    def _keep(self, file: File, chunk: Chunk, reader: CsvFile | None) -> Chunk:
        self._unreadable += [
            {
                "entity": file.entity,
                "record_id": name,
                "reason": bad.reason.value,
                "source_file": file.name,
                "source_line": bad.line,
            }
            for bad, name in zip(chunk.bad, self._ids(chunk.bad, reader), strict=True)
        ]
        return chunk

    def _ids(self, bad: list[Bad], reader: CsvFile | None) -> list[str | None]:
        """Ids of unreadable lines as staging spells them, where they can be read."""
        found = [reader.record_id(line.text) if reader else None for line in bad]
        if self.reading.crm != "salesforce" or not any(found):
            return found
        return salesforce_ids(pl.Series(found, dtype=pl.String)).to_list()

    def required(self, entity: str) -> list[str]:
        """Columns that a delivery of the entity cannot do without: the parts of its key that may not be blank."""
        columns = self.reading.entities[entity].model.to_schema().columns
        return [name for name in self.reading.entities[entity].key if not columns[name].nullable]

    def _known(self, entity: str) -> list[str]:
        """Spellings of columns: of the model, of earlier nights, of tonight's other files (there are several results)."""
        known = self.reading.entities.get(entity)
        declared = kinds(known.model) if known else self.reading.answers
        before = self.lake.schema(keys.raw(self.reading.crm, entity))
        tonight = [name for item in self._landed if item.file.entity == entity for name in item.columns]
        return [*declared, *(before.names if before else []), *tonight]

    def _guard(self, before: str, earlier_rows: Mapping[str, int], max_shrink: float | None) -> None:
        for item in self._landed:
            rows = earlier_rows.get(item.file.stem, 0)
            if problem := delivery.shrunk(item.file, item.rows, rows, before, max_shrink):
                self.problems.append(problem)

    def _write(self, spools: dict[str, Spool]) -> Extraction:
        crm = self.reading.crm
        log = keys.raw(crm, "delivery")
        self.lake.drop(log, [self.night])
        rows: dict[str, int] = {}
        delivered = {item.file.entity for item in self._landed}
        for name, spool in spools.items():
            key = keys.raw(crm, name)
            if name not in delivered:
                if name == RESULT and not self.lake.exists(key):
                    spool.expect(["sf__Id", "sf__Error"])
                if name in self.reading.entities:
                    self.notes.append(f"{self.reading.entities[name].file}: not delivered; {name} is empty")
                    spool.expect(list(kinds(self.reading.entities[name].model)))
            if name in delivered or not self.lake.exists(key) or self.night in self.lake.nights(key):
                self.lake.write(key, self.night, spool.reader())
            rows[name] = spool.rows
        self.lake.write(keys.raw(crm, "unreadable"), self.night, _table(Unreadable, self._unreadable))
        files = [
            {
                "entity": item.file.entity, "file": item.file.name, "rows": item.rows, "unreadable": item.bad,
                "bytes": item.stream.size, "sha256": item.stream.sha256, "complete": item.complete,
                "columns": item.columns, "label_headed": sorted(item.labelled),
            }
            for item in self._landed
        ]  # fmt: skip
        self.lake.write(log, self.night, _table(Delivery, files))
        return Extraction(rows, files, self.notes)


def kept(lake: Lake, crm: str, night: str) -> Extraction | None:
    """The night as it was fetched before, if it was."""
    key = keys.raw(crm, "delivery")
    if night not in lake.nights(key):
        return None
    with lake.connect(night) as session:
        session.use(key)
        table = session.sql(exp.select("*").from_(keys.relation(key)).order_by("file")).to_arrow_table()
    files = table.drop_columns(["night"]).to_pylist()
    rows: dict[str, int] = {}
    for file in files:
        rows[file["entity"]] = rows.get(file["entity"], 0) + file["rows"] - file["unreadable"]
    return Extraction(
        rows, files, [f"{crm} {night}: fetched before and kept; --refetch reads the files again"], fetched=False
    )


def _table(model: type[Delivery] | type[Unreadable], rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(model))


def _twice(file: str, columns: list[str], names: list[str], seen: dict[str, str]) -> list[str]:
    """Problems: properties that have a name in common with another one of the file, refused as two columns of a header are.

    `columns` as delivered, `names` as settled; `seen`: by name in lower case, the property that had it first.
    """
    first = [seen.setdefault(name.casefold(), column) for name, column in zip(names, columns, strict=True)]
    return [
        f"{file}: properties {one} and {column} are one column; upper and lower case are alike"
        for one, column in zip(first, columns, strict=True)
        if one != column
    ]


def _distinct(names: list[str]) -> list[str]:
    """Names with a number after those that are there already, upper and lower case alike."""
    seen: set[str] = set()
    found = []
    for name in names:
        candidate, number = name, 2
        while candidate.casefold() in seen:
            candidate, number = f"{name}_{number}", number + 1
        seen.add(candidate.casefold())
        found.append(candidate)
    return found
