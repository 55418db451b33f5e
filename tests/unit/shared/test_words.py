"""Numbers in messages."""

import pytest

from assets.shared.words import counted


@pytest.mark.parametrize(("number", "said"), [(0, "0 nights"), (1, "1 night"), (2, "2 nights"), (1000, "1,000 nights")])
def test_one_is_no_plural(number: int, said: str) -> None:
    assert counted(number, "night") == said
    assert counted(number, "address", "addresses").endswith("addresses") == (number != 1)
