"""The lake: Delta tables in one private folder, a table an asset key, a partition a night. The only reader and writer.

Nothing here knows what a row means. Every trap it avoids is listed in the design, section 3: file names are unquoted,
schemas are merged by name, a night is never read as a date, a table without files is a typed empty relation, and the
log's column statistics keep ids only, because they would otherwise hold e-mail addresses in clear.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable

from assets.shared import keys, lake_file
from assets.shared.engine import Engine
from assets.shared.failures import InputRefused
from assets.shared.lock import make_root, write_whole
from assets.shared.sql import Session
from schemas.arrow import arrow_schema
from schemas.tables import ORDER, TABLES

SCHEMA_VERSION = 4  # what changed with each is in `pipelines.migrations`
_VERSION_FILE = "lake.json"
_DIGITS = 20  # of the version in the names of a log's files
_Commit = tuple[int, int, int]
_STATISTICS = {
    "hs_object_id", "Id", "hubspot_id", "salesforce_id", "record_id", "pair_id", "source_line",
}  # fmt: skip


class Lake:
    """All tables below `root`. Folders are private (0700); the spill folder of DuckDB lies inside and is wiped."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root).resolve()
        self._tables: dict[str, tuple[DeltaTable, _Commit | None]] = {}
        self._files: dict[str, tuple[DeltaTable, int, dict[str, list[str]]]] = {}
        self._engine: Engine | None = None
        self._sessions = 0

    def prepare(self) -> None:
        """Create the lake or check that this code can use it. Raises InputRefused for another schema version."""
        make_root(self.root)
        version = self.root / _VERSION_FILE
        if not version.exists():
            write_whole(version, json.dumps({"schema_version": SCHEMA_VERSION}) + "\n")
        found = json.loads(version.read_text())["schema_version"]
        if found != SCHEMA_VERSION:
            raise InputRefused(
                f"{version}: the lake has schema version {found}, this Crosswalk reads {SCHEMA_VERSION}; "
                "run `crosswalk migrate`"
            )

    def exists(self, key: str) -> bool:
        """Whether the table was ever written: its log has a commit (a killed first write leaves a log without one)."""
        table, known = self._tables.get(key, (None, None))
        if table is not None and known is not None and _commit(self._log(key), table.version()) == known:
            return True
        return self.version(key) >= 0

    @property
    def spill(self) -> Path:
        """Where runs keep what does not fit into memory; nothing in it outlives them."""
        folder = self.root / ".spill"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def spill_folder(self) -> Path:
        """A new folder in the spill, named after this process: what a killed one left is known by its name, and swept."""
        return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self.spill))

    @property
    def trash(self) -> Path:
        """Where folders go before they are deleted, so that no half of one is ever a table."""
        return self.root / ".trash"

    def discard(self, key: str) -> None:
        """Take a whole table out of the lake."""
        self.trash.mkdir(mode=0o700, exist_ok=True)
        (self.root / key).rename(self.trash / keys.relation(key))
        shutil.rmtree(self.trash)

    def version(self, key: str) -> int:
        """How often the table was committed to, from 0; -1 where it was never written. Read off the names in its log."""
        return version_of(self._log(key))

    def nights(self, key: str) -> list[str]:
        """Nights that have rows, ascending."""
        return list(self._by_night(key))

    def files(self, key: str, nights: list[str] | None = None) -> list[str]:
        """Paths of the table's Parquet files, of the given nights or of all."""
        found = self._by_night(key)
        wanted = found if nights is None else found.keys() & set(nights)
        return [path for night in sorted(wanted) for path in found[night]]

    def _by_night(self, key: str) -> dict[str, list[str]]:
        """Paths of files by night, both ascending; listed once a version, for they are asked for hundreds of times a night."""
        if not self.exists(key):
            return {}
        table = self._open(key)
        kept, version, found = self._files.get(key, (None, -1, {}))
        if kept is not table or version != table.version():
            found = {}
            for uri in sorted(table.file_uris()):
                path = unquote(uri).removeprefix("file://")
                night = path.rpartition("/")[0].rpartition("/night=")[2]
                found.setdefault(night, []).append(path)
            self._files[key] = (table, table.version(), found)
        return found

    def schema(self, key: str) -> pa.Schema | None:
        """Columns without `night`: declared ones first, else what the table has; None where neither is known."""
        if key in TABLES:
            return arrow_schema(TABLES[key])
        if not self.exists(key):
            return None
        found = pa.schema(self._open(key).schema().to_arrow())
        return pa.schema([f for f in found if f.name != "night"])

    def write(self, key: str, night: str, data: pa.Table | pa.RecordBatchReader, group: int | None = None) -> int:
        """Replace one night of one table, in one commit; returns the number of rows.

        `data` has the table's columns without `night`, in any order, and is cast to the table's declaration. A table is
        sorted; a reader is streamed in the order it comes in, and no more of it is held than a row group (of `group` rows, where
        that is given). Additive columns merge. Raises InputRefused for a column that changed its type.
        """
        return self._replace(key, [night], night, data, {"night": night}, group)

    def fold(self, key: str, nights: list[str], data: pa.RecordBatchReader) -> int:
        """Replace several nights of a table by rows of the last of them, in one commit; returns the number of rows.

        The commit names no night: a fold decides nothing.
        """
        return self._replace(key, nights, nights[-1], data, {"folded into": nights[-1]})

    def _replace(
        self, key: str, nights: list[str], night: str, data: pa.Table | pa.RecordBatchReader, says: dict[str, str],
        group: int | None = None,
    ) -> int:  # fmt: skip
        reader = self._conform(key, data)
        folder, commit = self.root / key, CommitProperties(custom_metadata=says)
        there = self._open(key) if self.exists(key) else None
        if there is not None:
            try:
                lake_file.widen(there, reader.schema)
            except lake_file.OtherType as error:
                raise InputRefused(
                    f"{key}: columns do not fit the table in the lake; run `crosswalk migrate`"
                ) from error
        actions, rows = lake_file.write_file(folder, night, reader, counted(key, reader.schema), group)
        if there is None:
            lake_file.create(folder, actions, reader.schema, commit, statistics_of(key, reader.schema))
        else:
            if set(nights) & set(self.nights(key)):
                lake_file.replace(there, nights, actions, commit)
            else:
                lake_file.add(there, actions, commit)
            self._know(key, there)
        return rows

    def drop(self, key: str, nights: list[str]) -> None:
        """Delete whole nights of one table.

        The ledger's log names them even if they had no rows: a night on which nothing changed is not decided any more either.
        """
        if self.exists(key) and nights and (key == keys.LEDGER or set(nights) & set(self.nights(key))):
            table = self._open(key)
            lake_file.replace(table, nights, [], CommitProperties(custom_metadata={"dropped": " ".join(nights)}))
            self._know(key, table)

    @contextmanager
    def connect(self, night: str | None = None) -> Iterator[Session]:
        """SQL over the lake as of a night, with relations of its own; its spill folder is inside the lake and is wiped."""
        with self.at_work() as engine:
            session = Session(self, night, engine.connection())
            try:
                yield session
            finally:
                session.close()

    @contextmanager
    def at_work(self) -> Iterator[Engine]:
        """Keep the database open meanwhile: every session of a run shares it, and its limit of memory."""
        if self._engine is None:
            self._engine = Engine(self.spill_folder())
        self._sessions += 1
        try:
            yield self._engine
        finally:
            self._sessions -= 1
            if not self._sessions:
                self._engine.close()
                self._engine = None

    def _open(self, key: str) -> DeltaTable:
        """The newest version: opened once, and read on in its log where that has gone on.

        A table whose last known commit is not the file it was has another in its place (a rollback, an erasure).
        """
        log = self._log(key)
        table, known = self._tables.get(key, (None, None))
        if table is None or _commit(log, table.version()) != known:
            table = DeltaTable(str(self.root / key))
        elif _commit(log, table.version() + 1) is None:
            return table
        else:
            table.update_incremental()
        return self._know(key, table)

    def _know(self, key: str, table: DeltaTable) -> DeltaTable:
        self._tables[key] = (table, _commit(self._log(key), table.version()))
        return table

    def _log(self, key: str) -> Path:
        return self.root / key / "_delta_log"

    def _conform(self, key: str, data: pa.Table | pa.RecordBatchReader) -> pa.RecordBatchReader:
        if key not in TABLES:
            return data.to_reader() if isinstance(data, pa.Table) else data
        schema = arrow_schema(TABLES[key])
        if isinstance(data, pa.RecordBatchReader):
            return pa.RecordBatchReader.from_batches(schema, (_cast(batch, schema) for batch in data))
        table = data.select(schema.names).cast(schema)
        order = pc.sort_indices(table.select(ORDER[key]), [(name, "ascending") for name in ORDER[key]])
        return table.take(order).to_reader(max_chunksize=131_072)


def version_of(log: Path) -> int:
    """The newest version in the log of a Delta table; -1 where the folder is none.

    Commits and checkpoints are named by their version of twenty digits, and the newest one is never tidied away.
    """
    numbers = [entry.name[:_DIGITS] for entry in log.iterdir()] if log.is_dir() else []
    return max((int(number) for number in numbers if number.isdigit()), default=-1)


def _commit(log: Path, version: int) -> _Commit | None:
    """What tells the file of a commit from another of the same name; None where there is none."""
    try:
        found = (log / f"{version:0{_DIGITS}}.json").stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    table = pa.Table.from_batches([batch]).select(schema.names).cast(schema).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=schema)


def counted(key: str, schema: pa.Schema) -> list[str]:
    """Columns of which the smallest and largest values are kept: ids. None where a cell in their column may be anything."""
    unchecked = key.startswith(("raw/", "rejected/"))
    return [name for name in schema.names if name in _STATISTICS and not unchecked]


def statistics_of(key: str, schema: pa.Schema) -> dict[str, str]:
    """The same, as the log says it to other writers."""
    ids = counted(key, schema)
    return {"delta.dataSkippingStatsColumns": ",".join(ids)} if ids else {"delta.dataSkippingNumIndexedCols": "0"}
