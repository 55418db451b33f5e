"""The truth table of P2-30 as data: every combination has exactly one answer, and it is the one that the table gives."""

import csv
import itertools

import pytest

from assets.sync.catalog import REFERENCE

with (REFERENCE / "update_rules.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))
RULES = ("prefer_salesforce_unless_blank", "always_salesforce", "two_way", "never")
CHANGED = ("none", "hubspot", "salesforce", "both")
AGREED = ("known", "unknown")
BLANK = ("none", "hubspot", "salesforce")
NEWEST = ("hubspot", "salesforce")
CONFLICT = ("none", "hubspot", "app")
COMBINATIONS = list(itertools.product(RULES, CHANGED, AGREED, BLANK, NEWEST, CONFLICT))


def answers(**case: str) -> list[dict[str, str]]:
    return [
        row
        for row in ROWS
        if row["rule"] == case["rule"]
        and all(row[k] in ("*", case[k]) for k in ("changed", "agreed", "blank", "newest", "conflict"))
    ]


def answer(rule: str, changed: str, agreed: str, blank: str, newest: str, conflict: str = "none") -> str:
    found = answers(rule=rule, changed=changed, agreed=agreed, blank=blank, newest=newest, conflict=conflict)
    assert len(found) == 1, (rule, changed, agreed, blank, newest, conflict, [row["row"] for row in found])
    return found[0]["action"]


@pytest.mark.parametrize(("rule", "changed", "agreed", "blank", "newest", "conflict"), COMBINATIONS)
def test_one_answer(rule: str, changed: str, agreed: str, blank: str, newest: str, conflict: str) -> None:
    assert answer(rule, changed, agreed, blank, newest, conflict) in ("to_hubspot", "to_salesforce", "nothing")


@pytest.mark.parametrize(("changed", "agreed", "newest"), list(itertools.product(CHANGED, AGREED, NEWEST)))
def test_prefer_and_always_take_a_salesforce_value(changed: str, agreed: str, newest: str) -> None:
    for rule in ("prefer_salesforce_unless_blank", "always_salesforce"):
        for blank in ("none", "hubspot"):
            assert answer(rule, changed, agreed, blank, newest) == "to_hubspot"


@pytest.mark.parametrize("rule", ["prefer_salesforce_unless_blank", "always_salesforce", "two_way"])
def test_a_deletion_in_salesforce_is_carried_over_only_where_it_was_agreed(rule: str) -> None:
    assert answer(rule, "salesforce", "known", "salesforce", "salesforce") == "to_hubspot"
    never_known = answer(rule, "salesforce", "unknown", "salesforce", "salesforce")
    assert never_known == ("nothing" if rule == "always_salesforce" else "to_salesforce")


def test_only_two_way_deletes_in_salesforce() -> None:
    hubspot_deleted = {rule: answer(rule, "hubspot", "known", "hubspot", "hubspot") for rule in RULES}
    assert hubspot_deleted == {
        "prefer_salesforce_unless_blank": "to_hubspot",
        "always_salesforce": "to_hubspot",
        "two_way": "to_salesforce",
        "never": "nothing",
    }


def test_always_salesforce_never_sends() -> None:
    for combination in itertools.product(CHANGED, AGREED, BLANK, NEWEST):
        assert answer("always_salesforce", *combination) != "to_salesforce"


@pytest.mark.parametrize(("conflict", "way"), [("hubspot", "to_salesforce"), ("app", "to_hubspot")])
def test_the_winner_of_a_conflict_decides_a_first_match(conflict: str, way: str) -> None:
    """P2-71: by neither side's clock, and never against a mapping's direction."""
    for newest in NEWEST:
        found = {rule: answer(rule, "none", "unknown", "none", newest, conflict) for rule in RULES}
        assert (found["prefer_salesforce_unless_blank"], found["two_way"]) == (way, way)
        assert (found["always_salesforce"], found["never"]) == ("to_hubspot", "nothing")


def test_opt_out_is_only_ever_set() -> None:
    opt_out = {row["blank"]: row["action"] for row in ROWS if row["rule"] == "opt_out"}
    assert opt_out == {"hubspot": "to_hubspot", "salesforce": "to_salesforce"}


def test_rows_are_named_once() -> None:
    names = [row["row"] for row in ROWS]
    assert len(names) == len(set(names))
