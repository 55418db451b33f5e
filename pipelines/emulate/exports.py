"""HubSpot's exports over an emulated portal: a task that takes a moment, then a file at a signed address that wants no token."""

import csv
import io
import zipfile
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipelines.emulate.portal import OBJECTS, Portal, Row
from pipelines.emulate.problems import problem

_REQUIRED = (
    "exportType", "exportName", "format", "language", "objectType", "objectProperties", "associatedObjectType",
    "exportInternalValuesOptions", "overrideAssociatedObjectsPerDefinitionPerRowLimit", "includeLabeledAssociations",
    "includePrimaryDisplayPropertyForAssociatedObjects",
)  # fmt: skip
_TYPES = {"CONTACT": "contacts", "COMPANY": "companies", "DEAL": "deals"}


@dataclass
class Task:
    """One export: what was asked, and when its file is there."""

    body: Row
    ready: float


class Exports:
    """Handlers over one portal."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.tasks: dict[str, Task] = {}
        self.with_token: list[str] = []  # signed addresses that somebody sent a token to

    async def start(self, request: Request) -> Response:
        """A new task, one at a time."""
        body, world = await request.json(), self.portal.world
        if any(key not in body for key in _REQUIRED) or body["objectType"] not in _TYPES:
            return problem(400, "VALIDATION_ERROR")
        if any(task.ready > world.now() for task in self.tasks.values()):
            return problem(429, "RATE_LIMITS", policyName="CONCURRENT_EXPORTS")
        number = str(len(self.tasks) + 1)
        self.tasks[number] = Task(body, world.now() + world.settings.export_delay)
        return JSONResponse({"id": number, "links": {}}, 202)

    async def status(self, request: Request) -> Response:
        """How far a task is; once complete, the address of its file."""
        number, world = request.path_params["task"], self.portal.world
        if number not in self.tasks:
            return problem(404, "OBJECT_NOT_FOUND")
        stamps = {"startedAt": world.stamp(), "completedAt": world.stamp()}
        if self.tasks[number].ready > world.now():
            return JSONResponse({"status": "PROCESSING", **stamps})
        url = f"{str(request.base_url).rstrip('/')}/crm-signed/{number}?signature=emulated"
        return JSONResponse({"status": "COMPLETE", "result": url, "numErrors": 0, "errors": [], **stamps})

    async def file(self, request: Request) -> Response:
        """The file: a CSV, or a zip of several where there are more rows than one holds."""
        number = request.path_params["task"]
        if "authorization" in request.headers:
            self.with_token.append(number)
            return Response(status_code=400)
        if request.query_params.get("signature") != "emulated" or number not in self.tasks:
            return Response(status_code=403)
        size = self.portal.world.settings.export_rows
        rows = self._rows(self.tasks[number].body)
        parts = [_csv(rows[:1] + rows[n : n + size]) for n in range(1, max(len(rows), 2), size)]
        if len(parts) == 1:
            return Response(parts[0], media_type="text/csv")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for place, part in enumerate(parts):
                archive.writestr(f"export-{place}.csv", part)
        return Response(packed.getvalue(), media_type="application/zip")

    def _rows(self, body: Row) -> list[list[str]]:
        """Header and live records: internal names where asked, with the column of ids that every export has."""
        kind = self.portal.kinds[OBJECTS[_TYPES[body["objectType"]]]]
        known = {row["name"] for row in self.portal.known(kind.name)}
        names = [name for name in body["objectProperties"] if name != "hs_object_id" and name in known]
        rows = (kind.rows[i] for i in kind.ids(archived=False))
        return [["Record ID", *names], *([row["id"], *(row["properties"].get(n) or "" for n in names)] for row in rows)]


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()
