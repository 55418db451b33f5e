"""Links between records of the lake: contacts and companies from their own table, deals as far as their records say.

Associations that nobody delivered are no link: whether a record has any cannot be told.
"""

from collections.abc import Mapping, Set
from pathlib import Path

from sqlglot import exp

from assets.segments.catalog import Link
from assets.segments.sqltext import column, text
from assets.shared import keys
from assets.shared.sql import Session

SQL = Path(__file__).parent / "sql"
# What a deal's record says of its associations: column -> the objects that it tells of.
DEAL_COLUMNS = {
    "associations": {"contact", "company"}, "Associated Contact IDs": {"contact"}, "Associated Company IDs": {"company"},
}  # fmt: skip
PRIMARY_COLUMNS = {"contact": "associatedcompanyid", "deal": "hs_primary_associated_company"}
_COLUMNS = {"op": "VARCHAR", "contact_id": "VARCHAR", "company_id": "VARCHAR", "label": "VARCHAR", "primary": "BOOLEAN"}
_CONTACT_COMPANY = keys.staged("hubspot", "contact_company")


def lake_links(session: Session, present: Mapping[str, Mapping[str, str]], delivered: Set[str]) -> tuple[Link, ...]:
    """Links that the lake has, both ways; `present` are the columns of each object as the lake has them.

    Links that know every pair come before those that know a record's primary company alone.
    """
    found: list[Link] = []
    session.use(_CONTACT_COMPANY, _COLUMNS)
    relation = keys.relation(_CONTACT_COMPANY)
    if "contact_company" in delivered:
        told = exp.Not(this=exp.Is(this=column("primary"), expression=exp.null()))
        marked = exp.select(exp.Count(this=exp.Star())).from_(relation).where(told, column("op").eq(text("upsert")))
        primary = "primary" if session.scalar(marked) else None
        found += _both_ways(Link("contact", "company", relation, "contact_id", "company_id", primary))
    targets = {target for name, tells in DEAL_COLUMNS.items() if name in present["deal"] for target in tells}
    if targets:
        session.run(SQL / "segment_deal_association.sql")
    for target in sorted(targets):
        view = _part(session, "segment_deal_association", "target", target)
        found += _both_ways(Link("deal", target, view, "deal_id", "target_id", live=False))
    named = [name for name, property_name in PRIMARY_COLUMNS.items() if property_name in present[name]]
    if named:
        session.run(SQL / "segment_primary_company.sql")
    for name in named:
        view = _part(session, "segment_primary_company", "object", name)
        link = Link(name, "company", view, "record_id", "company_id", "is_primary", live=False, complete=False)
        found += _both_ways(link)
    return tuple(found)


def _part(session: Session, relation: str, name: str, value: str) -> str:
    """Rows of a relation with one value, as a relation of its own; returns its name."""
    view = f"{relation}_{value}"
    session.keep(view, exp.select("*").from_(relation).where(column(name).eq(text(value))))
    return view


def _both_ways(link: Link) -> list[Link]:
    back = Link(
        link.target, link.source, link.relation, link.target_column, link.source_column, link.primary, link.live, link.complete
    )  # fmt: skip
    return [link, back]
