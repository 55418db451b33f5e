"""Bad deliveries: each with its message, all of a night's at once, and nothing written."""

import gzip
import json
from pathlib import Path

import pytest

from assets.shared.failures import InputRefused
from tests.support.exports import HUBSPOT, SALESFORCE, Exports

NIGHT, NEXT = "2026-11-18", "2026-11-19"
HTML = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


# What is wrong, the CRM, the files, and the messages, each after the night's folder.
BAD: list[tuple[str, str, dict[str, str | bytes | None], list[str]]] = [
    ("an HTML page", "hubspot", {"contacts.csv": HTML},
     ["contacts.csv: is an HTML or XML page (an error page?), not a delivery"]),
    ("a JSON error answer", "salesforce", {"Lead.csv": '[{"errorCode":"INVALID_SESSION_ID"}]'},
     ["Lead.csv: line 1: is JSON, not CSV (an error answer?)"]),
    ("no bytes", "salesforce", {"Lead.csv": ""},
     ["Lead.csv: is empty; a delivery has at least a header"]),
    ("no id column", "hubspot", {"contacts.csv": "Email,First Name\na@x.example,Ann\n"},
     ["contacts.csv: line 1: has no column hs_object_id; without it no record has an id"]),
    ("half a key", "hubspot", {"list_memberships.csv": "listId,contact\n5,1\n"},
     ["list_memberships.csv: line 1: has no column recordId; without it no record has an id"]),
    ("semicolons", "salesforce", {"Lead.csv": "Id;Email\n00Q000000000001;a@x.example\n"},
     ["Lead.csv: line 1: cells are separated by semicolons; a delivery separates them by commas"]),
    ("a column twice", "salesforce", {"Lead.csv": "Id,Email,email\n00Q000000000001,a@x.example,b@x.example\n"},
     ["Lead.csv: line 1: column Email is there 2 times (cells 2, 3)"]),
    ("no id and a column twice", "salesforce", {"Lead.csv": "Email,email\na@x.example,b@x.example\n"},
     ["Lead.csv: line 1: has no column Id; without it no record has an id",
      "Lead.csv: line 1: column Email is there 2 times (cells 1, 2)"]),
    ("a label and its internal name", "hubspot", {"contacts.csv": "Record ID,email,Email\n1,a@x.example,b@x.example\n"},
     ["contacts.csv: line 1: column email is there 2 times (cells 2, 3)"]),
    ("a property twice", "hubspot", {"companies.jsonl": '{"id":"11","properties":{"Tier__hs":"a","tier__hs":"b"}}\n'},
     ["companies.jsonl: properties Tier__hs and tier__hs are one column; upper and lower case are alike"]),
    ("a declared property in two objects", "hubspot",
     {"companies.jsonl": '{"id":"11","properties":{"Name":"a"}}\n{"id":"12","properties":{"name":"b"}}\n'},
     ["companies.jsonl: properties Name and name are one column; upper and lower case are alike"]),
    ("a key twice", "hubspot", {"owners.json": '{"results":[{"id":"7","email":"o@x.example","Email":"p@x.example"}]}'},
     ["owners.json: properties Email and email are one column; upper and lower case are alike"]),
    ("an open quote in the header", "salesforce", {"Lead.csv": 'Id,"Email\n00Q000000000001,a@x.example\n'},
     ["Lead.csv: line 1: the header's quotes are not closed; this is not a CSV file"]),
    ("UTF-16", "salesforce", {"Lead.csv": "Id,Email\n00Q000000000001,a@x.example\n".encode("utf-16")},
     ["Lead.csv: is UTF-16; save it as UTF-8"]),
    ("UTF-16 without mark", "salesforce", {"Lead.csv": ("Id,Email\n" + "00Q000000000001,a@x.example\n" * 9).encode("utf-16-le")},
     ["Lead.csv: is not text (UTF-16 or binary); save it as UTF-8"]),
    ("a spreadsheet", "salesforce", {"Lead.csv": b"PK\x03\x04" + b"\0" * 60},
     ["Lead.csv: is a spreadsheet or zip file; export it as CSV"]),
    ("gzip by another name", "salesforce", {"Lead.csv": gzip.compress(b"Id\n")},
     ["Lead.csv: is a gzip file; its name must end in .gz"]),
    ("gzip cut off", "salesforce", {"Lead.csv": None, "Lead.csv.gz": gzip.compress(b"Id\n00Q000000000001\n" * 99)[:-9]},
     ["Lead.csv.gz: not a complete gzip file; it may be cut off"]),
    ("no gzip at all", "salesforce", {"Lead.csv": None, "Lead.csv.gz": b"Id\n00Q000000000001\n"},
     ["Lead.csv.gz: not a complete gzip file; it may be cut off"]),
    ("two files for one entity", "hubspot", {"contacts.jsonl": '{"id":"1"}\n'},
     ["contacts.jsonl: contacts.csv is there too; keep one of them"]),
    ("lists cut off", "hubspot", {"lists.json": '{"lists":[\n{"listId":"5"},'},
     ["lists.json: line 2: is not JSON; it may be cut off"]),
    ("an error answer for owners", "hubspot", {"owners.json": '{"status":"error","category":"MISSING_SCOPES"}'},
     ["owners.json: has no array of records; expected results or lists or owners, or a bare array"]),
    ("one page of several", "hubspot", {"owners.json": '{"results":[],"paging":{"next":{"after":"100"}}}'},
     ["owners.json: is only the first page of the API's answer; fetch the others too"]),
    ("an empty describe", "salesforce", {"describe/Lead.json": " \n"},
     ["describe/Lead.json: is empty; an answer without records is []"]),
    ("results that are no tables", "salesforce",
     {"results/a.csv": "Id,Email\n00Q000000000001,a@x.example\n", "results/b.csv": "sf__Id;sf__Error\n00Q000000000001;x\n",
      "results/c.csv": "sf__Created,sf__Id\n", "results/d.csv": '{"errorCode":"X"}\n'},
     ["results/b.csv: line 1: cells are separated by semicolons; a delivery separates them by commas",
      "results/d.csv: line 1: is JSON, not CSV (an error answer?)"]),
    ("owners that are no objects", "hubspot", {"owners.json": "[1,2]"},
     ["owners.json: record 1 is not an object; each record of an answer is one"]),
    ("a property that is no object", "hubspot", {"properties/contacts.json": '[{"name":"score"},"email"]'},
     ["properties/contacts.json: record 2 is not an object; each record of an answer is one"]),
    ("properties without names", "hubspot", {"properties/contacts.json": '[{"label":"Score"}]'},
     ["properties/contacts.json: no record has name; without it no record has an id"]),
    ("lists without ids", "hubspot", {"lists.json": '{"lists":[{"name":"All"},{"name":"","listId":null}]}'},
     ["lists.json: no record has listId; without it no record has an id"]),
    ("several at once", "salesforce", {"Lead.csv": HTML, "Contact.csv": "Email\n", "describe/Lead.json": "{"},
     ["describe/Lead.json: line 1: is not JSON; it may be cut off",
      "Lead.csv: is an HTML or XML page (an error page?), not a delivery",
      "Contact.csv: line 1: has no column Id; without it no record has an id"]),
]  # fmt: skip


@pytest.mark.parametrize(("crm", "changes", "problems"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_delivery_is_refused_and_nothing_is_written(
    exports: Exports, crm: str, changes: dict[str, str | bytes | None], problems: list[str]
) -> None:
    exports.write(crm, NIGHT, changes)
    before = exports.everything()
    with pytest.raises(InputRefused) as refused:
        exports.extract(crm, NIGHT)
    assert refused.value.problems == [f"{exports.folder(crm, NIGHT)}/{problem}" for problem in problems]
    assert exports.everything() == before


@pytest.mark.parametrize(
    ("crm", "people"), [("hubspot", ["contacts.csv"]), ("salesforce", ["Lead.csv", "Contact.csv"])]
)
def test_people_are_required(exports: Exports, crm: str, people: list[str]) -> None:
    folder = exports.write(crm, NIGHT, dict.fromkeys(people))
    with pytest.raises(InputRefused) as refused:
        exports.extract(crm, NIGHT)
    wanted = "contacts.csv or contacts.jsonl" if crm == "hubspot" else "Lead.csv or Contact.csv"
    assert refused.value.problems == [f"{folder}: {wanted} is missing; a delivery has at least the people"]


def test_a_folder_that_is_not_there(exports: Exports) -> None:
    with pytest.raises(InputRefused) as refused:
        exports.extract("hubspot", NIGHT)
    assert refused.value.problems == [f"{exports.folder('hubspot', NIGHT)}: there is no such folder"]


def test_leads_alone_or_contacts_alone_are_people(exports: Exports) -> None:
    exports.write("salesforce", NIGHT, {"Lead.csv": SALESFORCE["Lead.csv"]}, good=False)
    assert exports.extract("salesforce", NIGHT).rows["lead"] == 2


def test_a_file_of_the_night_before_is_missing(exports: Exports) -> None:
    exports.night("hubspot", NIGHT)
    exports.write("hubspot", NEXT, {"lists.json": None, "companies.jsonl": None, "properties/contacts.json": None})
    before = exports.everything()
    with pytest.raises(InputRefused) as refused:
        exports.extract("hubspot", NEXT)
    folder = exports.folder("hubspot", NEXT)
    assert refused.value.problems == [
        f"{folder}/{name}: missing tonight, but was delivered on {NIGHT}; a missing file is not an empty one"
        for name in ("companies.jsonl", "lists.json", "properties/contacts.json")
    ]
    assert exports.everything() == before


def test_another_form_of_the_same_file_is_not_missing(exports: Exports) -> None:
    exports.night("hubspot", NIGHT)
    changes = {"contacts.csv": None, "contacts.csv.gz": gzip.compress(HUBSPOT["contacts.csv"].encode())}
    exports.write(
        "hubspot", NEXT, {**changes, "companies.jsonl": None, "companies.csv": "hs_object_id,name\n11,Acme\n"}
    )
    assert exports.extract("hubspot", NEXT).rows["contact"] == 3


def test_a_result_file_of_the_night_before_may_be_missing(exports: Exports) -> None:
    exports.night("salesforce", NIGHT, {"results/success.csv": "sf__Id,sf__Created\n00Q000000000001,true\n"}, good=True)
    exports.write("salesforce", NEXT)
    assert exports.extract("salesforce", NEXT).rows["result"] == 0


def people(number: int) -> str:
    return "Record ID,Email\n" + "".join(f"{i},p{i}@x.example\n" for i in range(1, number + 1))


def test_a_full_delivery_that_shrinks_is_refused_until_it_is_accepted(exports: Exports) -> None:
    exports.night("hubspot", NIGHT, {"contacts.csv": people(20)})
    exports.write("hubspot", NEXT, {"contacts.csv": people(17)})
    before = exports.everything()
    with pytest.raises(InputRefused) as refused:
        exports.extract("hubspot", NEXT)
    folder = exports.folder("hubspot", NEXT)
    assert refused.value.problems == [
        f"{folder}/contacts.csv: 17 contact rows, 15.0 % fewer than the 20 of {NIGHT}; guards.max_shrink allows 10 %. "
        "If that is right, run once with --accept-shrink"
    ]
    assert exports.everything() == before
    assert exports.extract("hubspot", NEXT, accept_shrink=True).rows["contact"] == 17


SHRINKING = {
    "owners.json": ("hubspot", "owner", lambda n: {"results": [{"id": str(i)} for i in range(n)]}),
    "lists.json": ("hubspot", "list", lambda n: [{"listId": str(i)} for i in range(n)]),
    "properties/deals.json": ("hubspot", "property", lambda n: {"results": [{"name": f"p{i}"} for i in range(n)]}),
    "describe/Lead.json": ("salesforce", "field", lambda n: {"name": "Lead", "fields": [{"name": f"F{i}"} for i in range(n)]}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHRINKING)
def test_an_answer_that_is_whole_but_shorter_is_refused_as_a_table_is(exports: Exports, name: str) -> None:
    """File by file: the properties of deals are a small share of all properties."""
    crm, entity, records = SHRINKING[name]
    others = json.dumps({"name": "Contact", "results": [{"name": f"p{i}"} for i in range(90)]})
    same: dict[str, str | bytes | None] = {"properties/contacts.json": others} if crm == "hubspot" else {}
    exports.night(crm, NIGHT, {**same, name: json.dumps(records(10))}, good=True)
    exports.write(crm, NEXT, {**same, name: json.dumps(records(8))})
    with pytest.raises(InputRefused) as refused:
        exports.extract(crm, NEXT)
    [problem] = refused.value.problems
    assert problem.startswith(
        f"{exports.folder(crm, NEXT)}/{name}: 8 {entity} rows, 20.0 % fewer than the 10 of {NIGHT}"
    )
    exports.write(crm, NEXT, {**same, name: json.dumps(records(9))})
    exports.extract(crm, NEXT)


def test_a_delivery_may_shrink_as_much_as_the_guard_allows(exports: Exports) -> None:
    exports.night("hubspot", NIGHT, {"contacts.csv": people(20)})
    exports.write("hubspot", NEXT, {"contacts.csv": people(18)})
    assert exports.extract("hubspot", NEXT).rows["contact"] == 18


def test_exactly_as_much_as_the_guard_allows_is_no_more_than_that(exports: Exports) -> None:
    """18 % of 150 are 27: 150 times 0.82 is a hair more than 123 in binary fractions."""
    exports.night("hubspot", NIGHT, {"contacts.csv": people(150)})
    exports.write("hubspot", NEXT, {"contacts.csv": people(122)})
    with pytest.raises(InputRefused):
        exports.extract("hubspot", NEXT, max_shrink=0.18)
    exports.write("hubspot", NEXT, {"contacts.csv": people(123)})
    assert exports.extract("hubspot", NEXT, max_shrink=0.18).rows["contact"] == 123


def test_an_incremental_delivery_may_be_small(exports: Exports) -> None:
    exports.night("hubspot", NIGHT, {"contacts.csv": people(20)})
    exports.write("hubspot", NEXT, {"contacts.csv": people(1)})
    assert exports.extract("hubspot", NEXT, snapshot="incremental").rows["contact"] == 1


def test_a_header_alone_is_a_delivery_of_nobody(exports: Exports) -> None:
    exports.write(
        "hubspot",
        NIGHT,
        {"contacts.csv": "Record ID,Email\n", "lists.json": "[]", "list_memberships.csv": "listId,recordId"},
    )
    found = exports.extract("hubspot", NIGHT)
    assert {name: found.rows[name] for name in ("contact", "list", "list_membership")} == {
        "contact": 0,
        "list": 0,
        "list_membership": 0,
    }
    assert exports.stage("hubspot", NIGHT).entities["contact"].versions == 0


def test_messages_hold_no_cell_values(exports: Exports) -> None:
    exports.night("hubspot", NIGHT)
    exports.write(
        "hubspot",
        NEXT,
        {
            "contacts.csv": "secret@x.example,Geheim\n1,2\n",
            "lists.json": '["secret@x.example"',
            "owners.json": '{"x":"secret@x.example"}',
        },
    )
    with pytest.raises(InputRefused) as refused:
        exports.extract("hubspot", NEXT)
    assert "secret" not in str(refused.value)
    assert "Geheim" not in str(refused.value)
