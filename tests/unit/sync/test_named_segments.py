"""Segments that sync.yaml names: found by id or name, and refused in words where their members are not known."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.sync.named_segments import NamedSegments

KNOWN = [
    {"segment_id": "7", "name": "8", "object": "contact", "source": "delivered", "reasons": []},
    {"segment_id": "8", "name": "Twins", "object": "contact", "source": "evaluated", "reasons": []},
    {"segment_id": "9", "name": "Twins", "object": "contact", "source": "evaluated", "reasons": []},
    {"segment_id": "10", "name": "Firms", "object": "company", "source": "evaluated", "reasons": []},
    {"segment_id": "11", "name": "Static", "object": "contact", "source": None, "reasons": ["is static", "is old"]},
]


@pytest.fixture
def named(tmp_path: Path) -> Iterator[NamedSegments]:
    with Lake(tmp_path).connect(None) as session:
        session.register("core__segment__definition", pa.Table.from_pylist(KNOWN))
        yield NamedSegments(session)


@pytest.mark.parametrize(
    ("wanted", "object_", "found"),
    [(None, "contact", None), ("7", "contact", "7"), (8, "contact", "8"), ("Firms", None, "10"), (10, "company", "10")],
)
def test_an_id_counts_before_a_name(
    named: NamedSegments, wanted: str | int | None, object_: str | None, found: str | None
) -> None:
    assert named.id_of("resync[0].segment", wanted, object_) == found
    named.refuse()


def test_every_problem_is_told_with_its_path(named: NamedSegments) -> None:
    for place, wanted in enumerate(["12", "Twins", 10, "Static"]):
        assert named.id_of(f"p[{place}]", wanted, "contact") is None
    with pytest.raises(InputRefused) as refused:
        named.refuse()
    assert refused.value.problems == [
        "p[0]: there is no list or segment '12'",
        "p[1]: 2 lists are called 'Twins': 8, 9; give the list id",
        "p[2]: list 10 holds records of another object (company, not contact)",
        "p[3]: is static",
        "p[3]: is old",
    ]
