"""Sentences, and explanations of one record."""

import pytest

from assets.segments.catalog import Catalog, KnownList
from assets.segments.explain import explain
from assets.segments.sentence import WORDS, sentence
from schemas.segment_definition import Definition
from schemas.segment_filters import UNANSWERABLE
from schemas.segment_parse import parse_branch
from schemas.segment_registry import OPERATION_TYPES
from tests.unit.segments import worlds
from tests.unit.segments.people import Office, condition, everybody
from tests.unit.segments.test_rules import associated, indexed


def said(*filters: dict, **kwargs: tuple[dict, ...]) -> str:
    return sentence(parse_branch(everybody(*filters, **kwargs)), "contact")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (condition("stage", "ENUMERATION", "IS_ANY_OF", values=["a", "b"]), "stage is any of a, b"),
        (condition("name", "STRING", "CONTAINS", value="x", includeObjectsWithNoValueSet=True),
         'name contains "x" (or is unknown)'),
        (condition("score", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=80.0), "score is at least 80"),
        (condition("score", "NUMBER_RANGED", "IS_NOT_BETWEEN", lowerBound=1, upperBound=2.5), "score is not between 1 and 2.5"),
        (condition("optin", "BOOL", "IS_EQUAL_TO", value=False), "optin is false"),
        (condition("created", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=30),
         "created is less than 30 days ago"),
        (condition("created", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=1),
         "created is less than 1 day ago"),
        (condition("created", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="QUARTER", timeUnitCount=2, useFiscalYear=True),
         "created is in the last 2 fiscal quarters"),
        (condition("created", "DATETIME", "IS_BEFORE", timestamp=1795129200000), "created is before 2026-11-19 23:00:00Z"),
        (condition("created", "COMPARATIVE_DATE", "IS_AFTER", comparisonPropertyName="closed"), "created is after closed"),
        (condition("created", "TIME_POINT", "IS_AFTER", timePoint=indexed("TODAY", "US/Eastern", days=-30)),
         "created is after 30 days before today (US/Eastern)"),
        (condition("name", "TIME_POINT", "IS_AFTER", timePoint=indexed("NOW", hours=-2), propertyParser="UPDATED_AT"),
         "the last update of name is after 2 hours before now"),
        ({"filterType": "IN_LIST", "listId": "42", "operator": "NOT_IN_LIST"}, "not in list 42"),
        ({"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT"}, "with a condition on form submissions (FORM_SUBMISSION)"),
    ],
)  # fmt: skip
def test_a_condition_in_words(found: dict, words: str) -> None:
    assert said(found) == f"contacts: {words}"


def test_branches_in_words() -> None:
    first, second = condition("a", "BOOL", "IS_EQUAL_TO", value=True), condition("b", "ALL_PROPERTY", "IS_KNOWN")
    assert said(first, second) == "contacts: a is true and b is known"
    both = {
        "filterBranchType": "OR",
        "filterBranches": [everybody(first, second)["filterBranches"][0]],
        "filters": [second],
    }
    assert sentence(parse_branch(both), "contact") == "contacts: b is known or (a is true and b is known)"
    negative = {"filterBranchType": "NOT_ANY", "filterBranches": [], "filters": [first, second]}
    assert sentence(parse_branch(negative), "contact") == "contacts: not (a is true or b is known)"
    linked = sentence(parse_branch(associated("NOT_IN_LIST", first, second, type_id=1)), "contact")
    assert linked == "contacts: without a primary company where (a is true and b is known)"


def test_long_lists_are_cut_short_and_lists_are_named() -> None:
    many = condition("stage", "ENUMERATION", "IS_ANY_OF", values=[f"v{n}" for n in range(100)])
    assert said(many).endswith("v6, v7 and 92 more")
    lists = {"42": KnownList(Definition(None, list_id="42", name="Customers"), delivered=True)}
    asked = parse_branch(everybody({"filterType": "IN_LIST", "listId": "42", "operator": "IN_LIST"}))
    assert sentence(asked, "contact", Catalog({}, lists=lists)) == "contacts: in list 42 (Customers)"


def test_every_operator_has_words() -> None:
    assert set(WORDS) == {operator for spec in OPERATION_TYPES.values() for operator in spec.operators}
    for kind, (needs, operators) in UNANSWERABLE.items():
        assert f"{needs} ({kind})" in said({"filterType": kind, "operator": next(iter(operators), None)})


def test_any_tree_can_be_said() -> None:
    trees = worlds.Trees(8)
    catalog = worlds.make_catalog(worlds.make_world(8))
    for _ in range(300):
        assert sentence(parse_branch(trees.tree()), "contact", catalog).startswith("contacts: ")


def test_an_explanation_says_which_condition_holds() -> None:
    office = Office(companies=({"hs_object_id": "91", "industry": "SOFTWARE"},), pairs=(("1", "91", True),))
    asked = parse_branch(
        everybody(
            condition("name", "STRING", "CONTAINS", value="ann"),
            condition("score", "NUMBER", "IS_GREATER_THAN", value=7),
            branches=associated("NOT_IN_LIST", condition("industry", "ENUMERATION", "IS_ANY_OF", values=["SOFTWARE"]))[
                "filterBranches"
            ][0]["filterBranches"][0:1],
        )
    )
    found = explain(office, asked, "contact", "1", office.catalog, office.moment, None)  # type: ignore[arg-type]
    assert [(line.depth, line.says, line.holds) for line in found.lines] == [
        (0, "any of", False),
        (1, "all of", False),
        (2, 'name contains "ann"', True),
        (2, "score is greater than 7", False),
        (2, "without an associated company where", False),
        (3, "industry is any of SOFTWARE", True),
    ]
    assert not found.member


def test_explanations_agree_with_membership() -> None:
    world, trees = worlds.make_world(6, contacts=8), worlds.Trees(6)
    con, catalog, moment = worlds.connect(world), worlds.make_catalog(world), worlds.moment()

    class Session:
        def __init__(self) -> None:
            self.con = con

    for _ in range(12):
        tree = trees.tree()
        members = world.members(tree, "contact")
        for record_id in ("1", "4", "7"):
            found = explain(Session(), parse_branch(tree), "contact", record_id, catalog, moment, None)  # type: ignore[arg-type]
            assert found.member == (record_id in members)
