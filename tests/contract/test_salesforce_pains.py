"""What everyone who read Salesforce's API before ran into, each as a fault of the emulator (docs/contracts.md has the list)."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assets.salesforce.api_extract import extract_api
from assets.salesforce.client import SalesforceClient, choose_version
from assets.salesforce.client_auth import SalesforceSecrets, is_of_family
from assets.shared.failures import CrosswalkError, InputRefused, QuotaReached
from assets.shared.http_csv import read_page
from assets.shared.http_failures import CallRefused
from pipelines.emulate.serve import Serving
from schemas.config_sources import ApiSource
from tests.support.live import QUICK, emulator
from tests.support.live_portal import NEXT, NIGHT, column, end, fetch, landed, new_lake, staged

LEAD = "raw/salesforce/lead"


def leads(crm: Serving, number: int, **more: Any) -> list[str]:
    """Leads made long ago."""
    world = crm.emulator.world
    world.offset -= 10 * 86400
    ids = [
        crm.emulator.org.put("Lead", {"LastName": f"L{i}", "Company": "A", "Email": f"l{i}@example.no", **more})
        for i in range(number)
    ]
    world.offset += 10 * 86400
    return ids


def field(crm: Serving, name: str, kind: str = "string", **more: Any) -> None:
    """One more field of leads."""
    fields = crm.emulator.org.fields["Lead"]
    like = next(f for f in fields if f["name"] == "LastName")
    fields.append({**like, "name": name, "type": kind, "custom": True, **more})
    crm.emulator.org.described_at["Lead"] = crm.emulator.world.now() + 1


def test_12_calculated_fields_are_fetched_again_though_nothing_was_modified(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = leads(crm, 3, Score__c="1")
        field(crm, "Score__c", "double", calculated=True)
        lake = new_lake(tmp_path)
        api = {"extra_properties": ["Score__c"], "calculated_refresh_nights": 2}
        fetch(crm, lake, crm="salesforce", api=api)
        crm.emulator.org.rows["Lead"][ids[1]]["Score__c"] = "2"
        crm.emulator.world.offset += 86400
        assert fetch(crm, lake, NEXT, crm="salesforce", api=api).rows["lead"] == 0
        found = fetch(crm, lake, "2026-11-22", crm="salesforce", api=api)
        assert column(lake, LEAD, "Score__c", "2026-11-22") == ["1", "1", "2"]
        assert any("calculated fields" in note for note in found.notes)


def test_13_a_session_that_ends_in_the_middle_of_a_download(tmp_path: Path) -> None:
    with emulator(bulk_page=500) as crm:
        leads(crm, 4_000)
        crm.emulator.fault("expire", "/results", skip=3, times=2)
        lake = new_lake(tmp_path)
        found = fetch(crm, lake, crm="salesforce")
        assert found.rows["lead"] == 4_000
        assert found.stats["signed in"] >= 2
        assert len(set(column(lake, LEAD, "Id"))) == 4_000


def test_13_bulk_says_it_with_400(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 2_100)
        crm.emulator.fault(
            "status", "/results", status=400, body={"exceptionCode": "InvalidSessionId", "exceptionMessage": "x"}
        )
        assert fetch(crm, new_lake(tmp_path), crm="salesforce").rows["lead"] == 2_100


def test_14_compounds_by_their_parts_and_objects_that_bulk_does_not_take(tmp_path: Path) -> None:
    with emulator(rest_page=900) as crm:
        leads(crm, 2_100, Home_Street__c="Street 1")
        field(crm, "Home__c", "address")
        field(crm, "Home_Street__c", compoundFieldName="Home__c")
        field(crm, "Photo__c", "base64")
        crm.emulator.org.no_bulk.add("Lead")
        lake = new_lake(tmp_path)
        found = fetch(crm, lake, crm="salesforce", api={"extra_properties": ["Home__c", "Photo__c"]})
        assert found.rows["lead"] == 2_100
        assert set(column(lake, LEAD, "Home_Street__c")) == {"Street 1"}


def test_14_an_object_without_a_usable_time_is_fetched_whole(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 3)
        for f in crm.emulator.org.fields["Lead"]:
            f["filterable"] = f["name"] not in ("SystemModstamp", "LastModifiedDate", "CreatedDate")
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        crm.emulator.world.offset += 86400
        assert fetch(crm, lake, NEXT, crm="salesforce").rows["lead"] == 3


@pytest.mark.parametrize(
    "value", ["a\nb", 'say "x"', "#N/A", "null", "NULL", " ", ",", "'", "x" * 131_072, "Ø\u2028é", "1,5\r\n2"]
)
def test_15_values_that_break_csv(tmp_path: Path, value: str) -> None:
    page = tmp_path / "lead-0.csv"
    cell = value.replace('"', '""')
    page.write_bytes(b"\xef\xbb\xbf" + f'"Id","Note"\n"1","{cell}"\n"2",""\n"3","last\0"\n'.encode())
    rows = [row for table in read_page(page, ["Note", "Id"], 3) for row in table.to_pylist()]
    assert rows == [{"Note": value, "Id": "1"}, {"Note": None, "Id": "2"}, {"Note": "last", "Id": "3"}]


@pytest.mark.parametrize("body", [b"", b'"Id","Note"\n'])
def test_15_no_rows(tmp_path: Path, body: bytes) -> None:
    page = tmp_path / "lead-0.csv"
    page.write_bytes(body)
    assert sum(table.num_rows for table in read_page(page, ["Id"], 0)) == 0


def test_15_rows_that_are_missing_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "lead-0.csv"
    page.write_bytes(b'"Id","Note"\n"1","a"\n')
    with pytest.raises(CrosswalkError, match="has 1 record, its header said 2"):
        list(read_page(page, ["Id"], 2))


def test_16_a_transaction_that_commits_late_with_an_early_time(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = leads(crm, 3)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        asked = crm.emulator.world.stamp()
        crm.emulator.world.offset += 86400
        crm.emulator.org.rows["Lead"][ids[0]].update(Title="Late", SystemModstamp=asked)
        fetch(crm, lake, NEXT, crm="salesforce", api={"overlap_minutes": 0})
        assert column(lake, LEAD, "Title", NEXT) == ["Late"]


def test_17_soft_hard_and_untraceable_deletions(tmp_path: Path) -> None:
    from assets.salesforce.stage import stage

    with emulator() as crm:
        ids = leads(crm, 5)
        org = crm.emulator.org
        members = [org.put("CampaignMember", {"LeadId": i, "CampaignId": "701000000000001AAA"}) for i in ids]
        lake = new_lake(tmp_path)
        api = {"id_sweep_nights": 1}
        fetch(crm, lake, crm="salesforce", api=api)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 7200
        org.delete("Lead", ids[0])
        org.delete("Lead", ids[1], into=ids[2])
        org.delete("Lead", ids[3], hard=True)
        org.delete("CampaignMember", members[0], hard=True)
        fetch(crm, lake, NEXT, crm="salesforce", api=api)
        rows = {
            r["Id"]: (r["IsDeleted"], r.get("MasterRecordId"), r.get("crosswalk_ended"), r["LastName"])
            for r in landed(lake, LEAD, NEXT)
        }
        assert rows == {
            ids[0]: ("true", None, None, "L0"),
            ids[1]: ("true", ids[2], None, "L1"),
            ids[3]: ("false", None, "true", "L3"),  # what is gone keeps its last values
        }
        assert [
            (r["Id"], r["crosswalk_ended"])
            for r in landed(lake, "raw/salesforce/campaign_member", NEXT)
            if r["Id"] == members[0]
        ] == [(members[0], "true")]


def test_18_fields_that_come_change_or_are_hidden(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 2)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce")
        crm.emulator.world.offset += 7200
        fields = crm.emulator.org.fields["Lead"]
        crm.emulator.org.fields["Lead"] = [f for f in fields if f["name"] != "Fax"]
        field(crm, "New__c")
        found = fetch(crm, lake, NEXT, crm="salesforce", api={"extra_properties": ["New__c"]}, mapped={"lead": ["Fax"]})
        assert {"Lead.New__c: new, string", "Lead.Fax: gone, or hidden from the integration's user"} <= set(found.notes)
        assert "lead.Fax: mapped, but Lead has no such field, or the integration's user may not see it" in found.notes
        describes = [call for call in crm.emulator.world.log if "describe" in call]
        assert len(describes) == 16


def test_18_an_object_that_may_not_be_seen_is_noted(tmp_path: Path) -> None:
    with emulator() as crm:
        leads(crm, 2)
        crm.emulator.fault(
            "status", "/Campaign/describe", status=404, body=[{"errorCode": "NOT_FOUND", "message": "x"}]
        )
        found = fetch(crm, new_lake(tmp_path), crm="salesforce")
        assert found.rows["lead"] == 2
        assert "Campaign: not there, or the integration's user may not see it; not fetched" in found.notes


def test_19_more_fields_than_an_address_holds(tmp_path: Path) -> None:
    with emulator() as crm:
        wide = {f"Custom_Field_With_A_Long_Name_{i:04d}__c": str(i) for i in range(900)}
        leads(crm, 3, **wide)
        for name in wide:
            field(crm, name)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce", api={"extra_properties": ["*"]})
        assert all(row[name] == value for row in landed(lake, LEAD) for name, value in wide.items())
        assert max(len(call) for call in crm.emulator.world.log) < 13_000


@pytest.mark.parametrize("stops", [False, True])
def test_19_more_fields_than_an_address_holds_of_an_object_that_bulk_does_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    monkeypatch.setattr("assets.salesforce.client.LONGEST_URL", 3_000)
    with emulator(rest_page=900) as crm:
        wide = {f"Custom_Field_With_A_Long_Name_{i:04d}__c": str(i) for i in range(120)}
        ids = leads(crm, 2_100, **wide)
        for name in wide:
            field(crm, name)
        crm.emulator.org.no_bulk.add("Lead")
        lake, asked = new_lake(tmp_path), {"crm": "salesforce", "api": {"extra_properties": ["*"]}}
        if stops:
            crm.emulator.fault("daily", "/query/", skip=2)
            with pytest.raises(QuotaReached):
                fetch(crm, lake, **asked)
        assert fetch(crm, lake, **asked).rows["lead"] == 2_100
        rows = {row["Id"]: row for row in landed(lake, LEAD)}
        assert sorted(rows) == sorted(ids)
        assert all(row | wide == row for row in rows.values())
        calls = [call for call in crm.emulator.world.log if "/query" in call]
        assert max(len(call) for call in calls) < 3_100
        assert sum("/jobs/query" in call for call in calls) == 1
        assert sum("COUNT" in call and "FROM%20Lead" in call for call in calls) <= 3 + 2 * stops  # not for every part


def test_19_more_fields_than_a_query_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.salesforce.api_wide.LONGEST_QUERY", 4_000)
    with emulator() as crm:
        wide = {f"Custom_Field_With_A_Long_Name_{i:04d}__c": str(i) for i in range(250)}
        ids = leads(crm, 3, **wide)
        crm.emulator.org.put("Lead", {"Custom_Field_With_A_Long_Name_0007__c": "other"}, ids[1])
        for name in wide:
            field(crm, name)
        lake = new_lake(tmp_path)
        fetch(crm, lake, crm="salesforce", api={"extra_properties": ["*"]})
        rows = {row["Id"]: row for row in landed(lake, LEAD)}
        assert sorted(rows) == sorted(ids)
        assert all(row | wide == row for key, row in rows.items() if key != ids[1])
        assert rows[ids[1]]["Custom_Field_With_A_Long_Name_0007__c"] == "other"
        assert {len(row) for row in rows.values()} == {len(rows[ids[0]])}


def pages_asked(crm: Serving) -> Counter[str]:
    """How often each result page of Bulk jobs was asked for."""
    return Counter(call for call in crm.emulator.world.log if "/results?" in call)


def test_a_used_up_day_stops_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with emulator(bulk_page=300) as crm:
        leads(crm, 3_000)
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "/results", skip=6)
        # Slow enough for others to be on their way when the day is used up.
        crm.emulator.fault("slow", "/results", seconds=0.1, times=99)
        with pytest.raises(QuotaReached) as reached:
            fetch(crm, lake, crm="salesforce")
        assert reached.value.exit_status == 4
        assert max(pages_asked(crm).values()) == 1
        assert fetch(crm, lake, crm="salesforce").rows["lead"] == 3_000
        assert sorted(pages_asked(crm).values()) == [1] * 9 + [2]  # only the one that was refused is asked for twice
        assert len(crm.emulator.org.jobs) == 1


def test_the_last_twentieth_of_the_day_is_left_to_the_people(tmp_path: Path) -> None:
    with emulator(salesforce_daily=20) as crm:
        leads(crm, 2)
        with pytest.raises(QuotaReached, match="DailyApiRequests"):
            fetch(crm, new_lake(tmp_path), crm="salesforce")
        assert crm.emulator.world.salesforce_calls < 20 + 10


def test_a_next_page_on_another_host_gets_no_token(tmp_path: Path) -> None:
    with emulator() as crm, emulator() as elsewhere:
        leads(crm, 2_100)
        body = {
            "resultPages": [{"resultUrl": f"{elsewhere.url}/services/data/v67.0/jobs/query/1/results"}],
            "done": True,
        }
        crm.emulator.fault("status", "/resultPages", status=200, body=body)
        with pytest.raises(CallRefused, match="another host"):
            fetch(crm, new_lake(tmp_path), crm="salesforce")
        assert elsewhere.emulator.world.log == []


def test_hosts_of_the_login_hosts_family() -> None:
    login = "https://login.salesforce.com"
    assert is_of_family(login, "https://acme.my.salesforce.com")
    assert is_of_family("http://127.0.0.1:1", "http://127.0.0.1:1")
    for home in (
        "http://acme.my.salesforce.com",
        "https://salesforce.com.evil.no",
        "https://evil.no",
        "",
        "http://127.0.0.1:1",
        "https://evilsalesforce.com",
    ):
        assert not is_of_family(login, home), home


def test_versions() -> None:
    assert choose_version(["57.0", "58.0", "66.0", "67.0", "68.0"], None) == "67.0"
    assert choose_version(["66.0"], "v66.0") == "66.0"
    for listed, wanted in ((["57.0"], None), (["66.0"], "65.0"), (["50.0"], "50.0")):
        with pytest.raises(CallRefused):
            choose_version(listed, wanted)


def test_signing_in_with_a_jwt(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "key.pem"
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*pem))
    with emulator() as crm:
        leads(crm, 2)
        crm.emulator.world.offset = 86400 * 30  # the machine's clock is a month late; the server's counts
        crm.emulator.salesforce.jwt_key = key.public_key()
        env = {
            "SALESFORCE_LOGIN_URL": crm.url,
            "SALESFORCE_CLIENT_ID": "emulated-client",
            "SALESFORCE_USERNAME": "u",
            "SALESFORCE_PRIVATE_KEY_FILE": str(file),
        }
        found = extract_api(new_lake(tmp_path), {NIGHT: end(NIGHT)}, ApiSource(), env, patience=QUICK)
        assert found[NIGHT].rows["lead"] == 2
        file.write_text("not a key")
        with pytest.raises(InputRefused, match="SALESFORCE_PRIVATE_KEY_FILE"):
            extract_api(new_lake(tmp_path / "b"), {NIGHT: end(NIGHT)}, ApiSource(), env, patience=QUICK)


def test_signing_in_again_with_a_jwt_hours_after_the_answers_before(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "key.pem"
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*pem))
    with emulator() as crm:
        crm.emulator.salesforce.jwt_key = key.public_key()
        secrets = SalesforceSecrets(crm.url, "emulated-client", username="u", private_key_file=str(file))

        async def main() -> None:
            async with SalesforceClient(secrets, patience=QUICK) as client:
                crm.emulator.world.offset += 3 * 3600  # a file that came, or a wait
                await client.http.token(stale=await client.http.token())
                assert client.meter.signed_in == 2

        asyncio.run(main())


def test_credentials_are_named_by_their_variables_and_never_shown() -> None:
    with pytest.raises(InputRefused, match="SALESFORCE_CLIENT_SECRET"):
        SalesforceSecrets.read({"SALESFORCE_CLIENT_ID": "x"})
    given = {"SALESFORCE_CLIENT_ID": "idid", "SALESFORCE_CLIENT_SECRET": "hunter2"}
    assert "hunter2" not in repr(SalesforceSecrets.read(given))
    with emulator() as crm:
        secrets = SalesforceSecrets.read({**given, "SALESFORCE_LOGIN_URL": crm.url})

        async def main() -> None:
            async with SalesforceClient(secrets, patience=QUICK):
                pass

        with pytest.raises(CallRefused, match=r"sign-in was refused \(invalid_grant\)"):
            asyncio.run(main())


@pytest.mark.parametrize("many", [3, 5_000], ids=["fetched whole", "by their ids"])
def test_a_sweep_that_misses_many_is_refused_and_what_is_shown_again_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """Credentials that see less look like a mass deletion (`max_shrink`); seen again, nothing of them has a newer time."""
    from assets.salesforce.stage import stage

    monkeypatch.setattr("assets.salesforce.api_extract._WORTH_WHOLE", many)
    with emulator() as crm:
        ids = leads(crm, 10)
        lake = new_lake(tmp_path)
        asked = {"crm": "salesforce", "api": {"id_sweep_nights": 1}}
        fetch(crm, lake, **asked)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 86400
        rows = crm.emulator.org.rows["Lead"]
        hidden = {i: rows.pop(i) for i in ids[:4]}
        with pytest.raises(InputRefused, match=r"4 of 10 lead records .* --accept-shrink"):
            fetch(crm, lake, NEXT, max_shrink=0.1, **asked)
        assert NEXT not in lake.nights("raw/salesforce/delivery")
        fetch(crm, lake, NEXT, max_shrink=None, **asked)  # as --accept-shrink asks
        stage(lake, [NEXT], snapshot="incremental")
        rows.update(hidden)
        crm.emulator.world.offset += 86400
        before = len(crm.emulator.world.log)
        fetch(crm, lake, "2026-11-22", max_shrink=0.1, **asked)
        counts = [call for call in crm.emulator.world.log[before:] if "COUNT" in call and "FROM%20Lead" in call]
        assert len(counts) == 2  # what changed, before and after; how many are shown again is known
        stage(lake, ["2026-11-22"], snapshot="incremental")
        assert {
            r["Id"]: r["op"] for r in staged(lake, "staged/salesforce/lead", "2026-11-22").to_pylist()
        } == dict.fromkeys(ids[:4], "upsert")
