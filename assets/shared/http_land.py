"""What a CRM's API gave, into `raw`: the same tables that exports land in, one night or several, checked before it is written.

A record belongs to the night of its last change (design section 1): before the first night's end to the first, after the last
night's end to the last. File names are those of an export, so that a source may change from files to the API and back.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.shared import keys
from assets.shared.columns import settle
from assets.shared.delivery import RESULT
from assets.shared.http_compare import Count
from assets.shared.http_state import last_values, live_ids
from assets.shared.lake import Lake
from assets.shared.landing import Extraction
from assets.shared.spool import Spool
from schemas.arrow import arrow_schema
from schemas.contract import kinds
from schemas.delivery import Delivery, Entity, Unreadable

ENDED = "crosswalk_ended"  # the mark of a row that only says that its key is no more; never a column of `staged`


@dataclass
class ApiExtraction(Extraction):
    """An extraction through an API: also what it cost, and what was reconciled. Metadata of the night."""

    stats: dict[str, object] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)


@dataclass
class Landed:
    """One entity's rows of all nights, on their way."""

    entity: Entity
    file: str
    spools: dict[str, Spool]
    ids: list[pa.Array] = field(default_factory=list)
    times: list[pa.Array] = field(default_factory=list)
    live: list[pa.Array] = field(default_factory=list)
    keys: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    base: int = 0  # rows of the same file that came before, by another way


class ApiLanding:
    """The nights of one fetch. `ends`: night -> the instant at which it ends."""

    def __init__(self, lake: Lake, crm: str, entities: Mapping[str, Entity], ends: Mapping[str, datetime]) -> None:
        self.lake = lake
        self.crm = crm
        self.entities = entities
        self.nights = sorted(ends)
        self._ends = np.array([np.datetime64(ends[n].replace(tzinfo=None), "us") for n in self.nights])
        root = lake.root / ".spill"
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
        self.landed: dict[str, list[Landed]] = {}
        self.counts: list[Count] = []

    def add(
        self, name: str, file: str, tables: Iterable[pa.Table], *, modified: Sequence[str] = (), dead: str | None = None
    ) -> int:
        """Rows of one entity as text columns; returns the number of rows as fetched.

        `modified`: columns that tell the night, and the newer of two rows with one id, first that is not blank. `dead`: the
        column that is `true` in a record that is no more.
        """
        entity = self.entities[name]
        part = f"{name}-{len(self.landed.get(name, []))}"
        found = Landed(entity, file, {night: Spool(self.folder / part / night) for night in self.nights})
        found.base = sum(one.rows for one in self.landed.get(name, []) if one.file == file)
        known = [*kinds(entity.model), *((self.lake.schema(keys.raw(self.crm, name)) or pa.schema([])).names)]
        for table in tables:
            rows = table.rename_columns(settle(table.column_names, known))
            self._rows(found, rows, modified, dead)
            pa.default_memory_pool().release_unused()
        self.landed.setdefault(name, []).append(found)
        return found.rows

    def _rows(self, found: Landed, table: pa.Table, modified: Sequence[str], dead: str | None) -> None:
        count = table.num_rows
        if not count:
            for spool in found.spools.values():
                spool.expect(table.column_names)
            return
        night, times = self._night_of(table, modified)
        lines = pa.array(np.arange(1, count + 1) + found.base + found.rows)
        rows = table.append_column("source_file", pa.repeat(found.file, count)).append_column("source_line", lines)
        for number, name in enumerate(self.nights):
            mine = rows if len(self.nights) == 1 else rows.filter(pa.array(night == number))
            found.spools[name].add(mine)
        if len(found.entity.key) == 1:
            found.ids.append(table.column(found.entity.key[0]).combine_chunks())
            found.times.append(times)
            gone = pc.fill_null(pc.equal(table.column(dead), "true"), False) if dead in table.column_names else None
            found.live.append(pc.invert(gone).combine_chunks() if gone is not None else pa.repeat(True, count))
        if modified == ():
            found.keys.append(table.select(list(found.entity.key)))
        found.rows += count

    def _night_of(self, table: pa.Table, modified: Sequence[str]) -> tuple[Any, pa.Array]:
        names = [name for name in dict.fromkeys(modified) if name in table.column_names]
        if not names:
            return np.full(table.num_rows, len(self.nights) - 1), pa.nulls(table.num_rows, pa.int64())
        frame = pl.DataFrame(pl.from_arrow(table.select(names)))
        at = frame.select(pl.coalesce(*(_time(pl.col(name)) for name in names))).to_series()
        filled = at.fill_null(0).to_numpy().astype("datetime64[us]")
        night = np.minimum(np.searchsorted(self._ends, filled, side="right"), len(self.nights) - 1)
        return night, at.to_arrow()

    def ended(self, name: str, file: str, within: pa.Array | None = None) -> None:
        """Add a row for each record that `staged` has and that did not come: of something that is asked for whole each night.

        `within`: only records whose first part of the key is one of these.
        """
        key = list(self.entities[name].key)
        before = pl.DataFrame(pl.from_arrow(live_ids(self.lake, self.crm, name, key, self.nights[0])))
        if within is not None:
            before = before.filter(pl.col(key[0]).is_in(pl.Series(within.to_pylist(), dtype=pl.String).implode()))
        came = [table for one in self.landed.get(name, []) for table in one.keys]
        if came:
            there = pl.DataFrame(pl.from_arrow(pa.concat_tables(came)))
            before = before.join(there, on=key, how="anti", nulls_equal=True)
        self.gone(name, file, before.to_arrow().cast(pa.schema([(n, pa.string()) for n in key])))

    def gone(self, name: str, file: str, ended: pa.Table) -> None:
        """Add a row for each of these keys of records that are no more, with the last values that `staged` has."""
        if ended.num_rows:
            rows = last_values(self.lake, self.crm, name, ended, self.nights[0])
            self.add(name, file, [rows.append_column(ENDED, pa.repeat("true", rows.num_rows))], dead=ENDED)

    def finish(self, stats: Mapping[str, object], notes: list[str], started: float) -> dict[str, ApiExtraction]:
        """Write every night, `delivery` last; one row an id: of several the newest, of those the live one, of those the last.

        `stats`: what the fetch cost. `started`: when it began, seconds since the epoch; the lag behind a night's end.
        """
        found = {}
        for night in self.nights:
            self.lake.drop(keys.raw(self.crm, "delivery"), [night])
        for night in self.nights:
            rows = {name: self._write(name, night) for name in self.entities}
            result = keys.raw(self.crm, RESULT)
            if not self.lake.exists(result):
                spool = Spool(self.folder / RESULT)
                spool.expect(["sf__Id", "sf__Error"])
                self.lake.write(result, night, spool.reader())
            unreadable = keys.raw(self.crm, "unreadable")
            if not self.lake.exists(unreadable) or night in self.lake.nights(unreadable):
                self.lake.write(unreadable, night, pa.Table.from_pylist([], schema=arrow_schema(Unreadable)))
            files = [self._file(one, night) for many in self.landed.values() for one in many]
            found[night] = ApiExtraction(
                rows,
                files,
                list(notes),
                stats={**stats, "lag in minutes": self._lag(night, started)},
                counts=self.counts,
            )
            self.lake.write(
                keys.raw(self.crm, "delivery"),
                night,
                pa.Table.from_pylist(_merged(files), schema=arrow_schema(Delivery)),
            )
        return found

    def _lag(self, night: str, started: float) -> int:
        end = self._ends[self.nights.index(night)].astype("datetime64[s]").astype(np.int64)
        return round((started - int(end)) / 60)

    def ids(self, name: str) -> pa.Array:
        """Ids of an entity's rows so far, as they came."""
        return pa.concat_arrays(
            [pa.array([], pa.string()), *(ids for one in self.landed.get(name, []) for ids in one.ids)]
        )

    def close(self) -> None:
        """Remove the spill."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, night: str) -> int:
        key = keys.raw(self.crm, name)
        many = self.landed.get(name, [])
        if not many:
            if not self.lake.exists(key) or night in self.lake.nights(key):
                spool = Spool(self.folder / f"{name}-none-{night}")
                spool.expect(list(kinds(self.entities[name].model)))
                self.lake.write(key, night, spool.reader())
            return 0
        if (
            not any(one.spools[night].rows for one in many)
            and self.lake.exists(key)
            and night not in self.lake.nights(key)
        ):
            return 0  # nothing changed: an empty commit would say the same
        drop = self._older(many)
        columns: dict[str, None] = dict.fromkeys(
            c for one in many for spool in one.spools.values() for c in spool.columns
        )
        columns = columns or dict.fromkeys(kinds(self.entities[name].model))
        for one in many:
            one.spools[night].expect(list(columns))
        readers = [
            _without(one.spools[night].reader(), drop.get(place, np.empty(0, np.int64)) + 1 + one.base)
            for place, one in enumerate(many)
        ]
        schema = pa.schema(
            [*((c, pa.string()) for c in columns), ("source_file", pa.string()), ("source_line", pa.int64())]
        )
        batches = (
            pa.RecordBatch.from_arrays([b.column(f.name) for f in schema], schema=schema)
            for reader in readers
            for b in reader
        )
        return self.lake.write(key, night, pa.RecordBatchReader.from_batches(schema, batches))

    def _older(self, many: list[Landed]) -> "dict[int, np.ndarray[Any, Any]]":
        """Rows of each part that another row with the same id replaces, by position in the part."""
        if not any(one.ids for one in many):
            return {}
        frame = pl.concat(
            [
                pl.DataFrame(
                    {
                        "id": pl.Series(pl.from_arrow(pa.chunked_array(one.ids))),
                        "time": pl.Series(pl.from_arrow(pa.chunked_array(one.times)), dtype=pl.Int64),
                        "live": pl.Series(pl.from_arrow(pa.chunked_array(one.live))),
                    }
                ).with_columns(pl.lit(place).alias("part"), pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
                for place, one in enumerate(many)
                if one.ids
            ]
        )
        twice = frame.filter(pl.col("id").is_duplicated())
        if twice.is_empty():
            return {}
        worse = twice.sort("id", "time", "live", "part", "row", nulls_last=False).filter(
            pl.int_range(pl.len()).over("id") < pl.len().over("id") - 1
        )
        return {place: worse.filter(pl.col("part") == place)["row"].to_numpy() for place in range(len(many))}

    def _file(self, one: Landed, night: str) -> dict[str, object]:
        spool = one.spools[night]
        return {
            "entity": one.entity.name, "file": one.file, "rows": spool.rows, "unreadable": 0, "bytes": 0,
            "sha256": hashlib.sha256(f"{self.crm}/{one.file}/{night}/{spool.rows}".encode()).hexdigest(), "complete": True,
            "columns": spool.columns, "label_headed": [],
        }  # fmt: skip


def _time(column: pl.Expr) -> pl.Expr:
    """Microseconds since the epoch of ISO 8601 text or epoch milliseconds."""
    text = column.str.replace(r"(Z|\+00:?00)$", "")
    forms = [
        text.str.to_datetime(form, strict=False, time_unit="us") for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    ]
    return pl.coalesce(*forms).cast(pl.Int64).fill_null(column.cast(pl.Int64, strict=False) * 1000)


def _without(reader: pa.RecordBatchReader, lines: "np.ndarray[Any, Any]") -> Iterator[pa.RecordBatch]:
    for batch in reader:
        if len(lines):
            batch = batch.filter(pa.array(~np.isin(batch.column("source_line").to_numpy(), lines)))
        yield batch


def _merged(files: list[dict[str, object]]) -> list[dict[str, object]]:
    """One row a file: parts that came by several ways (live, archived) are one file."""
    found: dict[object, dict[str, object]] = {}
    for file in files:
        if (first := found.get(file["file"])) is None:
            found[file["file"]] = dict(file)
        else:
            first["rows"] = int(str(first["rows"])) + int(str(file["rows"]))
            first["columns"] = list(dict.fromkeys([*_names(first), *_names(file)]))
    return list(found.values())


def _names(file: Mapping[str, object]) -> list[str]:
    columns = file["columns"]
    return [str(c) for c in columns] if isinstance(columns, list) else []
