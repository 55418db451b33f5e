"""Erasing one person: out of every table, every file and every old version, with a proof that names nobody.

A table that has a row of the person is written anew beside the old one and takes its place, so that neither the old
files nor the old log (which keeps the smallest and largest ids) remain. What is left is searched again for the proof.
"""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable

from assets.shared import forget_files, keys, rewrite
from assets.shared.lake import Lake
from assets.shared.list_objects import Others, of_others
from assets.shared.lock import write_whole
from assets.shared.rollback import tables

# Columns that hold HubSpot record ids, which are plain numbers: elsewhere the same number means something else.
_HUBSPOT_ID_COLUMNS = ("hs_object_id", "hubspot_id", "record_id", "recordId", "contact_id", "link", "merged_into")
_OF_PEOPLE = {"hubspot/contact", "hubspot/list_membership", "hubspot/contact_company", "hubspot/unreadable"}
# Where rejected rows have several ids joined into one: the place of the person's.
_PLACE_IN_KEY = {
    keys.rejected("hubspot", entity): keys.id_columns("hubspot", entity).index(column)
    for entity, column in (("list_membership", "recordId"), ("contact_company", "contact_id"))
}
_PAIR_COLUMNS = ("pair_id", "alias")


@dataclass(frozen=True)
class Person:
    """Everything that names one person: HubSpot ids, 18-character Salesforce ids, e-mail addresses in lower case."""

    hubspot: frozenset[str]
    salesforce: frozenset[str]
    emails: frozenset[str]

    @property
    def words(self) -> frozenset[str]:
        """What names the person wherever it stands; a HubSpot id is a mere number."""
        return self.salesforce | self.emails | frozenset(i[:15] for i in self.salesforce)

    @property
    def composite(self) -> str:
        """A pattern of ids with their place before them, as identities name records: `hubspot/contact/1`."""
        ids = sorted(self.hubspot | self.salesforce)
        return f"(?:^|[/:;])(?:contact|lead)/(?:{'|'.join(ids)})(?:$|[^0-9A-Za-z])" if ids else ""


@dataclass
class Proof:
    """How many rows left which table, which files were written anew, and what a second search found (nothing)."""

    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    remaining: int = 0

    def as_dict(self, at: str) -> dict[str, Any]:
        """The proof as it is kept: no id, no address."""
        return {"at": at, "rows_erased": self.rows, "files_rewritten": self.files, "remaining": self.remaining}


def erase(lake: Lake, person: Person) -> Proof:
    """Erase a person from the lake. Hold its lock. Ends with a search; `remaining` is what it found."""
    rewrite.finish(lake)
    proof = Proof()
    others = of_others(lake)
    for key in tables(lake):
        if erased := _erase_rows(lake, key, person, others):
            proof.rows[key] = erased
        else:
            _purge(lake, key, person, others)
    proof.files = forget_files.erase(lake.root / "files", person.words, person.hubspot)
    for folder in (".spill", ".fetch"):  # a fetch that was stopped begins anew
        if (lake.root / folder).exists():
            shutil.rmtree(lake.root / folder)
    proof.remaining = sum(
        _matching(lake, key, person, others).select(pl.len()).collect().item() for key in tables(lake)
    )
    proof.remaining += forget_files.still_naming(lake.root / "files", person.words, person.hubspot)
    return proof


def _erase_rows(lake: Lake, key: str, person: Person, others: Others) -> int:
    found = int(_matching(lake, key, person, others).select(pl.len()).collect().item())
    if found:
        _rewrite(lake, key, person, others)
    return found


def _purge(lake: Lake, key: str, person: Person, others: Others) -> None:
    """Of a table that has no row of the person now: old versions, what killed runs left, and a log that names the person."""
    if _named_in_log(lake, key, person):
        _rewrite(lake, key, person, others)
        return
    table = DeltaTable(str(lake.root / key))
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)


def _named_in_log(lake: Lake, key: str, person: Person) -> bool:
    """Whether the smallest or largest id of some file, old ones too, is the person's."""
    log = lake.root / key / "_delta_log"
    said = [path.read_text() for path in log.glob("*.json")]
    for path in log.glob("*.checkpoint*.parquet"):
        stats = pl.read_parquet(path, columns=["add"])["add"].struct.unnest()
        said += stats["stats"].drop_nulls().to_list() if "stats" in stats.columns else []
    ids = person.hubspot | person.salesforce | frozenset(i[:15] for i in person.salesforce)
    texts = [text.replace("\\", "") for text in said]  # what is counted of a file is JSON within JSON
    return any(f'"{one}"' in text for text in texts for one in ids)


def _rewrite(lake: Lake, key: str, person: Person, others: Others) -> None:
    def kept(night: str) -> pa.Table:
        frame = _scan(lake, key, [night])
        rows = frame.filter(~_condition(frame, key, person, others)).drop("night").collect()
        return rows.to_arrow().cast(_plain(rows))

    rewrite.write_anew(lake, key, kept)


def _matching(lake: Lake, key: str, person: Person, others: Others) -> pl.LazyFrame:
    nights = lake.nights(key)
    if not nights:
        return pl.LazyFrame({"night": []})
    frame = _scan(lake, key, nights)
    return frame.filter(_condition(frame, key, person, others))


def _scan(lake: Lake, key: str, nights: list[str]) -> pl.LazyFrame:
    if not lake.files(key, nights):
        empty = pl.DataFrame(pl.from_arrow((lake.schema(key) or pa.schema([])).empty_table()))
        return empty.lazy().with_columns(pl.lit(nights[0]).alias("night"))
    frame = pl.scan_parquet(
        lake.files(key, nights),
        hive_partitioning=True,
        try_parse_hive_dates=False,
        missing_columns="insert",
        extra_columns="ignore",
    )
    return frame.with_columns(pl.col("night").cast(pl.String))


def _condition(frame: pl.LazyFrame, key: str, person: Person, others: Others) -> pl.Expr:
    """Rows in which any cell names the person: an id or address alone, or as a part of a list separated by semicolons."""
    schema = frame.collect_schema()
    texts = [pl.col(name) for name, kind in schema.items() if kind == pl.String and name != "night"]
    texts += [pl.col(name).list.join(";") for name, kind in schema.items() if kind == pl.List(pl.String)]
    words = sorted({word.lower() for word in person.words})
    parts = [cell.str.to_lowercase().str.split(";") for cell in texts]
    found = [
        part.list.eval(pl.element().str.strip_chars().is_in(words)).list.any().fill_null(value=False) for part in parts
    ]
    if person.composite:
        found += [cell.str.contains(person.composite).fill_null(value=False) for cell in texts]
    found += _numbers(list(schema), key, person, others)
    pairs = sorted({f"hs:{i}" for i in person.hubspot} | {f"sf:{i}" for i in person.salesforce})
    own = _of_people(set(schema))
    found += [(pl.col(name).is_in(pairs) & own).fill_null(value=False) for name in _PAIR_COLUMNS if name in schema]
    return pl.any_horizontal(found) if found else pl.lit(value=False)


def _numbers(columns: Iterable[str], key: str, person: Person, others: Others) -> list[pl.Expr]:
    names = set(columns)
    entity = "/".join(key.split("/")[1:])
    if key.split("/")[0] in ("raw", "staged", "rejected") and entity not in _OF_PEOPLE:
        return []
    ids, people = sorted(person.hubspot), _of_people(names)
    if key == keys.MEMBERSHIP:
        people = ~others.of_night("night", "segment_id")
    elif key == keys.raw("hubspot", "unreadable"):
        people = pl.col("entity") == "contact"
    elif "listId" in names:
        people = ~others.of_list(pl.col("listId"))
    elif key in _PLACE_IN_KEY:
        parts = pl.col("record_id").str.split("/")
        known = parts.list.get(_PLACE_IN_KEY[key], null_on_oob=True).is_in(ids)
        listed = others.of_list(parts.list.first()) if key.endswith("list_membership") else pl.lit(value=False)
        return [(known & ~listed).fill_null(value=False)]
    return [(pl.col(name).is_in(ids) & people).fill_null(value=False) for name in _HUBSPOT_ID_COLUMNS if name in names]


def _of_people(names: set[str]) -> pl.Expr:
    """Rows about a person, where a table has companies as well: a company may have a contact's number."""
    if "object" in names:
        return pl.col("object").is_in(["person", "contact", "lead"])
    return pl.col("salesforce_object") != "Account" if "salesforce_object" in names else pl.lit(value=True)


def _plain(frame: pl.DataFrame) -> Any:
    """Arrow types of the lake: plain strings, never `large_`."""

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return pa.string()
        if pa.types.is_large_list(kind) or pa.types.is_list(kind):
            return pa.list_(plain(kind.value_type))
        if pa.types.is_struct(kind):
            return pa.struct([pa.field(f.name, plain(f.type)) for f in kind])
        return kind

    return pa.schema([pa.field(f.name, plain(f.type)) for f in frame.to_arrow().schema])


def write_proof(root: Path, proof: Proof, at: str) -> Path:
    """Keep the proof under `<lake>/forgotten/`, named by its time."""
    folder = root / "forgotten"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{re.sub('[^0-9TZ]', '', at)}.json"
    write_whole(path, json.dumps(proof.as_dict(at), indent=1) + "\n")
    return path
