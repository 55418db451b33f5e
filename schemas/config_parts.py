"""The blocks of sync.yaml: one frozen model a block, every key with its default, meaning and rule.

What a block forbids by itself is said here; what two blocks forbid together is in `config_rules`. The reference in
docs/configuration.md is printed from these declarations.
"""

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

Rule = Literal["two_way", "prefer_salesforce_unless_blank", "always_salesforce", "never"]


def setting(default: Any = ..., description: str = "", rule: str | None = None, **constraints: Any) -> Any:
    """A key of sync.yaml with its meaning and, where one exists, the rule of the catalogue that it stands for."""
    return Field(default, description=description, json_schema_extra={"rule": rule} if rule else None, **constraints)


def refuse(rule: str, message: str) -> PydanticCustomError:
    """An error that carries the id of the broken rule beside its message."""
    return PydanticCustomError("rule", "{message}", {"rule": rule, "message": message})


def _night(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise PydanticCustomError("night", "must be a date such as 2026-11-20")


def _moment(value: Any, info: ValidationInfo) -> Any:
    zone = (info.context or {}).get("timezone", ZoneInfo("UTC"))
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("moment", "must be a date or a time in ISO 8601") from None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    raise PydanticCustomError("moment", "must be a date or a time in ISO 8601")


def _segment(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise refuse("P1-46", "must be one list id or one list name")
    return value


def _name(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise PydanticCustomError("name", "must not be blank")
    return value


def _field_name(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value):
        raise refuse("P1-22", "must be an internal name (HubSpot) or an API name (Salesforce), not a label")
    return value


def placeholders(text: str) -> set[str]:
    """What stands in braces in a text of sync.yaml."""
    return set(re.findall(r"\{([^}]*)\}", text))


def _record_id(value: Any) -> Any:
    if isinstance(value, bool) or not re.fullmatch(r"\s*(\d+|[A-Za-z0-9]{15}([A-Za-z0-9]{3})?)\s*", str(value)):
        raise refuse("P2-29", "must be a HubSpot record id, or a Salesforce id of 15 or 18 characters")
    return str(value)


def _email(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\s*[^@\s]+@[^@\s]+\s*", value):
        raise PydanticCustomError("email", "must be an e-mail address")
    return value


def _written(value: Any) -> Any:
    if isinstance(value, str) and value.strip() == "#N/A":
        raise refuse("P2-B1", "must not be #N/A, which Salesforce reads as blank")
    return value


Night = Annotated[str, BeforeValidator(_night)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
SegmentRef = Annotated[int | str, BeforeValidator(_segment)]
RecordId = Annotated[str, BeforeValidator(_record_id)]
SALESFORCE = "salesforce"  # the app whose deltas we make, however it is capitalised
Name = Annotated[str, BeforeValidator(_name)]
Value = Annotated[Name, BeforeValidator(_written)]
EmailRef = Annotated[str, BeforeValidator(_email)]
AppName = Annotated[Name, AfterValidator(lambda app: SALESFORCE if app.lower() == SALESFORCE else app)]
FieldName = Annotated[str, BeforeValidator(_field_name)]


class Part(BaseModel):
    """A block: unknown keys are refused, values are not converted, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class AutoCreateOne(Part):
    """Creation of HubSpot contacts from one Salesforce object."""

    new: bool = setting(True, "records created since the night before", "P1-44")
    existing: bool = setting(False, "records that were there before", "P1-11")


class AutoCreate(Part):
    """Salesforce to HubSpot."""

    leads: AutoCreateOne = setting(AutoCreateOne(), "from leads", "P2-02")
    contacts: AutoCreateOne = setting(AutoCreateOne(), "from contacts", "P2-02")


class Placeholders(Part):
    """Values for fields that the target requires and the source leaves blank."""

    lead_company: Value | None = setting(None, "company of a new lead whose contact has none", "P2-07", max_length=255)


class SalesforceImport(Part):
    """People who arrive by Salesforce import."""

    night: Night | None = setting(None, "night whose new people arrive by import: e-mail first", "P1-47")


class Integration(Part):
    """The HubSpot-Salesforce integration."""

    create_as: Literal["lead", "contact"] = setting("lead", "type of new Salesforce records", "P2-01")
    auto_create: AutoCreate = setting(AutoCreate(), "new HubSpot contacts from Salesforce", "P1-44")
    inclusion_segment: SegmentRef | None = setting(
        None, "list id or name; null is everyone, which is not the same as an empty segment", "P1-13"
    )
    on_salesforce_delete: Literal["nothing", "delete_hubspot_contact"] = setting(
        "nothing", "what a Salesforce deletion does in HubSpot", "P2-45"
    )
    lifecycle_transitions: bool = setting(False, "stage follows opportunity contact roles", "P2-67")
    company_sync: bool = setting(True, "accounts and companies sync", "P2-50")
    create_and_associate_companies: bool = setting(True, "HubSpot makes companies from contacts", "P2-04")
    placeholders: Placeholders = setting(Placeholders(), "values for required fields", "P2-07")
    salesforce_import: SalesforceImport = setting(SalesforceImport(), "one import night", "P1-47")


class DataSync(Part):
    """Stage selection of one data-sync app."""

    app: AppName = setting(..., "name of the app; only salesforce gets deltas", "P1-01")
    supports: list[Literal["leads", "contacts"]] = setting(["leads", "contacts"], "objects it can sync", "P1-02")
    lead_stages: list[Name] = setting([], "stages that go out as leads", "P1-03")
    contact_stages: list[Name] = setting([], "stages that go out as contacts", "P1-04")
    filter: SegmentRef | None = setting(None, "segment that limits the first sync only", "P2-73")
    conflict: Literal["hubspot", "app"] | None = setting(None, "which side wins a conflict", "P2-71")


class Mapping(Part):
    """One custom field mapping."""

    hubspot: FieldName = setting(..., "HubSpot property, internal name", "P1-21")
    salesforce: FieldName = setting(..., "Salesforce field, API name", "P1-22")
    rule: Rule = setting("prefer_salesforce_unless_blank", "update rule", "P2-30")
    object: Literal["person", "company"] = setting("person", "contacts and leads, or companies and accounts", "P2-53")


class Resync(Part):
    """One manual trigger."""

    night: Night = setting(..., "night on which it counts; the next one that is run where it never was", "P2-14")
    segment: SegmentRef | None = setting(None, "everyone in a segment", "P2-14")
    emails: list[EmailRef] | None = setting(None, "people by e-mail", "P2-14", min_length=1)
    ids: list[RecordId] | None = setting(None, "records of either CRM by id", "P2-14", min_length=1)

    @model_validator(mode="after")
    def _says_who(self) -> "Resync":
        if sum(value is not None for value in (self.segment, self.emails, self.ids)) != 1:
            raise refuse("P2-14", "needs exactly one of segment, emails, ids")
        return self


class HoldBack(Part):
    """One record that is never touched, or some of its fields."""

    id: RecordId | None = setting(None, "record of either CRM")
    email: EmailRef | None = setting(None, "person by e-mail")
    fields: list[Name] | None = setting(
        None, "only these fields, by the name in either CRM; absent: the whole record", min_length=1
    )

    @model_validator(mode="after")
    def _says_who(self) -> "HoldBack":
        if (self.id is None) == (self.email is None):
            raise refuse("design 5", "needs exactly one of id, email")
        return self


class DefaultStage(Part):
    """Stage given on creation."""

    salesforce: Name | None = setting("lead", "to contacts that Salesforce creates; null gives none", "P2-68")


class StageUpdate(Part):
    """One bulk update of lifecycle stages: a workflow (enroll, set) or an import (file, night)."""

    object: Literal["contact", "company"] = setting("contact", "whose stage", "P1-60")
    enroll: SegmentRef | None = setting(None, "segment that is enrolled (workflow)", "P1-61")
    set: Name | None = setting(None, "stage it gets (workflow)", "P1-61")
    continuous: bool = setting(False, "every night, not once (workflow)", "P1-61")
    file: str | None = setting(None, "CSV with e-mail, domain or Record ID and stage (import)", "P1-65")
    night: Night | None = setting(
        None, "night of the import, or of a workflow that runs once; the first of a continuous one"
    )
    backward: Literal["ignore", "clear_then_set"] = setting("ignore", "what an earlier stage does (import)", "P1-66")
    _base: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _is_one_kind(self) -> "StageUpdate":
        if (self.enroll is None) == (self.file is None):
            raise refuse("P1-61", "needs exactly one of enroll, file")
        if self.enroll is not None and self.set is None:
            raise refuse("P1-61", "enroll needs set")
        if self.file is not None and (self.night is None or self.set is not None or self.continuous):
            raise refuse("P1-65", "file needs night, and takes neither set nor continuous")
        return self

    def model_post_init(self, context: Any) -> None:
        """Remember the folder of the file, against which `file` is read."""
        self._base = (context or {}).get("folder", Path())

    @property
    def source(self) -> Path | None:
        """Absolute path of the CSV."""
        return None if self.file is None else self._base / self.file


class Lifecycle(Part):
    """Lifecycle stages."""

    default_stage: DefaultStage = setting(DefaultStage(), "stages given on creation", "P2-68")
    updates: list[StageUpdate] = setting([], "bulk updates", "P1-60")
