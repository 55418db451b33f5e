"""Names and types of delivered columns."""

import pyarrow as pa
import pytest

from assets.shared.column_kinds import settle_kinds
from assets.shared.columns import doubled, settle
from assets.shared.failures import InputRefused
from schemas.contract import Kind


def test_spelling_is_the_known_one() -> None:
    assert settle(["ID", "email", "Region__C", "Foo"], ["Id", "Email", "Region__c"]) == [
        "Id",
        "Email",
        "Region__c",
        "Foo",
    ]


def test_names_that_crosswalk_uses_itself_get_an_underscore() -> None:
    assert settle(["night", "OP", "_exact__x"], []) == ["night_", "OP_", "_exact__x_"]


def test_a_blank_header_is_named_by_its_place() -> None:
    assert settle(["a", "", "  ", "b  c"], []) == ["a", "column_2", "column_3", "b c"]


def test_doubled_names_are_told_with_their_places() -> None:
    assert doubled(["a", "B", "A", "c", "b", "b"]) == {"a": [1, 3], "B": [2, 5, 6]}


def settled(described: dict[str, Kind], before: pa.Schema | None = None) -> tuple[dict[str, Kind], list[str]]:
    return settle_kinds(
        "staged/hubspot/contact",
        ["email", "score", "since"],
        declared={"email": Kind.EMAIL},
        described=described,
        standard={"since": Kind.DATE},
        before=before,
    )


def test_a_column_has_its_declared_type_then_the_portals_then_the_standard_one() -> None:
    found, notes = settled({"email": Kind.NUMBER, "score": Kind.NUMBER})
    assert found == {"email": Kind.EMAIL, "score": Kind.NUMBER, "since": Kind.DATE}
    assert notes == []


def test_a_type_stays_when_its_description_is_no_longer_delivered() -> None:
    before = pa.schema([("email", pa.string()), ("score", pa.float64())])
    assert settled({}, before)[0]["score"] is Kind.NUMBER


def test_text_stays_text_when_it_is_described_later() -> None:
    found, notes = settled({"score": Kind.NUMBER}, pa.schema([("score", pa.string())]))
    assert found["score"] is Kind.TEXT
    assert notes == ["score: is described as number now, was text in the lake; kept as text"]


@pytest.mark.parametrize(("now", "before"), [(Kind.TEXT, pa.float64()), (Kind.DATE, pa.timestamp("us", tz="UTC"))])
def test_another_change_of_type_is_refused(now: Kind, before: pa.DataType) -> None:
    with pytest.raises(InputRefused, match=r"column score was .* run `crosswalk migrate --as-text \S+\.score`"):
        settled({"score": now}, pa.schema([("score", before)]))
