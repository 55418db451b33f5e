"""The generated references are those of the models."""

import pytest

from pipelines.docs import DOCS, PAGES


@pytest.mark.parametrize("name", list(PAGES))
def test_a_reference_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"
