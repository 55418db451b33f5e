"""sync.yaml: what it may say, and that every problem is reported at once with its path, line and rule."""

from pathlib import Path

import pytest

from pipelines.configuration import read_config
from schemas.config import ConfigError, load, parse

SMALL = """
timezone: Europe/Oslo
start: 2024-01-01
sources:
  salesforce: {path: "samples/{night}/salesforce"}
  hubspot: {path: "samples/{night}/hubspot"}
"""
DEFAULTS = [
    ("email", "Email", "Lead"),
    ("company", "Company", "Lead"),
    ("jobtitle", "Title", "Contact"),
    ("city", "City", "Lead"),
    ("city", "MailingCity", "Contact"),
    ("hubspot_owner_id", "OwnerId", "Lead"),
]


def problems(text: str) -> dict[str, tuple[str, str | None]]:
    with pytest.raises(ConfigError) as caught:
        parse(text, defaults=DEFAULTS)
    return {p.path: (p.message, p.rule) for p in caught.value.problems}


def test_defaults_are_those_of_the_reference() -> None:
    config = parse(SMALL)
    assert config.initial_sync == "baseline"
    assert config.sources.salesforce.snapshot == "full"
    assert config.sources.salesforce.absent == "keep"
    assert (config.integration.auto_create.leads.new, config.integration.auto_create.leads.existing) == (True, False)
    assert config.integration.inclusion_segment is None
    assert (config.guards.max_changes, config.guards.max_deletes) == (None, 0)
    assert (config.guards.max_reject_rate, config.guards.max_shrink) == (0.05, 0.10)
    assert (config.retention.raw, config.retention.core, config.retention.out) == (35, 35, 400)
    assert (config.identity.auto_link.T2, config.identity.auto_link.T3) == (False, False)
    assert config.imports.hubspot.name == "Crosswalk {night}"


def test_paths_are_relative_to_the_file_and_night_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "sync.yaml"
    file.write_text(SMALL)
    folder = load(file).sources.hubspot.folder("2024-02-03")
    assert folder == tmp_path / "samples" / "2024-02-03" / "hubspot"


def test_digest_is_of_what_the_file_says_not_of_how_or_where() -> None:
    one = parse(SMALL, Path("/one"))
    same = parse("# a comment\n" + SMALL + "guards: {max_deletes: 0}\n", Path("/two"))
    other = parse(SMALL + "guards: {max_deletes: 1}\n", Path("/one"))
    assert one.digest == same.digest
    assert one.digest != other.digest


@pytest.mark.parametrize(
    ("extra", "path", "words", "rule"),
    [
        ("colour: blue", "colour", "unknown key", None),
        ("integration: {company_synk: true}", "integration.company_synk", "did you mean company_sync?", None),
        ("integration: {create_as: deal}", "integration.create_as", "'lead' or 'contact'", "P2-01"),
        ("integration: {inclusion_segment: ''}", "integration.inclusion_segment", "list id or one list name", "P1-46"),
        ("integration: {inclusion_segment: [1, 2]}", "integration.inclusion_segment", "one list", "P1-46"),
        ("mappings: [{hubspot: a}]", "mappings[0].salesforce", "is required", "P1-22"),
        ("mappings: [{hubspot: a, salesforce: Lead Source}]", "mappings[0].salesforce", "not a label", "P1-22"),
        ("mappings: [{hubspot: ' ', salesforce: A__c}]", "mappings[0].hubspot", "not a label", "P1-22"),
        ("imports: {hubspot: {name: ' '}}", "imports.hubspot.name", "must not be blank", "P1-70"),
        ("imports: {hubspot: {name: 'For {day}'}}", "imports.hubspot", "only {night}", "P1-70"),
        ("imports: {salesforce: {external_id: Ext Id}}", "imports.salesforce.external_id", "not a label", "P1-22"),
        ("mappings: [{hubspot: a, salesforce: A__c, rule: prefer}]", "mappings[0].rule", "two_way", "P2-30"),
        (
            "mappings: [{hubspot: a, salesforce: A__c}, {hubspot: a, salesforce: B__c}]",
            "mappings[1].hubspot", "already mapped", "P2-32",
        ),
        (
            "mappings: [{hubspot: a, salesforce: A__c}, {hubspot: b, salesforce: a__C}]",
            "mappings[1].salesforce", "already mapped", "P2-32",
        ),
        ("mappings: [{hubspot: jobtitle, salesforce: T__c}]", "mappings[0].hubspot", "default mapping", "P2-32"),
        ("mappings: [{hubspot: x, salesforce: title}]", "mappings[0].salesforce", "default mapping", "P2-32"),
        ("mappings: [{hubspot: salesforceleadid, salesforce: X__c}]", "mappings[0].hubspot", "connector", "P2-26"),
        ("mapping_rules: {jobtitle: deleted}", "mapping_rules.jobtitle", "cannot be removed", "P1-20"),
        ("mapping_rules: {jobtitle: null}", "mapping_rules.jobtitle", "cannot be removed", "P1-20"),
        ("mapping_rules: {jobtitle: sometimes}", "mapping_rules.jobtitle", "two_way", "P2-30"),
        ("mapping_rules: {shoesize: two_way}", "mapping_rules.shoesize", "not a default mapping", "P1-20"),
        ("mapping_rules: {company/contact: never}", "mapping_rules.company/contact", "not a default mapping", "P1-20"),
        ("mapping_rules: {firstname/: never}", "mapping_rules.firstname/", "not a default mapping", "P1-20"),
        ("integration: {placeholders: {lead_company: ' '}}", "integration.placeholders.lead_company", "blank", "P2-07"),
        (
            f"integration: {{placeholders: {{lead_company: {'x' * 256}}}}}",
            "integration.placeholders.lead_company", "at most 255", "P2-07",
        ),
        ("mapping_rules: {email: always_salesforce}", "mapping_rules.email", "e-mail takes", "P2-35"),
        ("mapping_rules: {email: never}", "mapping_rules.email", "e-mail takes", "P2-35"),
        ("mapping_rules: {hubspot_owner_id: never}", "mapping_rules.hubspot_owner_id", "always two_way", "P2-36"),
        ("mapping_rules: {hs_email_optout: two_way}", "mapping_rules.hs_email_optout", "cannot be edited", "P2-38"),
        (
            "data_sync: [{app: x, supports: [leads], lead_stages: [lead]}]",
            "data_sync[0].supports", "leads and contacts", "P1-02",
        ),
        (
            "data_sync: [{app: x, lead_stages: [subscriber, mql], contact_stages: [mql]}]",
            "data_sync[0].contact_stages", "mql", "P1-05",
        ),
        ("data_sync: [{app: Salesforce}, {app: salesforce}]", "data_sync", "app salesforce has more than one", "P1-05"),
        (
            "mappings: [{hubspot: name, salesforce: Legal_Name__c, object: company}]",
            "mappings[0]", "every account needs", "P1-20",
        ),
        ("data_sync: [{app: Zoho}, {app: zoho}]", "data_sync", "app zoho has more than one", "P1-05"),
        ("resync: [{night: 2024-02-01}]", "resync[0]", "exactly one", "P2-14"),
        ("resync: [{night: 2023-02-01, ids: [1]}]", "resync[0].night", "before the first night", "design 5"),
        ("hold_back: [{id: anna}]", "hold_back[0].id", "15 or 18 characters", "P2-29"),
        ("hold_back: [{email: anna}]", "hold_back[0].email", "must be an e-mail address", None),
        ("hold_back: [{id: 1, fields: [TITLE, jobtitel]}]", "hold_back[0].fields[1]", "mean jobtitle?", "design 5"),
        ("hold_back: [{id: 1, fields: [city/lead]}]", "hold_back[0].fields[0]", "no mapping has", "design 5"),
        ("resync: [{night: 2024-02-01, ids: [1, 00Q1]}]", "resync[0].ids[1]", "15 or 18 characters", "P2-29"),
        ("resync: [{night: 2024-02-01, emails: [' ']}]", "resync[0].emails[0]", "must be an e-mail address", "P2-14"),
        ("resync: [{night: 2024-02-01, ids: []}]", "resync[0].ids", "at least 1", "P2-14"),
        ("resync: [{night: 2024-02-01, emails: []}]", "resync[0].emails", "at least 1", "P2-14"),
        (
            "integration: {placeholders: {lead_company: '#N/A'}}",
            "integration.placeholders.lead_company", "which Salesforce reads as blank", "P2-B1",
        ),
        ("marketing: {tier_exceeded: stop}", "marketing.tier_exceeded", "needs contact_tier", "P2-A4"),
        (
            "lifecycle: {updates: [{enroll: 5, set: lead, backward: ignore}]}",
            "lifecycle.updates[0].backward", "clears an earlier stage", "P1-62",
        ),
        ("hold_back: [{id: 1, email: a@x.com}]", "hold_back[0]", "exactly one", "design 5"),
        ("lifecycle: {updates: [{enroll: 5}]}", "lifecycle.updates[0]", "enroll needs set", "P1-61"),
        ("lifecycle: {updates: [{file: a.csv}]}", "lifecycle.updates[0]", "file needs night", "P1-65"),
        (
            "lifecycle: {updates: [{file: a.csv, night: 2024-02-01}, {file: a.csv, night: 2023-02-01}]}",
            "lifecycle.updates[1].night", "before the first night", "design 5",
        ),
        (
            "imports: {hubspot: {gdpr: {enabled: true}}}",
            "imports.hubspot.gdpr.legal_basis", "is required", "P1-72",
        ),
        (
            "imports: {hubspot: {gdpr: {communication: [&one {subscription: 5, legal_basis: NON_GDPR, explanation: x}, *one]}}}",
            "imports.hubspot.gdpr.communication", "subscription 5 has more than one", "P1-72",
        ),
        ("imports: {salesforce: {max_file_mb: 101}}", "imports.salesforce.max_file_mb", "100", "P2-B2"),
        ("marketing: {apps: [{name: a}, {name: a}]}", "marketing.apps", "more than one", "P1-35"),
        ("guards: {max_shrink: 2}", "guards.max_shrink", "less than or equal to 1", None),
        ("retention: {raw: 0}", "retention.raw", "greater than or equal to 1", None),
        ("initial_sync: partial", "initial_sync", "'baseline' or 'full'", "P1-11"),
    ],
)  # fmt: skip
def test_each_problem_has_its_path_and_rule(extra: str, path: str, words: str, rule: str | None) -> None:
    found = problems(SMALL + extra + "\n")
    assert list(found) == [path]
    assert words in found[path][0]
    assert found[path][1] == rule


def test_settings_without_effect_are_told_at_once_with_their_lines() -> None:
    text = SMALL + (
        "resync:\n  - {night: 2024-02-01, ids: []}\n"
        "integration:\n  placeholders: {lead_company: '#N/A'}\n"
        "marketing:\n  tier_exceeded: stop\n"
        "lifecycle:\n  updates:\n    - enroll: 5\n      set: lead\n      backward: ignore\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert [(p.line, p.path) for p in caught.value.problems] == [
        (8, "resync[0].ids"),
        (10, "integration.placeholders.lead_company"),
        (12, "marketing.tier_exceeded"),
        (17, "lifecycle.updates[0].backward"),
    ]


def test_a_workflow_may_say_what_it_does_with_an_earlier_stage() -> None:
    parse(SMALL + "lifecycle: {updates: [{enroll: 5, set: lead, backward: clear_then_set}]}\n")


def test_two_apps_may_choose_one_stage_differently() -> None:
    parse(SMALL + "data_sync: [{app: a, lead_stages: [mql]}, {app: b, contact_stages: [mql]}]\n")


def test_a_rule_may_name_one_of_two_mappings_of_a_property() -> None:
    config = parse(SMALL + "mapping_rules: {city/lead: two_way}\n", defaults=DEFAULTS)
    assert config.mapping_rules == {"city/lead": "two_way"}


def test_all_problems_come_at_once_with_the_places_they_have_in_the_file() -> None:
    text = (
        SMALL
        + "mappings:\n  - {hubspot: a}\n  - {hubspot: b, salesforce: B__c}\n  - {hubspot: b, salesforce: C__c}\ncolour: red\n"
    )
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert [(p.line, p.path) for p in caught.value.problems] == [
        (8, "mappings[0].salesforce"),
        (10, "mappings[2].hubspot"),
        (11, "colour"),
    ]


def test_what_is_wrong_is_not_missing_too() -> None:
    text = SMALL + "resync: [{night: soon, emails: a@x.com}]\nmappings: [{hubspot: '', salesforce: X__c}]\n"
    with pytest.raises(ConfigError) as caught:
        parse(text, defaults=DEFAULTS)
    assert [p.path for p in caught.value.problems] == ["resync[0].emails", "resync[0].night", "mappings[0].hubspot"]


def test_what_is_missing_does_not_hide_what_is_wrong() -> None:
    found = problems("integration: {create_as: deal}\nmapping_rules: {email: never}\n")
    assert set(found) == {"timezone", "start", "sources", "integration.create_as", "mapping_rules.email"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "not valid YAML"),
        ("- a\n- b\n", "must be a mapping"),
        ("", "must be a mapping"),
        (SMALL + "start: 2024-01-02\n", "'start' is given twice"),
        (SMALL + "mappings: &all [*all]\n", "an alias stands inside what it is an alias of"),
        (SMALL + "guards: &all {more: *all}\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_one_problem(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert len(caught.value.problems) == 1
    assert words in str(caught.value)
    assert ": -:" not in str(caught.value)  # the whole file has no path


def test_a_block_may_take_over_keys_of_another() -> None:
    text = SMALL.replace("hubspot: {path", "hubspot: {<<: *both, path").replace("salesforce: {", "salesforce: &both {")
    config = parse(text.replace('salesforce"}', 'salesforce", snapshot: incremental}'))
    assert (config.sources.hubspot.snapshot, config.sources.hubspot.path) == ("incremental", "samples/{night}/hubspot")


def test_a_missing_file_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.yaml")


def test_a_message_never_repeats_a_value() -> None:
    text = SMALL + "hold_back: [{email: [anna@example.com]}]\nresync: [{night: tomorrow-anna, ids: [1]}]\n"
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert "anna" not in str(caught.value)


def test_wrong_dates_are_problems_of_their_keys() -> None:
    found = problems(SMALL.replace("2024-01-01", "2024-13-01"))
    assert "must be a date" in found["start"][0]


@pytest.mark.parametrize(
    ("enabled", "basis", "wrong"),
    [
        ("true", "Legitimate interest – prospect/lead", False),
        ("true", "Legitimate interest - prospect/lead", True),  # a hyphen where HubSpot has an en dash
        ("true", "not applicable", True),
        ("false", "not applicable", False),
    ],
)
def test_a_legal_basis_is_read_letter_by_letter(tmp_path: Path, enabled: str, basis: str, wrong: bool) -> None:
    """P2-9F: refused before anything runs, with line and path."""
    gdpr = f'imports: {{hubspot: {{gdpr: {{enabled: {enabled}, legal_basis: [Not applicable, "{basis}"]}}}}}}\n'
    path = tmp_path / "sync.yaml"
    path.write_text(SMALL + gdpr, encoding="utf-8")
    if not wrong:
        assert read_config(path).imports.hubspot.gdpr.legal_basis[1] == basis
        return
    with pytest.raises(ConfigError, match="letter for letter") as refused:
        read_config(path)
    assert [(p.path, p.rule) for p in refused.value.problems] == [("imports.hubspot.gdpr.legal_basis[1]", "P2-9F")]
