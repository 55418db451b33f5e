"""An unforeseen failure of a step says what and where, and no cell of the data (design section 4)."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from assets.shared.failures import CrosswalkError, InputRefused
from assets.shared.steps import step


@step
def reading(crosswalk: Any, error: Exception) -> Iterator[int]:
    yield 1
    raise error


def run(error: Exception, *, debug: bool = False) -> None:
    for _ in reading(crosswalk=SimpleNamespace(debug=debug), error=error):
        pass


def test_a_cell_in_an_errors_text_is_not_told() -> None:
    with pytest.raises(CrosswalkError, match=r"^ValueError at \w+\.py:\d+; set CROSSWALK_DEBUG=1") as caught:
        run(ValueError("invalid literal: 'jane@x.com'"))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "error", [InputRefused("sync.yaml: no"), dg.RetryRequested(max_retries=1), dg.Failure("no")], ids=repr
)
def test_what_was_meant_to_be_read_goes_through(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        run(error)
    assert caught.value is error


def test_a_full_disk_is_named_and_debugging_tells_all() -> None:
    with pytest.raises(CrosswalkError, match=r"^the disk is full$"):
        run(RuntimeError("IO Error: No space left on device 'jane'"))
    with pytest.raises(ValueError, match="jane"):
        run(ValueError("jane"), debug=True)
