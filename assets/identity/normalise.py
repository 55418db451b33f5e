"""Normalisation: what two spellings of the same thing become before they are compared.

Each function takes a polars expression of text and returns one; null stays null, and what carries no information (blank,
"n/a", a malformed address) becomes null. Every function is idempotent. No function looks at more than one row, and none
loops over rows: the two that need a library (phones, public suffixes) are called once per distinct value, see `distinct`.
"""

import re

import polars as pl

from assets.identity import reference

# Marks above and below letters that people leave out: Latin, Greek and Cyrillic ones, Hebrew points, Arabic vowels and hamzas;
# and the Arabic stroke that only stretches a word.
_MARKS = "[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u065f\u0670]+"


def text(value: pl.Expr) -> pl.Expr:
    """Lower case without marks, one space between words, blanks as null: `Ærø  Blåbær` -> `aero blabaer`.

    Letters are written as people type them without a keyboard for them (`data/reference/identity_letters.csv`), Cyrillic and
    Greek ones as in passports: `Иванов` and `Ivanov` are one name.
    """
    letters = reference.mapping("letters", "letter", "written")
    plain = value.str.normalize("NFKD").str.replace_all(_MARKS, "").str.to_lowercase()
    plain = plain.str.replace_many(list(letters), list(letters.values())).str.normalize("NFKC")
    plain = plain.str.replace_all(r"[\s\p{Cc}\p{Cf}]+", " ").str.strip_chars(" ")
    return _unless(plain, plain.is_in(["", *reference.words("blank")]))


def words(value: pl.Expr) -> pl.Expr:
    """`text` with apostrophes dropped and every other character that is no letter, mark or digit made a space."""
    plain = (
        text(value).str.replace_all(r"['’‘`´]", "").str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars(" ")
    )
    return _unless(plain, plain.is_in(["", *reference.words("blank")]))


def name(value: pl.Expr) -> pl.Expr:
    """A person's name without titles and suffixes: `Dr. Anne-Marie O'Neil, PhD` -> `anne marie oneil`."""
    plain = words(value)
    plain = plain.str.replace(rf"^(?:(?:{_any(reference.words('title'))}) )+", "")
    plain = plain.str.replace(rf"(?: (?:{_any(reference.words('suffix'))}))+$", "")
    return _unless(plain, plain.is_in(reference.words("blank")))


def fold(value: pl.Expr) -> pl.Expr:
    """Second key of a normalised name, equal for ä, ae and a (and å, aa): `mueller`, `muller` -> `muller`."""
    return value.str.replace_all(r"([aou])e+", "${1}").str.replace_all("aa+", "a")


def sound(value: pl.Expr) -> pl.Expr:
    """How a normalised name sounds, roughly: first letter and classes of the consonants after it: `smythe` -> `s53`."""
    plain = fold(value).str.replace_all(" ", "", literal=True)
    plain = (
        plain.str.replace("^(?:ph)", "f").str.replace("^(?:kn)", "n").str.replace("^(?:wr)", "r").str.replace("^c", "k")
    )
    rest = plain.str.slice(1).str.to_lowercase()
    for digit, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), start=1):
        rest = rest.str.replace_all(f"[{letters}]+", str(digit))
    rest = rest.str.replace_all(r"[^1-6]+", "")
    return pl.concat_str(plain.str.slice(0, 1), rest.str.slice(0, 4))


def company(value: pl.Expr) -> pl.Expr:
    """A company without its legal form: `The Acme Widgets Co., Ltd.` -> `acme widgets`; `北京网络有限公司` -> `北京网络`."""
    ends, starts, attached = (
        _any(tuple(row["form"] for row in reference.rows("legal_forms") if row["place"] == place))
        for place in ("end", "start", "attached")
    )
    plain = words(value.str.replace_all("&", " and ", literal=True)).str.replace("^(?:the )+", "")
    plain = plain.str.replace(rf"(?: (?:{ends}))+$", "").str.replace(rf"^(?:(?:{starts}) )+", "")
    plain = plain.str.replace(rf"^(?:(?:{attached}) ?)+(.)", "${1}").str.replace(rf"(.)(?: ?(?:{attached}))+$", "${1}")
    return _unless(plain, plain.is_in(reference.words("blank")))


def street(value: pl.Expr) -> pl.Expr:
    """A street with the usual words shortened: `North Main Street` -> `n main st`."""
    short = reference.mapping("street_words", "word", "short")
    spaced = pl.concat_str(pl.lit(" "), words(value).str.replace_all(" ", "  ", literal=True), pl.lit(" "))
    spaced = spaced.str.replace_many([f" {w} " for w in short], [f" {s} " for s in short.values()])
    return spaced.str.replace_all(" +", " ").str.strip_chars(" ")


def house_number(value: pl.Expr) -> pl.Expr:
    """The house number of a normalised street: the first word that begins with a digit, leading or last; else null."""
    leading = value.str.extract(r"^(\d+[a-z]?)(?: |$)", 1)
    return pl.coalesce(leading, value.str.extract(r" (\d+[a-z]?)$", 1))


def without_number(value: pl.Expr) -> pl.Expr:
    """A normalised street without numbers before or after it; null if nothing else is left."""
    rest = value.str.replace(r"^(?:\d+[a-z]? )+", "").str.replace(r"(?: \d+[a-z]?)+$", "")
    return _unless(rest, rest.str.contains(r"^\d+[a-z]?$"))


def code(value: pl.Expr) -> pl.Expr:
    """Postcodes and identifiers: letters and digits in capitals, one repeated character or blank as null."""
    plain = text(value).str.replace_all(r"[^\p{L}\p{N}]+", "").str.to_uppercase()
    return _unless(plain, plain.is_in(_same_digits()) | plain.str.to_lowercase().is_in(["", *reference.words("blank")]))


def state(value: pl.Expr) -> pl.Expr:
    """A state or province by its code where it is a known one: `New South Wales` -> `nsw`."""
    known = reference.mapping("states", "name", "code")
    return words(value).replace(known)


def country(value: pl.Expr) -> pl.Expr:
    """ISO 3166 code of a country, by English or native name; null for one that is not known."""
    known = reference.mapping("countries", "name", "code")
    return text(value).replace_strict(known, default=None, return_dtype=pl.String)


def email(value: pl.Expr) -> pl.Expr:
    """An address as HubSpot compares it (P2-28): trimmed and lower-cased, nothing else; null unless it is `a@b.c`."""
    plain = value.str.normalize("NFKC").str.to_lowercase().str.strip_chars().str.strip_prefix("mailto:")
    plain = plain.str.strip_chars(" .<>\t\r\n")
    return _unless(plain, ~plain.str.contains(r"^[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+$"))


def email_canonical(value: pl.Expr) -> pl.Expr:
    """The mailbox behind an address: without `+tag`; without dots at Gmail, which ignores them. Never for syncing."""
    return mailbox(email(value))


def mailbox(plain: pl.Expr) -> pl.Expr:
    """`email_canonical` of addresses that are normalised already."""
    local = plain.str.extract(r"^([^@]+)@", 1).str.replace(r"^([^+]+)\+.*$", "${1}")
    host = plain.str.extract(r"@(.+)$", 1).replace({"googlemail.com": "gmail.com"})
    local = pl.when(host == "gmail.com").then(local.str.replace_all(".", "", literal=True)).otherwise(local)
    return pl.when(local != "").then(pl.concat_str(local, pl.lit("@"), host)).otherwise(plain)


def host(value: pl.Expr) -> pl.Expr:
    """Host of a web address, a bare domain or an e-mail address: `https://www.Acme.co.uk/x` -> `acme.co.uk`."""
    plain = value.str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    plain = plain.str.replace(r"^[a-z][a-z0-9+.-]*:/*", "").str.replace(r"[/?#].*$", "")
    plain = (
        plain.str.replace(r"^.*@", "")
        .str.replace(r":\d*$", "")
        .str.strip_chars(". ")
        .str.replace(r"^(?:www\d?\.)+", "")
    )
    return _unless(plain, ~plain.str.contains(r"^[^\s.@/:]+(?:\.[^\s.@/:]+)+$"))


def gender(value: pl.Expr) -> pl.Expr:
    """`m`, `f`, or the first word as written."""
    plain = words(value)
    return plain.replace(
        {"male": "m", "man": "m", "mann": "m", "h": "m", "female": "f", "woman": "f", "frau": "f", "w": "f"}
    )


def _unless(value: pl.Expr, condition: pl.Expr) -> pl.Expr:
    return pl.when(~condition).then(value)


def _any(items: tuple[str, ...]) -> str:
    return "|".join(re.escape(item) for item in sorted(items, key=lambda item: (-len(item), item)))


def _same_digits() -> list[str]:
    return [c * n for c in "0123456789X" for n in range(3, 16)]
