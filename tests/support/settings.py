"""Configurations of the random histories: one list, said to the interpreter and to sync.yaml."""

from random import Random
from typing import Any

from tests.reference.model import Mapping, Settings

PREFER, ALWAYS, TWO_WAY, NEVER = "prefer_salesforce_unless_blank", "always_salesforce", "two_way", "never"
BOTH, LEAD = frozenset("LC"), frozenset("L")
DEFAULTS = (
    Mapping("email", "Email", PREFER, BOTH, "email"),
    Mapping("firstname", "FirstName", PREFER, BOTH),
    Mapping("lastname", "LastName", PREFER, BOTH),
    Mapping("company", "Company", PREFER, LEAD),
    Mapping("jobtitle", "Title", PREFER, BOTH),
    Mapping("phone", "Phone", PREFER, BOTH),
    Mapping("hubspot_owner_id", "OwnerId", TWO_WAY, BOTH, "owner"),
    Mapping("hs_email_optout", "HasOptedOutOfEmail", TWO_WAY, BOTH, "opt_out"),
    Mapping("salesforcecampaignids", "CampaignIds", ALWAYS, BOTH, "campaigns"),
)
COMPANY = (
    Mapping("name", "Name", PREFER, frozenset("A")),
    Mapping("phone", "Phone", PREFER, frozenset("A")),
    Mapping("tier__hs", "Tier__c", TWO_WAY, frozenset("A")),
)
CUSTOM = (Mapping("region__hs", "Region__c", TWO_WAY, BOTH), Mapping("nick__hs", "Nick__c", PREFER, LEAD))


def settings(rules: dict[str, str] | None = None, **rest: Any) -> Settings:
    """Settings with other rules for some properties."""
    rules = rules or {}
    mappings = tuple(
        Mapping(m.hubspot, m.salesforce, rules.get(m.hubspot, m.rule), m.letters, m.kind) for m in (*DEFAULTS, *CUSTOM)
    )
    return Settings(mappings, COMPANY, **rest)


def on(leads: bool, contacts: bool) -> dict[str, bool]:
    return {"L": leads, "C": contacts}


TRIED = {"jobtitle": TWO_WAY, "phone": ALWAYS, "firstname": TWO_WAY}
CONFIGURATIONS = (
    settings(TRIED),
    settings(TRIED, segment="S1", chosen={3: "S2"}, on_salesforce_delete="delete_hubspot_contact"),
    settings({"email": TWO_WAY, "jobtitle": ALWAYS}, create_as="contact", initial_sync="full",
             auto_new=on(True, False)),
    settings(
        {"phone": NEVER, "nick__hs": TWO_WAY}, segment="S1", initial_sync="full", auto_existing=on(True, False),
        absent="deleted",
    ),
    settings({"region__hs": PREFER}, on_salesforce_delete="delete_hubspot_contact", auto_new=on(False, False),
             lead_company="unknown"),
    settings(TRIED, segment="S1", create_as="contact", auto_new=on(False, True), auto_existing=on(False, True)),
)  # fmt: skip


def drawn(chance: Random) -> Settings:
    """Any settings at all."""
    rules = (PREFER, ALWAYS, TWO_WAY, NEVER)
    free = {
        name: chance.choice(rules) for name in ("firstname", "company", "jobtitle", "phone", "region__hs", "nick__hs")
    }
    flip = lambda: chance.random() < 0.5  # noqa: E731
    return settings(
        {**free, "lastname": chance.choice((PREFER, TWO_WAY)), "email": chance.choice((PREFER, TWO_WAY))},
        initial_sync=chance.choice(("baseline", "full")),
        create_as=chance.choice(("lead", "contact")),
        auto_new=on(flip(), flip()),
        auto_existing=on(flip(), flip()),
        segment=chance.choice((None, "S1")),
        chosen=chance.choice(({}, {3: "S2"}, {3: "S2", 4: "S1"}, {4: None}, {3: "S1", 5: "S2"})),
        on_salesforce_delete=chance.choice(("nothing", "delete_hubspot_contact")),
        absent=chance.choice(("keep", "deleted")),
        lead_company=chance.choice((None, "unknown")),
        default_stage=chance.choice((None, "lead")),
    )


def as_yaml(chosen: Settings, resyncs: dict[str, set[str]]) -> dict[str, Any]:
    """The same settings as overrides of sync.yaml."""
    default_rules = {m.hubspot: m.rule for m in DEFAULTS}
    custom = {m.hubspot for m in CUSTOM}
    return {
        "initial_sync": chosen.initial_sync,
        "sources": {"salesforce": {"absent": chosen.absent}},
        "integration": {
            "create_as": chosen.create_as,
            "auto_create": {
                name: {"new": chosen.auto_new[letter], "existing": chosen.auto_existing[letter]}
                for letter, name in (("L", "leads"), ("C", "contacts"))
            },
            "inclusion_segment": chosen.segment,
            "on_salesforce_delete": chosen.on_salesforce_delete,
            "placeholders": {"lead_company": chosen.lead_company},
        },
        "lifecycle": {"default_stage": {"salesforce": chosen.default_stage}},
        "mappings": [
            {"hubspot": m.hubspot, "salesforce": m.salesforce, "rule": m.rule}
            for m in chosen.mappings
            if m.hubspot in custom
        ]
        + [{"object": "company", "hubspot": "tier__hs", "salesforce": "Tier__c", "rule": TWO_WAY}],
        "mapping_rules": {
            m.hubspot: m.rule for m in chosen.mappings if m.hubspot not in custom and m.rule != default_rules[m.hubspot]
        },
        "resync": [{"night": night, "emails": sorted(emails)} for night, emails in sorted(resyncs.items())],
    }
