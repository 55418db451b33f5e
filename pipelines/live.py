"""Live CRMs: what a run takes from this process, and what `crosswalk check --live` tries. Secrets are never shown."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from assets.hubspot import api_check as hubspot
from assets.hubspot.api_question import named
from assets.hubspot.client import HubspotClient
from assets.hubspot.client_auth import HubspotSecrets
from assets.salesforce import api_check as salesforce
from assets.salesforce.client import SalesforceClient
from assets.salesforce.client_auth import SalesforceSecrets
from assets.segments.segments_file import own_segments
from assets.shared.failures import CrosswalkError
from assets.shared.http import Patience
from assets.shared.http_check import Finding, stopped
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

    Credentials that are not there or not accepted are findings too: they say nothing about the other CRM.
    """
    sources = config.sources
    if "api" not in (sources.hubspot.kind, sources.salesforce.kind):
        return [Finding(None, "no source is of kind: api; there is nothing to try")]
    recorder = Recorder(record) if record else None
    names = mapped or {}

    async def portal() -> list[Finding]:
        secrets = HubspotSecrets.read(environment)
        async with HubspotClient(secrets, patience=patience, recorder=recorder) as client:
            return await hubspot.look(client, sources.hubspot.api, names.get("hubspot", {}))

    async def org() -> list[Finding]:
        secrets = SalesforceSecrets.read(environment)
        async with SalesforceClient(secrets, patience=patience, recorder=recorder) as client:
            return await salesforce.look(client, sources.salesforce.api, names.get("salesforce", {}))

    asked = [look for look, source in ((portal, sources.hubspot), (org, sources.salesforce)) if source.kind == "api"]
    return [finding for look in asked for finding in _tried(look)]


def _tried(look: Callable[[], Coroutine[Any, Any, list[Finding]]]) -> list[Finding]:
    """What one CRM answers, or what kept it from being asked."""
    try:
        with plainly():
            return asyncio.run(look())
    except CrosswalkError as error:
        return stopped(error)


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
