"""Our own files before they are published: each must pass the preflight that anybody's file gets."""

from pathlib import Path

from assets.import_files.knowledge import Knowledge
from assets.import_files.preflight import Settings, preflight
from assets.shared.failures import CrosswalkError
from schemas.imports import REFUSING, Manifest, ManifestFile


class OwnFileRefusedError(CrosswalkError):
    """A CRM would refuse rows of a file that we wrote: a fault of ours. `refused` has sentences by target."""

    def __init__(self, refused: dict[str, list[str]]) -> None:
        self.refused = refused
        super().__init__("preflight: " + "; ".join(text for texts in refused.values() for text in texts))


def judge(manifest: Manifest, folder: Path, known: Knowledge) -> None:
    """Preflight every CSV of a manifest. Raises OwnFileRefusedError; findings that refuse nothing are no fault."""
    refused: dict[str, list[str]] = {}
    for file in manifest.files:
        if file.via == "import":
            found = preflight(folder / file.file, _kind(file), known, Settings(is_own=True))
            refused.setdefault(file.target, []).extend(
                f"{file.file} line {line}: {problem.column or 'file'}: {problem.message} ({problem.rule}, {rows} rows)"
                for problem, rows, line in found.counts()
                if problem.effect in REFUSING
            )
    refused = {target: texts for target, texts in refused.items() if texts}
    if refused:
        raise OwnFileRefusedError(refused)


def _kind(file: ManifestFile) -> str:
    if file.target == "salesforce":
        return f"salesforce-{file.object}"
    return {"contact": "hubspot-contacts", "company": "hubspot-companies"}[file.object]
