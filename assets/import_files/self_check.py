"""Our own files before they are published: each must pass the preflight that anybody's file gets."""

from collections.abc import Iterator
from pathlib import Path

from assets.import_files.knowledge import Knowledge
from assets.import_files.preflight import Settings, preflight
from assets.import_files.write import MANIFEST, UNDO
from assets.shared.failures import CrosswalkError
from assets.shared.words import counted
from schemas.imports import REFUSING, Manifest, ManifestFile


class OwnFileRefusedError(CrosswalkError):
    """A CRM would refuse rows of a file that we wrote: a fault of ours. `refused` has sentences by target."""

    def __init__(self, refused: dict[str, list[str]]) -> None:
        self.refused = refused
        super().__init__("preflight: " + "; ".join(text for texts in refused.values() for text in texts))


def judge(manifest: Manifest, folder: Path, known: Knowledge) -> None:
    """Preflight every CSV of a manifest, and of the undo beside it. Findings that refuse nothing are no fault.

    Raises OwnFileRefusedError.
    """
    found = list(_refused(manifest, folder, known, ""))
    undo = folder / UNDO
    if (undo / MANIFEST).exists():
        body = (undo / MANIFEST).read_text(encoding="utf-8")
        found += _refused(Manifest.model_validate_json(body), undo, known, f"{UNDO}/")
    refused: dict[str, list[str]] = {}
    for target, text in found:
        refused.setdefault(target, []).append(text)
    if refused:
        raise OwnFileRefusedError(refused)


def _refused(manifest: Manifest, folder: Path, known: Knowledge, place: str) -> Iterator[tuple[str, str]]:
    for file in (f for f in manifest.files if f.via == "import"):
        for problem, rows, line in preflight(folder / file.file, _kind(file), known, Settings(is_own=True)).counts():
            if problem.effect in REFUSING:
                said = f"{problem.column or 'file'}: {problem.message} ({problem.rule}, {counted(rows, 'row')})"
                yield file.target, f"{place}{file.file} line {line}: {said}"


def _kind(file: ManifestFile) -> str:
    if file.target == "salesforce":
        return f"salesforce-{file.object}"
    return {"contact": "hubspot-contacts", "company": "hubspot-companies"}[file.object]
