"""How common values are, remembered from the night that learnt the weights: for a night that scores a few records only.

Only values of several records are kept, each by its MD5; all others are equally rare. So a pair weighs the same on every
night that scores by the same weights, whichever records have come and gone.
"""

from functools import cache

import polars as pl
from sqlglot import exp, parse_one

from assets.identity import engine
from assets.identity.compare import SQL
from assets.identity.model import Model
from assets.shared.sql import Session


def learn(session: Session, model: Model) -> None:
    """Make `share_given` (field, value, share) from `base`."""
    rare = engine.rare_shares(session, model)
    told = {"field": list(rare), "value": [""] * len(rare), "share": list(rare.values())}
    session.register("rare", pl.DataFrame(told, schema={"field": pl.String, "value": pl.String, "share": pl.Float64}))
    parts = [_digested(name, engine.common(model, name)) for name in rare]
    session.keep("share_given", " UNION ALL ".join(["FROM rare", *parts]))


@cache
def _digested(name: str, common: str) -> str:
    """The rows of a field, values by their digest."""
    found = parse_one(common, dialect="duckdb", into=exp.Select).subquery("common")
    return exp.select(exp.Literal.string(name), "md5(value)", "share").from_(found).sql("duckdb")


def records(session: Session, wanted: str) -> None:
    """Make `record`: the rows of `base` whose numbers a query gives (r), with the share of each of their values."""
    session.keep("record_wanted", wanted)
    session.keep("record", (SQL / "remembered.sql").read_text(encoding="utf-8"))
