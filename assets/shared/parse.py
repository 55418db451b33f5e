"""Text cells to typed values, whole columns at a time. What cannot be read becomes null; the caller compares with the text.

Forms: ISO 8601 dates and times with `Z`, an offset or none (UTC), with a fraction or none; epoch milliseconds; numbers with a
point; yes/no in the words that both CRMs take (P2-B6). Nothing is guessed: `11/20/2026` and `1,000` are not read.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa

from schemas.contract import Kind

_YES, _NO = ("true", "yes", "y", "on", "1", "t"), ("false", "no", "n", "off", "0", "f")
_MOMENT = (
    r"^(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}|(?:19|20)[0-9]{6})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,12}))?)?)?"
    r" ?(?P<zone>[Zz]|UTC|GMT|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?$"
)
_SUFFIX = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", np.uint8)
_FAR = 253_402_300_800_000  # epoch milliseconds of the year 10000
_EARLY = -62_135_596_800_000  # and of the year 1
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)  # nothing before it is a time in Python, nor one that either CRM takes


def typed(cells: pl.Series, kind: Kind) -> pl.Series:
    """Cells as the type of their kind, under the same name. Ids and references get 18 characters, text stays as it is."""
    if kind is Kind.DATETIME:
        return moments(cells)
    if kind is Kind.DATE:
        return dates(cells)
    if kind is Kind.NUMBER:
        found = cells.str.strip_chars().cast(pl.Float64, strict=False)
        return found.set(~found.is_finite().fill_null(True), None)
    if kind is Kind.INTEGER:
        return integers(cells)
    if kind is Kind.BOOLEAN:
        return booleans(cells)
    return cells


def booleans(cells: pl.Series) -> pl.Series:
    """Yes or no, in any of the words, in any letters."""
    words = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}
    return cells.str.strip_chars().str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def integers(cells: pl.Series) -> pl.Series:
    """Whole numbers; `5.0` is one."""
    text = cells.str.strip_chars()
    found = text.cast(pl.Int64, strict=False)
    if (text.is_not_null() & found.is_null()).any():
        found = text.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    left = text.is_not_null() & found.is_null()
    if left.any():
        number = text.cast(pl.Float64, strict=False)
        whole = (number.round(0) == number) & (number.abs() < 2**53)
        found = found.set(left & whole.fill_null(False), None).zip_with(
            ~(left & whole.fill_null(False)), number.set(~whole.fill_null(False), None).cast(pl.Int64, strict=False)
        )
    return found


def moments(cells: pl.Series) -> pl.Series:
    """Instants in UTC, to the microsecond."""
    text = cells.str.strip_chars()
    found = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="us").cast(pl.Datetime("us", "UTC"))
    left = text.is_not_null() & found.is_null()
    if left.any():
        found = found.zip_with(~left, _scatter(_other_moments(text.filter(left)), left))
    return found.set((found < _BEGINNING).fill_null(False), None)


def dates(cells: pl.Series) -> pl.Series:
    """Days; of an instant, its day in UTC (HubSpot keeps a date as midnight UTC)."""
    text = cells.str.strip_chars()
    plain = text.set(~text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$").fill_null(False), None)
    found = plain.str.to_date("%Y-%m-%d", strict=False)
    left = text.is_not_null() & plain.is_null()
    if left.any():
        found = found.zip_with(~left, _scatter(moments(text.filter(left)).dt.date(), left))
    return found.set((found < _BEGINNING.date()).fill_null(False), None)


def addresses(cells: pl.Series) -> pl.Series:
    """E-mail addresses as they are, without the tabs and ends of lines around them, which are no part of any (P2-28)."""
    odd = cells.str.contains(r"[\t\n\x0b\x0c\r]").fill_null(False)
    if not odd.any():
        return cells
    bare = cells.str.strip_chars()
    return cells.zip_with(~odd, bare.set(bare == "", None))


def salesforce_ids(cells: pl.Series) -> pl.Series:
    """Salesforce ids in 18 characters (P2-29): 15 get their checksum, blanks around them go, everything else stays.

    An 18-character id all of whose letters are small, or all capitals, may have been changed on the way; its checksum says which
    are capitals. Among capitals it is believed where it names one behind the object's three characters: a checksum that was made
    up does not. Other ids stay as delivered, whatever their checksum.
    """
    text = cells.str.strip_chars()
    short = text.str.contains(r"^[A-Za-z0-9]{15}$").fill_null(False)
    if short.any():
        text = text.zip_with(~short, _scatter(_checked(text.filter(short)), short))
    folded = text.str.contains(r"^(?:[a-z0-9]{15}[a-z0-5]{3}|[A-Z0-9]{15}[A-Z0-5]{3})$").fill_null(False)
    if folded.any():
        text = text.zip_with(~folded, _scatter(_restored(text.filter(folded)), folded))
    return text


def salesforce_id_lists(cells: pl.Series) -> pl.Series:
    """Several ids separated by `;`, each in 18 characters."""
    if not cells.str.contains(r"(?:^|;) *(?:[A-Za-z0-9]{15}|[a-z0-9]{18}|[A-Z0-9]{18}) *(?:;|$)").any():
        return cells
    parts = pl.DataFrame({"cell": cells.str.split(";")}).with_row_index("row").explode("cell", empty_as_null=True)
    ids = parts.with_columns(salesforce_ids(parts["cell"]).alias("cell"))
    joined = ids.group_by("row", maintain_order=True).agg(pl.col("cell").str.join(";"))["cell"]
    return joined.set(cells.is_null(), None)


def _other_moments(text: pl.Series) -> pl.Series:
    """The rarer forms: epoch milliseconds; no offset; a blank for the T; no seconds; a date alone, also without hyphens.

    `20261120` is a day: as milliseconds it would be the morning of the first day of 1970, which nobody means.
    """
    digits = text.str.contains(r"^-?[0-9]{1,15}$") & ~text.str.contains(r"^(?:19|20)[0-9]{6}$")
    millis = text.set(~digits, None).cast(pl.Int64, strict=False)
    millis = millis.set((millis >= _FAR) | (millis < _EARLY), None)
    epoch = (millis * 1000).cast(pl.Datetime("us", "UTC"))
    parts = text.str.extract_groups(_MOMENT).struct.unnest()
    zone = pl.col("zone")
    hours = zone.str.slice(1, 2).cast(pl.Int64, strict=False)
    past_hour = pl.when(zone.str.len_chars() > 3).then(zone.str.slice(-2).cast(pl.Int64, strict=False)).otherwise(0)
    minutes = hours * 60 + past_hour
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    offset = pl.when(zone.str.contains(r"^[+-]")).then(sign * minutes).otherwise(0)
    day = pl.col("date").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
    stamp = pl.concat_str(
        [
            day, pl.lit("T"), pl.col("hour").fill_null("00"), pl.lit(":"), pl.col("minute").fill_null("00"),
            pl.lit(":"), pl.col("second").fill_null("00"), pl.lit("."), pl.col("fraction").fill_null("0"),
        ]
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")  # fmt: skip
    read = parts.select((stamp - pl.duration(minutes=offset)).dt.replace_time_zone("UTC").alias("at"))["at"]
    return epoch.zip_with(epoch.is_not_null(), read)


def _scatter(values: pl.Series, where: pl.Series) -> pl.Series:
    """Values for the rows where the mask is true, null elsewhere."""
    place = where.cast(pl.Int64).cum_sum() - 1
    return values.gather(place.set(~where, None))


def _checked(ids: pl.Series) -> pl.Series:
    letters = _letters(ids, 15)
    capital = ((letters >= 65) & (letters <= 90)).reshape(-1, 3, 5)
    codes = capital @ np.array([1, 2, 4, 8, 16])
    return _text(np.concatenate([letters, _SUFFIX[codes]], axis=1))


def _restored(ids: pl.Series) -> pl.Series:
    """Ids with the capitals that their checksum names; those stay where it names a digit, or is not to be believed."""
    letters = _letters(ids, 18)
    upper = np.where((letters >= 97) & (letters <= 122), letters - 32, letters)
    is_letter = (upper >= 65) & (upper <= 90)
    small = np.where(is_letter, upper + 32, upper)
    code = np.zeros(256, np.int64)
    code[_SUFFIX] = np.arange(32)
    bits = ((code[upper[:, 15:]][:, :, None] >> np.arange(5)) & 1).reshape(-1, 15).astype(bool)
    believed = (is_letter[:, :15] | ~bits).all(axis=1) & (bits[:, 3:].any(axis=1) | (letters == small).all(axis=1))
    found = np.concatenate([np.where(bits, upper[:, :15], small[:, :15]), upper[:, 15:]], axis=1)
    return _text(np.where(believed[:, None], found, letters))


def _letters(ids: pl.Series, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    joined = pa.chunked_array([ids.to_arrow()]).combine_chunks() if ids.len() else pa.array([], pa.large_string())
    data = "".join(joined.to_pylist()).encode()
    return np.frombuffer(data, np.uint8).reshape(-1, width)


def _text(letters: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> pl.Series:
    width = letters.shape[1]
    offsets = pa.array(np.arange(0, letters.size + 1, width), pa.int64())
    data = pa.py_buffer(np.ascontiguousarray(letters).tobytes())
    array = pa.Array.from_buffers(pa.large_string(), letters.shape[0], [None, offsets.buffers()[1], data])
    return pl.Series(array)
