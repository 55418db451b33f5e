"""How a fetch that asks many things at once runs, and how it ends: with the one failure that says most."""

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pyarrow as pa

from assets.shared.failures import CrosswalkError, InputRefused, QuotaReached
from assets.shared.http_failures import About, CallRefused, RecordsMissing

_T = TypeVar("_T")
_NOT_UNDERSTOOD = 400


async def together(*parts: Coroutine[Any, Any, _T]) -> list[_T]:
    """Run all side by side; their results in order.

    Where one meets a quota, the others go on until they ask for more, so that what is on its way arrives and is kept; then that
    is raised. Any other failure ends all of them at once.
    """
    reached: list[QuotaReached] = []

    async def one(part: Coroutine[Any, Any, _T]) -> list[_T]:
        try:
            return [await part]
        except QuotaReached as error:
            reached.append(error)
            return []

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(part)) for part in parts]
    if reached:
        raise reached[0]
    return [found for task in tasks for found in task.result()]


def is_spoilt(error: BaseException, *, resumed: bool) -> bool:
    """Whether the next run has to fetch everything again, because what was fetched so far cannot be trusted.

    It cannot where counts do not add up or answers cannot be read; where the CRM says that a position (cursor, locator) is no
    longer valid; and where it refuses, with whatever words, a call of a run that was `resumed`: what it told the earlier run may
    no longer hold. After any other failure (a call that failed or was refused, a full disk, a kill) the next run continues.
    """
    unread = ValueError | TypeError | LookupError | AttributeError
    return is_about(error, "position") or any(
        isinstance(one, RecordsMissing | InputRefused | unread)
        or (resumed and isinstance(one, CallRefused) and one.status == _NOT_UNDERSTOOD)
        for one in _leaves(error)
    )


def is_about(error: BaseException, what: About) -> bool:
    """Whether a CRM refused a call because of that: a position or a field which it says is wrong."""
    return any(isinstance(one, CallRefused) and one.about == what for one in _leaves(error))


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
    """Spend less time on garbage collection, and less memory, while a fetch lasts.

    Calls make many small, short-lived objects; objects that existed before are not searched for garbage each time. Arrow
    allocates from the system, which gets freed memory back at once; Arrow's own allocator would hold some sixty megabytes.
    """
    pool = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        pa.set_memory_pool(pool)


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in _leaves(one)]
