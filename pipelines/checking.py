"""What `crosswalk check` finds: sync.yaml and the files beside it, against the sources' own descriptions, and a night's files.

The files are read as a run would read them, into a lake that is thrown away.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.source_check import named_problems, source_notices, source_problems
from pipelines.cli.core import Place
from pipelines.delivered import newest
from schemas.config import ConfigError, SyncConfig
from schemas.config_problems import Problem, placed
from schemas.config_rules import notices
from schemas.config_yaml import lines_of


@dataclass
class Checked:
    """What was checked, and what deserves a look though it is allowed."""

    night: str
    notices: list[str] = field(default_factory=list)


def problems_of(place: Place, night: str | None) -> Checked:
    """Check everything. Raises ConfigError or InputRefused with every problem at once."""
    config = place.config()
    checked = Checked(night or newest(config))
    lines = lines_of(place.config_path.read_text(encoding="utf-8-sig"))
    own, refused = _own(config)
    wrong = source_problems(config, checked.night) + named_problems(config, checked.night, own)
    if checked.night < config.start:
        wrong.append(Problem("start", f"is after the night that is checked, {checked.night}", "design 5"))
    refused = [*(f"{place.config_path}: {problem}" for problem in placed(wrong, lines)), *refused, *_decided(place)]
    refused += _files(config, checked)
    if refused:
        raise InputRefused(refused)
    allowed = placed([*notices(config), *source_notices(config, checked.night)], lines)
    checked.notices = [str(notice) for notice in allowed] + checked.notices
    return checked


def _own(config: SyncConfig) -> tuple[list[str], list[str]]:
    """Names of the segments in segments.yaml, and what is wrong with that file."""
    from assets.segments.own import own_segments

    try:
        return [segment.name for segment in own_segments(config)], []
    except InputRefused as refused:
        return [], refused.problems


def _decided(place: Place) -> list[str]:
    """What is wrong with identity_overrides.csv."""
    from assets.identity.tables import decided

    try:
        decided(place.config_path)
    except InputRefused as refused:
        return list(refused.problems)
    return []


def _files(config: SyncConfig, checked: Checked) -> list[str]:
    from assets.hubspot.extract import extract as extract_hubspot
    from assets.salesforce.extract import extract as extract_salesforce

    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crosswalk-check-") as folder:
        lake = Lake(Path(folder))
        lake.prepare()
        for source, extract in (
            (config.sources.hubspot, extract_hubspot),
            (config.sources.salesforce, extract_salesforce),
        ):
            if source.kind == "api":
                continue
            try:
                extraction = extract(
                    lake, checked.night, source.folder(checked.night), snapshot=source.snapshot, max_shrink=1.0
                )
                checked.notices += extraction.notes
            except InputRefused as refused:
                found += refused.problems
            except ConfigError as error:
                found += [str(problem) for problem in error.problems]
    return found
