"""Bulk updates of lifecycle stages (section 1.5): requested stages in, operations out, and what would have come to nothing.

Works as an import (a file: forward only, unless told to clear first) or as a workflow (a segment: backward too, by
clearing, then setting). The operations have the shape of out/delta/hubspot; a backward move is a `clear` (sequence 1)
and an `update` (sequence 2), which the files keep apart.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl
import pyarrow as pa

from schemas.arrow import arrow_schema
from schemas.sync import Delta

Stages = tuple[tuple[str, str], ...]
FIELD = "lifecyclestage"
RULE = "lifecycle"
_IGNORED = ["line", "record_id", "code"]


@dataclass(frozen=True)
class StagePlan:
    """Operations (columns of out/delta/hubspot, without the night), and requests that change nothing, with a code.

    `ignored` has `line` (of the file, null for a segment), `record_id` (null where none was found) and `code`:
    `stage_unknown`, `stage_blank`, `record_not_found`, `doubled_row`, `stage_backward`.
    """

    operations: pa.Table
    ignored: pa.Table


def plan_stages(
    requests: pa.Table,
    records: pa.Table,
    names: pa.Table,
    stages: Stages,
    *,
    object_name: Literal["contact", "company"],
    backward: Literal["ignore", "clear_then_set"],
    because: str,
    night: str,
) -> StagePlan:
    """What a bulk update does.

    `requests`: `line`, `record_id`, `name` (e-mail or domain), `stage` (internal value or English label), in file order.
    `records`: `record_id`, `key`, `stage` of living records. `names`: `name`, `record_id`, secondary e-mails included
    (P2-2G). `stages`: the portal's order as (internal value, accepted label). The record id counts before the name; of
    several rows for one record the last one with a stage counts (P2-9D).
    """
    wanted = _recognised(pl.DataFrame(requests), pl.DataFrame(names), stages)
    living = pl.DataFrame(records).rename({"stage": "stage_now"}).with_columns(is_there=True)
    found = wanted.join(living, on="record_id", how="left", maintain_order="left")
    found = found.with_columns(code=_first_code())
    last = found.filter(pl.col("code").is_null()).with_columns(
        newest=pl.col("line_no").max().over("record_id") == pl.col("line_no")
    )
    doubled = last.filter(~pl.col("newest")).with_columns(code=pl.lit("doubled_row"))
    moves = last.filter("newest").with_columns(
        now_place=pl.col("stage_now").replace_strict(_places(stages), default=None, return_dtype=pl.Int64)
    )
    moves = moves.filter(pl.col("wanted").ne_missing(pl.col("stage_now")))
    goes_back = pl.col("now_place").is_not_null() & (pl.col("place") < pl.col("now_place"))
    back = moves.filter(goes_back)
    forward = moves.filter(~goes_back)
    ignored = [found.filter(pl.col("code").is_not_null()), doubled]
    if backward == "ignore":
        ignored.append(back.with_columns(code=pl.lit("stage_backward")))
        operations = [_operations(forward, "update", object_name, because, night)]
    else:
        operations = [
            _operations(back, "clear", object_name, because, night),
            _operations(back.with_columns(stage_now=pl.lit(None, pl.String)), "update", object_name, because, night),
            _operations(forward, "update", object_name, because, night),
        ]
    listed = pl.concat([f.select("line_no", *_IGNORED) for f in ignored]).sort("line_no", "record_id").select(_IGNORED)
    return StagePlan(pa.concat_tables(operations), listed.to_arrow())


def _recognised(requests: pl.DataFrame, names: pl.DataFrame, stages: Stages) -> pl.DataFrame:
    """Requests with the record they mean, the internal value they ask for and its place."""
    by_name = names.with_columns(folded=_folded("name")).unique("folded", keep="first", maintain_order=True)
    internal = {value: value for value, _ in stages}
    labels = {label.strip().lower(): value for value, label in stages}
    stage = pl.col("stage").str.strip_chars()
    return (
        requests.with_row_index("line_no")
        .with_columns(folded=_folded("name"), record_id=pl.col("record_id").str.strip_chars().replace("", None))
        .join(by_name.select("folded", found="record_id"), on="folded", how="left", maintain_order="left")
        .with_columns(
            record_id=pl.coalesce("record_id", "found"),
            blank=stage.fill_null("") == "",
            wanted=pl.coalesce(
                stage.replace_strict(internal, default=None, return_dtype=pl.String),
                stage.str.to_lowercase().replace_strict(labels, default=None, return_dtype=pl.String),
            ),
        )
        .with_columns(place=pl.col("wanted").replace_strict(_places(stages), default=None, return_dtype=pl.Int64))
        .drop("stage", "name", "folded", "found")
    )


def _first_code() -> pl.Expr:
    """Why a request can do nothing, whatever the record's stage is; null where it can."""
    return (
        pl.when("blank")
        .then(pl.lit("stage_blank"))
        .when(pl.col("wanted").is_null())
        .then(pl.lit("stage_unknown"))
        .when(pl.col("is_there").is_null())
        .then(pl.lit("record_not_found"))
    )


def _operations(moves: pl.DataFrame, op: str, object_name: str, because: str, night: str) -> pa.Table:
    change = pl.struct(
        field=pl.lit(FIELD),
        before=pl.col("stage_now"),
        after=pl.lit(None, pl.String) if op == "clear" else pl.col("wanted"),
        rule=pl.lit(RULE),
        because=pl.lit(because),
    )
    frame = moves.select(
        system=pl.lit("hubspot"),
        object=pl.lit(object_name),
        op=pl.lit(op),
        record_id=pl.col("record_id"),
        key=pl.col("key"),
        link=pl.lit(None, pl.String),
        changes=pl.concat_list(change),
        sequence=pl.lit(1 if op == "clear" else 2, pl.Int64),
        since=pl.lit(night),
        reasons=pl.concat_list(pl.lit(RULE)),
        warnings=pl.lit([], pl.List(pl.String)),
        marketing=pl.lit(None, pl.Boolean),
    )
    return frame.to_arrow().cast(arrow_schema(Delta))


def _places(stages: Stages) -> dict[str, int]:
    return {value: place for place, (value, _) in enumerate(stages)}


def _folded(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().replace("", None)
