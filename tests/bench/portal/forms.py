"""In which form each file of a night is delivered. Real exports differ from day to day; those of the sample do, too."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from tests.bench.portal import catalogue

Stamps = Literal["iso_ms", "iso_plus", "iso_offset", "epoch"]


@dataclass(frozen=True)
class Form:
    """How one file is written."""

    kind: Literal["csv", "jsonl"] = "csv"
    gzip: bool = False
    bom: bool = False
    crlf: bool = False
    quote: Literal["necessary", "always"] = "necessary"
    stamps: Stamps = "iso_ms"
    headers: Literal["names", "labels", "mixed"] = "names"


_PLAIN = Form()
_ORDINARY_SALESFORCE = Form(quote="always")
_VARIED: tuple[dict[str, Form], ...] = (
    {
        "hubspot": Form(),
        "hubspot/contacts": Form(gzip=True),
        "hubspot/companies": Form(kind="jsonl", gzip=True),
        "hubspot/list_memberships": Form(gzip=True),
        "hubspot/associations/contact_company": Form(gzip=True),
        "salesforce": _ORDINARY_SALESFORCE,
        "salesforce/Lead": Form(gzip=True, quote="always"),
        "salesforce/Contact": Form(gzip=True, quote="always"),
        "salesforce/CampaignMember": Form(gzip=True, quote="always"),
    },
    {
        "hubspot": Form(quote="always"),
        "hubspot/contacts": Form(gzip=True, quote="always", headers="labels"),
        "hubspot/companies": Form(kind="jsonl", gzip=True),
        "hubspot/deals": Form(quote="always", stamps="iso_plus"),
        "hubspot/associations/contact_company": Form(gzip=True, quote="always"),
        "hubspot/list_memberships": Form(gzip=True),
        "salesforce": Form(bom=True, crlf=True, stamps="iso_plus"),
        "salesforce/Lead": Form(gzip=True, bom=True, crlf=True, stamps="iso_plus"),
        "salesforce/Contact": Form(gzip=True, bom=True, crlf=True, stamps="iso_plus"),
        "salesforce/Account": Form(gzip=True, bom=True, crlf=True, stamps="iso_plus"),
        "salesforce/CampaignMember": Form(gzip=True, quote="always", stamps="iso_plus"),
    },
    {
        "hubspot": Form(stamps="epoch"),
        "hubspot/contacts": Form(gzip=True, stamps="epoch", headers="mixed"),
        "hubspot/companies": Form(kind="jsonl", gzip=True),
        "hubspot/deals": Form(stamps="iso_offset", headers="labels"),
        "hubspot/list_memberships": Form(gzip=True, stamps="epoch"),
        "salesforce": Form(quote="always", stamps="iso_offset"),
        "salesforce/Lead": Form(gzip=True, quote="always", stamps="iso_offset"),
        "salesforce/Contact": Form(gzip=True, quote="always", stamps="iso_offset"),
        "salesforce/CampaignMember": Form(gzip=True, quote="always", stamps="iso_offset"),
        "salesforce/Opportunity": Form(gzip=True, quote="always", stamps="iso_offset"),
        "salesforce/OpportunityContactRole": Form(gzip=True, quote="always", stamps="iso_offset"),
    },
)
_LABELLED = 24  # so many columns have labels where a header mixes labels and internal names


def form_of(name: str, night: int, varied: bool) -> Form:
    """The form of one file (`hubspot/contacts`) on a night; plain CSV everywhere unless varied."""
    if not varied:
        return _PLAIN
    forms = _VARIED[(night - 1) % len(_VARIED)]
    return forms.get(name, forms[name.partition("/")[0]])


def dressed(rows: pl.DataFrame, form: Form, instants: list[str], kind: str | None) -> pl.DataFrame:
    """Rows as they are written: instants as text, headers and option cells as labels where the form says so.

    `kind` is the HubSpot object (contact, company, deal) whose labels apply.
    """
    rows = rows.with_columns(_stamp(name, form.stamps) for name in instants)
    if kind is None or form.headers == "names":
        return rows
    known = {row["name"]: row for row in catalogue.hubspot(kind)}
    labelled = rows.columns if form.headers == "labels" else rows.columns[:_LABELLED]
    cells = [_labels(pl.col(name), known[name]) for name in labelled if known[name]["options"]]
    return rows.with_columns(cells).rename({name: known[name]["label"] for name in labelled})


def _labels(cells: pl.Expr, about: dict[str, str]) -> pl.Expr:
    labels = {option["value"]: option["label"] for option in catalogue.options(about["options"])}
    if not labels:  # campaigns: the export keeps their ids
        return cells
    return cells.str.replace_many(labels) if about["field_type"] == "checkbox" else cells.replace(labels)


def _stamp(name: str, stamps: Stamps) -> pl.Expr:
    if stamps == "epoch":
        return pl.col(name).cast(pl.String)
    text = pl.col(name).cast(pl.Datetime("ms")).dt
    patterns = {
        "iso_ms": "%Y-%m-%dT%H:%M:%S%.3fZ",
        "iso_plus": "%Y-%m-%dT%H:%M:%S%.3f+0000",
        "iso_offset": "%Y-%m-%dT%H:%M:%S+00:00",
    }
    return text.strftime(patterns[stamps]).alias(name)
