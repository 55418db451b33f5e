"""A portal tried out before it is read: credentials, scopes, limits, properties, and the calls that a first extraction takes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from assets.hubspot.api_question import OBJECTS
from assets.hubspot.client import ASSOCIATION_BATCH, BATCH, HISTORY_PAGE, HubspotClient, url_fits
from assets.hubspot.client_paths import API_VERSION, PLURAL, path
from assets.shared.http_check import CallPlan, Finding
from assets.shared.http_failures import CallRefused
from schemas.config_sources import HubspotApi
from schemas.contract import kinds
from schemas.hubspot import ENTITIES

_SMALL = 20  # calls, about: account, properties, owners, lists, whatever is asked for whole
_EXPORT = 10  # calls of an export: the start, some looks at its state, the file
_MEMBERS = 250  # members of a list in one page, as far as is known


async def look(client: HubspotClient, api: HubspotApi, mapped: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Try everything once. A refusal is a finding; only credentials that are not accepted raise."""
    account = await client.account()
    found = [
        Finding(
            True,
            f"hubspot: portal {account['portalId']} answers, API {API_VERSION}, time zone {account.get('timeZone')}"
            if "portalId" in account
            else f"hubspot: the portal answers, API {API_VERSION}",
        )
    ]
    names: dict[str, list[str]] = {}
    for entity in OBJECTS:
        listed = await _try(found, f"properties of {PLURAL[entity]}", partial(client.properties, entity))
        names[entity] = [str(p["name"]) for p in listed or []]
        await _try(found, PLURAL[entity], partial(client.page, entity, None, ()))
        lacking = sorted({*mapped.get(entity, ())} - set(names[entity])) if listed else []
        found += [
            Finding(False, f"hubspot: {entity}.{name} is mapped, but the portal has no such property")
            for name in lacking
        ]
    nowhere = sorted(set(api.extra_properties) - {"*"} - {n for known in names.values() for n in known})
    found += [Finding(False, f"hubspot: extra_properties: no object has {name}") for name in nowhere]
    lists: Any = await _try(found, "lists", client.lists) or []
    await _try(found, "owners", lambda: client.http.call("GET", f"{path('owners')}?limit=1"))
    await _try(found, "associations", lambda: client.associations([1]))
    await _try(found, "campaigns", lambda: client.http.call("GET", f"{path('campaigns')}?limit=1"), needed=False)
    everything = "*" in api.extra_properties
    wanted = {
        entity: [n for n in there if everything or n in {*kinds(ENTITIES[entity].model), *mapped.get(entity, ())}]
        for entity, there in names.items()
    }
    return found + (await plan(client, api, wanted, lists)).findings("hubspot")


async def plan(
    client: HubspotClient, api: HubspotApi, names: Mapping[str, Sequence[str]], lists: Sequence[Mapping[str, Any]]
) -> CallPlan:
    """Calls of a first full extraction of these properties, from the portal's own counts."""
    calls = {"small things": _SMALL}
    contacts = 0
    for entity in OBJECTS:
        try:
            total = await client.total(entity)
        except CallRefused:
            continue
        contacts = total if entity == "contact" else contacts
        size = HISTORY_PAGE if set(api.history_properties) & set(names[entity]) else BATCH
        pages = -(-total // size) + 1
        if api.full_snapshot == "export":
            calls[PLURAL[entity]] = _EXPORT
        else:
            calls[PLURAL[entity]] = pages if url_fits(names[entity]) else 2 * pages
    calls["list members"] = sum(-(-int(row.get("size") or 0) // _MEMBERS) + 2 for row in lists)
    calls["associations"] = -(-contacts // ASSOCIATION_BATCH)
    return CallPlan(calls, client.bucket.limit / client.bucket.seconds, client.left_today, api.request_budget)


async def _try(found: list[Finding], what: str, ask: Callable[[], Awaitable[Any]], *, needed: bool = True) -> Any:
    try:
        answer = await ask()
    except CallRefused as refused:
        if refused.status == 401:
            raise
        found.append(Finding(False if needed else None, f"hubspot: {what}: {str(refused).rpartition(': ')[2]}"))
        return None
    found.append(Finding(True, f"hubspot: {what}"))
    return answer
