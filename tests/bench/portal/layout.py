"""Who is in the portal: which people and companies hold which story, which CRM knows them, where their rows stand."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tests.bench.portal.draw import Bools, Draw, Ints, Permutation
from tests.bench.portal.nights import Nights
from tests.bench.portal.stories import COMPANY_STORIES, STORIES
from tests.bench.portal.story import KINDS, Story

KIND = {name: number for number, name in enumerate(KINDS)}
NO_STORY = -1
_PEOPLE = {"lead_pair": 0.35, "contact_pair": 0.40, "hubspot_only": 0.25, "lead_only": 0.25, "contact_only": 0.20}
_COMPANIES = {"firm_pair": 0.70, "firm_hubspot": 0.15, "firm_account": 0.15}


@dataclass(frozen=True)
class Planted:
    """A story and the range of numbers that hold it."""

    story: Story
    start: int
    count: int

    def members(self) -> Ints:
        """The numbers of those who hold it."""
        return np.arange(self.start, self.start + self.count, dtype=np.int64)


class Cast:
    """A range of numbers: stories first, each a contiguous range, then everybody else by kind.

    `shares` says how many of each kind there are in all, as shares of `wanted`; stories count towards them.
    """

    def __init__(self, stories: tuple[Story, ...], shares: dict[str, float], wanted: int) -> None:
        found, start = [], 0
        told = dict.fromkeys(KINDS, 0)
        for story in stories:
            count = max(story.least, round(story.share * wanted))
            found.append(Planted(story, start, count))
            start += count
            kinds = story.kinds()
            for turn, kind in enumerate(kinds):
                told[kind] += (count - turn + len(kinds) - 1) // len(kinds)
        self.planted = tuple(found)
        self.told = start
        self.bulk = {kind: max(0, round(share * wanted) - told[kind]) for kind, share in shares.items()}
        self.size = start + sum(self.bulk.values())
        self._starts = np.array([planted.start for planted in found])

    def story_of(self, number: Ints) -> tuple[Ints, Ints]:
        """Positions in `planted` (NO_STORY: none) and each one's place within the story."""
        story = np.searchsorted(self._starts, number, side="right") - 1
        turn = number - self._starts[story]
        return np.where(number < self.told, story, NO_STORY), turn

    def kind_of(self, number: Ints) -> Ints:
        """Kinds as positions in KINDS."""
        edges = np.cumsum([self.told, *self.bulk.values()])[1:]
        bulk = np.array([KIND[kind] for kind in self.bulk])
        kinds = bulk[np.minimum(np.searchsorted(edges, number, side="right"), len(bulk) - 1)]
        story, turn = self.story_of(number)
        for position in np.unique(story[story >= 0]):
            mine = story == position
            choice = np.array([KIND[kind] for kind in self.planted[position].story.kinds()])
            kinds[mine] = choice[turn[mine] % len(choice)]
        return kinds

    def night_of(self, number: Ints) -> Ints:
        """The night of each one's event; 0 where there is no story."""
        story, turn = self.story_of(number)
        found = np.zeros(len(number), dtype=np.int64)
        for position in np.unique(story[story >= 0]):
            told = self.planted[position].story
            mine = story == position
            nights = np.array(told.nights)
            found[mine] = nights[turn[mine] // len(told.kinds()) % len(nights)]
        return found


@dataclass
class Portal:
    """Everything that the arguments of a run decide."""

    people: int
    seed: int
    nights: Nights
    change: float = 0.02
    draw: Draw = field(init=False)

    def __post_init__(self) -> None:
        self.draw = Draw(self.seed)

    @functools.cached_property
    def cast(self) -> Cast:
        """The people, whichever CRM knows them."""
        return Cast(STORIES, _PEOPLE, self.people)

    @functools.cached_property
    def firms(self) -> Cast:
        """The companies."""
        return Cast(COMPANY_STORIES, _COMPANIES, max(240, self.people // 5))

    @functools.cached_property
    def rows(self) -> Permutation:
        """Positions in files to people."""
        return Permutation(self.cast.size, salt=self.seed * 2)

    @functools.cached_property
    def desks(self) -> Permutation:
        """People to desks; desk d stands in company d modulo their number."""
        return Permutation(self.cast.size, salt=self.seed * 2 + 1)

    @functools.cached_property
    def ordinary_companies(self) -> Bools:
        """Which companies none of the people with a story works for."""
        ordinary = np.ones(self.firms.size, dtype=np.bool_)
        ordinary[self.desks.back(np.arange(self.cast.told, dtype=np.int64)) % self.firms.size] = False
        return ordinary

    def slices(self, rows: int) -> Iterator[Ints]:
        """All people in file order, in slices."""
        for start in range(0, self.cast.size, rows):
            yield self.rows.forward(np.arange(start, min(start + rows, self.cast.size), dtype=np.int64))

    def restless(self, night: int, rows: int) -> Iterator[Ints]:
        """Only the people that can differ tonight from the night before, in file order."""
        for person in self.slices(1_000_000):
            maybe = (person < self.cast.told) | self.edited(person, night) | self.edited(person, night - 1)
            found = person[maybe]
            for start in range(0, len(found), rows):
                yield found[start : start + rows]

    def edited(self, person: Ints, night: int) -> Bools:
        """Who without a story is edited on a night, as the share of changes asks."""
        if night < 2:
            return np.zeros(len(person), dtype=np.bool_)
        return self.draw.chance(f"edited/{night}", person, self.change)
