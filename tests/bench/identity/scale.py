"""`python -m tests.bench.identity.scale ROWS`: generated people with planted truth, Crosswalk and plain Splink in one run.

About a third of the people have two to four records. 0.5 % of the addresses are role inboxes, a quarter of the people share
surname, address and phone with another one, people of a company share its domain, and a person has up to three addresses.

The people are written to a Parquet file once; each tool reads it in a process of its own. One JSON line a tool: processor
seconds (from reading the file to clusters), seconds on the clock, peak resident megabytes, quality against the truth.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.bench.identity.peers import Found, quality, splink_on

TOOLS = ("crosswalk", "splink")
MODULE = "tests.bench.identity.scale"


def generate(rows: int) -> pl.DataFrame:
    """`rows` records as texts, with the person in `truth`; the same for every call."""
    people = pl.DataFrame({"person": pl.int_range(int(rows / 1.55), eager=True)})
    people = people.with_columns(copies=pl.when(_draw("copies", 100) < 67).then(1).otherwise(2 + _draw("more", 3)))
    spread = people.with_columns(copy=pl.int_ranges(0, pl.col("copies"))).explode("copy").head(rows)
    home = pl.when(_draw("family", 100) < 25).then(pl.col("person") // 2 * 2).otherwise("person")
    spread = spread.with_columns(home=home, firm=_draw("firm", max(rows // 20, 1)))
    seed = pl.concat_str(pl.col("person"), pl.lit("/"), pl.col("copy"))
    chance = [seed.hash(number) % 100 for number in range(8)]
    first = pl.concat_str(_name("first", 3000, "person"), pl.lit(""))
    last = _name("last", 20000, "home")
    mail = pl.concat_str(first, pl.lit("."), last, _draw("tail", 10_000).cast(pl.String), pl.lit("@mail"))
    role = pl.concat_str(pl.lit("info@firm"), pl.col("firm"), pl.lit(".com"))
    given = pl.when(chance[0] < 6).then(first.str.slice(0, 1)).when(chance[0] < 11).then(None)
    given = given.otherwise(_slip(first, chance[1]))
    phone = pl.concat_str(pl.lit("+1415"), pl.col("home").hash(3) % 9_000_000 + 1_000_000)
    return spread.select(
        record=pl.concat_str(pl.lit("r"), pl.col("person"), pl.lit("-"), pl.col("copy")),
        first_name=given,
        last_name=_slip(last, chance[2]),
        email=pl.when(_draw("role", 1000) < 5).then(role)
        .when(chance[3] < 20).then(None)
        .otherwise(pl.concat_str(mail, (seed.hash(9) % 3).cast(pl.String), pl.lit(".com"))),
        phone=pl.when(chance[4] < 30).then(None).otherwise(phone),
        street=pl.concat_str((pl.col("home").hash(4) % 900 + 1), pl.lit(" "), _name("street", 8000, "home"), pl.lit(" street")),
        city=_name("city", 2000, "home"),
        postcode=pl.when(chance[5] < 15).then(None).otherwise((pl.col("home").hash(5) % 90_000 + 10_000).cast(pl.String)),
        company=pl.when(chance[6] < 40).then(None).otherwise(pl.concat_str(pl.lit("firm "), pl.col("firm"))),
        truth=pl.col("person").cast(pl.String),
    )  # fmt: skip


def main() -> None:
    """One size, one JSON line a tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("--tools", nargs="*", default=list(TOOLS), choices=TOOLS)
    parser.add_argument("--one", type=Path, help="run the tool on this file, in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.tools[0], options.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.parquet"
        generate(options.rows).write_parquet(file)
        for tool in options.tools:
            command = [sys.executable, "-m", MODULE, str(options.rows), "--tools", tool, "--one", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            print(done.stdout.splitlines()[-1], flush=True)


def one(tool: str, file: Path) -> dict[str, object]:
    """One tool on a file: quality, seconds without imports, peak memory of the process."""
    if tool == "crosswalk":
        import assets.identity.matchfile  # noqa: F401  (imports are not measured)
    else:
        import splink  # noqa: F401
    started, before = time.perf_counter(), processor()
    judge = _crosswalk(file) if tool == "crosswalk" else _splink(file)
    told = {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(processor() - before, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    return {"tool": tool, **judge(), **told}


def processor() -> float:
    """Processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _crosswalk(file: Path) -> Callable[[], dict[str, object]]:
    """Match the file as `crosswalk match` does."""
    from assets.identity import matchfile
    from assets.shared.lake import Lake

    people = matchfile.read(file)
    with tempfile.TemporaryDirectory() as folder, Lake(Path(folder)).connect() as session:
        outcome = matchfile.run(session, people.drop("truth"), {})
        linked = session.sql(
            "SELECT x.record::BIGINT - 1 AS a, y.record::BIGINT - 1 AS b "
            "FROM edge INNER JOIN base AS x ON edge.a = x.r INNER JOIN base AS y ON edge.b = y.r"
        ).pl()
    clusters = outcome.rows.select("cluster").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    return lambda: quality(Found(linked, clusters, "as shipped"), people)


def _splink(file: Path) -> Callable[[], dict[str, object]]:
    """Train, predict and cluster with Splink 5: the comparisons of its library, blocking as for contacts of a CRM."""
    import duckdb

    con = duckdb.connect()
    con.execute(
        "CREATE VIEW person AS SELECT file_row_number AS unique_id, * EXCLUDE (record, truth, file_row_number) "
        f"FROM read_parquet('{file}', file_row_number = true)"
    )
    found = splink_on("people", "person", con)
    return lambda: quality(found, pl.read_parquet(file, columns=["truth"]))


def _draw(salt: str, sides: int) -> pl.Expr:
    number = sum(ord(c) * (i + 1) for i, c in enumerate(salt))
    return (pl.col("person").hash(number) % sides).cast(pl.Int64)


def _name(salt: str, kinds: int, of: str) -> pl.Expr:
    """A pronounceable word, common ones more often: the square of an even draw."""
    number = sum(ord(c) * (i + 1) for i, c in enumerate(salt))
    even = (pl.col(of).hash(number) % 1_000_000).cast(pl.Float64) / 1_000_000
    index = (even * even * kinds).cast(pl.Int64) * 2_654_435_761 % 1_000_000_007
    parts = ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"]
    syllables = [(index // 16**n % 16).replace_strict(list(range(16)), parts, return_dtype=pl.String) for n in range(4)]
    return pl.concat_str(syllables)


def _slip(value: pl.Expr, chance: pl.Expr) -> pl.Expr:
    """A typing error in one value of twelve: the third letter doubled or the last one lost."""
    doubled = pl.concat_str(value.str.slice(0, 3), value.str.slice(2))
    return (
        pl.when(chance < 4)
        .then(doubled)
        .when(chance < 8)
        .then(value.str.slice(0, value.str.len_chars() - 1))
        .otherwise(value)
    )


if __name__ == "__main__":
    main()
