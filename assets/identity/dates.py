"""Birth dates as eight digits, YYYYMMDD, from whatever a file writes.

Digits that are no valid date stay as written: a slip of the pen still resembles the right date, and comparison counts
edits. Whether 03/04/1980 is in March or April is a property of the column, decided by its other values; with dots the day
comes first.
"""

import polars as pl

_PARTS = r"^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})(?:\D.*)?$"


def day_first(values: pl.Series) -> bool:
    """Whether a column writes the day before the month: more first parts above 12 than second parts."""
    parts = pl.DataFrame({"v": values.cast(pl.String).str.strip_chars()}).select(
        pl.col("v").str.extract(_PARTS, 1).cast(pl.Int64).alias("one"),
        pl.col("v").str.extract(_PARTS, 2).cast(pl.Int64).alias("two"),
    )
    return bool((parts["one"] > 12).sum() > (parts["two"] > 12).sum())


def birth(value: pl.Expr, *, day_first: bool = False) -> pl.Expr:
    """`1971-06-24`, `19710624`, `06/24/1971` or `24.6.1971` -> `19710624`; a year alone stays four digits; else null."""
    plain = value.cast(pl.String).str.strip_chars()
    one, two, year = (plain.str.extract(_PARTS, group) for group in (1, 2, 3))
    dotted = plain.str.contains(r"^\d{1,2}\.")
    first = pl.lit(day_first) | dotted
    day, month = pl.when(first).then(one).otherwise(two), pl.when(first).then(two).otherwise(one)
    spelled = pl.concat_str(year, month.str.zfill(2), day.str.zfill(2))
    iso = plain.str.replace(r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:\D.*)?$", "${1}-0${2}-0${3}")
    iso = iso.str.replace(r"^(\d{4})-0?(\d{2})-0?(\d{2})$", "${1}${2}${3}")
    found = pl.coalesce(spelled, iso)
    return pl.when(found.str.contains(r"^(?:\d{8}|(?:18|19|20)\d\d)$")).then(found)


def joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """A date from its three parts; the year alone where another part is missing."""
    parts = [year.cast(pl.String).str.strip_chars()]
    parts += [part.cast(pl.String).str.strip_chars().str.zfill(2) for part in (month, day)]
    return pl.coalesce(birth(pl.concat_str(*parts)), birth(parts[0]))
