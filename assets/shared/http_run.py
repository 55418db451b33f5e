"""How a fetch that asks many things at once runs, and how it ends: with the one failure that says most."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

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


@contextmanager
def lightly() -> Iterator[None]:
    """With little to look through and little to hold.

    What was there before is not looked through for garbage: a call makes many small objects, all short-lived. Arrow takes its
    memory from the system, which has back at once what is freed; Arrow's own allocator keeps some sixty megabytes.
    """
    pool = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        pa.set_memory_pool(pool)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
