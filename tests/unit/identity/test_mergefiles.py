"""Merge files: what each CRM's merge call takes, in a fixed order, with what would be lost beside it."""

import csv
import hashlib
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from assets.identity import mergefiles

SOAP = {
    "e": "http://schemas.xmlsoap.org/soap/envelope/",
    "p": "urn:partner.soap.sforce.com",
    "o": "urn:sobject.partner.soap.sforce.com",
}


def row(system: str, kind: str, kept: str, merged: str, lost: list[tuple[str, str]] | None = None) -> dict[str, object]:
    return {
        "system": system, "object": kind, "group_id": f"person:2026-01-01:{kept}", "survivor_id": kept, "duplicate_id": merged,
        "tier": "T1", "confidence": 0.99, "reason": "same e-mail address",
        "lost": [{"field": field, "value": value} for field, value in lost or []],
    }  # fmt: skip


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    lost = pl.List(pl.Struct({"field": pl.String, "value": pl.String}))
    return pl.DataFrame(list(rows), schema_overrides={"lost": lost})


def made(rows: pl.DataFrame) -> dict[str, bytes]:
    return dict(mergefiles.files(rows, "2026-01-01"))


def test_hubspot_merges_one_record_a_line() -> None:
    found = made(frame(row("hubspot", "contact", "1", "3"), row("hubspot", "contact", "1", "2")))
    lines = [json.loads(line) for line in found["hubspot-merge-contacts.jsonl"].splitlines()]
    assert lines == [
        {"primaryObjectId": "1", "objectIdToMerge": "2"},
        {"primaryObjectId": "1", "objectIdToMerge": "3"},
    ]


def test_salesforce_merges_two_into_a_third_and_two_hundred_requests_a_call() -> None:
    three = [row("salesforce", "contact", "003A", f"003B{i}") for i in range(3)]
    pairs = [row("salesforce", "contact", f"003C{i:03}", f"003D{i:03}") for i in range(199)]
    found = made(frame(*three, *pairs))
    calls = [ET.fromstring(found[f"salesforce-merge-contact-{n:03}.xml"]) for n in (1, 2)]
    requests = [call.findall(".//p:request", SOAP) for call in calls]
    assert [len(r) for r in requests] == [200, 1]
    merged = [[e.text for e in r.findall("p:recordToMergeIds", SOAP)] for r in requests[0][:2]]
    assert merged == [["003B0", "003B1"], ["003B2"]]
    assert {r.findtext("p:masterRecord/o:Id", None, SOAP) for r in requests[0][:2]} == {"003A"}
    assert {r.findtext("p:masterRecord/o:type", None, SOAP) for call in requests for r in call} == {"Contact"}


def test_what_would_be_lost_is_listed_and_the_manifest_covers_every_file() -> None:
    rows = frame(
        row("salesforce", "lead", "00Q1", "00Q2", [("phone", "+47 1,2"), ("city", "Oslo")]),
        row("hubspot", "company", "7", "8"),
    )
    found = made(rows)
    lost = list(csv.DictReader(io.StringIO(found["lost.csv"].decode())))
    assert [(line["duplicate_id"], line["field"], line["value"]) for line in lost] == [
        ("00Q2", "phone", "+47 1,2"),
        ("00Q2", "city", "Oslo"),
    ]
    manifest = json.loads(found["manifest.json"])
    listed = {entry["file"]: entry for entry in [*manifest["files"], *manifest["beside"]]}
    assert set(listed) == set(found) - {"manifest.json"}
    for name, entry in listed.items():
        assert (entry["bytes"], entry["sha256"]) == (len(found[name]), hashlib.sha256(found[name]).hexdigest())
    assert [entry["order"] for entry in manifest["files"]] == [1, 2]
    assert "integration" in listed["hubspot-merge-companies.jsonl"]["note"]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [row("hubspot", "contact", "1", str(i), [("city", "X")]) for i in range(2, 9)]
    assert made(frame(*rows)) == made(frame(*rows[::-1]))
    written = mergefiles.write(frame(*rows), "2026-01-01", tmp_path / "merges")
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    with pytest.raises(FileExistsError):
        mergefiles.write(frame(*rows), "2026-01-01", tmp_path / "merges")


def test_nothing_to_merge_is_a_manifest_without_files() -> None:
    found = made(frame(row("hubspot", "contact", "1", "2")).head(0))
    assert json.loads(found["manifest.json"])["files"] == []
    assert set(found) == {"lost.csv", "manifest.json"}
