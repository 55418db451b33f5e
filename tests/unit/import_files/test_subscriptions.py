"""The legal basis for communicating: a choice of its own for each subscription type, for contacts that an import creates."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.config import ConfigError
from tests.unit.import_files.deltas import bodies_of, config, property_row, row, written
from tests.unit.import_files.model_hubspot import Portal

GDPR: dict[str, Any] = {
    "enabled": True,
    "legal_basis": ["Not applicable"],
    "communication": [
        {"subscription": 7, "legal_basis": "CONSENT_WITH_NOTICE", "explanation": 'said "yes", 2026'},
        {"subscription": 8, "legal_basis": "LEGITIMATE_INTEREST_CLIENT", "explanation": "customer"},
    ],
}
ROWS = [
    row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", link="003A", marketing=True),
    row("hubspot", "contact", "create", {"email": "b@x.com"}, key="b@x.com", link="003B"),
    row("hubspot", "contact", "create", {"email": "c@x.com", "hs_email_optout": "true"}, key="c@x.com", link="003C"),
    row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1"),
]
PROPERTIES = [
    property_row("hs_object_id", label="Record ID", type="number", read_only=True),
    property_row("email", label="Email"),
    property_row("city", label="City"),
    property_row("hs_email_optout", label="Opt-out", type="bool", fieldType="booleancheckbox"),
    property_row("hs_legal_basis", label="Legal basis", type="enumeration", fieldType="checkbox")
    | {"options": json.dumps([{"value": "Not applicable", "label": "Not applicable"}])},
]


def settings(**gdpr: Any) -> str:
    return f"imports: {json.dumps({'hubspot': {'gdpr': GDPR | gdpr}})}\n"


def test_created_contacts_are_subscribed_with_their_basis(tmp_path: Path) -> None:
    """P1-72: every type with its own basis, after the import that makes the contact; nobody who opted out."""
    folder = tmp_path / "n"
    manifest = written(folder, ROWS, settings=settings(), properties=PROPERTIES)
    portal = Portal("0-1", {r["name"]: r for r in PROPERTIES}, {"1": {"email": "old@x.com"}})
    portal.load(folder)
    assert portal.subscriptions == {
        (email, number, basis)
        for email in ("a@x.com", "b@x.com")
        for number, basis in ((7, "CONSENT_WITH_NOTICE"), (8, "LEGITIMATE_INTEREST_CLIENT"))
    }
    found = {f.file: (f.rows, f.via, f.waits_for) for f in manifest.files if f.operation == "subscribe"}
    assert found == {
        "subscribe-hubspot-contacts.jsonl": (2, "api", ["hubspot-contacts-create.csv"]),
        "subscribe-hubspot-contacts-marketing.jsonl": (2, "api", ["hubspot-contacts-create-marketing.csv"]),
    }
    first = bodies_of(folder / "subscribe-hubspot-contacts.jsonl")[0]
    assert first == {
        "subscriberIdString": "b@x.com",
        "channel": "EMAIL",
        "statusState": "SUBSCRIBED",
        "subscriptionId": 7,
        "legalBasis": "CONSENT_WITH_NOTICE",
        "legalBasisExplanation": 'said "yes", 2026',
    }


def test_nothing_is_said_where_gdpr_is_off(tmp_path: Path) -> None:
    manifest = written(tmp_path / "n", ROWS, settings=settings(enabled=False), properties=PROPERTIES)
    assert {f.operation for f in manifest.files} == {"create", "update"}
    assert manifest.warnings == []


def test_a_missing_basis_for_communicating_is_said(tmp_path: Path) -> None:
    """Without one nobody is subscribed, which a portal with GDPR on does not take for granted."""
    manifest = written(tmp_path / "n", ROWS, settings=settings(communication=[]), properties=PROPERTIES)
    assert {f.operation for f in manifest.files} == {"create", "update"}
    assert manifest.warnings == ["communication_basis_missing"]
    updates = written(tmp_path / "u", ROWS[-1:], settings=settings(communication=[]), properties=PROPERTIES)
    assert updates.warnings == []


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"legal_basis": "Consent"}, "communication.0.legal_basis"),
        ({"legal_basis": "consent_with_notice"}, "communication.0.legal_basis"),
        ({"explanation": ""}, "communication.0.explanation"),
        ({"subscription": 0}, "communication.0.subscription"),
        ({"subscription": None}, "communication.0.subscription"),
    ],
)
def test_other_values_are_refused(entry: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as refused:
        config(settings(communication=[GDPR["communication"][0] | entry]))
    assert path in str(refused.value).replace("[", ".").replace("]", "")
