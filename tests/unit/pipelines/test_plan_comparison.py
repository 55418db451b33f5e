"""Two plans side by side: the same operation with other values, who enters and leaves, stages, marketing contacts."""

import polars as pl

from pipelines.report.plan_comparison import marketing_counts, segment_moves, stage_counts, with_changed
from pipelines.report.plans import compared
from schemas.arrow import arrow_schema
from schemas.tables import TABLES

SCHEMA = pl.DataFrame(arrow_schema(TABLES["out/delta/hubspot"]).empty_table()).schema


def operation(record: str | None, fields: dict[str, str | None], **rest: object) -> dict[str, object]:
    changes = [
        {"field": name, "before": None, "after": after, "rule": "two_way", "because": "T1"}
        for name, after in fields.items()
    ]
    base = {
        "system": "hubspot", "object": "contact", "op": "update", "record_id": record, "key": f"{record}@x.com", "link": None,
        "changes": changes, "sequence": 1, "since": "2026-03-01", "reasons": ["mapped_change"], "warnings": [],
        "marketing": None,
    }  # fmt: skip
    return {**base, **rest}


def rows(*operations: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(operations), schema=SCHEMA)


def statuses(present: pl.DataFrame, other: pl.DataFrame) -> dict[str, str]:
    both = compared(other, present).with_columns(
        pl.col("status").replace_strict({"new": "gained", "gone": "lost", "pending": "same"})
    )
    return dict(with_changed(both, present).select("record_id", "status").iter_rows())


def test_the_same_operation_with_other_values_is_changed() -> None:
    present = rows(operation("1", {"phone": "a"}), operation("2", {"phone": "a"}), operation("3", {"phone": "a"}))
    other = rows(operation("1", {"phone": "a"}), operation("2", {"phone": "b"}), operation("4", {"phone": "a"}))
    assert statuses(present, other) == {"1": "same", "2": "changed", "3": "lost", "4": "gained"}


def test_a_create_is_known_by_its_counterpart_whatever_its_key() -> None:
    """An address that is corrected while it is pending makes no other operation; two that nothing else tells apart are by it."""
    asked = rows(
        *(operation(None, {"email": "x"}, op="create", key=key, link=link) for key, link in (("a", "1"), ("b", None)))
    )
    later = rows(
        *(operation(None, {"email": "x"}, op="create", key=key, link=link) for key, link in (("c", "1"), ("d", None)))
    )
    found = compared(later, asked).select("key", "status").rows()
    assert sorted(found) == [("b", "gone"), ("c", "pending"), ("d", "new")]


def test_who_enters_and_leaves() -> None:
    def decided(*outside: str) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {
                    "object": "person",
                    "direction": direction,
                    "hubspot_id": one,
                    "email": f"{one}@x.com",
                    "reasons": [reason],
                }
                for one in ("1", "2", "3")
                for direction in ("to_salesforce", "to_hubspot")
                for reason in (["not_in_segment"] if one in outside else ["no_trigger"])
            ]
        )

    moves = segment_moves(decided("1", "2"), decided("2", "3"))
    assert moves.rows() == [("enters", "1", "1@x.com"), ("leaves", "3", "3@x.com")]


def test_stages_and_marketing_contacts_are_counted() -> None:
    plan = rows(
        operation("1", {"lifecyclestage": "lead", "phone": "a"}),
        operation("2", {"lifecyclestage": None}, op="clear"),
        operation(None, {"lifecyclestage": "lead"}, op="create", marketing=True),
        operation(None, {"email": "b@x.com"}, op="create", marketing=False),
    )
    assert stage_counts(plan) == {("contact", "lead"): 2, ("contact", "(cleared)"): 1}
    assert marketing_counts(plan) == {("marketing",): 1, ("non-marketing",): 1}
