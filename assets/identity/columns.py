"""Which column of a file is which field: said by the user, else recognised by name (`data/reference/identity_columns.csv`)."""

from dataclasses import dataclass

import polars as pl

from assets.identity import normalise, record, reference
from assets.shared.failures import InputRefused

IGNORE = "ignore"
_PERSON = {"first_name", "last_name", "middle_name", "birth_date", "birth_year", "gender"}
_COMPANY = {"company", "domain"}
_JOINED = {"street", "full_name", "first_name", "last_name"}


@dataclass(frozen=True)
class Mapped:
    """A file's fields (all text, rows in file order), what they came from, and whether rows are people or companies."""

    frame: pl.DataFrame
    sources: dict[str, list[str]]
    entity: str


def mapped(frame: pl.DataFrame, given: dict[str, str], truth: str | None, entity: str | None = None) -> Mapped:
    """Fields of a frame of texts. Raises InputRefused for a column or field that does not exist, or nothing to compare."""
    sources = _sources(frame.columns, given, truth)
    if "full_name" in sources and "last_name" in sources and "first_name" not in sources:
        sources["first_name"] = sources.pop("full_name")
    fields = frame.select(_combined(field, columns).alias(field) for field, columns in sources.items())
    found = entity or _entity(sources, fields)
    if found == "company" and "company" not in sources and "full_name" in sources:
        sources["company"] = sources.pop("full_name")
        fields = fields.rename({"full_name": "company"})
    if not set(sources) - {"record"}:
        known = ", ".join(f for f in record.FIELDS if f != "record")
        raise InputRefused(f"no column is recognised; name some with --map column=field (fields: {known})")
    return Mapped(fields, sources, found)


def field_named(name: str) -> str | None:
    """The field that a word stands for, in any spelling; None for a word that stands for none."""
    plain = _plain(name)
    fields = {_plain(field): field for field in record.FIELDS}
    return fields.get(plain) or reference.mapping("columns", "alias", "field").get(plain)


def _sources(columns: list[str], given: dict[str, str], truth: str | None) -> dict[str, list[str]]:
    problems = [f"--map {c}={f}: the file has no column {c}" for c, f in given.items() if c not in columns]
    if truth is not None and truth not in columns:
        problems.append(f"--truth {truth}: the file has no column {truth}")
    sources: dict[str, list[str]] = {}
    for column, word in given.items():
        field = IGNORE if _plain(word) in ("", IGNORE) else field_named(word)
        if field is None:
            problems.append(f"--map {column}={word}: there is no field {word} (fields: {', '.join(record.FIELDS)})")
        elif field != IGNORE:
            sources.setdefault(field, []).append(column)
    if problems:
        raise InputRefused(problems)
    chosen = set(sources)
    for column in columns:
        field = field_named(column)
        if field is None or column in given or column == truth or field in chosen:
            continue
        if field in sources and field in ("record", "any_id"):
            continue
        sources.setdefault(field, []).append(column)
    return sources


def _combined(field: str, columns: list[str]) -> pl.Expr:
    texts = [pl.col(c).cast(pl.String) for c in columns]
    if len(texts) > 1 and field in _JOINED:
        return pl.concat_str(texts, separator=" ", ignore_nulls=True)
    return pl.coalesce(texts)


def _entity(sources: dict[str, list[str]], fields: pl.DataFrame) -> str:
    """People or companies: by the fields there are, and where only a name is known, by whether its words are first names."""
    if _PERSON & set(sources):
        return "person"
    if "full_name" not in sources:
        return "company" if _COMPANY & set(sources) else "person"
    first = fields.select(normalise.name(pl.col("full_name")).str.extract("^([^ ]+) ", 1).alias("first"))["first"]
    known = record.nicknames()["first"].unique()
    named = first.is_in(known.implode()).sum()
    return "person" if named * 5 >= max(first.len() - first.null_count(), 1) else "company"


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
