"""What every step does: a failure that nobody foresaw goes into Dagster's event log without any value of the data."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from assets.shared.failures import CrosswalkError, in_words

Body = Callable[..., Iterator[Any]]


def step(body: Body) -> Body:
    """The body of an asset; any exception that is neither ours nor Dagster's becomes one line without values of cells.

    With `debug` (CROSSWALK_DEBUG) it is raised as it is.
    """

    @wraps(body)
    def told(*arguments: Any, **resources: Any) -> Iterator[Any]:
        try:
            yield from body(*arguments, **resources)
        except Exception as error:
            ours = hasattr(error, "exit_status") or type(error).__module__.partition(".")[0] == "dagster"
            if ours or resources["crosswalk"].debug:
                raise
            raise CrosswalkError(in_words(error)) from None

    return told
