"""Memberships agree with the definitions beside them, evaluated here by a reader who knows the grammar and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.portal.delivered import NIGHTS, Row, document, rows

ZONE = ZoneInfo("Europe/Oslo")
EVALUATED = ("201", "203", "204", "207", "208", "210")


class Night:
    """One night's records and lists, with option cells as internal values."""

    def __init__(self, night: str) -> None:
        self.night = night
        self.contacts = {row["hs_object_id"]: row for row in rows(night, "hubspot/contacts")}
        self.companies = {row["hs_object_id"]: row for row in rows(night, "hubspot/companies")}
        self.employers: dict[str, list[Row]] = {}
        for row in rows(night, "hubspot/associations/contact_company"):
            self.employers.setdefault(row["contact_id"], []).append(self.companies[row["company_id"]])
        self.lists = {each["listId"]: each for each in document(night, "hubspot/lists.json")}
        self.members: dict[str, set[str]] = {}
        for row in rows(night, "hubspot/list_memberships"):
            self.members.setdefault(row["listId"], set()).add(row["recordId"])
        self.values = {
            (each["name"], option["label"]): option["value"]
            for each in document(night, "hubspot/properties/contact.json")
            for option in each["options"]
        }

    def cell(self, row: Row, name: str) -> str:
        return self.values.get((name, row[name]), row[name])

    def passes(self, branch: dict[str, Any], key: str, row: Row) -> bool:
        if branch["filterBranchType"] == "ASSOCIATION":
            return any(
                all(self.holds(each, key, other) for each in branch["filters"]) for other in self.employers.get(key, [])
            )
        parts = [self.holds(each, key, row) for each in branch["filters"]]
        parts += [self.passes(each, key, row) for each in branch["filterBranches"]]
        return any(parts) if branch["filterBranchType"] == "OR" else all(parts)

    def holds(self, each: dict[str, Any], key: str, row: Row) -> bool:
        if each["filterType"] == "IN_LIST":
            return (key in self.members[each["listId"]]) == (each["operator"] == "IN_LIST")
        about, cell = each["operation"], self.cell(row, each["property"])
        if about["operationType"] == "ALL_PROPERTY":
            return bool(cell) == (about["operator"] == "IS_KNOWN")
        if not cell:
            return bool(about["includeObjectsWithNoValueSet"])
        if about["operator"] in {"IS_ANY_OF", "IS_NONE_OF", "IS_EQUAL_TO"}:
            return (cell in about["values"]) == (about["operator"] != "IS_NONE_OF")
        if about["operator"] == "IS_GREATER_THAN_OR_EQUAL_TO":
            return cell.isdigit() and int(cell) >= about["value"]
        assert about["operationType"] == "TIME_RANGED"
        today = datetime.fromisoformat(self.night).replace(tzinfo=ZONE)
        start = today + timedelta(days=about["lowerBoundTimePoint"]["offset"]["days"])
        stamp = datetime.fromtimestamp(int(cell) / 1000, UTC) if cell.isdigit() else datetime.fromisoformat(cell)
        return start <= stamp < today + timedelta(days=1)


@pytest.fixture(scope="module", params=NIGHTS)
def night(request: pytest.FixtureRequest) -> Night:
    return Night(request.param)


@pytest.mark.parametrize("number", EVALUATED)
def test_members_are_those_whom_the_definition_admits(night: Night, number: str) -> None:
    about = night.lists[number]
    everybody = night.companies if about["objectTypeId"] == "0-2" else night.contacts
    admitted = {key for key, row in everybody.items() if night.passes(about["filterBranch"], key, row)}
    assert 0 < len(admitted) < len(everybody)
    assert night.members[number] == admitted


def test_there_are_lists_of_every_kind(night: Night) -> None:
    kinds = {(each["processingType"], each["processingStatus"]) for each in night.lists.values()}
    assert kinds == {
        ("DYNAMIC", "COMPLETE"),
        ("DYNAMIC", "PROCESSING"),
        ("MANUAL", "COMPLETE"),
        ("SNAPSHOT", "COMPLETE"),
    }
    assert all((each["filterBranch"] is None) == (each["processingType"] != "DYNAMIC") for each in night.lists.values())
    assert set(night.members) == set(night.lists)


def test_some_enter_and_some_leave_the_inclusion_segment_every_night() -> None:
    first, second, third = (Night(each).members["201"] for each in NIGHTS)
    for earlier, later in ((first, second), (second, third)):
        assert len(later - earlier) > 20
        assert len(earlier - later) > 5


def test_memberships_have_a_moment_before_the_night_is_over(night: Night) -> None:
    for row in rows(night.night, "hubspot/list_memberships"):
        cell = row["membershipTimestamp"]
        stamp = datetime.fromtimestamp(int(cell) / 1000, UTC) if cell.isdigit() else datetime.fromisoformat(cell)
        assert stamp < datetime.fromisoformat(night.night).replace(tzinfo=ZONE) + timedelta(days=1, hours=3)
