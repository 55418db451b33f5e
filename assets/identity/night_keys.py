"""Tonight's records as keys: only those that changed since the night before are normalised."""

from functools import cache

import polars as pl
from sqlglot import exp

from assets.identity import compare, distinct, normalise, record
from assets.shared.sql import Session

SLICE = 200_000  # records normalised at a time: what bounds memory, whatever a night brings
_NOT_COMPARED = ("record", "modified_at", "created_at")


def records(session: Session, entity: str) -> int:
    """Define `<entity>_field`, make `field_record` of it and `gone_key` of `known_hash`; how many records there are."""
    session.define(f"{entity}_field", (compare.SQL / f"{entity}_field.sql").read_text(encoding="utf-8"))
    session.keep("field_record", compare.over("field_record", field=f"{entity}_field"))
    session.run(compare.SQL / "gone_key.sql")
    return int(session.scalar("SELECT count(*) FROM field_record"))


def changed(session: Session, entity: str, known: str | None) -> int:
    """Make `fresh_field`, `field_hash`, `moved_key` and `changed`; how many records changed, came or went.

    Only records without a known key or with a version after the night `known` are looked at, for `known_hash` says what all
    others were that night.
    """
    session.register("known_until", pl.DataFrame({"night": [known]}, schema={"night": pl.String}))
    session.keep("fresh_field", compare.over("fresh_field", field=f"{entity}_field"))
    session.keep("field_hash", _hashes(tuple(session.sql("FROM fresh_field").columns)))
    return differing(session)


def differing(session: Session) -> int:
    """Make `moved_key` and `changed` of `field_hash`, `known_hash` and `gone_key`; how many changed, came or went."""
    for step in ("moved_key", "changed"):
        session.run(compare.SQL / f"{step}.sql")
    return int(session.scalar("SELECT count(*) FROM changed"))


def keys(session: Session, entity: str) -> None:
    """Make `base`: tonight's keys of all records, numbered by name, with nicknames."""
    slices = max(1, -(-int(session.scalar("SELECT count(*) FROM changed")) // SLICE))
    for number in range(slices):
        session.register("fresh_slice", _fresh(session, entity, number, slices))
        if number:
            session.con.execute("INSERT INTO fresh_key FROM fresh_slice")
        else:
            session.keep("fresh_key", "FROM fresh_slice")
    session.con.unregister("fresh_slice")
    session.define("key", (compare.SQL / "key.sql").read_text(encoding="utf-8"))
    session.register("nickname", record.nicknames())
    session.keep("base", (compare.SQL / "night_base.sql").read_text(encoding="utf-8"))
    session.forget("fresh_key", "fresh_field")


def _fresh(session: Session, entity: str, number: int, slices: int) -> pl.DataFrame:
    """The keys of one slice of the changed records: which one a record is in does not matter to its keys."""
    given = exp.select("given.*").from_("fresh_field AS given")
    given = given.join("changed", on="given.record = changed.record", join_type="semi")
    if slices > 1:
        given = given.where(f"hash(given.record) % {slices} = {number}", dialect="duckdb")
    fields = session.sql(given).pl()
    known = record.keys(fields)
    listed = addresses(fields, entity).select("record", "live", "emails", "mailboxes")
    told = known.join(listed, on="record", maintain_order="left").with_columns(entity=pl.lit(entity))
    return told.drop("dob", "birth_place", "gender", "gid", "email_local")


def addresses(fields: pl.DataFrame, entity: str) -> pl.DataFrame:
    """The frame with `emails` and `mailboxes`: every valid address once, primary first; none for companies."""
    empty = pl.lit([], dtype=pl.List(pl.String))
    if entity == "company":
        return fields.with_columns(emails=empty, mailboxes=empty)
    several = fields.filter(pl.col("email_other").str.contains("[^;]"))
    given = pl.concat_list(pl.col("email").fill_null(""), pl.col("email_other").str.split(";"))
    rows = _valid(several.select("record", email=given).explode("email"))
    emails = pl.col("email").unique(maintain_order=True).alias("emails")
    mailboxes = pl.col("mailbox").unique(maintain_order=True).alias("mailboxes")
    found = rows.group_by("record", maintain_order=True).agg(emails, mailboxes)
    alone = _valid(fields.select("record", "email").join(several, on="record", how="anti"))
    alone = alone.select(
        "record", pl.concat_list("email").alias("emails"), pl.concat_list("mailbox").alias("mailboxes")
    )
    joined = fields.join(pl.concat([found, alone]), on="record", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("emails", empty), pl.coalesce("mailboxes", empty))


def _valid(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (record, email) with a valid address, in lower case, and its mailbox."""
    rows = rows.with_columns(email=distinct.email(rows["email"])).drop_nulls("email")
    return rows.with_columns(mailbox=normalise.email_canonical(pl.col("email")))


@cache
def _hashes(fields: tuple[str, ...]) -> str:
    """`record`, MD5 of the compared fields, MD5 of that and the times. A blank (NUL) differs from an empty text."""
    compared = exp.alias_(_digest([c for c in fields if c not in _NOT_COMPARED]), "compared_hash")
    hashed = exp.select("record", "modified_at", "created_at", compared).from_("fresh_field").subquery("hashed")
    whole = exp.alias_(_digest(["compared_hash", "modified_at", "created_at"]), "row_hash")
    return exp.select("record", "compared_hash", whole).from_(hashed).sql("duckdb")


def _digest(columns: list[str]) -> exp.Expr:
    texts = [
        exp.func("coalesce", exp.cast(exp.column(c), "varchar"), exp.func("chr", exp.Literal.number(0)))
        for c in columns
    ]
    return exp.func("md5", exp.func("concat_ws", exp.func("chr", exp.Literal.number(31)), *texts))
