"""Lists and segments whose members are no contacts: HubSpot numbers the records of each object for itself.

The tables of memberships have no object; the list or segment that a membership belongs to tells it. What no table tells
the object of has contacts, as a list without `objectTypeId` does.
"""

from dataclasses import dataclass

import polars as pl

from assets.shared import keys
from assets.shared.lake import Lake
from schemas.segment_definition import OBJECT_TYPES

_TABLES = (keys.raw("hubspot", "list"), keys.staged("hubspot", "list"))
_CONTACT = next(number for number, name in OBJECT_TYPES.items() if name == "contact")


@dataclass(frozen=True)
class Others:
    """Ids of lists of other objects, whatever the night, and `<night>/<segment id>` of segments of other objects."""

    lists: frozenset[str]
    segments: frozenset[str]

    def of_list(self, list_id: pl.Expr) -> pl.Expr:
        """Whether a list has other members than contacts; false where the list is not known."""
        return list_id.str.strip_chars().is_in(sorted(self.lists)).fill_null(value=False)

    def of_night(self, night: str, segment_id: str) -> pl.Expr:
        """Whether a segment, named by the columns of its night and id, had other members than contacts on that night."""
        named = pl.concat_str(night, segment_id, separator="/").is_in(sorted(self.segments)).fill_null(value=False)
        return named | self.of_list(pl.col(segment_id))


def of_others(lake: Lake) -> Others:
    """What all nights of a lake say. A list that was ever said to be of contacts is."""
    said = pl.concat([_said(lake, key) for key in _TABLES])
    other = said.group_by("list").agg(pl.col("is_other").all()).filter("is_other")["list"]
    return Others(frozenset(other.drop_nulls()), _segments(lake))


def _said(lake: Lake, key: str) -> pl.DataFrame:
    """List and whether its members are others than contacts, a row a version; files of one table may differ in columns."""
    empty = pl.LazyFrame(schema={"listId": pl.String, "objectTypeId": pl.String})
    files = [pl.scan_parquet(file, hive_partitioning=False) for file in lake.files(key)]
    kind = pl.col("objectTypeId").str.strip_chars()
    return (
        pl.concat([empty, *files], how="diagonal")
        .select(list=pl.col("listId").str.strip_chars(), is_other=(kind != _CONTACT).fill_null(value=False))
        .unique()
        .collect()
    )


def _segments(lake: Lake) -> frozenset[str]:
    files = lake.files(keys.DEFINITION)
    if not files:
        return frozenset()
    told = pl.scan_parquet(files, hive_partitioning=True, try_parse_hive_dates=False).filter(
        pl.col("object") != "contact"
    )
    return frozenset(told.select(pl.concat_str("night", "segment_id", separator="/")).collect().to_series())
