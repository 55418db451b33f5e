"""Tables for people: in columns where these have room for what cannot be broken, else a paragraph a row.

An id, a file name, a code or an address that is cut, or broken over lines, can be neither read nor copied nor searched for.
"""

from collections.abc import Iterable, Iterator

import rich.table
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.text import Text

_INDENT = "    "
_UNBOUNDED = 10_000


class Table(rich.table.Table):
    """A table whose title stands on the left, and whose words stay whole at any width.

    Without `lines` there are neither borders nor headings. Room that is left beside the longest word of each column goes to
    prose. Where even these words do not fit side by side, each row is a paragraph: its first cell, then `heading: value` of
    every other cell that is not empty.
    """

    def __init__(self, *headers: str, title: str | None = None, caption: str | None = None, lines: bool = True) -> None:
        super().__init__(*headers, title=title, caption=caption, title_justify="left", title_style="bold")
        if not lines:
            self.box, self.show_header, self.pad_edge = None, False, False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.update(max_width=_UNBOUNDED)
        room = options.max_width - self.__rich_measure__(console, wide).minimum
        if room < 0:
            yield from self._paragraphs(console, options.max_width)
            return
        sizes = [
            [Measurement.get(console, wide, _text(cell)) for cell in (column.header, *column.cells)]
            for column in self.columns
        ]
        words = [max(size.minimum for size in column) for column in sizes]
        wanted = [max(size.maximum for size in column) - word for column, word in zip(sizes, words, strict=True)]
        for column, word, given in zip(self.columns, words, _shared(wanted, room), strict=True):
            column.width = word + given
        yield from super().__rich_console__(console, options)

    def _paragraphs(self, console: Console, width: int) -> Iterator[Text]:
        if self.title:
            yield Text(str(self.title), style="bold")
        names = ["", *(_text(column.header).plain.strip() for column in self.columns[1:])]
        cells = zip(*([_text(cell) for cell in column.cells] for column in self.columns), strict=True)
        for row, parts in zip(self.rows, cells, strict=True):
            said = [_said(name, cell) for name, cell in zip(names, parts, strict=True)]
            lines = _packed((part for part in said if part), width - len(_INDENT))
            folded = [piece for line in lines for piece in line.wrap(console, width - len(_INDENT), overflow="fold")]
            for number, line in enumerate(folded):
                line.rstrip()
                yield Text(_INDENT if number else "", style=str(row.style or "")).append_text(line)
        if self.caption:
            yield Text(str(self.caption), style="dim")


def _shared(wanted: list[int], room: int) -> list[int]:
    """How much of the room each column gets: what it wants where that is little, the others equally much."""
    given = [0] * len(wanted)
    for done, at in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[at] = min(wanted[at], room // (len(wanted) - done))
        room -= given[at]
    return given


def _packed(parts: Iterable[Text], width: int) -> list[Text]:
    """Parts side by side as long as they fit, so that a heading stays with its value."""
    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + 2 + part.cell_len <= width:
            lines[-1] = Text("  ").join([lines[-1], part])
        else:
            lines.append(part)
    return lines


def _said(name: str, cell: Text) -> Text | None:
    if not cell.plain.strip():
        return None
    return Text.assemble((f"{name}: ", "cyan"), cell) if name else cell


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))
