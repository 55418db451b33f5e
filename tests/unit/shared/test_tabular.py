"""CSV files: every row with its line, every bad line with its reason, no good row lost."""

import csv
import io
import re
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assets.shared.failures import InputRefused
from assets.shared.records import count_lines
from assets.shared.tabular import CsvFile
from schemas.contract import Broken

COLUMNS, QUOTES, ENCODING = Broken.WRONG_NUMBER_OF_COLUMNS, Broken.MALFORMED_QUOTES, Broken.INVALID_ENCODING


@dataclass
class Read:
    """What came out of a file."""

    rows: list[tuple[int, list[str | None]]]
    bad: list[tuple[int, Broken]]
    ids: list[str | None]
    complete: bool


def read(data: bytes, block: int = 1 << 20, *, ids: bool = True) -> Read:
    """Read a whole file whose first column is the id, or one that has no id."""
    file = CsvFile("contacts.csv", [data[i : i + block] for i in range(0, len(data), block)])
    if ids:
        file.id_index, file.id_pattern = 0, re.compile("[0-9]+")
    file.columns = [f"column {i}" for i in range(len(file.columns))]
    rows: list[tuple[int, list[str | None]]] = []
    bad: list[tuple[int, Broken]] = []
    told: dict[int, str | None] = {}
    for chunk in file.chunks():
        columns = chunk.table.to_pydict()
        lines = columns.pop("source_line")
        rows += zip(lines, [list(cells) for cells in zip(*columns.values(), strict=True)], strict=True)
        bad += [(line.line, line.reason) for line in chunk.bad]
        told |= {line.line: file.record_id(line.text) for line in chunk.bad}
    return Read(sorted(rows), sorted(bad), [told[line] for line, _ in sorted(bad)], file.complete)


@pytest.mark.parametrize(
    ("data", "rows", "bad"),
    [
        pytest.param(b"id,b\n1,x\n", [(2, ["1", "x"])], [], id="plain"),
        pytest.param(b"id,b\r\n1,x\r\n", [(2, ["1", "x"])], [], id="CRLF"),
        pytest.param(b"id,b\r1,x\r2,y", [(2, ["1", "x"]), (3, ["2", "y"])], [], id="CR"),
        pytest.param(b"id,b\n1,x", [(2, ["1", "x"])], [], id="no line end at the end"),
        pytest.param(b"id,b\n", [], [], id="header only"),
        pytest.param(b"id,b", [], [], id="header only, no line end"),
        pytest.param(b"\n\nid,b\n1,x\n", [(4, ["1", "x"])], [], id="blank lines before the header"),
        pytest.param(b"id,b\n\n1,x\n\r\n\n2,y\n\n", [(3, ["1", "x"]), (6, ["2", "y"])], [], id="blank lines"),
        pytest.param(b'id,b\n1,"a\nb"\n2,y\n', [(2, ["1", "a\nb"]), (4, ["2", "y"])], [], id="quoted LF"),
        pytest.param(b'id,b\r\n1,"a\r\nb"\r\n2,y', [(2, ["1", "a\r\nb"]), (4, ["2", "y"])], [], id="quoted CRLF"),
        pytest.param(b'id,b\n1,"a\rb"\n2,y', [(2, ["1", "a\rb"]), (4, ["2", "y"])], [], id="quoted CR"),
        pytest.param(b'id,b\n1,"a\n\n\nb"\n2,y', [(2, ["1", "a\n\n\nb"]), (6, ["2", "y"])], [], id="quoted blank lines"),
        pytest.param(b'id,b\n1,"say ""x"", y"\n', [(2, ["1", 'say "x", y'])], [], id="doubled quotes"),
        pytest.param(b'id,b\n1,""\n2,\n', [(2, ["1", None]), (3, ["2", None])], [], id="empty is null, quoted or not"),
        pytest.param(b'id,b\n1,""""\n', [(2, ["1", '"'])], [], id="a quote alone"),
        pytest.param(b'id,b\n1, "x" \n', [(2, ["1", ' "x" '])], [], id="blanks belong to the cell"),
        pytest.param(b'id,b\n1,5" pipe\n2,y\n', [(2, ["1", '5" pipe']), (3, ["2", "y"])], [], id="a quote inside a bare cell"),
        pytest.param("id,b\n1,Åse 李 🙂\n".encode(), [(2, ["1", "Åse 李 🙂"])], [], id="other scripts"),
        pytest.param(b"id\n1\n\n2\n", [(2, ["1"]), (4, ["2"])], [], id="one column"),
        pytest.param(b'"id","b"\n"1","x"\n', [(2, ["1", "x"])], [], id="all quoted"),
        pytest.param(b"id,b\n1\n2,y\n", [(3, ["2", "y"])], [(2, COLUMNS)], id="too few cells"),
        pytest.param(b"id,b\n1,x,z\n2,y\n", [(3, ["2", "y"])], [(2, COLUMNS)], id="too many cells"),
        pytest.param(b'id,b\n1,"x\ny",z\n2,y\n', [(4, ["2", "y"])], [(2, COLUMNS)], id="too many cells, several lines"),
        pytest.param(b"id,b\n1,\xff\n2,y\n", [(3, ["2", "y"])], [(2, ENCODING)], id="not UTF-8"),
        pytest.param(b'id,b\n1,"a\n\xffb"\n2,y\n', [(4, ["2", "y"])], [(2, ENCODING)], id="not UTF-8, several lines"),
        pytest.param(b'id,b\n1,"x"y\n2,y\n', [(3, ["2", "y"])], [(2, QUOTES)], id="text after a closing quote"),
        pytest.param(b'id,b\n1,"x" \n2,y\n', [(3, ["2", "y"])], [(2, QUOTES)], id="a blank after a closing quote"),
        pytest.param(b'id,b\n1,"x\n2,y\n3,z\n', [(3, ["2", "y"]), (4, ["3", "z"])], [(2, QUOTES)], id="never closed"),
        pytest.param(b'id,b\n1,"x\n2,"y"\n3,z\n', [(3, ["2", "y"]), (4, ["3", "z"])], [(2, QUOTES)], id="closed too late"),
        pytest.param(
            b'id,b,c\n1,"x,y\n2,p,q\n3,z",w,v\n4,p,q\n',
            [(3, ["2", "p", "q"]), (5, ["4", "p", "q"])],
            [(2, COLUMNS)],
            id="two stray quotes swallow a sound row",
        ),
        pytest.param(
            b'id,b,c\n"\n7,1,1\n8,",",",1"\n9,p,q\n',
            [(3, ["7", "1", "1"]), (4, ["8", ",", ",1"]), (5, ["9", "p", "q"])],
            [(2, QUOTES)],
            id="a stray quote in the id swallows rows and has the right number of cells",
        ),
        pytest.param(
            b'id,b,c,d,e,f\n6,1,1,1,"\n7,1,1,1,1,1\n8",1\n9,p,q,r,s,t\n',
            [(3, ["7", "1", "1", "1", "1", "1"]), (5, ["9", "p", "q", "r", "s", "t"])],
            [(2, QUOTES)],
            id="a stray quote swallows a row and has the right number of cells",
        ),
    ],
)  # fmt: skip
def test_forms(data: bytes, rows: list[tuple[int, list[str | None]]], bad: list[tuple[int, Broken]]) -> None:
    for block in (1 << 20, 7, 3, 1):
        found = read(data, block)
        assert found.rows == rows
        assert found.bad == bad


def test_the_id_of_a_bad_line_is_told_where_it_can_be() -> None:
    found = read(b'id,b\n1\n"2",x,y\nx3,p,q\n,p,q\n4,"\n')
    assert [line for line, _ in found.bad] == [2, 3, 4, 5, 6]
    assert found.ids == ["1", "2", None, None, "4"]


@pytest.mark.parametrize(
    ("data", "complete"),
    [(b"id,b\n1,x", True), (b"id,b\n1,x\n2", False), (b"id,b\n1,x\n2\n", True), (b'id,b\n1,x\n2,"ab', False)],
)
def test_a_file_that_ends_in_the_middle_of_a_record_is_incomplete(data: bytes, complete: bool) -> None:
    assert read(data).complete is complete


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty; a delivery has at least a header"),
        (b"\n\r\n", "is empty; a delivery has at least a header"),
        (b'id,"b\n1,x\n', "line 1: the header's quotes are not closed; this is not a CSV file"),
        (b'\n"id"x,b\n1,x\n', "line 2: the header's quotes are not closed; this is not a CSV file"),
        (b"id,\xff\n1,x\n", "line 1: the header is not UTF-8 text"),
    ],
)
def test_what_has_no_header_is_no_delivery(data: bytes, message: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(data)
    assert refused.value.problems == [f"contacts.csv: {message}"]


CELL = st.text(st.sampled_from('ab,"\n\r é;\t'), max_size=6)
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12))


def written(table: list[list[str]], end: str, quoting: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerow([f"h{i}" for i in range(len(table[0]) if table else 2)])
    writer.writerows(table)
    return out.getvalue().encode()


@settings(max_examples=150, deadline=None)
@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.integers(1, 40))
@example([["a", '"'], ["\r", "\n"]], "\r\n", csv.QUOTE_ALL, 1)
def test_what_a_csv_writer_wrote_is_read_back_with_its_lines(
    table: list[list[str]], end: str, quoting: int, block: int
) -> None:
    if quoting == csv.QUOTE_MINIMAL:  # Python before 3.13 leaves a lone CR bare
        table = [[cell.replace("\r", "") for cell in cells] for cells in table]
    data = written(table, end, quoting)
    rows, line = [], 2
    for cells in table:
        text = written([cells], end, quoting)
        text = text[text.index(end.encode()) + len(end) :]
        if text.strip(b"\r\n"):
            rows.append((line, [cell or None for cell in cells]))
        line += count_lines(text)
    found = read(data, block, ids=False)
    assert (found.rows, found.bad, found.complete) == (rows, [], True)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_line_costs_itself_and_no_other(data: st.DataObject) -> None:
    """One physical line of a sound file is replaced by anything; every record that it is no part of comes through."""
    quoting = data.draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    values = st.text(st.sampled_from("abc 1,"), min_size=1, max_size=5)
    table = [[str(1000 + i), data.draw(values), data.draw(values)] for i in range(12)]
    lines = written(table, "\n", quoting).split(b"\n")[:-1]
    hit = data.draw(st.integers(1, len(table)))
    damage = data.draw(st.binary(max_size=12).filter(lambda b: b"\n" not in b and b"\r" not in b))
    at = data.draw(st.integers(0, len(lines[hit])))
    until = data.draw(st.integers(at, len(lines[hit])))
    lines[hit] = lines[hit][:at] + damage + lines[hit][until:]
    found = read(b"\n".join(lines) + b"\n", data.draw(st.integers(1, 200)))
    others = [(i + 2, cells) for i, cells in enumerate(table) if i + 1 != hit]
    assert [row for row in found.rows if row[0] != hit + 1] == others
    assert {line for line, _ in found.bad} <= {hit + 1}


def test_an_id_with_a_stray_quote_does_not_take_the_next_line_with_it() -> None:
    """In a file of few columns too: what the quote swallowed comes out again."""
    found = read(b'id,a,b\n1000,1,1\n1",",1\n1002,1,",1"\n1003,1,1\n')
    assert [line for line, _ in found.rows] == [2, 4, 5]
    assert [line for line, _ in found.bad] == [3]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_read_or_refused(data: bytes, block: int) -> None:
    try:
        found = read(data.replace(b"\0", b""), block)
    except InputRefused as refused:
        problems = refused.problems
    else:
        problems = []
        assert len({line for line, _ in found.rows}) == len(found.rows)
    assert all(problem.startswith("contacts.csv: ") for problem in problems)


def test_damage_everywhere_is_read_in_one_pass() -> None:
    """Stray quotes in every row must not make the time grow with the square of the rows."""
    row = b'%d,5" pipe,"a ""b"" c",6" pipe\n'
    count = 20_000
    found = read(b"id,b,c,d\n" + b"".join(row % i for i in range(count)))
    assert len(found.rows) == count
    assert found.rows[-1] == (count + 1, [str(count - 1), '5" pipe', 'a "b" c', '6" pipe'])


def test_a_cell_of_many_megabytes_is_a_cell() -> None:
    huge = b"x" * (9 << 20)
    found = read(b"id,b\n1," + huge + b'\n2,"' + huge.replace(b"xx", b"x\n") + b'"\n3,z\n', block=1 << 20)
    assert [len(cells[1] or "") for _, cells in found.rows[:2]] == [len(huge), len(huge)]
    assert found.rows[2] == (4 + huge.replace(b"xx", b"x\n").count(b"\n"), ["3", "z"])


def test_a_thousand_columns() -> None:
    header = ",".join(f"c{i}" for i in range(1000))
    found = read(f"{header}\n{','.join(['1'] * 1000)}\n{','.join(['1'] * 999)}\n".encode())
    assert [line for line, _ in found.rows] == [2]
    assert found.bad == [(3, COLUMNS)]
