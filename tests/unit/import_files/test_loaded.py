"""What was loaded of a night's files: marks, what is next, and what cannot have been loaded yet."""

from pathlib import Path

import pytest

from assets.import_files.loaded import mark, standings
from assets.shared.failures import InputRefused
from schemas.imports import LoadDay, Manifest
from tests.unit.import_files.deltas import row, written

ROWS = [
    row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com", link="003A"),
    row("hubspot", "contact", "clear", {"city": None}, record_id="1", before={"city": "Oslo"}),
    row("hubspot", "contact", "update", {"city": "Bergen"}, record_id="1", sequence=2),
    row("hubspot", "company", "update", {"city": "Oslo"}, record_id="7"),
]
CREATE, CLEAR, UPDATE = (
    "hubspot-contacts-create.csv",
    "clear-hubspot-contacts.jsonl",
    "hubspot-contacts-update-after-clear.csv",
)
COMPANY = "hubspot-companies-update.csv"
LEAD = row("salesforce", "lead", "update", {"City": "Oslo"}, record_id="00Q000000000001EAA")


def statuses(manifest: Manifest, folder: Path) -> dict[str, str]:
    return {s.file.file: s.status for s in standings(manifest, folder)}


def test_a_file_is_next_when_what_it_waits_for_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-20"
    manifest = written(folder, ROWS)
    assert statuses(manifest, folder) == {CREATE: "next", CLEAR: "next", COMPANY: "next", UPDATE: "waiting"}
    with pytest.raises(InputRefused, match=f"waits for {CLEAR}"):
        mark(manifest, folder, [UPDATE])
    mark(manifest, folder, [str(folder / CLEAR)])
    assert statuses(manifest, folder) == {CREATE: "next", CLEAR: "loaded", COMPANY: "next", UPDATE: "next"}
    mark(manifest, folder, [UPDATE, CREATE])
    assert [s.file.file for s in standings(manifest, folder) if s.status != "loaded"] == [COMPANY]


def test_days_of_one_crm_come_one_after_the_other(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-20"
    manifest = written(folder, ROWS, [LEAD])
    orders = [f.order for f in manifest.files if f.target == "hubspot"]
    days = [LoadDay(target="hubspot", day=n, orders=[order], rows=1) for n, order in enumerate(orders, 1)]
    manifest = manifest.model_copy(update={"days": days})
    first, second = (f.file for f in manifest.files[:2])
    assert statuses(manifest, folder)[second] == "waiting"
    assert statuses(manifest, folder)["salesforce-lead-update.csv"] == "next"
    mark(manifest, folder, [first])
    assert statuses(manifest, folder)[second] == "next"


def test_other_bytes_are_another_file(tmp_path: Path) -> None:
    """Writing the same night again with the same deltas keeps the marks; other deltas do not."""
    folder = tmp_path / "2026-11-20"
    manifest = written(folder, ROWS)
    mark(manifest, folder, [CREATE])
    assert statuses(written(folder, ROWS), folder)[CREATE] == "loaded"
    other = written(folder, [row("hubspot", "contact", "create", {"email": "b@x.com"}, key="b@x.com", link="003A")])
    assert statuses(other, folder) == {CREATE: "changed"}
    (folder / CREATE).write_text("Email\n")
    with pytest.raises(InputRefused, match="other bytes"):
        mark(other, folder, [CREATE])


def test_what_is_no_file_of_the_night_is_refused_and_nothing_is_marked(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-20"
    manifest = written(folder, ROWS)
    with pytest.raises(InputRefused, match=r"other\.csv: is no file"):
        mark(manifest, folder, [CREATE, "other.csv"])
    assert statuses(manifest, folder)[CREATE] == "next"
