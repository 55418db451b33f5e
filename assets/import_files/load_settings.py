"""What lies beside an import file and says how it is loaded: HubSpot's request, the Bulk job, Data Loader's mapping."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.import_files.request import Mapping, mappings_of, request_problems

_DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
_ENDINGS = ("LF", "CRLF")
_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")


@dataclass(frozen=True)
class Beside:
    """What the files beside say; everything is None or empty where there are none. `problems` are (rule, message).

    `is_cleared_before`: a manifest says that a clear is loaded first, so that a stage may go back.
    """

    mappings: dict[str, Mapping] = field(default_factory=dict)
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
    is_data_loader: bool = False
    is_cleared_before: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)


def read_beside(path: Path, crm: str, object_name: str, object_type: str | None) -> Beside:
    """Read the companions of one file, imported as `object_name` (`object_type`: HubSpot's number for it)."""
    if crm == "hubspot":
        return _request(path, object_type)
    return _job(path, object_name)


def _request(path: Path, object_type: str | None) -> Beside:
    body, problem = _json(path.with_name(path.name + ".request.json"))
    if problem:
        return Beside(problems=[("P2-94", f"the request {problem}")])
    if body is None:
        return Beside()
    mappings = mappings_of(body, path.name)
    operations = body.get("importOperations")
    mode = operations.get(object_type) if object_type and isinstance(operations, dict) else None
    return Beside(
        mappings=mappings,
        date_format=body.get("dateFormat"),
        mode=mode,
        is_multi_object=len({m.object_type for m in mappings.values()}) > 1,
        marks_marketing=body.get("marketableContactImport") is True,
        has_request=True,
        is_cleared_before=_is_cleared_before(path),
        problems=request_problems(body, path.name),
    )


def _is_cleared_before(path: Path) -> bool:
    body, _ = _json(path.with_name("manifest.json"))
    listed = (body or {}).get("files")
    files = {f.get("file"): f for f in listed if isinstance(f, dict)} if isinstance(listed, list) else {}
    waits_for = files.get(path.name, {}).get("waits_for") or []
    return any(files.get(name, {}).get("operation") == "clear" for name in waits_for)


def _job(path: Path, object_name: str) -> Beside:
    body, problem = _json(path.with_name(path.name + ".job.json"))
    mapping = _sdl(path.with_name(path.name + ".sdl"))
    if problem:
        return Beside(fields=mapping, problems=[("P2-B3", f"the job {problem}")])
    if body is None:
        return Beside(fields=mapping, is_data_loader=mapping is not None)
    return Beside(
        operation="delete" if body.get("operation") == "hardDelete" else body.get("operation"),
        external_id=body.get("externalIdFieldName"),
        line_ending=body.get("lineEnding", "LF"),
        delimiter=_DELIMITERS.get(str(body.get("columnDelimiter", "COMMA")), ","),
        fields=mapping,
        problems=list(_job_problems(body, object_name)),
    )


def _job_problems(body: dict[str, Any], object_name: str) -> list[tuple[str, str]]:
    """What Bulk API 2.0 refuses of a job; keys that it has beside these are left alone (P2-B3, P2-B8)."""
    accepted = {
        "operation": _OPERATIONS,
        "columnDelimiter": tuple(_DELIMITERS),
        "lineEnding": _ENDINGS,
        "contentType": ("CSV",),
    }
    found = [
        ("P2-B3", f"the job's {key} is none of {', '.join(words)}")
        for key, words in accepted.items()
        if (body.get(key) if key == "operation" else body.get(key, words[0])) not in words
    ]
    if str(body.get("object", "")).lower() != object_name:
        found.append(("P2-B0", f"the job is not for {object_name}"))
    if (body.get("operation") == "upsert") != (body.get("externalIdFieldName") is not None):
        found.append(("P2-B8", "an upsert, and nothing else, names its externalIdFieldName"))
    return found


def _json(path: Path) -> tuple[dict[str, Any] | None, str | None]:
    """A JSON object, or nothing, or what is wrong with the file."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return None, None
    except ValueError:
        return None, "is not JSON"
    return (body, None) if isinstance(body, dict) else (None, "is not a JSON object")


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
