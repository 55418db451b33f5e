"""Numbers by address, permutations and ids."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.portal import ids
from tests.bench.portal.draw import Draw, Permutation
from tests.bench.portal.facts import People
from tests.bench.portal.layout import Portal
from tests.bench.portal.nights import Nights


@given(st.integers(1, 5000), st.integers(0, 50))
def test_a_permutation_is_a_bijection_with_its_inverse(size: int, salt: int) -> None:
    mixed = Permutation(size, salt)
    positions = np.arange(size, dtype=np.int64)
    people = mixed.forward(positions)
    assert sorted(people.tolist()) == positions.tolist()
    assert mixed.back(people).tolist() == positions.tolist()


@given(st.integers(0, 2**31), st.integers(1, 1000))
def test_a_number_depends_on_its_address_only(seed: int, bound: int) -> None:
    many = np.arange(200, dtype=np.int64)
    drawn = Draw(seed).below("field", many, bound)
    assert ((drawn >= 0) & (drawn < bound)).all()
    assert Draw(seed).below("field", many[77:78], bound)[0] == drawn[77]


def test_draws_are_even_and_streams_are_unlike() -> None:
    draw, many = Draw(7), np.arange(100_000, dtype=np.int64)
    counts = np.bincount(draw.below("a", many, 10), minlength=10)
    assert counts.min() > 9_600
    assert counts.max() < 10_400
    assert abs(np.corrcoef(draw.unit("a", many), draw.unit("b", many))[0, 1]) < 0.02
    assert draw.choice("c", many, [3.0, 1.0]).mean() == pytest.approx(0.25, abs=0.01)


def test_salesforce_ids_are_distinct_and_some_differ_by_case_only() -> None:
    made = ids.salesforce("Lead", np.arange(5000, dtype=np.int64), length=15).to_list()
    assert len(set(made)) == 5000
    assert len({each.lower() for each in made}) < 5000


def test_no_two_people_share_an_address() -> None:
    portal = Portal(20_000, 3, Nights.of("2026-11-18", "Europe/Oslo"))
    people = People.of(portal, next(portal.slices(10**6)))
    versions = [people.emails(np.full(len(people), version)) for version in (0, 1, 2)]
    assert pl.concat(versions).n_unique() == 3 * len(people)
