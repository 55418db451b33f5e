"""What leaves as files: the requests beside them, the manifest over them, the findings about them.

Forms only; nothing here reads or writes. A request that a CRM would refuse cannot be built: the models check what the
rules say about it (HubSpot's own schema types the inside of an import request as plain text and checks nothing).
"""

import json
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

CONTACT: Literal["0-1"] = "0-1"
COMPANY: Literal["0-2"] = "0-2"
OBJECT_TYPES = {"contact": CONTACT, "company": COMPANY}

ColumnType = Literal[
    "STANDARD",
    "HUBSPOT_OBJECT_ID",
    "HUBSPOT_ALTERNATE_ID",
    "FLEXIBLE_ASSOCIATION_LABEL",
    "ASSOCIATION_KEYS",
    "EVENT_TIMESTAMP",
]
DateFormat = Literal["MONTH_DAY_YEAR", "DAY_MONTH_YEAR", "YEAR_MONTH_DAY"]
IDENTIFIERS = {"HUBSPOT_OBJECT_ID", "HUBSPOT_ALTERNATE_ID"}
MAX_COLUMNS = 999


class Effect(StrEnum):
    """What the CRM does with what a finding is about."""

    FILE_REFUSED = "file refused"
    ROW_REFUSED = "row refused"
    VALUE_DROPPED = "value dropped"
    IGNORED = "silently ignored"
    OVERWRITES = "overwrites"
    NEW_RECORD = "new record"
    MISREAD = "may be misread"


REFUSING = (Effect.FILE_REFUSED, Effect.ROW_REFUSED)


class Wire(BaseModel):
    """A JSON body: camel case outside, nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True)


class ColumnMapping(Wire):
    """One column of a file and the property it goes to (P2-94, P2-95)."""

    column_object_type_id: Literal["0-1", "0-2"]
    column_name: str = Field(min_length=1)
    property_name: str | None
    column_type: ColumnType = "STANDARD"


class FileImportPage(Wire):
    """How one file reads."""

    has_header: Literal[True] = True
    column_mappings: list[ColumnMapping] = Field(min_length=1)


class RequestFile(Wire):
    """One file of a request."""

    file_name: str = Field(min_length=1)
    file_format: Literal["CSV", "SPREADSHEET"] = "CSV"
    file_import_page: FileImportPage


class ImportRequest(Wire):
    """The `importRequest` part of POST /crm/imports (P2-94). Raises ValidationError for what HubSpot would refuse."""

    name: str = Field(min_length=1)
    import_operations: dict[Literal["0-1", "0-2"], Literal["CREATE", "UPDATE", "UPSERT"]] = Field(min_length=1)
    date_format: DateFormat
    marketable_contact_import: bool = False
    create_contact_list_from_import: bool = False
    time_zone: str = Field(min_length=1)
    files: list[RequestFile] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_accepted(self) -> Self:
        for file in self.files:
            mappings = file.file_import_page.column_mappings
            names = [m.column_name for m in mappings]
            if len(names) > MAX_COLUMNS:
                raise ValueError("P2-90: an import file has less than 1000 columns")
            if len(set(names)) != len(names):
                raise ValueError("P2-90: two columns have the same name")
            for kind in {m.column_object_type_id for m in mappings}:
                if not any(m.column_type in IDENTIFIERS for m in mappings if m.column_object_type_id == kind):
                    raise ValueError("P1-67: a unique identifier column is needed: e-mail, domain or Record ID")
        if self.marketable_contact_import and set(self.import_operations) != {CONTACT}:
            raise ValueError("P2-97: only an import of contacts alone can set marketing contacts")
        if self.create_contact_list_from_import and CONTACT not in self.import_operations:
            raise ValueError("P1-71: only an import of contacts can create a list")
        return self

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return self.model_dump(mode="json", by_alias=True)


class BulkJob(Wire):
    """A Bulk API 2.0 ingest job (P2-B3, P2-B8)."""

    object: Literal["Lead", "Contact", "Account"]
    operation: Literal["insert", "update", "upsert", "delete"]
    external_id_field_name: str | None = None
    content_type: Literal["CSV"] = "CSV"
    column_delimiter: Literal["BACKQUOTE", "CARET", "COMMA", "PIPE", "SEMICOLON", "TAB"] = "COMMA"
    line_ending: Literal["LF", "CRLF"] = "LF"

    @model_validator(mode="after")
    def _names_its_key(self) -> Self:
        if (self.operation == "upsert") != (self.external_id_field_name is not None):
            raise ValueError("P2-B8: an upsert, and nothing else, names its external id field")
        return self

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ManifestFile(BaseModel):
    """One file to load. `waits_for` names files that must have been loaded without failure before this one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    target: Literal["hubspot", "salesforce"]
    object: Literal["contact", "company", "lead", "account"]
    operation: Literal["create", "update", "clear", "delete", "associate", "subscribe"]
    rows: int
    bytes: int
    sha256: str
    via: Literal["import", "api"]
    order: int
    waits_for: list[str] = []


class Companion(BaseModel):
    """A file that lies beside the files to load: a request, a job, a mapping, a list of what was left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    bytes: int
    sha256: str


class HeldBack(BaseModel):
    """Operations or values of the plan that are in no file, counted by cause."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    object: str
    operation: str
    code: str
    field: str | None
    effect: Literal["operation", "value"]
    rows: int


class LoadDay(BaseModel):
    """Files that fit into one day's allowance of a CRM, by their order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    day: int
    orders: list[int]
    rows: int


class Tier(BaseModel):
    """Marketing contacts before and after the night's files, against the contact tier (P2-A4)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: int
    created: int
    promoted: int
    demoted: int
    after: int
    tier: int | None
    exceeded_by: int


class Manifest(BaseModel):
    """`manifest.json`: everything of one night, in the order in which to load it (design section 7)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    night: str
    configuration_digest: str
    files: list[ManifestFile]
    companions: list[Companion] = []
    held_back: list[HeldBack] = []
    days: list[LoadDay] = []
    marketing: Tier | None = None
    warnings: list[str] = []

    def text(self) -> str:
        """The file's text: keys in the declared order, `waits_for` only where there is something to wait for."""
        body = self.model_dump(mode="json")
        body["files"] = [{k: v for k, v in f.items() if k != "waits_for" or v} for f in body["files"]]
        return _json(body)


class Limits(BaseModel):
    """What one CRM takes in a file and in a day (data/reference/import_limits.yaml)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_columns: int
    max_rows: int
    max_bytes: int
    max_text_chars: int
    rows_per_day: int
    files_per_day: int | None = None
    max_header_chars: int | None = None
    max_record_chars: int | None = None
    batch_inputs: int | None = None
    batch_records: int | None = None
    batches_per_day: int | None = None


class ImportLimits(BaseModel):
    """Both CRMs' limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hubspot: Limits
    salesforce: Limits


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"
