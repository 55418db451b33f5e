"""The SQL runner: one in-memory DuckDB a step, relations named like their assets, one file a relation.

Scalars reach SQL through registered one-row relations, never through pasted text or `$x` parameters, so that every file
reads as it runs and sqlglot carries it to Spark unchanged (design section 3).
"""

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pyarrow as pa
from sqlglot import exp

from assets.shared import keys
from schemas.arrow import duckdb_type

if TYPE_CHECKING:
    from assets.shared.lake import Lake

MEMORY_LIMIT = "3GB"
# Relations that more than one stage needs: which record lives on as which other one.
SHARED_SQL = tuple(
    Path(__file__).parent / "sql" / f"{name}.sql" for name in ("salesforce_successor", "hubspot_successor")
)
LEDGERS = (keys.LEDGER, keys.LEDGER_FIELD)


class Session:
    """One connection over the lake as of a night (`None`: no night, only registered relations and whole tables)."""

    def __init__(self, lake: "Lake", night: str | None) -> None:
        self.lake = lake
        self.night = night
        spill = lake.root / ".spill"
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._spill = Path(tempfile.mkdtemp(dir=spill))
        self.con = duckdb.connect(
            config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(self._spill), "preserve_insertion_order": False}
        )
        self.con.execute("SET TimeZone = 'UTC'")

    def close(self) -> None:
        """Close the connection and wipe its spill folder."""
        self.con.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def use(
        self,
        key: str,
        columns: dict[str, str] | None = None,
        *,
        before: str | None = None,
        versions: bool = False,
        name: str | None = None,
    ) -> None:
        """Make the relation of a key: state for staged, the past for the ledger, else the night's partition.

        `columns` names columns with DuckDB types that the caller's SQL reads; one that the table lacks is added as a
        typed NULL (a portal need not have it). `before` reads only nights before that one: the ledger as the night
        knew it, or a staged state of an earlier night (exclusive). `versions` gives every version instead of the state,
        `name` another name than the key's.
        """
        name = name or keys.relation(key)
        past = before if before is not None else (self.night if key in LEDGERS else None)
        query = self._query(key, past, versions)
        present = {row[0].lower() for row in self.con.execute(f"DESCRIBE {query.sql('duckdb')}").fetchall()}
        for column, kind in (columns or {}).items():
            if column.lower() not in present:
                query = query.select(exp.cast(exp.null(), kind).as_(column, quoted=True))
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query.sql('duckdb')}")

    def register(self, name: str, data: pa.Table | pl.DataFrame) -> None:
        """Make an Arrow table or a polars frame a relation."""
        self.con.register(name, data.to_arrow() if isinstance(data, pl.DataFrame) else data)

    def run(self, path: Path) -> str:
        """Run the one SELECT of a file and keep its rows as the relation named by the file; returns that name."""
        self.keep(path.stem, path.read_text())
        return path.stem

    def keep(self, name: str, query: str | exp.Expression) -> None:
        """Keep the rows of a query as a relation."""
        text = query if isinstance(query, str) else query.sql("duckdb")
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {exp.to_identifier(name).sql('duckdb')} AS {text}")

    def sql(self, query: str | exp.Expression) -> duckdb.DuckDBPyRelation:
        """A lazy relation."""
        return self.con.sql(query if isinstance(query, str) else query.sql("duckdb"))

    def table(self, name: str) -> pa.Table:
        """All rows of a relation as Arrow."""
        return self.con.sql(f"FROM {exp.to_identifier(name).sql('duckdb')}").to_arrow_table()

    def scalar(self, query: str) -> Any:
        """The one value of a query."""
        rows = self.con.execute(query).fetchall()  # all of them: an open result blocks the connection
        return rows[0][0] if rows else None

    def _query(self, key: str, before: str | None, versions: bool = False) -> exp.Select:
        identity = keys.state_key(key)
        if before is not None:
            nights = [n for n in self.lake.nights(key) if n < before]
        elif identity and key not in LEDGERS:
            nights = [n for n in self.lake.nights(key) if self.night is None or n <= self.night]
        else:
            nights = self.lake.nights(key) if self.night is None else [self.night]
        files = self.lake.files(key, nights)
        if not files:
            return self._empty(key)
        source = exp.select("*").from_(_read_parquet(files))
        if versions or not identity or len(nights) < 2:
            return source
        newest = (
            exp.select(*(_column(c) for c in identity), exp.Max(this=_column("night")).as_("night"))
            .from_(_read_parquet(files))
            .group_by(*(_column(c) for c in identity))
        )
        on = [exp.NullSafeEQ(this=_column(c, "version"), expression=_column(c, "newest")) for c in (*identity, "night")]
        return (
            exp.select("version.*")
            .from_(source.subquery("version"))
            .join(newest.subquery("newest"), join_type="semi", on=exp.and_(*on))
        )

    def _empty(self, key: str) -> exp.Select:
        schema = self.lake.schema(key)
        fields = [] if schema is None else [(f.name, duckdb_type(f.type)) for f in schema]
        nulls = [exp.cast(exp.null(), kind).as_(name, quoted=True) for name, kind in (*fields, ("night", "VARCHAR"))]
        return exp.select(*nulls).where(exp.false())


def _column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _read_parquet(files: list[str]) -> exp.Anonymous:
    listed = exp.Array(expressions=[exp.Literal.string(f) for f in files])
    options = {"union_by_name": exp.true(), "hive_partitioning": exp.true(), "hive_types_autocast": exp.false()}
    named = [exp.EQ(this=exp.to_identifier(name), expression=value) for name, value in options.items()]
    return exp.Anonymous(this="read_parquet", expressions=[listed, *named])
