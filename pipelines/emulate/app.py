"""The emulator as one ASGI application: faults, limits and tokens first, then the paths of the two CRMs."""

import asyncio
import json
from dataclasses import fields
from email.utils import formatdate
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.emulate.hubspot import HubSpot
from pipelines.emulate.load import tables_of
from pipelines.emulate.org import Org
from pipelines.emulate.portal import Portal
from pipelines.emulate.problems import error, problem
from pipelines.emulate.salesforce import Salesforce
from pipelines.emulate.state import Fault, Settings, World

_OPEN = ("/services/oauth2/token", "/oauth/", "/emulator/", "/services/data/v0", "/crm-signed/")


class Emulator:
    """Both CRMs, and everything a test may turn."""

    def __init__(self, settings: Settings | None = None, seed: int = 0) -> None:
        self.world = World(settings, seed)
        self.portal = Portal(self.world)
        self.org = Org(self.world)
        self.org.load({})
        self.hubspot = HubSpot(self.portal)
        self.salesforce = Salesforce(self.org)
        control = [Route("/emulator/faults", self._faults, methods=["POST"]), Route("/emulator/state", self._state)]
        self.app: ASGIApp = _Gate(
            Starlette(routes=[*control, *self.hubspot.routes(), *self.salesforce.routes()]), self.world
        )

    def load(self, hubspot: Path | None, salesforce: Path | None) -> None:
        """Serve folders of exports (design section 4)."""
        if hubspot:
            self.portal.load(tables_of("hubspot", hubspot))
        if salesforce:
            self.org.load(tables_of("salesforce", salesforce))

    def fault(self, kind: str, match: str = ".*", **more: object) -> Fault:
        """Have something go wrong."""
        fault = Fault(kind, match, **more)  # type: ignore[arg-type]
        self.world.faults.append(fault)
        return fault

    async def _faults(self, request: Request) -> Response:
        given = await request.json()
        names = {f.name for f in fields(Fault)}
        self.world.faults.append(Fault(**{k: v for k, v in given.items() if k in names}))
        return JSONResponse({"waiting": len(self.world.faults)}, 201)

    async def _state(self, request: Request) -> Response:
        counts = {name: len(kind.rows) for name, kind in self.portal.kinds.items()}
        return JSONResponse(
            {
                "calls": sum(self.world.calls.values()),
                "throttled": self.world.throttled,
                "hubspot": counts,
                "salesforce": {name: len(rows) for name, rows in self.org.rows.items()},
            }
        )


class _Gate:
    """What every call passes before it reaches a path."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/emulator/"):
            await self.app(scope, receive, send)
            return
        request, world = Request(scope), self.world
        path = scope["path"]
        call = f"{request.method} {path}?{scope['query_string'].decode()}"
        world.calls[f"{request.method} {path}"] += 1
        world.log.append(call)
        if world.settings.latency:
            await asyncio.sleep(world.settings.latency)
        crm = "salesforce" if path.startswith("/services/") else "hubspot"
        refused, fault = self._refused(request, crm), None
        if refused is None:
            fault = world.fault(call)
            refused = await self._struck(fault, crm, request) if fault else None
        headers = world.limits() if crm == "hubspot" and not path.endswith("/search") else {}
        if crm == "salesforce":
            world.salesforce_calls += 1
            headers = {"Sforce-Limit-Info": f"api-usage={world.salesforce_calls}/{world.settings.salesforce_daily}"}
        headers["Date"] = formatdate(world.now(), usegmt=True)
        out = _Outgoing(send, headers, truncate=fault.kind if fault else "")
        await (refused or self.app)(scope, receive, out)

    def _refused(self, request: Request, crm: str) -> Response | None:
        world, path = self.world, request.url.path
        if crm == "hubspot":
            if len(str(request.url.query)) > world.settings.longest_url:
                return Response(status_code=414)
            if (policy := world.allow(path.endswith("/search"))) is not None:
                world.throttled += 1
                return _limit(policy)
        elif world.salesforce_calls >= world.settings.salesforce_daily:
            return error("REQUEST_LIMIT_EXCEEDED", 403)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        if path.startswith(_OPEN) or path.rstrip("/") == "/services/data" or world.knows(token):
            return None
        return _expired(crm)

    async def _struck(self, fault: Fault, crm: str, request: Request) -> Response | None:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "expire":
            self.world.sessions.clear()
            return _expired(crm)
        elif fault.kind == "429":
            self.world.throttled += 1
            return _limit("SECONDLY" if request.url.path.endswith("/search") else "TEN_SECONDLY_ROLLING")
        elif fault.kind == "daily":
            return _limit("DAILY") if crm == "hubspot" else error("REQUEST_LIMIT_EXCEEDED", 403)
        elif fault.kind == "redirect":
            return Response(status_code=307, headers=fault.headers)
        elif fault.kind == "status":
            body = json.dumps(
                fault.body if fault.body is not None else {"status": "error", "message": "no", "category": "X"}
            )
            return Response(body, fault.status, media_type="application/json", headers=fault.headers)
        return None


class _Outgoing:
    """Adds headers to an answer, or breaks it off."""

    def __init__(self, send: Send, headers: dict[str, str], truncate: str) -> None:
        self.send = send
        self.headers = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        self.truncate = truncate

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *self.headers]}
        elif self.truncate in ("truncate", "reset"):
            body = message.get("body", b"")
            await self.send(
                {
                    "type": "http.response.body",
                    "body": body[: len(body) // 2] if self.truncate == "truncate" else b"",
                    "more_body": True,
                }
            )
            raise ConnectionResetError("a fault was asked for")
        await self.send(message)


def _limit(policy: str) -> Response:
    words = "secondly" if policy == "SECONDLY" else f"{policy.lower()} limit"
    return JSONResponse(
        {
            "status": "error",
            "message": f"You have reached your {words} limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": "0",
            "policyName": policy,
            "requestId": "0",
        },
        429,
    )


def _expired(crm: str) -> Response:
    if crm == "hubspot":
        return problem(401, "EXPIRED_AUTHENTICATION")
    return error("INVALID_SESSION_ID", 401)
