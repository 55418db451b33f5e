"""When a HubSpot property got its value, where its property history was delivered."""

from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

HISTORY = "propertiesWithHistory"  # an API object's earlier values by property, as JSON
_FILE = Path(__file__).parent / "sql" / "given_at.sql"


def given_at(history: exp.Expr, name: str) -> exp.Expr:
    """An instant: when the property `name` got its value, by a record's `history`; null where that has none of it (P2-30)."""
    parts = {"history": history, "path": exp.Literal.string(f'$."{name}"[*].timestamp')}
    return _given_at().transform(
        lambda node: parts[node.name].copy() if isinstance(node, exp.Column) and node.name in parts else node
    )


@cache
def _given_at() -> exp.Expr:
    found: exp.Expr = sqlglot.parse_one(_FILE.read_text(), dialect="duckdb").expressions[0].this
    return found
