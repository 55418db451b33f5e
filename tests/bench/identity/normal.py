"""`python -m tests.bench.identity.normal [ROWS]`: rows per processor second of every normalisation, and of all keys of a record.

Values of generated people, most of them different, so that what is computed once per distinct value gains little.
"""

import argparse
import json
import resource
from collections.abc import Callable, Iterator

import polars as pl

from assets.identity import dates, distinct, normalise, record
from tests.bench.identity.scale import generate

ROWS = 200_000


def measured(rows: int = ROWS) -> Iterator[dict[str, object]]:
    """One row a function: its name and how many rows it does in a second of one processor."""
    people = generate(rows)
    texts = people.select(
        name=pl.concat_str(pl.lit("Dr. "), "last_name", pl.lit("-"), "phone", ignore_nulls=True),
        company=pl.concat_str(pl.lit("The "), "company", pl.lit(" "), "record", pl.lit(" Co., Ltd."), ignore_nulls=True),
        street="street", code="phone", email="email", phone="phone",
        site=pl.concat_str(pl.lit("https://www."), "record", pl.lit(".co.uk/contact")),
        born=pl.concat_str(pl.int_range(pl.len()) % 28 + 1, pl.lit("/0"), pl.int_range(pl.len()) % 9 + 1, pl.lit("/1971")),
    )  # fmt: skip
    for name, column, function in _EXPRESSIONS:
        yield _timed(name, rows, lambda column=column, function=function: texts.select(function(pl.col(column))))
    nowhere = pl.Series([None] * rows, dtype=pl.String)
    hosts = texts.select(normalise.host(pl.col("site"))).to_series()
    yield _timed("phone", rows, lambda: distinct.phone(texts["phone"], nowhere))
    local = texts["phone"].str.replace("+1", "", literal=True)
    yield _timed("phone, of a country", rows, lambda: distinct.phone(local, pl.Series(["US"] * rows)))
    yield _timed("domain", rows, lambda: distinct.domain(hosts))
    yield _timed("all keys of a record", rows, lambda: record.keys(people.drop("truth")))


def table(results: list[dict[str, object]]) -> str:
    """The results as a Markdown table."""
    lines = [f"| {r['function']} | {r['rows_per_second']:,} |" for r in results]
    return "\n".join(["| normalisation | rows a second |", "|---|---|", *lines])


def _timed(name: str, rows: int, function: Callable[[], object]) -> dict[str, object]:
    before = _processor()
    function()
    return {"function": name, "rows_per_second": int(rows / max(_processor() - before, 1e-6))}


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


_EXPRESSIONS: tuple[tuple[str, str, Callable[[pl.Expr], pl.Expr]], ...] = (
    ("text", "name", normalise.text),
    ("words", "name", normalise.words),
    ("name", "name", normalise.name),
    ("fold", "name", normalise.fold),
    ("sound", "name", normalise.sound),
    ("company", "company", normalise.company),
    ("street", "street", normalise.street),
    ("house number", "street", normalise.house_number),
    ("street without number", "street", normalise.without_number),
    ("code (postcode, identifier)", "code", normalise.code),
    ("state", "street", normalise.state),
    ("country", "street", normalise.country),
    ("e-mail", "email", normalise.email),
    ("mailbox", "email", normalise.email_canonical),
    ("host", "site", normalise.host),
    ("gender", "name", normalise.gender),
    ("birth date", "born", dates.birth),
)


def main() -> None:
    """One JSON line a function."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=ROWS)
    for told in measured(parser.parse_args().rows):
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
