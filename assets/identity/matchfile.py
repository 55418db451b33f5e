"""`crosswalk match`: any file of people or companies to records and clusters, with the shipped settings."""

import codecs
import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.identity import block, columns, compare, dates, learnt, model, record, reference, resolve
from assets.shared.failures import InputRefused
from assets.shared.sql import Session

SLICE = 250_000  # rows normalised at a time
_PIECE = 1 << 20  # bytes of a file decoded at a time


@dataclass(frozen=True)
class Inboxes:
    """Addresses of the role-inbox list that several names use, and the records that have one: they join nobody."""

    addresses: int
    records: int


@dataclass(frozen=True)
class Outcome:
    """`rows` has `record` and `cluster` in file order; `quality` compares with the truth where one was given."""

    rows: pl.DataFrame
    quality: dict[str, object] | None
    mapped: columns.Mapped
    inboxes: Inboxes


def read(path: Path) -> pl.DataFrame:
    """A CSV (comma, semicolon, tab or bar), Parquet or JSON Lines file as texts. Raises InputRefused for one that is none.

    A CSV may be UTF-8, UTF-16 with its mark, or else Windows-1252, and name its separator in a first line as Excel does. Any
    file may be packed with gzip. Lists and structures are left out, and blanks around the names of columns.
    """
    if not path.is_file():
        raise InputRefused(f"{path}: there is no such file")
    try:
        return _read(path).rename(lambda name: str(name).strip())
    except (pl.exceptions.PolarsError, OSError, EOFError, UnicodeError, csv.Error, zlib.error) as error:
        raise InputRefused(f"{path}: cannot be read as CSV, Parquet or JSON Lines ({type(error).__name__})") from error


def _read(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    source = io.BytesIO(gzip.decompress(path.read_bytes())) if packed else path
    kind = Path(path.stem if packed and path.suffix.lower() == ".gz" else path.name).suffix.lower()
    if kind in (".parquet", ".pq"):
        return _texts(pl.read_parquet(source))
    if kind in (".jsonl", ".ndjson"):
        return _texts(pl.read_ndjson(source, infer_schema_length=None))
    return _csv(source.getvalue() if isinstance(source, io.BytesIO) else source.read_bytes())


def _csv(content: bytes) -> pl.DataFrame:
    encoding = _encoding(content)
    plain = content.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8" else content.decode(encoding).encode()
    told = re.match(rb"sep=(.)\r?\n", plain)
    plain = plain[told.end() :] if told else plain
    separator = told[1].decode() if told else max(",;\t|", key=io.BytesIO(plain).readline().decode().count)
    try:
        return pl.read_csv(plain, infer_schema=False, separator=separator, truncate_ragged_lines=True)
    except pl.exceptions.ComputeError:
        return _loose(plain.decode(), separator)


def _loose(text: str, separator: str) -> pl.DataFrame:
    """A CSV with quotation marks inside of texts, where polars knows no way: such a mark is taken as written."""
    header, *rows = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False) if row)
    width = len(header)
    whole = [[value or None for value in row[:width]] + [None] * (width - len(row)) for row in rows]
    return pl.DataFrame(whole, schema=dict.fromkeys(header, pl.String), orient="row")


def _encoding(content: bytes) -> str:
    """`utf-8`, or `utf-16` by its mark, or `cp1252` for what is no UTF-8."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns that have a text form, as texts; whole numbers that were kept as fractions (27604.0) as whole numbers."""
    flat = frame.select(name for name, kind in frame.schema.items() if not kind.is_nested() and kind != pl.Binary)
    whole = [
        name
        for name, kind in flat.schema.items()
        if kind.is_float() and bool((flat[name].drop_nulls().drop_nans() % 1 == 0).all())
    ]
    return flat.with_columns(pl.col(whole).fill_nan(None).cast(pl.Int64)).select(pl.all().cast(pl.String, strict=False))


def run(
    session: Session, frame: pl.DataFrame, given: dict[str, str], truth: str | None = None,
    entity: str | None = None, region: str | None = None, weights: Path | None = None,
) -> Outcome:  # fmt: skip
    """Cluster the rows of a frame. `given` maps columns to fields; `truth` names the column of true entities, if any.

    `weights` is a file of weights to begin with, in place of the shipped ones.
    """
    found = columns.mapped(frame, given, truth, entity)
    inboxes = _keys(session, found.frame, region)
    shipped = model.parse(reference.weights(found.entity))
    shipped = learnt.read(weights, shipped) if weights else shipped
    rules = block.rules(reference.rows("blocking"), found.entity)
    resolve.resolve(session, shipped, rules, frame.height)
    labels = session.sql("SELECT base.record, cluster.cluster FROM cluster INNER JOIN base ON cluster.r = base.r").pl()
    numbered = labels.select(row=pl.col("record").cast(pl.Int64), cluster="cluster").sort("row")
    result = _named(numbered, found.frame["record"] if "record" in found.sources else None)
    return Outcome(result, None if truth is None else _quality(session, frame[truth]), found, inboxes)


def _keys(session: Session, fields: pl.DataFrame, region: str | None) -> Inboxes:
    """Make `base` of the rows of a file, some at a time."""
    day_first = "birth_date" in fields.columns and dates.day_first(fields["birth_date"])
    names = pl.select(pl.int_range(1, fields.height + 1).cast(pl.String).str.zfill(12)).to_series()
    numbered = fields.with_columns(names.alias("record"))
    for start in range(0, max(numbered.height, 1), SLICE):
        told = record.keys(numbered.slice(start, SLICE), region=region, day_first=day_first)
        session.register("key_given", told.to_arrow(compat_level=pl.CompatLevel.newest()))
        if start == 0:
            session.keep("key", (compare.SQL / "key_of_file.sql").read_text(encoding="utf-8"))
        else:
            session.con.execute(f"INSERT INTO key {(compare.SQL / 'key_of_file.sql').read_text(encoding='utf-8')}")
    session.con.unregister("key_given")
    session.register("role_inbox", pl.DataFrame({"local_part": list(reference.column("role_inboxes", "local_part"))}))
    session.register("nickname", record.nicknames())
    session.run(compare.SQL / "inbox.sql")
    session.run(compare.SQL / "base.sql")
    session.con.execute("DROP TABLE key")
    shared = session.sql("SELECT count(*), coalesce(sum(records), 0)::BIGINT FROM inbox").fetchall()[0]
    return Inboxes(*shared)


def _named(numbered: pl.DataFrame, ids: pl.Series | None) -> pl.DataFrame:
    """Rows by the file's own ids where every row has one of its own, else by row number from 1.

    A cluster has the name of its first member, shorter names first, so that 9 comes before 10.
    """
    own = ids is not None and ids.null_count() == 0 and ids.n_unique() == ids.len()
    names = ids.alias("record") if own and ids is not None else numbered["row"].cast(pl.String).alias("record")
    frame = numbered.with_columns(names)
    first = (
        frame.sort(pl.col("record").str.len_chars(), "record")
        .group_by("cluster")
        .agg(pl.col("record").first().alias("name"))
    )
    joined = frame.join(first, on="cluster", how="left", maintain_order="left")
    shown = ids.alias("record") if ids is not None and not own and ids.null_count() == 0 else joined["record"]
    return joined.select(shown, cluster="name")


def _quality(session: Session, truth: pl.Series) -> dict[str, object]:
    rows = pl.Series(range(1, truth.len() + 1)).cast(pl.String).str.zfill(12)
    cleaned = pl.select(pl.when(truth.str.strip_chars() != "").then(truth)).to_series()
    session.register("truth_given", pl.DataFrame({"record": rows, "truth": cleaned}))
    session.keep(
        "truth", "SELECT base.r, given.truth FROM truth_given AS given INNER JOIN base ON given.record = base.record"
    )
    counted = session.sql((compare.SQL / "quality.sql").read_text(encoding="utf-8")).pl().row(0, named=True)
    return {
        "pairwise": measures(counted["linked_truly"], counted["linked"], counted["truly"]),
        "cluster": measures(counted["clustered_truly"], counted["clustered"], counted["truly"]),
        "largest_cluster": counted["largest"] or 0,
        "records": truth.len(),
    }


def measures(right: int, found: int, true: int) -> dict[str, float]:
    """Precision, recall and F1 of pairs, rounded to six places; of nothing found nothing is wrong."""
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    return {"precision": round(precision, 6), "recall": round(recall, 6), "f1": round(f1, 6)}
