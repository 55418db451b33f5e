"""How a story is applied to the records of those who hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

from tests.bench.portal.draw import Ints
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import HOUR, SECOND
from tests.bench.portal.story import REGION, STAGE, Edit, Setting, Story

Record = dict[str, np.ndarray]


class Subjects(Protocol):
    """People or companies: numbers, and which story each holds, in which turn, with an event on which night."""

    number: Ints
    story: Ints
    turn: Ints
    event: Ints

    def __len__(self) -> int: ...


S = TypeVar("S", bound=Subjects)


@dataclass
class Records(Generic[S]):
    """The four records that each subject can have at the end of a night, and what is literal about them.

    A record is a dict of columns, one position for each subject. Fields hold *versions* (-1 blank, 0 the common value, others
    another value), so that agreement, difference and clearing are plain arithmetic; text is made last, and only for records
    that are delivered.
    """

    subjects: S
    night: int
    hs: Record
    hs2: Record
    sf: Record
    sf2: Record
    text: dict[str, list[tuple[str, Ints, list[str | None]]]] = field(default_factory=dict)
    repeat: dict[str, list[tuple[str, Ints]]] = field(default_factory=dict)

    def record(self, name: str) -> Record:
        """One of the four by its name."""
        return {"hs": self.hs, "hs2": self.hs2, "sf": self.sf, "sf2": self.sf2}[name]


def absent_twin(record: Record) -> Record:
    """A copy of a record that does not exist (yet)."""
    twin = {name: values.copy() for name, values in record.items()}
    twin["exists"][:] = 0
    return twin


def tell(portal: Portal, found: Records[S], story: Story, who: Ints) -> None:
    """Apply one story to the positions that hold it."""
    subjects = found.subjects
    if story.segment == "out":
        by_region = subjects.turn[who] % 4 >= 2
        found.hs["stage"][who[~by_region]] = STAGE["subscriber"]
        for record in (found.hs, found.sf):
            record["region"][who[by_region]] = REGION["APAC"]
    _apply(portal, found, {side: each for side, each in story.base.items() if side in {"both", "hs", "sf"}}, who, None)
    for twin, source in ((found.hs2, found.hs), (found.sf2, found.sf)):
        for name in set(source) - {"exists"}:
            twin[name][who] = source[name][who]
    lived = found.sf["modified"][who] - found.sf["created"][who]
    found.sf2["created"][who] = (found.sf["created"][who] + lived // 3) // SECOND * SECOND
    found.sf2["modified"][who] = (found.sf["created"][who] + lived // 3 * 2) // SECOND * SECOND
    _apply(portal, found, {side: each for side, each in story.base.items() if side in {"hs2", "sf2"}}, who, None)
    _apply(portal, found, story.event, who[subjects.event[who] <= found.night], 0)
    _apply(portal, found, story.after, who[subjects.event[who] < found.night], 1)


def _apply(portal: Portal, found: Records[S], edit: Edit, who: Ints, later: int | None) -> None:
    """Set what an edit says; `later` is 0 on the night of the event, 1 on the next, None for what always was."""
    if not len(who):
        return
    for target, settings in edit.items():
        for side in ("hs", "sf") if target == "both" else (target,):
            _set(found, side, settings, who)
            if later is None:
                continue
            stamp = _when(portal, found, settings, who, later)
            record = found.record(side)
            if "new" in settings:
                record["exists"][who] = 1
                record["created"][who] = stamp
            if "quiet" not in settings:
                record["modified"][who] = stamp
            if settings.keys() & {"campaigns", "opportunity"}:  # rows of other objects that refer to this record
                record["moved"][who] = stamp


def _when(portal: Portal, found: Records[S], settings: Mapping[str, Setting], who: Ints, later: int) -> Ints:
    night = found.subjects.event[who] + later
    stamp = portal.nights.moment(portal.draw, found.subjects.number[who], night)
    if "late" in settings:  # between one and two hours into the next day
        stamp = portal.nights.starts[night + 1] + HOUR + (stamp - portal.nights.starts[night]) // 20 // SECOND * SECOND
    delay = settings.get("delay", 0)
    assert isinstance(delay, int)
    return np.asarray(stamp + delay * SECOND)


def _set(found: Records[S], side: str, settings: Mapping[str, Setting], who: Ints) -> None:
    record = found.record(side)
    for name, value in settings.items():
        if name == "text":
            assert isinstance(value, Mapping)
            turns = found.subjects.turn[who].tolist()
            for column, cell in value.items():
                cells = [cell[turn % len(cell)] if isinstance(cell, tuple) else cell for turn in turns]
                found.text.setdefault(side, []).append((column, who, cells))
        elif name == "repeat":
            found.repeat.setdefault(side, []).append((str(value), who))
        elif name == "tie":
            record["created"][who] = found.sf["created"][who]
            record["modified"][who] = found.sf["modified"][who]
        elif name not in {"new", "quiet", "delay", "late"}:
            record[name][who] = value
