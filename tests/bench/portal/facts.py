"""What never changes about companies and people: country, names, addresses, desks."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl

from tests.bench.portal import vocabulary
from tests.bench.portal.draw import Bools, Ints
from tests.bench.portal.layout import Portal
from tests.bench.portal.vocabulary import ACTIVITIES, COUNTRIES

_FREE_MAIL = vocabulary.table(["mail.example.com", "inbox.example.org", "post.example.net"])
_CODES = vocabulary.table([country.code for country in COUNTRIES])
_SHARES = [country.share for country in COUNTRIES]
_FORM_STARTS = np.cumsum([0] + [len(country.legal_forms) for country in COUNTRIES])
_FORM_SIZES = np.array([len(country.legal_forms) for country in COUNTRIES])
_FORMS = vocabulary.table([form for country in COUNTRIES for form in country.legal_forms])


@dataclass
class Companies:
    """Facts of companies, one position for each company asked for."""

    number: Ints
    country: Ints
    activity: Ints
    stem: Ints
    again: Ints

    @classmethod
    def of(cls, portal: Portal, number: Ints) -> "Companies":
        """The company numbers given. Two companies never share country, stem, activity and `again`, hence no domain."""
        country = portal.draw.choice("company/country", number, _SHARES)
        names = vocabulary.words("last")
        row = number // len(ACTIVITIES)
        size = names.sizes[country]
        return cls(number, country, number % len(ACTIVITIES), names.position(country, row * 37), row // size)

    def take(self, which: Ints) -> "Companies":
        """Some of the companies."""
        return Companies(*(getattr(self, each.name)[which] for each in fields(self)))

    @property
    def industry(self) -> Ints:
        """Positions in the industry options."""
        return self.activity % 12

    def names(self, portal: Portal) -> pl.Series:
        """Names such as `Aabel Logistics AS`."""
        form = _FORM_STARTS[self.country] + portal.draw.below("company/form", self.number, _FORM_SIZES[self.country])
        parts = {
            "stem": vocabulary.gather(vocabulary.words("last").flat, self.stem),
            "activity": vocabulary.gather(vocabulary.table(ACTIVITIES), self.activity),
            "again": _again(self.again),
            "form": vocabulary.gather(_FORMS, form),
        }
        return _joined(parts, pl.format("{} {}{} {}", "stem", "activity", "again", "form"))

    def domains(self) -> pl.Series:
        """Domains below reserved names: `aabel-logistics.no.example`."""
        parts = {
            "stem": vocabulary.gather(vocabulary.words("last").slugs, self.stem),
            "activity": vocabulary.gather(vocabulary.table([name.lower() for name in ACTIVITIES]), self.activity),
            "again": _again(self.again),
            "code": vocabulary.gather(_CODES, self.country),
        }
        return _joined(parts, pl.format("{}-{}{}.{}.example", "stem", "activity", "again", "code"))


@dataclass
class People:
    """Facts of people, one position for each person asked for."""

    number: Ints
    story: Ints
    turn: Ints
    kind: Ints
    event: Ints
    company: Companies
    employed: Bools
    first: Ints
    last: Ints

    @classmethod
    def of(cls, portal: Portal, number: Ints) -> "People":
        """The people numbers given. Colleagues never share a first name, hence no two people an e-mail address."""
        desk = portal.desks.back(number)
        company = Companies.of(portal, desk % portal.firms.size)
        story, turn = portal.cast.story_of(number)
        country = company.country
        first = portal.draw.below("colleague", company.number, 10**6) + desk // portal.firms.size * 17
        return cls(
            number,
            story,
            turn,
            portal.cast.kind_of(number),
            portal.cast.night_of(number),
            company,
            employed=portal.draw.chance("employed", number, 0.88),
            first=vocabulary.words("first").position(country, first),
            last=vocabulary.words("last").position(country, portal.draw.below("last", number, 10**6)),
        )

    def take(self, which: Ints) -> "People":
        """Some of the people."""
        parts: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "company"}
        return People(company=self.company.take(which), **{name: part[which] for name, part in parts.items()})

    @property
    def country(self) -> Ints:
        """Positions in COUNTRIES."""
        return self.company.country

    def __len__(self) -> int:
        return len(self.number)

    def emails(self, version: Ints) -> pl.Series:
        """E-mail addresses by version: 0 the usual one, 1 a private one, 2 one of a sister domain; negative: blank."""
        private = (version == 1) | ~self.employed
        house = np.where(version == 1, 2, np.where(version == 2, 1, 0))
        parts = {
            "first": vocabulary.gather(vocabulary.words("first").slugs, self.first),
            "last": vocabulary.gather(vocabulary.words("last").slugs, self.last),
            "digits": pl.Series(np.where(private, self.number + 10, -1)).cast(pl.String),
            "private": pl.Series(private),
            "sister": pl.Series(version == 2),
            "free": vocabulary.gather(_FREE_MAIL, house),
            "domain": self.company.domains(),
            "blank": pl.Series(version < 0),
        }
        where = pl.when("private").then("free").when("sister").then(pl.format("mail.{}", "domain")).otherwise("domain")
        digits = pl.when("private").then("digits").otherwise(pl.lit(""))
        address = pl.concat_str("first", pl.lit("."), "last", digits, pl.lit("@"), where)
        return _joined(parts, pl.when("blank").then(None).otherwise(address))


def _again(number: Ints) -> pl.Series:
    return pl.Series(number).cast(pl.String).set(pl.Series(number == 0), "")


def _joined(parts: dict[str, pl.Series], how: pl.Expr) -> pl.Series:
    return pl.DataFrame(parts).select(how.alias("text")).to_series()
