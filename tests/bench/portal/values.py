"""From versions to cells: what a field of a person's or a company's record says, as a text column.

Both CRMs are written from here, so equal versions give equal text, and another version of the same field another text.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from tests.bench.portal import catalogue, vocabulary
from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.facts import Companies, People
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import DAY
from tests.bench.portal.story import WEBINAR
from tests.bench.portal.telling import Record
from tests.bench.portal.vocabulary import COUNTRIES, gather

_DIALS = vocabulary.table([country.dial for country in COUNTRIES])
_NAMES = vocabulary.table([country.name for country in COUNTRIES])
_AREA_STARTS = np.cumsum([0] + [len(country.areas) for country in COUNTRIES])
_AREA_SIZES = np.array([len(country.areas) for country in COUNTRIES])
_AREAS = vocabulary.table([area for country in COUNTRIES for area in country.areas])
_POST_DIGITS = np.array([country.post_digits for country in COUNTRIES])
_HAS_STATES = np.array([country.has_states for country in COUNTRIES])
_NUMBER_FIRST = np.array([country.number_first for country in COUNTRIES])
_HEAD_COUNTS = np.array([2, 7, 27, 55, 120, 520, 1200])  # inside HubSpot's ranges, with room for one more
_TITLES = vocabulary.TITLES
_ALL_TITLES = vocabulary.table([*_TITLES, *(country.title for country in COUNTRIES)])
CAMPAIGNS = 24
_NOTES = vocabulary.table(vocabulary.NOTES)


def select(how: pl.Expr, /, **parts: pl.Series | Bools | Ints) -> pl.Series:
    """One column from several, by an expression over their names."""
    return pl.DataFrame({name: pl.Series(part) for name, part in parts.items()}).select(how.alias("_")).to_series()


class Subject(Protocol):
    """What people and companies have in common: a number, a country, a company."""

    number: Ints
    company: Companies

    @property
    def country(self) -> Ints: ...


@dataclass
class Cells:
    """The cells of some records; all positions are those of `people` (companies, too, have addresses and phones)."""

    portal: Portal
    people: Subject
    record: Record

    def _below(self, name: str, bound: int | Ints) -> Ints:
        return self.portal.draw.below(f"value/{name}", self.people.number, bound)

    def version(self, name: str) -> Ints:
        """Versions of a field, as wide integers."""
        return self.record[name].astype(np.int64)

    def option(self, name: str, options: str, first: int | None = None) -> pl.Series:
        """One of the options of a set; the next version is the next option."""
        values = catalogue.values(options)
        count = first or len(values)
        version = self.version(name)
        return gather(values, np.where(version < 0, -1, (self._below(name, count) + version) % count))

    def first(self) -> pl.Series:
        """First names."""
        assert isinstance(self.people, People)
        return self._word("first", self.people.first)

    def last(self) -> pl.Series:
        """Last names."""
        assert isinstance(self.people, People)
        return self._word("last", self.people.last)

    def _word(self, kind: str, position: Ints) -> pl.Series:
        words, country, version = vocabulary.words(kind), self.people.country, self.version(kind)
        moved = words.position(country, position - words.starts[country] + version)
        return gather(words.flat, np.where(version < 0, -1, moved))

    def place(self, kind: str, numbered: bool = False) -> pl.Series:
        """Cities, states or streets; colleagues often share them."""
        words, country, version = vocabulary.words(kind), self.people.country, self.version(kind)
        shared = self.portal.draw.below(f"value/{kind}", self.people.company.number, 10**6)
        alone = self.portal.draw.chance(f"value/{kind}/alone", self.people.number, 0.3)
        position = words.position(country, np.where(alone, self._below(kind, 10**6), shared) + version * 11)
        if kind == "state":
            version = np.where(_HAS_STATES[country], version, -1)
        text = gather(words.flat, np.where(version < 0, -1, position))
        if not numbered:
            return text
        number = pl.Series(1 + self._below("house", 180)).cast(pl.String)
        floor = pl.when(pl.Series(self._below("floor", 16) == 0)).then(pl.lit("\n2nd floor")).otherwise(pl.lit(""))
        line = (
            pl.when("before").then(pl.format("{} {}", "number", "text")).otherwise(pl.format("{} {}", "text", "number"))
        )
        return select(line + floor, text=text, number=number, before=_NUMBER_FIRST[country])

    def country(self) -> pl.Series:
        """Country names in English."""
        return gather(
            _NAMES, np.where(self.version("country") < 0, -1, (self.people.country + self.version("country")) % 16)
        )

    def zip(self) -> pl.Series:
        """Postal codes with as many digits as the country's have."""
        digits = _POST_DIGITS[self.people.country]
        low = 10 ** (digits - 1)
        code = low + (self._below("zip", 9 * low) + self.version("zip") * 7) % (9 * low)
        return pl.Series(code).cast(pl.String).set(pl.Series(self.version("zip") < 0), None)

    def phone(self, name: str) -> pl.Series:
        """Phone numbers of the form `+47 22 345 67 89`."""
        country, version = self.people.country, self.version(name)
        area = _AREA_STARTS[country] + self._below(f"{name}/area", _AREA_SIZES[country])
        digits = pl.Series((self._below(name, 10**7) + version * 1234567) % 10**7).cast(pl.String).str.zfill(7)
        number = pl.col("digits").str
        text = pl.concat_str(
            "dial",
            pl.lit(" "),
            "area",
            pl.lit(" "),
            number.slice(0, 3),
            pl.lit(" "),
            number.slice(3, 2),
            pl.lit(" "),
            number.slice(5, 2),
        )
        return select(
            pl.when("blank").then(None).otherwise(text),
            dial=gather(_DIALS, country),
            area=gather(_AREAS, area),
            digits=digits,
            blank=version < 0,
        )

    def title(self) -> pl.Series:
        """Job titles, mostly English, some in the country's language."""
        version = self.version("title")
        usual = (self._below("title", len(_TITLES)) + version * 5) % len(_TITLES)
        local = (version == 0) & self.portal.draw.chance("title/local", self.people.number, 0.12)
        position = np.where(local, len(_TITLES) + self.people.country, usual)
        return gather(_ALL_TITLES, np.where(version < 0, -1, position))

    def note(self) -> pl.Series:
        """Descriptions, some with quotes and line ends."""
        version = self.version("description")
        return gather(_NOTES, np.where(version < 0, -1, (self._below("note", len(_NOTES)) + version) % len(_NOTES)))

    def source(self) -> pl.Series:
        """Lead sources; one version is known to HubSpot only."""
        values, version = catalogue.values("lead_source"), self.version("source")
        usual = (self._below("source", len(values) - 1) + version) % (len(values) - 1)
        position = np.where(version == WEBINAR, len(values) - 1, usual)
        return gather(values, np.where(version < 0, -1, position))

    def industry(self) -> pl.Series:
        """The industry of the person's company."""
        version = self.version("industry")
        position = (self.people.company.industry + version) % 12
        return gather(catalogue.values("industry"), np.where(version < 0, -1, position))

    def company(self) -> pl.Series:
        """The name of the person's company; another version is the next company's."""
        version = self.version("company")
        number = (self.people.company.number + np.maximum(version, 0)) % self.portal.firms.size
        return Companies.of(self.portal, number).names(self.portal).set(pl.Series(version < 0), None)

    def website(self) -> pl.Series:
        """The company's website; another version lacks the encryption."""
        version = self.version("website")
        start = pl.when("plain").then(pl.lit("http://")).otherwise(pl.lit("https://www."))
        text = pl.when("blank").then(None).otherwise(start + pl.col("domain"))
        return select(text, domain=self.people.company.domains(), plain=version > 0, blank=version < 0)

    def revenue(self) -> pl.Series:
        """Annual revenue in whole units of currency."""
        return numbers(
            company_revenue(self.portal, self.people.company) + self.version("revenue") * 250_000,
            self.version("revenue") < 0,
        )

    def head_count(self) -> Ints:
        """Employees of the company; another version is in another of HubSpot's ranges. Blank: -1."""
        version = self.version("employees")
        count = company_head_count(self.portal, self.people.company, version)
        return np.where(version < 0, -1, count)

    def fit(self) -> pl.Series:
        """A score with one decimal."""
        tenths = self._below("fit", 1000)
        text = pl.when("blank").then(None).otherwise(pl.format("{}.{}", "whole", "tenth"))
        return select(text, whole=tenths // 10, tenth=tenths % 10, blank=self.version("fit") < 0)

    def band(self) -> pl.Series:
        """The formula's letter."""
        return gather(vocabulary.table(["A", "B", "C"]), (self._below("fit", 1000) // 334 + self.version("band")) % 3)

    def interests(self, turned: bool) -> pl.Series:
        """Two options of five, in one order or the other."""
        values = catalogue.values("interests")
        one = self._below("interests", len(values))
        two = (one + 1 + self._below("interests/second", len(values) - 1)) % len(values)
        pair = (two, one) if turned else (one, two)
        text = pl.when("blank").then(None).otherwise(pl.format("{};{}", "one", "two"))
        return select(
            text, one=gather(values, pair[0]), two=gather(values, pair[1]), blank=self.version("interests") < 0
        )

    def days_ahead(self, name: str) -> pl.Series:
        """Dates within two years of the first night, as text."""
        day = self.portal.nights.base + (30 + self._below(name, 700)) * DAY
        return dates(day).set(pl.Series(self.version(name) < 0), None)

    def days_back(self, name: str) -> Ints:
        """Instants within a year before the first night, epoch milliseconds; blank is -1."""
        return np.where(
            self.version(name) < 0, -1, self.portal.nights.base - self._below(name, 360 * DAY // 1000) * 1000
        )


def dates(instants: Ints) -> pl.Series:
    """The UTC days of epoch milliseconds, as text."""
    return pl.Series(instants // DAY).cast(pl.Int32).cast(pl.Date).cast(pl.String)


def numbers(values: Ints, blank: Bools) -> pl.Series:
    """Whole numbers as text."""
    return pl.Series(values).cast(pl.String).set(pl.Series(blank), None)


def company_revenue(portal: Portal, companies: Companies) -> Ints:
    """Annual revenue of companies, in steps of 50,000."""
    scale = 10.0 ** (portal.draw.unit("company/revenue", companies.number) * 3.2)
    return np.asarray((scale * 10).astype(np.int64) * 50_000 + 500_000)


def company_head_count(portal: Portal, companies: Companies, version: Ints) -> Ints:
    """Employees of companies."""
    bucket = (
        portal.draw.choice("company/size", companies.number, [14, 22, 20, 16, 16, 7, 5]) + np.maximum(version, 0)
    ) % 7
    return np.asarray(_HEAD_COUNTS[bucket] + portal.draw.below("company/heads", companies.number, 2))


def range_of(head_count: Ints) -> pl.Series:
    """HubSpot's range of a head count."""
    bucket = np.searchsorted(_HEAD_COUNTS, head_count, side="right") - 1
    return gather(catalogue.values("employees"), np.where(head_count < 0, -1, bucket))


def campaigns(portal: Portal, people: People, count: Ints) -> Ints:
    """The campaigns that people belong to, ascending, as a matrix of three columns; -1 where there are fewer."""
    joined = np.stack([_campaign(portal, people, place) for place in range(3)], axis=1)
    joined[np.arange(3)[None, :] >= count[:, None]] = CAMPAIGNS
    joined.sort(axis=1)
    return np.where(joined == CAMPAIGNS, -1, joined)


def newest_campaign(portal: Portal, people: People, count: Ints) -> Ints:
    """The campaign that each person joined last."""
    return _campaign(portal, people, count.astype(np.int64) - 1)


def _campaign(portal: Portal, people: People, place: int | Ints) -> Ints:
    first = portal.draw.below("campaign/first", people.number, CAMPAIGNS)
    step = 1 + portal.draw.below("campaign/step", people.number, 7)
    return np.asarray((first + place * step) % CAMPAIGNS)
