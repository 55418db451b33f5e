"""Keeps out of our own files what the CRM would refuse or drop: a value in HubSpot, the whole record in Salesforce.

HubSpot drops a bad value and writes the rest of the row (P2-9C), so that value stays out and the rest goes. Salesforce
refuses the record for one bad field (P2-C2), so the operation stays out and is pending. Both are listed with their cause.
"""

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import reference
from assets.import_files.held import Held
from assets.import_files.packages import Package
from assets.import_files.pivot import Slice
from assets.import_files.rules import BLANK, Check
from schemas.imports import Effect

Checks = dict[str, list[Check]]


def single(package: Package, rows: Slice, key: str | None, held: Held) -> Slice:
    """Without creates whose key several of them, or a record that is there, have: one would write over the other."""
    doubled = rows.column("is_doubled")
    if not _any(doubled):
        return rows
    held.operations(package, "duplicate_external_id", key, rows, doubled)
    return rows.keep(pc.invert(doubled))


def value_wise(package: Package, rows: Slice, checks: Checks, held: Held) -> Slice:
    """Without the values that HubSpot would drop, and without the rows that it would refuse."""
    values = dict(rows.values)
    refused = _nothing(rows)
    for name, demands in checks.items():
        for check in demands:
            bad = check.bad(values[name])
            if not _any(bad):
                continue
            if check.effect is Effect.VALUE_DROPPED:
                held.values(package, check.code, name, rows, bad)
                values[name] = pc.if_else(bad, pa.scalar(None, pa.string()), values[name])
            else:
                held.operations(package, check.code, name, rows, pc.and_not(bad, refused))
                refused = pc.or_(refused, bad)
    kept = rows.replace(values)
    return kept.keep(pc.invert(refused)) if _any(refused) else kept


def record_wise(package: Package, rows: Slice, checks: Checks, held: Held) -> Slice:
    """Without the operations one of whose values Salesforce would refuse, or would read as `#N/A` though it is data."""
    refused = _nothing(rows)
    if rows.literal is not None and _any(rows.literal):
        held.operations(package, "literal_null_marker", None, rows, rows.literal)
        refused = rows.literal
    for name, demands in checks.items():
        for check in demands:
            bad = pc.and_not(check.bad(rows.values[name]), refused)
            if _any(bad):
                held.operations(package, check.code, name, rows, bad)
                refused = pc.or_(refused, bad)
    return rows.keep(pc.invert(refused)) if _any(refused) else rows


def required(package: Package, rows: Slice, names: list[str], held: Held) -> Slice:
    """Without the creates that leave a required field blank: Salesforce would refuse the record (P2-07)."""
    for name in names:
        values = rows.values.get(name)
        blank = _everything(rows) if values is None else pc.equal(pc.fill_null(values, ""), "")
        if _any(blank):
            held.operations(package, "required_field_missing", name, rows, blank)
            rows = rows.keep(pc.invert(blank))
    return rows


def small(package: Package, rows: Slice, held: Held) -> Slice:
    """Without the operations that have more characters than a record of Salesforce's may have (P2-B2)."""
    most = reference.limits().salesforce.max_record_chars
    size = pa.array([0] * rows.rows, pa.int64())
    for values in rows.values.values():
        size = pc.add(size, pc.fill_null(pc.utf8_length(values), 0))
    large = pc.greater(size, most)
    if not _any(large):
        return rows
    held.operations(package, "field_too_long", None, rows, large)
    return rows.keep(pc.invert(large))


def filled(package: Package, rows: Slice, names: list[str], held: Held) -> Slice:
    """Without the `#N/A` of fields that cannot be blank (P2-07); the rest of the update goes.

    The plan refuses such an update. What is left is taking back a value that filled a blank which the org no longer takes.
    """
    values = dict(rows.values)
    for name in names:
        blank = pc.equal(pc.fill_null(values[name], ""), BLANK)
        if _any(blank):
            held.values(package, "required_field_missing", name, rows, blank)
            values[name] = pc.if_else(blank, pa.scalar(None, pa.string()), values[name])
    if all(values[name] is rows.values[name] for name in names):
        return rows
    said = _nothing(rows)
    for column in values.values():
        said = pc.or_(said, pc.is_valid(column))
    return rows.replace(values).keep(said)


def _any(mask: pa.Array) -> bool:
    return bool(pc.any(mask, min_count=0).as_py())


def _nothing(rows: Slice) -> pa.Array:
    return pc.is_null(rows.column("rank"))


def _everything(rows: Slice) -> pa.Array:
    return pc.is_valid(rows.column("rank"))
