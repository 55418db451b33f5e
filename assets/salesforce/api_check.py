"""An org tried out before it is read: sign-in, version, limits, objects, fields, and the calls that a first extraction takes."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from assets.salesforce.api_question import ENTITY_OF
from assets.salesforce.api_wide import SMALL
from assets.salesforce.client import SalesforceClient
from assets.shared.http_check import CallPlan, Finding
from assets.shared.http_failures import CallRefused
from schemas.config_sources import ApiSource

_PAGE = 50_000  # records of a Bulk result page, about
_CALLS_A_SECOND = 5.0  # assumed, to say how long it takes; Salesforce limits the calls of a day
_NEEDED = ("Lead", "Contact")


async def look(client: SalesforceClient, api: ApiSource, mapped: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Try everything once. A refusal is a finding; only credentials that are not accepted raise."""
    found = [Finding(True, f"salesforce: signed in, API {client.version}")]
    described = dict(
        zip(ENTITY_OF, await asyncio.gather(*(_describe(client, name) for name in ENTITY_OF)), strict=True)
    )
    counts: dict[str, int] = {}
    for name, fields in described.items():
        if fields is None:
            found.append(
                Finding(False if name in _NEEDED else None, f"salesforce: {name} is not there, or may not be seen")
            )
            continue
        found.append(Finding(True, f"salesforce: {name}, {len(fields)} fields"))
        folded = {field.lower() for field in fields}  # as in a query
        lacking = sorted(field for field in {*mapped.get(ENTITY_OF[name], ())} if field.lower() not in folded)
        found += [
            Finding(False, f"salesforce: {name}.{field} is mapped, but there is no such field, or it may not be seen")
            for field in lacking
        ]
        try:
            counts[name] = await client.count(name, None)
        except CallRefused as refused:
            if refused.status == 401:
                raise
            found.append(Finding(False, f"salesforce: {name} cannot be counted: {str(refused).rpartition(': ')[2]}"))
    nowhere = set(api.extra_properties) - {"*"} - {f for fields in described.values() if fields for f in fields}
    found += [Finding(False, f"salesforce: extra_properties: no object has {name}") for name in sorted(nowhere)]
    limits = await client.limits()
    left = limits.get("DailyApiRequests", {}).get("Remaining")
    return found + plan(counts, left, api.request_budget).findings("salesforce")


def plan(counts: Mapping[str, int], left: int | None, budget: int | None) -> CallPlan:
    """Calls of a first full extraction, from the org's own counts by object. `left`: of the day's calls; `budget`: a run's."""
    calls = {"small things": 3 + len(ENTITY_OF)}
    calls |= {name: 3 if total <= SMALL else 8 + -(-total // _PAGE) for name, total in counts.items()}
    return CallPlan(calls, _CALLS_A_SECOND, left, budget)


async def _describe(client: SalesforceClient, name: str) -> set[str] | None:
    try:
        answer: Any = (await client.describe(name))[0]
    except CallRefused as refused:
        if refused.status == 401:
            raise
        return None
    return {str(field["name"]) for field in answer["fields"]}
