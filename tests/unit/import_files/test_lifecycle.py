"""Bulk updates of lifecycle stages, as an import and as a workflow (scenarios SC-54 to SC-61, rules 1.5 and 2.7)."""

from typing import Any

import pyarrow as pa
import pytest

from assets.import_files.lifecycle import StagePlan, plan_stages
from assets.import_files.reference import default_stages
from assets.import_files.stage_updates import REQUEST

RECORD = pa.schema([("record_id", pa.string()), ("key", pa.string()), ("stage", pa.string())])
NAME = pa.schema([("name", pa.string()), ("record_id", pa.string())])
CUSTOM = (("subscriber", "Subscriber"), ("lead", "Lead"), ("180001", "Trial"), ("customer", "Customer"))


def plan(
    now: str | None, *asked: str | None, stages: Any = None, backward: str = "ignore", by: str = "name"
) -> StagePlan:
    """One contact H1 with a stage, and what a file's rows ask for it."""
    requests = [
        {"line": n, "record_id": "1" if by == "id" else None, "name": " A@x.com" if by == "name" else None, "stage": s}
        for n, s in enumerate(asked, 2)
    ]
    return plan_stages(
        pa.Table.from_pylist(requests, schema=REQUEST),
        pa.Table.from_pylist([{"record_id": "1", "key": "a@x.com", "stage": now}], schema=RECORD),
        pa.Table.from_pylist([{"name": "a@x.com", "record_id": "1"}], schema=NAME),
        stages or default_stages(),
        object_name="contact",
        backward=backward,  # type: ignore[arg-type]
        because="P1-66",
        night="2026-11-20",
    )


def steps(found: StagePlan) -> list[tuple[str, int, str | None]]:
    """Operation, sequence and the stage after it."""
    return [(r["op"], r["sequence"], r["changes"][0]["after"]) for r in found.operations.to_pylist()]


def codes(found: StagePlan) -> list[tuple[int, str]]:
    return [(r["line"], r["code"]) for r in found.ignored.to_pylist()]


def test_forward_import() -> None:
    """SC-54."""
    found = plan("lead", "Customer")
    assert steps(found) == [("update", 2, "customer")]
    [row] = found.operations.to_pylist()
    assert (row["record_id"], row["key"], row["changes"][0]["before"]) == ("1", "a@x.com", "lead")
    assert codes(found) == []


def test_backward_import_is_ignored_and_listed() -> None:
    """SC-B0, P1-66."""
    found = plan("customer", "Lead")
    assert steps(found) == []
    assert codes(found) == [(2, "stage_backward")]


def test_backward_done_right_is_two_steps() -> None:
    """SC-56."""
    found = plan("customer", "lead", backward="clear_then_set")
    assert steps(found) == [("clear", 1, None), ("update", 2, "lead")]
    assert [r["changes"][0]["before"] for r in found.operations.to_pylist()] == ["customer", None]
    assert codes(found) == []


@pytest.mark.parametrize(
    ("asked", "stage"),
    [
        ("Lead", "lead"),
        ("lead", "lead"),
        (" Marketing qualified LEAD ", "marketingqualifiedlead"),
        ("marketingqualifiedlead", "marketingqualifiedlead"),
    ],
)
def test_internal_value_or_english_label(asked: str, stage: str) -> None:
    """SC-57, X8."""
    assert steps(plan(None, asked)) == [("update", 2, stage)]


@pytest.mark.parametrize("asked", ["MQL", "Kunde", "Lead,"])
def test_other_words_are_no_stage(asked: str) -> None:
    """SC-57: abbreviations and labels of another language."""
    found = plan("lead", asked)
    assert (steps(found), codes(found)) == ([], [(2, "stage_unknown")])


@pytest.mark.parametrize("now", ["lead", "customer", None])
def test_the_same_stage_and_a_blank_cell_change_nothing(now: str | None) -> None:
    """SC-59, P2-64."""
    assert steps(plan(now, now)) == []
    assert codes(plan(now, "")) == [(2, "stage_blank")]


def test_the_same_stage_by_its_label() -> None:
    found = plan("customer", "Customer", backward="clear_then_set")
    assert (steps(found), codes(found)) == ([], [])


def test_other_is_the_last_stage() -> None:
    """P2-60: customer to other is forward, other to lead is backward."""
    assert steps(plan("customer", "Other")) == [("update", 2, "other")]
    assert codes(plan("other", "Lead")) == [(2, "stage_backward")]


def test_custom_order() -> None:
    """SC-61."""
    assert steps(plan("lead", "Trial", stages=CUSTOM)) == [("update", 2, "180001")]
    assert codes(plan("customer", "Trial", stages=CUSTOM)) == [(2, "stage_backward")]


def test_an_internal_value_counts_before_a_label() -> None:
    """P2-63."""
    stages = (("lead", "Lead"), ("180001", "customer"), ("customer", "Customer"))
    assert steps(plan("lead", "customer", stages=stages)) == [("update", 2, "customer")]


def test_of_two_rows_the_last_with_a_stage_counts() -> None:
    """P2-9D, P2-64."""
    found = plan(None, "lead", "customer", "")
    assert steps(found) == [("update", 2, "customer")]
    assert codes(found) == [(2, "doubled_row"), (4, "stage_blank")]


def test_a_record_that_is_not_there_is_listed_and_not_created() -> None:
    found = plan("lead", "customer", by="nobody")
    assert (steps(found), codes(found)) == ([], [(2, "record_not_found")])


def test_by_record_id() -> None:
    assert steps(plan("lead", "customer", by="id")) == [("update", 2, "customer")]


def test_a_stage_that_the_portal_no_longer_has_is_no_obstacle() -> None:
    assert steps(plan("gone", "lead", stages=CUSTOM)) == [("update", 2, "lead")]
