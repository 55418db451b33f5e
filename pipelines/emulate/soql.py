"""The part of SOQL that clients send: fields or count(), one object, conditions with AND, OR and parentheses, order, limit."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.emulate.state import seconds

Test = Callable[[dict[str, Any]], bool]
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<object>\w+)(?:\s+WHERE\s+(?P<where>.+?))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>\w+)(?P<down>\s+DESC)?(?:\s+ASC)?)?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|[()]|,|<=|>=|!=|<>|=|<|>|[^\s(),=<>!']+)")


class Malformed(Exception):
    """MALFORMED_QUERY."""


@dataclass
class Query:
    """A query that was understood."""

    fields: list[str]
    object: str
    test: Test | None
    order: str | None
    down: bool
    limit: int | None

    @property
    def counts(self) -> bool:
        """Whether it asks for the number of records only."""
        return [f.lower() for f in self.fields] == ["count()"]


def parse(text: str) -> Query:
    """Raises Malformed."""
    match = _QUERY.match(text)
    if not match:
        raise Malformed
    where = match["where"]
    test = None
    if where:
        tokens = _TOKEN.findall(where)
        test, rest = _any(tokens)
        if rest:
            raise Malformed
    fields = [f.strip() for f in match["fields"].split(",")]
    return Query(
        fields,
        match["object"],
        test,
        match["order"],
        bool(match["down"]),
        int(match["limit"]) if match["limit"] else None,
    )


def _any(tokens: list[str]) -> tuple[Test, list[str]]:
    left, rest = _all(tokens)
    while rest and rest[0].upper() == "OR":
        right, rest = _all(rest[1:])
        left = _either(left, right)
    return left, rest


def _all(tokens: list[str]) -> tuple[Test, list[str]]:
    left, rest = _one(tokens)
    while rest and rest[0].upper() == "AND":
        right, rest = _one(rest[1:])
        left = _both(left, right)
    return left, rest


def _either(a: Test, b: Test) -> Test:
    return lambda row: a(row) or b(row)


def _both(a: Test, b: Test) -> Test:
    return lambda row: a(row) and b(row)


def _one(tokens: list[str]) -> tuple[Test, list[str]]:
    if not tokens:
        raise Malformed
    if tokens[0] == "(":
        found, rest = _any(tokens[1:])
        if rest[:1] != [")"]:
            raise Malformed
        return found, rest[1:]
    if len(tokens) < 3:
        raise Malformed
    name, operator = tokens[0], tokens[1].upper()
    if operator == "IN":
        end = tokens.index(")")
        values = {_literal(t) for t in tokens[3:end] if t != ","}
        return (lambda row: _cell(row, name, next(iter(values))) in values), tokens[end + 1 :]
    if operator == "LIKE":
        pattern = re.compile(re.escape(_text(tokens[2])).replace("%", ".*").replace("_", "."), re.IGNORECASE)
        return (lambda row: bool(pattern.fullmatch(row.get(name) or ""))), tokens[3:]
    value = _literal(tokens[2])
    return _compare(name, operator, value), tokens[3:]


def _compare(name: str, operator: str, value: Any) -> Test:
    if value is None:
        return lambda row: (row.get(name) is None) == (operator == "=")

    def test(row: dict[str, Any]) -> bool:
        cell = _cell(row, name, value)
        if cell is None:
            return operator in ("!=", "<>")
        found: bool = {
            "=": lambda: cell == value,
            "!=": lambda: cell != value,
            "<>": lambda: cell != value,
            "<": lambda: cell < value,
            "<=": lambda: cell <= value,
            ">": lambda: cell > value,
            ">=": lambda: cell >= value,
        }[operator]()
        return found

    return test


def _cell(row: dict[str, Any], name: str, like: Any) -> Any:
    value = row.get(name)
    if value is None:
        return "" if isinstance(like, str) and like == "" else None
    if isinstance(like, bool):
        return value == "true"
    if isinstance(like, float):
        return seconds(value) if re.match(r"\d{4}-\d\d-\d\dT", value) else float(value)
    return value


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return _text(token)
    if token.lower() in ("true", "false"):
        return token.lower() == "true"
    if token.lower() == "null":
        return None
    if re.match(r"\d{4}-\d\d-\d\dT", token):
        return seconds(token)
    try:
        return float(token)
    except ValueError:
        raise Malformed from None


def _text(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
