"""HubSpot's small resources, asked for whole each night: the portal, properties, owners, lists with definitions, campaigns."""

import json
from collections.abc import Coroutine, Sequence
from typing import Any

import pyarrow as pa

from assets.hubspot.api_question import OBJECTS, Question, choose, named
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_paths import PLURAL, path
from assets.shared import keys
from assets.shared.http_compare import drift
from assets.shared.http_failures import CallRefused
from assets.shared.http_land import ApiLanding
from assets.shared.http_progress import Names
from assets.shared.http_rows import text_table
from assets.shared.http_run import together
from assets.shared.lake import Lake
from schemas.config_sources import HubspotApi
from schemas.contract import kinds
from schemas.hubspot import ENTITIES

_PROPERTY = {name: (name,) for name in kinds(ENTITIES["property"].model)} | {
    "read_only": ("modificationMetadata", "readOnlyValue")
}
_OF_LIST = {"0-1": "contact", "0-2": "company", "0-3": "deal"}
_SIZES = {"owners": 500, "campaigns": 100}


class Small:
    """What was asked for whole; kept in memory, because portals have hundreds of these and not millions.

    `account`: the portal's details.
    """

    def __init__(self, client: HubspotClient, lake: Lake, nights: Sequence[str], account: dict[str, Any]) -> None:
        self.client = client
        self.lake = lake
        self.nights = list(nights)
        self.properties: dict[str, list[Any]] = {}
        self.account = account
        self.owners: list[Any] = []
        self.lists: list[dict[str, Any]] = []
        self.campaigns: list[Any] | None = None

    async def fetch(self, asked: Question, api: HubspotApi, mapped: Names, wished: Names) -> None:
        """Ask, note what changed in the portal's properties, and fill in the question's properties."""
        asking: list[Coroutine[Any, Any, Any]] = [self._owners("false"), self._owners("true"), self.client.lists()]
        asking += [self._campaigns(), *(self.client.properties(entity) for entity in OBJECTS)]
        owners, archived, lists, self.campaigns, *properties = await together(*asking)
        self.owners = [*owners, *archived]
        self.lists = sorted(lists, key=lambda row: int(row["listId"]))
        self.properties = dict(zip(OBJECTS, properties, strict=True))
        if "timeZone" not in self.account:
            asked.notes.append("account: the token may not read the portal's time zone; sync.yaml's is used")
        if self.campaigns is None:
            asked.notes.append("campaigns: the token may not read them; not fetched")
        types = {(entity, str(p["name"])): str(p["type"]) for entity, found in self.properties.items() for p in found}
        asked.notes += drift(self.lake, keys.raw("hubspot", "property"), self.nights, types)
        wanted: dict[str, set[str]] = {entity: set(names) for entity, names in wished.items()}
        for row in self.lists:
            wanted.setdefault(_OF_LIST.get(row.get("objectTypeId", ""), ""), set()).update(
                named(row.get("filterBranch"))
            )
        known = {
            entity: {str(p["name"]): bool(p.get("calculated")) for p in found}
            for entity, found in self.properties.items()
        }
        choose(asked, known, api, mapped, wanted)

    def land(self, landing: ApiLanding) -> None:
        """Rows of the portal, properties, owners and lists."""
        if "portalId" in self.account:
            landing.add("account", "account.json", [text_table([self.account])])
        for entity in OBJECTS:
            rows = [{**p, "object": entity} for p in self.properties[entity]]
            landing.add("property", f"properties/{PLURAL[entity]}.json", [text_table(rows, _PROPERTY)])
        landing.add("owner", "owners.json", [text_table(self.owners)])
        landing.add("list", "lists.json", [text_table(self.lists)])

    def campaign_rows(self) -> pa.Table | None:
        """Marketing campaigns: id and properties as JSON; None where the token may not read them."""
        if self.campaigns is None:
            return None
        rows = [(str(c["id"]), json.dumps(c.get("properties") or {}, sort_keys=True)) for c in self.campaigns]
        return pa.table(
            {
                "id": pa.array([r[0] for r in rows], pa.string()),
                "properties": pa.array([r[1] for r in rows], pa.string()),
            }
        )

    async def _owners(self, archived: str) -> list[Any]:
        return await self.client.results(f"{path('owners')}?archived={archived}", _SIZES["owners"])

    async def _campaigns(self) -> list[Any] | None:
        try:
            return await self.client.results(
                f"{path('campaigns')}?properties=hs_name,hs_start_date,hs_end_date", _SIZES["campaigns"]
            )
        except CallRefused as refused:
            if refused.status in (403, 404):
                return None
            raise
