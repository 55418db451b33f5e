"""What sync.yaml allows and probably does not mean is said, and stops nothing."""

import pytest

from schemas.config import parse
from schemas.config_rules import notices

BASE = """
timezone: Europe/Oslo
start: 2026-11-18
sources:
  salesforce: {kind: exports, path: "{night}/s"}
  hubspot: {kind: exports, path: "{night}/h"}
integration: {create_as: contact}
"""


@pytest.mark.parametrize(
    ("extra", "paths"),
    [
        ("", []),
        ("data_sync: [{app: salesforce, lead_stages: [lead], conflict: app}]\n", []),
        (
            "data_sync: [{app: other, lead_stages: [lead]}, {app: third, conflict: hubspot}]\n",
            ["data_sync[1].conflict"],
        ),
    ],
)
def test_a_setting_without_effect_is_named(extra: str, paths: list[str]) -> None:
    assert [notice.path for notice in notices(parse(BASE + extra))] == paths
