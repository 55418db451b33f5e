"""By what a file's creates would find records that are there already: external ids, unique values, domains of companies."""

import pyarrow as pa
from sqlglot import exp

from assets.import_files.knowledge import Knowledge
from assets.import_files.portal import COMPANY
from assets.shared import keys
from assets.shared.domains import register_domains
from assets.shared.sql import Session
from schemas.contract import EXACT, Kind, kind_of

TAKEN_KEY = pa.schema([(name, pa.string()) for name in ("target", "object", "identifier")])


def register_taken(session: Session, known: Knowledge) -> None:
    """Register `company_domain`, and `taken_key` (target, object, identifier): the keys that living records have.

    A key counts where it is a mapped field: what a create is given is then the data of a record, and not its own name for itself.
    """
    unique, external = known.unique_property, known.external_id or ""
    session.use(COMPANY, dict.fromkeys(("op", "hs_object_id", "domain", *([unique] if unique else [])), "VARCHAR"))
    register_domains(session)
    sources = [("hubspot", "company", unique)] if unique else []
    for name in known.keyed_objects:
        session.use(keys.staged("salesforce", name), {"op": "VARCHAR", external: "VARCHAR"})
        sources.append(("salesforce", name, external))
    nothing = exp.select(*(exp.cast(exp.null(), "VARCHAR").as_(name) for name in TAKEN_KEY.names)).where(exp.false())
    found: exp.Select | exp.Union = nothing
    for target, name, field in sources:
        value = _written(session, keys.staged(target, name), field)
        of = exp.select(exp.Literal.string(target), exp.Literal.string(name), value)
        of = of.from_(keys.relation(keys.staged(target, name)))
        found = found.union(of.where(exp.column("op").eq("upsert"), value.neq("")), distinct=False, copy=False)
    session.keep("taken_key", found)


def _written(session: Session, key: str, field: str) -> exp.Expr:
    """A field's value as a delta has it: without white space at its ends, and a whole number without decimals."""
    known = session.lake.schema(key)
    value: exp.Expr = exp.cast(exp.column(field, quoted=True), "VARCHAR")
    if known is None or field not in known.names or kind_of(known.field(field).type) is not Kind.NUMBER:
        return exp.func("trim", value)
    if f"{EXACT}{field}" in known.names:
        value = exp.func("coalesce", exp.column(f"{EXACT}{field}", quoted=True), value)
    return exp.func("regexp_replace", value, exp.Literal.string(r"\.0*$"), exp.Literal.string(""))
