"""Definitions that try to break out, and trees that are very deep or very wide."""

import time
from typing import Any

import pytest

from schemas.segment_parse import MAX_DEPTH
from schemas.segment_problems import DefinitionError
from tests.unit.segments.people import Office, condition, everybody

VALUES = [
    "'", "''", '"', "\\", "\\'", "'; DROP TABLE staged__hubspot__contact; --", "/* x */", "-- x", "%", "_", "$1", "?", "{x}",
    "${x}", "\n", "\t\r", "a\u2028b", "😀", "x" * 100_000, ".*", "(", "[a", "\\p{L}", "^$", "a|b", "(?i)", "\\Q", "\\E",
]  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Office:
    people = tuple(
        {"hs_object_id": str(n), "name": value, "stage": value, "hobby": value} for n, value in enumerate(VALUES)
    )
    return Office(people, past=people)


@pytest.mark.parametrize("number", range(len(VALUES)))
@pytest.mark.parametrize("operator", ["IS_EQUAL_TO", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "HAS_EVER_BEEN_EQUAL_TO"])
def test_a_value_finds_itself_and_breaks_nothing(number: int, operator: str, office: Office) -> None:
    found = office.passing("name", "MULTISTRING", operator, values=[VALUES[number]])
    assert str(number) in found
    if operator in ("IS_EQUAL_TO", "HAS_EVER_BEEN_EQUAL_TO"):
        assert found == {str(number)}


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_an_option_finds_itself(number: int, office: Office) -> None:
    assert office.passing("stage", "ENUMERATION", "IS_ANY_OF", values=[VALUES[number]]) == {str(number)}
    if ";" not in VALUES[number]:
        assert office.passing("hobby", "ENUMERATION", "IS_EXACTLY", values=[VALUES[number]]) == {str(number)}


def test_phrases_are_looked_for_verbatim(office: Office) -> None:
    for value in VALUES:
        office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=[value, "x"])
    assert office.passing("name", "MULTISTRING", "CONTAINS_EXACTLY", values=[".*"]) == {str(VALUES.index(".*"))}


@pytest.mark.parametrize(
    "name",
    [
        "nope",
        "op",
        "night",
        "row_hash",
        "NAME",
        "name; DROP TABLE x",
        'name" OR TRUE --',
        "record_1",
        "hs_object_id)",
        "*",
    ],
)
def test_a_name_that_is_no_property_is_refused(name: str, office: Office) -> None:
    with pytest.raises(DefinitionError, match=r"filters\[0\]\.property: unknown property"):
        office.passing(name, "ALL_PROPERTY", "IS_KNOWN")


def test_a_list_id_breaks_nothing(office: Office) -> None:
    asked = {"filterType": "IN_LIST", "listId": "1' OR '1'='1", "operator": "NOT_IN_LIST"}
    with pytest.raises(DefinitionError, match="not among the exported lists"):
        office.members(everybody(asked))


@pytest.mark.parametrize("operator", ["IS_EQUAL_TO", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "CONTAINS_EXACTLY"])
def test_ten_thousand_texts(operator: str, office: Office) -> None:
    values = [f"value {n} (x)" for n in range(10_000)]
    assert office.passing("name", "MULTISTRING", operator, values=values) == set()
    assert office.passing("name", "MULTISTRING", operator, values=[*values, "😀"]) == {str(VALUES.index("😀"))}


@pytest.mark.parametrize("operator", ["IS_ANY_OF", "CONTAINS_ALL", "IS_EXACTLY"])
@pytest.mark.parametrize("name", ["stage", "hobby"])
def test_ten_thousand_options(operator: str, name: str, office: Office) -> None:
    values = [f"value {n}" for n in range(10_000)]
    assert office.passing(name, "ENUMERATION", operator, values=values) == set()


def test_a_very_wide_branch(office: Office) -> None:
    filters = [condition("name", "STRING", "IS_EQUAL_TO", value=f"v{n}") for n in range(3_000)]
    asked: dict[str, Any] = {"filterBranchType": "OR", "filterBranches": [], "filters": [*filters]}
    assert office.members(asked) == set()


def deep(depth: int) -> dict:
    """Branches that cannot be folded into one another, each with a filter of its own."""
    found: dict = {"filterBranchType": "AND", "filters": [condition("name", "STRING", "CONTAINS", value="😀")]}
    for level in range(depth - 1):
        kind = ("OR", "AND", "NOT_ANY", "NOT_ALL")[level % 4]
        accept = kind in ("AND", "NOT_ALL")
        filters = [condition("name", "ALL_PROPERTY", "IS_KNOWN" if accept else "IS_UNKNOWN")]
        found = {"filterBranchType": kind, "filterBranches": [found], "filters": filters}
    return found


def test_the_deepest_tree_is_evaluated(office: Office) -> None:
    begin = time.process_time()
    found = office.members(deep(MAX_DEPTH))
    negations = sum(level % 4 >= 2 for level in range(MAX_DEPTH - 1))
    assert negations % 2 == 1
    assert found == {str(n) for n in range(len(VALUES)) if n != VALUES.index("😀")}
    assert time.process_time() - begin < 60


def test_the_deepest_chain_of_associations_is_evaluated(office: Office) -> None:
    found: dict = {"filterBranchType": "AND", "filters": []}
    for level in range(MAX_DEPTH - 1):
        to_contact = level % 2 == 1
        found = {
            "filterBranchType": "ASSOCIATION", "objectTypeId": "0-1" if to_contact else "0-2", "operator": "NOT_IN_LIST",
            "associationTypeId": 280 if to_contact else 279, "associationCategory": "HUBSPOT_DEFINED",
            "filterBranches": [found],
        }  # fmt: skip
    assert len(office.members(found)) == len(VALUES)
