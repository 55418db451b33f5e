"""Live CRMs: what a run takes from this process, and what `crosswalk check --live` tries. Secrets are never shown."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from assets.hubspot import api_check as hubspot
from assets.hubspot.api_question import named
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.salesforce import api_check as salesforce
from assets.salesforce.client import SalesforceClient
from assets.salesforce.client_auth import SalesforceSecrets
from assets.segments.own import own_segments
from assets.shared.http import Patience
from assets.shared.http_check import Finding
from assets.shared.http_progress import Live, Names, Say
from assets.shared.http_redact import Recorder
from assets.shared.http_run import plainly
from pipelines.settings import PROJECT
from schemas.config import SyncConfig

_SECRETS = ("HUBSPOT_", "SALESFORCE_")


def environment() -> Mapping[str, str]:
    """Addresses and secrets of both CRMs: of `.env` in the project's folder, then of the environment, which counts more."""
    found = {**dotenv_values(PROJECT / ".env"), **os.environ}
    return {name: value for name, value in found.items() if name.startswith(_SECRETS) and value is not None}


def findings(
    config: SyncConfig,
    environment: Mapping[str, str],
    *,
    mapped: Mapping[str, Names] | None = None,
    record: Path | None = None,
    patience: Patience | None = None,
) -> list[Finding]:
    """Try every source of `kind: api`. `mapped`: properties and fields by CRM and entity; `record`: a cassette.

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
                found.extend(await hubspot.look(portal, sources.hubspot.api, (mapped or {}).get("hubspot", {})))
        if sources.salesforce.kind == "api":
            async with SalesforceClient(
                SalesforceSecrets.read(environment), patience=patience, recorder=recorder
            ) as org:
                found.extend(await salesforce.look(org, sources.salesforce.api, (mapped or {}).get("salesforce", {})))

    with plainly():
        asyncio.run(both())
    return found


def live_crms(say: Say | None = None) -> Live:
    """What a run takes from this process; CROSSWALK_RECORD names a cassette that all its calls are written to, redacted."""
    record = os.environ.get("CROSSWALK_RECORD")
    return Live(environment, mapped_names, wished_names, say, record=Path(record) if record else None)


def mapped_names(config: SyncConfig) -> dict[str, dict[str, list[str]]]:
    """By CRM and entity: properties and fields of the custom mappings; those of the default mappings are read anyway."""
    hubspot: dict[str, list[str]] = {"contact": [], "company": [], "deal": []}
    salesforce: dict[str, list[str]] = {"lead": [], "contact": [], "account": []}
    for mapping in config.mappings:
        person = mapping.object == "person"
        hubspot["contact" if person else "company"].append(mapping.hubspot)
        for entity in ("lead", "contact") if person else ("account",):
            salesforce[entity].append(mapping.salesforce)
    return {"hubspot": hubspot, "salesforce": salesforce}


def wished_names(config: SyncConfig) -> dict[str, dict[str, list[str]]]:
    """By CRM and entity: names that an object may well lack: the external id of imports, properties in own segments."""
    wished: dict[str, dict[str, list[str]]] = {"hubspot": {}, "salesforce": {}}
    if (external := config.imports.salesforce.external_id) is not None:
        wished["salesforce"] = {entity: [external] for entity in ("lead", "contact", "account")}
    properties = sorted(set().union(*(named(segment.branch) for segment in own_segments(config))))
    wished["hubspot"] = dict.fromkeys(("contact", "company", "deal"), properties)
    return wished
