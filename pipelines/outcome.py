"""How a run ended: one JSON status line in `<lake>/status.jsonl`, and one alert where it did not end well."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assets.shared.failures import CrosswalkError, GuardStopped
from assets.shared.lake import Lake
from assets.shared.nights import Span, span
from pipelines.cli.core import Place
from pipelines.hooks import STATUS, send_alert, write_status


@dataclass
class Outcome:
    """What is known about a run; `span` is set when it ended well."""

    place: Place
    nights: list[str]
    span: Span | None = None
    guarded: bool = False  # a guard stopped it

    def decided(self) -> Span | None:
        """How the nights were treated, also where a guard stopped the run: then only its files are missing."""
        if self.span is not None:
            return self.span
        return span(Lake(self.place.lake_path), self.nights) if self.guarded else None


@contextmanager
def finished(place: Place, nights: list[str]) -> Iterator[Outcome]:
    """Write the status line of the run inside, and alert where it failed, was refused or was stopped."""
    outcome = Outcome(place, nights)
    began = datetime.now(UTC)
    try:
        yield outcome
    except BaseException as error:
        code = error.exit_status if isinstance(error, CrosswalkError) else 1
        outcome.guarded = code == GuardStopped.exit_status
        line = _line(outcome, began, code, type(error).__name__)
        write_status(place.lake_path, line)
        send_alert(place.settings, line)
        raise
    write_status(place.lake_path, _line(outcome, began, 0, None))


def _line(outcome: Outcome, began: datetime, code: int, failure: str | None) -> dict[str, Any]:
    ended = datetime.now(UTC)
    return {
        "night": outcome.nights[-1],
        "first_night": outcome.nights[0],
        "status": STATUS[code],
        "exit_status": code,
        "mode": outcome.span.mode if outcome.span else None,
        "failure": failure,
        "began": began.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round((ended - began).total_seconds(), 1),
    }
