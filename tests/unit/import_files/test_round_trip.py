"""What is written is what is read back, by readers that nobody here wrote: csv, polars, DuckDB, json."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.import_files.deltas import bodies_of, row, rows_of, written

AWKWARD = [
    'say "hi"',
    '"',
    '""',
    "a,b",
    "a;b\tc",
    "line\nline",
    "line\r\nline",
    "\r",
    "\n",
    " space ",
    "\x00",
    "nul\x00nul",
    "007",
    "+4712345678",
    "=cmd|'/C calc'!A0",
    "-1+1",
    "@SUM(A1)",
    "🙂👩‍👩‍👧",
    "שלום עולם",
    "\u202eabc",
    "\ufeffbom",
    "\u2028",
    "null",
    "NULL",
    "NaN",
    "#n/a",
    "N/A",
    "true",
    "1e5",
    "\\",
    "\\n",
    "'",
    "x" * 65_536,
    "é" * 32_000,
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(AWKWARD)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHORT = TEXT.filter(lambda t: len(t) <= 32_000 and t != "#N/A")


@QUICK
@given(st.lists(st.tuples(st.none() | TEXT, st.none() | TEXT), min_size=1, max_size=6))
def test_hubspot_csv(values: list[tuple[str | None, str | None]]) -> None:
    """Three readers agree with the delta; what has no value is an empty cell."""
    rows = [
        row("hubspot", "contact", "update", {"city": a, "notes__c": b}, record_id=f"{n:03}")
        for n, (a, b) in enumerate(values)
    ]
    expected = {f"{n:03}": (a or "", b or "") for n, (a, b) in enumerate(values) if a or b}
    with TemporaryDirectory() as place:
        folder = Path(place) / "n"
        manifest = written(folder, rows)
        path = folder / "hubspot-contacts-update.csv"
        if not expected:
            assert not path.exists()
            return
        [entry] = [f for f in manifest.files if f.file == path.name]
        assert entry.rows == len(expected)
        names = [h for h in ("City", "notes__c") if h in rows_of(path)[0]]
        wide = {
            i: tuple(v for n, v in zip(("City", "notes__c"), pair, strict=True) if n in names)
            for i, pair in expected.items()
        }
        assert {r["Record ID"]: tuple(r[n] for n in names) for r in rows_of(path)} == wide
        assert by_polars(path, names) == wide
        assert by_duckdb(path, names) == wide


@QUICK
@given(st.lists(SHORT, min_size=1, max_size=6), st.sampled_from(["LF", "CRLF"]))
def test_salesforce_csv(values: list[str], ending: str) -> None:
    ids = [f"00Q{n:012d}EAA" for n in range(len(values))]
    rows = [row("salesforce", "lead", "update", {"Text__c": v}, record_id=i) for i, v in zip(ids, values, strict=True)]
    with TemporaryDirectory() as place:
        folder = Path(place) / "n"
        written(folder, salesforce=rows, settings=f"imports: {{salesforce: {{line_ending: {ending}}}}}\n")
        path = folder / "salesforce-lead-update.csv"
        expected = dict(zip(ids, ((v,) for v in values), strict=True))
        with path.open(newline="", encoding="utf-8") as file:
            read = list(csv.DictReader(file))
        assert {r["Id"]: (r["Text__c"],) for r in read} == expected
        assert by_duckdb(path, ["Text__c"], key="Id") == expected
        assert path.read_bytes().endswith(b'"\r\n' if ending == "CRLF" else b'"\n')
        if ending == "LF":
            assert by_polars(path, ["Text__c"], key="Id") == expected


@QUICK
@given(st.lists(TEXT, min_size=1, max_size=6))
def test_bodies(values: list[str]) -> None:
    """Batch bodies hold the values as JSON reads them."""
    rows = [
        row("hubspot", "company", "create", {"name": v}, key="no domain", link=f"{n:03}") for n, v in enumerate(values)
    ]
    with TemporaryDirectory() as place:
        folder = Path(place) / "n"
        written(folder, rows)
        inputs = bodies_of(folder / "create-hubspot-companies.jsonl")
        assert {i["objectWriteTraceId"]: i["properties"]["name"] for i in inputs} == {
            f"{n:03}": v for n, v in enumerate(values)
        }


def test_every_awkward_text(tmp_path: Path) -> None:
    rows = [row("hubspot", "contact", "update", {"city": v}, record_id=f"{n:03}") for n, v in enumerate(AWKWARD)]
    written(tmp_path / "n", rows)
    found = rows_of(tmp_path / "n" / "hubspot-contacts-update.csv")
    assert [r["City"] for r in found] == AWKWARD


def test_json_companions_are_plain_json(tmp_path: Path) -> None:
    written(tmp_path / "n", [row("hubspot", "contact", "update", {"city": "Ø"}, record_id="1")])
    for path in (tmp_path / "n").rglob("*.json"):
        assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict)


def by_polars(path: Path, names: list[str], key: str = "Record ID") -> dict[str, tuple[str, ...]]:
    frame = pl.read_csv(path, infer_schema=False)
    return {r[key]: tuple(r[n] or "" for n in names) for r in frame.iter_rows(named=True)}


def by_duckdb(path: Path, names: list[str], key: str = "Record ID") -> dict[str, tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file))
    with duckdb.connect() as con:
        relation = con.read_csv(
            str(path),
            header=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            columns=dict.fromkeys(header, "VARCHAR"),
            auto_detect=False,
            max_line_size=10_000_000,
            null_padding=False,
        )
        found = relation.to_arrow_table().to_pylist()
    return {r[key]: tuple(r[n] or "" for n in names) for r in found}
