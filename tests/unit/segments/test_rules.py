"""What HubSpot's documentation leaves open, as docs/segments.md decides it: one test a decision."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from schemas.segment_problems import DefinitionError
from tests.unit.segments.people import ANN, BO, CY, DI, TYPES, Office, at, condition, everybody

FLAG = "includeObjectsWithNoValueSet"


def office_of(
    types: dict[str, pa.DataType], rows: list[dict[str, Any]], declared: dict | None = None, **place: Any
) -> Office:
    """An office of records that are numbered from 1."""
    people = tuple({"hs_object_id": str(n), **row} for n, row in enumerate(rows, start=1))
    kinds = {"hs_object_id": pa.string(), "modified": pa.timestamp("us", "UTC"), **types}
    return Office(people, types=kinds, declared=declared or {}, past=(), **place)


def texts(*values: str | None) -> Office:
    return office_of({"name": pa.string()}, [{"name": v} for v in values], {"name": ("string", "text")})


def times(*values: str, **place: str) -> Office:
    return office_of({"created": pa.timestamp("us", "UTC")}, [{"created": at(v)} for v in values], **place)


def days(*values: str, **place: str) -> Office:
    return office_of({"due": pa.date32()}, [{"due": date.fromisoformat(v)} for v in values], **place)


def indexed(reference: str, zone: str | None = None, **offset: int) -> dict[str, Any]:
    found: dict[str, Any] = {"timeType": "INDEXED", "indexReference": {"referenceType": reference}}
    return found | ({"zoneId": zone} if zone else {}) | ({"offset": offset} if offset else {})


# 1. TODAY and NOW ------------------------------------------------------------------------------------------------


def test_now_is_the_nights_last_instant_and_not_the_midnight_after() -> None:
    office = times("2026-11-20T22:59:59.999999Z", "2026-11-20T23:00Z")
    assert office.passing(
        "created", "TIME_POINT", "IS_BEFORE", timePoint=indexed("NOW"), endpointBehavior="INCLUSIVE"
    ) == {"1"}


def test_now_is_the_same_instant_where_the_clock_shows_it_twice() -> None:
    """The night of Los Angeles ends at 06:59:59.999999Z, when New York's clock is at 1:59 for the second time."""
    place = {"night": "2026-10-31", "zone": "America/Los_Angeles", "portal_zone": "America/New_York"}
    office = times("2026-11-01T05:30Z", "2026-11-01T06:30Z", "2026-11-01T07:00Z", **place)
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=indexed("NOW")) == {"1", "2"}


def test_today_is_the_start_of_the_nights_own_date_even_as_an_upper_bound() -> None:
    office = times("2026-11-19T22:59:59Z", "2026-11-19T23:00Z", "2026-11-19T23:00:01Z")
    points = {"lowerBoundTimePoint": indexed("TODAY", days=-1), "upperBoundTimePoint": indexed("TODAY")}
    assert office.passing("created", "TIME_RANGED", "IS_BETWEEN", **points) == {"1", "2"}


def test_today_in_another_zone_is_still_the_nights_own_date() -> None:
    office = times("2026-11-20T04:59Z", "2026-11-20T05:00Z")
    today = indexed("TODAY", "America/New_York")
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=today) == {"1"}
    office = times("2026-11-19T10:59Z", "2026-11-19T11:00Z")  # midnight of the 20th in Auckland
    today = indexed("TODAY", "Pacific/Auckland")
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=today) == {"1"}


# 2. Dates are days in the point's zone -----------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["US/Eastern", "Europe/Oslo", "Pacific/Auckland", "UTC"])
def test_a_date_is_the_same_day_in_every_zone(zone: str) -> None:
    office = days("2026-11-19", "2026-11-20", "2026-11-21")
    day = {"timeType": "DATE", "zoneId": zone, "year": 2026, "month": 11, "day": 20}
    ends = {"hour": 23, "minute": 59, "second": 59, "millisecond": 999}
    assert office.passing("due", "TIME_POINT", "IS_BEFORE", timePoint=day) == {"1"}
    assert office.passing("due", "TIME_POINT", "IS_AFTER", timePoint=day | ends) == {"3"}
    between = office.passing(
        "due", "TIME_RANGED", "IS_BETWEEN", lowerBoundTimePoint=day, upperBoundTimePoint=day | ends
    )
    assert between == {"2"}


def test_zones_come_from_the_definition_else_the_portal_else_sync_yaml() -> None:
    values = ("2026-11-19T22:30Z", "2026-11-20T04:30Z", "2026-11-20T05:30Z")
    asked = {"timeType": "DATE", "year": 2026, "month": 11, "day": 20}

    def after(office: Office, **zone: str) -> set[str]:
        return office.passing("created", "TIME_POINT", "IS_AFTER", timePoint=asked | zone, endpointBehavior="INCLUSIVE")

    assert after(times(*values)) == {"2", "3"}  # sync.yaml: Oslo
    assert after(times(*values, portal_zone="US/Eastern")) == {"3"}
    assert after(times(*values, portal_zone="US/Eastern"), zoneId="Europe/Helsinki") == {"1", "2", "3"}


def test_a_date_begins_its_day_so_today_is_past_when_the_night_is() -> None:
    office = days("2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23")
    assert office.passing("due", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=1) == {"1", "2"}
    assert office.passing("due", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_FROM_NOW", numberOfDays=2) == {"3", "4"}
    assert office.passing("due", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_FROM_NOW", numberOfDays=2) == {"5"}


def test_two_properties_of_different_kinds_meet_in_the_zone() -> None:
    office = office_of(
        {"due": pa.date32(), "created": pa.timestamp("us", "UTC")},
        [
            {"due": date(2026, 11, 20), "created": at(v)}
            for v in ("2026-11-19T22:59Z", "2026-11-19T23:00Z", "2026-11-19T23:01Z")
        ],
    )
    assert office.passing("created", "COMPARATIVE_DATE", "IS_BEFORE", comparisonPropertyName="due") == {"1"}
    assert office.passing("due", "COMPARATIVE_DATE", "IS_BEFORE", comparisonPropertyName="created") == {"3"}


# 3. Text ignores case and does not trim -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "asked"),
    [("ÅSE", "åse"), ("Straße", "STRASSE"), ("STRASSE", "straße"), ("ΟΔΟΣ", "οδος"), ("οδός", "ΟΔΌΣ"), ("ÉTÉ", "été"),
     ("İzmir", "izmir"), ("izmir", "İZMİR"), ("ﬁnn", "FINN"), ("ПРИВЕТ", "привет"), ("K", "k")],
)  # fmt: skip
def test_text_ignores_case_beyond_ascii(stored: str, asked: str) -> None:
    office = texts(stored, "other")
    for operator in ("IS_EQUAL_TO", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "CONTAINS_EXACTLY"):
        assert office.passing("name", "MULTISTRING", operator, values=[asked]) == {"1"}


def test_text_is_not_trimmed() -> None:
    office = texts(" lead", "lead", "lead ")
    assert office.passing("name", "STRING", "IS_EQUAL_TO", value="lead") == {"2"}
    assert office.passing("name", "STRING", "STARTS_WITH", value="lead") == {"2", "3"}


def test_option_values_keep_their_case() -> None:
    office = office_of(
        {"stage": pa.string()}, [{"stage": "Lead"}, {"stage": "lead"}], {"stage": ("enumeration", "select")}
    )
    assert office.passing("stage", "ENUMERATION", "IS_ANY_OF", values=["lead"]) == {"2"}


# 4. CONTAINS and CONTAINS_EXACTLY -----------------------------------------------------------------------------------


def test_contains_exactly_is_the_phrase_between_word_boundaries() -> None:
    office = texts("VP of Sales", "Salesforce", "pre-sales", "sales_ops", "vp sales", "Verkstål", "stål")
    assert office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=["sales"]) == {"1", "3", "5"}
    assert office.passing("name", "MULTISTRING", "CONTAINS", values=["sales"]) == {"1", "2", "3", "4", "5"}
    assert office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=["ål"]) == set()
    assert office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=["stål"]) == {"7"}


def test_a_phrase_of_punctuation_is_found_between_blanks() -> None:
    office = texts("knows C++ well", "C++", "C+++", "objective-c")
    assert office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=["c++"]) == {"1", "2", "3"}


# 5. Pass or fail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [None, ""])
def test_no_value_passes_exactly_if_the_flag_is_true_for_negative_operators_too(blank: str | None) -> None:
    office = texts("x", blank)
    for operator in (
        "IS_EQUAL_TO",
        "IS_NOT_EQUAL_TO",
        "DOES_NOT_CONTAIN",
        "HAS_NEVER_BEEN_EQUAL_TO",
        "HAS_EVER_BEEN_EQUAL_TO",
    ):
        absent = everybody({"filterType": "PROPERTY", "property": "name",
                            "operation": {"operationType": "STRING", "operator": operator, "value": "y"}})  # fmt: skip
        assert "2" not in office.members(absent)  # a missing flag is false
        assert "2" not in office.passing("name", "STRING", operator, value="y", **{FLAG: False})
        assert "2" in office.passing("name", "STRING", operator, value="y", **{FLAG: True})


def test_a_record_that_lost_its_value_counts_by_the_flag_whatever_it_was() -> None:
    office = Office(({"hs_object_id": "1", "name": None},), types={"hs_object_id": pa.string(), "name": pa.string()},
                    past=({"hs_object_id": "1", "name": "x"},))  # fmt: skip
    assert office.passing("name", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value="x") == set()
    assert office.passing("name", "STRING", "HAS_NEVER_BEEN_EQUAL_TO", value="x", **{FLAG: True}) == {"1"}


@pytest.mark.parametrize(("kind", "members"), [("NOT_ANY", {"3"}), ("NOT_ALL", {"1", "2", "3"})])
def test_negative_branches_negate_the_outcome(kind: str, members: set[str]) -> None:
    office = texts("x", "xy", None)
    filters = [
        condition("name", "STRING", "CONTAINS", value="x"),
        condition("name", "STRING", "IS_EQUAL_TO", value="z"),
    ]
    assert office.members({"filterBranchType": kind, "filters": filters, "filterBranches": []}) == members


def test_is_known_ignores_the_flag() -> None:
    office = texts("x", None)
    for flag in (True, False):
        assert office.passing("name", "ALL_PROPERTY", "IS_KNOWN", **{FLAG: flag}) == {"1"}
        assert office.passing("name", "ALL_PROPERTY", "IS_UNKNOWN", **{FLAG: flag}) == {"2"}


# 6. Days ago and from now -------------------------------------------------------------------------------------------


def test_less_than_x_days_ago_runs_from_a_midnight_to_now() -> None:
    office = times("2026-11-16T22:59:59Z", "2026-11-16T23:00Z", "2026-11-20T22:59:59.999999Z", "2026-11-20T23:00Z")
    assert office.passing("created", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=3) == {"2", "3"}
    assert office.passing("created", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", numberOfDays=3) == {"1"}


def test_from_now_mirrors_days_ago() -> None:
    office = times("2026-11-20T22:00Z", "2026-11-20T22:59:59.999999Z", "2026-11-22T23:00Z", "2026-11-22T23:00:01Z")
    assert office.passing("created", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_FROM_NOW", numberOfDays=3) == {"2", "3"}
    assert office.passing("created", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_FROM_NOW", numberOfDays=3) == {"4"}


# 7. End points ------------------------------------------------------------------------------------------------------


def test_before_and_after_are_strict_and_ranges_include_both_ends() -> None:
    office = times("2026-11-19T22:59Z", "2026-11-19T23:00Z", "2026-11-19T23:01Z")
    today = indexed("TODAY")
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=today) == {"1"}
    assert office.passing("created", "TIME_POINT", "IS_AFTER", timePoint=today) == {"3"}
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=today, endpointBehavior="INCLUSIVE") == {
        "1",
        "2",
    }
    points = {"lowerBoundTimePoint": today, "upperBoundTimePoint": today}
    assert office.passing("created", "TIME_RANGED", "IS_BETWEEN", **points) == {"2"}
    exclusive = {"lowerBoundEndpointBehavior": "EXCLUSIVE"}
    assert office.passing("created", "TIME_RANGED", "IS_BETWEEN", **points, **exclusive) == set()
    assert office.passing("created", "TIME_RANGED", "IS_NOT_BETWEEN", **points, **exclusive) == {"1", "2", "3"}


def test_requires_time_zone_conversion_changes_nothing() -> None:
    office = times("2026-11-19T22:59Z", "2026-11-19T23:01Z")
    for flag in (True, False):
        payload = {"timestamp": 1795129200000, "requiresTimeZoneConversion": flag}  # 2026-11-19T23:00Z
        assert office.passing("created", "DATETIME", "IS_BEFORE", **payload) == {"1"}


# 8. Calendar units --------------------------------------------------------------------------------------------------


def test_weeks_begin_on_sunday() -> None:
    office = days("2026-11-14", "2026-11-15", "2026-11-21", "2026-11-22")
    assert office.passing("due", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit="WEEK") == {"2", "3"}
    assert office.passing("due", "CALENDAR_DATE", "IN_THIS_TIME_UNIT_SO_FAR", timeUnit="WEEK") == {"2"}


def test_last_and_next_leave_the_present_unit_out() -> None:
    office = days(
        "2026-08-31", "2026-09-01", "2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01", "2027-01-31", "2027-02-01"
    )
    assert office.passing("due", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="MONTH", timeUnitCount=2) == {"2", "3"}
    assert office.passing("due", "CALENDAR_DATE", "IN_NEXT_TIME_UNIT", timeUnit="MONTH", timeUnitCount=2) == {"6", "7"}
    assert office.passing("due", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="MONTH") == {"3"}


@pytest.mark.parametrize(
    ("unit", "start", "inside"),
    [("YEAR", "APRIL", {"2", "3", "4", "5"}), ("YEAR", "DECEMBER", {"1", "2", "3", "4"}),
     ("QUARTER", "FEBRUARY", {"4", "5"}), ("QUARTER", "APRIL", {"4", "5"}), ("MONTH", "APRIL", {"4"})],
)  # fmt: skip
def test_fiscal_years_shift_quarters_and_years(unit: str, start: str, inside: set[str]) -> None:
    office = days("2026-03-31", "2026-04-01", "2026-09-30", "2026-11-01", "2026-12-31", "2027-04-01")
    payload = {"timeUnit": unit, "useFiscalYear": True, "fiscalYearStart": start}
    assert office.passing("due", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", **payload) == inside
    calendar = office.passing("due", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", **payload | {"useFiscalYear": False})
    assert calendar == office.passing("due", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit=unit)


# 9. Comparisons with another property -------------------------------------------------------------------------------


def test_a_blank_comparison_property_fails_unless_a_default_stands_for_it() -> None:
    office = office_of(
        {"created": pa.timestamp("us", "UTC"), "closed": pa.timestamp("us", "UTC")},
        [{"created": at("2026-11-10T00:00Z")}, {}],
    )
    asked: dict[str, Any] = {"comparisonPropertyName": "closed", FLAG: True}
    assert office.passing("created", "COMPARATIVE_DATE", "IS_BEFORE", **asked) == set()
    for default in ("1794355200000", "2026-11-15", "2026-11-11T12:00:00Z"):
        assert office.passing("created", "COMPARATIVE_DATE", "IS_BEFORE", **asked, defaultComparisonValue=default) == {
            "1",
            "2",
        }
    assert office.passing("created", "COMPARATIVE_DATE", "IS_AFTER", **asked, defaultComparisonValue="2026-11-15") == {
        "2"
    }
    referenced = {"timeType": "PROPERTY_REFERENCED", "property": "closed", "referenceType": "VALUE"}
    assert office.passing("created", "TIME_POINT", "IS_BEFORE", timePoint=referenced, **{FLAG: True}) == set()


def test_a_default_that_is_no_date_is_refused() -> None:
    asked = {"comparisonPropertyName": "closed", "defaultComparisonValue": "soon"}
    with pytest.raises(DefinitionError, match=r"operation\.defaultComparisonValue"):
        Office().passing("created", "COMPARATIVE_DATE", "IS_BEFORE", **asked)


# 10. Associations ---------------------------------------------------------------------------------------------------

FIRMS = (
    {"hs_object_id": "91", "industry": "SOFTWARE", "size": 10.0},
    {"hs_object_id": "92", "industry": "BANKING", "size": 500.0},
    {"hs_object_id": "93", "industry": None, "size": None},
)
PAIRS = (("1", "91", True), ("1", "92", False), ("1", "92", True), ("2", "92", True), ("3", "93", True))


def associated(operator: str, *filters: dict, type_id: int = 279) -> dict:
    branch = {
        "filterBranchType": "ASSOCIATION", "filterBranchOperator": "AND", "objectTypeId": "0-2", "operator": operator,
        "associationTypeId": type_id, "associationCategory": "HUBSPOT_DEFINED", "filterBranches": [],
        "filters": list(filters),
    }  # fmt: skip
    return everybody(branches=(branch,))


def test_filters_of_an_association_apply_to_one_and_the_same_record() -> None:
    office = Office(companies=FIRMS, pairs=PAIRS)
    software = condition("industry", "ENUMERATION", "IS_ANY_OF", values=["SOFTWARE"])
    large = condition("size", "NUMBER", "IS_GREATER_THAN", value=100)
    assert office.members(associated("IN_LIST", software)) == {"1"}
    assert office.members(associated("IN_LIST", large)) == {"1", "2"}
    assert office.members(associated("IN_LIST", software, large)) == set()


def test_without_an_associated_record_in_list_fails_and_not_in_list_passes() -> None:
    office = Office(companies=FIRMS, pairs=PAIRS)
    large = condition("size", "NUMBER", "IS_GREATER_THAN", value=100)
    assert office.members(associated("NOT_IN_LIST", large)) == {"3", "4"}
    assert office.members(associated("IN_LIST")) == {"1", "2", "3"}
    assert office.members(associated("NOT_IN_LIST")) == {"4"}


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59Z", 253402300799999, "9999-12-31"])
def test_a_default_that_says_never_is_later_than_everything(never: str | int) -> None:
    asked = {"comparisonPropertyName": "closed", "defaultComparisonValue": never}
    assert Office().passing("created", "COMPARATIVE_DATE", "IS_BEFORE", **asked) == {"1", "3"}
    asked["defaultComparisonValue"] = -62135596800000
    assert Office().passing("created", "COMPARATIVE_DATE", "IS_AFTER", **asked) == {"2", "3"}


def test_a_default_outside_the_calendar_is_refused() -> None:
    asked = {"comparisonPropertyName": "closed", "defaultComparisonValue": "0001-01-01T00:00:00+05:00"}
    with pytest.raises(DefinitionError, match="neither epoch milliseconds nor an ISO 8601 date"):
        Office().passing("created", "COMPARATIVE_DATE", "IS_BEFORE", **asked)


def test_a_checkbox_with_options_is_a_boolean_and_a_choice() -> None:
    """Segments 11: the operation fits the type (enumeration) and the form (checkbox) of the property."""
    office = Office(declared={"optin": ("enumeration", "booleancheckbox")})
    assert office.passing("optin", "ENUMERATION", "IS_ANY_OF", values=["true"]) == {"1", "3"}
    assert office.passing("optin", "BOOL", "IS_EQUAL_TO", value=True) == {"1", "3"}
    with pytest.raises(DefinitionError, match="does not fit property 'other_optin'"):
        office.passing("other_optin", "ENUMERATION", "IS_ANY_OF", values=["true"])


def test_association_type_1_is_the_primary_company_only() -> None:
    pairs = (("1", "91", True), ("1", "92", False), ("2", "92", True))
    office = Office(companies=FIRMS, pairs=pairs)
    banking = condition("industry", "ENUMERATION", "IS_ANY_OF", values=["BANKING"])
    assert office.members(associated("IN_LIST", banking)) == {"1", "2"}
    assert office.members(associated("IN_LIST", banking, type_id=1)) == {"2"}


def test_a_company_that_is_not_there_is_not_associated() -> None:
    office = Office(companies=FIRMS, pairs=(("1", "91", True), ("2", "999", True)))
    assert office.members(associated("IN_LIST")) == {"1"}
    assert office.members(associated("NOT_IN_LIST")) == {"2", "3", "4"}
    assert office.members(count(1, None)) == {"1"}


def count(least: int | None, most: int | None) -> dict:
    bounds = {"type": "NUM_OCCURRENCES", "minOccurrences": least, "maxOccurrences": most}
    return everybody({"filterType": "NUM_ASSOCIATIONS", "associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED",
                      "coalescingRefineBy": bounds})  # fmt: skip


@pytest.mark.parametrize(
    ("least", "most", "members"),
    [(1, None, "123"), (2, 2, "1"), (None, 1, "234"), (0, 0, "4"), (0, None, "1234"), (None, None, "1234"), (3, 1, "")],
)
def test_numbers_of_associations_are_of_distinct_records(least: int | None, most: int | None, members: str) -> None:
    assert Office(companies=FIRMS, pairs=PAIRS).members(count(least, most)) == set(members)


# 12. Empty branches -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "members"), [("AND", "1234"), ("OR", ""), ("NOT_ANY", "1234"), ("NOT_ALL", "")])
def test_an_empty_and_accepts_everybody_an_empty_or_nobody(kind: str, members: str) -> None:
    assert Office().members({"filterBranchType": kind, "filterBranches": [], "filters": []}) == set(members)


# 13. Updates without property history -------------------------------------------------------------------------------


def test_an_update_is_the_records_own_modification_with_a_note() -> None:
    office = Office()
    asked = condition("name", "TIME_POINT", "IS_AFTER", timePoint=indexed("TODAY"), propertyParser="UPDATED_AT")
    assert office.members(everybody(asked)) == {"1"}
    notes = office.compiled(everybody(asked)).notes
    assert notes == ("without property history, a property's update is the record's own modification date",)


def test_an_update_is_the_newest_time_of_the_propertys_history() -> None:
    """Ann's name is older than her record, Bo's is newer; Cy has a history of another property, Di has none at all."""

    def history(name: str, *times: str) -> str:
        return json.dumps({name: [{"value": "x", "timestamp": time} for time in times]})

    ann = ANN | {"history": history("name", "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z")}
    bo = BO | {"history": history("name", "2026-11-20T08:00:00.5Z", "2024-01-01T00:00:00Z")}
    cy = CY | {"history": history("nick", "2026-11-20T08:00:00Z"), "modified": at("2026-11-20T09:00Z")}
    di = DI | {"name": "Di", "nick": "Di", "modified": at("2026-11-20T09:00Z"), "history": "cut off {"}
    office = Office((ann, bo, cy, di), types=TYPES | {"history": pa.string()})
    today = {"timePoint": indexed("TODAY")}
    assert office.passing("name", "TIME_POINT", "IS_AFTER", propertyParser="UPDATED_AT", **today) == {"2", "3", "4"}
    assert office.passing("nick", "TIME_POINT", "IS_AFTER", propertyParser="UPDATED_AT", **today) == {"1", "3", "4"}
    rolling = {"numberOfDays": 7}
    assert office.passing("name", "ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", **rolling) == {"2", "3", "4"}
    other = {"comparisonPropertyName": "nick"}
    assert office.passing("name", "COMPARATIVE_PROPERTY_UPDATED", "IS_BEFORE", **other) == {"1"}
    assert office.passing("name", "COMPARATIVE_PROPERTY_UPDATED", "IS_AFTER", **other) == {"2", "3"}


def test_history_says_since_when_it_can_know() -> None:
    asked = condition("name", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value="x")
    assert Office().compiled(everybody(asked)).notes == ("the history of the contact is known since 2026-11-01",)


# Values that are stored otherwise -----------------------------------------------------------------------------------


def test_undeclared_text_is_read_as_the_operation_asks() -> None:
    rows = [
        {"raw": v} for v in ("5", " 5 ", "five", "2026-11-20", "2026-11-20T10:00:00Z", "1795168800000", "Yes", "", None)
    ]
    office = office_of({"raw": pa.string()}, rows)
    assert office.passing("raw", "NUMBER", "IS_EQUAL_TO", value=5) == {"1", "2"}
    assert office.passing("raw", "NUMBER", "IS_NOT_EQUAL_TO", value=5) == {"3", "4", "5", "6", "7"}
    assert office.passing("raw", "BOOL", "IS_EQUAL_TO", value=True) == {"7"}
    this_day = office.passing("raw", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit="DAY")
    assert this_day == {"4", "5", "6"}


def test_a_clock_change_moves_no_midnight() -> None:
    office = times(
        "2026-10-24T21:59:59Z", "2026-10-24T22:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00Z", night="2026-10-25"
    )
    assert office.passing("created", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit="DAY") == {"2", "3"}
    yesterday = times("2026-10-24T21:59Z", "2026-10-24T22:00Z", "2026-10-25T23:30Z", night="2026-10-26")
    assert yesterday.passing("created", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=1) == {"2", "3"}


@pytest.mark.parametrize("reading", ["VALUE_WITH_ZONE_SAME_LOCAL_CONVERSION", "VALUE"])
def test_same_local_conversion_reads_the_utc_clock_in_the_zone(reading: str) -> None:
    office = times("2026-11-20T00:30Z")
    day = {"timeType": "DATE", "zoneId": "America/New_York", "year": 2026, "month": 11, "day": 20}
    after = office.passing("created", "TIME_POINT", "IS_AFTER", timePoint=day, propertyParser=reading)
    assert after == (set() if reading == "VALUE" else {"1"})


def test_anniversaries_are_days_of_this_year() -> None:
    office = days("1990-11-19", "1990-11-20", "1992-02-29")
    today = {
        "lowerBoundTimePoint": indexed("TODAY"),
        "upperBoundTimePoint": indexed("NOW"),
        "propertyParser": "ANNIVERSARY",
    }
    assert office.passing("due", "TIME_RANGED", "IS_BETWEEN", **today) == {"2"}
    leap = {"timeType": "DATE", "year": 2026, "month": 2, "day": 28}
    found = office.passing("due", "TIME_RANGED", "IS_BETWEEN", lowerBoundTimePoint=leap, upperBoundTimePoint=leap,
                           propertyParser="ANNIVERSARY")  # fmt: skip
    assert found == {"3"}


def test_all_columns_of_the_sample_are_known() -> None:
    assert set(Office().catalog.objects["contact"].properties) == set(TYPES)


# Numbers of more digits than a double holds ---------------------------------------------------------------------------

# The first four are one and the same double.
LONG = ("9007199254740992", "9007199254740993", "9007199254740992.1", "9007199254740991.9", "9007199254740994", "7")


def long_numbers() -> dict[str, Office]:
    """The same numbers as doubles with their digits beside them and as text; those without decimals as whole numbers."""
    beside = [{"n": float(v), "_exact__n": v if len(v) > 15 else None, "m": 9007199254740992.0} for v in LONG]
    types = {"n": pa.float64(), "_exact__n": pa.string(), "m": pa.float64()}
    return {
        "double": office_of(types, beside),
        "text": office_of({"n": pa.string()}, [{"n": v} for v in LONG], {"n": ("number", "number")}),
        "whole": office_of({"n": pa.int64()}, [{"n": None if "." in v else int(v)} for v in LONG]),
    }


@pytest.mark.parametrize("stored", ["double", "text", "whole"])
@pytest.mark.parametrize(
    ("operator", "passing"),
    [
        ("IS_EQUAL_TO", "2"),
        ("IS_NOT_EQUAL_TO", "13456"),
        ("IS_GREATER_THAN", "5"),
        ("IS_GREATER_THAN_OR_EQUAL_TO", "25"),
        ("IS_LESS_THAN", "1346"),
        ("IS_LESS_THAN_OR_EQUAL_TO", "12346"),
    ],
)
def test_numbers_are_compared_by_all_their_digits(stored: str, operator: str, passing: str) -> None:
    there = set(passing) - (set("34") if stored == "whole" else set())
    assert long_numbers()[stored].passing("n", "NUMBER", operator, value=9007199254740993) == there


@pytest.mark.parametrize("stored", ["double", "text"])
def test_bounds_are_compared_by_all_their_digits(stored: str) -> None:
    bounds = {"lowerBound": 9007199254740992, "upperBound": 9007199254740993}
    assert long_numbers()[stored].passing("n", "NUMBER_RANGED", "IS_BETWEEN", **bounds) == set("123")


def test_two_properties_are_compared_by_all_their_digits() -> None:
    office = long_numbers()["double"]
    for operator, passing in (("IS_EQUAL_TO", "1"), ("IS_GREATER_THAN", "235"), ("IS_LESS_THAN", "46")):
        found = office.passing("n", "NUMBER_COMPARATIVE", operator, comparisonPropertyName="m")
        assert (operator, found) == (operator, set(passing))


def test_a_number_that_no_decimal_holds_is_compared_as_a_double() -> None:
    office = office_of({"n": pa.float64()}, [{"n": 1e300}, {"n": 2e300}])
    assert office.passing("n", "NUMBER", "IS_EQUAL_TO", value=10**300) == {"1"}
    assert office.passing("n", "NUMBER", "IS_GREATER_THAN", value=1e300) == {"2"}


def test_an_ordinary_number_is_one_comparison() -> None:
    office = office_of({"n": pa.float64()}, [{"n": 5.0}])
    compiled = office.compiled(everybody(condition("n", "NUMBER", "IS_EQUAL_TO", value=5)))
    assert not {"CASE", "TRY_CAST"} & set(compiled.sql().replace("(", " ").split())


@pytest.mark.parametrize("stored", ["double", "text", "whole"])
def test_a_record_id_that_a_property_holds_has_all_its_digits(stored: str) -> None:
    held = ("9007199254740992", "9007199254740993", "12", "12.5", "1e30", None)
    beside = [{"n": None if v is None else float(v), "_exact__n": v if v and len(v) > 15 else None} for v in held]
    whole = [{"n": int(v) if v and v.isdigit() else None} for v in held]
    types, people = {
        "double": ({"n": pa.float64(), "_exact__n": pa.string()}, beside),
        "text": ({"n": pa.string()}, [{"n": v} for v in held]),
        "whole": ({"n": pa.int64()}, whole),
    }[stored]
    companies = tuple({"hs_object_id": i} for i in ("9007199254740993", "12", "13"))
    office = office_of(types, people, companies=companies)
    branch = {
        "filterBranchType": "PROPERTY_ASSOCIATION", "filterBranchOperator": "AND", "objectTypeId": "0-2",
        "propertyWithObjectId": "n", "operator": "IN_LIST", "filterBranches": [], "filters": [],
    }  # fmt: skip
    assert office.members(everybody(branches=(branch,))) == {"2", "3"}
    assert office.members(everybody(branches=({**branch, "operator": "NOT_IN_LIST"},))) == {"1", "4", "5", "6"}
