"""What a night asks of Salesforce: which fields of which objects, since when, by which API."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from assets.shared.http_state import Before, due
from schemas.config_sources import ApiSource
from schemas.contract import kinds
from schemas.salesforce import ENTITIES

ENTITY_OF = {entity.object: name for name, entity in ENTITIES.items() if entity.object}
EVERYTHING = "*"
_COMPOUND = ("address", "location")
_NEVER = (*_COMPOUND, "base64", "anyType", "complexvalue")
_CURSORS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
_OVERLAP = timedelta(minutes=10)  # a long transaction commits late with an early time


@dataclass
class Ask:
    """One object. `since`: None asks for everything. `ids`: these records alone."""

    object: str
    columns: list[str]
    cursor: str | None
    since: datetime | None
    sweep: bool
    ids: tuple[str, ...] = ()

    @property
    def where(self) -> str | None:
        """Condition of the query."""
        if self.ids:
            return "Id IN ('" + "', '".join(self.ids) + "')"
        return f"{self.cursor} >= {self.since.strftime('%Y-%m-%dT%H:%M:%SZ')}" if self.since and self.cursor else None

    @property
    def soql(self) -> str:
        """The query. No ORDER BY and no LIMIT: they would switch off Bulk's own chunking."""
        return self._select(self.columns)

    def queries(self, fits: Callable[[str], bool]) -> list[str]:
        """The query, or several with the same records and Id first, each of which fits."""
        if fits(self.soql):
            return [self.soql]
        parts = [["Id"]]
        for name in self.columns:
            if not fits(self._select([*parts[-1], name])):
                parts.append(["Id"])
            parts[-1] += [] if name == "Id" else [name]
        return [self._select(part) for part in parts]

    def _select(self, columns: Sequence[str]) -> str:
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {', '.join(columns)} FROM {self.object}{where}"  # noqa: S608 (SOQL; names are from describe)


@dataclass
class Question:
    """One fetch."""

    nights: list[str]
    version: str
    org: str = ""  # its address: pages of another org are no beginning of this one's
    asks: dict[str, Ask] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The question as text: a run that was stopped goes on only with the same one, on whatever night that is."""
        return json.dumps([self.org, self.version, [[a.soql, a.sweep] for a in self.asks.values()]])


def ask(
    name: str,
    described: Mapping[str, Any],
    api: ApiSource,
    mapped: Iterable[str],
    wished: Iterable[str],
    before: Before | None,
    nights: Sequence[str],
    notes: list[str],
) -> Ask:
    """The columns of one object that exist and can be asked for, and since when. What is wanted and not there is noted.

    A compound (BillingAddress) is asked for by its components. Calculated fields move no modification time, so an object that
    has some is
    fetched whole every `calculated_refresh_nights`.
    """
    entity = ENTITY_OF[name]
    fields = {f["name"]: f for f in described["fields"] if not f.get("deprecatedAndHidden")}
    folded = {key.lower(): key for key in fields}
    asked = {
        *kinds(ENTITIES[entity].model),
        *mapped,
        *wished,
        *(fields if EVERYTHING in api.extra_properties else api.extra_properties),
    }
    wanted = {folded.get(key.lower(), key) for key in asked - {EVERYTHING}}
    for key in sorted(wanted):
        if fields.get(key, {}).get("type") in _COMPOUND:
            wanted |= {f["name"] for f in fields.values() if f.get("compoundFieldName") == key}
    columns = [key for key, f in fields.items() if key in wanted and f["type"] not in _NEVER]
    notes += [
        f"{entity}.{key}: mapped, but {name} has no such field, or the integration's user may not see it"
        for key in sorted(set(mapped))
        if key.lower() not in folded
    ]
    cursor = next((key for key in _CURSORS if fields.get(key, {}).get("filterable", key in fields)), None)
    if before is None or cursor is None:
        return Ask(name, columns, cursor, None, sweep=False)
    calculated = any(fields[key].get("calculated") for key in columns)
    if calculated and due(before.swept_night, nights[-1], api.calculated_refresh_nights):
        notes.append(f"{entity}: fetched whole, because calculated fields move no modification time")
        return Ask(name, columns, cursor, None, sweep=False)
    if fresh := before.lacks(columns):
        notes.append(f"{entity}: fetched whole, because it was not asked for {', '.join(fresh[:5])} before")
        return Ask(name, columns, cursor, None, sweep=False)
    since = before.asked_at - max(timedelta(minutes=api.overlap_minutes), _OVERLAP)
    return Ask(name, columns, cursor, since, sweep=due(before.swept_night, nights[-1], api.id_sweep_nights))
