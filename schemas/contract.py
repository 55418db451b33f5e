"""The contract of a delivered record: kinds of columns, one pandera declaration an entity, and what is written when it breaks.

A model of `schemas.hubspot` or `schemas.salesforce` declares the columns that the project reads. `contract()` narrows it
to what was delivered and adds the portal's own columns, typed by its property or describe files; the result is at once
the validator, and by `arrow_types()` the Arrow schema. Nothing here reads a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandera.polars as pa
import polars as pl
import pyarrow as arrow

from schemas.arrow import arrow_type

HASH_VERSION = "v1"  # md5 over `name=value` of the non-null columns in name order; a new rendering gets a new name
EMAIL = r"^\s*[^@\s,;:<>()\[\]\"]+@[^@\s,;:<>()\[\]\"/\\.]+(\.[^@\s,;:<>()\[\]\"/\\.]+)+\s*$"
HUBSPOT_ID = r"^[0-9]{1,19}$"
SALESFORCE_ID = r"^[A-Za-z0-9]{18}$"

# Names that Crosswalk itself gives to columns of raw and staged; a delivered column of that name gets an underscore.
RESERVED = (
    "night", "op", "merged_into", "row_hash", "hash_version", "source_file", "source_line", "record_key",
    "mark__modified", "mark__deleted", "mark__master", "mark__merged",
)  # fmt: skip

# A number is a double in the lake. Beside a column with more digits than a double keeps is another one, named with this before
# it, that has those numbers as delivered; it is only there where there are any. No field of Salesforce and no property of HubSpot
# begins with an underscore: a custom field may well be called `Exact__c`.
EXACT = "_exact__"


class Broken(StrEnum):
    """Why a delivered row is in `rejected`. `schemas.reasons` has a sentence for each."""

    REQUIRED_FIELD_MISSING = "required_field_missing"  # no record id
    INVALID_ID = "invalid_id"  # not an id of that CRM
    INVALID_EMAIL = "invalid_email"  # a person's e-mail address that is none
    INVALID_FORMAT = "invalid_format"  # not a number, date, time or yes/no, as the column's type wants
    DUPLICATE_ID = "duplicate_id"  # another row of the delivery has the id, and is newer or just as new
    WRONG_NUMBER_OF_COLUMNS = "wrong_number_of_columns"  # more or fewer cells than the header
    MALFORMED_QUOTES = "malformed_quotes"  # text after a closing quote, or a quote that is never closed
    INVALID_ENCODING = "invalid_encoding"  # bytes that are not UTF-8
    INVALID_JSON = "invalid_json"  # a line that is not a JSON object


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    ID = "id"  # the record's own id
    REFERENCE = "reference"  # a Salesforce id of another record
    LINK = "link"  # a Salesforce id that HubSpot keeps; made 18 characters where it is one, else left alone
    LINKS = "links"  # several of them, separated by ;
    EMAIL = "email"  # a person's address; must be one
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


POLARS: dict[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.DATETIME: pl.Datetime("us", "UTC"),
}
_KIND_OF: dict[str, Kind] = {str(dtype): kind for kind, dtype in POLARS.items()}


@dataclass(frozen=True)
class Contract:
    """What one entity's delivered columns must look like tonight, in the order delivered."""

    validator: pa.DataFrameSchema
    kinds: dict[str, Kind]


def text(description: str, *, pii: bool = False) -> Any:
    """A column of text, number or time that may be blank; the annotation gives its type."""
    return pa.Field(nullable=True, description=description, metadata={"pii": pii})


def personal(description: str) -> Any:
    """A column that holds personal data."""
    return text(description, pii=True)


def record_id(pattern: str, description: str) -> Any:
    """The record's own id; never blank."""
    return pa.Field(str_matches=pattern, description=description, metadata={"kind": Kind.ID})


def key(description: str) -> Any:
    """A part of the record's key that is plain text; never blank."""
    return pa.Field(description=description)


def reference(description: str) -> Any:
    """A Salesforce id of another record."""
    return pa.Field(
        nullable=True, str_matches=SALESFORCE_ID, description=description, metadata={"kind": Kind.REFERENCE}
    )


def link(description: str, kind: Kind = Kind.LINK) -> Any:
    """Salesforce ids as HubSpot keeps them: plain text to HubSpot, so never a reason to reject."""
    return pa.Field(nullable=True, description=description, metadata={"kind": kind})


def email(description: str) -> Any:
    """A person's e-mail address: one `@`, a dotted domain, no blanks inside (blanks around it are kept, P2-28)."""
    return pa.Field(
        nullable=True, str_matches=EMAIL, description=description, metadata={"kind": Kind.EMAIL, "pii": True}
    )


def kinds(model: type[pa.DataFrameModel]) -> dict[str, Kind]:
    """Kind of every column that a model declares."""
    return {
        name: Kind((column.metadata or {}).get("kind") or _KIND_OF.get(str(column.dtype.type), Kind.TEXT))
        for name, column in model.to_schema().columns.items()
    }


def contract(model: type[pa.DataFrameModel], delivered: Mapping[str, Kind]) -> Contract:
    """The model narrowed to the delivered columns, with every column that it does not declare added as its kind says.

    Declared columns keep their declared type, whatever the portal's own files say: SQL is written against it.
    """
    declared = model.to_schema().columns
    known = kinds(model)
    columns = {
        name: declared[name]
        if name in declared
        else pa.Column(POLARS.get(kind, pl.String()), _checks(kind), nullable=True, name=name)
        for name, kind in delivered.items()
    }
    return Contract(pa.DataFrameSchema(columns), {name: known.get(name, kind) for name, kind in delivered.items()})


def arrow_types(found: Mapping[str, Kind]) -> arrow.Schema:
    """Arrow schema of typed columns."""
    return arrow.schema([arrow.field(name, arrow_type(POLARS.get(kind, pl.String()))) for name, kind in found.items()])


def kind_of(dtype: arrow.DataType) -> Kind:
    """Kind that a column of the lake was written as; ids, references and e-mails are text there."""
    for kind, name in POLARS.items():
        if arrow_type(name).equals(dtype):
            return kind
    return Kind.TEXT


def broken(kind: Kind, check: str) -> Broken:
    """Code of a failed pandera check on a column of that kind."""
    if check == "not_nullable":
        return Broken.REQUIRED_FIELD_MISSING
    return {Kind.ID: Broken.INVALID_ID, Kind.REFERENCE: Broken.INVALID_ID, Kind.EMAIL: Broken.INVALID_EMAIL}.get(
        kind, Broken.INVALID_FORMAT
    )


def _checks(kind: Kind) -> pa.Check | None:
    return pa.Check.str_matches(SALESFORCE_ID) if kind is Kind.REFERENCE else None
