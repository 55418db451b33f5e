"""What a night asks of HubSpot: which properties of which objects, since when, and what else is due."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assets.hubspot.client_paths import API_VERSION
from assets.shared.http_state import Before, due
from schemas.config_parts import ApiSource
from schemas.contract import kinds
from schemas.hubspot import ENTITIES

OBJECTS = ("contact", "company", "deal")
EVERYTHING = "*"
# Asked for whatever the portal's list of properties says: without them a merge would look like a deletion.
_MERGED = {"contact": ["hs_merged_object_ids", "hs_calculated_merged_vids", "hs_additional_emails"]}
_MERGED_OTHERS = ["hs_merged_object_ids"]


@dataclass
class Question:
    """One fetch. `since`: by object; None asks for everything."""

    nights: list[str]
    since: dict[str, datetime | None]
    sweep: dict[str, bool]
    associations: bool
    properties: dict[str, list[str]] = field(default_factory=dict)
    history: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The question as text: a run that was stopped goes on only with the same one."""
        since = {name: at.isoformat() if at else None for name, at in self.since.items()}
        return json.dumps(
            [API_VERSION, self.nights, since, self.sweep, self.associations, self.properties, self.history],
            sort_keys=True,
        )


def question(nights: Sequence[str], before: Mapping[str, Before], api: ApiSource) -> Question:
    """What is due on these nights, given what earlier ones fetched."""
    overlap = timedelta(minutes=api.overlap_minutes)
    since = {name: before[name].asked_at - overlap if name in before else None for name in OBJECTS}
    sweep = {
        name: since[name] is not None and due(before[name].swept_night, nights[-1], api.id_sweep_nights)
        for name in OBJECTS
    }
    last = before.get("contact_company")
    return Question(list(nights), since, sweep, due(last.night if last else None, nights[-1], api.associations_nights))


def choose(
    asked: Question,
    known: Mapping[str, Iterable[str]],
    api: ApiSource,
    mapped: Mapping[str, Iterable[str]],
    segments: Mapping[str, Iterable[str]],
) -> None:
    """Fill in the properties: those that Crosswalk reads, mapped ones, those in list definitions, configured ones.

    All of them with `extra_properties: ["*"]`. A property that the portal does not have is noted, never asked for.
    """
    nowhere = set(api.extra_properties) - {EVERYTHING}
    for entity in OBJECTS:
        there = list(known[entity])
        own = {*kinds(ENTITIES[entity].model)}
        wanted = own | set(mapped.get(entity, ())) | set(segments.get(entity, ())) | set(api.extra_properties)
        chosen = there if EVERYTHING in api.extra_properties else [n for n in there if n in wanted]
        asked.properties[entity] = list(dict.fromkeys([*chosen, *_MERGED.get(entity, _MERGED_OTHERS)]))
        asked.history[entity] = [n for n in there if n in set(api.history_properties)]
        nowhere -= set(there)
        lacking = sorted(set(mapped.get(entity, ())) - set(there))
        asked.notes += [
            f"{entity}.{name}: mapped, but the portal has no such property, or the token may not see it"
            for name in lacking
        ]
    asked.notes += [f"{name}: in extra_properties, but no object has it" for name in sorted(nowhere)]


def named(definition: object) -> set[str]:
    """Names of properties in a list's definition."""
    if isinstance(definition, dict):
        own = {definition["property"]} if isinstance(definition.get("property"), str) else set()
        return own.union(*(named(value) for value in definition.values()))
    if isinstance(definition, list):
        return set().union(*(named(value) for value in definition)) if definition else set()
    return set()
