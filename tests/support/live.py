"""An emulator for tests of the live clients: short waits, a small portal, an `Http` that talks to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from assets.shared.http import Patience
from pipelines.emulate.app import Emulator
from pipelines.emulate.serve import Serving
from pipelines.emulate.state import Settings

QUICK = Patience(attempts=12, first=0.01, longest=0.05, scale=0.01)


@contextmanager
def emulator(**settings: Any) -> Iterator[Serving]:
    """A running emulator that is empty and has room for any number of calls, unless said otherwise."""
    given = {"limit": 100_000, "search_limit": 100_000, **settings}
    with Serving(Emulator(Settings(**given))) as serving:
        yield serving


def people(serving: Serving, number: int, *, step: int = 7, **more: Any) -> list[int]:
    """Contacts with distinct e-mail addresses; their ids."""
    kind = serving.emulator.portal.kinds["contact"]
    long_ago = serving.emulator.world.now() - 10 * 86400
    ids = [101 + step * i for i in range(number)]
    for i in ids:
        kind.put({"email": f"p{i}@example.no", "firstname": f"F{i}", "lastname": "Ø'Brien", **more}, i, at=long_ago)
    return ids
