"""Marketing contacts: toggles, permission, demotions, the tier, and the guards that stand before the files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assets.import_files import guards
from assets.import_files.marketing import tier
from assets.import_files.package_files import SQL
from assets.shared.failures import GuardStopped
from schemas.config_output import Marketing, MarketingApp
from schemas.import_marketing import created_as_marketing
from tests.unit.import_files.deltas import config, row, written

T0 = datetime(2026, 5, 1, tzinfo=UTC)
T1 = datetime(2026, 5, 2, tzinfo=UTC)
T2 = datetime(2026, 5, 3, tzinfo=UTC)


def app(name: str, enabled_at: datetime | None, **more: Any) -> MarketingApp:
    return MarketingApp(name=name, enabled_at=enabled_at, **more)


def statuses(marketing: Marketing, *created: tuple[str, datetime]) -> list[bool]:
    return [created_as_marketing(marketing, name, at) for name, at in created]


def test_toggles_are_by_app() -> None:
    """SC-72: on for A, off for B; apps with an API key share one."""
    apps = [app("A", T1), app("B", None), app("K1", T1, auth="api_key"), app("K2", None, auth="api_key")]
    assert statuses(Marketing(apps=apps), ("A", T2), ("B", T2), ("K1", T2), ("K2", T2)) == [True, False, True, True]


def test_a_toggle_is_never_retroactive() -> None:
    """P1-36, X4: strictly after the toggle."""
    assert statuses(Marketing(apps=[app("A", T1)]), ("A", T0), ("A", T1), ("A", T2)) == [False, False, True]


def test_without_permission_the_toggle_was_never_turned_on() -> None:
    """SC-74."""
    assert statuses(Marketing(can_set_status=False, apps=[app("A", T0)]), ("A", T2)) == [False]


def test_an_app_that_creates_nothing_or_is_unknown_has_no_effect() -> None:
    """P1-38."""
    apps = [app("A", T0, creates_contacts=False)]
    assert statuses(Marketing(apps=apps), ("A", T2), ("nobody", T2)) == [False, False]


def counted(**run: bool) -> dict[str, int]:
    """sql/marketing.sql over four contacts (one of whom will stop) and five operations."""
    contacts = [("1", "true", "true"), ("2", "true", None), ("3", "false", "true"), ("4", None, None)]
    names = ("hs_object_id", "hs_marketable_status", "hs_marketable_until_renewal")
    staged = pa.Table.from_pylist([dict(zip(names, c, strict=True)) | {"op": "upsert"} for c in contacts])
    delta = [("create", None, True), ("create", None, False), ("update", "2", None), ("update", "4", None)]
    delta.append(("update", "1", None))
    columns = ("op", "record_id", "marketing")
    rows = [dict(zip(columns, d, strict=True)) | {"object": "contact"} for d in delta]
    settings = {"is_updated": False, "may_promote": True, "promotes": False, "creates": True, "updates": True} | run
    with duckdb.connect() as con:
        con.register("staged__hubspot__contact", staged)
        con.register("out__delta__hubspot", pa.Table.from_pylist(rows))
        con.register("run", pa.Table.from_pylist([settings]))
        for name in ("marketing_contact", "promoted"):
            con.execute(f"CREATE TABLE {name} AS {(SQL / f'{name}.sql').read_text()}")
        found: dict[str, int] = con.sql((SQL / "marketing.sql").read_text()).to_arrow_table().to_pylist()[0]
        return found


@pytest.mark.parametrize(
    ("run", "numbers"),
    [
        ({}, (2, 1, 1, 0)),
        ({"is_updated": True}, (1, 0, 1, 0)),
        ({"promotes": True}, (2, 0, 2, 1)),
        ({"promotes": True, "is_updated": True}, (1, 0, 2, 2)),
        ({"promotes": True, "creates": False}, (2, 0, 0, 1)),
        ({"promotes": True, "updates": False}, (2, 1, 2, 0)),
        ({"may_promote": False}, (2, 1, 0, 0)),
    ],
)
def test_who_is_counted(run: dict[str, bool], numbers: tuple[int, ...]) -> None:
    """SC-76, P2-A1, P2-A3, P2-93: until the next update who will stop is counted, and an import cancels that; so is whom the
    files make one, no others."""
    found = counted(**run)
    assert (found["before"], found["demoted"], found["created"], found["promoted"]) == numbers


def test_the_tier_is_exceeded_by_three() -> None:
    """SC-77."""
    found = tier(Marketing(contact_tier=1000), before=998, created=5, promoted=0, demoted=0)
    assert (found.after, found.exceeded_by) == (1003, 3)
    assert tier(Marketing(contact_tier=1003), before=998, created=5, promoted=0, demoted=0).exceeded_by == 0
    assert tier(Marketing(), before=998, created=5, promoted=0, demoted=0).exceeded_by == 0


@pytest.mark.parametrize(("reaction", "stops"), [("warn", False), ("stop", True)])
def test_the_tier_warns_or_stops_before_anything_is_written(reaction: str, stops: bool) -> None:
    settings = config(f"marketing: {{contact_tier: 1000, tier_exceeded: {reaction}}}\n")
    counts = guards.Counts(tier=tier(settings.marketing, before=998, created=5, promoted=0, demoted=0))
    assert bool(guards.exceeded(counts, settings)) is stops
    if stops:
        with pytest.raises(GuardStopped, match=r"1003 .* 1000: 3 too many"):
            guards.stop_if_exceeded(counts, settings)


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        (guards.Counts(operations=10, deletes=1), []),
        (guards.Counts(operations=11, deletes=1), ["guards.max_changes"]),
        (guards.Counts(operations=10, deletes=2), ["guards.max_deletes"]),
        (guards.Counts(rejects={"hubspot contact": (5, 100)}), []),
        (guards.Counts(rejects={"hubspot contact": (6, 100), "salesforce lead": (0, 0)}), ["guards.max_reject_rate"]),
        (guards.Counts(operations=11, deletes=2), ["guards.max_changes", "guards.max_deletes"]),
    ],
)
def test_guards_stop_above_their_limit(counts: guards.Counts, found: list[str]) -> None:
    settings = config("guards: {max_changes: 10, max_deletes: 1, max_reject_rate: 0.05}\n")
    assert [text.split(":")[0] for text in guards.exceeded(counts, settings)] == found


def test_exactly_as_many_rejects_as_are_allowed_stop_nothing() -> None:
    """29 of 100 are 29 %: 100 times 0.29 is a hair less in binary fractions. The limit is told as it was set."""
    settings = config("guards: {max_reject_rate: 0.29}\n")
    assert guards.exceeded(guards.Counts(rejects={"hubspot contact": (29, 100)}), settings) == []
    [said] = guards.exceeded(guards.Counts(rejects={"a": (1, 100)}), config("guards: {max_reject_rate: 0.005}\n"))
    assert said.endswith("0.5 % are allowed")


def test_limits_that_are_off_stop_nothing() -> None:
    settings = config("guards: {max_changes: null, max_deletes: null, max_reject_rate: null}\n")
    assert guards.exceeded(guards.Counts(10**9, 10**9, {"a": (9, 10)}), settings) == []


def request_of(folder: Path, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{file}.request.json").read_text())
    return found


@pytest.mark.parametrize(
    ("settings", "marks"),
    [
        ("", False),
        ("imports: {hubspot: {marketing: true}}\n", True),
        ("imports: {hubspot: {marketing: true}}\nmarketing: {can_set_status: false}\n", False),
    ],
)
def test_the_box_of_the_import_promotes_existing_contacts_too(tmp_path: Path, settings: str, marks: bool) -> None:
    """P2-A1, P1-33; un-ticked it demotes nobody (P2-A2)."""
    rows = [
        row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1"),
        row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", marketing=False),
        row("hubspot", "company", "update", {"city": "Oslo"}, record_id="2"),
    ]
    manifest = written(tmp_path / "n", rows, settings=settings)
    requests = {f.object + f.operation: request_of(tmp_path / "n", f.file) for f in manifest.files}
    assert requests["contactupdate"]["marketableContactImport"] is marks
    assert requests["contactcreate"]["marketableContactImport"] is marks
    assert requests["companyupdate"]["marketableContactImport"] is False


def test_an_undo_promotes_nobody(tmp_path: Path) -> None:
    rows = [row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1", before={"city": "Bergen"})]
    written(tmp_path / "n", rows, settings="imports: {hubspot: {marketing: true, create_list: true}}\n")
    undo = request_of(tmp_path / "n" / "undo", "hubspot-contacts-update.csv")
    assert (undo["marketableContactImport"], undo["createContactListFromImport"]) == (False, False)


def test_without_permission_creates_are_not_marketing_whatever_the_delta_says(tmp_path: Path) -> None:
    rows = [row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", marketing=True)]
    manifest = written(tmp_path / "n", rows, settings="marketing: {can_set_status: false}\n")
    assert [f.file for f in manifest.files] == ["hubspot-contacts-create.csv"]
    assert request_of(tmp_path / "n", manifest.files[0].file)["marketableContactImport"] is False
