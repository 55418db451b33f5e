"""Tonight's records as keys: only those that changed since the night before are normalised."""

from functools import cache

import polars as pl
from sqlglot import exp

from assets.identity import compare, distinct, normalise, record
from assets.shared.sql import Session

_NOT_COMPARED = ("record", "modified_at", "created_at")


def changed(session: Session, entity: str) -> int:
    """Make `<entity>_field`, `field_hash` and `changed`, against `known_key`; how many records changed, came or went."""
    session.run(compare.SQL / f"{entity}_field.sql")
    session.keep("field_hash", _hashes(entity, tuple(session.sql(f"FROM {entity}_field").columns)))
    return differing(session)


def differing(session: Session) -> int:
    """Make `changed` of `field_hash` and `known_key`; how many there are."""
    session.run(compare.SQL / "changed.sql")
    return int(session.scalar("SELECT count(*) FROM changed"))


def keys(session: Session, entity: str) -> None:
    """Make `base`: tonight's keys of all records, numbered by name, with nicknames."""
    fields = session.sql(
        f"SELECT given.* FROM {entity}_field AS given SEMI JOIN changed ON given.record = changed.record ORDER BY record"  # noqa: S608
    ).pl()
    known = record.keys(fields)
    listed = addresses(fields, entity).select("record", "live", "emails", "mailboxes")
    told = known.join(listed, on="record", maintain_order="left").with_columns(entity=pl.lit(entity))
    session.register("fresh_key", told.drop("dob", "birth_place", "gender", "gid", "email_local"))
    session.run(compare.SQL / "key.sql")
    session.register("nickname", record.nicknames())
    session.keep("base", (compare.SQL / "night_base.sql").read_text(encoding="utf-8"))
    session.con.execute("DROP TABLE key")


def addresses(fields: pl.DataFrame, entity: str) -> pl.DataFrame:
    """The frame with `emails` and `mailboxes`: every valid address once, primary first; none for companies."""
    empty = pl.lit([], dtype=pl.List(pl.String))
    if entity == "company":
        return fields.with_columns(emails=empty, mailboxes=empty)
    given = pl.concat_list(pl.col("email").fill_null(""), pl.col("email_other").fill_null("").str.split(";"))
    rows = fields.select("record", email=given).explode("email")
    rows = rows.with_columns(email=distinct.email(rows["email"])).drop_nulls("email")
    rows = rows.with_columns(mailbox=normalise.email_canonical(pl.col("email")))
    emails = pl.col("email").unique(maintain_order=True).alias("emails")
    mailboxes = pl.col("mailbox").unique(maintain_order=True).alias("mailboxes")
    found = rows.group_by("record", maintain_order=True).agg(emails, mailboxes)
    joined = fields.join(found, on="record", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("emails", empty), pl.coalesce("mailboxes", empty))


@cache
def _hashes(entity: str, fields: tuple[str, ...]) -> str:
    """`record`, MD5 of the compared fields, MD5 of those and the times. A blank (NUL) differs from an empty text."""
    columns = [c for c in fields if c not in _NOT_COMPARED]
    compared = _digest(columns)
    whole = _digest([*columns, "modified_at", "created_at"])
    query = exp.select("record", exp.alias_(compared, "compared_hash"), exp.alias_(whole, "row_hash"))
    return query.from_(f"{entity}_field").sql("duckdb")


def _digest(columns: list[str]) -> exp.Expr:
    texts = [
        exp.func("coalesce", exp.cast(exp.column(c), "varchar"), exp.func("chr", exp.Literal.number(0)))
        for c in columns
    ]
    return exp.func("md5", exp.func("concat_ws", exp.func("chr", exp.Literal.number(31)), *texts))
