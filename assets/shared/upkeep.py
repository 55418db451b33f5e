"""After a run: drop nights past their retention, compact what is kept, renew the views that analysts read.

Nothing here changes what any kept night says.
"""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from sqlglot import exp

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.nights import note_kept
from assets.shared.rollback import tables
from assets.shared.sql import BATCH
from schemas.config_output import Retention

ANALYST = "analyst.duckdb"
OLD_VERSIONS_HOURS = 24  # a reader that opened a table before the run may still be reading its old files
CHECKPOINT_EVERY = 20  # commits: so many are read at most when a table is opened
FOLD_NIGHTS = 30  # at a time, for each folding writes the oldest rows of a table anew
ASKED_ABOUT = frozenset(keys.staged("hubspot", name) for name in ("contact", "company", "deal"))


def horizon(night: str, nights: int | None) -> str | None:
    """The oldest night that is kept when `night` is the newest; None keeps all."""
    return None if nights is None else (date.fromisoformat(night) - timedelta(days=nights - 1)).isoformat()


def expire(lake: Lake, night: str, retention: Retention) -> dict[str, int]:
    """Drop nights of raw, rejected, core and out that are past retention as of `night`; nights dropped by table.

    Tables that keep versions (staged, the ledger, most of matching) and the bulk updates that ran are the lake's memory: they
    are never dropped.
    """
    kept = {"raw": retention.raw, "rejected": retention.raw, "core": retention.core, "out": retention.out}
    dropped: dict[str, int] = {}
    for key in tables(lake):
        layer = key.split("/")[0]
        oldest = horizon(night, kept.get(layer))
        if oldest is None or keys.state_key(key) or key == keys.LIFECYCLE_REQUEST:
            continue
        old = [n for n in lake.nights(key) if n < oldest]
        if old:
            lake.drop(key, old)
            dropped[key] = len(old)
    oldest_files = horizon(night, retention.out)
    for folder in sorted((lake.root / "files").glob("????-??-??")):
        if oldest_files is not None and folder.name < oldest_files:
            shutil.rmtree(folder)
    if oldest_files is not None:
        note_kept(lake, oldest_files)
    return dropped


def fold(lake: Lake, night: str, retention: Retention) -> dict[str, int]:
    """Fold the memory's nights that are past every retention into the last of them; nights folded, by table.

    Of each key the newest version stays, so that the state of every night after them is what it was: a superseded version
    that no kept night can ask for goes. Nothing is folded before there are enough nights to be worth it, and objects whose
    old versions lists may ask about ("has ever been") keep them all. What matching keeps goes by the retention of core alone: no
    night asks for it that has no links any more.
    """
    kept = [n for n in (retention.raw, retention.core, retention.out) if n is not None]
    every = horizon(night, max(kept)) if len(kept) == 3 else None
    folded: dict[str, int] = {}
    for key in tables(lake):
        identity = keys.state_key(key)
        oldest = horizon(night, retention.core) if key in keys.IDENTITY_VERSIONS else every
        if identity is None or oldest is None or key in ASKED_ABOUT:
            continue
        old = [n for n in lake.nights(key) if n < oldest]
        if len(old) < FOLD_NIGHTS:
            continue
        with lake.connect(old[-1]) as session:
            session.use(key, before=oldest)
            order = [exp.column(name, quoted=True) for name in identity]
            columns = exp.Star(except_=[exp.to_identifier("night")])
            state = exp.select(columns).from_(keys.relation(key)).order_by(*order)
            if key in keys.IDENTITY_VERSIONS:  # before the oldest night there is nothing that could be gone
                state = state.where("gone IS DISTINCT FROM TRUE")
            lake.fold(key, old, session.sql(state).to_arrow_reader(BATCH))
        folded[key] = len(old)
    return folded


def compact(lake: Lake) -> None:
    """Join the small files of a night, write checkpoints, and remove files that no version in use names any more."""
    for key in tables(lake):
        table = DeltaTable(str(lake.root / key))
        if len(table.file_uris()) > len(lake.nights(key)):
            table.optimize.compact()
        if table.version() - _checkpoint(lake, key) >= CHECKPOINT_EVERY:
            table.create_checkpoint()
            table.cleanup_metadata()
        # `full`: also files that no version ever named, which killed runs left
        table.vacuum(retention_hours=OLD_VERSIONS_HOURS, enforce_retention_duration=False, dry_run=False, full=True)


def _checkpoint(lake: Lake, key: str) -> int:
    """Version of the table's last checkpoint; opening it reads the log from there on."""
    pointer = lake.root / key / "_delta_log" / "_last_checkpoint"
    return int(json.loads(pointer.read_text())["version"]) if pointer.exists() else -1


def publish_views(lake: Lake) -> Path:
    """Replace `<lake>/analyst.duckdb` whole: a view on every table, and the state of each that keeps versions."""
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
        fold(lake, night, retention)
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
