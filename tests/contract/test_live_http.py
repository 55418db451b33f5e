"""The HTTP core against a real server: limits, retries by kind of failure, hosts, what is written down."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets.shared.failures import QuotaReached
from assets.shared.http import Answer, Http
from assets.shared.http_bucket import Bucket, Meter
from assets.shared.http_failures import CallRefused, Expired, Retry
from assets.shared.http_hosts import check_origin
from assets.shared.http_redact import Recorder, redact, redact_url, shape
from assets.shared.http_run import together
from tests.support.live import QUICK, emulator, people

PATH = "/crm/objects/2026-09/contacts"


class Fixed:
    """Tokens that count how often they were asked for."""

    def __init__(self, *tokens: str) -> None:
        self.left = list(tokens)

    async def token(self, http: Http, stale: str | None) -> str:
        await asyncio.sleep(0.01)
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def classify(status: int, headers: Any, body: bytes) -> Exception | None:
    if status < 400:
        return None
    if status == 401:
        return Expired()
    if status == 429:
        return Retry("limit", 1.0, throttled=True)
    return Retry("server") if status >= 500 else CallRefused(f"status {status}", status)


def ask(url: str, work: Callable[[Http], Any], **more: Any) -> Any:
    async def main() -> Any:
        given = {"tokens": Fixed("pat-emulated"), "patience": QUICK, "meter": Meter("hubspot"), **more}
        async with Http("hubspot", url, classify, **given) as http:
            return await work(http)

    return asyncio.run(main())


@pytest.mark.parametrize("kind", ["status", "429", "truncate", "reset"])
def test_what_may_go_away_is_asked_again(kind: str) -> None:
    with emulator() as crm:
        people(crm, 3)
        crm.emulator.fault(kind, PATH, times=3)
        meter = Meter("hubspot")
        answer = ask(crm.url, lambda http: http.call("GET", PATH), meter=meter)
        assert [row["id"] for row in answer.json()["results"]] == ["101", "108", "115"]
        assert (meter.calls, meter.retried, meter.throttled) == (4, 3, 3 if kind == "429" else 0)


def test_what_stays_wrong_is_asked_once_and_named_without_its_text() -> None:
    with emulator() as crm:
        crm.emulator.fault("status", PATH, status=400, body={"message": "secret@example.no is bad"}, times=9)
        meter = Meter("hubspot")
        with pytest.raises(CallRefused) as refused:
            ask(crm.url, lambda http: http.call("GET", f"{PATH}?email=secret@example.no"), meter=meter)
        assert "secret" not in str(refused.value)
        assert PATH in str(refused.value)
        assert meter.calls == 1


def test_patience_ends() -> None:
    with emulator() as crm:
        crm.emulator.fault("status", PATH, times=99)
        with pytest.raises(CallRefused, match="gave up after 12 attempts"):
            ask(crm.url, lambda http: http.call("GET", PATH))


def test_many_that_meet_an_expired_token_sign_in_once() -> None:
    with emulator() as crm:
        people(crm, 3)
        meter = Meter("hubspot")

        async def work(http: Http) -> list[Answer]:
            return list(await asyncio.gather(*(http.call("GET", PATH) for _ in range(8))))

        answers = ask(crm.url, work, tokens=Fixed("old", "pat-emulated"), meter=meter)
        assert [a.status for a in answers] == [200] * 8
        assert meter.signed_in == 2


def test_credentials_that_are_never_taken_end_the_run() -> None:
    with emulator() as crm, pytest.raises(CallRefused, match="credentials are not accepted"):
        ask(crm.url, lambda http: http.call("GET", PATH), tokens=Fixed("wrong"))


def test_a_token_goes_to_no_other_host() -> None:
    with emulator() as crm, emulator() as elsewhere:
        with pytest.raises(CallRefused, match="another host"):
            ask(crm.url, lambda http: http.call("GET", f"{elsewhere.url}{PATH}"))
        crm.emulator.fault("redirect", PATH, headers={"location": f"{elsewhere.url}{PATH}"})
        with pytest.raises(CallRefused, match="another host"):
            ask(crm.url, lambda http: http.call("GET", PATH))
        assert elsewhere.emulator.world.log == []
        assert len(crm.emulator.world.log) == 1


def test_signing_in_may_move_all_calls_to_the_orgs_own_host() -> None:
    with emulator() as login, emulator() as org:
        people(org, 2)

        class Moving(Fixed):
            async def token(self, http: Http, stale: str | None) -> str:
                http.origin = org.url
                return await super().token(http, stale)

        async def work(http: Http) -> Answer:
            await http.token()
            return await http.call("GET", PATH)

        assert len(ask(login.url, work, tokens=Moving("pat-emulated")).json()["results"]) == 2
        assert login.emulator.world.log == []


@pytest.mark.parametrize("body", [{"status": "error"}, ["results"], None, 7])
def test_a_document_without_what_was_asked_for_is_asked_for_again(body: Any) -> None:
    with emulator() as crm:
        people(crm, 2)
        crm.emulator.fault("status", PATH, status=200, body=body)
        assert len(ask(crm.url, lambda http: http.document("GET", PATH, "results"))["results"]) == 2


def test_where_a_quota_is_met_what_is_on_its_way_arrives_and_nothing_more_is_asked() -> None:
    def daily(status: int, headers: Any, body: bytes) -> Exception | None:
        return QuotaReached("used up") if status == 403 else classify(status, headers, body)

    with emulator() as crm:
        people(crm, 2)
        crm.emulator.fault("status", f"{PATH}\\?limit=1$", status=403)
        crm.emulator.fault("status", f"{PATH}\\?limit=3$", status=503, times=99)
        crm.emulator.fault("slow", f"{PATH}\\?limit=2$", seconds=0.1)
        came: list[str] = []

        async def main() -> None:
            async with Http("hubspot", crm.url, daily, Meter("hubspot"), Fixed("pat-emulated"), patience=QUICK) as http:
                await http.token()

                async def twice(limit: int) -> None:
                    for _ in range(2):
                        await http.call("GET", f"{PATH}?limit={limit}")
                        came.append(str(limit))

                await together(*(twice(limit) for limit in (1, 2, 3)))

        with pytest.raises(QuotaReached, match="used up"):
            asyncio.run(main())
        assert came == ["2"]


def test_a_redirect_on_the_same_host_is_followed() -> None:
    with emulator() as crm:
        people(crm, 1)
        crm.emulator.fault("redirect", "contacts", headers={"location": "/crm/objects/2026-09/contacts?limit=1"})
        assert len(ask(crm.url, lambda http: http.call("GET", PATH)).json()["results"]) == 1


@pytest.mark.parametrize("url", ["http://api.hubapi.com", "https://user:pw@api.hubapi.com", "ftp://x", "https://"])
def test_hosts_that_would_leak_a_token_are_refused(url: str) -> None:
    with pytest.raises(CallRefused):
        check_origin("hubspot", url)


def test_the_bucket_is_used_up_and_never_overdrawn() -> None:
    with emulator(limit=40, interval=1.0, latency=0.05) as crm:
        people(crm, 1)
        bucket = Bucket(40, 1.0)
        started = time.monotonic()

        async def work(http: Http) -> None:
            await asyncio.gather(*(http.call("GET", PATH) for _ in range(120)))

        ask(crm.url, work, buckets={"rest": [bucket]}, in_flight=40)
        assert crm.emulator.world.throttled == 0
        assert time.monotonic() - started > 2.0  # 120 calls are three intervals' worth


def test_a_long_way_costs_no_part_of_the_interval() -> None:
    async def main() -> list[float]:
        loop, bucket, counted = asyncio.get_running_loop(), Bucket(2, 0.5), []

        async def call() -> None:
            async with bucket:
                sent = loop.time()
                await asyncio.sleep(0.2)  # there
                counted.append(loop.time())
                await asyncio.sleep(0.2)  # and back
                bucket.heard(loop.time() - sent)

        for _ in range(3):
            await asyncio.gather(call(), call())
        return sorted(counted)

    counted = asyncio.run(main())
    waits = [later - earlier for earlier, later in zip(counted, counted[2:], strict=False)]
    assert min(waits) >= 0.5  # never more than two in half a second, as the server counts
    assert min(waits) < 0.8  # a token that came back a whole interval after its answer would make every one 0.92


def test_the_bucket_learns_the_limit_and_what_others_take() -> None:
    async def main() -> list[int]:
        bucket = Bucket(100, 0.05)
        seen = []
        bucket.learn(190, None)
        seen.append(bucket._free)
        bucket.learn(190, 7)
        seen.append(bucket._free)
        await asyncio.sleep(0.15)
        seen.append(bucket._free)
        bucket.learn(100, None)
        async with bucket:
            pass
        await asyncio.sleep(0.15)
        return seen

    assert asyncio.run(main()) == [190, 7, 190]


def test_a_budget_stops_the_run_before_the_call() -> None:
    with emulator() as crm:
        people(crm, 1)

        async def work(http: Http) -> None:
            for _ in range(3):
                await http.call("GET", PATH)

        with pytest.raises(QuotaReached, match="request_budget of 2 calls") as reached:
            ask(crm.url, work, meter=Meter("hubspot", budget=2))
        assert reached.value.exit_status == 4
        assert len(crm.emulator.world.log) == 2


def test_a_cassette_has_shapes_and_no_values(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 2)
        cassette = tmp_path / "cassette.jsonl"
        body = {
            "filterGroups": [],
            "properties": ["email"],
            "sorts": [],
            "limit": 1,
            "after": 0,
            "query": "ada@example.no",
        }
        ask(crm.url, lambda http: http.call("POST", f"{PATH}/search", body=body), recorder=Recorder(cassette))
        text = cassette.read_text()
        line = json.loads(text)
        assert line["body"]["results"][0]["properties"]["email"] == "x999@xxxxxxx.xx"
        assert line["body"]["total"] == 2
        assert (line["status"], line["url"]) == (200, f"{PATH}/search")
        for secret in ("example", "pat-emulated", "ada", "F101", "Brien"):
            assert secret not in text
        assert cassette.stat().st_mode & 0o777 == 0o600


def test_shapes_keep_the_form() -> None:
    assert shape("Åse 12@x.no") == "xxx 99@x.xx"
    assert redact({"errorCode": "X_Y", "name": "Per", "n": 5, "ok": True}) == {
        "errorCode": "X_Y",
        "name": "xxx",
        "n": 0,
        "ok": True,
    }
    told = {"results": [{"properties": {"state": "Oslo", "type": "A"}, "type": "contact"}], "properties": ["state"]}
    assert redact(told) == {
        "results": [{"properties": {"state": "xxxx", "type": "x"}, "type": "contact"}],
        "properties": redact({"properties": ["state"]})["properties"],
    }
    lead = {"records": [{"attributes": {"type": "Lead"}, "Status": "Open", "type": "secret"}]}
    assert redact(lead) == {"records": [{"attributes": {"type": "Lead"}, "Status": "xxxx", "type": "xxxxxx"}]}
    assert redact_url(
        "https://h/services/data/v67.0/jobs/query/750000000000001AAA/results?locator=abc&maxRecords=5"
    ) == ("/services/data/v67.0/jobs/query/999999999999999xxx/results?locator=xxx&maxRecords=5")
