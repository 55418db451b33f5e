"""Everything in the lake that names one person, gathered over all nights: what `crosswalk forget` erases."""

import polars as pl

from assets.shared import keys
from assets.shared.failures import CrosswalkError
from assets.shared.forget import Person
from assets.shared.lake import Lake

_PEOPLE = {
    ("hubspot", "contact"): ("hs_object_id", ("email", "hs_additional_emails")),
    ("salesforce", "lead"): ("Id", ("Email",)),
    ("salesforce", "contact"): ("Id", ("Email",)),
}
_LINKS = (keys.LINK, keys.LEDGER)


def find(lake: Lake, asked: str) -> Person:
    """The person of an e-mail address or record id, with the records linked to theirs.

    Raises CrosswalkError for one that no table knows. Records that only share an address are the same person.
    """
    records = _records(lake)
    links = _links(lake)
    word = asked.strip()
    frame = records.filter(
        (pl.col("id") == word) | (pl.col("id").str.slice(0, 15) == word) | (pl.col("email") == word.lower())
    )
    ids, emails = set(frame["id"].to_list()), set(frame["email"].drop_nulls().to_list())
    if not ids:
        raise CrosswalkError("no person with this id or e-mail is known in this lake")
    while True:
        linked = links.filter(pl.col("hubspot_id").is_in(sorted(ids)) | pl.col("salesforce_id").is_in(sorted(ids)))
        wider = ids | set(linked["hubspot_id"].drop_nulls()) | set(linked["salesforce_id"].drop_nulls())
        same = records.filter(pl.col("id").is_in(sorted(wider)) | pl.col("email").is_in(sorted(emails)))
        wider |= set(same["id"].to_list())
        more = emails | set(same["email"].drop_nulls().to_list())
        if (wider, more) == (ids, emails):
            break
        ids, emails = wider, more
    hubspot = frozenset(i for i in ids if i.isdigit() and len(i) < 15)
    return Person(hubspot, frozenset(ids) - hubspot, frozenset(emails))


def _records(lake: Lake) -> pl.DataFrame:
    """Id and one e-mail address a row, of every layer that has records of people."""
    frames = [pl.DataFrame(schema={"id": pl.String, "email": pl.String})]
    for (crm, entity), (id_column, columns) in _PEOPLE.items():
        for layer in ("raw", "staged"):
            files = lake.files(f"{layer}/{crm}/{entity}")
            if not files:
                continue
            frame = pl.scan_parquet(files, missing_columns="insert", extra_columns="ignore", hive_partitioning=False)
            names = frame.collect_schema().names()
            for column in (c for c in columns if c in names):
                address = pl.col(column).str.to_lowercase().str.split(";")
                rows = frame.select(pl.col(id_column).alias("id"), address.alias("email")).explode("email")
                frames.append(rows.with_columns(pl.col("email").str.strip_chars().replace("", None)).unique().collect())
    return pl.concat(frames).unique()


def _links(lake: Lake) -> pl.DataFrame:
    frames = [pl.DataFrame(schema={"hubspot_id": pl.String, "salesforce_id": pl.String})]
    for key in _LINKS:
        if files := lake.files(key):
            scan = pl.scan_parquet(files, missing_columns="insert", extra_columns="ignore", hive_partitioning=False)
            people = pl.col("salesforce_object").is_in(["Lead", "Contact"]) | pl.col("salesforce_object").is_null()
            frames.append(scan.filter(people).select("hubspot_id", "salesforce_id").unique().collect())
    return pl.concat(frames).unique()
