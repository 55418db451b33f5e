"""What a night's delivery consists of: which file holds which entity, and the tables that describe the files and their faults."""

from dataclasses import dataclass

import pandera.polars as pa
import polars as pl


@dataclass(frozen=True)
class Entity:
    """One entity of a CRM and the file of the export that holds it."""

    name: str
    file: str  # path without ending, inside the night's folder; a folder name with `/*` for one file an object
    model: type[pa.DataFrameModel]
    forms: tuple[str, ...] = ("csv",)  # csv, jsonl (one object a line) or json (the API's answer or a bare array)
    needed: bool = False  # at least one needed file of the CRM must be there
    key: tuple[str, ...] = ("Id",)
    modified: tuple[str, ...] = ()  # columns that tell the newest of several rows with one id, first that is not blank
    object: str | None = None  # HubSpot object of the property file that types its columns; Salesforce object
    standing: tuple[str, ...] = ()  # columns that say whether it is there still: not delivered, they say nothing
    single: bool = False  # the API's answer is the one record itself


class Delivery(pa.DataFrameModel):
    """One row: one file of the night as it was delivered."""

    entity: str = pa.Field(description="entity that the file holds; result for a CRM's answer to an import")
    file: str = pa.Field(description="path inside the night's folder")
    rows: int = pa.Field(description="records in the file, unreadable lines included")
    unreadable: int = pa.Field(description="lines that could not be read as a record")
    bytes: int = pa.Field(description="size of the file")
    sha256: str = pa.Field(description="digest of the file's bytes")
    complete: bool = pa.Field(description="false where the file ends in the middle of a record")
    columns: pl.List(pl.String) = pa.Field(description="columns as landed, in the file's order")  # type: ignore[valid-type]
    label_headed: pl.List(pl.String) = pa.Field(description="columns whose header was a label")  # type: ignore[valid-type]


class Unreadable(pa.DataFrameModel):
    """One row: one line of a delivered file that could not be read as a record."""

    entity: str = pa.Field(description="entity that the file holds")
    record_id: str = pa.Field(nullable=True, description="record id, where it could be read")
    reason: str = pa.Field(description="reason code")
    source_file: str = pa.Field(description="path inside the night's folder")
    source_line: int = pa.Field(description="line on which the record starts, the header being line 1")


class Rejected(pa.DataFrameModel):
    """One row: one delivered record that broke its contract, with every reason."""

    record_id: str = pa.Field(nullable=True, description="record id, where it could be read")
    reasons: pl.List(pl.String) = pa.Field(description="`code: column`, all of them")  # type: ignore[valid-type]
    source_file: str = pa.Field(description="path inside the night's folder")
    source_line: int = pa.Field(description="line on which the record starts, the header being line 1")


class Version(pa.DataFrameModel):
    """The columns that every staged table has after its record's own."""

    op: str = pa.Field(isin=["upsert", "delete", "merge", "gone"], description="what became of the record that night")
    merged_into: str = pa.Field(nullable=True, description="id of the record it was merged into")
    row_hash: str = pa.Field(description="digest of the typed record")
    hash_version: str = pa.Field(description="algorithm of row_hash")
    source_file: str = pa.Field(nullable=True, description="file of the delivery")
    source_line: int = pa.Field(nullable=True, description="line on which the record starts")
