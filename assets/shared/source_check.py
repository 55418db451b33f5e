"""sync.yaml against what the CRMs say of themselves: property, describe and list files of one night.

Read before a run writes anything. Only the small files are opened; records are checked by their contracts later.
"""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assets.shared.stage_check import stage_problems, update_problems
from schemas.config import SyncConfig
from schemas.config_problems import Problem
from schemas.mapping_types import compatible
from schemas.segment_definition import ACTIVE, STATIC

Json = dict[str, Any]
_ONLY_ACTIVE = "only an active list can be the inclusion segment"
_TARGETS = {"person": ("contact", ("Lead", "Contact")), "company": ("company", ("Account",))}
_OBJECT_TYPES = {"contact": "0-1", "company": "0-2"}
_PLURAL = {"contact": "contacts", "company": "companies", "deal": "deals"}


def source_problems(config: SyncConfig, night: str) -> list[Problem]:
    """What sync.yaml asks for and a night's sources cannot give (P1-05, P1-42, P1-63, P2-31).

    Unreadable files are not judged here.
    """
    properties = {name: _properties(config, night, name) for name in _OBJECT_TYPES}
    stages = [*stage_problems(config, properties["contact"]), *update_problems(config, night, properties)]
    named = [*_updates(config, night), *_types(config, night), *_segments(config, night), *_external_id(config, night)]
    return [*stages, *named]


def named_problems(config: SyncConfig, night: str, own: Collection[str]) -> list[Problem]:
    """Segments that sync.yaml names for a night and that are not there; `own` are the names in segments.yaml.

    An incremental delivery may leave lists out, and an api source has them elsewhere: there only the night itself can tell.
    """
    source = config.sources.hubspot
    if source.kind == "api" or source.snapshot != "full":
        return []
    folder = source.folder(night)
    if not folder.is_dir():
        return []  # nothing is delivered: a problem of the source
    lists = _read(folder, "lists")
    if lists is None and any((folder / name).exists() for name in ("lists.json", "lists.json.gz")):
        return []  # unreadable: a problem of the file
    records = _records(lists, "lists")
    known = {str(record.get(key)) for record in records for key in ("listId", "name")} | set(own)
    message = "there is no list or segment of this id or name"
    return [Problem(path, message, rule) for path, name, rule in _named(config, night) if name not in known]


def _named(config: SyncConfig, night: str) -> Iterator[tuple[str, str, str]]:
    """Path, id or name, and rule of every segment that sync.yaml asks for on a night."""
    if (wanted := config.integration.inclusion_segment) is not None:
        yield "integration.inclusion_segment", str(wanted), "P1-46"
    for index, app in enumerate(config.data_sync):
        if app.filter is not None:
            yield f"data_sync[{index}].filter", str(app.filter), "P2-73"
    for index, entry in enumerate(config.resync):
        if entry.segment is not None and entry.night == night:
            yield f"resync[{index}].segment", str(entry.segment), "P2-14"
    for index, update in enumerate(config.lifecycle.updates):
        if update.enroll is not None and update.night in (None, night):
            yield f"lifecycle.updates[{index}].enroll", str(update.enroll), "P1-61"


def source_notices(
    config: SyncConfig, night: str, columns: Mapping[str, Collection[str]] = MappingProxyType({})
) -> list[Problem]:
    """Custom mappings of fields that no object has: allowed, and without effect (P1-22).

    `columns` are those that the night delivered, by HubSpot object or Salesforce object (`contact`, `Lead`): where an object is
    not described, they say which fields it has.
    """
    found = []
    for index, mapping in enumerate(config.mappings):
        property_object, targets = _TARGETS[mapping.object]
        properties = _properties(config, night, property_object) or columns.get(property_object)
        if properties is not None and mapping.hubspot not in properties:
            found.append(
                Problem(f"mappings[{index}].hubspot", "no such property in HubSpot; nothing is mapped", "P1-21")
            )
        described = [_fields(config, night, target) or columns.get(target) for target in targets]
        if all(fields is not None and mapping.salesforce not in fields for fields in described):
            message = f"no such field on {' or '.join(targets)}; nothing is mapped"
            found.append(Problem(f"mappings[{index}].salesforce", message, "P1-22"))
    return found


def _types(config: SyncConfig, night: str) -> list[Problem]:
    found = []
    for index, mapping in enumerate(config.mappings):
        property_object, targets = _TARGETS[mapping.object]
        prop = (_properties(config, night, property_object) or {}).get(mapping.hubspot)
        if prop is None:
            continue
        for target in targets:
            field = (_fields(config, night, target) or {}).get(mapping.salesforce)
            if field is None:
                continue
            problem = compatible(
                str(prop.get("type", "")),
                str(prop.get("fieldType", "")),
                prop.get("referencedObjectType") is not None,
                str(field.get("type", "")),
            )
            if problem:
                found.append(Problem(f"mappings[{index}]", f"{target}.{mapping.salesforce}: {problem}", "P2-31"))
    return found


def _updates(config: SyncConfig, night: str) -> list[Problem]:
    """A bulk update's file must be there on its night, and its list must be one of the object that it changes (P1-63)."""
    lists = None if config.sources.hubspot.kind == "api" else _read(config.sources.hubspot.folder(night), "lists")
    found = []
    for index, update in enumerate(config.lifecycle.updates):
        path = f"lifecycle.updates[{index}]"
        if update.source is not None and update.night == night and not update.source.is_file():
            found.append(Problem(f"{path}.file", "is not there", "P1-69"))
        record = next(iter(_called(_records(lists, "lists"), update.enroll)), {})
        if record.get("objectTypeId", _OBJECT_TYPES[update.object]) != _OBJECT_TYPES[update.object]:
            message = f"list {record.get('listId')} is not one of {_PLURAL[update.object]}"
            found.append(Problem(f"{path}.enroll", message, "P1-63"))
    return found


def _called(lists: list[Json], wanted: int | str | None) -> list[Json]:
    """Lists of an id, else of a name."""
    return [r for r in lists if str(r.get("listId")) == str(wanted)] or [r for r in lists if r.get("name") == wanted]


def _segments(config: SyncConfig, night: str) -> list[Problem]:
    """The inclusion segment must be one active list that has been worked out (P1-42, P1-46)."""
    wanted = config.integration.inclusion_segment
    if wanted is None or config.sources.hubspot.kind == "api":
        return []
    lists = _read(config.sources.hubspot.folder(night), "lists")
    if lists is None:
        return []
    path = "integration.inclusion_segment"
    named = _called(_records(lists, "lists"), wanted)
    if len(named) > 1:
        return [Problem(path, f"{len(named)} lists have this id or name; give the id of one", "P1-46")]
    if not named:
        return []  # a segment of our own, or one that the segments stage refuses by name
    record = named[0]
    number = record.get("listId")
    if (kind := record.get("processingType") or ACTIVE) != ACTIVE:
        what = "is static" if kind in STATIC else "is active or static, which its processingType does not tell"
        return [Problem(path, f"list {number} {what}; {_ONLY_ACTIVE}", "P1-42")]
    if str(record.get("processingStatus", "COMPLETE")).upper() != "COMPLETE":
        return [Problem(path, f"list {number} is still processing; it must not be read as empty", "P1-46")]
    return []


def _external_id(config: SyncConfig, night: str) -> list[Problem]:
    """Records can be upserted only by a field that the object's description calls an external id or a lookup (P2-B8)."""
    name, target = config.imports.salesforce.external_id, config.integration.create_as.capitalize()
    fields = None if name is None else _fields(config, night, target)
    if fields is None:
        return []
    field = next((f for f in fields.values() if str(f.get("name")).lower() == str(name).lower()), {})
    if field.get("externalId") or field.get("idLookup"):
        return []
    return [Problem("imports.salesforce.external_id", f"is not an external id field of {target}", "P2-B8")]


def _properties(config: SyncConfig, night: str, name: str) -> dict[str, Json] | None:
    if config.sources.hubspot.kind == "api":
        return None
    folder = config.sources.hubspot.folder(night)
    for stem in (name, _PLURAL[name]):
        if (data := _read(folder, f"properties/{stem}")) is not None:
            return {str(r.get("name")): r for r in _records(data, "results")}
    return None


def _fields(config: SyncConfig, night: str, name: str) -> dict[str, Json] | None:
    if config.sources.salesforce.kind == "api":
        return None
    data = _read(config.sources.salesforce.folder(night), f"describe/{name}")
    return None if data is None else {str(r.get("name")): r for r in _records(data, "fields")}


def _read(folder: Path, stem: str) -> Any:
    """The JSON of a file, plain or packed; None where there is none or it cannot be read."""
    for name, opened in ((f"{stem}.json", open), (f"{stem}.json.gz", gzip.open)):
        path = folder / name
        if path.is_file():
            try:
                with opened(path, "rt", encoding="utf-8-sig") as file:
                    return json.load(file)
            except (OSError, ValueError, EOFError, RecursionError):
                return None
    return None


def _records(data: Any, key: str) -> list[Json]:
    found = data.get(key) if isinstance(data, dict) else data
    return [record for record in found if isinstance(record, dict)] if isinstance(found, list) else []
