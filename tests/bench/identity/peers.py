"""What Crosswalk is compared with: Splink as its own demonstrations set it up, and equality of e-mail or identifier.

Each function takes a data set's name and frame and returns pairs (row numbers) and a cluster for every row.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Found:
    """`pairs` (a, b) as linked, `clusters` (row, cluster) of all rows, and what was done in words."""

    pairs: pl.DataFrame
    clusters: pl.DataFrame
    how: str


def equality(name: str, frame: pl.DataFrame) -> Found:
    """Rows with the same e-mail, or where the set has none the same identifier, or the same name and birth date."""
    key = next(([c] for c in ("email", "soc_sec_id") if c in frame.columns), None)
    key = key or [
        c for c in ("first_name", "last_name", "date_of_birth", "street_name", "zipcode") if c in frame.columns
    ]
    rows = frame.with_row_index("row").select(
        pl.col("row").cast(pl.Int64), pl.concat_str(key, separator="|").alias("key")
    )
    rows = rows.with_columns(pl.coalesce("key", pl.col("row").cast(pl.String)).alias("cluster"))
    pairs = rows.drop_nulls("key").join(rows.drop_nulls("key"), on="key").filter(pl.col("row") < pl.col("row_right"))
    return Found(pairs.select(a="row", b="row_right"), rows.select("row", "cluster"), "equal " + ", ".join(key))


def splink(name: str, frame: pl.DataFrame) -> Found:
    """Splink 5 on the rows of a frame."""
    import duckdb

    table = (
        frame.drop("truth", "unique_id", strict=False)
        .with_row_index("unique_id")
        .with_columns(pl.col("unique_id").cast(pl.Int64))
    )
    if "date_of_birth" in table.columns:
        us = pl.col("date_of_birth").str.replace(r"^(\d\d)/(\d\d)/(\d{4})$", "${3}${1}${2}")
        table = table.with_columns(us.alias("date_of_birth"))
    con = duckdb.connect()
    con.register("person", table.to_arrow())
    return splink_on(name, "person", con)


def splink_on(name: str, relation: str, con: "duckdb.DuckDBPyConnection") -> Found:
    """Splink 5 on a relation with `unique_id`: pairs at probability 0.5, clusters at 0.95."""
    from splink import DuckDBAPI, Linker, block_on

    model = _model(name)
    db = DuckDBAPI(connection=con)
    linker = Linker(db.register(relation), model["settings"], log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(model["deterministic"], recall=model["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for columns in model["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), estimate_without_term_frequencies=True
        )
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    edges = f"SELECT unique_id_l, unique_id_r FROM {predicted.physical_name} WHERE match_probability >= 0.5"
    linked = con.sql(edges).pl()
    clusters = con.sql(f"SELECT unique_id, cluster_id FROM {clustered.physical_name}").pl()
    ends = [
        pl.min_horizontal("unique_id_l", "unique_id_r").alias("a"),
        pl.max_horizontal("unique_id_l", "unique_id_r").alias("b"),
    ]
    labels = clusters.select(row="unique_id", cluster="cluster_id")
    return Found(linked.select(ends), labels, "pairs at 0.5, clusters at 0.95")


def quality(found: Found, frame: pl.DataFrame) -> dict[str, object]:
    """Precision, recall and F1 of pairs and clusters against the column `truth`."""
    from assets.identity.matchfile import measures

    truth = frame.select("truth").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))

    def pairs(*columns: str) -> int:
        counted = found.clusters.join(truth, on="row").group_by(columns).len()["len"].cast(pl.Int64)
        return int((counted * (counted - 1) // 2).sum())

    linked = found.pairs.join(truth, left_on="a", right_on="row").join(truth, left_on="b", right_on="row", suffix="_b")
    right = linked.filter(pl.col("truth") == pl.col("truth_b")).height
    true = pairs("truth")
    largest = found.clusters.group_by("cluster").len()["len"].max()
    return {
        "pairwise": measures(right, linked.height, true),
        "cluster": measures(pairs("cluster", "truth"), pairs("cluster"), true),
        "largest_cluster": largest,
        "records": frame.height,
    }


def _model(name: str) -> dict[str, object]:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    name_of, exact, date = cl.NameComparison, cl.ExactMatch, cl.DateOfBirthComparison
    common = {"term_frequency_adjustments": True}
    deterministic: list[object]
    if name == "fake_1000":
        comparisons = [
            cl.ForenameSurnameComparison("first_name", "surname"),
            date("dob", input_is_string=True),
            exact("city").configure(**common),
            cl.EmailComparison("email"),
        ]
        rules = [["first_name"], ["surname"], ["dob"], ["email"]]
        deterministic = [
            "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
            "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
            "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
            "l.email = r.email",
        ]
        train, recall = [["dob"], ["email"], ["first_name", "surname"]], 0.7
    elif name.startswith("febrl"):
        comparisons = [
            name_of("given_name"),
            name_of("surname"),
            date("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            exact("street_number").configure(**common),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(**common),
        ]
        rules = [["soc_sec_id"], ["given_name"], ["surname"], ["date_of_birth"], ["postcode"]]
        swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
        deterministic = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), swapped]
        train, recall = [["date_of_birth"], ["postcode"]], 0.9
    elif name == "people":
        comparisons = [
            name_of("first_name"),
            name_of("last_name"),
            cl.EmailComparison("email"),
            exact("phone"),
            cl.JaroWinklerAtThresholds("street"),
            exact("city").configure(**common),
            exact("postcode"),
            exact("company"),
        ]
        rules = [
            ["email"],
            ["phone"],
            ["last_name", "company"],
            ["first_name", "last_name", "city"],
            ["last_name", "postcode"],
        ]
        deterministic = [block_on("email"), block_on("first_name", "last_name", "postcode")]
        train, recall = [["email"], ["first_name", "last_name"]], 0.7
    elif name.startswith("census_w2"):
        comparisons = [
            name_of("first_name"),
            name_of("last_name"),
            exact("middle_initial"),
            exact("street_number").configure(**common),
            cl.JaroWinklerAtThresholds("street_name"),
            exact("zipcode").configure(**common),
        ]
        rules = [
            ["first_name", "last_name"],
            ["last_name", "street_number"],
            ["first_name", "street_name"],
            ["street_number", "street_name"],
            ["first_name", "middle_initial", "zipcode"],
        ]
        deterministic = [
            block_on("first_name", "last_name", "street_number"),
            block_on("first_name", "middle_initial", "last_name", "zipcode"),
        ]
        train, recall = [["first_name", "last_name"], ["street_number", "street_name"]], 0.8
    else:
        comparisons = [
            name_of("first_name"),
            name_of("last_name"),
            cl.JaroWinklerAtThresholds("middle_name"),
            date("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            exact("sex"),
        ]
        rules = [
            ["first_name", "last_name"],
            ["date_of_birth"],
            ["last_name", "middle_name", "sex"],
            ["first_name", "middle_name", "last_name"],
        ]
        deterministic = [block_on("first_name", "last_name", "date_of_birth")]
        train, recall = [["first_name", "last_name"], ["date_of_birth"]], 0.7
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*r) for r in rules],
    )
    return {"settings": settings, "deterministic": deterministic, "train": train, "recall": recall}
