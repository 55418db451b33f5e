"""Rules between the keys of sync.yaml, and between it and the default mappings."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from schemas.config_problems import Problem

if TYPE_CHECKING:
    from schemas.config import SyncConfig

# Set by the connector itself (P2-26); mapping them would let one side rewrite the link.
CONNECTOR_PROPERTIES = frozenset({
    "salesforceleadid", "salesforcecontactid", "salesforceaccountid", "salesforceownerid", "salesforcecampaignids",
    "salesforcedeleted", "salesforcelastsynctime", "salesforceopportunitystage",
})  # fmt: skip


def cross_checks(config: "SyncConfig") -> list[Problem]:
    """Every problem between keys of a file whose single keys are well-formed."""
    return [
        *_stages(config),
        *_mappings(config),
        *_mapping_rules(config),
        *_updates(config),
        *_marketing(config),
        *_imports(config),
        *_times(config),
    ]


def notices(config: "SyncConfig") -> list[Problem]:
    """What is allowed and probably not meant."""
    found = []
    if config.integration.create_as == "lead" and config.integration.create_and_associate_companies:
        found.append(
            Problem(
                "integration.create_and_associate_companies",
                "with create_as: lead, converting a lead later makes a duplicate company in HubSpot",
                "P2-04",
            )
        )
    found += [
        Problem(
            f"data_sync[{index}].conflict",
            "has no effect: an app other than salesforce gets no deltas",
            "P2-71",
        )
        for index, app in enumerate(config.data_sync)
        if app.conflict is not None and app.app != "salesforce"
    ]
    for crm, source in (("salesforce", config.sources.salesforce), ("hubspot", config.sources.hubspot)):
        idle = ("path", "snapshot", "absent") if source.kind == "api" else ("api",)
        found += [
            Problem(f"sources.{crm}.{name}", f"has no effect with kind: {source.kind}", "design 4")
            for name in idle
            if name in source.model_fields_set
        ]
    return found


Default = tuple[str, str, str]  # HubSpot property, Salesforce field, and its object: Lead, Contact or Account
COMPANY_OBJECT = "Account"


def default_checks(config: "SyncConfig", defaults: Iterable[Default]) -> list[Problem]:
    """Problems between custom mappings, mapping rules or held fields and the default mappings."""
    known = list(defaults)
    if not known:
        return []
    held = _held_fields(config, known)
    known = [default for default in known if default[2] != COMPANY_OBJECT]
    properties = {p for p, _, _ in known}
    fields = {f.lower() for _, f, _ in known if f}
    found = []
    for index, mapping in enumerate(config.mappings):
        if mapping.object != "person":
            continue
        if mapping.hubspot in properties:
            found.append(Problem(f"mappings[{index}].hubspot", "a default mapping has this property already", "P2-32"))
        if mapping.salesforce.lower() in fields:
            found.append(Problem(f"mappings[{index}].salesforce", "a default mapping has this field already", "P2-32"))
    message = "is not a default mapping; name its HubSpot property, or property/lead or property/contact"
    named = properties | {f"{p}/{object_.lower()}" for p, _, object_ in known}
    unknown = [name for name in config.mapping_rules if name not in named]
    return found + [Problem(f"mapping_rules.{name}", message, "P1-20") for name in unknown] + held


def _held_fields(config: "SyncConfig", defaults: Collection[Default]) -> list[Problem]:
    """Fields that are held back and that nothing would change: a slip in the name would leave the field unprotected.

    A file of `lifecycle.updates` may change any property; which, only its own night tells.
    """
    if any(update.file is not None for update in config.lifecycle.updates):
        return []
    named = {name for p, f, _ in defaults for name in (p, f)} | {"lifecyclestage"}
    named |= {name for mapping in config.mappings for name in (mapping.hubspot, mapping.salesforce)}
    known = {name.lower(): name for name in sorted(named)}
    found = []
    for index, held in enumerate(config.hold_back):
        for place, name in enumerate(held.fields or []):
            if name.lower() not in known:
                close = difflib.get_close_matches(name.lower(), known, n=1)
                hint = f"; did you mean {known[close[0]]}?" if close else ""
                message = f"no mapping has a property or field of this name, so it holds nothing back{hint}"
                found.append(Problem(f"hold_back[{index}].fields[{place}]", message, "design 5"))
    return found


def _stages(config: "SyncConfig") -> list[Problem]:
    found = []
    for index, app in enumerate(config.data_sync):
        path = f"data_sync[{index}]"
        chosen = bool(app.lead_stages or app.contact_stages)
        if chosen and set(app.supports) != {"leads", "contacts"}:
            found.append(
                Problem(f"{path}.supports", "stages can be chosen only for an app with leads and contacts", "P1-02")
            )
        shared = [s for s in app.lead_stages if s.lower() in {c.lower() for c in app.contact_stages}]
        if shared:
            named = ", ".join(shared)
            found.append(Problem(f"{path}.contact_stages", f"chosen for leads and for contacts: {named}", "P1-05"))
    twice = _twice(app.app.lower() for app in config.data_sync)
    return found + [Problem("data_sync", f"app {name} has more than one entry", "P1-05") for name in twice]


def _mappings(config: "SyncConfig") -> list[Problem]:
    found = []
    seen: set[tuple[str, str, str]] = set()
    for index, mapping in enumerate(config.mappings):
        for side, name in (("hubspot", mapping.hubspot), ("salesforce", mapping.salesforce.lower())):
            if (mapping.object, side, name) in seen:
                what = "property" if side == "hubspot" else "field"
                found.append(Problem(f"mappings[{index}].{side}", f"this {what} is already mapped", "P2-32"))
            seen.add((mapping.object, side, name))
        if mapping.object == "company" and (mapping.hubspot == "name") != (mapping.salesforce.lower() == "name"):
            found.append(
                Problem(
                    f"mappings[{index}]", "name and Name are mapped to each other: every account needs one", "P1-20"
                )
            )
        if mapping.hubspot in CONNECTOR_PROPERTIES:
            found.append(Problem(f"mappings[{index}].hubspot", "is set by the connector and cannot be mapped", "P2-26"))
    return found


def _mapping_rules(config: "SyncConfig") -> list[Problem]:
    found = []
    for name, rule in config.mapping_rules.items():
        path, prop = f"mapping_rules.{name}", name.partition("/")[0]
        if prop == "email" and rule in ("always_salesforce", "never"):
            found.append(Problem(path, "e-mail takes two_way or prefer_salesforce_unless_blank only", "P2-35"))
        if prop == "hubspot_owner_id" and rule != "two_way":
            found.append(Problem(path, "the owner is always two_way", "P2-36"))
        if prop == "hs_email_optout":
            found.append(Problem(path, "the e-mail opt-out cannot be edited", "P2-38"))
    return found


def _updates(config: "SyncConfig") -> list[Problem]:
    """No workflow leaves an earlier stage alone (P1-62)."""
    message = "ignore is for a file; a workflow clears an earlier stage, then sets it"
    return [
        Problem(f"lifecycle.updates[{index}].backward", message, "P1-62")
        for index, update in enumerate(config.lifecycle.updates)
        if update.enroll is not None and "backward" in update.model_fields_set and update.backward == "ignore"
    ]


def _marketing(config: "SyncConfig") -> list[Problem]:
    marketing = config.marketing
    twice = _twice(app.name.lower() for app in marketing.apps)
    found = [Problem("marketing.apps", f"app {name} has more than one entry", "P1-35") for name in twice]
    if marketing.tier_exceeded == "stop" and marketing.contact_tier is None:
        found.append(Problem("marketing.tier_exceeded", "stop needs contact_tier, which says at how many", "P2-A4"))
    return found


def _imports(config: "SyncConfig") -> list[Problem]:
    gdpr, path = config.imports.hubspot.gdpr, "imports.hubspot.gdpr"
    twice = _twice(str(entry.subscription) for entry in gdpr.communication)
    found = [Problem(f"{path}.communication", f"subscription {one} has more than one entry", "P1-72") for one in twice]
    if gdpr.enabled and not gdpr.legal_basis:
        found.append(Problem(f"{path}.legal_basis", "is required while gdpr.enabled is true", "P1-72"))
    return found


def basis_checks(config: "SyncConfig", bases: Collection[str]) -> list[Problem]:
    """Legal bases that HubSpot does not have letter for letter: it would drop them, and with them the contact (P2-9F)."""
    gdpr = config.imports.hubspot.gdpr
    message = "is not one of HubSpot's values, letter for letter; two of them have an en dash"
    return [
        Problem(f"imports.hubspot.gdpr.legal_basis[{number}]", message, "P2-9F")
        for number, basis in enumerate(gdpr.legal_basis)
        if gdpr.enabled and bases and basis not in bases
    ]


def _times(config: "SyncConfig") -> list[Problem]:
    nights: list[tuple[str, str | None]] = [
        (f"resync[{i}].night", entry.night) for i, entry in enumerate(config.resync)
    ]
    updates = [(i, entry) for i, entry in enumerate(config.lifecycle.updates) if not entry.continuous]
    nights += [(f"lifecycle.updates[{i}].night", entry.night) for i, entry in updates]
    nights.append(("integration.salesforce_import.night", config.integration.salesforce_import.night))
    return [
        Problem(path, "is before the first night (start)", "design 5")
        for path, night in nights
        if night is not None and night < config.start
    ]


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)
