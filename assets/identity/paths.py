"""The best path between two records of one entity: the one whose weakest edge is strongest."""

from collections.abc import Iterable

import polars as pl

_RANK = {"must_link": 5, "T0": 4, "T1": 3, "T2": 2, "T3": 1}
Edge = tuple[str, str, str, float]  # a, b, tier, probability


def best(edges: Iterable[Edge], start: str, goal: str) -> list[Edge]:
    """Edges from start to goal along the path with the strongest weakest edge; empty where there is none.

    Strength is the tier, then the probability. Adds edges strongest first until both ends meet, then walks between them, so
    what it reads is one entity's edges, a handful.
    """
    near: dict[str, list[tuple[str, Edge]]] = {}
    for edge in sorted(edges, key=lambda e: (-_RANK[e[2]], -e[3], e[0], e[1])):
        near.setdefault(edge[0], []).append((edge[1], edge))
        near.setdefault(edge[1], []).append((edge[0], edge))
        path = _walk(near, start, goal)
        if path:
            return path
    return []


def weakest(pairs: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """For each (survivor, duplicate): tier and probability of the weakest edge on the best path, and the records between."""
    edges: list[Edge] = pairs.select("a", "b", "tier", "probability").rows()
    component = _components(edges)
    by_component: dict[str, list[Edge]] = {}
    for edge in edges:
        by_component.setdefault(component[edge[0]], []).append(edge)
    rows = []
    for survivor, duplicate in wanted.rows():
        path = best(by_component.get(component.get(survivor, ""), []), survivor, duplicate)
        last = min(path, key=lambda e: (_RANK[e[2]], e[3])) if path else (survivor, duplicate, "T3", 0.0)
        rows.append((survivor, duplicate, last[2], last[3], max(len(path) - 1, 0)))
    schema = {
        "survivor": pl.String,
        "duplicate": pl.String,
        "tier": pl.String,
        "probability": pl.Float64,
        "between": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _walk(near: dict[str, list[tuple[str, Edge]]], start: str, goal: str) -> list[Edge]:
    came: dict[str, tuple[str, Edge] | None] = {start: None}
    queue = [start]
    for record in queue:
        for other, edge in near.get(record, []):
            if other not in came:
                came[other] = (record, edge)
                queue.append(other)
    path: list[Edge] = []
    step = came.get(goal)
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    return path[::-1]


def _components(edges: list[Edge]) -> dict[str, str]:
    leader: dict[str, str] = {}

    def find(record: str) -> str:
        while leader.setdefault(record, record) != record:
            leader[record] = leader[leader[record]]
            record = leader[record]
        return record

    for a, b, _, _ in edges:
        leader[find(a)] = find(b)
    return {record: find(record) for record in list(leader)}
