"""Words that people, places and companies are made of, country by country.

Names are drawn from mimesis once per run, with a seed of its own, sorted and kept as flat arrays; columns are made by gathering
from them. Addresses of people are built from ASCII spellings, so that two names never share one.
"""

import csv
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from anyascii import anyascii
from mimesis import Address, Person
from mimesis.locales import Locale

from tests.bench.portal.draw import Ints


@dataclass(frozen=True)
class Country:
    """One country of the portal: its share of the companies and how its records look."""

    locale: str
    code: str
    name: str
    share: float
    legal_forms: tuple[str, ...]
    dial: str
    areas: tuple[str, ...]
    post_digits: int
    region: str
    title: str
    has_states: bool
    number_first: bool


def _countries() -> Iterator[Country]:
    with (Path(__file__).parent / "fields" / "countries.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Country(
                locale=row["locale"],
                code=row["code"],
                name=row["name"],
                share=float(row["share"]),
                legal_forms=tuple(row["legal_forms"].split("|")),
                dial=row["dial"],
                areas=tuple(row["areas"].split("|")),
                post_digits=int(row["post_digits"]),
                region=row["region"],
                title=row["title"],
                has_states="states" in row["flags"],
                number_first="number_first" in row["flags"],
            )


COUNTRIES = tuple(_countries())

# fmt: off
ACTIVITIES = (
    "Software", "Bank", "Insurance", "Health", "Machines", "Retail", "Energy", "Logistics", "Foods", "Construction",
    "Consulting", "Academy", "Systems", "Capital", "Risk", "Medical", "Tools", "Outdoor", "Solar", "Freight", "Dairy",
    "Homes", "Partners", "Learning",
)  # the twelve industries of options.csv, twice over: an activity's industry is its position modulo 12

TITLES = (
    "CEO", "CTO", "CFO", "COO", "CMO", "Chief Data Officer", "Head of Sales", "Head of Marketing", "Head of IT",
    "Head of Procurement", "Sales Manager", "Marketing Manager", "Product Manager", "Project Manager", "IT Manager",
    "Office Manager", "Purchasing Manager", "Account Executive", "Account Manager", "Business Analyst", "Data Engineer",
    "Software Developer", "Solution Architect", "System Administrator", "Controller", "Accountant", "HR Manager",
    "Customer Success Manager", "Operations Manager", "Quality Manager", "Research Fellow", "Consultant", "Partner",
    "Managing Director", "Advisor to the Board", "Plant Manager",
)

NOTES = (
    "Met at the trade show, wants a demo next quarter.",
    "Asked for prices twice.\nCall back after the summer.",
    "Uses a competitor today; contract runs until spring.",
    'Known in the team as "the spreadsheet person", prefers e-mail.',
    "Budget approved, decision with the board.",
    "Referred by a partner, not yet qualified.",
    "Two sites, one tender.\r\nNeeds references from the same industry.",
    "Long-standing customer; renewal handled by finance.",
    "Wants a call before 10:00, never on Fridays.",
    "Attended the webinar, left early; comma, semicolon; and all.",
)


# fmt: on


def slug(text: str) -> str:
    """An ASCII spelling of a name that may stand in an e-mail address."""
    return re.sub(r"[^a-z0-9]+", "", anyascii(text).lower())


@dataclass(frozen=True)
class Words:
    """Words of all countries in one flat column; `sizes[c]` words of country c start at `starts[c]`; the last cell is blank."""

    flat: pl.Series
    slugs: pl.Series
    starts: Ints
    sizes: Ints

    def position(self, country: Ints, number: Ints) -> Ints:
        """Flat positions of word `number` (modulo how many there are) of each row's country."""
        return np.asarray(self.starts[country] + number % self.sizes[country])


def gather(words: pl.Series, position: Ints) -> pl.Series:
    """Cells of `words` at the positions given; a negative position is a blank cell."""
    index = pl.Series(np.where(position < 0, len(words), position.astype(np.int64)))
    return words.extend_constant(None, 1).gather(index)


def _distinct(make: Callable[[], str], wanted: int, by_slug: bool) -> list[str]:
    found: dict[str, str] = {}
    for _ in range(wanted * 6):
        word = make().strip()
        key = slug(word) if by_slug else word
        if len(key) > 1 and len(word) <= 36 and not any(char in word for char in "/;,\"'@"):
            found.setdefault(key, word)
        if len(found) >= wanted:
            break
    return [found[key] for key in sorted(found)]


@functools.cache
def words(kind: str) -> Words:
    """The words of one kind (first, last, city, street, state) for all countries."""
    makers: dict[str, tuple[str, int]] = {
        "first": ("first_name", 240),
        "last": ("last_name", 300),
        "city": ("city", 90),
        "street": ("street_name", 150),
        "state": ("state", 40),
    }
    method, wanted = makers[kind]
    flat: list[str] = []
    starts, sizes = [], []
    for country in COUNTRIES:
        provider = Person if kind in {"first", "last"} else Address
        source = provider(Locale(country.locale), seed=20261118)
        found = _distinct(getattr(source, method), wanted, by_slug=kind in {"first", "last"})
        starts.append(len(flat))
        sizes.append(len(found))
        flat.extend(found)
    return Words(pl.Series(flat), pl.Series([slug(word) for word in flat]), np.array(starts), np.array(sizes))


def table(values: tuple[str, ...] | list[str]) -> pl.Series:
    """A small column of words, to gather from."""
    return pl.Series(list(values), dtype=pl.String)
