"""The parser: strict, every problem at once with its JSON path, and no deeper than it says."""

import copy
import json
from typing import Any

import pytest

from schemas.segment_definition import definition_hash, load_json, read_definition
from schemas.segment_filters import FILTER_TYPES, UNANSWERABLE, Unanswerable
from schemas.segment_parse import MAX_DEPTH, parse_branch
from schemas.segment_problems import DefinitionError
from schemas.segment_tree import Branch, walk
from tests.unit.segments.cases import CASES
from tests.unit.segments.people import condition, everybody


def problems(definition: Any) -> dict[str, str]:
    """Problems of a definition: path -> message."""
    with pytest.raises(DefinitionError) as refused:
        parse_branch(definition)
    return {problem.path: problem.message for problem in refused.value.problems}


def unanswerable(definition: Any) -> list[tuple[str, str]]:
    """Path and type of each filter and branch that record tables cannot answer."""
    found = []
    for node in walk(parse_branch(definition)):
        reason = node.unanswerable if isinstance(node, Branch) else node.filter
        if isinstance(reason, Unanswerable):
            found.append((node.path, reason.type))
    return found


def operation(**changes: Any) -> dict:
    found = condition("name", "MULTISTRING", "CONTAINS", values=["x"])
    found["operation"] |= changes
    return everybody({**found, "operation": {k: v for k, v in found["operation"].items() if v != "drop"}})


HERE = "$.filterBranches[0].filters[0]"


@pytest.mark.parametrize(
    ("definition", "path", "message"),
    [
        (
            operation(operator="CONTAINS_NOT"),
            f"{HERE}.operation.operator",
            "MULTISTRING has no operator 'CONTAINS_NOT'; one of",
        ),
        (operation(operator="drop"), f"{HERE}.operation.operator", "is required"),
        (operation(operator=["CONTAINS"]), f"{HERE}.operation.operator", "MULTISTRING has no operator"),
        (operation(operationType="FUZZY"), f"{HERE}.operation.operationType", "unknown operation type 'FUZZY'"),
        (operation(operationType="multiString"), f"{HERE}.operation.operationType", "unknown operation type"),
        (operation(operationType="drop"), f"{HERE}.operation.operationType", "is required"),
        (operation(values="drop"), f"{HERE}.operation.values", "is required"),
        (operation(values="x"), f"{HERE}.operation.values", "must be a list"),
        (operation(values=["x", 5]), f"{HERE}.operation.values[1]", "must be text"),
        (operation(values=["a\x00b"]), f"{HERE}.operation.values[0]", "NUL"),
        (operation(values=["a\ud800"]), f"{HERE}.operation.values[0]", "Unicode"),
        (operation(pruningRefineBy={"type": "ALL_HISTORY"}), f"{HERE}.operation.pruningRefineBy", "is not a known key"),
        (
            operation(includeObjectsWithNoValueSet="true"),
            f"{HERE}.operation.includeObjectsWithNoValueSet",
            "true or false",
        ),
        (everybody({"filterType": "MAGIC"}), f"{HERE}.filterType", "unknown filter type 'MAGIC'"),
        (everybody({"property": "name"}), f"{HERE}.filterType", "is required"),
        (everybody("x"), HERE, "must be an object"),  # type: ignore[arg-type]
        (everybody({"filterType": "PROPERTY", "property": 5, "operation": {}}), f"{HERE}.property", "internal name"),
        (everybody({"filterType": "PROPERTY", "property": "x"}), f"{HERE}.operation", "must be an object"),
        (everybody({"filterType": "IN_LIST", "operator": "IN_LIST"}), HERE, "names no list"),
        (
            everybody({"filterType": "IN_LIST", "listId": "1", "operator": "IN"}),
            f"{HERE}.operator",
            "'IN_LIST' or 'NOT_IN_LIST'",
        ),
        (
            everybody({"filterType": "PAGE_VIEW", "operator": "HAS_PAGEVIEW"}),
            f"{HERE}.operator",
            "PAGE_VIEW has no operator",
        ),
        ({"filterBranchType": "XOR"}, "$.filterBranchType", "unknown branch type 'XOR'"),
        ({}, "$.filterBranchType", "is required"),
        ({"filterBranchType": "AND", "filterBranchOperator": "OR"}, "$.filterBranchOperator", "contradicts"),
        ({"filterBranchType": "AND", "filter": []}, "$.filter", "is not a known key"),
        ({"filterBranchType": "AND", "filters": {}}, "$.filters", "must be a list"),
        ({"filterBranchType": "AND", "filterBranches": ["x"]}, "$.filterBranches[0]", "must be an object"),
        ({"filterBranchType": "ASSOCIATION", "operator": "IN_LIST"}, "$.objectTypeId", "is required"),
        ({"filterBranchType": "PROPERTY_ASSOCIATION", "operator": "IN"}, "$.operator", "must be one of"),
        ({"filterBranchType": "UNIFIED_EVENTS", "operator": "DONE"}, "$.operator", "UNIFIED_EVENTS has no operator"),
        ("x", "$", "must be an object"),
    ],
)
def test_what_is_not_in_the_grammar_is_an_error_at_its_path(definition: Any, path: str, message: str) -> None:
    found = problems(definition)
    assert message in found[path]


def time_point(**point: Any) -> dict:
    return everybody(condition("created", "TIME_POINT", "IS_AFTER", timePoint=point))


@pytest.mark.parametrize(
    ("point", "path"),
    [
        ({"timeType": "INDEXED", "zoneId": "Mars/Base", "indexReference": {"referenceType": "NOW"}}, "zoneId"),
        ({"timeType": "INDEXED", "zoneId": "../etc/passwd", "indexReference": {"referenceType": "NOW"}}, "zoneId"),
        ({"timeType": "INDEXED", "indexReference": {"referenceType": "DECADE"}}, "indexReference"),
        ({"timeType": "INDEXED", "indexReference": {"referenceType": "TODAY"}, "offset": {"days": 1.5}}, "offset.days"),
        (
            {"timeType": "INDEXED", "indexReference": {"referenceType": "TODAY"}, "offset": {"years": 10**9}},
            "offset.years",
        ),
        ({"timeType": "DATE", "year": 2026, "month": 13, "day": 1}, "month"),
        ({"timeType": "DATE", "year": 2026, "month": 2, "day": 29}, ""),
        ({"timeType": "DATE", "year": 99999, "month": 1, "day": 1}, "year"),
        ({"timeType": "PROPERTY_REFERENCED", "property": "x", "referenceType": "SOMETIME"}, "referenceType"),
        ({"timeType": "LUNAR"}, ""),
    ],
)
def test_points_in_time_are_checked(point: dict, path: str) -> None:
    where = f"{HERE}.operation.timePoint" + (f".{path}" if path else "")
    assert where in problems(time_point(**point))


@pytest.mark.parametrize(
    "payload",
    [
        {"operationType": "NUMBER", "operator": "IS_EQUAL_TO", "value": "5"},
        {"operationType": "NUMBER", "operator": "IS_EQUAL_TO", "value": True},
        {"operationType": "NUMBER", "operator": "IS_EQUAL_TO", "value": 10**400},
        {"operationType": "BOOL", "operator": "IS_EQUAL_TO", "value": "true"},
        {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": None},
        {"operationType": "DATETIME", "operator": "IS_BEFORE", "timestamp": 10**18},
        {"operationType": "ROLLING_DATE_RANGE", "operator": "IS_LESS_THAN_X_DAYS_AGO", "numberOfDays": -1},
        {"operationType": "ROLLING_DATE_RANGE", "operator": "IS_LESS_THAN_X_DAYS_AGO", "numberOfDays": 10**9},
        {"operationType": "CALENDAR_DATE", "operator": "IN_THIS_TIME_UNIT", "timeUnit": "DECADE"},
        {"operationType": "CALENDAR_DATE", "operator": "IN_LAST_TIME_UNIT", "timeUnit": "DAY", "timeUnitCount": 0},
        {"operationType": "DATE", "operator": "IS_EQUAL_TO", "year": 2026, "month": "BRUMAIRE", "day": 1},
        {"operationType": "DATE", "operator": "IS_EQUAL_TO", "numberOfDays": 3},
        {"operationType": "DATE", "operator": "IS_LESS_THAN_X_DAYS_AGO", "year": 2026, "month": 1, "day": 1},
        {"operationType": "COMPARATIVE_DATE", "operator": "IS_BEFORE"},
        {"operationType": "TIME_POINT", "type": "TIME_RANGED", "operator": "IS_BEFORE", "timePoint": {}},
    ],
)
def test_payloads_are_exactly_of_their_type(payload: dict) -> None:
    found = problems(everybody({"filterType": "PROPERTY", "property": "x", "operation": payload}))
    assert all(path.startswith(f"{HERE}.operation.") for path in found)


def test_every_problem_is_found_at_once() -> None:
    wrong = [
        condition("x", "NUMBER", "IS", value=1),
        condition("x", "BOOL", "IS_EQUAL_TO", value=1),
        {"filterType": "MAGIC"},
    ]
    found = problems(everybody(*wrong, branches=({"filterBranchType": "XOR"},)))
    assert len(found) == 4


def test_null_is_a_key_that_is_not_given() -> None:
    asked = condition("x", "COMPARATIVE_DATE", "IS_BEFORE", comparisonPropertyName="y", defaultComparisonValue=None)
    parse_branch({**everybody({**asked, "context": None}), "operator": None, "objectTypeId": None})


def test_editors_leave_keys_that_mean_nothing() -> None:
    asked = condition(
        "x", "BOOL", "IS_EQUAL_TO", value=True, operatorName="IS_EQUAL_TO", propertyType="bool", renderSpec="{}"
    )
    parse_branch(everybody({**asked, "frameworkFilterId": 7, "filterInsightsId": 8, "context": {"a": 1}}))


@pytest.mark.parametrize("kind", sorted(UNANSWERABLE))
def test_what_record_tables_cannot_answer_is_named(kind: str) -> None:
    _, operators = UNANSWERABLE[kind]
    for operator in operators or (None,):
        found = unanswerable(everybody({"filterType": kind, "operator": operator, "formId": "x"}))
        assert found == [(HERE, kind)]


@pytest.mark.parametrize(("kind", "operator"), [("UNIFIED_EVENTS", "HAS_COMPLETED"), ("RESTRICTED", None)])
def test_branches_that_cannot_be_answered_are_named(kind: str, operator: str | None) -> None:
    branch = {"filterBranchType": kind, "operator": operator, "eventTypeId": "6-1"}
    assert unanswerable(everybody(branches=(branch,))) == [("$.filterBranches[0].filterBranches[0]", kind)]


@pytest.mark.parametrize(
    "metadata", [{"id": "5", "inListType": "WORKFLOWS_ACTIVE"}, [{"id": "5", "inListType": "IMPORT"}]]
)
def test_workflows_and_imports_are_no_lists(metadata: Any) -> None:
    asked = {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": "5", "metadata": metadata}
    first = metadata[0] if isinstance(metadata, list) else metadata
    assert unanswerable(everybody(asked)) == [(HERE, f"IN_LIST {first['inListType']}")]


def nested(depth: int) -> dict:
    found: dict = {"filterBranchType": "AND", "filters": []}
    for _ in range(depth - 1):
        found = {"filterBranchType": "AND", "filterBranches": [found]}
    return found


def test_depth_has_a_limit_of_at_least_a_hundred() -> None:
    assert MAX_DEPTH >= 100
    parse_branch(nested(MAX_DEPTH))
    assert "deeper" in problems(nested(MAX_DEPTH + 1))["$"]
    assert "deeper" in problems(nested(400))["$"]


def test_json_that_is_deeper_than_python_can_read_is_refused() -> None:
    text = '{"filterBranchType":"AND","filterBranches":[' * 50_000 + "]}" * 50_000
    with pytest.raises(DefinitionError, match="nested too deeply"):
        load_json(text, "deep.json")


@pytest.mark.parametrize("text", ["", "{", "[1,", '{"value": NaN}', '{"value": Infinity}', "nonsense"])
def test_text_that_is_no_json_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(DefinitionError, match="not valid JSON") as refused:
        load_json(text, "asked.json")
    assert refused.value.problems[0].path.startswith("asked.json")


def test_a_definition_is_a_branch_a_list_or_an_answer_of_the_api() -> None:
    branch = everybody()
    listed = {
        "listId": 42,
        "name": "N",
        "objectTypeId": "0-2",
        "processingType": "DYNAMIC",
        "filterBranch": branch,
        "size": 3,
    }
    assert read_definition(branch).object == "contact"
    assert read_definition(branch, "0-3").object == "deal"
    for raw in (listed, {"list": listed}, {"lists": [listed]}):
        found = read_definition(raw)
        assert (found.list_id, found.object, found.branch) == ("42", "company", branch)
    for wrong in ([], {"lists": []}, {"a": 1}, "x", {**listed, "name": 5}):
        with pytest.raises(DefinitionError):
            read_definition(wrong)


def test_the_hash_is_of_what_a_definition_says() -> None:
    first = everybody(
        condition("a", "BOOL", "IS_EQUAL_TO", value=True), condition("b", "BOOL", "IS_EQUAL_TO", value=True)
    )
    turned = copy.deepcopy(first)
    turned["filterBranches"][0]["filters"].reverse()
    turned["objectTypeId"] = None
    reordered = json.loads(json.dumps(turned, sort_keys=True))
    assert definition_hash(first) == definition_hash(turned) == definition_hash(reordered)
    turned["filterBranches"][0]["filters"][0]["property"] = "c"
    assert definition_hash(first) != definition_hash(turned)


def test_the_hash_of_a_deep_definition_costs_no_more_than_its_length() -> None:
    def nested(depth: int) -> dict[str, Any]:
        branch = everybody(condition("a", "BOOL", "IS_EQUAL_TO", value=True))
        for _ in range(depth):
            branch = {"filterBranchType": "AND", "filters": [], "filterBranches": [branch]}
        return branch

    depths = (1, 20, 21, MAX_DEPTH - 2, MAX_DEPTH - 1, 400, 401)
    assert len({definition_hash(nested(depth)) for depth in depths}) == len(depths)
    junk: dict[str, Any] = {}
    for depth in range(310):
        junk = {"x": junk, "depth": depth}
        definition_hash(junk)


def test_every_case_is_read_without_a_problem() -> None:
    for case in CASES:
        parse_branch(everybody(condition(case.subject, case.kind, case.operator, **case.payload)))
    assert len(set(FILTER_TYPES)) == len(FILTER_TYPES) == 23
