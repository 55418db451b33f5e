"""Erasing one person from import files: CSV records, JSON lines and bodies, and the manifest that counts and hashes them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Words = Iterable[str]


def erase(root: Path, words: Words, numbers: Words) -> list[str]:
    """Write anew every file under `root` that names the person; returns their names."""
    changed = []
    for path in naming(root, [*words, *numbers]):
        before = path.read_bytes()
        after = _without(path, before, {w.lower() for w in words}, set(numbers))
        if after != before:
            _replace(path, after)
            changed.append(path.relative_to(root).as_posix())
    for folder in sorted(path.parent for path in root.rglob("manifest.json")):
        _recount(folder)
    return changed


def naming(root: Path, words: Words) -> list[Path]:
    """Files in which one of the words stands anywhere, upper and lower case alike."""
    wanted = [word.lower().encode() for word in words]
    found = []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        content = path.read_bytes().lower()
        if any(word in content for word in wanted):
            found.append(path)
    return found


def still_naming(root: Path, words: Words, numbers: Words) -> int:
    """Files that would still lose something: what `naming` finds may only look alike (a longer address, say)."""
    lowered, ids = {w.lower() for w in words}, set(numbers)
    left = 0
    for path in naming(root, [*lowered, *ids]):
        content = path.read_bytes()
        left += _without(path, content, lowered, ids) != content
    return left


def _without(path: Path, content: bytes, words: set[str], numbers: set[str]) -> bytes:
    text = content.decode("utf-8")
    if "hubspot-companies" in path.name:
        numbers = set()  # HubSpot numbers its companies for themselves
    if path.suffix == ".csv":
        header, *records = list(csv_records(text))
        ids = [i for i, cell in enumerate(cells(header)) if cell in ("Record ID", "hs_object_id")]
        return (header + "".join(r for r in records if not _names(cells(r), ids, words, numbers))).encode()
    if path.suffix == ".jsonl":
        lines = (_json_line(line, words, numbers) for line in text.splitlines(keepends=True))
        return "".join(line for line in lines if line).encode()
    return content


def csv_records(text: str) -> Iterator[str]:
    """Records of a CSV text as they stand, line ends and quotes included; a quoted cell may have line ends."""
    start, quoted = 0, False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            yield text[start : position + 1]
            start = position + 1
    if start < len(text):
        yield text[start:]


def cells(record: str) -> list[str]:
    """Cells of one record."""
    import csv

    return next(csv.reader([record], strict=False), [])


def _names(row: list[str], ids: list[int], words: set[str], numbers: set[str]) -> bool:
    if any(i < len(row) and row[i] in numbers for i in ids):
        return True
    return any(part.strip().lower() in words for cell in row for part in cell.split(";"))


def _json_line(line: str, words: set[str], numbers: set[str]) -> str:
    """The line without the parts that name the person; empty where nothing of it is left."""
    value = json.loads(line)
    kept = _prune(value, words, numbers)
    if kept == value:
        return line
    if kept is None or (isinstance(kept, dict) and any(kept.get(k) == [] for k in ("inputs", "records"))):
        return ""
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"


def _prune(value: Any, words: set[str], numbers: set[str]) -> Any:
    """Lists lose the members that name the person; a record that does so itself becomes None."""
    if isinstance(value, list):
        return [kept for item in value if (kept := _prune(item, words, numbers)) is not None]
    if isinstance(value, dict):
        lists = {k: v for k, v in value.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
        if any(_says(v, words) for k, v in value.items() if k not in lists) or str(value.get("id")) in numbers:
            return None
        return {k: _prune(v, words, numbers) if k in lists else v for k, v in value.items()}
    return value


def _says(value: Any, words: set[str]) -> bool:
    if isinstance(value, dict):
        return any(_says(inner, words) for inner in value.values())
    if isinstance(value, list):
        return any(_says(inner, words) for inner in value)
    return isinstance(value, str) and any(part.strip().lower() in words for part in value.split(";"))


def _recount(folder: Path) -> None:
    """Rows, bytes and digests of the manifest as its files are now; an erasure that was killed may have left others."""
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    stale = False
    for entry in said.get("files", []):
        path = folder / entry["file"]
        content = path.read_bytes() if path.is_file() else b""
        digest = hashlib.sha256(content).hexdigest()
        if not path.is_file() or digest == entry["sha256"]:
            continue
        text, stale = content.decode(), True
        entry["bytes"], entry["sha256"] = len(content), digest
        entry["rows"] = sum(1 for _ in csv_records(text)) - 1 if path.suffix == ".csv" else _operations(text)
    if stale:
        _replace(manifest, (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode())


def _operations(text: str) -> int:
    """Operations in a file of bodies: members of `inputs` or `records`, else one a line."""
    total = 0
    for line in text.splitlines():
        body = json.loads(line)
        listed = body.get("inputs", body.get("records")) if isinstance(body, dict) else None
        total += len(listed) if isinstance(listed, list) else 1
    return total


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.chmod(0o600)
    fresh.replace(path)
