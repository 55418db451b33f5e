"""What a fetch from a live CRM tells while it lasts, and what it needs from outside: secrets, names, somebody who listens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from assets.shared.http import Patience
from assets.shared.http_bucket import Meter
from assets.shared.http_redact import Recorder
from schemas.config import SyncConfig

Say = Callable[[str], None]
Names = Mapping[str, Sequence[str]]
_EVERY = 10.0  # seconds


def nothing_set() -> Mapping[str, str]:
    """An environment without secrets."""
    return {}


def nothing_mapped(_config: SyncConfig) -> Mapping[str, Names]:
    """No names beside those that Crosswalk reads anyway."""
    return {}


@dataclass(frozen=True)
class Live:
    """What `kind: api` takes from the process that runs it; nothing of it is configuration, so none of it is ever shown.

    `mapped`, `wished`: by CRM and entity, properties or fields beside those that Crosswalk reads; of a mapped one it is told
    where it is not there. `say` hears of progress.
    """

    environment: Callable[[], Mapping[str, str]] = nothing_set
    mapped: Callable[[SyncConfig], Mapping[str, Names]] = nothing_mapped
    wished: Callable[[SyncConfig], Mapping[str, Names]] = nothing_mapped
    say: Say | None = None
    patience: Patience | None = None
    record: Path | None = None  # a cassette of all calls is written there, beside its name the CRM's
    pause: float = 60.0  # seconds until a CRM that could not be reached is tried again

    def recorder(self, crm: str) -> Recorder | None:
        """The cassette of one CRM, where one is wanted."""
        return Recorder(self.record.with_name(f"{crm}-{self.record.name}")) if self.record else None


@asynccontextmanager
async def told(meter: Meter, say: Say | None) -> AsyncIterator[None]:
    """Say every ten seconds how many calls were made, of how many planned, while the inside lasts."""

    async def tell() -> None:
        while say is not None:
            await asyncio.sleep(_EVERY)
            say(meter.sentence())

    teller = asyncio.create_task(tell())
    try:
        yield
    finally:
        teller.cancel()
