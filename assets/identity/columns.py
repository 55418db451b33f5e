"""Which column of a file is which field: said by the user, else recognised by name (`data/reference/identity_columns.csv`)."""

import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from assets.identity import normalise, record, reference
from assets.shared.failures import InputRefused

IGNORE = "ignore"
_PERSON = {"first_name", "last_name", "middle_name", "birth_date", "birth_year", "gender"}
_COMPANY = {"company", "domain"}
_NAMES = {"full_name", "first_name", "last_name", "email"}
_ADDRESS = r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"
_SAMPLE = 1000  # values looked at
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
    if "email" not in sources:
        sources |= _addresses(frame, sources, given, truth)
    if not _NAMES & set(sources):
        titles = [
            column for column in sources.get("job_title", []) if column not in given and _plain(column) == "title"
        ]
        if titles:  # nobody holds the job: a title of a work or a product, which is its name
            sources["company"] = titles
            del sources["job_title"]
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
    """The field that a header stands for, in any spelling; None for one that stands for none.

    Known names first. Then the words of a longer header are tried without those that only say whose or what form it is
    (`res_street_address`, `gender_code`), from the end backwards; not where a word says that it is somebody else's
    (`mother_first_name`) or another thing's (`created_at`), and only fields that have the kind of value that a word names:
    a `Last Activity Date` is no last name, a `Record ID - Contact` no full name.
    """
    known = reference.mapping("columns", "alias", "field") | {_plain(field): field for field in record.FIELDS}
    if found := known.get(_plain(name)):
        return found
    words = [_plain(word) for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))]
    if set(words) & set(reference.words("header_other")):
        return None
    if "birth" in words and {known.get(word) for word in words} & {"city", "state", "country"}:
        return "birth_place"
    telling = [word for word in words if word not in reference.words("header_noise")]
    tried = [part[start:] for part in (words, telling) for start in range(len(part))]
    tried += [telling[:end] for end in range(len(telling) - 1, 0, -1)]
    kinds = reference.rows("header_kinds")
    told = [{row["field"] for row in kinds if row["word"] == word} for word in words]
    fitting = (known.get("".join(part)) for part in tried)
    return next((field for field in fitting if field and all(not fields or field in fields for fields in told)), None)


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


def _addresses(
    frame: pl.DataFrame, sources: dict[str, list[str]], given: dict[str, str], truth: str | None
) -> dict[str, list[str]]:
    """The first column, not yet taken, whose values are e-mail addresses, whatever its name."""
    taken = {column for columns in sources.values() for column in columns} | {*given, truth}
    for column in frame.columns:
        values = frame[column].cast(pl.String).drop_nulls().head(_SAMPLE)
        if column not in taken and 2 * values.str.contains(_ADDRESS).sum() > values.len():
            return {"email": [column]}
    return {}


def _combined(field: str, columns: list[str]) -> pl.Expr:
    texts = [pl.col(c).cast(pl.String) for c in columns]
    if len(texts) > 1 and field in _JOINED:
        return pl.concat_str(texts, separator=" ", ignore_nulls=True)
    return pl.coalesce(texts)


def _entity(sources: dict[str, list[str]], fields: pl.DataFrame) -> str:
    """People or companies: by the fields there are, and where only a name is known, by what the names look like."""
    if _PERSON & set(sources):
        return "person"
    if "full_name" not in sources:
        return "company" if _COMPANY & set(sources) else "person"
    return "person" if _personal(fields["full_name"]) else "company"


def _personal(names: pl.Series) -> bool:
    """Whether names are people's: a fifth begin with a known first name, or a twentieth, if they are built as people's are.

    People's have two or three words, and first names are no more varied than last names; companies end alike (Systems, Foods).
    """
    first, last = record.split(names)
    known = first.is_in(record.nicknames()["first"].unique().implode()).sum()
    looks = names.to_frame("name").select(
        short=normalise.words(pl.col("name")).str.contains("^[^ ]+ [^ ]+(?: [^ ]+)?$"),
        formed=normalise.words(pl.col("name")) != normalise.company(pl.col("name")),
    )
    given = looks["short"].count()
    built = looks["short"].sum() >= 0.9 * given and looks["formed"].sum() <= 0.05 * given
    return known >= 0.2 * given or (known >= 0.05 * given and built and last.n_unique() >= 0.75 * first.n_unique())


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in folded if c.isalnum())
