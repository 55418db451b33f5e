"""Predicates over text columns: which cells are an e-mail, a number, a date of an order, and so on.

Each takes an Arrow text array without nulls that matter (a null gives null) and returns booleans; none knows a rule.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Predicate = Callable[[pa.Array], pa.Array]

_LOCAL = r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?"
_HOST = rf"(?:{_LABEL}\.)+(?:\p{{L}}{{2,}}|xn--[a-zA-Z0-9-]+)"
_EMAIL = rf"^{_LOCAL}(?:\.{_LOCAL})*@{_HOST}$"
_DOMAIN = rf"^(?:https?://)?{_HOST}\.?(?::\d+)?(?:[/?#]\S*)?$"
_NUMBER = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
_INTEGER = r"^[+-]?\d+(?:\.0*)?$"
_RECORD_ID = r"^\d{1,19}$"
_LONG_ID = r"^[0-9A-Za-z]{18}$"
_FOLDED_ID = r"^[0-9a-z]{15}[a-z0-5]{3}$"
_SALESFORCE_ID = r"^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)"
_BULK_DATETIME = (
    rf"^(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,3}})?{_ZONE}$"
)
_ISO_DATETIME = (
    r"^(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    rf"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{{1,9}})?)?\s?{_ZONE}?)?$"
)
_EPOCH_MS = r"^-?\d{5,15}$"
_DATE_ORDERS = {
    "YEAR_MONTH_DAY": r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})$",
    "MONTH_DAY_YEAR": r"^(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})$",
    "DAY_MONTH_YEAR": r"^(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})$",
}
DATE_ORDERS = tuple(_DATE_ORDERS)


def trimmed(values: pa.Array) -> pa.Array:
    """Without white space at either end, as both CRMs read identifiers and typed values."""
    return pc.utf8_trim_whitespace(values)


def matches(pattern: str) -> Predicate:
    """Cells that match, white space at the ends aside."""
    return lambda values: pc.match_substring_regex(trimmed(values), pattern)


is_email = matches(_EMAIL)
is_domain = matches(_DOMAIN)
is_number = matches(_NUMBER)
is_integer = matches(_INTEGER)
is_record_id = matches(_RECORD_ID)
is_salesforce_id = matches(_SALESFORCE_ID)
is_plain_date_shape = matches(r"^\d{4}-\d{2}-\d{2}$")


def is_date(order: str) -> Predicate:
    """Cells that are a real calendar day, written in the given order of year, month and day."""
    return lambda values: _real_day(trimmed(values), _DATE_ORDERS[order])


def is_iso_date(values: pa.Array) -> pa.Array:
    """Cells that are a real calendar day as `yyyy-MM-dd`, nothing else."""
    return pc.and_(is_plain_date_shape(values), is_date("YEAR_MONTH_DAY")(values))


def is_import_datetime(values: pa.Array) -> pa.Array:
    """Epoch milliseconds or ISO 8601: what HubSpot's import reads (P2-98)."""
    text = trimmed(values)
    return pc.or_(pc.match_substring_regex(text, _EPOCH_MS), _real_day(text, _ISO_DATETIME))


def is_bulk_datetime(values: pa.Array) -> pa.Array:
    """`yyyy-MM-ddTHH:mm:ss`, milliseconds optional, `Z` or an offset: what Bulk reads (P2-B5)."""
    return _real_day(trimmed(values), _BULK_DATETIME)


def is_yes_or_no(values: pa.Array) -> pa.Array:
    """What HubSpot reads as a single checkbox (P2-98)."""
    return _is_one_of(values, ("true", "yes", "false", "no"))


def is_loader_boolean(values: pa.Array) -> pa.Array:
    """What Data Loader reads as a boolean (P2-B6)."""
    return _is_one_of(values, ("true", "yes", "y", "on", "1", "false", "no", "n", "off", "0"))


def is_bulk_boolean(values: pa.Array) -> pa.Array:
    """What Bulk reads as a boolean (P2-B6)."""
    return _is_one_of(values, ("true", "false", "1", "0"))


def is_longer_than(limit: int) -> Predicate:
    """Cells of more characters."""
    return lambda values: pc.greater(pc.utf8_length(values), limit)


def is_option(options: tuple[tuple[str, str], ...]) -> Predicate:
    """Cells that are an internal value exactly, or a label in any case (P2-63, P2-98, X8)."""
    values_ = pa.array([value for value, _ in options], pa.string())
    labels = pa.array([label.strip().lower() for _, label in options], pa.string())

    def accepted(values: pa.Array) -> pa.Array:
        text = trimmed(values)
        return pc.or_(pc.is_in(text, values_), pc.is_in(pc.utf8_lower(text), labels))

    return accepted


def is_value(options: tuple[tuple[str, str], ...]) -> Predicate:
    """Cells that are one of the values exactly: Salesforce compares API values (P2-33)."""
    values_ = pa.array([value for value, _ in options], pa.string())
    return lambda values: pc.is_in(trimmed(values), values_)


def all_parts(accepted: Predicate) -> Predicate:
    """Cells all of whose parts between semicolons are accepted; a leading semicolon and empty parts do not count."""

    def check(values: pa.Array) -> pa.Array:
        lists = pc.split_pattern(pc.fill_null(values, ""), ";")
        flat = trimmed(lists.flatten())
        good = pc.or_(accepted(flat), pc.equal(flat, ""))
        parents = pc.list_parent_indices(lists)
        bad = parents.filter(pc.invert(pc.fill_null(good, True)))
        accepted_rows = np.ones(len(values), dtype=bool)
        accepted_rows[bad.to_numpy()] = False
        return pa.array(accepted_rows)

    return check


def has_prefix(prefixes: tuple[str, ...]) -> Predicate:
    """Cells whose first three characters are one of the key prefixes."""
    known = pa.array(prefixes, pa.string())
    lowered = pa.array([prefix.lower() for prefix in prefixes], pa.string())

    def accepted(values: pa.Array) -> pa.Array:
        text = trimmed(values)
        start = pc.utf8_slice_codeunits(text, 0, 3)
        folded = pc.match_substring_regex(text, _FOLDED_ID)
        return pc.or_(pc.is_in(start, known), pc.and_(folded, pc.is_in(start, lowered)))

    return accepted


def has_fitting_checksum(values: pa.Array) -> pa.Array:
    """Salesforce ids of 18 characters whose last three say which of the others are capitals (P2-29).

    An id that was written in small letters as a whole is still one record's: its checksum says where the capitals were.
    Everything that is no id of 18 characters is left to other checks.
    """
    text = trimmed(values)
    is_long = pc.fill_null(pc.match_substring_regex(text, _LONG_ID), False).to_numpy(zero_copy_only=False)
    good = np.ones(len(values), dtype=bool)
    if is_long.any():
        joined = "".join(text.filter(pa.array(is_long)).to_pylist()).encode()
        good[is_long] = _checksum_fits(np.frombuffer(joined, dtype=np.uint8).reshape(-1, 18))
    return pa.array(good)


def _checksum_fits(ids: np.ndarray) -> np.ndarray:
    body, last = ids[:, :15].reshape(-1, 3, 5), ids[:, 15:]
    capital: np.ndarray = (body >= ord("A")) & (body <= ord("Z"))
    small: np.ndarray = (body >= ord("a")) & (body <= ord("z"))
    folded: np.ndarray = (last >= ord("a")) & (last <= ord("z"))
    letters = np.where(folded, last - 32, last)
    said = np.where(letters >= ord("A"), letters - ord("A"), letters - ord("0") + 26)
    bits = (said[:, :, None] >> np.arange(5)) & 1 == 1
    has_capital = capital.any(axis=(1, 2)) | ((last >= ord("A")) & (last <= ord("Z"))).any(axis=1)
    is_folded = np.logical_not(has_capital).reshape(-1, 1, 1)
    fits = np.where(is_folded, ~bits | small, bits == capital)
    found: np.ndarray = fits.all(axis=(1, 2)) & (said < 32).all(axis=1)
    return found


def is_other_than(words: tuple[str, ...]) -> Predicate:
    """Cells that are none of the words, in whatever case."""
    folded = pa.array([word.lower() for word in words], pa.string())
    return lambda values: pc.invert(pc.is_in(pc.utf8_lower(trimmed(values)), folded))


def _is_one_of(values: pa.Array, words: tuple[str, ...]) -> pa.Array:
    return pc.is_in(pc.utf8_lower(trimmed(values)), pa.array(words))


def _real_day(text: pa.Array, pattern: str) -> pa.Array:
    parts = pc.extract_regex(text, pattern)
    year, month, day = (pc.cast(pc.struct_field(parts, name), pa.int32()) for name in ("y", "m", "d"))
    fourth = pc.equal(pc.subtract(year, pc.multiply(pc.divide(year, 4), 4)), 0)
    century = pc.equal(pc.subtract(year, pc.multiply(pc.divide(year, 100), 100)), 0)
    era = pc.equal(pc.subtract(year, pc.multiply(pc.divide(year, 400), 400)), 0)
    leap = pc.or_(pc.and_not(fourth, century), era)
    lengths = pa.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], pa.int32())
    in_year = pc.and_(pc.greater_equal(month, 1), pc.less_equal(month, 12))
    last = lengths.take(pc.if_else(in_year, month, 0))
    last = pc.if_else(pc.and_(leap, pc.equal(month, 2)), 29, last)
    good = pc.and_(in_year, pc.and_(pc.greater_equal(day, 1), pc.less_equal(day, last)))
    return pc.and_(pc.is_valid(parts), pc.fill_null(good, False))
