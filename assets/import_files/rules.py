"""What each kind of column may hold, as checks: a rule, what the CRM does with a cell that breaks it, and a predicate.

The same checks keep a bad value out of our own files and find it in anybody's. Blank cells are never checked here (they
mean "leave it" in both CRMs), nor is Salesforce's `#N/A`; what a row or a file must have is in `row_rules`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import cells, reference
from assets.import_files.cells import Predicate
from schemas.import_fields import ID_PREFIX, LEGAL_BASIS, FieldSet, ImportField
from schemas.imports import Effect

BLANK = "#N/A"
_NAMES = {"firstname", "lastname", "name", "company"}


@dataclass(frozen=True)
class Check:
    """One demand on the cells of a column: `accepts` is true for the good ones. `code` is the reason code."""

    rule: str
    code: str
    effect: Effect
    message: str
    accepts: Predicate

    def bad(self, values: pa.Array) -> pa.Array:
        """Cells that are not blank and break the demand; never null."""
        filled = pc.not_equal(pc.fill_null(values, ""), "")
        return pc.and_not(filled, pc.fill_null(self.accepts(pc.fill_null(values, "")), True))


@dataclass(frozen=True)
class Portal:
    """What the checks know beyond the fields: the file's date order, owners (None: unknown), GDPR.

    `distrusts` asks of a value what only a hand could have got wrong: an id's checksum, a word that stands for a blank. What
    a CRM itself delivered is not asked for it.
    """

    date_format: str = "YEAR_MONTH_DAY"
    owners: frozenset[str] | None = None
    inactive_users: frozenset[str] = field(default_factory=frozenset)
    operation: str = "update"
    gdpr: bool = False
    is_data_loader: bool = False
    distrusts: bool = False


def column_checks(fields: FieldSet, target: ImportField, portal: Portal) -> list[Check]:
    """The checks of one column of a file for one object."""
    if fields.crm == "hubspot":
        return list(_hubspot(target, portal))
    return list(_salesforce(fields, target, portal))


def stage_options(target: ImportField | None) -> tuple[tuple[str, str], ...]:
    """Lifecycle stages in the portal's order as (internal value, accepted label).

    A default stage is known by its English label, whatever the portal calls it; a custom one by its own (P1-68, P2-61).
    """
    english = dict(reference.default_stages())
    portal = target.options if target else ()
    return tuple((value, english.get(value, label)) for value, label in portal) or reference.default_stages()


def _hubspot(target: ImportField, portal: Portal) -> Iterable[Check]:
    dropped, refused = Effect.VALUE_DROPPED, Effect.ROW_REFUSED
    accepts: Predicate
    if target.max_chars is not None:
        limit = target.max_chars
        long = cells.is_longer_than(limit)
        yield Check("P2-98", "field_too_long", dropped, f"more than {limit} characters", lambda v: pc.invert(long(v)))
    if target.name == LEGAL_BASIS:
        accepts = cells.all_parts(cells.is_value(tuple((b, b) for b in reference.legal_bases())))
        yield Check(
            "P2-9F",
            "picklist_mismatch",
            refused if portal.gdpr else dropped,
            "not one of HubSpot's legal bases, letter for letter",
            accepts,
        )
    elif target.kind == "stage":
        accepts = cells.is_option(stage_options(target))
        yield Check(
            "P2-63", "invalid_enumeration_option", dropped, "neither a stage's internal value nor its label", accepts
        )
    elif target.kind == "option" and target.options:
        accepts = cells.is_option(target.options)
        yield Check("P2-9C", "invalid_enumeration_option", dropped, "not an option of the property", accepts)
    elif target.kind == "options" and target.options:
        accepts = cells.all_parts(cells.is_option(target.options))
        yield Check("P2-9C", "invalid_enumeration_option", dropped, "holds something that is not an option", accepts)
    elif target.kind == "owner" and portal.owners is not None:
        owners = pa.array(sorted(portal.owners), pa.string())
        yield Check(
            "P2-98",
            "owner_not_found",
            dropped,
            "not the e-mail or full name of an active user",
            lambda v: pc.is_in(pc.utf8_lower(cells.trimmed(v)), owners),
        )
    elif target.kind in _HUBSPOT_KINDS:
        rule, code, effect, message, accepts = _HUBSPOT_KINDS[target.kind]
        yield Check(rule, code, effect, message, accepts)
    elif target.kind == "date":
        order = portal.date_format
        yield Check("P2-98", "invalid_format", dropped, f"not a day written as {order}", cells.is_date(order))
    if portal.distrusts and target.kind == "text":
        message = "stored as the word that it is; an import cannot clear"
        yield Check("P2-99", "literal_null_marker", Effect.OVERWRITES, message, _no_word(target, BLANK))


def _no_word(target: ImportField, *markers: str) -> Predicate:
    """Cells that are no word for a blank; somebody may be called Null."""
    return cells.is_other_than(markers if target.name.lower() in _NAMES else (*markers, "null"))


_HUBSPOT_KINDS: dict[str, tuple[str, str, Effect, str, Predicate]] = {
    "record_id": ("P2-9C", "invalid_format", Effect.ROW_REFUSED, "not a record id", cells.is_record_id),
    "email": ("P2-9C", "invalid_email", Effect.ROW_REFUSED, "not an e-mail address", cells.is_email),
    "domain": ("P2-9B", "invalid_format", Effect.ROW_REFUSED, "not a domain", cells.is_domain),
    "boolean": ("P2-98", "invalid_format", Effect.VALUE_DROPPED, "not true, yes, false or no", cells.is_yes_or_no),
    "number": ("P2-98", "invalid_format", Effect.VALUE_DROPPED, "not a plain number", cells.is_number),
    "datetime": (
        "P2-98",
        "invalid_format",
        Effect.VALUE_DROPPED,
        "neither epoch milliseconds nor ISO 8601",
        cells.is_import_datetime,
    ),
}


def _salesforce(fields: FieldSet, target: ImportField, portal: Portal) -> Iterable[Check]:
    limit = min(target.max_chars or 32_000, reference.limits().salesforce.max_text_chars)
    if target.kind in ("text", "email") or target.max_chars:
        long = cells.is_longer_than(limit)
        yield _refusing("P2-BB", "field_too_long", f"more than {limit} characters", lambda v: pc.invert(long(v)))
    if target.kind == "boolean" and portal.is_data_loader:
        message = "not true, yes, y, on, 1, false, no, n, off or 0"
        yield _refusing("P2-B6", "invalid_format", message, cells.is_loader_boolean)
    elif target.kind in _SALESFORCE_KINDS:
        rule, code, message, accepts = _SALESFORCE_KINDS[target.kind]
        yield _refusing(rule, code, message, accepts)
    elif target.kind == "option" and target.options:
        accepts = cells.is_value(target.options)
        yield _refusing("P2-C1", "picklist_mismatch", "not an active value of the restricted picklist", accepts)
    elif target.kind == "options" and target.options:
        accepts = cells.all_parts(cells.is_value(target.options))
        yield _refusing(
            "P2-C1", "picklist_mismatch", "holds a value that the restricted picklist does not have", accepts
        )
    if fields.object == "lead" and target.name == "Status":
        converted = pa.array(reference.converted_statuses(), pa.string())
        message = "only a conversion sets this status"
        yield _refusing(
            "P1-27", "converted_status", message, lambda v: pc.invert(pc.is_in(cells.trimmed(v), converted))
        )
    if target.whole_digits is not None and target.kind == "number":
        yield _refusing("P2-C1", "invalid_format", "has too many digits", _fits(target.whole_digits))
    if portal.distrusts and (target.kind == "text" or (target.kind == "option" and not target.options)):
        message = "stored as the word that it is; only #N/A sets a field to null"
        words = _no_word(target, BLANK)
        yield Check(
            "P2-B1",
            "literal_null_marker",
            Effect.OVERWRITES,
            message,
            lambda v: pc.or_(pc.equal(v, BLANK), words(v)),
        )
    yield from _references(fields, target, portal)


_SALESFORCE_KINDS: dict[str, tuple[str, str, str, Predicate]] = {
    "boolean": ("P2-B6", "invalid_format", "not true, false, 1 or 0", cells.is_bulk_boolean),
    "date": ("P2-B5", "invalid_format", "not a day as yyyy-MM-dd", cells.is_iso_date),
    "datetime": ("P2-B5", "invalid_format", "not a time as yyyy-MM-ddTHH:mm:ss.SSSZ", cells.is_bulk_datetime),
    "integer": ("P2-C1", "invalid_format", "not a whole number", cells.is_integer),
    "number": ("P2-C1", "invalid_format", "not a plain number", cells.is_number),
    "email": ("P2-C1", "invalid_email", "not an e-mail address", cells.is_email),
    "reference": ("P2-29", "invalid_format", "not a Salesforce id of 15 or 18 characters", cells.is_salesforce_id),
    "record_id": ("P2-29", "invalid_format", "not a Salesforce id of 15 or 18 characters", cells.is_salesforce_id),
}


def _references(fields: FieldSet, target: ImportField, portal: Portal) -> Iterable[Check]:
    if portal.distrusts and target.kind in ("reference", "record_id"):
        message = "the last three characters do not belong to the id"
        yield _refusing("P2-29", "invalid_format", message, cells.has_fitting_checksum)
    prefixes = (ID_PREFIX[fields.object],) if target.kind == "record_id" else target.id_prefixes
    if target.name == "OwnerId":
        if fields.object != "lead":
            queue = cells.has_prefix(("00G",))
            yield _refusing("P2-BC", "owner_is_queue", "a queue cannot own this object", lambda v: pc.invert(queue(v)))
        if portal.inactive_users:
            inactive = pa.array(sorted(portal.inactive_users), pa.string())
            message = "the owner is not an active user"
            yield _refusing("P2-BC", "inactive_owner", message, lambda v: pc.invert(pc.is_in(v, inactive)))
        prefixes = ("005", "00G")
    if prefixes:
        named, well_formed = cells.has_prefix(prefixes), cells.is_salesforce_id
        message = "an id of another object"
        yield _refusing("P2-29", "missing_record", message, lambda v: pc.or_(named(v), pc.invert(well_formed(v))))


def _refusing(rule: str, code: str, message: str, accepts: Predicate) -> Check:
    """A demand of Salesforce: one bad field refuses the whole record (P2-C2); `#N/A` is never bad."""
    return Check(rule, code, Effect.ROW_REFUSED, message, lambda v: pc.or_(pc.equal(v, BLANK), accepts(v)))


def _fits(whole_digits: int) -> Predicate:
    too_many = rf"^[+-]?0*[1-9]\d{{{whole_digits},}}(?:\.|$)"
    return lambda values: pc.invert(pc.match_substring_regex(cells.trimmed(values), too_many))
