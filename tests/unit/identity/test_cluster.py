"""Clustering: components against union-find, constraints against a naive oracle, and the order of rows never matters."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.identity import cluster
from assets.shared.lake import Lake
from assets.shared.sql import Session

NODES = 12
PAIR = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda p: p[0] < p[1])
GRAPHS = st.lists(st.tuples(PAIR, st.integers(0, 6)), unique_by=lambda e: e[0], max_size=30)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Lake(Path(tmp_path_factory.mktemp("lake"))).connect() as opened:
        yield opened


def clusters_of(
    session: Session, edges: list[tuple[int, int, float]], apart: list[tuple[int, int]], limit: int
) -> dict[int, int]:
    session.keep("touched", f"SELECT range AS r FROM range({NODES})")
    edge = {"a": pl.Int64, "b": pl.Int64, "strength": pl.Float64}
    session.register("edge_given", pl.DataFrame(edges, schema=edge, orient="row"))
    session.register("apart_given", pl.DataFrame(apart, schema={"a": pl.Int64, "b": pl.Int64}, orient="row"))
    session.keep("edge", "FROM edge_given")
    session.keep("apart", "FROM apart_given")
    cluster.components(session)
    cluster.clusters(session, limit)
    return dict(session.sql("SELECT r, cluster FROM cluster ORDER BY r").fetchall())


def naive(edges: list[tuple[int, int, float]], apart: list[tuple[int, int]], limit: int) -> dict[int, int]:
    """Every edge, best first; join the two sets unless that breaks a constraint. Over all records, no components."""
    sets = [{r} for r in range(NODES)]
    for a, b, _ in sorted(edges, key=lambda e: (-e[2], e[0], e[1])):
        one = next(s for s in sets if a in s)
        two = next(s for s in sets if b in s)
        both = one | two
        if one is two or len(both) > limit or any(x in both and y in both for x, y in apart):
            continue
        sets = [s for s in sets if s is not one and s is not two] + [both]
    return {r: min(s) for s in sets for r in s}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=GRAPHS, apart=st.lists(PAIR, max_size=4), limit=st.integers(2, NODES))
def test_clusters_equal_the_naive_oracle(
    session: Session, graph: list[tuple[tuple[int, int], int]], apart: list[tuple[int, int]], limit: int
) -> None:
    edges = [(a, b, float(strength)) for (a, b), strength in graph]
    found = clusters_of(session, edges, apart, limit)
    assert found == naive(edges, apart, limit)
    assert all(found[a] != found[b] for a, b in apart)
    assert clusters_of(session, edges[::-1], apart[::-1], limit) == found


def test_a_long_chain_is_one_component(session: Session) -> None:
    session.keep("edge", "SELECT range AS a, range + 1 AS b, 1.0 AS strength FROM range(5000)")
    cluster.components(session)
    assert session.sql("SELECT count(*), min(component), max(component) FROM component").fetchall() == [(5001, 0, 0)]


def test_the_weaker_edge_of_a_conflict_is_refused_and_reported(session: Session) -> None:
    found = clusters_of(session, [(0, 1, 9.0), (1, 2, 3.0)], [(0, 2)], NODES)
    assert found[0] == found[1] == 0
    assert found[2] == 2
    cluster.components(session)
    assert cluster.clusters(session, NODES).refused.rows() == [(1, 2)]
