"""Tables of the command line at the width of the terminal: what cannot be broken stays whole."""

import io

import polars as pl
import pytest
from rich.console import Console

from pipelines.cli.printing import operations_list
from pipelines.cli.tables import Table

FILE, EMAIL = "hubspot-contacts-update-after-clear.csv", "waldek.frankowska@mail.tarnowski-risk.pl.example"


def _table() -> Table:
    table = Table("order", "file", "e-mail", "waits for", "why", title="Files", caption="12 more")
    table.add_row("6", FILE, EMAIL, "", "the clear has to be loaded first, and then the values that it makes room for")
    table.add_row("7", "short.csv", "", FILE, "")
    return table


def _printed(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(_table())
    return str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 120, *range(150, 230, 5), 400])
def test_no_name_is_cut_or_broken_and_no_line_is_longer_than_the_terminal(width: int) -> None:
    lines = _printed(width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert text.count(FILE) == 2
    assert text.count(EMAIL) == 1
    assert text.startswith("Files")
    assert "12 more" in text
    assert "…" not in text


def test_a_row_without_room_is_a_paragraph_of_headings_and_values() -> None:
    assert _printed(80) == [
        "Files",
        f"6  file: {FILE}",
        f"    e-mail: {EMAIL}",
        "    why: the clear has to be loaded first, and then the values that it makes",
        "    room for",
        f"7  file: short.csv  waits for: {FILE}",
        "12 more",
    ]


def test_with_room_it_is_a_table_and_prose_alone_is_folded() -> None:
    assert _printed(190)[1].startswith("┏")
    assert any(f"│ {FILE} │ {EMAIL} │" in line for line in _printed(190))


def test_one_word_wider_than_the_terminal_is_folded_not_lost() -> None:
    lines = _printed(30)
    assert max(map(len, lines)) <= 30
    assert FILE in "".join(line.strip() for line in lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_key_of_an_operation_is_never_cut(width: int) -> None:
    change = {"field": "phone", "before": "+44 161 095 91 85", "after": "+44 161 219 37 52"}
    row = {"op": "update", "system": "hubspot", "object": "contact", "record_id": "21400014277", "key": EMAIL}
    console = Console(file=io.StringIO(), width=width)
    console.print(operations_list(pl.DataFrame([{**row, "changes": [change], "status": "pending"}] * 2), 2))
    text = str(console.file.getvalue())  # type: ignore[attr-defined]
    assert text.count(EMAIL) == 2
    assert text.startswith("~")
    assert max(map(len, text.splitlines())) <= width
