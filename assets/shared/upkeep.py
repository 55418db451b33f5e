"""After a run: drop nights past their retention, compact what is kept, renew the views that analysts read.

Nothing here changes what any kept night says.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from sqlglot import exp

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.rollback import tables
from schemas.config_output import Retention

ANALYST = "analyst.duckdb"
OLD_VERSIONS_HOURS = 24  # a reader that opened a table before the run may still be reading its old files
CHECKPOINT_EVERY = 20


def horizon(night: str, nights: int | None) -> str | None:
    """The oldest night that is kept when `night` is the newest; None keeps all."""
    return None if nights is None else (date.fromisoformat(night) - timedelta(days=nights - 1)).isoformat()


def expire(lake: Lake, night: str, retention: Retention) -> dict[str, int]:
    """Drop nights of raw, rejected, core and out that are past retention as of `night`; nights dropped by table.

    Staged, the ledger and the bulk updates that ran are the lake's memory and are never dropped.
    """
    kept = {"raw": retention.raw, "rejected": retention.raw, "core": retention.core, "out": retention.out}
    dropped: dict[str, int] = {}
    for key in tables(lake):
        layer = key.split("/")[0]
        oldest = horizon(night, kept.get(layer))
        if oldest is None or key in (keys.LEDGER, keys.LEDGER_FIELD, keys.LIFECYCLE_REQUEST):
            continue
        old = [n for n in lake.nights(key) if n < oldest]
        if old:
            lake.drop(key, old)
            dropped[key] = len(old)
    oldest_files = horizon(night, retention.out)
    for folder in sorted((lake.root / "files").glob("????-??-??")):
        if oldest_files is not None and folder.name < oldest_files:
            shutil.rmtree(folder)
    return dropped


def compact(lake: Lake) -> None:
    """Join the small files of a night, write checkpoints, and remove files that no version in use names any more."""
    for key in tables(lake):
        table = DeltaTable(str(lake.root / key))
        if len(table.file_uris()) > len(lake.nights(key)):
            table.optimize.compact()
        if table.version() % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
            table.create_checkpoint()
            table.cleanup_metadata()
        # `full`: also files that no version ever named, which killed runs left
        table.vacuum(retention_hours=OLD_VERSIONS_HOURS, enforce_retention_duration=False, dry_run=False, full=True)


def publish_views(lake: Lake) -> Path:
    """Replace `<lake>/analyst.duckdb` whole: a view on every table, and the state of every staged table."""
    fresh = lake.root / f".{ANALYST}.new"
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(fresh)) as con:
        con.execute("SET TimeZone = 'UTC'")
        for key in tables(lake):
            files = lake.files(key)
            if not files:
                continue
            name = keys.relation(key)
            con.execute(_view(name, exp.select("*").from_(_parquet(files))))
            identity = keys.state_key(key)
            if identity:
                con.execute(_view(f"{name}__state", _newest(name, identity)))
    fresh.chmod(0o600)
    return fresh.replace(lake.root / ANALYST)


def look_after(lake: Lake, night: str, retention: Retention) -> str | None:
    """All of it. Returns what kept it from being done, in one line without data: the run has done its work all the same."""
    try:
        expire(lake, night, retention)
        compact(lake)
        publish_views(lake)
    except OSError as error:
        return error.strerror or "input or output error"
    except (duckdb.Error, DeltaError) as error:
        return type(error).__name__
    return None


def _view(name: str, query: exp.Select) -> str:
    return exp.Create(this=exp.to_identifier(name, quoted=True), kind="VIEW", expression=query).sql("duckdb")


def _newest(name: str, identity: tuple[str, ...]) -> exp.Select:
    order = exp.Order(expressions=[exp.Ordered(this=exp.column("night"), desc=True)])
    partition = [exp.column(column, quoted=True) for column in identity]
    rank = exp.Window(this=exp.RowNumber(), partition_by=partition, order=order)
    return exp.select("*").from_(exp.to_identifier(name, quoted=True)).qualify(rank.eq(1))


def _parquet(files: list[str]) -> exp.Anonymous:
    listed = exp.Array(expressions=[exp.Literal.string(f) for f in files])
    options = {"union_by_name": exp.true(), "hive_partitioning": exp.true(), "hive_types_autocast": exp.false()}
    named = [exp.EQ(this=exp.to_identifier(name), expression=value) for name, value in options.items()]
    return exp.Anonymous(this="read_parquet", expressions=[listed, *named])
