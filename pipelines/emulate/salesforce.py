"""Salesforce's paths over an emulated org: OAuth, REST, describe, limits, Bulk API 2.0 queries."""

from collections.abc import Awaitable, Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipelines.emulate import soql
from pipelines.emulate.ingest import Ingest
from pipelines.emulate.org import PREFIX, Job, Org, Refused, Row, stamp
from pipelines.emulate.problems import error
from pipelines.emulate.state import form_of

VERSION = "67.0"
V = "/services/data/v{version:str}"
Handler = Callable[[Request], Awaitable[Response]]


class Salesforce:
    """Handlers over one org."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.ingest = Ingest(org)
        self.jwt_key: Any = None  # public key that assertions are checked with

    def routes(self) -> list[Route]:
        """All paths."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/services/oauth2/token", self.token),
            ("GET", "/services/data", self.versions),
            ("GET", "/services/data/", self.versions),
            ("GET", f"{V}/limits", self.limits),
            ("GET", f"{V}/limits/", self.limits),
            ("GET", f"{V}/sobjects", self.objects),
            ("GET", f"{V}/sobjects/{{object}}/describe", self.describe),
            ("POST", f"{V}/sobjects/{{object}}", self.create),
            ("POST", f"{V}/sobjects/{{object}}/", self.create),
            ("GET", f"{V}/sobjects/{{object}}/{{id}}", self.one),
            ("PATCH", f"{V}/sobjects/{{object}}/{{id}}", self.update),
            ("DELETE", f"{V}/sobjects/{{object}}/{{id}}", self.delete),
            ("GET", f"{V}/query", self.query),
            ("GET", f"{V}/query/", self.query),
            ("GET", f"{V}/queryAll", self.query_all),
            ("GET", f"{V}/queryAll/", self.query_all),
            ("GET", f"{V}/query/{{locator}}", self.more),
            ("POST", f"{V}/jobs/query", self.job),
            ("GET", f"{V}/jobs/query/{{id}}", self.state),
            ("GET", f"{V}/jobs/query/{{id}}/results", self.results),
            ("GET", f"{V}/jobs/query/{{id}}/resultPages", self.pages),
            ("POST", f"{V}/jobs/ingest", self.ingest.start),
            ("PUT", f"{V}/jobs/ingest/{{id}}/batches", self.ingest.upload),
            ("PATCH", f"{V}/jobs/ingest/{{id}}", self.ingest.change),
            ("GET", f"{V}/jobs/ingest/{{id}}", self.ingest.one),
            ("DELETE", f"{V}/jobs/ingest/{{id}}", self.ingest.one),
            ("GET", f"{V}/jobs/ingest/{{id}}/{{kind}}", self.ingest.results),
            ("GET", f"{V}/jobs/ingest/{{id}}/{{kind}}/", self.ingest.results),
        ]
        return [Route(path, _guard(handler), methods=[method]) for method, path, handler in table]

    async def token(self, request: Request) -> Response:
        """Client credentials or a JWT."""
        form, settings = form_of(await request.body()), self.org.world.settings
        granted = False
        if form.get("grant_type") == "client_credentials":
            granted = (form.get("client_id"), form.get("client_secret")) == (settings.client_id, settings.client_secret)
        elif self.jwt_key is not None:
            granted = self._signed(str(form.get("assertion")))
        if not granted:
            return JSONResponse({"error": "invalid_grant", "error_description": "authentication failure"}, 400)
        origin = str(request.base_url).rstrip("/")
        return JSONResponse(
            {
                "access_token": self.org.world.sign_in(),
                "instance_url": origin,
                "id": f"{origin}/id/00D/005",
                "token_type": "Bearer",
                "issued_at": str(int(self.org.world.now() * 1000)),
                "signature": "-",
                "scope": "api",
            }
        )

    def _signed(self, assertion: str) -> bool:
        import jwt

        try:
            claims = jwt.decode(
                assertion, self.jwt_key, algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False}
            )
        except jwt.PyJWTError:
            return False
        return bool(
            claims["iss"] == self.org.world.settings.client_id and abs(claims["exp"] - self.org.world.now()) <= 300
        )

    async def versions(self, request: Request) -> Response:
        """API versions."""
        return JSONResponse(
            [{"version": v, "label": v, "url": f"/services/data/v{v}"} for v in ("58.0", "66.0", VERSION)]
        )

    async def limits(self, request: Request) -> Response:
        """What is left of the day."""
        most = self.org.world.settings.salesforce_daily
        left = max(0, most - self.org.world.salesforce_calls)
        return JSONResponse(
            {
                "DailyApiRequests": {"Max": most, "Remaining": left},
                "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000 - len(self.org.jobs)},
                "DailyBulkV2QueryFileStorageMB": {"Max": 976562, "Remaining": 976562},
            }
        )

    async def objects(self, request: Request) -> Response:
        """All objects."""
        return JSONResponse(
            {
                "encoding": "UTF-8",
                "maxBatchSize": 200,
                "sobjects": [{"name": n, "keyPrefix": PREFIX[n], "queryable": True} for n in self.org.rows],
            }
        )

    async def describe(self, request: Request) -> Response:
        """Fields of one object; 304 where nothing changed."""
        name = request.path_params["object"]
        self.org.columns(name)
        changed = self.org.described_at[name]
        since = request.headers.get("if-modified-since")
        if since and parsedate_to_datetime(since).timestamp() >= int(changed):
            return Response(status_code=304)
        body = {
            "name": name,
            "label": name,
            "keyPrefix": PREFIX[name],
            "queryable": True,
            "replicateable": True,
            "fields": self.org.fields[name],
        }
        return JSONResponse(body, headers={"last-modified": formatdate(changed, usegmt=True)})

    async def create(self, request: Request) -> Response:
        """One new record."""
        key = self.org.put(request.path_params["object"], await request.json())
        return JSONResponse({"id": key, "success": True, "errors": []}, 201)

    async def one(self, request: Request) -> Response:
        """One record with all its fields."""
        name, key = request.path_params["object"], request.path_params["id"]
        row = self.org.rows[name].get(key)
        if row is None or row.get("IsDeleted") == "true":
            return error("NOT_FOUND", 404)
        return JSONResponse(self.org.typed(name, row, [f["name"] for f in self.org.fields[name]]))

    async def update(self, request: Request) -> Response:
        """Change one record."""
        self.org.put(request.path_params["object"], await request.json(), request.path_params["id"])
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """Delete one record."""
        self.org.delete(request.path_params["object"], request.path_params["id"])
        return Response(status_code=204)

    async def query(self, request: Request) -> Response:
        """First page of a query over live records."""
        return self._first(request, everything=False)

    async def query_all(self, request: Request) -> Response:
        """First page of a query over live and deleted records."""
        return self._first(request, everything=True)

    def _first(self, request: Request, *, everything: bool) -> Response:
        query, rows = self.org.run(request.query_params["q"], everything=everything)
        if query.counts:
            return JSONResponse({"totalSize": len(rows), "done": True, "records": []})
        return self._page(rows, query.fields, query.object, 0)

    def _page(self, rows: list[Row], fields: list[str], name: str, start: int) -> Response:
        end = start + self.org.world.settings.rest_page
        body: Row = {
            "totalSize": len(rows),
            "done": end >= len(rows),
            "records": [self.org.typed(name, row, fields) for row in rows[start:end]],
        }
        if end < len(rows):
            locator = f"01g{len(self.org.locators):015d}-{end}"
            self.org.locators[locator.split("-")[0]] = (rows, fields, name)
            body["nextRecordsUrl"] = f"/services/data/v{VERSION}/query/{locator}"
        return JSONResponse(body)

    async def more(self, request: Request) -> Response:
        """The next page."""
        locator, _, start = request.path_params["locator"].partition("-")
        if locator not in self.org.locators:
            return error("INVALID_QUERY_LOCATOR")
        return self._page(*self.org.locators[locator], int(start))

    async def job(self, request: Request) -> Response:
        """Start a Bulk query."""
        return JSONResponse(self._shown(self.org.start(await request.json())))

    def _shown(self, job: Job) -> Row:
        done = self.org.world.now() >= job.ready
        return {
            "id": job.id,
            "operation": job.operation,
            "object": soql.parse(job.query).object,
            "createdById": "005",
            "createdDate": stamp(job.ready),
            "systemModstamp": stamp(job.ready),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(VERSION),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
            "state": "Failed" if job.failed else "JobComplete" if done else "InProgress",
            "jobType": "V2Query",
            "numberRecordsProcessed": len(job.rows) if done else 0,
            "retries": 0,
            "totalProcessingTime": 1,
        }

    async def state(self, request: Request) -> Response:
        """How far a job is."""
        job = self.org.jobs.get(request.path_params["id"])
        return JSONResponse(self._shown(job)) if job else error("NOT_FOUND", 404)

    async def results(self, request: Request) -> Response:
        """One page of a result as CSV."""
        job, q = self.org.jobs[request.path_params["id"]], request.query_params
        start, count = int(q.get("locator") or 0), int(q.get("maxRecords") or self.org.world.settings.bulk_page)
        body, number = self.org.csv(job, start, count)
        end = start + count
        headers = {"Sforce-Locator": str(end) if end < len(job.rows) else "null", "Sforce-NumberOfRecords": str(number)}
        return Response(body, media_type="text/csv", headers=headers)

    async def pages(self, request: Request) -> Response:
        """Addresses of up to five result pages at once."""
        job, size = self.org.jobs[request.path_params["id"]], self.org.world.settings.bulk_page
        base = f"/services/data/v{VERSION}/jobs/query/{job.id}"
        start = int(request.query_params.get("locator") or 0)
        starts = list(range(start, max(len(job.rows), 1), size))
        listed = [{"resultUrl": f"{base}/results?locator={s}&maxRecords={size}"} for s in starts[:5]]
        following = f"{base}/resultPages?locator={starts[5]}" if len(starts) > 5 else None
        return JSONResponse({"resultPages": listed, "nextRecordsUrl": following, "done": following is None})


def _guard(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return error(refused.code, refused.status)

    return guarded
