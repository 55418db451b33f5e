"""What an erasure takes out of import files."""

import json
from pathlib import Path

from assets.shared import forget_files


def test_a_number_is_the_persons_in_files_of_contacts_alone(tmp_path: Path) -> None:
    """HubSpot numbers contacts and companies each for itself."""
    table = "Record ID,Phone Number\n7,1\n8,2\n"
    body = json.dumps({"inputs": [{"id": "7", "properties": {"phone": ""}}]}, separators=(",", ":")) + "\n"
    files = {f"{name}.{kind}": text for kind, text in (("csv", table), ("jsonl", body))
             for name in ("hubspot-contacts-update", "hubspot-companies-update")}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    erased = forget_files.erase(tmp_path, ["a@x.com"], ["7"])
    assert erased == ["hubspot-contacts-update.csv", "hubspot-contacts-update.jsonl"]
    assert (tmp_path / "hubspot-contacts-update.csv").read_text() == "Record ID,Phone Number\n8,2\n"
    assert forget_files.still_naming(tmp_path, ["a@x.com"], ["7"]) == 0
