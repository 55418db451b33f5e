"""Normalisation that needs a library: called once per distinct value of a column, never once per row.

Phone numbers (Google's numbering plans) and registrable domains (the Public Suffix List) are data that change; both come
from packages that ship it. Well-formed international numbers take a path in columns and reach no library at all.
"""

from collections.abc import Callable

import phonenumbers
import polars as pl
from publicsuffixlist import PublicSuffixList

from assets.identity import normalise, reference

_SUFFIXES: list[PublicSuffixList] = []


def mapped(values: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """`function` of every value, computed once per distinct one."""
    known = values.drop_nulls().unique()
    if known.is_empty():
        return values.cast(pl.String)
    table = pl.DataFrame({"value": known, "result": pl.Series([function(v) for v in known], dtype=pl.String)})
    frame = pl.DataFrame({"value": values.cast(pl.String)})
    return frame.join(table, on="value", how="left", maintain_order="left")["result"]


def each(values: pl.Series, function: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """An expression of every value, computed once per distinct one."""
    return parts(values, ("result",), lambda value: [function(value)])["result"]


def parts(values: pl.Series, names: tuple[str, ...], function: Callable[[pl.Expr], list[pl.Expr]]) -> pl.DataFrame:
    """Several expressions of every value, under these names, computed once per distinct one where values repeat."""
    if values.null_count() == values.len():
        return pl.DataFrame({name: values.cast(pl.String) for name in names})
    frame = pl.DataFrame({"value": values})
    known = frame.unique()
    told = [made.alias(name) for name, made in zip(names, function(pl.col("value")), strict=True)]
    if 2 * known.height > frame.height:
        return frame.lazy().select(told).collect()  # lazily, for expressions that share parts
    table = known.lazy().with_columns(told).collect()
    return frame.join(table, on="value", how="left", nulls_equal=True, maintain_order="left").select(names)


def phone(values: pl.Series, regions: pl.Series) -> pl.Series:
    """E.164 numbers of texts, read in the region beside them (ISO code or null); null where a number is not possible.

    Without a region only numbers in international form are read. Extensions are dropped: they are not the person.
    """
    frame = pl.DataFrame({"value": values.cast(pl.String), "region": regions.cast(pl.String)})
    digits = pl.col("value").str.replace(r"(?i)(?:ext\.?|x|#|;).*$", "").str.replace_all(r"\(0\)|[\s().\-/\u00a0]", "")
    digits = digits.str.replace("^00", "+")
    plain = pl.when(digits.str.contains(r"^\+[1-9]\d{9,14}$")).then(digits)
    both = pl.concat_str("value", pl.lit("\x00"), pl.col("region").fill_null(""))
    frame = frame.with_columns(plain.alias("e164"), both.alias("both"))
    rest = pl.select(pl.when(frame["e164"].is_null()).then(frame["both"])).to_series()
    return pl.select(pl.coalesce(frame["e164"], mapped(rest, _e164))).to_series()


def domain(values: pl.Series) -> pl.Series:
    """Registrable domains of hosts by the Public Suffix List, in ASCII (punycode)."""
    return mapped(values, _registrable)


def company_domain(values: pl.Series) -> pl.Series:
    """`domain`, with free-mail providers as null: they say nothing about an employer."""
    free = reference.column("freemail", "domain")
    found = domain(values)
    return pl.select(pl.when(~found.is_in(list(free))).then(found)).to_series()


def email(values: pl.Series) -> pl.Series:
    """`normalise.email` with an international domain in punycode."""
    plain = each(values, normalise.email)
    foreign = pl.select(pl.when(plain.str.contains(r"@.*[^\x00-\x7f]")).then(plain)).to_series()
    return pl.select(pl.coalesce(mapped(foreign, _punycode_address), plain)).to_series()


def _e164(both: str) -> str | None:
    value, _, region = both.rpartition("\x00")
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _registrable(host: str) -> str | None:
    if not _SUFFIXES:
        _SUFFIXES.append(PublicSuffixList(accept_unknown=False))
    ascii_host = _ascii(host)
    return _SUFFIXES[0].privatesuffix(ascii_host) or ascii_host


def _punycode_address(address: str) -> str:
    local, _, host = address.rpartition("@")
    return f"{local}@{_ascii(host)}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
