"""HubSpot's paths over an emulated portal, version 2026-09 (and 2026-03, which hubspot-sdk speaks)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipelines.emulate.exports import Exports
from pipelines.emulate.portal import OBJECTS, Kind, Portal, Row, shown
from pipelines.emulate.problems import problem
from pipelines.emulate.search import Wrong, search
from pipelines.emulate.state import form_of, iso

V = "{version:str}"
Handler = Callable[[Request], Awaitable[Response]]


class HubSpot:
    """Handlers over one portal."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.exports = Exports(portal)

    def routes(self) -> list[Route]:
        """All paths."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", f"/crm/objects/{V}/{{object}}", self.objects),
            ("GET", f"/crm/objects/{V}/{{object}}/{{id}}", self.one),
            ("POST", f"/crm/objects/{V}/{{object}}/search", self.search),
            ("POST", f"/crm/objects/{V}/{{object}}/merge", self.merge),
            ("POST", f"/crm/objects/{V}/{{object}}/batch/{{action}}", self.batch),
            ("POST", f"/crm/associations/{V}/{{left}}/{{right}}/batch/read", self.associations),
            ("GET", f"/crm/properties/{V}/{{object}}", self.properties),
            ("GET", f"/crm/owners/{V}", self.owners),
            ("GET", f"/crm/owners/{V}/", self.owners),
            ("POST", f"/crm/lists/{V}/search", self.lists),
            ("GET", f"/crm/lists/{V}/{{id}}", self.one_list),
            ("GET", f"/crm/lists/{V}/{{id}}/memberships", self.members),
            ("GET", f"/marketing/campaigns/{V}", self.campaigns),
            ("GET", f"/account-info/{V}/details", self.account),
            ("POST", f"/oauth/{V}/token", self.token),
            ("POST", f"/crm/exports/{V}/export/async", self.exports.start),
            ("GET", f"/crm/exports/{V}/export/async/tasks/{{task}}/status", self.exports.status),
            ("GET", "/crm-signed/{task}", self.exports.file),
        ]
        return [Route(path, handler, methods=[method]) for method, path, handler in table]

    def _kind(self, request: Request) -> Kind:
        return self.portal.kinds[OBJECTS[request.path_params["object"]]]

    async def objects(self, request: Request) -> Response:
        """One page of records in id order."""
        q, kind = request.query_params, self._kind(request)
        history = _csv(q.get("propertiesWithHistory"))
        limit = int(q.get("limit", 10))
        if limit > (50 if history else 100):
            return problem(400, "VALIDATION_ERROR")
        archived = q.get("archived") == "true"
        scale = 7919 if self.portal.world.settings.opaque_cursor else 1
        rows, more = kind.page(int(q.get("after") or 0) // scale, limit, archived=archived)
        body: Row = {"results": [shown(row, _csv(q.get("properties")), history) for row in rows]}
        if more:
            after = str(int(rows[-1]["id"]) * scale)
            body["paging"] = {"next": {"after": after, "link": f"{request.url.replace(query='')}?after={after}"}}
        return _compact(body)

    async def one(self, request: Request) -> Response:
        """One record; an id that was merged away gives the survivor."""
        kind, key = self._kind(request), int(request.path_params["id"])
        row = kind.rows.get(kind.aliases.get(key, key))
        if row is None or row["archived"] != (request.query_params.get("archived") == "true"):
            return problem(404, "OBJECT_NOT_FOUND")
        return JSONResponse(shown(row, _csv(request.query_params.get("properties")), []))

    async def search(self, request: Request) -> Response:
        """Search; see `pipelines.emulate.search`."""
        body = await request.json()
        try:
            rows, total, after = search(self._kind(request), body)
        except (Wrong, KeyError, ValueError, TypeError):
            return problem(400, "VALIDATION_ERROR")
        found: Row = {"total": total, "results": [shown(row, body.get("properties") or [], []) for row in rows]}
        if after is not None:
            found["paging"] = {"next": {"after": str(after)}}
        return _compact(found)

    async def batch(self, request: Request) -> Response:
        """read, create, update, upsert, archive: at most 100 inputs."""
        kind, body, action = self._kind(request), await request.json(), request.path_params["action"]
        inputs = body["inputs"]
        history = body.get("propertiesWithHistory") or []
        if len(inputs) > (50 if history else 100):
            return problem(400, "VALIDATION_ERROR")
        if action == "archive":
            for item in inputs:
                kind.archive(int(item["id"]))
            return Response(status_code=204)
        found, errors = [], []
        for item in inputs:
            row, made = self._apply(kind, action, item, archived=request.query_params.get("archived") == "true")
            if row is None:
                errors.append(
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "message": "Could not get some objects",
                        "context": {"ids": [item["id"]]},
                        "errors": [],
                        "links": {},
                    }
                )
            else:
                new = {"new": made} if action == "upsert" else {}
                found.append({**shown(row, body.get("properties") or list(row["properties"]), history), **new})
        now = self.portal.world.stamp()
        answer: Row = {"status": "COMPLETE", "results": found, "startedAt": now, "completedAt": now}
        if errors:
            answer.update(numErrors=len(errors), errors=errors)
        return _compact(answer, 207 if errors else 201 if action == "create" else 200)

    def _apply(self, kind: Kind, action: str, item: Row, *, archived: bool) -> tuple[Row | None, bool]:
        if action == "create":
            return kind.put(item["properties"]), True
        if action == "upsert" and item.get("idProperty") not in (None, "hs_object_id"):
            wanted = item["idProperty"]
            match = next((r for r in kind.rows.values() if r["properties"].get(wanted) == item["id"]), None)
            return kind.put(
                {wanted: item["id"], **item["properties"]}, int(match["id"]) if match else None
            ), match is None
        key = kind.aliases.get(int(item["id"]), int(item["id"]))
        row = kind.rows.get(key)
        if row is None or (action == "read" and row["archived"] != archived):
            return None, False
        return (row if action == "read" else kind.put(item["properties"], key)), False

    async def merge(self, request: Request) -> Response:
        """Merge two records."""
        body = await request.json()
        return JSONResponse(
            shown(self._kind(request).merge(int(body["primaryObjectId"]), int(body["objectIdToMerge"])), [], [])
        )

    async def associations(self, request: Request) -> Response:
        """Contacts to companies, 500 a page and input."""
        inputs = (await request.json())["inputs"]
        if len(inputs) > 1000:
            return problem(400, "VALIDATION_ERROR")
        results, errors = [], []
        for item in inputs:
            found = self.portal.companies_of.get(int(item["id"]), {})
            start = int(item.get("after") or 0)
            part = sorted(found)[start : start + 500]
            if not part:
                errors.append(
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "message": "No association",
                        "context": {},
                        "links": {},
                    }
                )
                continue
            result: Row = {
                "from": {"id": item["id"]},
                "to": [{"toObjectId": str(c), "associationTypes": found[c]} for c in part],
            }
            if start + 500 < len(found):
                result["paging"] = {"next": {"after": str(start + 500)}}
            results.append(result)
        now = self.portal.world.stamp()
        body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        return _compact(
            {**body, "numErrors": len(errors), "errors": errors} if errors else body, 207 if errors else 200
        )

    async def properties(self, request: Request) -> Response:
        """Definitions; never paged."""
        return JSONResponse({"results": self.portal.known(OBJECTS[request.path_params["object"]])})

    async def owners(self, request: Request) -> Response:
        """Owners, live or archived."""
        archived = request.query_params.get("archived") == "true"
        rows = [_owner(o) for o in self.portal.owners if bool(o.get("archived")) == archived]
        return _paged(rows, request, 100, 500)

    async def lists(self, request: Request) -> Response:
        """All lists, by offset."""
        body = await request.json()
        start, count = int(body.get("offset") or 0), int(body.get("count") or 20)
        rows = [_list(row, self.portal.members.get(key, {})) for key, row in sorted(self.portal.lists.items())]
        part = rows[start : start + count]
        return JSONResponse(
            {"lists": part, "offset": start + len(part), "hasMore": start + count < len(rows), "total": len(rows)}
        )

    async def one_list(self, request: Request) -> Response:
        """One list with its definition."""
        key = request.path_params["id"]
        if key not in self.portal.lists:
            return problem(404, "OBJECT_NOT_FOUND")
        row = self.portal.lists[key]
        found = _list(row, self.portal.members.get(key, {}))
        if request.query_params.get("includeFilters") == "true" and row.get("filterBranch"):
            found["filterBranch"] = row["filterBranch"]
        return JSONResponse({"list": found})

    async def members(self, request: Request) -> Response:
        """Members of one list in record id order."""
        members = self.portal.members[request.path_params["id"]]
        rows = [{"recordId": key, "membershipTimestamp": members[key] or iso(0)} for key in sorted(members, key=int)]
        return _paged(rows, request, 100, 250)

    async def campaigns(self, request: Request) -> Response:
        """Marketing campaigns."""
        return _paged(self.portal.campaigns, request, 50, 100, total=True)

    async def account(self, request: Request) -> Response:
        """Portal id, time zone, currency."""
        return JSONResponse(self.portal.account)

    async def token(self, request: Request) -> Response:
        """OAuth refresh."""
        form, settings = form_of(await request.body()), self.portal.world.settings
        if (form.get("refresh_token"), form.get("client_secret")) != (settings.refresh_token, settings.client_secret):
            return problem(400, "BAD_REFRESH_TOKEN")
        return JSONResponse(
            {
                "access_token": self.portal.world.sign_in(),
                "expires_in": 1800,
                "token_type": "bearer",
                "refresh_token": settings.refresh_token,
            }
        )


def _owner(row: Row) -> Row:
    user = int(row.get("userId") or row["id"])
    stamps = {"createdAt": row.get("createdAt") or iso(0), "updatedAt": row.get("updatedAt") or iso(0)}
    return {"type": "PERSON", **row, "userId": user, "userIdIncludingInactive": user, "teams": [], **stamps}


def _list(row: Row, members: dict[str, Any]) -> Row:
    return {
        "listId": row["listId"],
        "name": row["name"],
        "objectTypeId": row.get("objectTypeId") or "0-1",
        "processingType": row.get("processingType") or "DYNAMIC",
        "processingStatus": row.get("processingStatus") or "COMPLETE",
        "listVersion": 1,
        "size": len(members),
        "additionalProperties": {},
        "createdAt": iso(0),
        "updatedAt": iso(0),
        "filtersUpdatedAt": iso(0),
    }


def _csv(text: str | None) -> list[str]:
    return [part for part in (text or "").split(",") if part]


def _paged(rows: list[Row], request: Request, default: int, most: int, *, total: bool = False) -> Response:
    limit, start = int(request.query_params.get("limit", default)), int(request.query_params.get("after") or 0)
    if limit > most:
        return problem(400, "VALIDATION_ERROR")
    body: Row = {"results": rows[start : start + limit], **({"total": len(rows)} if total else {})}
    if start + limit < len(rows):
        body["paging"] = {"next": {"after": str(start + limit)}}
    return JSONResponse(body)


def _compact(body: Row, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), status, media_type="application/json")
