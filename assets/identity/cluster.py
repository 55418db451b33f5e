"""From edges to clusters: components in SQL, then, only inside a component that breaks a constraint, edges best first.

Two records of one cluster never contradict each other (`apart`: a contradiction, a cannot-link, two different stored ids), not
even through others, and no cluster outgrows its limit. The best-first part is sequential by nature: whether an edge may be
taken depends on all better ones. It reads the edges of conflicting components only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.shared.sql import Session

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Clustered:
    """What clustering did: components, those that had to be cut, and the edges that a constraint refused."""

    components: int
    conflicting: int
    refused: pl.DataFrame


def components(session: Session) -> None:
    """Make `component` (r, component: the smallest r reachable) from `edge` (a, b): hooking and pointer jumping."""
    session.keep("open_edge", "SELECT DISTINCT a, b FROM edge")
    session.keep(
        "component", "SELECT DISTINCT r, r AS component FROM (SELECT a AS r FROM edge UNION ALL SELECT b FROM edge)"
    )
    while session.scalar("SELECT count(*) FROM open_edge"):
        session.run(SQL / "hooked.sql")
        while session.scalar((SQL / "jumps_left.sql").read_text()):
            session.keep("hooked", (SQL / "jumped.sql").read_text())
        session.keep("component", (SQL / "relabelled.sql").read_text())
        session.keep("open_edge", (SQL / "contracted.sql").read_text())


def clusters(session: Session, limit: int) -> Clustered:
    """Make `cluster` (r, cluster: its smallest r) from `edge` (a, b, strength), `component` and `apart` (a, b).

    Of two edges the one with the greater strength is taken first; ties go to the smaller record numbers.
    """
    session.register("cluster_limit", pl.DataFrame({"largest": [limit]}))
    session.run(SQL / "conflicting.sql")
    conflicting = session.scalar("SELECT count(*) FROM conflicting")
    session.run(SQL / "conflicting_edge.sql")
    session.run(SQL / "conflicting_apart.sql")
    edges = session.sql("SELECT a, b FROM conflicting_edge ORDER BY strength DESC, a, b").fetchall()
    apart = session.sql("SELECT a, b FROM conflicting_apart").fetchall()
    labels, refused = best_first(edges, apart, limit)
    schema = {"r": pl.Int64, "cluster": pl.Int64}
    session.register("cut", pl.DataFrame(list(labels.items()), schema=schema, orient="row"))
    session.run(SQL / "cluster.sql")
    found = session.scalar("SELECT count(DISTINCT component) FROM component")
    pairs = pl.DataFrame(refused, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    return Clustered(int(found), int(conflicting), pairs)


def best_first(
    edges: Iterable[tuple[int, int]], apart: Iterable[tuple[int, int]], limit: int
) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Take edges in the order given unless that joins records that must stay apart or outgrows the limit.

    Returns the cluster of every record that has an edge (its smallest member) and the edges refused.
    """
    members: dict[int, set[int]] = {}
    enemies: dict[int, set[int]] = {}
    label: dict[int, int] = {}
    for a, b in apart:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    refused = []
    for a, b in edges:
        for r in (a, b):
            if r not in label:
                label[r], members[r] = r, {r}
        keep, give = sorted((label[a], label[b]))
        if keep == give:
            continue
        small, other = sorted((keep, give), key=lambda c: len(members[c]))
        hostile = any(not enemies[r].isdisjoint(members[other]) for r in members[small] if r in enemies)
        if hostile or len(members[keep]) + len(members[give]) > limit:
            refused.append((a, b))
            continue
        for r in members[give]:
            label[r] = keep
        members[keep] |= members.pop(give)
    return label, refused
