"""Rows of text against their contract: good rows typed, the others with all their reasons. One batch at a time.

Cells are read first; the pandera declaration then judges the typed frame, so that it is the one place that says what is
wrong with a value. No cell value leaves this module except inside a row.
"""

from collections.abc import Sequence

import polars as pl
from pandera.errors import SchemaErrors

from assets.shared.parse import addresses, salesforce_id_lists, salesforce_ids, typed
from schemas.contract import POLARS, SALESFORCE_ID, Broken, Contract, Kind, broken

SOURCE = ("source_file", "source_line")
KEY = "record_key"


def split(
    batch: pl.DataFrame, contract: Contract, key: Sequence[str], blank: Sequence[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good rows, typed, and the rejected ones.

    `batch` has the contract's columns as text, `source_file` and `source_line`. Good rows have the same columns and
    `record_key`, the parts of `key` joined by `/`; those in `blank` may be null. Rejected ones are in the shape of
    `schemas.delivery.Rejected`.
    """
    typed_frame = batch.with_columns([read(batch[name], kind, contract) for name, kind in contract.kinds.items()])
    typed_frame = typed_frame.with_columns(record_key(key, blank))
    found = [_unread(batch, typed_frame, contract), _judged(typed_frame, contract)]
    reasons = pl.concat(found).unique().group_by("index").agg(pl.col("reason").sort().alias("reasons"))
    if reasons.is_empty():
        nothing = pl.DataFrame(schema={"record_id": pl.String, "reasons": pl.List(pl.String)})
        return typed_frame, nothing.hstack(typed_frame.select(*SOURCE).clear())
    hit = pl.repeat(False, typed_frame.height, eager=True).scatter(reasons["index"], True)
    broken_rows = typed_frame.select(pl.col(KEY).alias("record_id"), *SOURCE).with_row_index("index")
    rejected = broken_rows.with_columns(pl.col("index").cast(pl.Int64)).join(reasons, on="index")
    good = typed_frame.filter(~hit)
    return good, rejected.select("record_id", "reasons", *SOURCE)


def read(cells: pl.Series, kind: Kind, contract: Contract) -> pl.Series:
    """One column as the type of its kind; ids of Salesforce in 18 characters."""
    if kind in (Kind.REFERENCE, Kind.LINK) or (kind is Kind.ID and _is_salesforce(contract, cells.name)):
        return salesforce_ids(cells).alias(cells.name)
    if kind is Kind.LINKS:
        return salesforce_id_lists(cells).alias(cells.name)
    if kind is Kind.ID:
        return cells.str.strip_chars()
    if kind is Kind.EMAIL:
        return addresses(cells).alias(cells.name)
    return typed(cells, kind).alias(cells.name)


def record_key(key: Sequence[str], blank: Sequence[str] = ()) -> pl.Expr:
    """What identifies a record, as one text; null where a part is that is not one of `blank`."""
    parts = [pl.col(name).fill_null("") if name in blank else pl.col(name) for name in key]
    return pl.concat_str(parts, separator="/").alias(KEY)


def _unread(batch: pl.DataFrame, typed_frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Cells that had text and have no value."""
    parts = [_NOTHING]
    for name, kind in contract.kinds.items():
        if kind in POLARS and typed_frame[name].null_count() > batch[name].null_count():
            rows = (batch[name].is_not_null() & typed_frame[name].is_null()).arg_true().cast(pl.Int64)
            parts.append(
                pl.DataFrame({"index": rows, "reason": [f"{Broken.INVALID_FORMAT.value}: {name}"] * rows.len()})
            )
    return pl.concat(parts)


def _judged(typed_frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """What pandera has against the typed rows."""
    try:
        contract.validator.validate(typed_frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        pairs = cases.select("column", "check").unique().rows()
        codes = {(column, check): f"{broken(contract.kinds[column], check).value}: {column}" for column, check in pairs}
        coded = pl.DataFrame(
            [(column, check, code) for (column, check), code in codes.items()],
            schema={"column": pl.String, "check": pl.String, "reason": pl.String},
            orient="row",
        )
        joined: pl.DataFrame = cases.join(coded, on=["column", "check"], nulls_equal=True)
        return joined.select(pl.col("index").cast(pl.Int64), "reason")
    return _NOTHING


def _is_salesforce(contract: Contract, name: str) -> bool:
    checks = contract.validator.columns[name].checks
    return any(SALESFORCE_ID in str(check) for check in checks)


_NOTHING = pl.DataFrame(schema={"index": pl.Int64, "reason": pl.String})
