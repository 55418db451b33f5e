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
    assert "exact__Total__c" not in exports.rows(LEAD, ONE)[0]
    long = ("1.5", " 123456789012345678 ", "1", "1.00000000000000000000")
    exports.night("salesforce", TWO, numbers(*long))
    assert exports.rows(LEAD, TWO, '"Total__c" AS rounded, "exact__Total__c" AS exact, night') == [
        {"rounded": 1.0, "exact": None, "night": ONE},
        {"rounded": 1.0, "exact": None, "night": TWO},
        {"rounded": 1.5, "exact": None, "night": ONE},
        {"rounded": 123456789012345680.0, "exact": "123456789012345678", "night": TWO},
    ]
    exports.night("salesforce", THREE, numbers(long[0], "123456789012345679", *long[2:]))
    assert exports.rows(LEAD, THREE, '"exact__Total__c" AS exact')[0] == {"exact": "123456789012345679"}
