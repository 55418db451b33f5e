"""What may be written down of a conversation with a CRM: names, shapes and counts; no value of a record, no secret.

`shape` keeps length and form of a text (`xxx@xxxx.xx`, `9999-99-99`), so that a cassette still shows what breaks a parser.
"""

import csv
import io
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlencode, urlsplit

# Keys whose values are words of the API itself, not of a portal.
_WORDS = frozenset(
    [
        "archived",
        "calculated",
        "category",
        "columnDelimiter",
        "contentType",
        "createable",
        "custom",
        "done",
        "errorCode",
        "errorType",
        "fieldType",
        "filterBranchOperator",
        "filterBranchType",
        "filterType",
        "hasMore",
        "hubspotDefined",
        "lineEnding",
        "nillable",
        "numberRecordsProcessed",
        "objectTypeId",
        "operation",
        "operationType",
        "operator",
        "policyName",
        "primary",
        "processingStatus",
        "processingType",
        "soapType",
        "state",
        "status",
        "totalSize",
        "total",
        "token_type",
        "type",
        "updateable",
    ]
)
_HEADERS = ("content-type", "content-encoding", "retry-after", "date", "x-hubspot-ratelimit", "sforce-")
_QUERY = frozenset(["limit", "archived", "maxRecords", "associations", "includeFilters"])
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")


def shape(text: str) -> str:
    """The text with every letter and digit replaced."""
    return _DIGIT.sub("9", _LETTER.sub("x", text))


def redact(value: Any, key: str = "", *, is_record: bool = False) -> Any:
    """A JSON document with its structure, keys and API words, and no other value.

    In a record's own values no word is the API's, whatever its property is called.
    """
    if isinstance(value, dict):
        return {
            name: redact(item, name, is_record=name != "attributes" and (is_record or _has_values(name, item)))
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [redact(item, key, is_record=is_record) for item in value]
    if value is None or isinstance(value, bool) or (key in _WORDS and not is_record):
        return value
    return shape(value) if isinstance(value, str) else 0


def _has_values(name: str, item: Any) -> bool:
    """Whether an item of a document holds values of records; a list of properties holds their names."""
    return name == "records" or (name in ("properties", "propertiesWithHistory") and isinstance(item, dict))


def redact_body(kind: str, body: bytes) -> Any:
    """A body by its content type: JSON, CSV (header kept), or its size alone."""
    if "json" in kind:
        try:
            return redact(json.loads(body))
        except ValueError:
            return f"{len(body)} bytes that are not JSON"
    if "csv" in kind:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline="")))
        return rows[:1] + [[shape(cell) for cell in row] for row in rows[1:]]
    return f"{len(body)} bytes"


def redact_url(url: str) -> str:
    """Path and query without host and without values; ids in the path keep their shape."""
    parts = urlsplit(url)
    path = "/".join(
        part if not re.fullmatch(r"[0-9]{4,}|[0-9a-zA-Z]{15,}", part) else shape(part) for part in parts.path.split("/")
    )
    query = urlencode([(name, value if name in _QUERY else shape(value)) for name, value in parse_qsl(parts.query)])
    return f"{path}?{query}" if query else path


class Recorder:
    """A cassette: one redacted call a line, for a user to read and to send. One that is there goes with the first call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def write(
        self, method: str, url: str, sent: bytes, status: int, headers: Mapping[str, str], body: bytes, *, secret: bool
    ) -> None:
        """One call and its answer. `secret`: a call for a token, of which nothing but the status is kept."""
        kept = {name: value for name, value in headers.items() if name.lower().startswith(_HEADERS)}
        sforce = {name: value for name, value in kept.items() if name.lower() == "sforce-locator"}
        kept.update({name: value if value == "null" else shape(value) for name, value in sforce.items()})
        line = {
            "method": method,
            "url": redact_url(url),
            "sent": None if secret or not sent else redact_body("json", sent),
            "status": status,
            "headers": {} if secret else kept,
            "body": None if secret else redact_body(headers.get("content-type", ""), body),
        }
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "w", encoding="utf-8")
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
