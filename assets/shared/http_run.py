"""How a fetch that asked many things at once ends: with the one failure that says most."""

from collections.abc import Iterator
from contextlib import contextmanager

from assets.shared.failures import CrosswalkError, QuotaReached


@contextmanager
def plainly() -> Iterator[None]:
    """Raise one exception of a group: a quota first, then what can be said in one line, then the first."""
    try:
        yield
    except BaseExceptionGroup as group:
        leaves = _leaves(group)
        chosen = next((e for e in leaves if isinstance(e, QuotaReached)), None)
        chosen_other = next((e for e in leaves if isinstance(e, CrosswalkError)), leaves[0])
        raise chosen or chosen_other from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
