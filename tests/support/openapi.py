"""A judge by HubSpot's official OpenAPI files: every request and answer that passes between a client and the emulator.

The files are not ours to pass on; HUBSPOT_OPENAPI_DIR says where they lie. Any date stands for any other in a path.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DATED = re.compile(r"\d{4}-\d{2}")
_PLACE = re.compile(r"\\\{[^}]+\\\}")


@dataclass
class Operation:
    """One operation: where it is, its schemas, and the document that their references point into."""

    pattern: re.Pattern[str]
    method: str
    described: dict[str, Any]
    document: dict[str, Any]


@dataclass
class Specification:
    """All operations of the files of a folder; `wrong` is what did not fit, `judged` how many bodies were looked at."""

    operations: list[Operation] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    judged: int = 0

    @classmethod
    def read(cls, folder: Path) -> "Specification":
        found = cls()
        for file in sorted(folder.rglob("*.json")):
            document = json.loads(file.read_text(encoding="utf-8"))
            for path, item in (document.get("paths") or {}).items() if isinstance(document, dict) else ():
                pattern = re.compile(_PLACE.sub("[^/]+", re.escape(_DATED.sub("0000-00", path))) + "/?")
                methods = {name: one for name, one in item.items() if name in ("get", "post", "put", "patch", "delete")}
                found.operations += [Operation(pattern, name.upper(), one, document) for name, one in methods.items()]
        # A path without places is nearer than one with.
        found.operations.sort(key=lambda one: one.pattern.pattern.count("[^/]+"))
        return found

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a call."""
        dated = _DATED.sub("0000-00", path)
        return next((one for one in self.operations if one.method == method and one.pattern.fullmatch(dated)), None)

    def judge(self, method: str, path: str, sent: bytes, status: int, got: bytes) -> None:
        """Note what of a call does not fit."""
        one = self.operation(method, path)
        if one is None:
            self.wrong.append(f"{method} {path}: is not in the specification")
            return
        body = one.described.get("requestBody", {}).get("content", {})
        if sent and body:
            self._fits(f"{method} {path}: request", body, sent, one.document)
        answers = one.described.get("responses", {})
        answer = answers.get(str(status)) or (answers.get("default") if status >= 400 else None)
        if answer is None:
            self.wrong.append(f"{method} {path}: status {status} is not in the specification")
        elif got and answer.get("content"):
            self._fits(f"{method} {path}: answer", answer["content"], got, one.document)

    def _fits(self, what: str, content: dict[str, Any], body: bytes, document: dict[str, Any]) -> None:
        schema = next((kind["schema"] for kind in content.values() if "schema" in kind), None)
        if schema is None:
            return
        self.judged += 1
        validator = Draft202012Validator({**schema, "components": document.get("components", {})})
        try:
            errors = sorted(validator.iter_errors(json.loads(body)), key=lambda error: error.json_path)
        except RecursionError:  # the exports' schema refers to itself
            return
        self.wrong += [f"{what}: {error.json_path}: {error.validator}" for error in errors]


class Validating:
    """An ASGI application that has every call of HubSpot's paths judged on its way to and from another."""

    def __init__(self, app: ASGIApp, specification: Specification) -> None:
        self.app = app
        self.specification = specification

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/services/", "/emulator/", "/crm-signed/")):
            await self.app(scope, receive, send)
            return
        sent, got, status = bytearray(), bytearray(), [0]

        async def receiving() -> Message:
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            got.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, receiving, sending)
        self.specification.judge(scope["method"], scope["path"], bytes(sent), status[0], bytes(got))
