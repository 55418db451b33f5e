"""Lists that a definition refers to: delivered, evaluated, or refused in their own words."""

from typing import Any

import pytest

from assets.segments.catalog import KnownList
from assets.segments.lists import MOST_BEHIND
from schemas.segment_definition import Definition
from schemas.segment_problems import DefinitionError, NotEvaluable
from tests.unit.segments.people import Office, condition, everybody


def known(list_id: str, branch: Any = None, *, delivered: bool = False, **said: Any) -> dict[str, KnownList]:
    definition = Definition(branch, "$", list_id, f"List {list_id}", **said)
    return {list_id: KnownList(definition, delivered)}


def in_list(list_id: str, operator: str = "IN_LIST") -> dict:
    return {"filterType": "IN_LIST", "listId": list_id, "operator": operator}


ANN = everybody(condition("name", "STRING", "IS_EQUAL_TO", value="ann lee"))


def test_delivered_members_count_before_the_definition() -> None:
    office = Office(lists=known("7", ANN, delivered=True), members=(("7", "2"), ("7", "4"), ("8", "1")))
    assert office.members(everybody(in_list("7"))) == {"2", "4"}
    assert office.members(everybody(in_list("7", "NOT_IN_LIST"))) == {"1", "3"}


def test_without_delivered_members_the_definition_is_evaluated() -> None:
    lists = known("7", ANN) | known("8", everybody(in_list("7", "NOT_IN_LIST")))
    office = Office(lists=lists)
    assert office.members(everybody(in_list("7"))) == {"1"}
    assert office.members(everybody(in_list("8"))) == {"2", "3", "4"}
    assert office.members(everybody(in_list("7"), in_list("8"))) == set()


def test_a_delivered_list_without_members_is_empty_and_no_refusal() -> None:
    office = Office(lists=known("7", delivered=True, processing_type="MANUAL"))
    assert office.members(everybody(in_list("7"))) == set()
    assert office.members(everybody(in_list("7", "NOT_IN_LIST"))) == {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ({}, "is not among the exported lists"),
        (known("7", ANN, object_type_id="0-2"), "holds records of another object"),
        (known("7", ANN, delivered=True, object_type_id="0-5"), "holds records of another object"),
        (known("7", ANN, processing_status="PROCESSING"), "is still processing"),
        (known("7", ANN, delivered=True, processing_status="PROCESSING"), "is still processing"),
        (known("7", None, processing_type="MANUAL"), "is static and its members were not exported"),
        (known("7", ANN, processing_type="SNAPSHOT"), "is static and its members were not exported"),
        (known("7", None, processing_type="DYNAMIC"), "without its filters"),
        (known("7", {"filterBranchType": "XOR"}), r"list 7 \$\.filterBranchType: unknown branch type"),
        (
            known("7", everybody(condition("nope", "BOOL", "IS_EQUAL_TO", value=True))),
            "list 7 .* unknown property 'nope'",
        ),
    ],
)
def test_each_list_that_cannot_be_used_has_its_own_refusal(lists: dict[str, KnownList], words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        Office(lists=lists).members(everybody(in_list("7")))


def test_a_list_that_cannot_be_answered_makes_those_that_refer_to_it_unanswerable() -> None:
    office = Office(lists=known("7", everybody({"filterType": "PAGE_VIEW", "operator": "HAS_PAGEVIEW_EQ"})))
    with pytest.raises(NotEvaluable) as refused:
        office.members(everybody(in_list("7")))
    assert str(refused.value.found[0]) == (
        "list 7 $.filterBranches[0].filters[0]: PAGE_VIEW cannot be evaluated, it needs page views"
    )


@pytest.mark.parametrize("delivered", [True, False])
def test_circles_are_refused(*, delivered: bool) -> None:
    lists = (
        known("7", everybody(in_list("8")), delivered=delivered)
        | known("8", everybody(in_list("9")), delivered=delivered)
        | known("9", everybody(in_list("8")), delivered=delivered)
    )
    office = Office(lists=lists)
    with pytest.raises(DefinitionError, match="circle: 8 -> 9 -> 8"):
        office.members(everybody(in_list("7")))
    with pytest.raises(DefinitionError, match="circle: 5 -> 5"):
        office.compiled(everybody(in_list("5")), list_id="5")
    with pytest.raises(DefinitionError, match="circle: 9 -> 8 -> 9"):
        office.compiled(everybody(in_list("8")), list_id="9")


def test_a_list_used_many_times_is_compiled_once() -> None:
    lists: dict[str, KnownList] = known("0", ANN)
    for number in range(1, 40):
        before = str(number - 1)
        lists |= known(str(number), everybody(in_list(before), in_list(before, "IN_LIST")))
    compiled = Office(lists=lists).compiled(everybody(in_list("39")))
    assert compiled.sql().count('"list_20" AS') == 1


def test_a_long_chain_of_lists_is_refused_and_a_usual_one_is_not() -> None:
    lists: dict[str, KnownList] = known("0", ANN)
    for number in range(1, 300):
        lists |= known(str(number), everybody(in_list(str(number - 1))))
    office = Office(lists=lists)
    assert office.members(everybody(in_list(str(MOST_BEHIND - 1)))) == {"1"}
    with pytest.raises(DefinitionError, match=f"list 249: is more than {MOST_BEHIND} lists behind"):
        office.members(everybody(in_list("299")))


def test_lists_of_associated_records_hold_their_own_object() -> None:
    lists = known("7", ANN) | known(
        "9", everybody(condition("size", "NUMBER", "IS_GREATER_THAN", value=1)), object_type_id="0-2"
    )
    office = Office(lists=lists, companies=({"hs_object_id": "91", "size": 5.0},), pairs=(("2", "91", True),))
    link = {"associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED", "toObjectTypeId": "0-2"}
    asked = {"filterType": "ASSOCIATION", "listId": "9", "operator": "IN_LIST", **link}
    assert office.members(everybody(asked)) == {"2"}
    with pytest.raises(DefinitionError, match="another object"):
        office.members(everybody({**asked, "listId": "7"}))


@pytest.mark.parametrize(
    ("link", "error", "words"),
    [
        ({"associationTypeId": 12, "associationCategory": "USER_DEFINED"}, NotEvaluable, "association type 12"),
        ({"associationTypeId": 449, "associationCategory": "HUBSPOT_DEFINED"}, NotEvaluable, "association type 449"),
        ({"associationTypeId": 280, "associationCategory": "HUBSPOT_DEFINED"}, DefinitionError, "leads from a company"),
        ({"associationTypeId": 4, "associationCategory": "HUBSPOT_DEFINED"}, DefinitionError, "leads to a deal"),
    ],
)
def test_associations_the_lake_does_not_have(link: dict, error: type[Exception], words: str) -> None:
    branch = {"filterBranchType": "ASSOCIATION", "objectTypeId": "0-2", "operator": "IN_LIST", "filters": [], **link}
    with pytest.raises(error, match=words):
        Office().members(everybody(branches=(branch,)))


@pytest.mark.parametrize("object_type_id", ["0-5", "2-1234567", "0-3"])
def test_objects_the_lake_does_not_have(object_type_id: str) -> None:
    link = {"associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED"}
    branch = {"filterBranchType": "ASSOCIATION", "objectTypeId": object_type_id, "operator": "IN_LIST", **link}
    with pytest.raises(NotEvaluable):
        Office().members(everybody(branches=(branch,)))


def test_a_contacts_property_inside_a_company_branch_is_refused_with_a_hint() -> None:
    link = {
        "associationTypeId": 279,
        "associationCategory": "HUBSPOT_DEFINED",
        "objectTypeId": "0-2",
        "operator": "IN_LIST",
    }
    filters = [condition("stage", "ENUMERATION", "IS_ANY_OF", values=["a"])]
    branch = {"filterBranchType": "ASSOCIATION", "filters": filters, **link}
    with pytest.raises(DefinitionError, match="unknown property 'stage' of the company; a property of the contact"):
        Office().members(everybody(branches=(branch,)))


def test_an_operation_that_does_not_fit_the_propertys_type_is_refused() -> None:
    with pytest.raises(DefinitionError, match="NUMBER does not fit property 'name', which is text"):
        Office().passing("name", "NUMBER", "IS_EQUAL_TO", value=1)
    with pytest.raises(DefinitionError, match="comparisonPropertyName: COMPARATIVE_DATE does not fit property 'name'"):
        Office().passing("created", "COMPARATIVE_DATE", "IS_BEFORE", comparisonPropertyName="name")
