"""Every code that Crosswalk gives as a reason or a warning, with what it means and what to do about it.

A code may be followed by a field: `required_field_missing: LastName`. Groups follow HubSpot's own sync-error groups
(P2-C0, P2-C1).
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a code does to the record."""

    TRIGGER = "trigger"  # why an operation is there
    SKIP = "skip"  # the record does not sync; nothing is wrong with it
    REJECT = "reject"  # the record is refused as a whole and tried again the next night
    WARNING = "warning"  # one value is left out, or something deserves a look


@dataclass(frozen=True)
class Meaning:
    """Severity, HubSpot error group and a sentence for a RevOps person."""

    severity: Severity
    group: str
    sentence: str


class Reason(StrEnum):
    """The codes, as they stand in `reasons` and `warnings`."""

    meaning: Meaning

    def __new__(cls, code: str, severity: Severity, group: str, sentence: str) -> "Reason":
        """A code is its own text; what it means hangs on it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = Meaning(severity, group, sentence)
        return member

    # Triggers: why an operation is there (P2-11 to P2-14).
    INITIAL_SYNC = ("initial_sync", Severity.TRIGGER, "trigger", "First night with initial_sync: full.")
    NEW_RECORD = ("new_record", Severity.TRIGGER, "trigger", "The HubSpot record was created since the night before.")
    AUTO_CREATE = ("auto_create", Severity.TRIGGER, "trigger", "Salesforce records are set to create HubSpot contacts.")
    MAPPED_CHANGE = ("mapped_change", Severity.TRIGGER, "trigger", "A mapped field changed on one side.")
    SEGMENT_ENTERED = (
        "segment_entered",
        Severity.TRIGGER,
        "trigger",
        "The contact entered the inclusion segment, or the filter of its first sync (P2-73).",
    )
    LINK_MOVED = ("link_moved", Severity.TRIGGER, "trigger", "The contact is linked to another Salesforce record now.")
    RESYNC = ("resync", Severity.TRIGGER, "trigger", "sync.yaml asks for a manual resync.")
    DELETION = ("deletion", Severity.TRIGGER, "trigger", "The Salesforce record was deleted.")
    STAGE_MOVED = ("stage_moved", Severity.TRIGGER, "trigger", "The stage moved from a lead stage to a contact stage.")
    COMPANY_STAGE = ("company_stage", Severity.TRIGGER, "trigger", "The stage of its company changed (P2-66).")
    CONTACT_STAGE = ("contact_stage", Severity.TRIGGER, "trigger", "The stage of a contact changed (P2-54).")
    LIFECYCLE = ("lifecycle", Severity.TRIGGER, "trigger", "A lifecycle stage moves by a rule.")
    LIFECYCLE_UPDATE = (
        "lifecycle_update", Severity.TRIGGER, "trigger", "A bulk update of sync.yaml asks for it (lifecycle.updates).",
    )  # fmt: skip

    # Skips: the record does not sync, and nothing is wrong with it.
    NO_EMAIL = ("no_email", Severity.SKIP, "skip", "It has no e-mail address; give it one (P2-05).")
    NOT_IN_SEGMENT = ("not_in_segment", Severity.SKIP, "skip", "It is outside the inclusion segment (P1-41).")
    AUTO_CREATE_OFF = (
        "auto_create_off", Severity.SKIP, "skip",
        "No HubSpot contact has its e-mail, and auto_create is off for records of this kind (P2-02).",
    )  # fmt: skip
    NO_TRIGGER = (
        "no_trigger",
        Severity.SKIP,
        "skip",
        "It may sync, but nothing has happened that triggers it (P1-15).",
    )
    NOT_CURRENT_RECORD = (
        "not_current_record", Severity.SKIP, "duplicates",
        "Another Salesforce record with its e-mail is the one that syncs (P2-22, P2-23); merge the two.",
    )  # fmt: skip
    LINKED_ELSEWHERE = (
        "linked_elsewhere", Severity.SKIP, "duplicates",
        "The Salesforce record with its e-mail is linked to another HubSpot contact; no second one is made (P2-25).",
    )  # fmt: skip
    DELETED_IN_HUBSPOT = (
        "deleted_in_hubspot", Severity.SKIP, "skip", "Its HubSpot record was deleted; it is not silently made again.",
    )  # fmt: skip
    DELETED_IN_SALESFORCE = (
        "deleted_in_salesforce", Severity.SKIP, "skip", "Its Salesforce record was deleted; nothing is written (P2-45).",
    )  # fmt: skip
    GONE_FROM_SALESFORCE = (
        "gone_from_salesforce", Severity.SKIP, "skip",
        "Its Salesforce record was not in the delivery; the link is kept and nothing is written.",
    )  # fmt: skip
    STAGE_NOT_SELECTED = (
        "stage_not_selected", Severity.SKIP, "skip", "Its lifecycle stage is in neither stage selection (P1-06).",
    )  # fmt: skip
    OUTSIDE_FILTER = (
        "outside_filter", Severity.SKIP, "skip", "The data-sync filter keeps it from its first sync (P2-73).",
    )  # fmt: skip
    GOES_OUT_AS_LEAD = (
        "goes_out_as_lead",
        Severity.SKIP,
        "routing",
        "Its stage sends it to the app as a lead (P1-03).",
    )
    GOES_OUT_AS_CONTACT = (
        "goes_out_as_contact", Severity.SKIP, "routing", "Its stage sends it to the app as a contact (P1-04).",
    )  # fmt: skip
    HELD_BACK = ("held_back", Severity.SKIP, "skip", "sync.yaml holds it back.")
    COMPANY_SYNC_OFF = ("company_sync_off", Severity.SKIP, "skip", "company_sync is off (P2-50).")
    NO_ASSOCIATED_CONTACT = (
        "no_associated_contact", Severity.SKIP, "skip", "The company has no associated contact (P2-52).",
    )  # fmt: skip
    ONLY_LEADS = (
        "only_leads", Severity.SKIP, "skip", "All its contacts sync with Salesforce leads, which have no account (P2-52).",
    )  # fmt: skip
    NO_QUALIFYING_CONTACT = (
        "no_qualifying_contact", Severity.SKIP, "skip",
        "None of its contacts is inside the inclusion segment (P2-52).",
    )  # fmt: skip

    # Rejections: refused as a whole, tried again every night (P2-C1).
    EMAIL_IN_USE = (
        "email_in_use", Severity.REJECT, "duplicates",
        "Another HubSpot contact has its e-mail (a secondary address counts), or gets it on the same night (P2-27).",
    )  # fmt: skip
    REQUIRED_FIELD_MISSING = (
        "required_field_missing", Severity.REJECT, "property values",
        "A required field is blank, held back or read-only; fill or release it (P2-05, P2-07).",
    )  # fmt: skip
    PICKLIST_MISMATCH = (
        "picklist_mismatch", Severity.REJECT, "property values",
        "The value is not in the restricted Salesforce picklist; add it there or change it (P2-33).",
    )  # fmt: skip
    FIELD_TOO_LONG = (
        "field_too_long", Severity.REJECT, "property values", "The value is longer than the field; shorten it (P2-BB).",
    )  # fmt: skip
    INVALID_EMAIL = (
        "invalid_email",
        Severity.REJECT,
        "property values",
        "The e-mail address is not valid; correct it.",
    )
    INVALID_FORMAT = (
        "invalid_format", Severity.REJECT, "property values", "Not the number, date or yes/no that the field takes; correct it.",
    )  # fmt: skip
    DUPLICATE_RULE = (
        "duplicate_rule",
        Severity.REJECT,
        "duplicates",
        "A Salesforce duplicate rule refused it (P2-BA).",
    )
    VALIDATION_RULE = ("validation_rule", Severity.REJECT, "custom code", "A Salesforce validation rule refused it.")
    TRIGGER_ERROR = ("trigger_error", Severity.REJECT, "custom code", "A Salesforce flow or trigger failed on it.")
    PERMISSION = (
        "permission",
        Severity.REJECT,
        "permissions",
        "The integration user may not write the record or field.",
    )
    MISSING_RECORD = ("missing_record", Severity.REJECT, "permissions", "Salesforce does not know the record any more.")
    WAITING_FOR_ACCOUNT = (
        "waiting_for_account", Severity.REJECT, "associations", "Its account has not synced yet; it is tried again (P2-C0).",
    )  # fmt: skip
    ASSOCIATION_LIMIT = (
        "association_limit",
        Severity.REJECT,
        "associations",
        "HubSpot's association limit is reached.",
    )
    CONVERTED_LEAD = (
        "converted_lead",
        Severity.REJECT,
        "custom code",
        "The lead was converted; its contact syncs instead.",
    )
    API_LIMIT = ("api_limit", Severity.REJECT, "limits", "The API allowance was used up; it is tried again.")
    REFUSED_BY_CRM = (
        "refused_by_crm", Severity.REJECT, "other", "The CRM refused it for a reason of its own; see its error file.",
    )  # fmt: skip
    ROW_LOCK = ("row_lock", Severity.REJECT, "limits", "Salesforce could not lock the row; it is tried again.")

    # Rejections of the input: the record as delivered breaks its contract; its last good version stands.
    INVALID_ID = ("invalid_id", Severity.REJECT, "input", "The record id is missing or not an id of this object.")
    DUPLICATE_ID = (
        "duplicate_id",
        Severity.REJECT,
        "input",
        "The delivery has the id more than once, with different values.",
    )
    MALFORMED_QUOTES = (
        "malformed_quotes",
        Severity.REJECT,
        "input",
        "A quote in the line is not closed or not doubled.",
    )
    INVALID_ENCODING = ("invalid_encoding", Severity.REJECT, "input", "The line is not UTF-8 text.")
    INVALID_JSON = ("invalid_json", Severity.REJECT, "input", "The line is not one JSON object.")
    WRONG_NUMBER_OF_COLUMNS = (
        "wrong_number_of_columns", Severity.REJECT, "input", "The line has more or fewer cells than the header.",
    )  # fmt: skip

    # Warnings: a value is left out, or something deserves a look.
    OWNER_NOT_FOUND = (
        "owner_not_found", Severity.WARNING, "property values", "The other system has no owner with that e-mail (P2-36).",
    )  # fmt: skip
    INACTIVE_OWNER = ("inactive_owner", Severity.WARNING, "property values", "The owner is not active there (P2-BC).")
    OWNER_IS_QUEUE = ("owner_is_queue", Severity.WARNING, "property values", "The owner is a queue; HubSpot has none.")
    READ_ONLY_PROPERTY = ("read_only_property", Severity.WARNING, "property values", "The property can only be read.")
    INVALID_ENUMERATION_OPTION = (
        "invalid_enumeration_option", Severity.WARNING, "property values",
        "The value is not an option of the HubSpot property; the rest of the record is written (P2-9C).",
    )  # fmt: skip
    CONVERTED_STATUS = (
        "converted_status", Severity.WARNING, "property values", "Only a conversion can set this lead status (P1-27).",
    )  # fmt: skip
    TYPE_MISMATCH = (
        "type_mismatch", Severity.WARNING, "routing", "The stage asks for the other Salesforce object (P2-03).",
    )  # fmt: skip
    SUPERSEDED = ("superseded", Severity.WARNING, "routing", "A contact was created for it; the lead stays (P2-6A).")
    VALUE_REWRITTEN_BY_CRM = (
        "value_rewritten_by_crm", Severity.WARNING, "property values",
        "The value came back as neither the one before nor the one given.",
    )  # fmt: skip
    BLANK_OUTSIDE_SEGMENT = (
        "blank_outside_segment", Severity.WARNING, "import",
        "Imported with its e-mail only, because it is outside the segment (P1-49).",
    )  # fmt: skip
    STAGE_BACKWARD = (
        "stage_backward", Severity.WARNING, "import",
        "An import moves a stage only forward; set backward: clear_then_set to go back (P1-66).",
    )  # fmt: skip
    STAGE_BLANK = ("stage_blank", Severity.WARNING, "import", "The cell is blank; a blank changes nothing (P2-64).")
    NOBODY_ENROLLED = ("nobody_enrolled", Severity.WARNING, "import", "It ran, once, and no record matched (P1-63).")
    RECORD_NOT_FOUND = (
        "record_not_found", Severity.WARNING, "import",
        "HubSpot has no living record with this id, e-mail or domain; a bulk update creates none (P1-67).",
    )  # fmt: skip
    SEVERAL_RECORDS = (
        "several_records", Severity.WARNING, "import",
        "The row's id, e-mail or domain belong to several records; HubSpot refuses the row (P2-2H).",
    )  # fmt: skip
    DOUBLED_ROW = ("doubled_row", Severity.WARNING, "import", "Another row or update decides its stage (P2-9D).")
    IMPORT_MODE = ("import_mode", Severity.WARNING, "import", "The import mode cannot carry this operation (P2-93).")
    LITERAL_NULL_MARKER = (
        "literal_null_marker", Severity.WARNING, "import",
        "A value is the text #N/A, which Salesforce would read as blank; the record stays out (P2-B1).",
    )  # fmt: skip
    DUPLICATE_EXTERNAL_ID = (
        "duplicate_external_id", Severity.WARNING, "import",
        "Another record has the same external id or unique value and would be overwritten; it is in no file (P2-B8, P2-2H).",
    )  # fmt: skip
    UNKNOWN_PROPERTY = (
        "unknown_property", Severity.WARNING, "import", "HubSpot has no such property; the value stays out (P2-9G).",
    )  # fmt: skip
    UNKNOWN_FIELD = (
        "unknown_field", Severity.WARNING, "import", "Salesforce has no such field; the value stays out (P2-B0).",
    )  # fmt: skip
    TOO_MANY_COLUMNS = (
        "too_many_columns", Severity.WARNING, "import",
        "The file has as many columns as it may have; the value follows as an update on another night (P2-B2).",
    )  # fmt: skip
    COMPANY_WITHOUT_DOMAIN = (
        "company_without_domain", Severity.WARNING, "import",
        "The company is made without a domain, so no import finds it; its contacts are associated once it is there (P2-92).",
    )  # fmt: skip
    NO_EXTERNAL_ID = (
        "no_external_id", Severity.WARNING, "import",
        "An object lacks the external id: its file inserts, so loading it twice makes duplicates (P2-B8).",
    )  # fmt: skip
    COMMUNICATION_BASIS_MISSING = (
        "communication_basis_missing", Severity.WARNING, "import",
        "GDPR is on and imports.hubspot.gdpr.communication is empty: nobody new is subscribed to anything (P1-72).",
    )  # fmt: skip
    CREATED_RECORD = (
        "created_record", Severity.WARNING, "undo", "No file can undo it: delete the record by the id that it got.",
    )  # fmt: skip
    ARCHIVED_RECORD = (
        "archived_record", Severity.WARNING, "undo", "No file can undo it: restore the record in the CRM.",
    )  # fmt: skip
    OPTED_OUT = (
        "opted_out", Severity.WARNING, "undo", "No file can undo it: only the contact itself can opt in again (P2-38).",
    )  # fmt: skip
    BECAME_MARKETING = (
        "became_marketing", Severity.WARNING, "undo",
        "No file can undo it: set it as a non-marketing contact by hand; that counts from the next update date (P2-A3).",
    )  # fmt: skip
    ASSOCIATION_MADE = (
        "association_made", Severity.WARNING, "undo",
        "No file can undo it: remove the association of contact and company in HubSpot.",
    )  # fmt: skip
    TIER_EXCEEDED = ("tier_exceeded", Severity.WARNING, "marketing", "The contact tier would be exceeded (P2-A4).")


_BY_CODE = {reason.value: reason for reason in Reason}


def code(text: str) -> Reason:
    """The reason of a text such as `field_too_long: FirstName`. Raises KeyError for an unknown code."""
    return _BY_CODE[text.split(":", 1)[0]]
