"""What `crosswalk check` finds: sync.yaml and the files beside it, against the sources' own descriptions, and a night's files.

The files are read and staged as a run would, into a lake that is thrown away, beside what the lake's earlier nights brought.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import cast

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from assets.shared.nights import calendar_problems
from assets.shared.source_check import named_problems, source_notices, source_problems
from assets.shared.staging import EntityReport
from pipelines.cli.core import Place
from pipelines.delivered import newest
from schemas.config import ConfigError, SyncConfig
from schemas.config_problems import Problem
from schemas.config_rules import notices

_INCLUSION = "integration.inclusion_segment"


@dataclass(frozen=True)
class Intake:
    """How many of one entity's delivered rows a run would reject, by reason; and why that would stop the night's files."""

    crm: str
    entity: str
    delivered: int
    rejected: int
    reasons: dict[str, int]
    stopped: str | None


@dataclass
class Checked:
    """What was checked, and what deserves a look though it is allowed. `intake` has the entities that were delivered."""

    night: str
    notices: list[str] = field(default_factory=list)
    intake: list[Intake] = field(default_factory=list)
    columns: dict[str, set[str]] = field(default_factory=dict)  # as delivered, by HubSpot object or Salesforce object


def problems_of(place: Place, night: str | None) -> Checked:
    """Check everything. Raises ConfigError or InputRefused with every problem at once."""
    config = place.config()
    checked = Checked(night or newest(config))
    own, refused = _own(config)
    wrong = source_problems(config, checked.night) + named_problems(config, checked.night, own)
    if checked.night < config.start:
        wrong.append(Problem("start", f"is after the night that is checked, {checked.night}", "design 5"))
    with tempfile.TemporaryDirectory(prefix="crosswalk-check-") as folder:
        lake = Lake(Path(folder))
        lake.prepare()
        unread = _files(config, checked, lake, place.lake_path)
        unread = unread or _staged(config, checked, lake, Lake(place.lake_path))
        told = bool(refused) or any(problem.path == _INCLUSION for problem in wrong)
        refused += [*_decided(place), *(unread or ([] if told else _inclusion(config, checked, lake)))]
    wrong += calendar_problems(Lake(place.lake_path), config)
    refused = [*(str(config.refusal(wrong)).splitlines() if wrong else []), *refused]
    if refused:
        raise InputRefused(refused)
    allowed = config.placed([*notices(config), *source_notices(config, checked.night, checked.columns)])
    checked.notices = [str(notice) for notice in allowed] + checked.notices
    return checked


def _own(config: SyncConfig) -> tuple[list[str], list[str]]:
    """Names of the segments in segments.yaml, and what is wrong with that file."""
    from assets.segments.segments_file import own_segments

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


def _files(config: SyncConfig, checked: Checked, lake: Lake, present: Path) -> list[str]:
    """Read the night's files into a lake; what is wrong with them."""
    from assets.hubspot.extract import extract as extract_hubspot
    from assets.salesforce.extract import extract as extract_salesforce

    found: list[str] = []
    for crm, source, extract in (
        ("hubspot", config.sources.hubspot, extract_hubspot),
        ("salesforce", config.sources.salesforce, extract_salesforce),
    ):
        if source.kind == "api":
            continue
        delivery = keys.raw(crm, "delivery")
        if (present / delivery).is_dir():  # what earlier nights brought: a file may be missing, or have shrunk
            shutil.copytree(present / delivery, lake.root / delivery)
        try:
            extraction = extract(
                lake,
                checked.night,
                source.folder(checked.night),
                refetch=True,
                snapshot=source.snapshot,
                max_shrink=config.guards.max_shrink,
            )
            checked.notices += extraction.notes
            for file in extraction.files:
                named = str(file["entity"]) if crm == "hubspot" else str(file["entity"]).capitalize()
                checked.columns.setdefault(named, set()).update(cast("list[str]", file["columns"]))
        except InputRefused as refused:
            found += refused.problems
        except ConfigError as error:
            found += [str(problem) for problem in error.problems]
    return found


def _staged(config: SyncConfig, checked: Checked, lake: Lake, present: Lake) -> list[str]:
    """Stage the night as a run would; what is wrong with it, and otherwise what would be rejected."""
    from assets.hubspot.stage import stage as stage_hubspot
    from assets.import_files.guards import Counts, exceeded
    from assets.import_files.night import rejects
    from assets.salesforce.stage import stage as stage_salesforce

    night, sources, found = checked.night, config.sources, list[str]()
    staged: dict[tuple[str, str], EntityReport] = {}
    for crm, source, stage in (
        ("hubspot", sources.hubspot, stage_hubspot),
        ("salesforce", sources.salesforce, partial(stage_salesforce, absent=sources.salesforce.absent)),
    ):
        if source.kind == "api":
            continue
        _remember(lake, present, crm, night)
        try:
            report = stage(lake, [night], snapshot=source.snapshot)[night]
            staged |= {(crm, name): entity for name, entity in report.entities.items() if entity.delivered}
        except InputRefused as refused:
            found += refused.problems
    with lake.connect(night) as session:
        rows = rejects(session, lake, [night])
    for (crm, name), entity in staged.items():
        mine = {of: counts for of, counts in rows.items() if of == f"{crm} {name}"}
        stopped = next(iter(exceeded(Counts(rejects=mine), config)), None)
        checked.intake.append(Intake(crm, name, entity.delivered, entity.rejected, entity.reasons, stopped))
    return found


def _remember(lake: Lake, present: Lake, crm: str, night: str) -> None:
    """What staging asks of earlier nights: types of columns, and the descriptions of fields and properties."""
    before = (date.fromisoformat(night) - timedelta(days=1)).isoformat()
    for entity in keys.ENTITIES[crm]:
        key = keys.staged(crm, entity)
        schema = present.schema(key)
        if schema is not None and entity in ("property", "field"):
            shutil.copytree(present.root / key, lake.root / key)
        elif schema is not None:
            lake.write(key, before, schema.empty_table())


def _inclusion(config: SyncConfig, checked: Checked, lake: Lake) -> list[str]:
    """Why the night's own records cannot tell who is in the inclusion segment; nothing where that needs other nights.

    Only a full delivery says everything that the segment may ask for.
    """
    from assets.segments.resolve import inclusion

    source = config.sources.hubspot
    if config.integration.inclusion_segment is None or source.kind == "api" or source.snapshot != "full":
        return []
    try:
        with lake.connect(checked.night) as session:
            inclusion(session, config)
    except InputRefused as refused:
        return list(refused.problems)
    return []
