"""Live CRMs tried out: what `crosswalk check --live` does. Secrets come from the environment's mapping and are never shown."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from assets.hubspot import api_check as hubspot
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.salesforce import api_check as salesforce
from assets.salesforce.client import SalesforceClient
from assets.salesforce.client_auth import SalesforceSecrets
from assets.shared.http import Patience
from assets.shared.http_check import Finding
from assets.shared.http_redact import Recorder
from assets.shared.http_run import plainly
from schemas.config import SyncConfig

Names = Mapping[str, Sequence[str]]


def findings(
    config: SyncConfig,
    environment: Mapping[str, str],
    *,
    hubspot_names: Names | None = None,
    salesforce_names: Names | None = None,
    record: Path | None = None,
    patience: Patience | None = None,
) -> list[Finding]:
    """Try every source of `kind: api`. `*_names`: mapped properties and fields by entity; `record`: a cassette.

    Raises InputRefused without credentials, CallRefused where they are not accepted.
    """
    sources = config.sources
    if "api" not in (sources.hubspot.kind, sources.salesforce.kind):
        return [Finding(None, "no source is of kind: api; there is nothing to try")]
    recorder = Recorder(record) if record else None
    found: list[Finding] = []

    async def both() -> None:
        if sources.hubspot.kind == "api":
            secrets = HubspotSecrets.read(environment)
            async with HubspotClient(secrets, patience=patience, recorder=recorder) as portal:
                found.extend(await hubspot.look(portal, sources.hubspot.api, hubspot_names or {}))
        if sources.salesforce.kind == "api":
            async with SalesforceClient(
                SalesforceSecrets.read(environment), patience=patience, recorder=recorder
            ) as org:
                found.extend(await salesforce.look(org, sources.salesforce.api, salesforce_names or {}))

    with plainly():
        asyncio.run(both())
    return found


def mapped_names(config: SyncConfig) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """HubSpot properties and Salesforce fields of the custom mappings, by entity; the default ones are read anyway."""
    hubspot: dict[str, list[str]] = {"contact": [], "company": []}
    salesforce: dict[str, list[str]] = {"lead": [], "contact": [], "account": []}
    for mapping in config.mappings:
        person = mapping.object == "person"
        hubspot["contact" if person else "company"].append(mapping.hubspot)
        for entity in ("lead", "contact") if person else ("account",):
            salesforce[entity].append(mapping.salesforce)
    return hubspot, salesforce
