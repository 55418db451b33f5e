"""HubSpot's official SDK as judge of the grammar: its operators are ours, and its models accept what the tests define.

The SDK names operators in the docstrings of its list models (`hubspot_sdk.types.crm`) and as literals in those of events.
"""

import json
import re
import typing
from pathlib import Path
from typing import Any

import pytest
from hubspot_sdk.types import crm, events
from hubspot_sdk.types.crm import public_and_filter_branch, public_property_filter
from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas.segment_filters import UNANSWERABLE
from schemas.segment_parse import BRANCH_TYPES
from schemas.segment_registry import OPERATION_TYPES, SPELLINGS
from tests.unit.segments import worlds
from tests.unit.segments.cases import CASES
from tests.unit.segments.people import condition, everybody

DOCS = Path(__file__).parents[2] / "docs" / "segments.md"
# Operation types that HubSpot's newest documentation has and the list models of the SDK do not.
NEWER = {"BOOL_COMPARATIVE", "NUMBER_COMPARATIVE", "STRING_COMPARATIVE"}
# What older documentation or segments.md spell besides the SDK's docstrings.
OLDER = {
    ("ALL_PROPERTY", "IS_BLANK"), ("ALL_PROPERTY", "IS_NOT_BLANK"),
    ("MULTISTRING", "HAS_EVER_BEEN_EQUAL_TO"), ("MULTISTRING", "HAS_NEVER_BEEN_EQUAL_TO"),
    *(("DATETIME", name) for name in ("IS_EQUAL_TO", "IS_BEFORE_DATE", "IS_AFTER_DATE")),
    *(("DATE", name) for name in ("IS_EQUAL_TO", "IS_BEFORE", "IS_AFTER", "IS_BEFORE_DATE", "IS_AFTER_DATE")),
}  # fmt: skip
_NAME = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:CONTAINS|SENT|RECEIVED|OPENED)\b")
_BRANCH = TypeAdapter(public_and_filter_branch.FilterBranch)


def operations() -> dict[str, type[BaseModel]]:
    """The SDK's list operations by operation type."""
    union = typing.get_args(public_property_filter.Operation)[0]
    models = typing.get_args(union)
    return {typing.get_args(m.model_fields["operation_type"].annotation)[0]: m for m in models}


def docstring(model: type[BaseModel], field: str) -> str:
    """Text below a field in the SDK's source."""
    source = Path(typing.cast("str", __import__(model.__module__, fromlist=["_"]).__file__)).read_text()
    match = re.search(rf'^    {field}: .*?"""(.*?)"""', source, re.MULTILINE | re.DOTALL)
    assert match, f"{model.__name__}.{field} has no docstring"
    return match[1]


def documented() -> set[tuple[str, str]]:
    """(operation type, operator) as the SDK's docstrings have them."""
    return {
        (kind, name) for kind, model in operations().items() for name in _NAME.findall(docstring(model, "operator"))
    }


def ours() -> set[tuple[str, str]]:
    return {(kind, operator) for kind, spec in OPERATION_TYPES.items() for operator in spec.operators}


def test_every_operator_of_the_sdk_is_known() -> None:
    assert len(documented()) > 60
    assert documented() - ours() == set()


def test_every_operator_that_is_known_is_the_sdks_or_named_here() -> None:
    assert {pair for pair in ours() - documented() if pair[0] not in NEWER} == OLDER


def test_the_sdks_event_operations_are_spellings_of_ours() -> None:
    found = set()
    for name in dir(events):
        model = getattr(events, name)
        if not (isinstance(model, type) and issubclass(model, BaseModel) and "property_type" in model.model_fields):
            continue
        kind = typing.get_args(model.model_fields["property_type"].annotation)[0]
        if kind in ("regex", "date"):  # regular expressions and EQUAL, BEFORE, AFTER are of events, not of lists
            continue
        assert kind in SPELLINGS, kind
        operators = typing.get_args(model.model_fields["operator"].annotation)
        assert set(operators) <= set(OPERATION_TYPES[SPELLINGS[kind]].operators), kind
        found.add(kind)
    assert len(found) >= 15


def test_every_filter_type_of_the_sdk_is_known() -> None:
    union = typing.get_args(public_and_filter_branch.Filter)[0]
    kinds = {typing.get_args(m.model_fields["filter_type"].annotation)[0] for m in typing.get_args(union)}
    known = {"PROPERTY", "ASSOCIATION", "IN_LIST", "CONSTANT"} | set(UNANSWERABLE)
    assert kinds <= known
    assert known - kinds == {"CAMPAIGN_INFLUENCED"}


def test_operators_of_filters_that_cannot_be_answered_are_the_sdks() -> None:
    union = typing.get_args(public_and_filter_branch.Filter)[0]
    for model in typing.get_args(union):
        kind = typing.get_args(model.model_fields["filter_type"].annotation)[0]
        if kind in UNANSWERABLE and "operator" in model.model_fields:
            named = set(_NAME.findall(docstring(model, "operator"))) - {kind}
            literal = set(typing.get_args(model.model_fields["operator"].annotation))
            missing = (literal or named) - set(UNANSWERABLE[kind][1])
            assert missing == set(), kind


def test_every_branch_type_of_the_sdk_is_known() -> None:
    models = [getattr(crm, name) for name in dir(crm) if re.fullmatch(r"Public\w+FilterBranch", name)]
    kinds = {typing.get_args(m.model_fields["filter_branch_type"].annotation)[0] for m in models}
    assert set(BRANCH_TYPES) - kinds <= {"PROPERTY_ASSOCIATION"}
    assert kinds <= set(BRANCH_TYPES)


# Definitions ----------------------------------------------------------------------------------------------------------


def spelled_out(found: Any) -> Any:
    """A definition as HubSpot exports it: with the keys that its schema requires and its documentation lets one leave out."""
    if isinstance(found, list):
        return [spelled_out(item) for item in found]
    if not isinstance(found, dict):
        return found
    made = {key: spelled_out(value) for key, value in found.items()}
    if "operationType" in made:
        made.setdefault("includeObjectsWithNoValueSet", False)
        kind = SPELLINGS[made["operationType"]]
        if kind == "DATE" and "numberOfDays" in made:  # accepted under DATE, and ROLLING_DATE_RANGE's own
            kind = made["operationType"] = "ROLLING_DATE_RANGE"
        if kind in ("DATETIME", "RANGED_DATE", "ROLLING_DATE_RANGE"):
            made.setdefault("requiresTimeZoneConversion", False)
        if "month" in made:
            made["month"] = str(made["month"])
    if "timeType" in made:
        made.setdefault("zoneId", "UTC")
    reference = made.get("referenceType") if "timeType" not in made else None
    if reference == "WEEK":
        made.setdefault("dayOfWeek", "SUNDAY")
    if reference in ("MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"):
        made.setdefault("day", 1)
        made.setdefault("month", 1)
    return made


def judged(definition: Any) -> None:
    """Validate a definition against the SDK's own model of a filter branch."""
    _BRANCH.validate_python(spelled_out(definition))


def known_to_the_sdk(definition: Any) -> bool:
    """Whether nothing in a definition is newer than the SDK's list models."""
    text = json.dumps(definition)
    return not any(f'"{name}"' in text for name in (*NEWER, "PROPERTY_ASSOCIATION", "NUM_ASSOCIATIONS"))


@pytest.mark.parametrize("case", [c for c in CASES if c.kind not in NEWER], ids=lambda case: case.name)
def test_the_sdk_accepts_every_case(case: Any) -> None:
    judged(everybody(condition(case.subject, case.kind, case.operator, **case.payload)))


def test_the_sdk_accepts_the_random_trees() -> None:
    trees = [worlds.Trees(seed).tree() for seed in range(300)]
    accepted = [tree for tree in trees if known_to_the_sdk(tree)]
    assert len(accepted) > 150
    for tree in accepted:
        judged(tree)


@pytest.mark.parametrize("change", [{"operationType": "FUZZY"}, {"values": None}, {"values": 5}])
def test_the_sdk_can_refuse(change: dict[str, Any]) -> None:
    found = condition("name", "MULTISTRING", "CONTAINS", values=["x"])
    found["operation"] |= change
    with pytest.raises(ValidationError):
        _BRANCH.validate_python(everybody(found))


# Documentation --------------------------------------------------------------------------------------------------------


def rows(heading: str) -> list[list[str]]:
    """Cells of the table below a heading of docs/segments.md."""
    section = DOCS.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_documented_operators_are_those_there_are() -> None:
    table = rows("Operators of properties")
    assert {(kind, operator) for kind, operator, *_ in table} == ours()
    assert len(table) == len(ours())
    tests = {case.name for case in CASES}
    for kind, operator, answer, test in table:
        assert answer == "yes"
        assert re.fullmatch(r"test_operators\[(.+)\]", test)[1] == f"{kind}-{operator}"  # type: ignore[index]
        assert f"{kind}-{operator}" in tests


def test_the_documented_filters_are_those_there_are() -> None:
    table = {(kind, operator): answer for kind, operator, answer, _ in rows("Filters")}
    expected = {("PROPERTY", "-"), ("CONSTANT", "-"), ("NUM_ASSOCIATIONS", "-")}
    expected |= {(k, o) for k in ("IN_LIST", "ASSOCIATION", "PROPERTY_ASSOCIATION") for o in ("IN_LIST", "NOT_IN_LIST")}
    expected |= {(kind, operator) for kind, (_, found) in UNANSWERABLE.items() for operator in found or ("-",)}
    assert set(table) == expected
    for (kind, _), answer in table.items():
        assert answer == (f"no: {UNANSWERABLE[kind][0]}" if kind in UNANSWERABLE else "yes")


def test_the_documented_branches_are_those_there_are() -> None:
    assert [row[0] for row in rows("Branches")] == list(BRANCH_TYPES)


@pytest.mark.parametrize("heading", ["Branches", "Filters"])
def test_the_documented_tests_exist(heading: str) -> None:
    written = "\n".join(path.read_text() for path in (DOCS.parents[1] / "tests/unit/segments").glob("test_*.py"))
    for row in rows(heading):
        assert f"def {row[-1].split('[')[0]}(" in written, row[-1]
