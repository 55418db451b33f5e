"""Why two records are thought to be one, in words and without values."""

import polars as pl

_RULES = {
    "stored_id": "one CRM stores the other's id",
    "conversion": "the lead was converted to the contact",
    "merge": "one was merged into the other",
    "email": "same e-mail address",
    "mailbox": "same mailbox, written differently",
    "domain": "same company domain",
    "override": "a person said so",
    "likeness": "alike",
}
_FIELDS = {
    "first": "first name", "last": "last name", "middle": "middle name", "dob": "birth date", "birth_place": "birth place",
    "email": "e-mail", "phone": "phone", "gid": "identifier", "street": "street", "postcode": "postal code", "city": "city",
    "state": "state", "country": "country", "company": "company", "domain": "domain", "gender": "gender", "job": "job title",
}  # fmt: skip


def reasons(rule: pl.Expr, evidence: pl.Expr) -> pl.Expr:
    """`same e-mail address; for: first name same, last name typo; against: phone different`."""
    told = rule.replace_strict(_RULES, default=rule, return_dtype=pl.String)
    for_it = _listed(evidence, pl.element().struct.field("weight") >= 0.5)
    against = _listed(evidence, pl.element().struct.field("weight") <= -0.5)
    parts = [
        told,
        pl.when(for_it != "").then(pl.lit("for: ") + for_it),
        pl.when(against != "").then(pl.lit("against: ") + against),
    ]
    return pl.concat_list(parts).list.drop_nulls().list.join("; ")


def field(name: str) -> str:
    """A compared field in words."""
    return _FIELDS.get(name, name)


def rule(name: str) -> str:
    """A rule in words."""
    return _RULES.get(name, name)


def _listed(evidence: pl.Expr, condition: pl.Expr) -> pl.Expr:
    spoken = pl.concat_str(
        pl.element().struct.field("field").replace_strict(_FIELDS, default=pl.element().struct.field("field")),
        pl.lit(" "),
        pl.element().struct.field("level"),
    )
    return evidence.list.eval(pl.when(condition).then(spoken)).list.drop_nulls().list.join(", ")
