"""A segment of 20 conditions with an association branch over many contacts, beside scanning the columns it touches.

    python -m tests.bench.segments [--contacts 1000000] [--rounds 3]

Prints one JSON line a figure, with its floor measured in the same run: reading every cell of the same columns from the same
Parquet files, with no rule applied. Rounds alternate, and the best of each counts.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from sqlglot import exp

from assets.segments.catalog import Catalog, Link, ObjectTable, make_property
from assets.segments.compile import Compiled, compile_segment
from assets.segments.moment import moment_of
from schemas.segment_parse import parse_branch

COLUMNS = {
    "hs_object_id": ("VARCHAR", None), "email": ("VARCHAR", "string"), "firstname": ("VARCHAR", "string"),
    "jobtitle": ("VARCHAR", "string"), "country": ("VARCHAR", "string"), "stage": ("VARCHAR", "enumeration"),
    "hobby": ("VARCHAR", "enumeration"), "score": ("DOUBLE", "number"), "visits": ("DOUBLE", "number"),
    "optin": ("BOOLEAN", "bool"), "birthday": ("DATE", "date"), "createdate": ("TIMESTAMP WITH TIME ZONE", "datetime"),
    "lastmodifieddate": ("TIMESTAMP WITH TIME ZONE", "datetime"),
}  # fmt: skip
CONTACTS = """
SELECT
    (1000000 + i)::VARCHAR AS hs_object_id,
    'person.' || i || '@' || (['acme', 'straße', 'nordwind', 'example'])[1 + i % 4] || '.example' AS email,
    CASE WHEN i % 11 <> 0 THEN (['Åse', 'Ann', 'Bo', 'Ødegård', 'İrem', 'Lee'])[1 + i % 6] || (i % 900) END AS firstname,
    CASE WHEN i % 7 <> 0 THEN (['VP of Sales', 'Sales Manager', 'Developer', 'CEO', 'Student'])[1 + i % 5] END AS jobtitle,
    (['Norway', 'Sweden', 'Denmark', 'Germany', NULL])[1 + i % 5] AS country,
    (['lead', 'customer', 'subscriber', 'opportunity'])[1 + i % 4] AS stage,
    (['a;b', 'b', 'a;b;c', NULL, 'c'])[1 + i % 5] AS hobby,
    CASE WHEN i % 13 <> 0 THEN (i * 7919 % 100)::DOUBLE END AS score,
    (i * 31 % 500)::DOUBLE AS visits,
    i % 3 = 0 AS optin,
    DATE '1960-01-01' + (i % 20000)::INTEGER AS birthday,
    TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_seconds(i * 97 % 90000000) AS createdate,
    TIMESTAMPTZ '2026-11-20 00:00:00+00' - to_seconds(i * 61 % 9000000) AS lastmodifieddate,
    'upsert' AS op
FROM range(?) AS numbers(i)
"""
COMPANIES = """
SELECT (9000 + i)::VARCHAR AS hs_object_id, (['SOFTWARE', 'BANKING', 'RETAIL'])[1 + i % 3] AS industry, 'upsert' AS op
FROM range(?) AS numbers(i)
"""
PAIRS = """
SELECT (1000000 + i)::VARCHAR AS contact_id, (9000 + i % ?)::VARCHAR AS company_id, i % 2 = 0 AS "primary", 'upsert' AS op
FROM range(?) AS numbers(i)
"""


def asked(name: str, kind: str, operator: str, **payload: object) -> dict:
    operation = {"operationType": kind, "operator": operator, "includeObjectsWithNoValueSet": False, **payload}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}


def definition() -> dict:
    """Twenty conditions: most accept most records, so that hardly any is skipped."""
    flag = {"includeObjectsWithNoValueSet": True}
    filters = [
        asked("email", "ALL_PROPERTY", "IS_KNOWN"),
        asked("email", "MULTISTRING", "DOES_NOT_CONTAIN", values=["spam", "test@"]),
        asked("email", "STRING", "ENDS_WITH", value=".EXAMPLE"),
        asked("firstname", "MULTISTRING", "IS_NOT_EQUAL_TO", values=["nobody", "åse7"], **flag),
        asked("jobtitle", "MULTISTRING", "DOES_NOT_CONTAIN", values=["student"], **flag),
        asked("jobtitle", "MULTISTRING", "DOES_NOT_CONTAIN_EXACTLY", values=["intern"], **flag),
        asked("country", "MULTISTRING", "IS_NOT_EQUAL_TO", values=["Germany"], **flag),
        asked("stage", "ENUMERATION", "IS_ANY_OF", values=["lead", "customer", "subscriber"]),
        asked("stage", "ENUMERATION", "IS_NONE_OF", values=["evangelist"], **flag),
        asked("hobby", "ENUMERATION", "IS_NOT_EXACTLY", values=["c"], **flag),
        asked("hobby", "ENUMERATION", "DOES_NOT_CONTAIN_ALL", values=["a", "c"], **flag),
        asked("score", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=5, **flag),
        asked("visits", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=1, upperBound=490),
        asked("visits", "NUMBER", "IS_NOT_EQUAL_TO", value=77),
        asked("optin", "BOOL", "IS_EQUAL_TO", value=False),
        asked("birthday", "DATE", "IS_BEFORE", year=2010, month="JANUARY", day=1),
        asked("birthday", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit="YEAR"),
        asked("createdate", "ROLLING_DATE_RANGE", "IS_MORE_THAN_X_DAYS_AGO", numberOfDays=1),
        asked("createdate", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", timeUnit="YEAR", timeUnitCount=3),
        asked("lastmodifieddate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=120),
    ]
    never = filters.pop(16)  # accepts nobody: asked negatively, so that it is evaluated and skips nothing
    branches = [
        {"filterBranchType": "NOT_ANY", "filterBranches": [], "filters": [never]},
        {
            "filterBranchType": "ASSOCIATION", "filterBranchOperator": "AND", "objectTypeId": "0-2", "operator": "IN_LIST",
            "associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED", "filterBranches": [],
            "filters": [asked("industry", "ENUMERATION", "IS_ANY_OF", values=["SOFTWARE", "BANKING"])],
        },
    ]  # fmt: skip
    return {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": branches, "filters": filters}


def catalog() -> Catalog:
    """The relations of the bench."""
    contact = {n: p for n, (kind, said) in COLUMNS.items() if (p := make_property(n, kind, said))}
    company = {
        n: p for n in ("hs_object_id", "industry") if (p := make_property(n, "VARCHAR", "enumeration", "select"))
    }
    link = Link("contact", "company", "staged__hubspot__contact_company", "contact_id", "company_id", "primary")
    objects = {
        "contact": ObjectTable("contact", "staged__hubspot__contact", contact),
        "company": ObjectTable("company", "staged__hubspot__company", company),
    }
    return Catalog(objects, (link,))


def touched(compiled: Compiled) -> dict[str, list[str]]:
    """Columns that a statement touches, by relation."""
    aliases = {table.alias_or_name: table.name for table in compiled.statement.find_all(exp.Table)}
    found: dict[str, set[str]] = {}
    for column in compiled.statement.find_all(exp.Column):
        if column.table in aliases:
            found.setdefault(aliases[column.table], set()).add(column.name)
    return {relation: sorted(columns) for relation, columns in found.items()}


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(config={"memory_limit": "1500MB", "temp_directory": folder, "threads": 2})
        con.execute("SET TimeZone = 'UTC'")
        firms = max(10, options.contacts // 20)
        for name, query, values in (
            ("contact", CONTACTS, [options.contacts]),
            ("company", COMPANIES, [firms]),
            ("contact_company", PAIRS, [firms, options.contacts]),
        ):
            path = Path(folder) / f"{name}.parquet"
            con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)", values)
            con.execute(f"CREATE VIEW staged__hubspot__{name} AS FROM read_parquet('{path}')")
        begin = time.perf_counter()
        compiled = compile_segment(
            parse_branch(definition()), "contact", catalog(), moment_of("2026-11-20", "Europe/Oslo")
        )
        sql = compiled.sql()
        compiling = time.perf_counter() - begin
        # hash() of a column reads every cell of it and does nothing else worth naming.
        scans = [
            exp.select(*(f'bit_xor(hash("{column}"))' for column in columns)).from_(relation).sql("duckdb")
            for relation, columns in touched(compiled).items()
        ]
        members = len(con.execute(sql).fetchall())
        best = {"segment": float("inf"), "scan": float("inf")}
        for _ in range(options.rounds):
            best["scan"] = min(best["scan"], timed(lambda: [con.execute(scan).fetchall() for scan in scans]))
            best["segment"] = min(
                best["segment"], timed(lambda: con.execute(f"SELECT count(*) FROM ({sql})").fetchall())
            )
        print(
            json.dumps(
                {
                    "bench": "segments", "contacts": options.contacts, "conditions": 20, "association_branches": 1,
                    "members": members, "compile_s": round(compiling, 4), "segment_s": round(best["segment"], 3),
                    "scan_s": round(best["scan"], 3), "ratio": round(best["segment"] / best["scan"], 2),
                }
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()
