"""What a stop leaves for the next command, and what a portal or an org may lack without stopping anything."""

import asyncio
from email.utils import formatdate
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assets.hubspot import api_changes, api_question
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.hubspot.client_paths import path
from assets.hubspot.stage import stage
from assets.shared.failures import QuotaReached
from assets.shared.http_failures import CallRefused, RecordsMissing
from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from pipelines.emulate.state import form_of
from schemas.contract import kinds
from tests.contract.test_salesforce_pains import LEAD, field, leads
from tests.support.live import QUICK, emulator, people
from tests.support.live_portal import NEXT, NIGHT, column, end, fetch, new_lake

CONTACT = "raw/hubspot/contact"


def changed(crm: Serving, ids: list[int]) -> None:
    """A day later, these contacts have another first name."""
    crm.emulator.world.offset += 86400
    for i in ids:
        crm.emulator.portal.kinds["contact"].put({"firstname": "New"}, i)


def asked(crm: Serving, part: str, since: int = 0) -> int:
    return sum(part in call for call in crm.emulator.world.log[since:])


def test_members_of_a_list_go_on_at_their_page(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 600)
        crm.emulator.portal.lists["5"] = {
            "listId": "5",
            "name": "All",
            "objectTypeId": "0-1",
            "processingType": "MANUAL",
        }
        crm.emulator.portal.members["5"] = dict.fromkeys(map(str, ids))
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "/memberships", skip=2)
        with pytest.raises(QuotaReached):
            fetch(crm, lake)
        fetch(crm, lake)
        assert asked(crm, "/memberships") == 3 + 1
        assert len(set(column(lake, "raw/hubspot/list_membership", "recordId"))) == 600


def test_a_list_that_is_deleted_while_a_fetch_waits_is_left_out(tmp_path: Path) -> None:
    """Its definition is kept and would be asked about for ever; a list without members would say that nobody is in it."""
    with emulator() as crm:
        ids = people(crm, 300)
        for number in ("5", "6"):
            one = {"listId": number, "name": f"L{number}", "objectTypeId": "0-1", "processingType": "MANUAL"}
            crm.emulator.portal.lists[number] = one
            crm.emulator.portal.members[number] = dict.fromkeys(map(str, ids))
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "/memberships", skip=2)
        with pytest.raises(QuotaReached):
            fetch(crm, lake)
        gone = {"category": "OBJECT_NOT_FOUND"}
        crm.emulator.fault("status", "/6/memberships", status=404, body=gone, times=9)
        fetch(crm, lake)
        assert column(lake, "raw/hubspot/list", "listId") == ["5"]
        assert set(column(lake, "raw/hubspot/list_membership", "listId")) == {"5"}


@pytest.mark.parametrize("times", [1, 9])
def test_a_query_whose_locator_is_dropped_goes_on_behind_its_last_record(tmp_path: Path, times: int) -> None:
    """Ten of a user's locators live at a time, whoever asks; the pages that came are kept."""
    with emulator(rest_page=40) as crm:
        ids = leads(crm, 200)
        lost = [{"errorCode": "INVALID_QUERY_LOCATOR"}]
        crm.emulator.fault("status", "/query/01g", status=400, body=lost, skip=1, times=times)
        lake = new_lake(tmp_path)
        assert fetch(crm, lake, crm="salesforce").rows["lead"] == 200
        assert column(lake, LEAD, "Id") == sorted(ids)
        assert asked(crm, "ORDER%20BY%20Id") - asked(crm, "Id%20%3E%20") == 8  # one object each begins at its beginning


_PROPERTY = {
    "message": "p@example.no",
    "errors": [{"context": {"propertyName": ["no_such", "p@example.no"], "propertyValue": ["Anna"]}}],
}


@pytest.mark.parametrize(
    ("said", "words", "anew"),
    [
        ({"message": "p@example.no is bad", "errors": 1}, r"/contacts: status 400 VALIDATION_ERROR$", False),
        (_PROPERTY, r"/contacts: status 400 VALIDATION_ERROR \(no_such\)$", False),
        ({"message": "The paging cursor p@example.no is not valid"}, r"/contacts: status 400 VALIDATION_ERROR$", True),
        ({"errors": [{"message": "not valid", "in": "after"}]}, r"/contacts: status 400 VALIDATION_ERROR$", True),
    ],
    ids=["what is not understood", "a property", "a cursor", "the place of a cursor"],
)
def test_only_a_position_that_is_good_no_longer_begins_a_fetch_of_a_portal_anew(
    tmp_path: Path, said: dict[str, object], words: str, anew: bool
) -> None:
    with emulator() as crm:
        people(crm, 600)
        lake = new_lake(tmp_path)
        body = {"category": "VALIDATION_ERROR", **said}
        crm.emulator.fault("status", "GET .*objects/.*/contacts", status=400, body=body, skip=2, times=1)
        with pytest.raises(CallRefused, match=words) as refused:
            fetch(crm, lake)
        assert "example" not in str(refused.value)
        seen = len(crm.emulator.world.log)
        assert fetch(crm, lake).rows["contact"] == 600
        first = [call for call in crm.emulator.world.log[seen:] if "/contacts?" in call and "after=" not in call]
        assert any("archived=false" in call for call in first) is anew


@pytest.mark.parametrize(
    ("said", "words"),
    [({"errors": [{"context": {"propertyName": ["no_such"]}}]}, "no_such"), ({"message": "?"}, "status 400")],
    ids=["a property", "what is not understood"],
)
def test_what_an_earlier_run_was_told_and_is_refused_now_is_not_asked_for_for_ever(
    tmp_path: Path, said: dict[str, object], words: str
) -> None:
    with emulator() as crm:
        people(crm, 300)
        lake = new_lake(tmp_path)
        gone = {"category": "VALIDATION_ERROR", **said}
        crm.emulator.fault("daily", "GET .*objects/.*/contacts", skip=1)
        with pytest.raises(QuotaReached):
            fetch(crm, lake)
        crm.emulator.fault("status", "GET .*objects/.*/contacts", status=400, body=gone)
        with pytest.raises(CallRefused, match=words):
            fetch(crm, lake)
        seen = len(crm.emulator.world.log)
        assert fetch(crm, lake).rows["contact"] == 300
        assert asked(crm, "/properties/", seen) == 3


def test_a_query_that_an_org_does_not_understand_is_refused_by_its_field_and_keeps_what_came(tmp_path: Path) -> None:
    with emulator(rest_page=40) as crm:
        leads(crm, 200)
        wrong = [{"errorCode": "INVALID_FIELD", "message": "SELECT Id\nNo such column 'Gone__c' on entity 'Lead'."}]
        crm.emulator.fault("status", "/query/01g", status=400, body=wrong, skip=1)
        lake = new_lake(tmp_path)
        with pytest.raises(CallRefused, match=r"status 400 INVALID_FIELD \(Lead.Gone__c\)$"):
            fetch(crm, lake, crm="salesforce")
        seen = len(crm.emulator.world.log)
        assert fetch(crm, lake, crm="salesforce").rows["lead"] == 200
        assert asked(crm, "FROM%20Lead%20WHERE%20Id%20%3E", seen) == 1


def test_values_of_changes_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 300)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        changed(crm, ids[:150])
        crm.emulator.fault("daily", "contacts/batch/read", skip=1)
        crm.emulator.fault("slow", "contacts/batch/read", seconds=0.1)
        with pytest.raises(QuotaReached):
            fetch(crm, lake, NEXT)
        assert fetch(crm, lake, NEXT).rows["contact"] == 150
        assert asked(crm, "contacts/batch/read") == 2 + 1


def test_a_search_that_gives_fewer_than_were_asked_for_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with emulator() as crm:
        ids = people(crm, 450)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        changed(crm, ids)
        monkeypatch.setattr(api_changes, "SEARCH_PAGE", 1_000)
        assert fetch(crm, lake, NEXT).rows["contact"] == 450


def test_changes_that_do_not_add_up_are_asked_for_anew(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 3)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        changed(crm, ids)
        crm.emulator.fault("status", "contacts/search", status=200, body={"results": [], "total": 9}, times=3)
        with pytest.raises(RecordsMissing):
            fetch(crm, lake, NEXT)
        crm.emulator.world.faults.clear()
        assert fetch(crm, lake, NEXT).rows["contact"] == 3


def test_a_record_that_is_back_with_its_old_time_is_read(tmp_path: Path) -> None:
    with emulator() as crm:
        contacts = crm.emulator.portal.kinds["contact"]
        ids = people(crm, 3)
        contacts.archive(ids[1])
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 86400
        contacts.rows[ids[1]]["archived"] = False
        contacts.changed()
        assert fetch(crm, lake, NEXT, api={"id_sweep_nights": 2}).rows["contact"] == 0
        assert fetch(crm, lake, NEXT, api={"id_sweep_nights": 1}, refetch=True).rows["contact"] == 1
        assert column(lake, CONTACT, "firstname", NEXT) == [f"F{ids[1]}"]


def test_pages_that_lack_what_a_newer_crosswalk_reads_are_no_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator() as crm:
        people(crm, 3)
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "associations")
        with monkeypatch.context() as older:
            older.setattr(
                api_question, "kinds", lambda model: {k: v for k, v in kinds(model).items() if k != "firstname"}
            )
            with pytest.raises(QuotaReached):
                fetch(crm, lake)
        fetch(crm, lake)
        assert None not in column(lake, CONTACT, "firstname")


def test_pages_of_another_portal_are_no_beginning_of_this_one(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    for portal, name in ((1, "First"), (2, "Second")):
        with emulator() as crm:
            people(crm, 3, firstname=name)
            crm.emulator.fault("status", "account-info", status=200, body={"portalId": portal})
            crm.emulator.fault("daily", "associations", times=2 - portal)
            if portal == 1:
                with pytest.raises(QuotaReached):
                    fetch(crm, lake)
            else:
                fetch(crm, lake)
    assert column(lake, CONTACT, "firstname") == ["Second"] * 3


def test_nothing_else_depends_on_the_accounts_own_details(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 3)
        crm.emulator.fault("status", "account-info", status=403)
        assert fetch(crm, new_lake(tmp_path)).rows["contact"] == 3


def test_associations_that_lead_to_themselves_end(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 1)
        one = {
            "from": {"id": "101"},
            "to": [{"toObjectId": 9, "associationTypes": []}],
            "paging": {"next": {"after": "5"}},
        }
        crm.emulator.fault("status", "/associations/", status=200, body={"results": [one]}, times=99)
        assert fetch(crm, new_lake(tmp_path)).rows["contact_company"] == 1
        assert asked(crm, "/associations/") == 2


def test_a_refresh_token_that_is_not_taken_is_named_by_its_variables() -> None:
    secrets = {"HUBSPOT_CLIENT_ID": "a", "HUBSPOT_CLIENT_SECRET": "hidden", "HUBSPOT_REFRESH_TOKEN": "hidden"}

    async def main(url: str) -> None:
        async with HubspotClient(HubspotSecrets.read({**secrets, "HUBSPOT_BASE_URL": url}), patience=QUICK) as portal:
            await portal.account()

    with emulator() as crm:
        crm.emulator.fault("status", "/oauth/", status=400, body={"status": "BAD_REFRESH_TOKEN", "message": "hidden"})
        with pytest.raises(CallRefused, match="HUBSPOT_REFRESH_TOKEN are not accepted") as refused:
            asyncio.run(main(crm.url))
    assert (refused.value.status, "hidden" in str(refused.value)) == (401, False)


def test_a_refresh_token_that_was_replaced_is_not_used_again() -> None:
    secrets = {"HUBSPOT_CLIENT_ID": "a", "HUBSPOT_CLIENT_SECRET": "b", "HUBSPOT_REFRESH_TOKEN": "0"}
    good, used = ["0"], []

    async def main(url: str) -> None:
        async with HubspotClient(HubspotSecrets.read({**secrets, "HUBSPOT_BASE_URL": url}), patience=QUICK) as portal:
            for _ in range(3):
                await portal.account()
                await portal.http.token(stale=await portal.http.token())

    with emulator() as crm:

        async def rotating(request: Request) -> Response:
            used.append(form_of(await request.body())["refresh_token"])
            if used[-1] != good[-1]:
                return JSONResponse({"status": "BAD_REFRESH_TOKEN"}, 400)
            good.append(str(len(used)))
            return JSONResponse({"access_token": crm.emulator.world.sign_in(), "refresh_token": good[-1]})

        crm.emulator.app.app.router.routes.insert(0, Route(path("oauth", "token"), rotating, methods=["POST"]))  # type: ignore[attr-defined]
        asyncio.run(main(crm.url))
    assert used == ["0", "1", "2", "3"]


def test_nothing_else_depends_on_limits(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 3)
        crm.emulator.fault("status", "/limits", status=404, body=[{"errorCode": "NOT_FOUND", "message": "x"}])
        assert fetch(crm, new_lake(tmp_path), crm="salesforce").rows["lead"] == 3


@pytest.mark.parametrize("stops", [False, True])
def test_result_pages_that_nothing_lists_are_followed_one_after_the_other(tmp_path: Path, stops: bool) -> None:
    with emulator(bulk_page=300) as crm:
        leads(crm, 2_700)
        lake = new_lake(tmp_path)
        crm.emulator.fault("status", "/resultPages", status=404, body=[{"errorCode": "NOT_FOUND"}], times=9)
        if stops:
            crm.emulator.fault("daily", "/results", skip=4)
            with pytest.raises(QuotaReached):
                fetch(crm, lake, crm="salesforce")
        assert fetch(crm, lake, crm="salesforce").rows["lead"] == 2_700
        assert asked(crm, "/results") == 9 + stops
        assert len(set(column(lake, LEAD, "Id"))) == 2_700


def test_a_page_that_is_no_result_is_asked_for_again(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 2_100)
        crm.emulator.fault("status", "/results", status=200, body={"maintenance": True})
        assert fetch(crm, new_lake(tmp_path), crm="salesforce").rows["lead"] == 2_100


@pytest.mark.parametrize("taken", [False, True])
def test_a_sweep_that_bulk_refuses_or_fails_goes_by_pages(tmp_path: Path, taken: bool) -> None:
    with emulator() as crm:
        leads(crm, 3)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        crm.emulator.world.offset += 86400
        if taken:
            failed = {"id": "750", "object": "Lead", "state": "Failed", "errorMessage": "x"}
            crm.emulator.fault("status", "POST .*/jobs/query", status=200, body=failed)
            crm.emulator.fault("status", "GET .*/jobs/query/750", status=200, body=failed, times=9)
        else:
            crm.emulator.org.no_bulk.add("Lead")
        fetch(crm, lake, NEXT, crm="salesforce", api={"id_sweep_nights": 1})
        assert asked(crm, "/query?q=SELECT%20Id%20FROM%20Lead") == 1


def describe_copies(lake: Lake) -> Path:
    return lake.root / ".fetch" / "describe" / "Lead.json"


def test_half_a_copy_of_a_description_is_none(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 3)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        copy = describe_copies(lake)
        copy.write_text(copy.read_text()[:100])
        fetch(crm, lake, NEXT, crm="salesforce")
        assert len(copy.read_text()) > 100


def test_a_field_that_was_hidden_without_a_word_is_not_asked_for_for_ever(tmp_path: Path) -> None:
    """The object's description says that nothing has changed, and the query is refused: the next run describes anew."""
    with emulator() as crm:
        leads(crm, 3)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        crm.emulator.world.offset += 86400
        fields = crm.emulator.org.fields
        fields["Lead"] = [one for one in fields["Lead"] if one["name"] != "Fax"]
        with pytest.raises(CallRefused, match="INVALID_FIELD"):
            fetch(crm, lake, NEXT, crm="salesforce")
        fetch(crm, lake, NEXT, crm="salesforce")


def test_an_org_is_not_described_by_another_one(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    with emulator() as crm:
        leads(crm, 1)
        fetch(crm, lake, crm="salesforce")
        copy = describe_copies(lake).read_text()
    other = new_lake(tmp_path / "other")
    describe_copies(other).parent.mkdir(parents=True)
    describe_copies(other).write_text(copy)
    with emulator() as crm:
        leads(crm, 1, Region__c="North")
        field(crm, "Region__c")
        crm.emulator.org.described_at["Lead"] = 0  # described long ago, and so not changed since the copy was made
        fetch(crm, other, crm="salesforce", api={"extra_properties": ["Region__c"]})
    assert column(other, LEAD, "Region__c") == ["North"]


@pytest.mark.parametrize("said", ["one is of tomorrow", "one is of last year", "none says"])
@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_the_next_night_begins_where_this_fetch_began_whatever_one_answer_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    stamps: list[float] = []

    def stamp(at: float, usegmt: bool) -> str:
        stamps.append(at)
        wrong = {"one is of tomorrow": at + 86400, "one is of last year": at - 365 * 86400}.get(said)
        return "" if wrong is None else formatdate(wrong if len(stamps) == 4 else at, usegmt=usegmt)

    monkeypatch.setattr("pipelines.emulate.app.formatdate", stamp)
    with emulator() as crm:
        world, lake = crm.emulator.world, new_lake(tmp_path)
        world.offset += end(NIGHT).timestamp() - 3600 - world.now()
        people(crm, 3)
        leads(crm, 3)
        fetch(crm, lake, crm=name)
        world.offset += 60
        crm.emulator.portal.kinds["contact"].put({"firstname": "New"}, 101)
        crm.emulator.org.put("Lead", {"FirstName": "New"}, "00Q000000000001AAA")
        world.offset += 86400
        fetch(crm, lake, NEXT, crm=name)
    key, column_name = (CONTACT, "firstname") if name == "hubspot" else (LEAD, "FirstName")
    assert column(lake, key, column_name, NEXT) == ["New"]
