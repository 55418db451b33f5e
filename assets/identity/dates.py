"""Birth dates as eight digits, YYYYMMDD, from whatever a file writes.

Digits that are no valid date stay as written: a slip of the pen still resembles the right date, and comparison counts
edits. Whether 03/04/1980 is in March or April is a property of the column, decided by its other values; with dots the day
comes first. A month may be a word; a year of two digits above 20 is of the last century.
"""

import polars as pl

_PARTS = r"^(\d{1,2})[/.\-\s]+(\d{1,2})[/.\-\s]+(\d{4}|\d{2})(?:\D.*)?$"
_DAY_NAMED = r"(?i)^(\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/.]*(?:of )?(\pL{3})\pL*[\s\-/.,]*(\d{4}|\d{2})(?:\D.*)?$"
_NAMED_DAY = r"(?i)^(\pL{3})\pL*[\s\-/.]*(\d{1,2})(?:st|nd|rd|th)?[\s\-/.,]+(\d{4})(?:\D.*)?$"
_MONTHS = {
    name: f"{number:02}"
    for number, names in enumerate(
        (
            "jan",
            "feb",
            "mar mär mrz",
            "apr",
            "may mai maj",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct okt",
            "nov",
            "dec dez des",
        ),
        1,
    )
    for name in names.split()
}
_CENTURY = 20  # a year of two digits up to this one is of this century


def day_first(values: pl.Series) -> bool:
    """Whether a column writes the day before the month: more first parts above 12 than second parts."""
    parts = pl.DataFrame({"v": values.cast(pl.String).str.strip_chars()}).select(
        pl.col("v").str.extract(_PARTS, 1).cast(pl.Int64).alias("one"),
        pl.col("v").str.extract(_PARTS, 2).cast(pl.Int64).alias("two"),
    )
    return bool((parts["one"] > 12).sum() > (parts["two"] > 12).sum())


def birth(value: pl.Expr, *, day_first: bool = False) -> pl.Expr:
    """`1971-06-24`, `19710624`, `06/24/1971`, `24.6.71` or `24 June 1971` -> `19710624`; a year alone stays; else null."""
    plain = value.cast(pl.String).str.strip_chars()
    one, two, year = (plain.str.extract(_PARTS, group) for group in (1, 2, 3))
    dotted = plain.str.contains(r"^\d{1,2}\.")
    first = pl.lit(day_first) | dotted
    day, month = pl.when(first).then(one).otherwise(two), pl.when(first).then(two).otherwise(one)
    numbers = _spelled(year, month, day)
    named = [
        _spelled(
            plain.str.extract(pattern, 3), _month(plain.str.extract(pattern, month)), plain.str.extract(pattern, day)
        )
        for pattern, day, month in ((_DAY_NAMED, 1, 2), (_NAMED_DAY, 2, 1))
    ]
    iso = plain.str.replace(r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:\D.*)?$", "${1}-0${2}-0${3}")
    iso = iso.str.replace(r"^(\d{4})-0?(\d{2})-0?(\d{2})$", "${1}${2}${3}")
    found = pl.coalesce(numbers, *named, iso)
    return pl.when(found.str.contains(r"^(?:\d{8}|(?:18|19|20)\d\d)$")).then(found)


def _spelled(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    century = pl.when(year.cast(pl.Int64) <= _CENTURY).then(pl.lit("20")).otherwise(pl.lit("19"))
    whole = pl.when(year.str.len_chars() == 2).then(pl.concat_str(century, year)).otherwise(year)
    return pl.concat_str(whole, month.str.zfill(2), day.str.zfill(2))


def _month(name: pl.Expr) -> pl.Expr:
    return name.str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.String)


def joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A date from its three parts; the year alone where another part is missing."""
    parts = [year.cast(pl.String).str.strip_chars()]
    parts += [part.cast(pl.String).str.strip_chars().str.zfill(2) for part in (month, day)]
    return pl.coalesce(birth(pl.concat_str(*parts)), birth(parts[0]))
