"""From texts as delivered to comparable keys: one row a record, one column a key, in one pass of columns.

Input columns are the fields of `FIELDS` (all text, all optional); output columns are `KEYS`. Which source column is which
field is said elsewhere: `columns.py` for a file, `sql/person.sql` and `sql/company.sql` for the CRMs.
"""

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


def keys(frame: pl.DataFrame, *, region: str | None = None) -> pl.DataFrame:
    """`record` and every key of `KEYS` (text, null where there is nothing to compare), rows in the order given.

    `region` is the ISO code that phone numbers without a country are read in; None reads them as bare digits.
    """
    frame = frame.with_columns(pl.lit(None, pl.String).alias(f) for f in FIELDS if f not in frame.columns)
    frame = frame.select(pl.col(FIELDS).cast(pl.String))
    plain = frame.select("record", *_names(), *_texts(), *_dates(frame)).with_columns(
        email=distinct.email(frame["email"]),
        site=frame.select(normalise.host(pl.col("domain")))["domain"],
    )
    plain = plain.with_columns(
        email_canon=normalise.email_canonical(pl.col("email")),
        phone=_phone(frame, plain["country"], region),
        host=pl.coalesce("site", normalise.host(pl.col("email"))),
    )
    plain = plain.with_columns(
        email_local=pl.col("email_canon").str.extract("^([^@]+)@", 1),
        domain=distinct.company_domain(plain["host"]),
        street_no=pl.coalesce("street_no", normalise.house_number(pl.col("street"))),
        street=normalise.without_number(pl.col("street")),
        sound_first=normalise.sound(pl.col("first")),
        sound_last=normalise.sound(pl.col("last")),
    )
    return plain.select("record", *KEYS)


def _names() -> list[pl.Expr]:
    """First, middle and last name; a full name is split where the parts are not given: at the comma, else by words."""
    given = {f: pl.col(f"{f}_name") for f in ("first", "middle", "last")}
    full = pl.col("full_name")
    inverted = full.str.contains(r"^[^,]+,[^,]*\pL[^,]*$")
    lead = normalise.name(full.str.extract(r"^([^,]+),", 1))
    rest = normalise.name(pl.when(inverted).then(full.str.extract(r"^[^,]+,(.*)$", 1)).otherwise(full))
    whole = pl.when(given["first"].is_null() & given["last"].is_null()).then(rest)
    first = pl.coalesce(normalise.name(given["first"]), whole.str.extract("^([^ ]+)(?: |$)", 1))
    last = pl.coalesce(
        normalise.name(given["last"]),
        pl.when(whole.is_not_null()).then(pl.when(inverted).then(lead).otherwise(rest.str.extract(" ([^ ]+)$", 1))),
    )
    inner = (
        pl.when(inverted)
        .then(whole.str.extract("^[^ ]+ (.+)$", 1))
        .otherwise(whole.str.extract("^[^ ]+ (.+) [^ ]+$", 1))
    )
    middle = pl.coalesce(normalise.name(given["middle"]), inner, first.str.extract("^[^ ]{2,} ([^ ])$", 1))
    return [
        first.str.replace("^([^ ]{2,}) [^ ]$", "${1}").alias("first"),
        middle.alias("middle"),
        last.alias("last"),
    ]


def _texts() -> list[pl.Expr]:
    number = normalise.street(pl.col("street_number")).str.replace_all(" ", "", literal=True)
    return [
        normalise.words(pl.col("birth_place")).alias("birth_place"),
        normalise.gender(pl.col("gender")).alias("gender"),
        normalise.words(pl.col("job_title")).alias("job"),
        normalise.code(pl.col("any_id")).alias("gid"),
        number.alias("street_no"),
        normalise.street(pl.col("street")).alias("street"),
        normalise.words(pl.col("city")).alias("city"),
        normalise.code(pl.col("postcode")).alias("postcode"),
        normalise.state(pl.col("state")).alias("state"),
        normalise.country(pl.col("country")).alias("country"),
        normalise.company(pl.col("company")).alias("company"),
    ]


def _dates(frame: pl.DataFrame) -> list[pl.Expr]:
    written = dates.birth(pl.col("birth_date"), day_first=dates.day_first(frame["birth_date"]))
    parts = dates.joined(pl.col("birth_year"), pl.col("birth_month"), pl.col("birth_day"))
    return [pl.coalesce(written, parts).alias("dob")]


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
