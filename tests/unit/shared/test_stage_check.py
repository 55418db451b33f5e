"""Stages that sync.yaml names: unknown to the portal, or chosen twice under two names (P1-05, P2-63)."""

from typing import Any

import pytest

from assets.shared.stage_check import stage_problems
from schemas.config import parse

SMALL = "timezone: UTC\nstart: 2026-03-01\nsources: {salesforce: {path: sf}, hubspot: {path: hs}}\n"
STAGES = [{"value": "lead", "label": "Kunde i sikte"}, {"value": "4711", "label": "Trial"}]
PORTAL = {"lifecyclestage": {"options": STAGES}}
UNKNOWN = ("lifecycle.default_stage.salesforce", "P2-63")


@pytest.mark.parametrize(
    ("text", "portal", "expected"),
    [
        ("lifecycle: {default_stage: {salesforce: customer}}", PORTAL, [UNKNOWN]),
        ("lifecycle: {default_stage: {salesforce: trial}}", PORTAL, []),
        ("lifecycle: {default_stage: {salesforce: Lead}}", PORTAL, []),
        ("lifecycle: {default_stage: {salesforce: null}}", PORTAL, []),
        ("lifecycle: {default_stage: {salesforce: whatever}}", None, []),
        ("{}", {"lifecyclestage": {"options": STAGES[1:]}}, []),
        (
            "data_sync: [{app: salesforce, lead_stages: [Trial, customer], contact_stages: ['4711']}]",
            PORTAL,
            [("data_sync[0].contact_stages", "P1-05"), ("data_sync[0].lead_stages", "P2-63")],
        ),
    ],
)
def test_a_stage_is_one_of_the_portals_own(
    text: str, portal: dict[str, Any] | None, expected: list[tuple[str, str]]
) -> None:
    config = parse(SMALL + ("" if text == "{}" else text + "\n"))
    assert [(problem.path, problem.rule) for problem in stage_problems(config, portal)] == expected
