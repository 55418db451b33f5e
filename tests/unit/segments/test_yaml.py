"""data/segments.yaml: phrases to HubSpot's own operations, and every problem with its line."""

import pytest

from schemas.segment_parse import parse_branch
from schemas.segment_phrases import PHRASES
from schemas.segment_problems import DefinitionError
from schemas.segment_yaml import ASSOCIATED, BRANCHES, parse_segments
from tests.unit.segments.people import Office

# What each phrase may be given, on a property it fits, and who of the four contacts passes.
EXAMPLES: dict[str, tuple[str, str, str]] = {
    "known": ("name", "true", "123"), "is": ("name", "ann lee", "1"), "is_not": ("score", "5", "23"),
    "contains": ("name", "[ann, ek]", "123"), "does_not_contain": ("name", "ann", "2"),
    "contains_phrase": ("name", "ann", "1"), "does_not_contain_phrase": ("name", "ann", "23"),
    "starts_with": ("name", "bo", "2"), "ends_with": ("name", "ek", "2"), "was_ever": ("name", "ann old", "2"),
    "was_never": ("optin", "false", "13"), "ever_contained": ("name", "old", "2"), "never_contained": ("name", "old", "13"),
    "greater_than": ("score", "5", "2"), "at_least": ("score", "5", "12"), "less_than": ("score", "5", "3"),
    "at_most": ("score", "5", "13"), "between": ("score", "[5, 10]", "12"), "not_between": ("score", "[5, 10]", "3"),
    "any_of": ("stage", "[a, c]", "13"), "none_of": ("stage", "a", "23"), "exactly": ("hobby", "[a, b]", "1"),
    "not_exactly": ("hobby", "[a, b]", "23"), "all_of": ("hobby", "[a, b]", "13"), "not_all_of": ("hobby", "[a, b]", "2"),
    "was_ever_any_of": ("hobby", "c", "23"), "was_never_any_of": ("hobby", "c", "1"),
    "was_ever_exactly": ("hobby", "[a, c]", "2"), "was_never_exactly": ("hobby", "[a, c]", "13"),
    "ever_had_all_of": ("hobby", "[a, c]", "23"), "never_had_all_of": ("hobby", "[a, c]", "1"),
    "on_day": ("created", "2026-11-18", "2"), "before": ("birthday", "2026-11-20", "2"), "after": ("birthday", "2026-11-20", "3"),
    "between_days": ("birthday", "[2026-11-19, 2026-11-20]", "12"),
    "not_between_days": ("birthday", "[2026-11-19, 2026-11-20]", "3"), "less_than_days_ago": ("created", "2", "12"),
    "more_than_days_ago": ("created", "1", "2"), "less_than_days_from_now": ("created", "11", "3"),
    "more_than_days_from_now": ("created", "9", "3"), "in_this": ("created", "month", "123"),
    "in_this_so_far": ("created", "month", "12"), "in_last": ("created", "2 days", "2"), "in_next": ("birthday", "month", "3"),
    "before_property": ("created", "closed", "1"), "after_property": ("created", "closed", "2"),
    "updated_in_last_days": ("name", "6", "13"), "not_updated_in_last_days": ("name", "6", "2"),
}  # fmt: skip


def segment(where: str) -> str:
    return f"segments:\n  - name: S\n    where:\n      {where}\n"


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


def test_every_phrase_has_an_example() -> None:
    assert set(EXAMPLES) == set(PHRASES)


@pytest.mark.parametrize("phrase", sorted(EXAMPLES))
def test_phrase(phrase: str, office: Office) -> None:
    name, value, passing = EXAMPLES[phrase]
    found = parse_segments(segment(f"- {{property: {name}, {phrase}: {value}}}"))[0]
    assert office.members(found.branch) == set(passing)
    if phrase != "known" and not phrase.endswith("_property"):
        blank = parse_segments(segment(f"- {{property: {name}, {phrase}: {value}, or_unknown: true}}"))[0]
        assert office.members(blank.branch) == {*passing, "4"}


def test_conditions_nest() -> None:
    text = segment(
        "- any:\n          - {property: name, is: bo ek}\n          - not_all: [{property: stage, any_of: [a, b]}]\n"
        "      - companies: {at_most: 1}\n      - no_company: {property: industry, any_of: X}"
    )
    assert Office().members(parse_segments(text)[0].branch) == {"2", "3", "4"}


@pytest.mark.parametrize("key", [*BRANCHES, *ASSOCIATED])
def test_every_branch_is_one_of_hubspots(key: str) -> None:
    parse_branch(parse_segments(segment(f"- {key}: []"))[0].branch)


def test_hubspots_own_json_can_stand_for_what_phrases_do_not_say() -> None:
    text = segment("- filter_branch: {filterBranchType: OR, filters: [{filterType: CONSTANT, shouldAccept: true}]}")
    assert Office().members(parse_segments(text)[0].branch) == {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("segments: 5", "segments.yaml:1: segments: must be a list"),
        ("segments:\n  - name: A\n", "segments.yaml:2: segments[0].where: is required"),
        ("segments:\n  - {where: []}\n", "segments[0].name: must be a name"),
        ("segments:\n  - {name: A, object: ticket, where: []}\n", "segments[0].object: must be one of"),
        ("segments:\n  - {name: A, where: []}\n  - {name: A, where: []}\n", "is the name of two segments"),
        (segment("- {property: x, any_of: 5}"), "segments.yaml:4: segments[0].where[0].any_of: must be a text"),
        (segment("- {property: x}"), "says nothing about the property"),
        (segment("- {property: x, is: a, contains: b}"), "says two things: is, contains"),
        (segment("- {property: x, is: a, zork: 1}"), "segments[0].where[0].zork: is not a known key"),
        (segment("- {property: x, on_day: tomorrow}"), "must be a day such as"),
        (segment("- {property: x, in_last: decade}"), "must be a unit such as month"),
        (segment("- {property: x, between: [1]}"), "must be two numbers"),
        (segment("- {property: x, less_than_days_ago: soon}"), "must be a whole number of days"),
        (segment("- {property: x, in_this: year, fiscal_year_start: Brumaire}"), "is not a month"),
        (segment("- {companies: {at_least: -1}}"), "must have at_least or at_most"),
        (segment("- {everyone: true}"), "is not a condition; one of property, all, any"),
        (segment("- nonsense"), "must be a condition"),
        ("segments: [", "not valid YAML"),
        ("segments: []\nsegments: []\n", "is given twice"),
    ],
)
def test_problems_have_their_line_and_path(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_segments(text)
    assert any(problem in str(found) for found in refused.value.problems), refused.value.problems
