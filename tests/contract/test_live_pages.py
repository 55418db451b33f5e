"""Answers that no good server gives, from one that says exactly these: pages in a circle, batches that failed in part."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.hubspot.api_changes import Changes
from assets.hubspot.api_full import FullFetch
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.salesforce.client import SalesforceClient
from assets.salesforce.client_auth import SalesforceSecrets
from assets.shared.http_failures import CallRefused, GaveUp, RecordsMissing
from assets.shared.http_journal import Journal
from assets.shared.http_run import is_spoilt, plainly
from tests.support.live import QUICK

Answers = Callable[[str, str, Any], tuple[int, Any]]  # method, path with query, body -> status, document


class Saying:
    """A server on loopback; `calls` are the paths that were asked for."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.calls: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, path, _ = head.split(" ", 2)
                sizes = [line for line in head.lower().splitlines() if line.startswith("content-length:")]
                sent = await reader.readexactly(int(sizes[0].split(":")[1])) if sizes else b""
                body = json.loads(sent) if sent[:1] == b"{" else None
                self.calls.append(path)
                assert len(self.calls) < 500, "asked for ever"
                status, document = self.answers(method, path, body)
                said = json.dumps(document).encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(said)}\r\n\r\n".encode()
                    + said
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def talk(answers: Answers, ask: Callable[[str], Awaitable[Any]]) -> Any:
    """What comes of asking a server that answers so."""

    async def main() -> Any:
        saying = Saying(answers)
        async with await asyncio.start_server(saying.serve, "127.0.0.1", 0) as server:
            return await ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    return asyncio.run(main())


def hubspot(url: str) -> HubspotClient:
    return HubspotClient(HubspotSecrets.read({"HUBSPOT_BASE_URL": url, "HUBSPOT_ACCESS_TOKEN": "t"}), patience=QUICK)


def salesforce(url: str) -> SalesforceClient:
    given = {"SALESFORCE_LOGIN_URL": url, "SALESFORCE_CLIENT_ID": "c", "SALESFORCE_CLIENT_SECRET": "s"}
    return SalesforceClient(SalesforceSecrets.read(given), patience=QUICK)


def as_org(rest: Answers) -> Callable[[str], Answers]:
    """Answers of an org at an address: a token and a version, then `rest`."""

    def at(url: str) -> Answers:
        def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
            if path.endswith("/token"):
                return 200, {"access_token": "t", "instance_url": url, "token_type": "Bearer"}
            if path == "/services/data/":
                return 200, [{"version": "67.0"}]
            return rest(method, path, body)

        return answers

    return at


def page(cursor: str, *ids: str) -> tuple[int, Any]:
    """A page that names the next one, at its end and, as associations do, at each record."""
    paging = {"next": {"after": cursor}}
    return 200, {"results": [{"id": i, "from": {"id": "1"}, "to": [], "paging": paging} for i in ids], "paging": paging}


def back_and_forth(method: str, path: str, body: Any) -> tuple[int, Any]:
    """Two pages, each of which names the other."""
    asked = json.dumps(body) + path
    return page("B", "1") if "after=A" in path or '"after": "A"' in asked else page("A", "2")


def same_people(method: str, path: str, body: Any) -> tuple[int, Any]:
    """A search that does not look at the filter on ids."""
    if path.endswith("/search"):
        return 200, {
            "total": 900,
            "results": [{"id": str(i)} for i in range(1, 201)],
            "paging": {"next": {"after": "200"}},
        }
    return 200, {"results": [{"id": one["id"], "properties": {}} for one in body["inputs"]]}


async def _all(pages: Any) -> None:
    async for _ in pages:
        pass


HUBSPOT: dict[str, tuple[Answers, Callable[[HubspotClient, Journal], Awaitable[Any]]]] = {
    "objects": (back_and_forth, lambda c, j: FullFetch(c, j, "contact", [], archived=True)._one_cursor()),
    "owners": (back_and_forth, lambda c, j: c.results("/owners", 100)),
    "members": (back_and_forth, lambda c, j: _all(c.members("7"))),
    "associations": (back_and_forth, lambda c, j: c.associations([1])),
    "search": (same_people, lambda c, j: Changes(c, j, "contact", [], 0).run()),
}


@pytest.mark.parametrize("walk", HUBSPOT)
def test_pages_that_lead_in_a_circle_are_told(walk: str, tmp_path: Path) -> None:
    answers, ask = HUBSPOT[walk]

    async def run(url: str) -> None:
        async with hubspot(url) as client:
            await ask(client, Journal(tmp_path / "j", "q"))

    with pytest.raises(CallRefused, match="circle"), plainly():
        talk(answers, run)


SALESFORCE: dict[str, tuple[Answers, Callable[[SalesforceClient], Awaitable[Any]]]] = {
    "query": (
        lambda m, path, b: (
            200,
            {"records": [{}], "done": False, "nextRecordsUrl": "/q/2" if path == "/q/1" else "/q/1"},
        ),
        lambda c: _all(c.query("SELECT Id FROM Lead")),
    ),
    "result pages": (
        lambda m, path, b: (
            200,
            {"resultPages": [], "done": False, "nextRecordsUrl": "/p/2" if path == "/p/1" else "/p/1"},
        ),
        lambda c: _all(c.pages("750")),
    ),
}


@pytest.mark.parametrize("walk", SALESFORCE)
def test_an_org_whose_pages_lead_in_a_circle_is_told(walk: str) -> None:
    rest, ask = SALESFORCE[walk]
    answers: list[Answers] = []

    async def run(url: str) -> None:
        answers.append(as_org(rest)(url))
        async with salesforce(url) as client:
            await ask(client)

    with pytest.raises(CallRefused, match="circle"):
        talk(lambda *asked: answers[0](*asked), run)


def test_an_empty_page_with_a_next_one_is_not_the_last() -> None:
    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        return (200, {"results": [{"id": "9"}]}) if "after=A" in path else page("A")

    async def run(url: str) -> Any:
        async with hubspot(url) as client:
            return await client.results("/owners", 100)

    assert talk(answers, run) == [{"id": "9"}]


def test_lists_that_always_have_more_end_where_nothing_new_comes_and_one_deleted_since_is_left_out() -> None:
    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        if method == "POST":
            return 200, {"lists": [{"listId": "1"}, {"listId": "2"}], "hasMore": True}
        return (
            (404, {"category": "OBJECT_NOT_FOUND"})
            if "/2?" in path
            else (200, {"list": {"listId": "1", "name": "One"}})
        )

    async def run(url: str) -> Any:
        async with hubspot(url) as client:
            return await client.lists()

    assert talk(answers, run) == [{"listId": "1", "name": "One"}]


GONE = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["3"]}}
FAILED = {"category": "INTERNAL_ERROR", "context": {"ids": ["2"]}}


@pytest.mark.parametrize("lost", ["forgotten", "failed"])
def test_a_record_that_a_batch_leaves_out_is_asked_for_again(lost: str) -> None:
    """What is not there may be missing; what failed, or what the answer forgets, may not: its change would be lost."""
    asked: list[list[str]] = []

    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        ids = [one["id"] for one in body["inputs"]]
        asked.append(ids)
        fails = lost == "failed" and len(asked) == 1
        there = [i for i in ids if i != "3" and not (i == "2" and (len(ids) > 1 and (lost == "forgotten" or fails)))]
        errors = [GONE] * ("3" in ids) + [FAILED] * fails
        return 207 if errors else 200, {"results": [{"id": i} for i in there], **({"errors": errors} if errors else {})}

    async def run(url: str) -> Any:
        async with hubspot(url) as client:
            return [i for _, found in await client.read("contact", [1, 2, 3], []) for i in found.ids]

    assert sorted(talk(answers, run)) == [1, 2]
    assert asked[1:] == ([["2"]] if lost == "forgotten" else [["1", "2", "3"]])


@pytest.mark.parametrize("lost", ["1", "5", "10"])
@pytest.mark.parametrize("how", ["changes", "everything"])
def test_what_a_batch_leaves_out_is_kept_beside_the_others(how: str, lost: str, tmp_path: Path) -> None:
    """Every record that was found is in the journal once, whichever one the batch forgot."""
    every = [str(i) for i in range(1, 11)]

    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        if path.endswith("/search"):
            after = next(
                (int(f["value"]) for g in body["filterGroups"] for f in g["filters"] if f["operator"] == "GT"), 0
            )
            ids = [i for i in every if int(i) > after]
            ids = ids[::-1] if body["sorts"][0]["direction"] == "DESCENDING" else ids
            return 200, {"total": len(every), "results": [{"id": i} for i in ids[: body["limit"]]]}
        if method == "GET":
            return 200, {"results": [{"id": i} for i in every]}
        asked = [one["id"] for one in body["inputs"]]
        return 200, {"results": [{"id": i} for i in asked if len(asked) == 1 or i != lost]}

    async def run(url: str) -> list[int]:
        async with hubspot(url) as client:
            journal = Journal(tmp_path / "j", "q")
            if how == "changes":
                await Changes(client, journal, "contact", ["email"], 0).run()
            else:
                await FullFetch(
                    client, journal, "contact", [f"a_property_with_a_long_name_{n}" for n in range(400)]
                ).run()
            return sorted(journal.ids("contact/live").tolist())

    assert talk(answers, run) == [int(i) for i in every]


def test_a_record_that_is_never_answered_for_ends_the_fetch() -> None:
    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        return 200, {"results": [{"id": one["id"]} for one in body["inputs"] if one["id"] != "2"]}

    async def run(url: str) -> Any:
        async with hubspot(url) as client:
            return await client.read("contact", [1, 2], [])

    with pytest.raises(GaveUp):
        talk(answers, run)


def test_associations_that_could_not_be_read_have_not_ended() -> None:
    """A batch that failed in part is asked for again; a record without associations is no failure."""
    calls: list[int] = []
    none = {"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}

    def answers(method: str, path: str, body: Any) -> tuple[int, Any]:
        calls.append(1)
        found = [{"from": {"id": "1"}, "to": [{"toObjectId": 7}]}]
        if len(calls) == 1:
            return 207, {"results": found, "errors": [none, {"category": "INTERNAL_ERROR"}]}
        return 207, {"results": [*found, {"from": {"id": "2"}, "to": [{"toObjectId": 8}]}], "errors": [none]}

    async def run(url: str) -> Any:
        async with hubspot(url) as client:
            return await client.associations([1, 2, 3])

    [body] = talk(answers, run)
    assert [r["from"]["id"] for r in json.loads(body)["results"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("error", "spoilt"),
    [
        (RecordsMissing("contacts", 1, 2, 2), True),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), True),
        (ExceptionGroup("many", [CallRefused("no"), ValueError("cell")]), True),
        (AttributeError("'NoneType' object has no attribute 'get'"), True),
        (CallRefused("a cursor that is good no longer", 400, about="position"), True),
        (ExceptionGroup("many", [CallRefused("a query locator", 400, about="position")]), True),
        (CallRefused("a field that is not there", 400, about="field"), False),
        (CallRefused("what is not understood", 400), False),
        (CallRefused("no"), False),
        (OSError(28, "No space left on device"), False),
        (duckdb.IOException("No space left on device"), False),
        (MemoryError(), False),
        (KeyboardInterrupt(), False),
    ],
    ids=repr,
)
def test_what_cannot_be_read_is_asked_for_anew_and_what_failed_on_the_way_goes_on(
    error: BaseException, spoilt: bool
) -> None:
    assert is_spoilt(error, resumed=False) is spoilt
