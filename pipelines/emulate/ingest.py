"""Bulk API 2.0 ingest over an emulated org: insert, update, upsert and delete, with the three results that every job has."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipelines.emulate.org import Org, Refused, Row, stamp
from pipelines.emulate.problems import error

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_REQUIRED = {"Lead": ("LastName", "Company"), "Contact": ("LastName",), "Account": ("Name",)}
_BLANK = "#N/A"  # a cell that clears; an empty one leaves the field as it is


@dataclass
class IngestJob:
    """One job: its rows once they are uploaded, and what became of each."""

    id: str
    body: Row
    rows: list[Row] = field(default_factory=list)
    state: str = "Open"
    good: list[Row] = field(default_factory=list)
    bad: list[Row] = field(default_factory=list)


class Ingest:
    """Handlers over one org."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.jobs: dict[str, IngestJob] = {}

    async def start(self, request: Request) -> Response:
        """A new job."""
        body = await request.json()
        self.org.columns(body["object"])
        if body["operation"] not in _OPERATIONS or (
            body["operation"] == "upsert" and not body.get("externalIdFieldName")
        ):
            return error("INVALIDJOB")
        job = IngestJob(f"750i{len(self.jobs) + 1:014d}", body)
        self.jobs[job.id] = job
        return JSONResponse(self._shown(job))

    async def upload(self, request: Request) -> Response:
        """The one CSV of a job."""
        job = self._job(request)
        if job.state != "Open" or job.rows:
            return error("INVALIDJOBSTATE")
        text = (await request.body()).decode("utf-8-sig")
        separator = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|"}[
            job.body.get("columnDelimiter") or "COMMA"
        ]
        job.rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
        return Response(status_code=201)

    async def change(self, request: Request) -> Response:
        """UploadComplete sets it going (and is done at once); Aborted ends it."""
        job, state = self._job(request), (await request.json())["state"]
        if state == "UploadComplete":
            for row in job.rows:
                self._apply(job, row)
            job.state = "JobComplete"
        elif state == "Aborted":
            job.state = "Aborted"
        return JSONResponse(self._shown(job))

    async def one(self, request: Request) -> Response:
        """How far a job is, or away with it."""
        job = self._job(request)
        if request.method == "DELETE":
            del self.jobs[job.id]
            return Response(status_code=204)
        return JSONResponse(self._shown(job))

    async def results(self, request: Request) -> Response:
        """successfulResults, failedResults or unprocessedrecords, as CSV."""
        job, kind = self._job(request), request.path_params["kind"].lower()
        columns = list(job.rows[0]) if job.rows else []
        if kind == "successfulresults":
            return _csv(["sf__Id", "sf__Created", *columns], job.good)
        if kind == "failedresults":
            return _csv(["sf__Id", "sf__Error", *columns], job.bad)
        return _csv(columns, job.rows if job.state == "Aborted" else [])

    def _job(self, request: Request) -> IngestJob:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            raise Refused("NOT_FOUND", 404)
        return job

    def _apply(self, job: IngestJob, row: Row) -> None:
        name, operation = job.body["object"], job.body["operation"]
        known = self.org.columns(name)
        values = {known[k.lower()]["name"]: v for k, v in row.items() if k and k.lower() in known and v != ""}
        values = {k: None if v == _BLANK else v for k, v in values.items()}
        unknown = [k for k in row if k and k.lower() not in known and "." not in k]
        actions: dict[str, Callable[[], tuple[str, bool]]] = {
            "insert": lambda: self._insert(name, values),
            "upsert": lambda: self._upsert(name, values, known[job.body["externalIdFieldName"].lower()]["name"]),
            "update": lambda: self._update(name, values),
        }
        try:
            if unknown:
                raise Refused(f"INVALID_FIELD:No such column '{unknown[0]}'")
            key, made = actions.get(operation, lambda: self._delete(name, values, hard=operation == "hardDelete"))()
            job.good.append({"sf__Id": key, "sf__Created": str(made).lower(), **row})
        except Refused as refused:
            job.bad.append({"sf__Id": values.get("Id") or "", "sf__Error": f"{refused.code}:--", **row})

    def _insert(self, name: str, values: Row) -> tuple[str, bool]:
        lacking = [field for field in _REQUIRED.get(name, ()) if not values.get(field)]
        if lacking:
            raise Refused(f"REQUIRED_FIELD_MISSING:Required fields are missing: [{', '.join(lacking)}]:{lacking[0]}")
        return self.org.put(name, values), True

    def _upsert(self, name: str, values: Row, external: str) -> tuple[str, bool]:
        wanted = values.get(external)
        same = [key for key, row in self.org.rows[name].items() if wanted and row.get(external) == wanted]
        if len(same) > 1:
            raise Refused("DUPLICATE_EXTERNAL_ID")
        return self._update(name, {**values, "Id": same[0]}) if same else self._insert(name, values)

    def _update(self, name: str, values: Row) -> tuple[str, bool]:
        self.org.put(name, {k: v for k, v in values.items() if k != "Id"}, self._live(name, values))
        return str(values["Id"]), False

    def _delete(self, name: str, values: Row, *, hard: bool) -> tuple[str, bool]:
        self.org.delete(name, self._live(name, values), hard=hard)
        return str(values["Id"]), False

    def _live(self, name: str, values: Row) -> str:
        key = str(values.get("Id") or "")
        if self.org.rows[name].get(key, {}).get("IsDeleted", "true") == "true":
            raise Refused("ENTITY_IS_DELETED" if key in self.org.rows[name] else "INVALID_CROSS_REFERENCE_KEY")
        return key

    def _shown(self, job: IngestJob) -> Row:
        now = stamp(self.org.world.now())
        return {
            "id": job.id,
            "object": job.body["object"],
            "operation": job.body["operation"],
            "externalIdFieldName": job.body.get("externalIdFieldName"),
            "createdById": "005",
            "createdDate": now,
            "systemModstamp": now,
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "contentUrl": f"services/data/v67.0/jobs/ingest/{job.id}/batches",
            "apiVersion": 67.0,
            "jobType": "V2Ingest",
            "lineEnding": job.body.get("lineEnding") or "LF",
            "columnDelimiter": job.body.get("columnDelimiter") or "COMMA",
            "numberRecordsProcessed": len(job.good) + len(job.bad),
            "numberRecordsFailed": len(job.bad),
            "retries": 0,
            "totalProcessingTime": 1,
        }


def _csv(columns: list[str], rows: list[Row]) -> Response:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, quoting=csv.QUOTE_ALL, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return Response(out.getvalue().encode(), media_type="text/csv")
