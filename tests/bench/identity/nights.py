"""`python -m tests.bench.identity.nights ROWS`: a first night of so many contacts, then one that changes a hundredth of them.

One JSON line a night: processor seconds to compute and to write the tables, records compared and clustered anew, bytes written,
peak memory so far.
"""

import argparse
import json
import resource
import tempfile
from pathlib import Path

import polars as pl

from assets.identity import overrides, sources, tables
from assets.shared.lake import Lake
from tests.bench.identity.scale import generate, processor

CONTACT = "staged/hubspot/contact"
TYPES = {"VARCHAR": pl.String, "TIMESTAMPTZ": pl.Datetime("us", "UTC"), "BOOLEAN": pl.Boolean}
NIGHTS = ("2026-01-01", "2026-01-02")


def contacts(people: pl.DataFrame) -> pl.DataFrame:
    """Generated people as the state of HubSpot contacts."""
    given = people.select(
        hs_object_id=pl.int_range(1, pl.len() + 1).cast(pl.String), op=pl.lit("upsert"), email="email", firstname="first_name",
        lastname="last_name", phone="phone", address="street", city="city", zip="postcode", company="company",
    )  # fmt: skip
    columns = sources.COLUMNS[CONTACT]
    missing = [pl.lit(None, TYPES[kind]).alias(name) for name, kind in columns.items() if name not in given.columns]
    return given.with_columns(missing).select(list(columns))


def main() -> None:
    """Two nights of one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    rows = contacts(generate(parser.parse_args().rows))
    number = pl.col("hs_object_id").cast(pl.Int64)
    moved = {"phone": pl.concat_str(pl.lit("+47"), number + 20_000_000), "city": pl.lit("elsewhere")}
    changed = rows.gather_every(100).with_columns(**moved)
    nobody = overrides.parse([], "none")
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        lake.prepare()
        for night, versions in zip(NIGHTS, (rows, changed), strict=True):
            lake.write(CONTACT, night, versions.to_arrow())
            started = processor()
            built = tables.build(lake, night, night, nobody)
            computed = processor()
            for key, table in built.tables.items():
                lake.write(key, night, table.to_reader())
            written = sum(file.stat().st_size for file in lake.root.rglob(f"night={night}/*.parquet"))
            weights = pl.DataFrame(built.tables[tables.WEIGHT]).filter(pl.col("entity") == "person").row(0, named=True)
            told = {
                "night": night, "records": weights["present"], "compared anew": weights["rescored"],
                "clustered anew": built.metadata[tables.WEIGHT]["person records clustered tonight"],
                "processor seconds": round(computed - started, 1), "to write": round(processor() - computed, 1),
                "megabytes written": round(written / 1e6, 1),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }  # fmt: skip
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
