"""Golden records: the best value of each field over the records of an entity, by policies that are data.

`data/reference/identity_survivorship.csv` lists the policies of a field in order: `valid` (an address that is one, a phone in
international form), `source` (`identity_sources.csv`), `recent` (last modified), `longest`. A blank never survives.
"""

from collections.abc import Iterator
from functools import cache

import polars as pl
from sqlglot import exp, parse_one

from assets.identity import compare, normalise, reference
from assets.shared.sql import Session

_ADDRESS = ("street", "city", "state", "postcode", "country")
FIELDS = {
    "person": ("email", "first_name", "last_name", "phone", "job_title", "company", *_ADDRESS),
    "company": ("company", "domain", "phone", *_ADDRESS),
}
SLICE = 200_000  # entities whose golden records are put together at a time
GONE = "gone_slice"  # what `gone_entity` has of a slice
_SLICED = {
    GONE: "gone_entity",
    "member_slice": "stale_member",
    "value_slice": "best_value",
    "conflict_slice": "conflict",
}
_POLICIES = 3  # a field has at most so many; every one is a number of which the lowest is best
_LAST = "9223372036854775807"
# An address is valid where it has a key; of other fields every value is.
_VALID = {"email": "NOT has_email", "phone": r"NOT regexp_matches(value, '^\s*(\+|00)\d')"}
_BEST = {
    "source": "source",
    "recent": f"coalesce(-epoch_us(modified_at), {_LAST})",
    "longest": "-length(value)",
}


def golden(session: Session, entity: str) -> Iterator[str]:
    """Name `golden` for one slice of entities after the other, in the order of `entity_id`; their lists are held in memory.

    One row an entity of `stale_entity`: `entity_id, records`, a column a field, `sources` and `conflicts`; from `stale_member`,
    `stale_field` (the raw fields and `modified_at` by record) and `base`.
    """
    ranks = [r for r in reference.rows("sources") if r["entity"] == entity]
    session.register(
        "record_source",
        pl.DataFrame({"place": [r["object"] for r in ranks], "source": [int(r["rank"]) for r in ranks]}),
    )
    session.run(compare.SQL / "surviving.sql")
    session.keep("ranked_value", _ranked(entity))
    session.run(compare.SQL / "best_value.sql")
    spread = session.sql((compare.SQL / "spread_value.sql").read_text(encoding="utf-8")).pl()
    same = spread.with_columns(same=normalise.text(pl.col("value")).fill_null(""))
    session.register("alike", same.cast(pl.String))
    session.run(compare.SQL / "conflict.sql")
    session.forget("ranked_value")
    first: str | None = None
    for last in [*_ends(session), None]:
        for name, relation in _SLICED.items():
            session.define(name, exp.select("*").from_(relation).where(*_between(first, last)))
        session.define("wide_slice", _wide(entity))
        session.define("golden", (compare.SQL / "golden.sql").read_text(encoding="utf-8"))
        yield "golden"
        first = last


def _ends(session: Session) -> list[str]:
    """The last entity of each slice but the last one."""
    every = session.sql((compare.SQL / "entity_order.sql").read_text(encoding="utf-8")).pl()["entity_id"]
    ends: list[str] = every.gather_every(SLICE, SLICE - 1).to_list()
    return ends


def _between(first: str | None, last: str | None) -> list[exp.Expr]:
    name = exp.column("entity_id")
    bounds: list[exp.Expr] = []
    if first is not None:
        bounds.append(exp.GT(this=name, expression=exp.Literal.string(first)))
    if last is not None:
        bounds.append(exp.LTE(this=name.copy(), expression=exp.Literal.string(last)))
    return bounds


@cache
def _ranked(entity: str) -> str:
    """Every value that is not blank: entity_id, is_alone, record, value, field, policy, place_1 to place_3."""
    listed = {r["field"]: r["policies"] for r in reference.rows("survivorship") if r["entity"] == entity}
    return exp.union(*(_field(field, listed[field]) for field in FIELDS[entity]), distinct=False).sql("duckdb")


def _field(field: str, policies: str) -> exp.Select:
    numbers = [
        f"CAST({_VALID.get(field, 'FALSE')} AS BIGINT)" if policy == "valid" else _BEST[policy]
        for policy in policies.split()
    ]
    numbers += ["0"] * (_POLICIES - len(numbers))
    value = exp.column(field).as_("value")
    given = exp.select("entity_id", "is_alone", "record", "modified_at", "source", "has_email", value).from_(
        "surviving"
    )
    query = exp.select(
        "entity_id",
        "is_alone",
        "record",
        "value",
        exp.Literal.string(field).as_("field"),
        exp.Literal.string(policies).as_("policy"),
    )
    for place, number in enumerate(numbers, start=1):
        query = query.select(parse_one(number, dialect="duckdb").as_(f"place_{place}"))
    # A text of nothing but blanks, of any script, is none.
    return query.from_(given.subquery("given")).where(
        parse_one(r"regexp_matches(value, '[^\s\p{Z}]')", dialect="duckdb")
    )


def _wide(entity: str) -> exp.Select:
    """One row an entity, one column a field."""
    named = [
        exp.Filter(
            this=exp.Max(this=exp.column("value")), expression=exp.Where(this=exp.column("field").eq(field))
        ).as_(field)
        for field in FIELDS[entity]
    ]
    return exp.select("entity_id", *named).from_("value_slice").group_by("entity_id")
