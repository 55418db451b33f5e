"""What everyone who read HubSpot's API before ran into, each as a fault of the emulator (docs/contracts.md has the list)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from assets.hubspot.api_extract import extract_api
from assets.hubspot.api_full import FullFetch
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.shared.failures import CrosswalkError, InputRefused, QuotaReached
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal
from pipelines.emulate.serve import Serving
from schemas.config_sources import HubspotApi
from tests.support.live import QUICK, emulator, people
from tests.support.live_portal import NEXT, NIGHT, column, end, fetch, landed, new_lake

CONTACT = "raw/hubspot/contact"


def client(crm: Serving) -> HubspotClient:
    return HubspotClient(HubspotSecrets.read(crm.secrets()), patience=QUICK)


def test_1_more_than_the_search_cap_changed_at_one_instant(tmp_path: Path) -> None:
    with emulator(search_cap=400) as crm:
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        crm.emulator.world.offset += 7200
        kind = crm.emulator.portal.kinds["contact"]
        at = crm.emulator.world.now()
        for i in range(1, 951):
            kind.put({"email": f"p{i}@example.no"}, i, at=at)
        assert fetch(crm, lake, NEXT).rows["contact"] == 950
        assert column(lake, CONTACT, "hs_object_id", NEXT) == sorted(str(i) for i in range(1, 951))


def test_2_a_change_that_the_index_had_not_seen_comes_the_night_after(tmp_path: Path) -> None:
    with emulator() as crm:
        lake = new_lake(tmp_path)
        ids = people(crm, 3)
        fetch(crm, lake)
        crm.emulator.world.offset += 86400
        crm.emulator.portal.kinds["contact"].put({"firstname": "Late"}, ids[1])
        crm.emulator.world.settings.index_lag = 60
        crm.emulator.world.offset += 30
        assert fetch(crm, lake, NEXT).rows["contact"] == 0
        crm.emulator.world.offset += 86400
        fetch(crm, lake, "2026-11-22")
        assert column(lake, CONTACT, "firstname", "2026-11-22") == ["Late"]


def test_3_more_properties_than_an_address_holds(tmp_path: Path) -> None:
    with emulator() as crm:
        wide = {f"custom_property_with_a_long_name_{i:04d}": str(i) for i in range(900)}
        people(crm, 120, **wide)
        lake = new_lake(tmp_path)
        fetch(crm, lake, api={"extra_properties": ["*"]})
        rows = landed(lake, CONTACT)
        assert len(rows) == 120
        assert all(row[name] == value for row in rows for name, value in wide.items())


def test_4_history_is_asked_for_fifty_at_a_time(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 120)
        lake = new_lake(tmp_path)
        fetch(crm, lake, api={"history_properties": ["firstname"]})
        rows = landed(lake, CONTACT)
        assert len(rows) == 120
        assert '"timestamp"' in rows[0]["propertiesWithHistory"]


def test_5_a_contact_with_1762_companies(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 2)
        for company in range(1, 1763):
            crm.emulator.portal.associate(101, company, primary=company == 9)
        for company in range(1, 251):
            crm.emulator.portal.associate(108, company)
        lake = new_lake(tmp_path)
        assert fetch(crm, lake).rows["contact_company"] == 1762 + 250
        assert [r["company_id"] for r in landed(lake, "raw/hubspot/contact_company") if r["primary"] == "true"] == ["9"]


def test_6_an_association_that_moves_no_record_is_seen(tmp_path: Path) -> None:
    from assets.hubspot.stage import stage

    with emulator() as crm:
        people(crm, 2)
        crm.emulator.portal.associate(101, 5)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 7200
        crm.emulator.portal.companies_of[101] = {}
        crm.emulator.portal.associate(108, 6)
        assert fetch(crm, lake, NEXT).rows["contact"] == 0
        rows = {
            (r["contact_id"], r["company_id"]): r.get("crosswalk_ended")
            for r in landed(lake, "raw/hubspot/contact_company", NEXT)
        }
        assert rows == {("108", "6"): None, ("101", "5"): "true"}


def test_7_archived_records_are_flagged(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 5)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        crm.emulator.world.offset += 7200
        crm.emulator.portal.kinds["contact"].archive(ids[2])
        fetch(crm, lake, NEXT)
        assert [(r["hs_object_id"], r["archived"]) for r in landed(lake, CONTACT, NEXT)] == [(str(ids[2]), "true")]


@pytest.mark.parametrize("mints", [False, True])
def test_8_a_merge_names_the_losers_and_keeps_their_addresses(tmp_path: Path, mints: bool) -> None:
    with emulator(merge_mints_id=mints) as crm:
        ids = people(crm, 4)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        crm.emulator.world.offset += 7200
        survivor = crm.emulator.portal.kinds["contact"].merge(ids[0], ids[1])["id"]
        fetch(crm, lake, NEXT)
        [row] = landed(lake, CONTACT, NEXT)
        assert row["hs_object_id"] == survivor
        assert str(ids[1]) in row["hs_merged_object_ids"].split(";")
        assert (str(ids[0]) in row["hs_merged_object_ids"].split(";")) == mints
        assert row["hs_additional_emails"] == f"p{ids[1]}@example.no"


def test_9_values_stay_text_and_blank_is_null(tmp_path: Path) -> None:
    with emulator() as crm:
        kind = crm.emulator.portal.kinds["contact"]
        values = {"zip": "007", "amount": "1e3", "flag": "true", "none": "null", "nul": "a\0b", "line": "a\nb"}
        kind.put(values, 101)
        kind.rows[101]["properties"]["blank"] = ""
        kind.rows[101]["properties"]["number"] = 17  # against the contract, and seen
        lake = new_lake(tmp_path)
        fetch(crm, lake, api={"extra_properties": ["*"]})
        [row] = landed(lake, CONTACT)
        assert {k: row.get(k) for k in (*values, "blank", "number")} == {
            **values,
            "nul": "ab",
            "blank": None,
            "number": "17",
        }


def test_10_ids_that_are_gone_do_not_fail_their_batch() -> None:
    with emulator() as crm:
        people(crm, 3)

        async def main() -> list[int]:
            async with client(crm) as hubspot:
                return [i for _, page in await hubspot.read("contact", [101, 5, 115], ["email"]) for i in page.ids]

        assert asyncio.run(main()) == [101, 115]


def test_11_a_small_limit_is_kept_without_a_429(tmp_path: Path) -> None:
    with emulator(limit=15, interval=0.5) as crm:
        people(crm, 600)
        lake = new_lake(tmp_path)
        crm.emulator.world.settings.limit = 15
        found = fetch(crm, lake)
        assert found.rows["contact"] == 600
        assert (
            found.stats["throttled"] <= 0.05 * int(str(found.stats["calls"])) + 10
        )  # until the first headers told the limit


def test_11_searches_keep_to_their_own_limit() -> None:
    with emulator(search_limit=5) as crm:

        async def main() -> int:
            async with HubspotClient(HubspotSecrets.read(crm.secrets())) as hubspot:
                await asyncio.gather(*(hubspot.total("contact") for _ in range(11)))
                return hubspot.meter.throttled

        assert asyncio.run(main()) == 0


def test_11_the_daily_limit_stops_with_everything_kept(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 3_000)
        lake = new_lake(tmp_path)
        crm.emulator.fault("daily", "GET /crm/objects", skip=25)
        with pytest.raises(QuotaReached):
            fetch(crm, lake)
        assert lake.nights("raw/hubspot/delivery") == []
        before = crm.emulator.world.calls["GET /crm/objects/2026-09/contacts"]
        assert fetch(crm, lake).rows["contact"] == 3_000
        again = crm.emulator.world.calls["GET /crm/objects/2026-09/contacts"] - before
        assert again < 24  # of at least 31
        assert not list((lake.root / ".fetch").glob("hubspot*"))


def test_16_an_edge_of_the_same_millisecond_is_in_both_nights(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 1)
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        asked = crm.emulator.world.now()
        crm.emulator.world.offset += 3600
        crm.emulator.portal.kinds["contact"].put({"firstname": "Edge"}, 101, at=asked - 30)
        fetch(crm, lake, NEXT)
        assert column(lake, CONTACT, "firstname", NEXT) == ["Edge"]


def test_18_a_property_that_comes_changes_or_goes_is_reported(tmp_path: Path) -> None:
    def prop(name: str, kind: str) -> dict[str, Any]:
        return {
            "name": name,
            "label": name,
            "type": kind,
            "fieldType": "text",
            "options": [],
            "calculated": False,
            "hasUniqueValue": False,
        }

    with emulator() as crm:
        people(crm, 1, tier="a")
        crm.emulator.portal.properties["contact"] = [
            prop("email", "string"),
            prop("tier", "string"),
            prop("old", "string"),
        ]
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        crm.emulator.world.offset += 7200
        crm.emulator.portal.properties["contact"] = [
            prop("email", "string"),
            prop("tier", "number"),
            prop("new", "string"),
        ]
        notes = fetch(crm, lake, NEXT, mapped={"contact": ["old"]}).notes
        assert {"contact.new: new, string", "contact.tier: is number now, was string"} <= set(notes)
        assert "contact.old: gone, or hidden from the integration's user" in notes
        assert "contact.old: mapped, but the portal has no such property, or the token may not see it" in notes


def test_cursors_that_are_no_ids_are_followed_one_after_the_other(tmp_path: Path) -> None:
    with emulator(opaque_cursor=True) as crm:
        people(crm, 900)
        lake = new_lake(tmp_path)
        assert fetch(crm, lake).rows["contact"] == 900
        assert len(set(column(lake, CONTACT, "hs_object_id"))) == 900


def test_ranges_of_ids_hold_everything_once_however_ids_lie(tmp_path: Path) -> None:
    with emulator() as crm:
        kind = crm.emulator.portal.kinds["contact"]
        ids = [*range(1, 1500), *range(10**6, 10**6 + 900), 5 * 10**10, 7 * 10**10]
        for i in ids:
            kind.put({}, i)
        journal = Journal(tmp_path / "hubspot.journal", "q")

        async def main() -> None:
            async with client(crm) as hubspot:
                await FullFetch(hubspot, journal, "contact", ["email"]).run()

        asyncio.run(main())
        from assets.hubspot.api_pages import records

        found = [i for pages in journal.pages("contact/live") for i in records(pages, ["email"]).column(0).to_pylist()]
        assert found == [str(i) for i in ids]


def test_a_source_that_loses_records_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 300)
        kind = crm.emulator.portal.kinds["contact"]
        original = kind.page

        def losing(after: int, limit: int, *, archived: bool) -> Any:
            rows, more = original(after, limit, archived=archived)
            return [row for row in rows if int(row["id"]) != ids[150]], more

        kind.page = losing  # type: ignore[method-assign]
        lake = new_lake(tmp_path)
        with pytest.raises(CrosswalkError, match="299 records came, the source counts 300"):
            fetch(crm, lake)
        assert lake.nights("raw/hubspot/contact") == []
        kind.page = original  # type: ignore[method-assign]
        assert fetch(crm, lake).rows["contact"] == 300  # what did not add up is asked for anew


def test_a_range_of_nights_gives_each_record_to_the_night_of_its_last_change(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    with emulator() as crm:
        kind = crm.emulator.portal.kinds["contact"]
        for i, day in enumerate(["2026-11-01", NIGHT, NEXT, "2026-11-22"], 1):
            kind.put({}, i, at=datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp(), made=0)
        lake = new_lake(tmp_path)
        fetch(crm, lake, NIGHT, NEXT)
        assert column(lake, CONTACT, "hs_object_id", NIGHT) == ["1", "2"]
        assert column(lake, CONTACT, "hs_object_id", NEXT) == ["3", "4"]


def test_credentials_are_named_by_their_variables_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="HUBSPOT_ACCESS_TOKEN"):
        HubspotSecrets.read({})
    assert "hunter2" not in repr(HubspotSecrets.read({"HUBSPOT_ACCESS_TOKEN": "hunter2"}))
    assert HubspotSecrets.read({"HUBSPOT_ACCESS_TOKEN": " hunter2\n"}).access_token == "hunter2"
    with pytest.raises(InputRefused, match=r"^HUBSPOT_ACCESS_TOKEN: ") as caught:
        HubspotSecrets.read({"HUBSPOT_ACCESS_TOKEN": "hünter\x00"})
    assert "hünter" not in str(caught.value)
    with emulator() as crm:
        wrong = {**crm.secrets(), "HUBSPOT_ACCESS_TOKEN": "hunter2"}
        with pytest.raises(CallRefused) as refused:
            extract_api(new_lake(tmp_path), {NIGHT: end(NIGHT)}, HubspotApi(), wrong, patience=QUICK)
    assert "HUBSPOT_ACCESS_TOKEN is not accepted" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_oauth_tokens_are_renewed_in_the_middle(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 500)
        s = crm.emulator.world.settings
        env = {
            "HUBSPOT_BASE_URL": crm.url,
            "HUBSPOT_CLIENT_ID": s.client_id,
            "HUBSPOT_CLIENT_SECRET": s.client_secret,
            "HUBSPOT_REFRESH_TOKEN": s.refresh_token,
        }
        crm.emulator.fault("expire", "GET /crm/objects", skip=2)
        found = extract_api(new_lake(tmp_path), {NIGHT: end(NIGHT)}, HubspotApi(), env, patience=QUICK)[NIGHT]
        assert found.rows["contact"] == 500
        assert found.stats["signed in"] == 2  # type: ignore[attr-defined]


def test_a_property_that_was_not_asked_for_before_is_fetched_for_every_record(tmp_path: Path) -> None:
    with emulator() as crm:
        people(crm, 3, tier="a")
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        crm.emulator.world.offset += 7200
        assert fetch(crm, lake, NEXT).rows["contact"] == 0
        crm.emulator.world.offset += 86400
        found = fetch(crm, lake, "2026-11-22", mapped={"contact": ["tier"]})
        assert column(lake, CONTACT, "tier", "2026-11-22") == ["a", "a", "a"]
        assert "contact: fetched whole, because it was not asked for tier before" in found.notes
        crm.emulator.world.offset += 86400
        assert fetch(crm, lake, "2026-11-23", mapped={"contact": ["tier"]}).rows["contact"] == 0


def test_12_calculated_properties_are_fetched_again_though_nothing_was_modified(tmp_path: Path) -> None:
    with emulator() as crm:
        ids = people(crm, 2, score="1")
        known = crm.emulator.portal.known("contact")
        crm.emulator.portal.properties["contact"] = [{**p, "calculated": p["name"] == "score"} for p in known]
        lake = new_lake(tmp_path)
        api = {"extra_properties": ["score"], "calculated_refresh_nights": 2, "id_sweep_nights": 30}
        fetch(crm, lake, api=api)
        crm.emulator.portal.kinds["contact"].rows[ids[0]]["properties"]["score"] = "2"
        crm.emulator.world.offset += 86400
        assert fetch(crm, lake, NEXT, api=api).rows["contact"] == 0
        crm.emulator.world.offset += 86400
        fetch(crm, lake, "2026-11-22", api=api)
        assert column(lake, CONTACT, "score", "2026-11-22") == ["1", "2"]


def test_lists_and_properties_that_are_gone_end(tmp_path: Path) -> None:
    from assets.hubspot.stage import stage
    from tests.support.live_portal import staged

    with emulator() as crm:
        people(crm, 1, tier="a")
        portal = crm.emulator.portal
        portal.properties["contact"] = portal.known("contact")
        portal.lists = {n: {"listId": n, "name": n} for n in ("5", "6")}
        portal.members = {"5": {"101": None}, "6": {"101": None}}
        lake = new_lake(tmp_path)
        fetch(crm, lake)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 7200
        del portal.lists["6"]
        portal.properties["contact"] = [p for p in portal.properties["contact"] if p["name"] != "tier"]
        fetch(crm, lake, NEXT)
        stage(lake, [NEXT], snapshot="incremental")
        ended = {
            entity: [
                (r.get("listId") or r["name"], r["op"])
                for r in staged(lake, f"staged/hubspot/{entity}", NEXT).to_pylist()
            ]
            for entity in ("list", "property", "list_membership")
        }
        assert ("6", "delete") in ended["list"]
        assert ended["property"] == [("tier", "delete")]
        assert ended["list_membership"] == [("6", "delete")]


def test_another_portal_and_a_sweep_that_misses_many_are_refused(tmp_path: Path) -> None:
    """Credentials of another portal, or that see less, look like a mass deletion (`max_shrink`)."""
    from assets.hubspot.stage import stage

    with emulator() as crm:
        ids = people(crm, 10)
        lake = new_lake(tmp_path)
        asked = {"api": {"id_sweep_nights": 1}, "max_shrink": 0.1}
        fetch(crm, lake, **asked)
        stage(lake, [NIGHT], snapshot="incremental")
        crm.emulator.world.offset += 86400
        kind = crm.emulator.portal.kinds["contact"]
        hidden = {i: kind.rows.pop(i) for i in ids[:4]}
        kind.changed()
        with pytest.raises(InputRefused, match=r"4 of 10 contact records .* --accept-shrink"):
            fetch(crm, lake, NEXT, **asked)
        kind.rows.update(hidden)
        kind.changed()
        crm.emulator.portal.account["portalId"] = 2
        with pytest.raises(InputRefused, match="portal 2"):
            fetch(crm, lake, NEXT, **asked)
        crm.emulator.portal.account["portalId"] = 1
        assert fetch(crm, lake, NEXT, **asked).rows["contact"] == 0
