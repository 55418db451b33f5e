"""Reading the committed sample the plain way, with the standard library only, as a stranger to its generator would."""

import csv
import functools
import gzip
import io
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "data" / "samples"
NIGHTS = ("2026-11-18", "2026-11-19", "2026-11-20")
Row = dict[str, str]

_PROPERTIES = {"contacts": "contact", "companies": "company", "deals": "deal"}


def path_of(night: str, name: str, root: Path = SAMPLES) -> Path:
    """The file of a name such as `hubspot/contacts`, whatever its form."""
    folder = root / night / Path(name).parent
    found = [path for path in folder.iterdir() if path.name.split(".")[0] == Path(name).name and path.is_file()]
    assert len(found) == 1, (night, name, found)
    return found[0]


def content(path: Path) -> bytes:
    """What a file says, packed or not."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


@functools.cache
def rows(night: str, name: str, root: Path = SAMPLES) -> tuple[Row, ...]:
    """The rows of a file under internal or API names, as text; option cells as they are delivered."""
    path = path_of(night, name, root)
    text = content(path).decode("utf-8-sig")
    if ".jsonl" in path.name:
        objects = [json.loads(line) for line in text.splitlines()]
        assert all(each["id"] == each["properties"]["hs_object_id"] for each in objects)
        return tuple({key: value or "" for key, value in each["properties"].items()} for each in objects)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    names = labels(night, _PROPERTIES[Path(name).name], root) if Path(name).name in _PROPERTIES else {}
    keys = [names.get(cell, cell) for cell in header]
    assert len(set(keys)) == len(keys)
    return tuple(dict(zip(keys, cells, strict=True)) for cells in reader)


def document(night: str, name: str, root: Path = SAMPLES) -> Any:
    """A JSON file, without the API's wrapping."""
    found = json.loads((root / night / name).read_text(encoding="utf-8"))
    return next(iter(found.values())) if isinstance(found, dict) and len(found) == 1 else found


@functools.cache
def labels(night: str, kind: str, root: Path = SAMPLES) -> dict[str, str]:
    """Labels of a HubSpot object's properties to internal names."""
    return {each["label"]: each["name"] for each in document(night, f"hubspot/properties/{kind}.json", root)}


@functools.cache
def planted(night: str) -> dict[str, Any]:
    """The account of what was put into a night on purpose."""
    found: dict[str, Any] = json.loads((SAMPLES / night / "planted.json").read_text(encoding="utf-8"))
    return found


def ids_of(night: str, families: tuple[str, ...] | str, crm: str, part: str = "families") -> list[str]:
    """The ids of the records of families on a night."""
    wanted = (families,) if isinstance(families, str) else families
    every = planted(night)[part]
    return [each for name in wanted if name in every for record in every[name]["records"] for each in record[crm]]


@functools.cache
def by_id(night: str, crm: str) -> dict[str, Row]:
    """People by record id: contacts of HubSpot, or leads and contacts of Salesforce. Of doubled rows, the first."""
    names = ("hubspot/contacts",) if crm == "hubspot" else ("salesforce/Lead", "salesforce/Contact")
    found: dict[str, Row] = {}
    for name in names:
        for row in rows(night, name):
            found.setdefault(row["hs_object_id" if crm == "hubspot" else "Id"], row)
    return found
