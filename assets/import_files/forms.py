"""The form in which a value stands in a file. A value that has it already is not touched; one that cannot get it, neither.

Deltas give values in the target's own form; what is done here is what only a file asks for, and repair of the harmless.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells

_UTC_MILLISECONDS = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$"
_ZONED = ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z"]
_LOCAL = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def replacing(values: pa.Array) -> pa.Array:
    """Multiple checkboxes so that they replace: a leading semicolon would append (P2-98)."""
    return pc.replace_substring_regex(values, r"^\s*;+\s*", "")


def bulk_datetime(values: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Times as `yyyy-MM-ddTHH:mm:ss.SSSZ`; a time without an offset is one of the configured zone (P2-B5)."""
    return _converted(
        values, cells.matches(_UTC_MILLISECONDS), lambda s: _utc(s, zone).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    )


def plain_date(values: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Days as `yyyy-MM-dd`; of a time, the day that it is in the configured zone (P2-B5, P2-98)."""
    return _converted(values, cells.is_iso_date, lambda s: _day(s, zone).dt.strftime("%Y-%m-%d"))


def _converted(values: pa.Array, has_form: cells.Predicate, convert: Callable[[pl.Series], pl.Series]) -> pa.Array:
    good = pc.fill_null(has_form(values), True)
    if pc.all(good, min_count=0).as_py():
        return values
    repaired = convert(pl.Series(values.cast(pa.large_string()))).to_arrow().cast(pa.string())
    return pc.if_else(good, values, pc.coalesce(repaired, values))


def _utc(values: pl.Series, zone: ZoneInfo) -> pl.Series:
    return values.to_frame("v").select(
        pl.coalesce(
            *(
                pl.col("v").str.to_datetime(f, time_unit="us", time_zone="UTC", strict=False)
                for f in _with_zulu(_ZONED)
            ),
            *(
                pl.col("v")
                .str.to_datetime(f, time_unit="us", strict=False)
                .dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
                .dt.convert_time_zone("UTC")
                for f in _LOCAL
            ),
        )
    )["v"]


def _day(values: pl.Series, zone: ZoneInfo) -> pl.Series:
    return _utc(values, zone).dt.convert_time_zone(zone.key).dt.date()


def _with_zulu(formats: list[str]) -> list[str]:
    return [*formats, *(f.replace("%:z", "Z") for f in formats), *(f.replace("%:z", "%z") for f in formats)]
