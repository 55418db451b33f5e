"""What a night asks of HubSpot: which properties of which objects, since when, and what else is due."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assets.hubspot.client_paths import API_VERSION
from assets.shared.http_progress import Names
from assets.shared.http_state import Before, due
from schemas.config_sources import HubspotApi
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
    whole: dict[str, bool] = field(
        default_factory=dict
    )  # objects that are fetched whole if they have calculated properties
    properties: dict[str, list[str]] = field(default_factory=dict)
    history: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    before: Mapping[str, Before] = field(default_factory=dict)
    portal: str = ""  # its id: pages of another portal are no beginning of this one's

    def text(self, api: HubspotApi, *names: Names) -> str:
        """What decides the question, as text: a run that was stopped goes on only with the same, on whatever night that is.

        The portal's own part in it (properties, list definitions) is what the first run was told. What a first extraction of
        several days fetched on the first of them is asked for again by the next night, whose changes begin where the fetch began.
        `names`: what is asked for beside what Crosswalk reads, by object.
        """
        since = {name: at.isoformat() if at else None for name, at in self.since.items()}
        due = [since, self.sweep, self.associations, self.whole]
        wanted = [
            {name: sorted(kinds(ENTITIES[name].model)) for name in OBJECTS},
            api.extra_properties,
            api.history_properties,
            [{k: sorted(v) for k, v in one.items()} for one in names],
        ]
        return json.dumps([API_VERSION, self.portal, due, wanted], sort_keys=True)


def question(nights: Sequence[str], before: Mapping[str, Before], api: HubspotApi) -> Question:
    """What is due on these nights, given what earlier ones fetched."""
    overlap = timedelta(minutes=api.overlap_minutes)
    since = {name: before[name].asked_at - overlap if name in before else None for name in OBJECTS}
    sweep = {
        name: since[name] is not None and due(before[name].swept_night, nights[-1], api.id_sweep_nights)
        for name in OBJECTS
    }
    whole = {
        name: since[name] is not None and due(before[name].swept_night, nights[-1], api.calculated_refresh_nights)
        for name in OBJECTS
    }
    last = before.get("contact_company")
    associations = due(last.night if last else None, nights[-1], api.associations_nights)
    return Question(list(nights), since, sweep, associations, whole, before=before)


def choose(
    asked: Question,
    known: Mapping[str, Mapping[str, bool]],
    api: HubspotApi,
    mapped: Mapping[str, Iterable[str]],
    segments: Mapping[str, Iterable[str]],
) -> None:
    """Fill in the properties: those that Crosswalk reads, mapped ones, those in list definitions, configured ones.

    All of them with `extra_properties: ["*"]`. A property that the portal does not have is noted, never asked for. `known`: by
    object and name, whether it is calculated: such a property moves no modification time, so an object that has one is fetched
    whole every `calculated_refresh_nights`. So is one of which a property is asked for that was not before.
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
        if asked.whole.get(entity) and any(known[entity].get(name) for name in asked.properties[entity]):
            asked.since[entity], asked.sweep[entity] = None, False
            asked.notes.append(f"{entity}: fetched whole, because calculated properties move no modification time")
        if asked.since[entity] is not None and (fresh := asked.before[entity].lacks(asked.properties[entity])):
            asked.since[entity], asked.sweep[entity] = None, False
            asked.notes.append(f"{entity}: fetched whole, because it was not asked for {', '.join(fresh[:5])} before")
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
