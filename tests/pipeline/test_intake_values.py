"""What a night's cells and columns become where there is more to them than their type."""

import json
from pathlib import Path

import pytest

from tests.support.exports import Exports

ONE, TWO, THREE = "2026-11-18", "2026-11-19", "2026-11-20"
LEAD = "staged/salesforce/lead"
DESCRIBED = json.dumps({"name": "Lead", "fields": [{"name": "Total__c", "type": "double"}]})


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


def numbers(*cells: str) -> dict[str, str | bytes | None]:
    """A leads file of described numbers."""
    rows = [f"00Q00000000000{number},{cell}" for number, cell in enumerate(cells, 1)]
    return {"Lead.csv": "\n".join(["Id,Total__c", *rows]) + "\n", "describe/Lead.json": DESCRIBED}


def test_a_number_that_no_double_holds_is_kept_beside_it(exports: Exports) -> None:
    exports.night(
        "salesforce", ONE, numbers("1.5", "1000000000000000000", "0.00000000000000000012", "1.00000000000000000000")
    )
    assert "_exact__Total__c" not in exports.rows(LEAD, ONE)[0]
    long = ("1.5", " 123456789012345678 ", "1", "1.00000000000000000000")
    exports.night("salesforce", TWO, numbers(*long))
    assert exports.rows(LEAD, TWO, '"Total__c" AS rounded, "_exact__Total__c" AS exact, night') == [
        {"rounded": 1.0, "exact": None, "night": ONE},
        {"rounded": 1.0, "exact": None, "night": TWO},
        {"rounded": 1.5, "exact": None, "night": ONE},
        {"rounded": 123456789012345680.0, "exact": "123456789012345678", "night": TWO},
    ]
    exports.night("salesforce", THREE, numbers(long[0], "123456789012345679", *long[2:]))
    assert exports.rows(LEAD, THREE, '"_exact__Total__c" AS exact')[0] == {"exact": "123456789012345679"}


def test_a_field_of_the_customers_called_exact_is_one_of_theirs(exports: Exports) -> None:
    exports.night("salesforce", ONE, {"Lead.csv": "Id,Exact__c,EXACT__Total__c\n00Q000000000001,x,y\n"})
    assert exports.rows(LEAD, ONE, '"Exact__c" AS a, "EXACT__Total__c" AS b') == [{"a": "x", "b": "y"}]


STATES: dict[str, tuple[str, str]] = {
    "00Q000000000001": ("true,,false,", "delete"),
    "00Q000000000002": ("true,00Q000000000003,false,", "merge"),
    "00Q000000000003": ("false,,false,", "upsert"),
    "00Q000000000004": ("false,,true,003000000000001", "upsert"),
}
STATE_COLUMNS = ("IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId")


@pytest.mark.parametrize("snapshot", ["full", "incremental"])
@pytest.mark.parametrize("missing", [STATE_COLUMNS, ("IsDeleted",), ("MasterRecordId",), ("IsConverted",)], ids=len)
def test_a_state_whose_column_is_not_delivered_stands(
    exports: Exports, snapshot: str, missing: tuple[str, ...]
) -> None:
    """A column that is missing says nothing: who was deleted, merged or converted is so still, and a word undoes it."""

    def night(at: str, left_out: tuple[str, ...], states: dict[str, str]) -> None:
        there = [name for name in STATE_COLUMNS if name not in left_out]
        rows = [["Id", "Email", "SystemModstamp", *there]]
        for name, state in states.items():
            cells = dict(zip(STATE_COLUMNS, state.split(","), strict=True))
            rows.append([name, f"{name}@x.example", f"{at}T00:00:00Z", *(cells[column] for column in there)])
        text = "".join(",".join(row) + "\n" for row in rows)
        exports.night("salesforce", at, {"Lead.csv": text}, snapshot=snapshot)

    def found(at: str) -> list[tuple[object, ...]]:
        query = 'Id, op, merged_into, coalesce("IsConverted", false) AS converted, "ConvertedContactId" AS contact'
        return [tuple(row.values()) for row in exports.rows(LEAD, at, query)]

    said = {name: state for name, (state, _) in STATES.items()}
    night(ONE, (), said)
    assert [row[1] for row in found(ONE)] == [op for _, op in STATES.values()]
    night(TWO, missing, said)
    assert found(TWO) == found(ONE)
    night(THREE, (), dict.fromkeys(said, "false,,false,"))
    assert [row[1:] for row in found(THREE)] == [("upsert", None, False, None)] * 4


def test_an_absent_lead_that_returns_is_back_without_any_column_of_its_state(exports: Exports) -> None:
    both = "Id,Email\n00Q000000000001,a@x.example\n00Q000000000002,b@x.example\n"
    exports.night("salesforce", ONE, {"Lead.csv": both}, absent="deleted")
    exports.night("salesforce", TWO, {"Lead.csv": both[: both.index("00Q000000000002")]}, absent="deleted")
    assert [row["op"] for row in exports.rows(LEAD, TWO, "Id, op")] == ["upsert", "delete"]
    exports.night("salesforce", THREE, {"Lead.csv": both}, absent="deleted")
    assert [row["op"] for row in exports.rows(LEAD, THREE, "Id, op")] == ["upsert", "upsert"]
