"""The judge that reads OpenAPI files, judged itself by a file of three lines: it finds what does not fit."""

import json
from pathlib import Path

import pytest

from tests.support.openapi import Specification

RECORD = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
OPERATION = {
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Record"}}}},
    "responses": {"200": {"content": {"*/*": {"schema": {"$ref": "#/components/schemas/Record"}}}}},
}
DOCUMENT = {
    "paths": {"/crm/objects/2026-09/{objectType}/search": {"post": OPERATION}},
    "components": {"schemas": {"Record": RECORD}},
}


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (("POST", "/crm/objects/2026-03/contacts/search", b'{"id": "1"}', 200, b'{"id": "1"}'), []),
        (
            ("POST", "/crm/objects/2026-09/contacts/search", b'{"id": 1}', 200, b"{}"),
            [
                "POST /crm/objects/2026-09/contacts/search: request: $.id: type",
                "POST /crm/objects/2026-09/contacts/search: answer: $: required",
            ],
        ),
        (("GET", "/crm/nothing", b"", 200, b""), ["GET /crm/nothing: is not in the specification"]),
        (
            ("POST", "/crm/objects/2026-09/deals/search", b'{"id": "1"}', 204, b""),
            ["POST /crm/objects/2026-09/deals/search: status 204 is not in the specification"],
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, call: tuple[str, str, bytes, int, bytes], wrong: list[str]) -> None:
    (tmp_path / "objects.json").write_text(json.dumps(DOCUMENT))
    specification = Specification.read(tmp_path)
    specification.judge(*call)
    assert specification.wrong == wrong
