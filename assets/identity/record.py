"""From texts as delivered to comparable keys: one row a record, one column a key, in one pass of columns.

Input columns are the fields of `FIELDS` (all text, all optional); output columns are `KEYS`. Which source column is which
field is said elsewhere: `columns.py` for a file, `sql/person.sql` and `sql/company.sql` for the CRMs.
"""

from functools import partial

import polars as pl

from assets.identity import dates, distinct, normalise, reference

FIELDS = (
    "record", "full_name", "first_name", "middle_name", "last_name", "email", "email_other", "phone", "phone_other",
    "birth_date", "birth_year", "birth_month", "birth_day", "birth_place", "gender", "job_title", "company", "domain",
    "street_number", "street", "city", "postcode", "state", "country", "any_id",
)  # fmt: skip
KEYS = (
    "first", "middle", "last", "dob", "birth_place", "gender", "job", "email", "email_canon", "email_local", "phone", "gid",
    "street_no", "street", "city", "postcode", "state", "country", "company", "domain", "sound_first", "sound_last",
)  # fmt: skip


_EAST = r"[\p{Han}\p{Hangul}]"


def keys(frame: pl.DataFrame, *, region: str | None = None, day_first: bool | None = None) -> pl.DataFrame:
    """`record` and every key of `KEYS` (text, null where there is nothing to compare), rows in the order given.

    `region` is the ISO code that phone numbers without a country are read in; None reads them as bare digits. `day_first` says
    that dates like 03/04/1980 begin with the day; None judges by this frame's own column.
    """
    frame = frame.with_columns(pl.lit(None, pl.String).alias(f) for f in FIELDS if f not in frame.columns)
    frame = frame.select(pl.col(FIELDS).cast(pl.String))
    plain = pl.DataFrame([frame["record"], *_names(frame), *_texts(frame), _dates(frame, day_first)]).with_columns(
        email=distinct.email(frame["email"]),
        site=distinct.each(frame["domain"], normalise.host),
    )
    hosts = plain.select(pl.col("email").str.extract("@(.+)$", 1)).to_series()
    plain = plain.with_columns(
        email_canon=normalise.mailbox(pl.col("email")),
        phone=_phone(frame, plain["country"], region),
        host=pl.coalesce("site", distinct.each(hosts, normalise.host)),
    )
    plain = plain.with_columns(
        email_local=pl.col("email_canon").str.extract("^([^@]+)@", 1),
        domain=distinct.company_domain(plain["host"]),
        street_no=pl.coalesce("street_no", distinct.each(plain["street"], normalise.house_number)),
        street=distinct.each(plain["street"], normalise.without_number),
        sound_first=distinct.each(plain["first"], normalise.sound),
        sound_last=distinct.each(plain["last"], normalise.sound),
    )
    return plain.select("record", *KEYS)


def _names(frame: pl.DataFrame) -> list[pl.Series]:
    """First, middle and last name; a full name is split where the parts are not given: at the comma, else by words."""
    given = pl.DataFrame(
        [distinct.each(frame[f"{part}_name"], normalise.name).alias(part) for part in ("first", "middle", "last")]
    )
    full = frame.select(pl.when(given["first"].is_null() & given["last"].is_null()).then(pl.col("full_name")))
    split = distinct.parts(full.to_series(), ("first", "middle", "last"), _split)
    both = given.select(pl.coalesce(column, split[column.name]) for column in given)
    return both.select(
        pl.col("first").str.replace("^([^ ]{2,}) [^ ]$", "${1}"),
        pl.coalesce("middle", pl.col("first").str.extract("^[^ ]{2,} ([^ ])$", 1)),
        "last",
    ).get_columns()


def split(names: pl.Series) -> tuple[pl.Series, pl.Series]:
    """First and last names of full names that have both."""
    parts = distinct.parts(names, ("first", "middle", "last"), _split).drop_nulls(["first", "last"])
    return parts["first"], parts["last"]


def _split(full: pl.Expr) -> list[pl.Expr]:
    """A full name's first, inner and last words: `Anne Marie Smith`, `Smith, Anne Marie`, `王小明`, `김 민준`.

    Chinese, Japanese and Korean names begin with the family's, of one character or one of the known longer ones.
    """
    inverted = full.str.contains(r"^[^,]+,[^,]*\pL[^,]*$")
    lead = normalise.name(full.str.extract(r"^([^,]+),", 1))
    rest = normalise.name(pl.when(inverted).then(full.str.extract(r"^[^,]+,(.*)$", 1)).otherwise(full))
    family = rf"^({'|'.join(reference.words('compound_surname'))}|{_EAST})({_EAST}+)$"
    spaced = rf"^({_EAST}+) ({_EAST}+)$"
    eastern = rest.str.contains(rf"^{_EAST}+(?: {_EAST}+)?$") & ~inverted
    return [
        pl.when(eastern)
        .then(pl.coalesce(rest.str.extract(family, 2), rest.str.extract(spaced, 2), rest))
        .otherwise(rest.str.extract("^([^ ]+)(?: |$)", 1)),
        pl.when(inverted)
        .then(rest.str.extract("^[^ ]+ (.+)$", 1))
        .otherwise(rest.str.extract("^[^ ]+ (.+) [^ ]+$", 1)),
        pl.when(inverted)
        .then(lead)
        .when(eastern)
        .then(pl.coalesce(rest.str.extract(family, 1), rest.str.extract(spaced, 1)))
        .otherwise(rest.str.extract(" ([^ ]+)$", 1)),
    ]


def _texts(frame: pl.DataFrame) -> list[pl.Series]:
    def number(value: pl.Expr) -> pl.Expr:
        return normalise.street(value).str.replace_all(" ", "", literal=True)

    told = {
        "birth_place": ("birth_place", normalise.words),
        "gender": ("gender", normalise.gender),
        "job": ("job_title", normalise.words),
        "gid": ("any_id", normalise.code),
        "street_no": ("street_number", number),
        "street": ("street", normalise.street),
        "city": ("city", normalise.words),
        "postcode": ("postcode", normalise.code),
        "state": ("state", normalise.state),
        "country": ("country", normalise.country),
        "company": ("company", normalise.company),
    }
    return [distinct.each(frame[field], function).alias(key) for key, (field, function) in told.items()]


def _dates(frame: pl.DataFrame, day_first: bool | None) -> pl.Series:
    column = frame["birth_date"]
    if day_first is None:
        day_first = dates.day_first(column)
    written = distinct.each(column, partial(dates.birth, day_first=day_first))
    if frame["birth_year"].null_count() < frame.height:
        parts = frame.select(dates.joined(pl.col("birth_year"), pl.col("birth_month"), pl.col("birth_day"))).to_series()
        written = pl.select(pl.coalesce(written, parts)).to_series()
    return written.alias("dob")


def _phone(frame: pl.DataFrame, country: pl.Series, region: str | None) -> pl.Series:
    """E.164 where it can be known, else the digits if there are at least seven."""
    written = pl.select(pl.coalesce(frame["phone"], frame["phone_other"])).to_series()
    found = distinct.phone(written, country.fill_null(region or ""))
    digits = pl.DataFrame({"w": written}).select(normalise.code(pl.col("w").str.replace_all(r"\D+", "")))["w"]
    return pl.select(pl.coalesce(found, pl.when(digits.str.len_chars() >= 7).then(digits))).to_series()


def nicknames() -> pl.DataFrame:
    """`first`, `nick`: every known name beside the names that it may stand for, itself not included."""
    pairs = reference.rows("nicknames")
    names, short = [row["name"] for row in pairs], [row["nickname"] for row in pairs]
    return pl.DataFrame({"first": names + short, "nick": short + names}).unique(maintain_order=True)
