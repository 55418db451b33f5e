"""A night's import files as their manifest tells: what is in none of them and why, and the marketing contacts."""

from pathlib import Path

from pydantic import ValidationError

from assets.shared.lake import Lake
from schemas.imports import Manifest

FILES = "files"
MANIFEST = "manifest.json"


def folder_of(lake: Lake, night: str) -> Path:
    """Where a night's files are."""
    return lake.root / FILES / night


def manifest_of(lake: Lake, night: str) -> Manifest | None:
    """The manifest of a night's files; None where it has none (a guard stopped them, or a later night folded them).

    A manifest that an earlier version wrote in another form counts as none.
    """
    try:
        text = (folder_of(lake, night) / MANIFEST).read_text(encoding="utf-8")
        return Manifest.model_validate_json(text)
    except (FileNotFoundError, ValidationError):
        return None
