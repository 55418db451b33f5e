"""Judges the inside of somebody's `importRequest`: HubSpot's own schema types it as text and checks nothing (P2-94 to P2-97)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from schemas.imports import CONTACT, ColumnType, DateFormat

Found = tuple[str, str]
_MODES = ("CREATE", "UPDATE", "UPSERT")
_BOXES = ("marketableContactImport", "createContactListFromImport")


@dataclass(frozen=True)
class Mapping:
    """Where the request sends one column. `name` is None for a column that only connects two objects (P2-96)."""

    name: str | None
    object_type: str
    column_type: str


def mappings_of(body: dict[str, Any], file_name: str) -> dict[str, Mapping]:
    """The column mappings of one file of a request, by column."""
    return {
        str(m.get("columnName")): Mapping(
            m.get("propertyName"),
            str(m.get("columnObjectTypeId")),
            str(m.get("columnType") or m.get("idColumnType") or "STANDARD"),
        )
        for m in _mappings(_file(body, file_name))
    }


def request_problems(body: dict[str, Any], file_name: str) -> list[Found]:
    """Everything that HubSpot would refuse of the request itself, as (rule, message)."""
    found = list(_request(body))
    file = _file(body, file_name)
    if file is None:
        return [*found, ("P2-94", "the request does not name this file")]
    return [*found, *_of_file(file)]


def _request(body: dict[str, Any]) -> Iterator[Found]:
    if not body.get("name"):
        yield "P1-70", "the request has no name"
    if not body.get("dateFormat"):
        yield "P2-94", "the request has no dateFormat"
    elif body["dateFormat"] not in get_args(DateFormat):
        yield "P2-94", f"the request's dateFormat is none of {', '.join(get_args(DateFormat))}"
    for key in _BOXES:
        if not isinstance(body.get(key, False), bool):
            yield "P2-94", f"{key} is neither true nor false"
    operations = body.get("importOperations")
    if not isinstance(operations, dict) or not operations:
        yield "P2-94", "the request has no importOperations"
    elif not all(mode in _MODES for mode in operations.values()):
        yield "P2-93", f"an operation of the request is none of {', '.join(_MODES)}"
    elif CONTACT not in operations:
        for key in _BOXES:
            if body.get(key) is True:
                yield "P1-71", f"{key} belongs to an import of contacts"


def _of_file(file: dict[str, Any]) -> Iterator[Found]:
    if file.get("fileFormat", "CSV") != "CSV":
        yield "P2-94", "the request says that the file is a spreadsheet"
    page = _dict(file.get("fileImportPage"))
    if page.get("hasHeader") is not True:
        yield "P2-94", "the request does not say that there is a header (hasHeader)"
    mappings = _mappings(file)
    if any(m.get("columnType") and m.get("idColumnType") for m in mappings):
        yield "P2-95", "columnType and idColumnType say the same; HubSpot takes one of them"
    if any(m.get("columnType", "STANDARD") not in get_args(ColumnType) for m in mappings):
        yield "P2-95", f"a columnType is none of {', '.join(get_args(ColumnType))}"
    names = Counter(str(m.get("columnName")) for m in mappings)
    if any(count > 1 for count in names.values()):
        yield "P2-94", "the request maps a column twice"
    goals = Counter((m.get("columnObjectTypeId"), m.get("propertyName")) for m in mappings if m.get("propertyName"))
    if any(count > 1 for count in goals.values()):
        yield "P2-94", "the request maps two columns to one property"
    for mapping in mappings:
        connects = mapping.get("propertyName") is None
        if connects and not (mapping.get("toColumnObjectTypeId") and mapping.get("foreignKeyType")):
            yield "P2-96", "a column without a property says neither toColumnObjectTypeId nor foreignKeyType"
            return


def _file(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    files = body.get("files")
    return next((f for f in files if _dict(f).get("fileName") == name), None) if isinstance(files, list) else None


def _mappings(file: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = _dict(_dict(file).get("fileImportPage")).get("columnMappings")
    return [m for m in found if isinstance(m, dict)] if isinstance(found, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
