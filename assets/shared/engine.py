"""The DuckDB of one lake in this process: opened once for all sessions of a run, each of which has relations of its own.

Opening a database costs more than all the queries of a small night; a session on one that is open costs nothing. What
spills lies in one folder inside the lake, which goes with the engine.
"""

import shutil
from pathlib import Path

import duckdb

MEMORY_LIMIT = "2500MB"  # of all sessions together
NEVER = "1TB"  # a checkpoint would compress rows that live for minutes, in the middle of whatever query comes next


class Engine:
    """An in-memory DuckDB, in UTC, that spills into a folder of its own, and removes it at its end."""

    def __init__(self, spill: Path) -> None:
        self._spill = spill
        self._database = duckdb.connect(
            config={
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(self._spill),
                "preserve_insertion_order": False,
                "checkpoint_threshold": NEVER,
            }
        )
        self._database.execute("SET GLOBAL TimeZone = 'UTC'")
        self._database.execute("SET GLOBAL parquet_metadata_cache = true")  # a state is read of many files, many times

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own: nothing that one session makes is seen by another."""
        return self._database.cursor()

    def close(self) -> None:
        """Close the database and wipe what it spilled."""
        self._database.close()
        shutil.rmtree(self._spill, ignore_errors=True)
