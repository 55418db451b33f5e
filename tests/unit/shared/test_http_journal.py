"""The file of a fetch: what a killed run had written is there again, half a record is not, holes begin anew."""

import os
from pathlib import Path

import pytest

from assets.shared.http_journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hubspot.journal"


def filled(path: Path) -> Journal:
    """Two pages, the later one first, and a mark that moved with each."""
    journal = Journal(path, "q")
    journal.put("contact/live", 20, b'{"b":2}', {"at": "20"}, 10, 20, [11, 20, 21])
    journal.put("contact/live", 10, b'{"a":1}', {"at": "10"}, 0, 10, [1, 10])
    return journal


def content(journal: Journal) -> list[tuple[bytes, int, int]]:
    return [page for pages in journal.pages("contact/live") for page in pages]


def test_a_run_that_was_killed_goes_on_with_pages_in_order_and_ids_within_bounds(path: Path) -> None:
    filled(path)  # never closed
    again = Journal(path, "q")
    assert again.resumed
    assert content(again) == [(b'{"a":1}', 0, 10), (b'{"b":2}', 10, 20)]
    assert (again.mark("at"), again.count("contact/live")) == ("10", 2)
    assert again.ids("contact/live").tolist() == [1, 10, 11, 20]


@pytest.mark.parametrize("cut", [1, 5, 9])
def test_half_a_record_is_cut_off_and_written_again(path: Path, cut: int) -> None:
    filled(path).close(done=False)
    os.truncate(path, path.stat().st_size - cut)
    again = Journal(path, "q")
    assert (again.resumed, again.mark("at"), content(again)) == (True, "20", [(b'{"b":2}', 10, 20)])
    again.put("contact/live", 10, b"{}", {})
    assert [body for body, _, _ in content(Journal(path, "q"))] == [b"{}", b'{"b":2}']


def test_a_hole_that_a_power_cut_left_begins_anew(path: Path) -> None:
    filled(path).close(done=False)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'{"b":2}', b"\0" * 7))
    again = Journal(path, "q")
    assert (again.resumed, content(again)) == (False, [])


def test_another_question_begins_anew(path: Path) -> None:
    filled(path).close(done=False)
    assert not Journal(path, "other").resumed


def test_what_is_forgotten_stays_forgotten_and_what_is_done_leaves_nothing(path: Path) -> None:
    journal = filled(path)
    journal.forget("contact/live", "a")
    again = Journal(path, "q")
    assert (again.count("contact/live"), again.mark("at"), again.mark("question")) == (0, None, "q")
    again.close(done=True)
    assert not path.exists()
