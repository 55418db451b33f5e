"""JSON deliveries: objects one a line, and the API's answers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.shared.failures import InputRefused
from assets.shared.objects import read_answer, read_lines, table_of
from schemas.contract import Broken

FIXED = {"hs_object_id": "/id", "archived": "/archived"}


def lines(data: bytes, block: int = 1 << 20) -> tuple[list[dict[str, Any]], list[tuple[int, Broken]]]:
    rows: list[dict[str, Any]] = []
    bad: list[tuple[int, Broken]] = []
    blocks = (data[i : i + block] for i in range(0, len(data), block))
    for chunk in read_lines("contacts.jsonl", blocks, FIXED, "/properties"):
        rows += chunk.table.to_pylist()
        bad += [(line.line, line.reason) for line in chunk.bad]
    return [{k: v for k, v in row.items() if v is not None} for row in rows], sorted(bad)


def test_properties_become_columns() -> None:
    data = (
        b'{"id":"1","properties":{"email":"a@x.example","city":null,"zip":""},"archived":false}\r\n'
        b"\n"
        b'  {"id":2,"properties":{"amount":12.50,"flag":true,"options":["a","b"],"nested":{"k":1}}}  \n'
        b'{"id":"3"}'
    )
    for block in (1 << 20, 30, 1):
        assert lines(data, block) == (
            [
                {"hs_object_id": "1", "email": "a@x.example", "archived": "false", "source_line": 1},
                {"hs_object_id": "2", "amount": "12.5", "flag": "true", "options": '["a","b"]',
                 "nested": '{"k":1}', "source_line": 3},
                {"hs_object_id": "3", "source_line": 4},
            ],
            [],
        )  # fmt: skip


def test_lines_that_are_no_objects_are_bad_and_cost_nothing_else() -> None:
    data = (
        b'{"id":"1"}\n{"id":"2"\n[1]\n"x"\nnull\n{"id":"\xff"}\n{"id":"\\ud800"}\n{"id":"9"} {"id":"10"}\n{"id":"3"}\n'
    )
    rows, bad = lines(data)
    assert [row["hs_object_id"] for row in rows] == ["1", "3"]
    assert [line for line, _ in bad] == [2, 3, 4, 5, 6, 7, 8]
    assert dict(bad)[6] is Broken.INVALID_ENCODING
    assert {reason for line, reason in bad if line != 6} == {Broken.INVALID_JSON}


def test_properties_that_are_no_object_are_bad_not_blank() -> None:
    data = b'{"id":"1","properties":{}}\n{"id":"2","properties":[1]}\n{"id":"3","properties":"x"}\n{"id":"4","properties":null}\n'
    rows, bad = lines(data)
    assert [row["hs_object_id"] for row in rows] == ["1"]
    assert bad == [(line, Broken.INVALID_JSON) for line in (2, 3, 4)]


def test_escapes_other_scripts_and_nul() -> None:
    rows, _ = lines(b'{"id":"1","properties":{"a":"\\u00c5se \\"x\\"\\n\\u0000!","\xe6\x9d\x8e":"\xf0\x9f\x99\x82"}}\n')
    assert rows == [{"hs_object_id": "1", "a": 'Åse "x"\n!', "李": "🙂", "source_line": 1}]


def test_odd_keys_are_columns() -> None:
    record = {"id": "1", "properties": {"a/b": "1", "c~d": "2", 'e"f': "3", "g'h": "4", "i.j": "5", "$": "6", "": "7"}}
    rows, _ = lines(json.dumps(record).encode())
    assert rows == [{"hs_object_id": "1", "source_line": 1, **record["properties"]}]  # type: ignore[dict-item]


def test_keys_of_later_blocks_are_columns_too() -> None:
    data = b"".join(b'{"id":"%d","properties":{"p%d":"x"}}\n' % (i, i) for i in range(20))
    rows, bad = lines(data, 100)
    assert [row[f"p{i}"] for i, row in enumerate(rows)] == ["x"] * 20
    assert not bad


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.text(min_size=1, max_size=5), st.one_of(st.none(), st.text(max_size=8)), max_size=4),
        max_size=5,
    )
)
def test_what_json_wrote_is_read_back(records: list[dict[str, str | None]]) -> None:
    def clean(text: str) -> str:
        return text.encode("utf-8", "ignore").decode().replace("\0", "")

    records = [{clean(k) or "k": v and clean(v) for k, v in record.items()} for record in records]
    records = [{k: v for k, v in record.items() if k.casefold() not in (*FIXED, "source_line")} for record in records]
    data = "".join(
        json.dumps({"id": str(i), "properties": p}, ensure_ascii=i % 2 == 0) + "\n" for i, p in enumerate(records)
    )
    rows, bad = lines(data.encode())
    assert not bad
    expected = [
        {"hs_object_id": str(i), "source_line": i + 1, **{k: v for k, v in p.items() if v}}
        for i, p in enumerate(records)
    ]
    assert rows == expected


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=120), st.integers(1, 40))
def test_any_bytes_are_read(data: bytes, block: int) -> None:
    good = b'\n{"id":"7"}\n'
    rows, _ = lines(data.replace(b"\0", b"") + good, block)
    assert rows[-1]["hs_object_id"] == "7"


@pytest.mark.parametrize(
    "data", [b'[{"a":1}]', b'{"results":[{"a":1}]}', b'{"lists":[{"a":1}],"total":1}', b'\n [{"a": 1}]\n']
)
def test_an_answer_or_a_bare_array(data: bytes) -> None:
    assert read_answer("lists.json", data, ("results", "lists")) == [{"a": 1}]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'[{"a":1},', "line 1: is not JSON; it may be cut off"),
        (b'{"results":[\n{"a":1}\n', "line 3: is not JSON; it may be cut off"),
        (b"\xff", "is not UTF-8 text"),
        (b'{"status":"error","message":"x"}', "has no array of records; expected results or lists, or a bare array"),
        (b'"x"', "has no array of records; expected results or lists, or a bare array"),
        (b'{"results":{}}', "has no array of records; expected results or lists, or a bare array"),
        (b'{"results":[],"paging":{"next":{"after":"100"}}}', "is only the first page of the API's answer; fetch the others too"),
        (b'{"lists":[],"hasMore":true,"offset":25}', "is only the first page of the API's answer; fetch the others too"),
        (b"[" * 100_000, "is not JSON that can be read"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_answer("lists.json", data, ("results", "lists"))
    assert refused.value.problems == [f"lists.json: {message}"]


def test_records_of_an_answer_do_not_depend_on_the_order_of_keys() -> None:
    one = table_of(
        [{"listId": 1, "filterBranch": {"b": 1, "a": [2]}}],
        {"listId": "/listId", "filterBranch": "/filterBranch"},
        None,
    )
    two = table_of(
        [{"filterBranch": {"a": [2], "b": 1}, "listId": 1}],
        {"listId": "/listId", "filterBranch": "/filterBranch"},
        None,
    )
    assert one.table.to_pylist() == two.table.to_pylist()
    assert one.table.to_pylist() == [{"listId": "1", "filterBranch": '{"a":[2],"b":1}', "source_line": 1}]


def test_an_empty_answer_has_the_columns() -> None:
    assert table_of([], {"listId": "/listId"}, None).table.column_names == ["listId", "source_line"]
