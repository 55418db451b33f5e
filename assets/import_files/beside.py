"""What lies beside an import file and says how it is loaded: HubSpot's request, the Bulk job, Data Loader's mapping."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.imports import BulkJob

_DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}


@dataclass(frozen=True)
class Beside:
    """What the files beside say; everything is None or empty where there are none."""

    mappings: dict[str, tuple[str | None, str, str]] = field(default_factory=dict)
    date_format: str | None = None
    mode: str | None = None
    is_multi_object: bool = False
    marks_marketing: bool = False
    has_request: bool = False
    operation: str | None = None
    external_id: str | None = None
    line_ending: str | None = None
    delimiter: str = ","
    fields: dict[str, str] | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)


def read_beside(path: Path, crm: str, object_type: str | None) -> Beside:
    """Read the companions of one file. What is wrong with them is in `problems` as (rule, message)."""
    if crm == "hubspot":
        return _request(path, object_type)
    return _job(path)


def _request(path: Path, object_type: str | None) -> Beside:
    body = _json(path.with_name(path.name + ".request.json"))
    if body is None:
        return Beside()
    problems = [
        ("P2-94", f"the request has no {key}")
        for key in ("name", "dateFormat", "importOperations")
        if not body.get(key)
    ]
    files = [f for f in body.get("files") or [] if f.get("fileName") == path.name]
    if not files:
        problems.append(("P2-94", "the request does not name this file"))
    page = (files[0].get("fileImportPage") or {}) if files else {}
    mappings = {
        str(m.get("columnName")): (
            m.get("propertyName"),
            str(m.get("columnObjectTypeId")),
            str(m.get("columnType") or "STANDARD"),
        )
        for m in page.get("columnMappings") or []
    }
    operations = body.get("importOperations") or {}
    return Beside(
        mappings=mappings,
        date_format=body.get("dateFormat"),
        mode=operations.get(object_type) if object_type else None,
        is_multi_object=len({kind for _, kind, _ in mappings.values()}) > 1,
        marks_marketing=bool(body.get("marketableContactImport")),
        has_request=True,
        problems=problems,
    )


def _job(path: Path) -> Beside:
    body = _json(path.with_name(path.name + ".job.json"))
    mapping = _sdl(path.with_name(path.name + ".sdl"))
    if body is None:
        return Beside(fields=mapping)
    problems = []
    try:
        BulkJob.model_validate(body)
    except ValidationError as error:
        problems = [
            ("P2-B3", f"the job is refused: {'.'.join(map(str, e['loc'])) or e['msg']}") for e in error.errors()
        ]
    return Beside(
        operation=body.get("operation"),
        external_id=body.get("externalIdFieldName"),
        line_ending=body.get("lineEnding", "LF"),
        delimiter=_DELIMITERS.get(body.get("columnDelimiter", "COMMA"), ","),
        fields=mapping,
        problems=problems,
    )


def _json(path: Path) -> dict[str, Any] | None:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _sdl(path: Path) -> dict[str, str] | None:
    """Column to field of a Data Loader mapping (a Java properties file)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    found = {}
    for line in lines:
        if line.strip() and not line.startswith(("#", "!")):
            name, field_name = _pair(line)
            found[name] = field_name.replace("\\:", ".").replace("\\", "").strip()
    return found


def _pair(line: str) -> tuple[str, str]:
    name, escaped = "", False
    for place, mark in enumerate(line):
        if escaped:
            name, escaped = name + mark, False
        elif mark == "\\":
            escaped = True
        elif mark in "=:":
            return name.strip(), line[place + 1 :]
        else:
            name += mark
    return name.strip(), ""
