"""The SQL runner: one connection a step, relations named like their assets, one file a relation.

Scalars reach SQL through registered one-row relations, never through pasted text or `$x` parameters, so that every file
reads as it runs and sqlglot carries it to Spark unchanged (design section 3).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from schemas.arrow import arrow_of

if TYPE_CHECKING:
    from assets.shared.lake import Lake

BATCH = 20_000  # rows that leave DuckDB at a time: the Delta writer keeps a number of batches, whatever their size
# Relations that more than one stage needs: which record lives on as which other one, and which were made because we asked.
SHARED_SQL = tuple(
    Path(__file__).parent / "sql" / f"{name}.sql" for name in ("salesforce_successor", "hubspot_successor", "answered")
)
LEDGERS = (keys.LEDGER, keys.LEDGER_FIELD)


class Session:
    """One connection over the lake as of a night (`None`: no night, only registered relations and whole tables)."""

    def __init__(self, lake: "Lake", night: str | None, con: duckdb.DuckDBPyConnection) -> None:
        self.lake = lake
        self.night = night
        self.con = con

    def close(self) -> None:
        """Close the connection; the relations that were kept go with it."""
        self.con.close()

    def at(self, night: str | None) -> "Session":
        """The same connection as of another night: what was kept is there."""
        return Session(self.lake, night, self.con)

    def use(
        self,
        key: str,
        columns: dict[str, str] | None = None,
        *,
        before: str | None = None,
        until: str | None = None,
        among: list[str] | None = None,
        versions: bool = False,
        name: str | None = None,
    ) -> None:
        """Make the relation of a key: state for staged, the past for the ledger, else the night's partition.

        `columns` names columns with DuckDB types that the caller's SQL reads; one that the table lacks is added as a
        typed NULL (a portal need not have it). `before` reads only nights before that one (the ledger as the night
        knew it, or the staged state of an earlier night), `until` that one too; `among` reads no nights but these: the state of
        records that have their newest version there. `versions` gives every version instead of the state, `name` another name
        than the key's.
        """
        name = name or keys.relation(key)
        wanted = columns or {}
        if until is not None:
            before = f"{until}~"  # sorts after the night itself, and before the next one
        elif before is None and key in LEDGERS:
            before = self.night
        query = self._query(key, before, versions, among)
        if query is None:
            self.con.execute(f"DROP VIEW IF EXISTS {name}")  # nothing is registered in the place of a view
            self.con.register(name, self._empty(key, wanted))
            return
        present = {column.lower() for column in self.con.sql(query).columns} if wanted else set()
        missing = [f"CAST(NULL AS {kind}) AS {_quoted(n)}" for n, kind in wanted.items() if n.lower() not in present]
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(['*', *missing])} FROM ({query})")

    def register(self, name: str, data: pa.Table | pl.DataFrame) -> None:
        """Make an Arrow table or a polars frame a relation."""
        self.con.register(name, data.to_arrow() if isinstance(data, pl.DataFrame) else data)

    def run(self, path: Path) -> str:
        """Run the one SELECT of a file and keep its rows as the relation named by the file; returns that name."""
        self.keep(path.stem, path.read_text())
        return path.stem

    def keep(self, name: str, query: str | exp.Expression) -> None:
        """Keep the rows of a query as a relation."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {_quoted(name)} AS {_text(query)}")

    def forget(self, *names: str) -> None:
        """Let go of kept rows: what they took of the memory is free for what comes after."""
        for name in names:
            self.con.execute(f"DROP TABLE {_quoted(name)}")

    def define(self, name: str, query: str | exp.Expression) -> None:
        """Name a query that is read once, without keeping its rows."""
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS {_text(query)}")

    def sql(self, query: str | exp.Expression) -> duckdb.DuckDBPyRelation:
        """A lazy relation."""
        return self.con.sql(_text(query))

    def table(self, name: str) -> pa.Table:
        """All rows of a relation as Arrow."""
        return self.con.sql(f"FROM {_quoted(name)}").to_arrow_table()

    def types(self, name: str) -> dict[str, str]:
        """The columns of a relation with their DuckDB types, in order."""
        return {row[0]: row[1] for row in self.con.execute(f"DESCRIBE {_quoted(name)}").fetchall()}

    def scalar(self, query: str | exp.Expression) -> Any:
        """The first value of a query's first row; None where it has no row."""
        rows = self.con.execute(_text(query)).fetchall()  # all of them: an open result blocks the connection
        return rows[0][0] if rows else None

    def _query(self, key: str, before: str | None, versions: bool, among: list[str] | None) -> str | None:
        """The rows of a key as SQL; None where there is no file."""
        identity = keys.state_key(key)
        if before is not None:
            nights = [n for n in self.lake.nights(key) if n < before]
        elif identity and key not in LEDGERS:
            nights = [n for n in self.lake.nights(key) if self.night is None or n <= self.night]
        else:
            nights = self.lake.nights(key) if self.night is None else [self.night]
        if among is not None:
            nights = [n for n in nights if n in among]
        files = self.lake.files(key, nights)
        if not files:
            return None
        source = _read_parquet(files)
        if versions or not identity or len(nights) < 2:
            return f"SELECT * FROM {source}"
        # The oldest night holds most records and the later ones few: only what those deliver again is looked up.
        ids = ", ".join(_quoted(column) for column in identity)
        same = " AND ".join(f"version.{_quoted(c)} IS NOT DISTINCT FROM newest.{_quoted(c)}" for c in identity)
        later = _read_parquet(self.lake.files(key, nights[1:]))
        newest = f"SELECT {ids}, max(night) AS night FROM {later} GROUP BY {ids}"
        return (
            f"SELECT version.* FROM {source} AS version LEFT JOIN ({newest}) AS newest ON {same} "
            "WHERE newest.night IS NULL OR version.night = newest.night"
        )

    def _empty(self, key: str, wanted: dict[str, str]) -> pa.Table:
        fields = list(self.lake.schema(key) or [])
        present = {field.name.lower() for field in fields}
        fields += [pa.field(name, arrow_of(kind)) for name, kind in wanted.items() if name.lower() not in present]
        return pa.schema([*(f for f in fields if f.name != "night"), pa.field("night", pa.string())]).empty_table()


def _text(query: str | exp.Expression) -> str:
    # Not of a copy: to copy a query of all mapped columns takes longer than to write it.
    return query if isinstance(query, str) else query.sql("duckdb", copy=False)


# The runner is the one place that writes SQL as text: file names and column names of the lake, always quoted. It runs many
# times a night, and building these few statements as expressions took a third of a small night's time.
def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_parquet(files: list[str]) -> str:
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = true, hive_types_autocast = false)"
