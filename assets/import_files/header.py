"""From a file's header to the fields it goes to, and what is wrong with the header itself."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assets.import_files import reference
from assets.import_files.findings import Problem
from assets.import_files.knowledge import OWNER_OBJECT, Knowledge
from assets.import_files.load_settings import Beside
from schemas.import_fields import ID_PREFIX, FieldSet, ImportField, is_system_property
from schemas.imports import IDENTIFIERS, OBJECT_TYPES, Effect

_RECORD_ID_HEADERS = {"record id", "hs_object_id"}
_API_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
_OBJECT_OF = {prefix: name for name, prefix in ID_PREFIX.items()} | {"005": OWNER_OBJECT}


@dataclass(frozen=True)
class Column:
    """One column of a file. `target` is None where the column is not imported or nobody knows the field.

    `other` names the object that the column belongs to where it is not the file's own (an import of several, P2-96).
    """

    place: int
    header: str
    target: ImportField | None = None
    identifies: bool = False
    other: str | None = None


@dataclass(frozen=True)
class Header:
    """The columns and the problems of the header, each with its place in the order of columns.

    What is asked for by name or as identifier is the file's own object's.
    """

    columns: list[Column]
    problems: list[Problem]

    def of(self, name: str) -> Column | None:
        """The column of a property or field."""
        return next((c for c in self.own if c.target is not None and c.target.name == name), None)

    @property
    def own(self) -> list[Column]:
        """Columns of the file's own object."""
        return [c for c in self.columns if c.other is None]

    @property
    def identifiers(self) -> list[Column]:
        """Columns by which the CRM finds records."""
        return [c for c in self.own if c.identifies]


def hubspot_header(names: list[str], object_name: str, known: Knowledge, beside: Beside) -> Header:
    """Columns of a HubSpot import: by the request beside it, else by internal name or label (P2-90 to P2-95, P2-9G)."""
    fields = known.fields("hubspot", object_name)
    problems = list(_common(names, reference.limits().hubspot.max_columns, "P2-90", "P2-90"))
    columns = []
    for place, header in enumerate(names):
        if beside.has_request:
            column, found = _mapped(place, header, object_name, known, beside)
        else:
            column, found = _named(place, header, fields)
        columns.append(column)
        problems += found
    for header in beside.mappings:
        if header not in names:
            problems.append(
                Problem(-1, header, "P2-94", Effect.FILE_REFUSED, "the request maps a column that is not there")
            )
    problems += _other_identifiers(columns)
    if not any(c.identifies for c in columns if c.other is None):
        wanted = (
            "an Email or Record ID column" if object_name == "contact" else "a Company domain name or Record ID column"
        )
        problems.append(Problem(-1, None, "P1-67", Effect.FILE_REFUSED, f"no unique identifier: {wanted} is needed"))
    return Header(columns, problems + list(_twice(columns, "P2-90")))


def salesforce_header(names: list[str], object_name: str, known: Knowledge, operation: str, beside: Beside) -> Header:
    """Columns of a Salesforce file: API names, relationship columns, by Data Loader's mapping where one lies beside."""
    fields = known.fields("salesforce", object_name)
    limits = reference.limits().salesforce
    problems = list(_common(names, limits.max_columns, "P2-B2", "P2-B0"))
    if len(",".join(names)) > (limits.max_header_chars or 0):
        message = f"the header has more than {limits.max_header_chars} characters"
        problems.append(Problem(-1, None, "P2-B2", Effect.FILE_REFUSED, message))
    columns = []
    for place, header in enumerate(names):
        name = header if beside.fields is None else beside.fields.get(header, "")
        column, found = _field(place, header, name, fields, known, operation, beside)
        columns.append(column)
        problems += found
    problems += _twice(columns, "P2-B0")
    return Header(columns, problems + list(_missing(columns, fields, operation, beside)))


def _twice(columns: list[Column], rule: str) -> Iterator[Problem]:
    """Columns of different names that go to one field."""
    seen: dict[str, str] = {}
    for column in (c for c in columns if c.target is not None):
        name = f"{column.other}/{column.target and column.target.name}".lower()
        folded = column.header.strip().lower()
        if seen.setdefault(name, folded) != folded:
            message = "an earlier column goes to the same property or field"
            yield Problem(column.place, column.header, rule, Effect.FILE_REFUSED, message)


def _common(names: list[str], most: int, limit: str, rule: str) -> Iterator[Problem]:
    if len(names) > most:
        yield Problem(-1, None, limit, Effect.FILE_REFUSED, f"{len(names)} columns; at most {most} are read")
    counted = Counter(name.strip().lower() for name in names)
    seen: set[str] = set()
    for place, name in enumerate(names):
        folded = name.strip().lower()
        if not folded:
            yield Problem(place, name, rule, Effect.FILE_REFUSED, "a column has no name")
        elif counted[folded] > 1 and folded in seen:
            yield Problem(place, name, rule, Effect.FILE_REFUSED, "an earlier column has the same name")
        seen.add(folded)


def _mapped(
    place: int, header: str, object_name: str, known: Knowledge, beside: Beside
) -> tuple[Column, list[Problem]]:
    if header not in beside.mappings:
        problem = Problem(place, header, "P2-94", Effect.FILE_REFUSED, "the request does not map this column")
        return Column(place, header), [problem]
    mapping = beside.mappings[header]
    name, kind = mapping.name, mapping.column_type
    goes_to = {number: own for own, number in OBJECT_TYPES.items()}.get(mapping.object_type)
    if goes_to is None or name is None:
        return Column(place, header, other=mapping.object_type), []
    other = goes_to if goes_to != object_name else None
    fields = known.fields("hubspot", goes_to)
    target = fields.get(name) or (None if fields.complete else ImportField(name, "text", max_chars=65_536))
    if target is None:
        problem = Problem(place, header, "P2-94", Effect.FILE_REFUSED, "the portal has no such property")
        return Column(place, header, other=other), [problem]
    if kind == "HUBSPOT_OBJECT_ID":
        return Column(place, header, replace(target, kind="record_id"), True, other), []
    return Column(place, header, target, kind in IDENTIFIERS, other), _read_only(place, header, target)


def _other_identifiers(columns: list[Column]) -> Iterator[Problem]:
    """Every object of an import needs an identifier of its own (P1-67, P2-96)."""
    for other in sorted({c.other for c in columns if c.other and c.target}):
        if not any(c.identifies for c in columns if c.other == other):
            message = f"no unique identifier for the {other} of the same row"
            yield Problem(-1, None, "P1-67", Effect.FILE_REFUSED, message)


def _named(place: int, header: str, fields: FieldSet) -> tuple[Column, list[Problem]]:
    folded = header.strip().lower()
    if folded in _RECORD_ID_HEADERS:
        known = fields.get("hs_object_id") or ImportField("hs_object_id", "record_id")
        return Column(place, header, replace(known, kind="record_id", read_only=False), True), []
    target = _by_name_or_label(folded, fields)
    if target is None and is_system_property(folded):
        return Column(place, header), _read_only(place, header, ImportField(folded, "text", read_only=True))
    if target is None:
        ignored = Problem(place, header, "P2-9G", Effect.IGNORED, "matches no property; the column is not imported")
        return Column(place, header), [ignored] if fields.complete and folded else []
    identifies = target.kind in ("email", "domain") or (target.unique and not target.read_only)
    return Column(place, header, target, identifies), _read_only(place, header, target)


def _by_name_or_label(folded: str, fields: FieldSet) -> ImportField | None:
    by_name = {name.lower(): f for name, f in fields.fields.items()}
    if folded in by_name:
        return by_name[folded]
    labelled = [f for f in fields.fields.values() if (f.label or "").strip().lower() == folded]
    if len(labelled) == 1:
        return labelled[0]
    english = {
        str(r["label"]).lower(): str(r["name"]) for r in reference.default_properties() if r["object"] == fields.object
    }
    return fields.get(english.get(folded, "")) if not labelled else min(labelled, key=lambda f: f.name)


def _read_only(place: int, header: str, target: ImportField) -> list[Problem]:
    if not target.read_only:
        return []
    message = "the property can only be read; HubSpot sets it itself"
    return [Problem(place, header, "P2-9A", Effect.VALUE_DROPPED, message)]


def _field(
    place: int, header: str, name: str, fields: FieldSet, known: Knowledge, operation: str, beside: Beside
) -> tuple[Column, list[Problem]]:
    if beside.fields is not None and not name:
        problem = Problem(place, header, "P2-B0", Effect.IGNORED, "Data Loader's mapping does not name this column")
        return Column(place, header), [problem]
    if "." in name:
        wrong = _relationship(name, fields, known)
        found = [Problem(place, header, "P2-B7", Effect.FILE_REFUSED, wrong)] if wrong else []
        return Column(place, header), found
    target = fields.get(name)
    if target is None:
        unknown = fields.complete or not (_API_NAME.match(name) or not name)
        message = "not an API name of a field of this object; the whole job fails"
        found = [Problem(place, header, "P2-B0", Effect.FILE_REFUSED, message)] if unknown and name else []
        external = name == beside.external_id
        return Column(place, header, ImportField(name, "text") if external else None, external), found
    key = beside.external_id or ("Id" if operation != "insert" else None)
    identifies = key is not None and target.name.lower() == key.lower()
    if not identifies:
        return Column(place, header, target), _unwritable(place, header, target, operation)
    if operation != "upsert" or target.external_key or target.kind == "record_id" or not fields.complete:
        return Column(place, header, target, identifies), []
    message = "upsert finds records by an external id, and this field is none"
    return Column(place, header, target, identifies), [Problem(place, header, "P2-B8", Effect.FILE_REFUSED, message)]


def _unwritable(place: int, header: str, target: ImportField, operation: str) -> list[Problem]:
    if operation == "delete":
        return []
    writes = {"insert": target.createable, "update": target.updateable}.get(
        operation, target.createable or target.updateable
    )
    if writes and not target.read_only and target.kind != "record_id":
        return []
    compound = target.kind == "compound" or (target.name == "Name" and target.read_only)
    message = (
        "a compound field; its parts can be written" if compound else f"the field cannot be written by {operation}"
    )
    return [Problem(place, header, "P2-3B" if compound else "P2-39", Effect.ROW_REFUSED, message)]


def _relationship(name: str, fields: FieldSet, known: Knowledge) -> str | None:
    """What is wrong with a relationship column; None where it is right or cannot be known (P2-B7)."""
    named, _, path = name.rpartition(":")
    relation, *rest = path.split(".")
    if len(rest) != 1:
        return "a relationship column goes one level up, no further"
    if not relation or not rest[0]:
        return "a relationship column names a relationship and, after the point, a field of the parent"
    lookup = relation[:-1] + "c" if relation.lower().endswith("__r") else relation + "Id"
    reference_field = fields.get(lookup)
    if reference_field is None:
        return "this object has no such relationship" if fields.complete else None
    if len(reference_field.id_prefixes) > 1 and not named:
        return "the relationship leads to several objects; the name begins with one of them and a colon"
    parents = [_OBJECT_OF[p] for p in reference_field.id_prefixes if p in _OBJECT_OF]
    if len(reference_field.id_prefixes) > 1:
        parents = [parent for parent in parents if parent == named.lower()]
    if len(parents) != 1:
        return None
    parent = known.fields("salesforce", parents[0])
    target = parent.get(rest[0])
    is_key = not parent.complete if target is None else target.external_key or target.kind == "record_id"
    if not is_key:
        return "the parent's field is neither an external id nor an id-lookup field"
    return None


def _missing(columns: list[Column], fields: FieldSet, operation: str, beside: Beside) -> Iterator[Problem]:
    present = {c.target.name.lower() for c in columns if c.target is not None}
    if operation in ("update", "delete") and "id" not in present:
        yield Problem(-1, "Id", "P2-B0", Effect.FILE_REFUSED, f"{operation} needs the column Id")
    if operation == "upsert" and beside.external_id and not any(c.identifies for c in columns):
        yield Problem(-1, beside.external_id, "P2-B8", Effect.FILE_REFUSED, "upsert needs the external id's column")
    if operation == "insert":
        for target in fields.fields.values():
            if target.required and target.createable and target.name.lower() not in present:
                message = "a required field has no column; every record is refused"
                yield Problem(-1, target.name, "P2-07", Effect.FILE_REFUSED, message)
