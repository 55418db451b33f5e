"""What a CRM's API gave, into `raw`: the same tables that exports land in, one night or several, checked before it is written.

A record belongs to the night of its last change (design section 1): before the first night's end to the first, after the last
night's end to the last. File names are those of an export, so that a source may change from files to the API and back.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.shared import keys
from assets.shared.columns import settle
from assets.shared.delivery import RESULT
from assets.shared.failures import InputRefused
from assets.shared.http_compare import Count, too_many_gone
from assets.shared.http_part import (
    CameTwice,
    Kept,
    Landed,
    Spilled,
    Tables,
    each_once,
    heard,
    merged,
    older,
    schema_of,
    without,
)
from assets.shared.http_state import last_values, live_ids
from assets.shared.lake import Lake
from assets.shared.landing import Extraction
from assets.shared.spool import Spool
from schemas.arrow import arrow_schema
from schemas.contract import kinds
from schemas.delivery import Delivery, Entity, Unreadable

GROUP = 4_096  # rows of a row group: a fetch holds pages besides
ENDED = "crosswalk_ended"  # the mark of a row that only says that its key is no more; never a column of `staged`


@dataclass
class ApiExtraction(Extraction):
    """An extraction through an API: also what it cost, and what was reconciled. Metadata of the night."""

    stats: dict[str, object] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)


class ApiLanding:
    """The nights of one fetch. `ends`: night -> the instant at which it ends."""

    def __init__(self, lake: Lake, crm: str, entities: Mapping[str, Entity], ends: Mapping[str, datetime]) -> None:
        self.lake = lake
        self.crm = crm
        self.entities = entities
        self.nights = sorted(ends)
        self._ends = np.array([np.datetime64(ends[n].replace(tzinfo=None), "us") for n in self.nights])
        self.folder = lake.spill_folder()
        self.landed: dict[str, list[Landed]] = {}
        self.counts: list[Count] = []
        self.missed: dict[str, tuple[int, int]] = {}  # by entity: records gone without a trace, of how many

    def add(
        self, name: str, file: str, tables: Iterable[pa.Table], *, modified: Sequence[str] = (), dead: str | None = None
    ) -> int:
        """Rows of one entity as text columns; returns the number of rows as fetched.

        `modified`: columns that tell the night, and the newer of two rows with one id, first that is not blank. `dead`: the
        column that is `true` in a record that is no more.
        """
        entity = self.entities[name]
        part = f"{name}-{len(self.landed.get(name, []))}"
        found = Spilled(entity, file, {night: Spool(self.folder / part / night) for night in self.nights})
        found.base = self._before(name, file)
        known = self._known(name)
        for table in tables:
            rows = table.rename_columns(settle(table.column_names, known))
            self._rows(found, rows, modified, dead)
            pa.default_memory_pool().release_unused()
        self.landed.setdefault(name, []).append(found)
        return found.rows

    def keep(
        self,
        name: str,
        file: str,
        tables: Tables,
        rows: int,
        ids: Callable[[], pa.Array],
        *,
        modified: Sequence[str],
        dead: str,
    ) -> None:
        """As `add`, of rows that a fetch keeps on disk and that `tables` reads from there: no copy is spilled for one night.

        `rows`: how many they are; `ids`: their ids, as text.
        """
        if len(self.nights) > 1:
            self.add(name, file, tables(), modified=modified, dead=dead)
            return
        made = Kept(
            self.entities[name], file, tables, rows, ids, modified, dead, self._known(name), self._before(name, file)
        )
        self.landed.setdefault(name, []).append(made)

    def _known(self, name: str) -> list[str]:
        """Names that columns should have."""
        there = self.lake.schema(keys.raw(self.crm, name)) or pa.schema([])
        return [*kinds(self.entities[name].model), *there.names]

    def _before(self, name: str, file: str) -> int:
        """Rows of a file that came already."""
        return sum(one.rows for one in self.landed.get(name, []) if one.file == file)

    def _rows(self, found: Spilled, table: pa.Table, modified: Sequence[str], dead: str | None) -> None:
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
        live = live_ids(self.lake, self.crm, name, key, self.nights[0])
        if not live.num_rows:
            return
        before = pl.DataFrame(pl.from_arrow(live))
        if within is not None:
            before = before.filter(pl.col(key[0]).is_in(pl.Series(within.to_pylist(), dtype=pl.String).implode()))
        came = [table for one in self.landed.get(name, []) if isinstance(one, Spilled) for table in one.keys]
        if came:
            there = pl.DataFrame(pl.from_arrow(pa.concat_tables(came)))
            before = before.join(there, on=key, how="anti", nulls_equal=True)
        self.gone(name, file, before.to_arrow().cast(pa.schema([(n, pa.string()) for n in key])))

    def gone(self, name: str, file: str, ended: pa.Table, of: int | None = None) -> None:
        """Add a row for each of these keys of records that are no more, with the last values that `staged` has.

        `of`: how many there were, where they are records that a comparison of all ids misses.
        """
        if of:
            self.missed[name] = (ended.num_rows, of)
        if ended.num_rows:
            rows = last_values(self.lake, self.crm, name, ended, self.nights[0])
            self.add(name, file, [rows.append_column(ENDED, pa.repeat("true", rows.num_rows))], dead=ENDED)
            self.landed[name][-1].says = False

    def refuse_shrunk(self, max_shrink: float | None) -> None:
        """Raises InputRefused where a larger share of an object's records is gone: a token that sees less looks the same."""
        problems = [] if max_shrink is None else too_many_gone(self.crm, self.missed, max_shrink)
        if problems:
            raise InputRefused(problems)

    def finish(self, stats: Mapping[str, object], notes: list[str], started: float) -> dict[str, ApiExtraction]:
        """Write every night, `delivery` last; one row an id: of several the newest, of those the live one, of those the last.

        `stats`: what the fetch cost. `started`: when it began, seconds since the epoch; the lag behind a night's end.
        """
        found = {}
        for night in self.nights:
            self.lake.drop(keys.raw(self.crm, "delivery"), [night])
        for night in self.nights:
            files = [self._file(one, night) for many in self.landed.values() for one in many]
            rows = {name: self._write(name, night) for name in self.entities}
            result = keys.raw(self.crm, RESULT)
            if not self.lake.exists(result):
                spool = Spool(self.folder / RESULT)
                spool.expect(["sf__Id", "sf__Error"])
                self.lake.write(result, night, spool.reader())
            unreadable = keys.raw(self.crm, "unreadable")
            if not self.lake.exists(unreadable) or night in self.lake.nights(unreadable):
                self.lake.write(unreadable, night, pa.Table.from_pylist([], schema=arrow_schema(Unreadable)))
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
                pa.Table.from_pylist(merged(files), schema=arrow_schema(Delivery)),
            )
        return found

    def _lag(self, night: str, started: float) -> int:
        end = self._ends[self.nights.index(night)].astype("datetime64[s]").astype(np.int64)
        return round((started - int(end)) / 60)

    def ids(self, name: str) -> pa.Array:
        """Ids of an entity's rows so far, as they came."""
        return pa.concat_arrays([pa.array([], pa.string()), *(one.all_ids() for one in self.landed.get(name, []))])

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
        if not any(one.rows_of(night) for one in many) and self.lake.exists(key) and night not in self.lake.nights(key):
            return 0  # nothing changed: an empty commit would say the same
        try:
            return self._stream(name, night)
        except CameTwice:
            self.landed[name] = []
            for one in many:
                if isinstance(one, Kept):
                    self.add(name, one.file, one.tables(), modified=one.modified, dead=one.dead)
                else:
                    self.landed[name].append(one)
            return self._stream(name, night)

    def _stream(self, name: str, night: str) -> int:
        """Write one night of an entity. Raises CameTwice, and writes nothing, where it must be seen which row of an id stays."""
        many = self.landed[name]
        spilled = [one for one in many if isinstance(one, Spilled)]
        drop = older(spilled) if len(spilled) == len(many) else {}
        columns = dict.fromkeys(c for one in many for n in self.nights for c in one.columns_of(n))
        schema = schema_of(columns or kinds(self.entities[name].model))
        batches: Iterable[pa.RecordBatch] = (
            batch
            for place, one in enumerate(many)
            for batch in without(one.batches(night, schema), drop.get(place, np.empty(0, np.int64)) + 1 + one.base)
        )
        if len(spilled) < len(many):
            batches = each_once(batches, self.entities[name].key[0])
        raised: list[Exception] = []
        try:
            reader = pa.RecordBatchReader.from_batches(schema, heard(batches, raised))
            return self.lake.write(keys.raw(self.crm, name), night, reader, GROUP)
        except Exception:
            if raised:
                raise raised[0] from None  # the writer has words of its own for it
            raise

    def _file(self, one: Landed, night: str) -> dict[str, object]:
        rows = one.rows_of(night)
        return {
            "entity": one.entity.name, "file": one.file, "rows": rows, "unreadable": 0, "bytes": 0,
            "sha256": hashlib.sha256(f"{self.crm}/{one.file}/{night}/{rows}".encode()).hexdigest(), "complete": True,
            "columns": one.columns_of(night) if one.says else [], "label_headed": [],
        }  # fmt: skip


def _time(column: pl.Expr) -> pl.Expr:
    """Microseconds since the epoch of ISO 8601 text or epoch milliseconds."""
    text = column.str.replace(r"(Z|\+00:?00)$", "")
    forms = [
        text.str.to_datetime(form, strict=False, time_unit="us") for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    ]
    return pl.coalesce(*forms).cast(pl.Int64).fill_null(column.cast(pl.Int64, strict=False) * 1000)
