"""Crosswalk's own segments: data/segments.yaml, beside the sync.yaml that names them."""

from pathlib import Path

from assets.shared.failures import InputRefused
from schemas.config import SyncConfig
from schemas.segment_problems import DefinitionError
from schemas.segment_yaml import OwnSegment, parse_segments

FILE = "segments.yaml"


def own_segments(config: SyncConfig) -> list[OwnSegment]:
    """The segments of `segments.yaml` in the configuration's folder; none where there is no such file.

    Raises InputRefused with every problem of the file.
    """
    return read_segments(config.sources.hubspot._base / FILE)  # the folder that the sources' paths are relative to


def read_segments(path: Path) -> list[OwnSegment]:
    """The segments of one file. Raises InputRefused with every problem of it."""
    if not path.is_file():
        return []
    try:
        return parse_segments(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise InputRefused(f"{path}: is not UTF-8 text") from None
    except DefinitionError as error:
        raise InputRefused([str(problem) for problem in error.problems]) from None
