"""One CRM over HTTP: calls share a bucket, are retried by the kind of their failure, and go to the configured host only.

A host is compared before a token is added: for paths, for addresses that an answer names (next page, result), and for
redirects. Errors say method, path and the CRM's code, never the answer's text, which may quote a record.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
import stamina

from assets.shared.failures import QuotaReached
from assets.shared.http_bucket import Bucket, Meter
from assets.shared.http_clock import Clock
from assets.shared.http_failures import CallRefused, Expired, GaveUp, Retry
from assets.shared.http_hosts import check_origin, origin_of
from assets.shared.http_redact import Recorder
from assets.shared.http_wire import Broken, Untrusted, Wire

stamina.instrumentation.set_on_retry_hooks(
    []
)  # retries are counted by the meter; a line each would flood a night's log

_HEAD = 65_536  # bytes of a download that a cassette may show
_SIGNS = 4  # tokens that one attempt may use up
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Answer:
    """An answer that is not a failure."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The document. Raises Retry for a body that was cut off on the way."""
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            raise Retry("an answer that is not JSON") from None


class Tokens(Protocol):
    """Where a token comes from."""

    async def token(self, http: "Http", stale: str | None) -> str:
        """A token that is not the stale one; asked by many at once, fetched once."""


@dataclass(frozen=True)
class Patience:
    """How long a call is tried again."""

    attempts: int = 12
    first: float = 0.5
    longest: float = 60.0
    scale: float = 1.0  # of the waits that a CRM asks for, and of a search's second; tests make time short


Classify = Callable[[int, Mapping[str, str], bytes], Exception | None]


@dataclass
class Http:
    """A connection to one CRM. `origin` is the host that gets tokens; `buckets` are taken for every call, by kind.

    `classify` gives the failure of an answer, or None; `learn` reads rate limits from its headers.
    """

    crm: str
    origin: str
    classify: Classify
    meter: Meter
    tokens: Tokens | None = None
    buckets: Mapping[str, list[Bucket]] = field(default_factory=dict)
    learn: Callable[[Mapping[str, str]], None] | None = None
    patience: Patience = field(default_factory=Patience)
    recorder: Recorder | None = None
    in_flight: int = 40
    clock: Clock = field(default_factory=Clock)  # the server's own
    _token: str | None = field(default=None, repr=False)
    _signing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def __aenter__(self) -> "Http":
        check_origin(self.crm, self.origin)
        self._wire = Wire()
        self._slots = asyncio.Semaphore(self.in_flight)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._wire.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        kind: str = "rest",
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        check: Callable[[Answer], None] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Ask, again where that helps. `check` may raise Retry for an answer that is whole in form but not in content.

        `signed=False` sends no token. Raises CallRefused, QuotaReached, or what the last attempt raised as CallRefused.
        """
        content, about = None, ""
        if form is not None:
            content, about = urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            content, about = msgspec.json.encode(body), "application/json"
        request_headers = {**(headers or {}), **({"content-type": about} if content else {})}

        async def once(url: str, more: dict[str, str]) -> Answer:
            answer = await self._send(method, url, {**request_headers, **more}, content)
            if self.recorder:
                self.recorder.write(
                    method, url, content or b"", answer.status, answer.headers, answer.body, secret=form is not None
                )
            self._judge(answer)
            if check:
                check(answer)
            return answer

        return await self._again(method, path, kind, once, signed=signed)

    async def document(self, method: str, path: str, *names: str, **more: Any) -> Any:
        """The JSON object of an answer, with these keys: what lacks them was cut off or is a proxy's, and is asked for again."""

        def holds(answer: Answer) -> None:
            found = answer.json()
            if not isinstance(found, dict) or not found.keys() >= {*names}:
                raise Retry("an answer that lacks what was asked for")

        return (await self.call(method, path, check=holds, **more)).json()

    async def download(
        self,
        path: str,
        to: Path,
        *,
        kind: str = "rest",
        headers: Mapping[str, str] | None = None,
        check: Callable[[Answer], None] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Stream an answer's body into a file, block by block; the answer comes back without it. `check` as of a call."""

        async def once(url: str, more: dict[str, str]) -> Answer:
            answer = await self._send("GET", url, {**(headers or {}), **more}, None, to)
            self._judge(answer)
            if self.recorder:
                with to.open("rb") as file:
                    head = file.read(_HEAD)
                self.recorder.write("GET", url, b"", answer.status, answer.headers, head, secret=not signed)
            if check:
                check(answer)
            return answer

        return await self._again("GET", path, kind, once, signed=signed)

    async def token(self, stale: str | None = None) -> str:
        """The token in use, or a new one instead of the stale one; many may ask at once, one signs in."""
        if self.tokens is None:
            raise CallRefused(f"{self.crm}: nobody to sign in as", 401)
        async with self._signing:
            if self._token is None or self._token == stale:
                self._token = await self.tokens.token(self, stale)
                self.meter.signed_in += 1
            return self._token

    def address(self, path: str) -> str:
        """Absolute address of a path, or of an address that an answer named. Raises CallRefused for another host."""
        if path.startswith("/") and not path.startswith("//"):
            parts = urlsplit(self.origin)  # signing in may have moved it
            return f"{parts.scheme}://{parts.netloc}{path}"
        url = urljoin(self.origin + "/", path)
        if origin_of(url) != origin_of(self.origin):
            raise CallRefused(f"{self.crm}: an answer names another host; no token is sent there")
        return url

    async def _again(self, method: str, path: str, kind: str, once: Callable[..., Any], *, signed: bool) -> Answer:
        url = self.address(path) if signed or "://" not in path else path
        if not signed:
            check_origin(self.crm, url)
        what = (
            f"{self.crm}: {method} {urlsplit(url).path}"
            if signed or url.startswith(self.origin)
            else f"{self.crm}: download"
        )
        waits = self.patience
        try:
            try:
                return await self._signed(url, kind, once, what, signed=signed)
            except (Retry, Broken) as error:
                first = error
            async for attempt in stamina.retry_context(
                on=self._hook, attempts=waits.attempts, timeout=None,
                wait_initial=waits.first, wait_max=waits.longest, wait_jitter=waits.first,
            ):  # fmt: skip
                with attempt:
                    if attempt.num == 1:
                        raise first
                    self.meter.retried += 1
                    return await self._signed(url, kind, once, what, signed=signed)
        except CallRefused as refused:
            said = str(refused) if ":" in str(refused) else f"{what}: {refused}"
            raise CallRefused(said, refused.status, refused.code, refused.about) from None
        except Untrusted:
            raise CallRefused(f"{what}: the host's certificate is not valid; nothing is sent there") from None
        except (Retry, Broken) as error:
            if self.meter.stop is not None:
                raise QuotaReached(self.meter.stop) from None
            raise GaveUp(f"{what}: gave up after {waits.attempts} attempts: {error}") from None
        raise AssertionError("retry_context ends by returning or raising")

    async def _signed(self, url: str, kind: str, once: Callable[..., Any], what: str, *, signed: bool) -> Answer:
        """One attempt, signing in again where the token has expired."""
        for _ in range(_SIGNS):
            token = await self.token() if signed and self.tokens else None
            try:
                return await self._taken(url, kind, token, once)
            except Expired:
                if token is None:
                    break
                await self.token(stale=token)
        raise CallRefused(f"{what}: the credentials are not accepted", 401)

    async def _taken(self, url: str, kind: str, token: str | None, once: Callable[..., Any]) -> Answer:
        listed = self.buckets.get(kind, [])
        async with AsyncExitStack() as stack:
            for bucket in listed:
                await stack.enter_async_context(bucket)
            await stack.enter_async_context(self._slots)
            self.meter.count(kind)
            sent = asyncio.get_running_loop().time()
            try:
                answer: Answer = await once(url, {"authorization": f"Bearer {token}"} if token else {})
            except Retry as error:
                if error.throttled:
                    self.meter.throttled += 1
                    for bucket in listed if error.whole_portal else listed[-1:]:
                        bucket.hold((error.wait or 1.0) * self.patience.scale)
                raise
            except QuotaReached as reached:
                self.meter.stop = str(reached)  # what is on its way may arrive; nothing more is asked
                raise
            for bucket in listed:
                bucket.heard(asyncio.get_running_loop().time() - sent)
            return answer

    async def _send(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, to: Path | None = None
    ) -> Answer:
        """One answer, redirects on the same host followed."""
        for _ in range(4):
            reply = await self._wire.ask(method, url, headers, content, to)
            self.meter.bytes += reply.size
            self.clock.hear(reply.headers.get("date"))
            if reply.status not in _REDIRECTS:
                if self.learn:
                    self.learn(reply.headers)
                return Answer(reply.status, reply.headers, reply.body)
            following = urljoin(url, reply.headers.get("location", ""))
            if origin_of(following) != origin_of(url):
                raise CallRefused(f"{self.crm}: an answer sends us to another host; no token is sent there")
            url = following
        raise CallRefused(f"{self.crm}: redirected in a circle")

    def _judge(self, answer: Answer) -> None:
        if (failure := self.classify(answer.status, answer.headers, answer.body)) is not None:
            raise failure

    def _hook(self, error: Exception) -> bool | float:
        if self.meter.stop is not None:
            return False
        if isinstance(error, Retry):
            return True if error.wait is None else error.wait * self.patience.scale
        return isinstance(error, Broken)
