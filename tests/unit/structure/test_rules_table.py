"""docs/rules.md: every rule of the catalogue has a row, and what a row names exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (P[12]-\w\w|D\d+|X\d+) \| (.+?) \| (.+?) \| (.+?) \|$")
NOT_APPLICABLE = "Not applicable: "
PLACES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLOCKS = {
    "P1": "00-07 10-27 30-39 40-50 60-73",
    "P2": "01-08 10-17 20-2I 30-3B 40-42 45-48 50-57 60-6A 70-77 80-83 90-9I A0-A8 B0-BC C0-C3",
}


def catalogue() -> list[str]:
    """The ids, block by block; the last place of a P2 id counts 0 to 9, then letters."""
    found = []
    for block in BLOCKS["P1"].split():
        first, last = block.split("-")
        found += [f"P1-{number:02}" for number in range(int(first), int(last) + 1)]
    for block in BLOCKS["P2"].split():
        first, last = block.split("-")
        found += [f"P2-{first[0]}{place}" for place in PLACES[PLACES.index(first[1]) : PLACES.index(last[1]) + 1]]
    return found + [f"D{number}" for number in range(1, 15)] + [f"X{number}" for number in range(1, 15)]


def rows() -> dict[str, tuple[str, str, str]]:
    """Rule id -> what Crosswalk does, where, test."""
    lines = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    found = [match.groups() for line in lines if (match := ROW.match(line))]
    assert len({row[0] for row in found}) == len(found), "a rule has two rows"
    return {row[0]: (row[1], row[2], row[3]) for row in found}


def test_the_catalogue_has_191_rules_and_28_choices() -> None:
    assert len(catalogue()) == len(set(catalogue())) == 61 + 130 + 28


def test_every_rule_has_a_row() -> None:
    assert sorted(set(catalogue()) ^ set(rows())) == []


def test_every_row_names_code_and_a_test_or_says_why_not() -> None:
    empty = []
    for rule, (what, where, test) in rows().items():
        if what.startswith(NOT_APPLICABLE):
            complete = len(what) > len(NOT_APPLICABLE) + 20 and where == "-" and test == "-"
        else:
            complete = "`" in where and "`" in test
        if not complete:
            empty.append(rule)
    assert empty == []


def test_what_a_row_names_exists() -> None:
    missing = []
    for rule, (_, where, test) in rows().items():
        if test == "-":
            continue
        missing += [f"{rule}: {path}" for path in re.findall(r"`([^`]+)`", where) if not (ROOT / path).is_file()]
        missing += [f"{rule}: {name}" for name in re.findall(r"`([^`]+)`", test) if not there(name)]
    assert missing == []


def there(name: str) -> bool:
    """`SC-21` or `EX-fields` is a file of examples, `tests/…/test_x.py::test_y` a function in a file."""
    if re.fullmatch(r"(SC|EX)-[\w-]+", name):
        return (ROOT / "tests" / "pipeline" / "scenarios" / f"{name}.yaml").is_file()
    path, _, function = name.partition("::")
    return (ROOT / path).is_file() and function in functions(path)


@cache
def functions(path: str) -> frozenset[str]:
    """Functions of a test file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
