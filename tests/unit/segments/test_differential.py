"""Random trees over random records: the SQL, the SQL carried to Spark and back, and a naive interpreter agree.

Statements are run some at a time, as one query, because planning them one by one costs more than they do.
"""

import json
import sys
from collections import defaultdict

import pytest
from sqlglot import exp, parse_one

from assets.segments.compile import compile_segment
from assets.segments.sqltext import text, written
from schemas.segment_parse import parse_branch
from tests.unit.segments import worlds
from tests.unit.segments.oracle import World

_TOGETHER = 20


def run(con, statements: list[str]) -> list[set[str]]:
    """Members of several statements, asked in one query."""
    found: dict[str, set[str]] = defaultdict(set)
    for first in range(0, len(statements), _TOGETHER):
        parts = [
            f"SELECT '{first + n}' AS tree, record_id FROM ({sql}) AS t{n}"
            for n, sql in enumerate(statements[first : first + _TOGETHER])
        ]
        for tree, record_id in con.execute(" UNION ALL ".join(parts)).fetchall():
            found[tree].add(record_id)
    return [found[str(n)] for n in range(len(statements))]


def there_and_back(statement: exp.Expr) -> str:
    """A statement as DuckDB reads it after a detour over Spark's dialect."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return parse_one(statement.sql("spark"), dialect="spark").sql("duckdb")
    finally:
        sys.setrecursionlimit(limit)


def compare(seed: int, trees: int, *, spark: bool) -> int:
    """Evaluate random trees both ways; returns how many had some members and some not."""
    world = worlds.make_world(seed)
    con, catalog, moment, random = (
        worlds.connect(world),
        worlds.make_catalog(world),
        worlds.moment(),
        worlds.Trees(seed),
    )
    made = [random.tree() for _ in range(trees)]
    compiled = [compile_segment(parse_branch(tree), "contact", catalog, moment) for tree in made]
    expected = [world.members(tree, "contact") for tree in made]
    check(made, run(con, [c.sql() for c in compiled]), expected)
    if spark:
        check(made, run(con, [there_and_back(c.statement) for c in compiled]), expected)
    con.close()
    return sum(0 < len(members) < len(world.records["contact"]) for members in expected)


def check(trees: list[dict], found: list[set[str]], expected: list[set[str]]) -> None:
    wrong = [
        f"{sorted(got ^ want)[:3]} {json.dumps(tree, ensure_ascii=False)}"
        for tree, got, want in zip(trees, found, expected, strict=True)
        if got != want
    ]
    assert not wrong, f"{len(wrong)} of {len(trees)} trees differ, first: {wrong[0]}"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trees_mean_what_the_naive_interpreter_says(seed: int) -> None:
    assert compare(seed, 100, spark=False) > 40  # not all empty, not all everybody


def test_trees_carried_to_spark_and_back_have_the_same_members() -> None:
    assert compare(4, 80, spark=True) > 30


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 125))
def test_five_thousand_trees(seed: int) -> None:
    assert compare(seed, 200, spark=True) > 80


def test_the_judge_can_disagree() -> None:
    world: World = worlds.make_world(1)
    tree = worlds.Trees(1).tree()
    members = world.members(tree, "contact")
    other = set(world.records["contact"]) - members
    with pytest.raises(AssertionError, match="1 of 1 trees differ"):
        check([tree], [members], [other])


def test_a_flag_that_is_missing_is_a_flag_that_is_false() -> None:
    world, random = worlds.make_world(5), worlds.Trees(5)
    con, catalog, moment = worlds.connect(world), worlds.make_catalog(world), worlds.moment()
    made = [random.tree() for _ in range(40)]
    spelled = [json.loads(json.dumps(tree), object_hook=_spelled) for tree in made]
    both = [
        run(con, [compile_segment(parse_branch(tree), "contact", catalog, moment).sql() for tree in trees])
        for trees in (made, spelled)
    ]
    assert both[0] == both[1]


def _spelled(found: dict) -> dict:
    return {"includeObjectsWithNoValueSet": False, **found} if "operationType" in found else found


def test_statements_hold_values_as_literals_only() -> None:
    world = worlds.make_world(1)
    catalog, moment = worlds.make_catalog(world), worlds.moment()
    asked = {"filterType": "PROPERTY", "property": "name",
             "operation": {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": "x' OR 'a'='a"}}  # fmt: skip
    found = compile_segment(parse_branch({"filterBranchType": "AND", "filters": [asked]}), "contact", catalog, moment)
    literals = [node for node in found.statement.find_all(exp.Literal) if node.this == "x' or 'a'='a"]
    assert literals == [text("x' or 'a'='a")]
    assert written(found.statement).count("x'' or ''a''=''a") == 1
