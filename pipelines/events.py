"""Dagster's event log in SQLite, for runs that say much: a long range materializes each asset once a night.

Dagster's own makes an engine, a connection and a transaction with every event, twice, waits for the disk each time and
cannot reuse a statement. Here the engines stay, and what one output says of all its nights is two transactions. Files and
tables are Dagster's, in its own place: an instance may change from one class to the other and back. dagster.yaml names it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from dagster import EventLogEntry, Field, StringSource
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool, QueuePool

_INDEX = "index"
_RUNS = 8  # of so many runs the engines are kept
_BATCH = "1000"  # events that Dagster hands over at once; one output's are together


class EventLog(SqliteEventLogStorage):
    """The event log under `home` (DAGSTER_HOME), written in batches; commits do not wait for the disk.

    What the log says matters less than what is in the lake; what is written stays whole all the same.
    """

    def __init__(self, home: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", _BATCH)
        # One planned event an asset instead of one an asset and night.
        os.environ.setdefault("DAGSTER_EMIT_PARTITION_SUBSET_IN_PLANNED_EVENTS", "true")
        super().__init__(str(Path(home) / "history" / "runs"), inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """`home`: where dagster.yaml lies; its files are in history/runs below, as Dagster's own are."""
        return {"home": Field(StringSource, description="DAGSTER_HOME")}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """What dagster.yaml configures."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engines.get(shard)
            if engine is None:
                self._forget_other_runs()
                engine = self._engines[shard] = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        """Of the index one connection is kept; a run's file is tidied up with every event, for the UI watches it change."""
        pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 1} if shard == _INDEX else {"poolclass": NullPool}
        engine = create_engine(
            self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}, **pool
        )
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        return engine

    def _forget_other_runs(self) -> None:
        """A web server looks at thousands of runs: it keeps the engines of a few, of which no connection is open."""
        runs = [shard for shard in self._engines if shard != _INDEX]
        for shard in runs[: max(len(runs) + 1 - _RUNS, 0)]:
            del self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; one that it has does not go."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Events of one run about assets in one transaction a file; others one by one."""
        if len({e.run_id for e in events}) != 1 or not all(_about_an_asset(e) for e in events):
            super().store_event_batch(events)
            return
        rows = [self._event_to_row(entry) for entry in events]
        insert = SqlEventLogStorageTable.insert()
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(insert, rows)
        numbered = insert.returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)
        with self.index_transaction() as connection:
            ids = list(connection.execute(numbered, rows).scalars())
            self._store_asset_event_tags(connection, events, ids)
            # An asset has one entry in the index, of its newest event.
            newest = {e.get_dagster_event().asset_key: (e, number) for e, number in zip(events, ids, strict=True)}
            for entry, number in newest.values():
                self._store_asset_event(connection, entry, number)

    def dispose(self) -> None:
        """Close what is open."""
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()


def _about_an_asset(entry: EventLogEntry) -> bool:
    found = entry.dagster_event
    return found is not None and found.event_type in ASSET_EVENTS and found.asset_key is not None
