"""Every operator of every operation type on four contacts."""

import pytest

from schemas.segment_registry import OPERATION_TYPES
from tests.unit.segments.cases import CASES, COMPARATIVE, Case
from tests.unit.segments.people import Office


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_operator(case: Case, office: Office) -> None:
    passing = office.passing(case.subject, case.kind, case.operator, **case.payload)
    assert passing == set(case.passing)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_records_without_a_value_pass_exactly_if_the_definition_says_so(case: Case, office: Office) -> None:
    blank = "" if case.kind in COMPARATIVE else case.blank
    payload = {**case.payload, "includeObjectsWithNoValueSet": True}
    assert office.passing(case.subject, case.kind, case.operator, **payload) == set(case.passing + blank)


@pytest.mark.parametrize(
    ("spelling", "case"),
    [(s, case) for case in CASES for s in OPERATION_TYPES[case.kind].spellings],
    ids=lambda value: value.name if isinstance(value, Case) else value,
)
def test_other_spellings_of_operation_types_mean_the_same(spelling: str, case: Case, office: Office) -> None:
    assert office.passing(case.subject, spelling, case.operator, **case.payload) == set(case.passing)


def test_every_operator_has_a_case() -> None:
    known = {(kind, operator) for kind, spec in OPERATION_TYPES.items() for operator in spec.operators}
    assert {(case.kind, case.operator) for case in CASES} == known
