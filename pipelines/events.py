"""Dagster's event log in SQLite while a run writes to it: it opens a connection and waits for the disk with every event.

Of a long range that is most of the time: each asset has a materialization a night. What the log says matters less than
what is in the lake, so a commit need not wait for the disk; what is written stays whole all the same.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import event
from sqlalchemy.engine import Engine

_INDEX = "index"


@contextmanager
def unhurried_disk(instance: dg.DagsterInstance) -> Iterator[None]:
    """Meanwhile SQLite waits for the disk when it tidies its journal, not with every event; another storage is left alone.

    One connection is kept open: where the last one closes, SQLite tidies up, and Dagster closes one after every event.
    """
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        yield
        return
    event.listen(Engine, "connect", _do_not_wait)
    try:
        with closing(sqlite3.connect(storage.path_for_shard(_INDEX))) as held:
            held.execute("SELECT count(*) FROM sqlite_master").fetchall()
            yield
    finally:
        event.remove(Engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
