"""How common values are, remembered from the night that learnt the weights: for a night that scores a few records only.

Only values of several records are kept, each by its MD5; all others are equally rare. So a pair weighs the same on every
night that scores by the same weights, whichever records have come and gone.
"""

from sqlglot import exp

from assets.identity import engine
from assets.identity.compare import SQL
from assets.identity.model import Model
from assets.shared.sql import Session


def learn(session: Session, model: Model) -> None:
    """Make `share_given` (field, value, share) from `base`."""
    session.keep("share_given", "SELECT '' AS field, '' AS value, 0.0::DOUBLE AS share WHERE FALSE")
    for name in engine.VALUES:
        shares = engine.shares_of(model, name)
        if shares is None:
            continue
        value = engine.value_of(name)
        digest = exp.func("md5", exp.column("value"))
        common = exp.select(exp.Literal.string(name), digest, "share").from_(shares.subquery("shares"))
        rare = 0.0 if model.fields["street" if name == "place" else name].unique else engine.NO_OTHERS
        common = common.where(exp.column("others") > exp.Literal.number(rare))
        session.con.execute(f"INSERT INTO share_given {common.sql('duckdb')}")
        count = session.scalar(exp.select(exp.Count(this=value)).from_("base").sql("duckdb"))
        default = engine.share_of_rare(model, name, count)
        session.con.execute("INSERT INTO share_given VALUES (?, '', ?)", [name, default])


def records(session: Session, wanted: str) -> None:
    """Make `record`: the rows of `base` whose numbers a query gives (r), with the share of each of their values."""
    session.keep("record_wanted", wanted)
    session.keep("record", (SQL / "remembered.sql").read_text(encoding="utf-8"))
