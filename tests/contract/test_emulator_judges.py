"""Clients that nobody here wrote drive the emulator and get right answers; our requests and its bodies fit their models."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hubspot_sdk import HubSpot
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from pipelines.emulate.serve import Serving
from tests.support.live import QUICK, emulator, people


@pytest.fixture(scope="module")
def crm() -> Iterator[Serving]:
    with emulator(bulk_page=40, rest_page=30) as serving:
        people(serving, 230)
        portal, org = serving.emulator.portal, serving.emulator.org
        portal.owners = [{"id": "7", "email": "o@example.no", "firstName": "O", "lastName": "W", "archived": False}]
        portal.lists["5"] = {"listId": "5", "name": "All", "filterBranch": BRANCH}
        portal.members["5"] = {"101": "2026-01-01T00:00:00.000Z"}
        portal.associate(101, 9, "Buyer", primary=True)
        for i in range(100):
            org.put("Contact", {"LastName": f"N{i}", "Description": 'a "b"\nc'})
        org.delete("Contact", "003000000000005AAA")
        yield serving


BRANCH = {
    "filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [
        {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [
            {"filterType": "PROPERTY", "property": "email", "operation": {
                "operationType": "ALL_PROPERTY", "operator": "IS_KNOWN", "includeObjectsWithNoValueSet": False}}]}],
}  # fmt: skip


@pytest.fixture
def sdk(crm: Serving) -> HubSpot:
    return HubSpot(access_token=crm.emulator.world.settings.token, base_url=crm.url, max_retries=0)


def test_hubspot_sdk_pages_through_all_records(sdk: HubSpot) -> None:
    found = [row.id for row in sdk.crm.objects.contacts.list(limit=100, properties=["email"])]
    assert found == [str(101 + 7 * i) for i in range(230)]


def test_hubspot_sdk_searches(sdk: HubSpot) -> None:
    found = sdk.crm.objects.contacts.search(
        after="0", limit=5, properties=["email"], sorts=["-hs_object_id"],
        filter_groups=[{"filters": [{"property_name": "hs_object_id", "operator": "GT", "value": "1000"}]}],
    )  # fmt: skip
    assert found.total == 230 - 129
    assert [row.id for row in found.results][:2] == [str(101 + 7 * 229), str(101 + 7 * 228)]


def test_hubspot_sdk_reads_and_writes_batches(sdk: HubSpot) -> None:
    read = sdk.crm.objects.contacts.batch.get(
        inputs=[{"id": "101"}, {"id": "108"}], properties=["email"], properties_with_history=[]
    )
    assert [row.properties["email"] for row in read.results] == ["p101@example.no", "p108@example.no"]
    made = sdk.crm.objects.contacts.batch.upsert(
        inputs=[{"id": "new@example.no", "id_property": "email", "properties": {"firstname": "New"}}]
    )
    assert [row.new for row in made.results] == [True]
    again = sdk.crm.objects.contacts.batch.upsert(
        inputs=[{"id": "new@example.no", "id_property": "email", "properties": {"firstname": "Old"}}]
    )
    assert [(row.new, row.id) for row in again.results] == [(False, made.results[0].id)]


def test_hubspot_sdk_reads_owners_and_properties(sdk: HubSpot) -> None:
    assert [o.email for o in sdk.crm.owners.list()] == ["o@example.no"]
    assert "email" in {p.name for p in sdk.crm.properties.list("contacts").results}


def test_the_emulators_bodies_are_what_the_models_say(crm: Serving) -> None:
    """Strict: Model.model_validate on the wire's JSON; calling the SDK alone would build models leniently."""
    from hubspot_sdk.types import account
    from hubspot_sdk.types import crm as types

    async def main() -> dict[Any, Any]:
        async with HubspotClient(HubspotSecrets.read(crm.secrets()), patience=QUICK) as client:
            wire = {
                types.CollectionResponseSimplePublicObjectWithAssociationsForwardPaging: (
                    await client.page("contact", None, ["email"])
                ).body,
                types.CollectionResponseWithTotalSimplePublicObject: (
                    await client.search("contact", [], "hs_object_id")
                ).body,
                types.BatchResponseSimplePublicObject: (await client.read("contact", [101], ["email"]))[0][1].body,
                types.BatchResponsePublicAssociationMultiWithLabel: (await client.associations([101]))[0],
                types.APICollectionResponseJoinTimeAndRecordID: (await anext(client.members("5")))[0],
            }
            calls = {
                types.CollectionResponsePropertyNoPaging: ("GET", "/crm/properties/2026-09/contacts", None),
                types.CollectionResponsePublicOwnerForwardPaging: ("GET", "/crm/owners/2026-09?limit=500", None),
                types.ListSearchResponse: (
                    "POST",
                    "/crm/lists/2026-09/search",
                    {"offset": 0, "count": 500, "query": "", "additionalProperties": []},
                ),
                types.ListFetchResponse: ("GET", "/crm/lists/2026-09/5?includeFilters=true", None),
                account.PortalInformationResponse: ("GET", "/account-info/2026-09/details", None),
            }
            for model, (method, path, body) in calls.items():
                wire[model] = (await client.http.call(method, path, body=body)).body
            return wire

    for model, body in asyncio.run(main()).items():
        model.model_validate(json.loads(body))


def test_list_definitions_fit_the_model_that_the_sdk_has() -> None:
    from hubspot_sdk.types.crm import PublicOrFilterBranch

    PublicOrFilterBranch.model_validate(BRANCH)
    wrong = json.loads(json.dumps(BRANCH).replace("ALL_PROPERTY", "NO_SUCH_TYPE"))
    with pytest.raises(ValueError, match="validation error"):
        PublicOrFilterBranch.model_validate(wrong)


class Plain(HTTPAdapter):
    """simple-salesforce asks for further pages by https whatever the org's address is; the emulator has no certificate."""

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **more)


@pytest.fixture
def force(crm: Serving) -> Salesforce:
    s = crm.emulator.world.settings
    said = httpx.post(
        f"{crm.url}/services/oauth2/token",
        data={"grant_type": "client_credentials", "client_id": s.client_id, "client_secret": s.client_secret},
    ).json()
    found = Salesforce(instance_url=said["instance_url"], session_id=said["access_token"], version="67.0")
    found.base_url = f"{crm.url}/services/data/v67.0/"
    found.session.mount("https://127.0.0.1", Plain())
    found.bulk2_url = f"{crm.url}/services/data/v67.0/jobs/"
    return found


def test_simple_salesforce_queries_describes_and_reads_limits(force: Salesforce) -> None:
    live = force.query_all("SELECT Id, LastName, Description FROM Contact WHERE LastName LIKE 'N%'")
    assert live["totalSize"] == 99
    assert len(live["records"]) == 99
    assert live["records"][0]["Description"] == 'a "b"\nc'
    assert force.query_all("SELECT Id, IsDeleted FROM Contact", include_deleted=True)["totalSize"] == 100
    assert force.query("SELECT COUNT() FROM Contact")["totalSize"] == 99
    assert force.limits()["DailyApiRequests"]["Max"] == 100_000


def test_simple_salesforce_errors_are_salesforces(force: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        force.query("SELECT Nothing__c FROM Contact")
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        force.query("SELECT FROM")
    force.session_id = "wrong"
    force.headers["Authorization"] = "Bearer wrong"
    with pytest.raises(SalesforceExpiredSession):
        force.query("SELECT Id FROM Contact")


def test_simple_salesforce_reads_a_bulk_result_page_by_page(force: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda seconds: None)
    pages = list(force.bulk2.Contact.query("SELECT Id, Description FROM Contact", max_records=40))
    assert [page.count('"003') for page in pages] == [40, 40, 19]
    assert pages[0].splitlines()[0] == '"Description","Id"'
