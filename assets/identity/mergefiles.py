"""Merge files: what `out/duplicate/*` suggests as the requests that each CRM's merge call takes.

HubSpot merges two records a call (`POST /crm/v3/objects/<object>/merge`): one body a line. Salesforce merges up to two records
into one a request, and 200 requests a call of its SOAP `merge()`: one XML document a call. Neither can be undone, so every
value that a merge would lose is listed beside them. Nothing here sends anything.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import polars as pl

MERGED_AT_ONCE = 2  # records that one Salesforce request merges into a third
REQUESTS = 200  # of one call of merge()
OBJECTS = {"contact": "contacts", "company": "companies"}
NOTES = {
    ("hubspot", "contact"): "a merge may answer with another id: use it as primaryObjectId for the rest of its group",
    ("hubspot", "company"): "HubSpot merges no companies while the Salesforce integration is on",
    ("salesforce", "lead"): "put your session id in place of SESSION_ID; the record that is kept is the one that syncs",
    (
        "salesforce",
        "contact",
    ): "put your session id in place of SESSION_ID; the record that is kept is the one that syncs",
    ("salesforce", "account"): "put your session id in place of SESSION_ID",
}
LOST = "lost.csv"
_HEADER = ("system", "object", "survivor_id", "duplicate_id", "tier", "confidence", "reason", "field", "value")
_PARTNER, _OBJECT = "urn:partner.soap.sforce.com", "urn:sobject.partner.soap.sforce.com"
_Item = TypeVar("_Item")


def files(rows: pl.DataFrame, night: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file, `manifest.json` last.

    `rows` are those of `out/duplicate/*` with `system`, in any order. The survivor of a group comes first in every request,
    and the requests of a group follow each other.
    """
    ordered = rows.sort("system", "object", "group_id", "duplicate_id")
    entries: list[dict[str, Any]] = []
    for (system, kind), part in ordered.group_by("system", "object", maintain_order=True):
        found = _hubspot(str(kind), part) if system == "hubspot" else _salesforce(str(kind), part)
        for name, data, merged in found:
            yield name, data
            entries.append(_entry(name, data, merged, str(system), str(kind), len(entries) + 1))
    data = _lost(ordered)
    yield LOST, data
    listed = {
        "file": LOST,
        "rows": sum(map(len, ordered["lost"])),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    manifest = {"night": night, "files": entries, "beside": [listed]}
    yield "manifest.json", (json.dumps(manifest, indent=1) + "\n").encode()


def write(rows: pl.DataFrame, night: str, folder: Path) -> list[Path]:
    """Write the files into a new or empty folder, private. Raises FileExistsError for one that holds files."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FileExistsError(str(folder))
    written = []
    for name, data in files(rows, night):
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(data)
        written.append(path)
    return written


def _hubspot(kind: str, rows: pl.DataFrame) -> Iterator[tuple[str, bytes, int]]:
    bodies = [
        json.dumps({"primaryObjectId": kept, "objectIdToMerge": merged}) + "\n"
        for kept, merged in rows.select("survivor_id", "duplicate_id").rows()
    ]
    yield f"hubspot-merge-{OBJECTS[kind]}.jsonl", "".join(bodies).encode(), len(bodies)


def _salesforce(kind: str, rows: pl.DataFrame) -> Iterator[tuple[str, bytes, int]]:
    requests = []
    for (kept,), part in rows.group_by("survivor_id", maintain_order=True):
        requests += [(str(kept), some) for some in _slices(part["duplicate_id"].to_list(), MERGED_AT_ONCE)]
    for number, some in enumerate(_slices(requests, REQUESTS), start=1):
        merged = sum(len(duplicates) for _, duplicates in some)
        yield f"salesforce-merge-{kind}-{number:03}.xml", _envelope(kind.capitalize(), some), merged


def _envelope(kind: str, requests: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{_PARTNER}" xmlns:o="{_OBJECT}">',
        " <e:Header><SessionHeader><sessionId>SESSION_ID</sessionId></SessionHeader></e:Header>",
        " <e:Body><merge>",
    ]
    for kept, duplicates in requests:
        merged = "".join(f"<recordToMergeIds>{escape(record)}</recordToMergeIds>" for record in duplicates)
        master = f"<masterRecord><o:type>{kind}</o:type><o:Id>{escape(kept)}</o:Id></masterRecord>"
        lines.append(f"  <request>{master}{merged}</request>")
    return "\n".join([*lines, " </merge></e:Body>", "</e:Envelope>", ""]).encode()


def _lost(rows: pl.DataFrame) -> bytes:
    """One line a value of a merged record that the kept one has otherwise."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    long = rows.explode("lost").unnest("lost").with_columns(pl.col("confidence").round(6).cast(pl.String))
    writer.writerows(long.select(_HEADER).fill_null("").rows())
    return text.getvalue().encode()


def _entry(name: str, data: bytes, merged: int, system: str, kind: str, order: int) -> dict[str, Any]:
    return {
        "file": name, "target": system, "object": kind, "operation": "merge", "rows": merged, "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), "via": "api", "order": order, "note": NOTES[system, kind],
    }  # fmt: skip


def _slices(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
