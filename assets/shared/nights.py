"""Nights: the instants they end at, and what a run over some of them may write.

A night runs from midnight to midnight in the configured time zone and is named after the day that ends with it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from deltalake import DeltaTable

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lock import write_whole
from schemas.config_problems import Problem

if TYPE_CHECKING:
    from assets.shared.lake import Lake
    from schemas.config import SyncConfig

Mode = Literal["run", "replay", "history"]
_LOOK_BACK = 50  # commits of the ledger's log that are read for nights without a row
RESTORED = "restored to"  # the version that a commit of `assets.shared.rollback` goes back to, in its metadata
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PEOPLE = (keys.raw("hubspot", "contact"), keys.raw("salesforce", "lead"), keys.raw("salesforce", "contact"))


def as_of(night: str, zone: ZoneInfo) -> datetime:
    """The instant at which a night ends, in UTC: midnight after it, in the configured time zone."""
    following = date.fromisoformat(night) + timedelta(days=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)


def start_of(night: str, zone: ZoneInfo) -> datetime:
    """The instant at which a night begins, in UTC: its own midnight, in the configured time zone."""
    return datetime.combine(date.fromisoformat(night), time(), zone).astimezone(UTC)


def nights_between(first: str, last: str) -> list[str]:
    """Every night from first to last, both included."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(day + timedelta(days=n)).isoformat() for n in range((end - day).days + 1)]


@dataclass(frozen=True)
class Span:
    """The nights of one run and how it treats them (design section 1).

    `run`: everything is computed as of the last night, with the ledger before the first; the nights between are empty.
    `replay`: one or more nights older than the ledger's newest; core and out/delta are computed from what staged holds,
    nothing else is written, nor what matching keeps. `history`: a range older than the ledger's newest night; only raw and staged
    are filled.
    """

    nights: tuple[str, ...]
    mode: Mode
    newest: str | None

    @property
    def first(self) -> str:
        """First night."""
        return self.nights[0]

    @property
    def last(self) -> str:
        """Last night: the one everything after staged is computed for."""
        return self.nights[-1]

    @property
    def folded(self) -> tuple[str, ...]:
        """Nights whose core and out are empty because the range is one long night."""
        return self.nights[:-1] if self.mode == "run" else ()

    @property
    def delivers(self) -> bool:
        """Whether raw and staged are written."""
        return self.mode in ("run", "history")

    @property
    def decides(self) -> bool:
        """Whether core and out/delta are computed."""
        return self.mode in ("run", "replay")

    @property
    def records(self) -> bool:
        """Whether the ledger and the import files are written."""
        return self.mode == "run"

    @property
    def note(self) -> str | None:
        """What a user is told about a run that is not simply a run."""
        if self.mode == "replay":
            return (
                f"replay: {self.last} is older than the ledger's newest night {self.newest}; links, decisions and deltas are "
                "computed from what staged holds, nothing else is written"
            )
        if self.mode == "history":
            return (
                f"history: {self.first} to {self.last} is older than the ledger's newest night {self.newest}; "
                "raw and staged are filled, nothing is decided; `crosswalk rebuild` brings it in"
            )
        if self.folded:
            return f"range: {self.first} to {self.last} is one long night, folded into {self.last}"
        return None


def newest_decided(lake: "Lake") -> str | None:
    """The newest night the ledger knows: one with rows, or one whose write had none because nothing changed."""
    return max([*_with_rows(lake), *islice(_logged(lake), 1)], default=None)


def decided_before(lake: "Lake", night: str) -> str | None:
    """The newest night before this one that the ledger knows; None on the first night there is."""
    logged = next((n for n in _logged(lake) if n < night), None)
    return max([*(n for n in _with_rows(lake) if n < night), *([logged] if logged else [])], default=None)


def due_from(lake: "Lake", first: str) -> str:
    """The first night of what a run that begins with night `first` decides: the one after the newest that was decided before.

    What happened and what was asked for (a resync, a bulk update, an import) on nights that never ran, or were folded into this
    one, is due with the next night that is decided, which this is. Where none was decided before, it is `first`, or the first
    night of the range that was decided first, where `first` is in it: what older nights staged is history.
    """
    if (before := decided_before(lake, first)) is not None:
        return (date.fromisoformat(before) + timedelta(days=1)).isoformat()
    return min([first, *(begins for night, begins in _first_ranges(lake).items() if begins <= first <= night)])


def note_first_range(lake: "Lake", first: str, night: str) -> None:
    """Write down what a run over the nights from `first` to `night` decided, where nothing was decided before it.

    The lake's tables do not tell nights that were folded into the first one from history that was filled in before it later.
    Night and first night by night, for ever: a rebuild that begins inside the range has them folded into its own first night.
    """
    if decided_before(lake, first) is None and (begins := due_from(lake, first)) < night:
        said = _first_ranges(lake) | {night: begins}
        write_whole(lake.root / "folded.json", json.dumps(said, sort_keys=True) + "\n")


def _first_ranges(lake: "Lake") -> dict[str, str]:
    """The first night of each range that was decided when nothing had been, by its last."""
    file = lake.root / "folded.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def decided_nights(lake: "Lake") -> list[str]:
    """Nights that the ledger's log names, with rows or without, as far as it looks back."""
    return sorted({*lake.nights(keys.LEDGER), *_logged(lake)})


def _with_rows(lake: "Lake") -> list[str]:
    return [night for key in (keys.LEDGER, keys.LEDGER_FIELD) for night in lake.nights(key)]


def _logged(lake: "Lake") -> Iterator[str]:
    """Nights that the ledger's log names, the latest write first: a write names its night even if it had no rows.

    What was taken out (rebuild) or put back (a refused run) does not count.
    """
    if not lake.exists(keys.LEDGER):
        return
    dropped: set[str] = set()
    valid = None
    for commit in DeltaTable(str(lake.root / keys.LEDGER)).history(limit=_LOOK_BACK):
        if valid is not None and commit["version"] > valid:
            continue
        if commit.get("operation") == "RESTORE":
            valid = int(commit[RESTORED])
        elif commit.get("operation") == "DELETE" or "dropped" in commit:
            dropped |= set(_DATE.findall(str(commit.get("dropped") or commit.get("operationParameters", ""))))
        elif "night" in commit and commit["night"] not in dropped:
            yield commit["night"]


def span(lake: "Lake", nights: list[str]) -> Span:
    """How a run over these consecutive nights treats them. One old night is a replay, an old range is history."""
    ordered = tuple(sorted(nights))
    newest = newest_decided(lake)
    if newest is None or ordered[-1] >= newest:
        return Span(ordered, "run", newest)
    return Span(ordered, "replay" if len(ordered) == 1 else "history", newest)


def check_calendar(lake: "Lake", config: "SyncConfig") -> None:
    """Refuse another time zone or first night under a lake that has nights: its partitions would mean other hours.

    The first run writes down what holds. Raises ConfigError.
    """
    if problems := calendar_problems(lake, config):
        raise config.refusal(problems)
    said = json.dumps({"timezone": config.timezone, "start": config.start}) + "\n"
    if not (_calendar(lake).exists() and _calendar(lake).read_text() == said):
        write_whole(_calendar(lake), said)


def calendar_problems(lake: "Lake", config: "SyncConfig") -> list[Problem]:
    """What of the calendar is not that of a lake which has nights."""
    now, file = {"timezone": config.timezone, "start": config.start}, _calendar(lake)
    before = json.loads(file.read_text()) if file.exists() else now
    if before == now or not any(lake.nights(key) for key in (*_PEOPLE, keys.LINK, keys.LEDGER)):
        return []
    changed = [name for name in now if now[name] != before[name]]
    said = "is not the {} of this lake; take another lake, or put it back"
    return [Problem(n, f"{now[n]} {said.format(before[n])}", "design 5") for n in changed]


def _calendar(lake: "Lake") -> Path:
    return lake.root / "calendar.json"


def note_kept(lake: "Lake", oldest: str) -> None:
    """Write down the oldest night whose deltas and files are kept: the ledger knows older ones, and what was dropped stays so."""
    write_whole(lake.root / "kept.json", json.dumps({"from": max(oldest, kept_from(lake))}) + "\n")


def kept_from(lake: "Lake") -> str:
    """The oldest night whose plan is kept; blank where every night's is."""
    file = lake.root / "kept.json"
    return str(json.loads(file.read_text())["from"]) if file.exists() else ""


def note_config(lake: "Lake", path: str) -> None:
    """Write down which sync.yaml the newest run used; a simulation sets another one beside it."""
    write_whole(lake.root / "config.json", json.dumps({"path": path}) + "\n")


def noted_config(lake: "Lake") -> Path | None:
    """The sync.yaml of the newest run, where it is still there."""
    file = lake.root / "config.json"
    path = Path(json.loads(file.read_text())["path"]) if file.exists() else None
    return path if path is not None and path.is_file() else None


def rebuild_marker(lake: "Lake") -> Path:
    """The file that lies in the lake while a rebuild lasts."""
    return lake.root / "rebuild.json"


def interrupted(lake: "Lake") -> str | None:
    """First night of a rebuild that did not come to its end."""
    marker = rebuild_marker(lake)
    return str(json.loads(marker.read_text())["from"]) if marker.exists() else None


def fetched(lake: "Lake") -> set[str]:
    """Nights that raw has of both CRMs."""
    return set.intersection(*(set(lake.nights(keys.raw(crm, "delivery"))) for crm in keys.ENTITIES))


def refuse_interrupted(lake: "Lake") -> None:
    """Raises InputRefused while a rebuild is unfinished: the ledger has a hole, and nothing may build on it."""
    if (begun := interrupted(lake)) is not None:
        raise InputRefused(f"a rebuild from {begun} was interrupted; finish it with `crosswalk rebuild --from {begun}`")
