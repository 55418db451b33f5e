"""sync.yaml against what a night's property and list files say."""

import json
from pathlib import Path

from assets.shared.source_check import named_problems, source_problems
from schemas.config import parse

NIGHT = "2026-11-20"
CONFIG = """
timezone: Europe/Oslo
start: 2026-01-01
sources: {salesforce: {path: sf}, hubspot: {path: hs}}
lifecycle:
  updates:
    - {object: contact, enroll: 7, set: Trial}
    - {object: contact, enroll: companies, set: MQL}
    - {object: company, enroll: 8, set: Lead}
    - {object: contact, enroll: 7, set: MQL, night: 2026-11-19}
    - {object: contact, file: gone.csv, night: 2026-11-20}
    - {object: contact, file: gone.csv, night: 2026-11-19}
"""


def test_bulk_updates_that_cannot_run_are_found_before_the_night(tmp_path: Path) -> None:
    """P1-63, P1-69, P2-63: a list of the other object, a stage that nobody has, a file that is not there."""
    properties = tmp_path / "hs" / "properties"
    properties.mkdir(parents=True)
    stages = [{"value": "lead", "label": "Lead"}, {"value": "180001", "label": "Trial"}]
    stage = {"name": "lifecyclestage", "type": "enumeration", "fieldType": "radio", "options": stages}
    (properties / "contact.json").write_text(json.dumps({"results": [stage]}))
    lists = [
        {"listId": "7", "name": "people", "objectTypeId": "0-1"},
        {"listId": "8", "name": "companies", "objectTypeId": "0-2"},
    ]
    (tmp_path / "hs" / "lists.json").write_text(json.dumps({"lists": lists}))
    config = parse(CONFIG, folder=tmp_path)
    assert [(p.path, p.rule) for p in source_problems(config, NIGHT)] == [
        ("lifecycle.updates[1].set", "P2-63"),
        ("lifecycle.updates[1].enroll", "P1-63"),
        ("lifecycle.updates[4].file", "P1-69"),
    ]


def test_a_night_that_is_not_there_says_nothing_about_lists(tmp_path: Path) -> None:
    """That the folder is missing is told of the source; that its lists are missing too would send one to sync.yaml."""
    config = parse(CONFIG, folder=tmp_path)
    assert named_problems(config, NIGHT, []) == []
    (tmp_path / "hs").mkdir()
    assert {p.path for p in named_problems(config, NIGHT, ["7", "companies"])} == {"lifecycle.updates[2].enroll"}
