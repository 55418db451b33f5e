"""The DuckDB of one lake in this process: opened once for all sessions of a run, each of which has relations of its own.

Opening a database costs more than all the queries of a small night; a session on one that is open costs nothing. What
spills lies in one folder inside the lake, which goes with the engine.
"""

import gc
import shutil
from pathlib import Path

import duckdb

MEMORY_LIMIT = "2500MB"  # of all sessions together
# Queries are trees of small objects that point at one another. To look for what is left of them each time there are 700 to 2,000
# more, which is Python's own measure, took an eighth of a small night.
SELDOM = 100_000  # objects
NEVER = "1TB"  # a checkpoint would compress rows that live for minutes, in the middle of whatever query comes next


class Engine:
    """An in-memory DuckDB, in UTC, that spills into a folder of its own, and removes it at its end.

    As long as it is open, Python looks for garbage seldom.
    """

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
        self._collecting = gc.get_threshold()
        gc.set_threshold(SELDOM, *self._collecting[1:])

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own: nothing that one session makes is seen by another."""
        return self._database.cursor()

    def close(self) -> None:
        """Close the database, wipe what it spilled, and look for garbage as before."""
        gc.set_threshold(*self._collecting)
        self._database.close()
        shutil.rmtree(self._spill, ignore_errors=True)
