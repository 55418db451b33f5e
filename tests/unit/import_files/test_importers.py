"""Loading a night's files into models of both CRMs: the plan's after, twice the same, and by the undo files back."""

import copy
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.reasons import Reason
from tests.unit.import_files.deltas import field_row, options, property_row, row, rows_of, written
from tests.unit.import_files.model_hubspot import Portal
from tests.unit.import_files.model_salesforce import Org

OPT_OUT = "HasOptedOutOfEmail"
STAGES = ["subscriber", "lead", "180001", "customer"]
PROPERTIES = {
    r["name"]: r
    for r in (
        property_row("hs_object_id", label="Record ID", type="number", read_only=True),
        property_row("email", label="Email"),
        property_row("firstname", label="First Name"),
        property_row("city", label="City"),
        property_row("notes", label="Email"),
        property_row("amount", type="number", fieldType="number"),
        property_row("start", type="date", fieldType="date"),
        property_row("vip", type="bool", fieldType="booleancheckbox"),
        property_row("rating", type="enumeration", fieldType="select", options=options("Hot", "Cold")),
        property_row("hobbies", type="enumeration", fieldType="checkbox", options=options("a", "b", "c")),
        property_row("hubspot_owner_id", type="enumeration", fieldType="select"),
        property_row("lifecyclestage", type="enumeration", fieldType="radio", options=options(*STAGES)),
        property_row("hs_marketable_status", type="enumeration", fieldType="select", read_only=True),
    )
}
FIELDS = {
    r["name"]: r
    for r in (
        field_row("Id", type="id", length=18, createable=False, updateable=False),
        field_row("LastName", length=80, nillable=False),
        field_row("Company", nillable=False),
        field_row("Title", length=128),
        field_row("Description", type="textarea", length=32000),
        field_row("NumberOfEmployees", type="int", length=0),
        field_row("Start__c", type="date", length=0),
        field_row("Seen__c", type="datetime", length=0),
        field_row("HasOptedOutOfEmail", type="boolean", length=0),
        field_row(
            "Rating",
            type="picklist",
            restrictedPicklist=True,
            picklistValues=json.dumps([{"value": "Hot", "active": True}, {"value": "Cold", "active": True}]),
        ),
        field_row("Ext__c", externalId=True),
    )
}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30).filter(
    lambda t: t.strip() == t and t not in ("#N/A",)
)
DAY = st.dates().map(lambda d: f"{d.year:04}-{d.month:02}-{d.day:02}")
CONTACT = {
    "firstname": TEXT,
    "city": TEXT
    | st.sampled_from(["=cmd|'/C calc'!A0", "+4712345678", "-1", "@x", "007", 'a "b", c', "x\r\ny\n\nz", "🙂 שלום"]),
    "notes": TEXT,
    "amount": st.sampled_from(["1", "-2.5", "1E7"]),
    "start": DAY,
    "vip": st.sampled_from(["true", "false"]),
    "rating": st.sampled_from(["Hot", "Cold"]),
    "hobbies": st.sampled_from(["a", "b;c", "c;a"]),
    "hubspot_owner_id": st.sampled_from(["71", "72"]),
    "lifecyclestage": st.sampled_from(STAGES),
}
LEAD = {
    "Title": TEXT,
    "Description": TEXT,
    "NumberOfEmployees": st.integers(0, 10**6).map(str),
    "Start__c": DAY,
    "Seen__c": st.datetimes().map(lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000Z").rjust(24, "0")),
    "HasOptedOutOfEmail": st.sampled_from(["true", "false"]),
    "Rating": st.sampled_from(["Hot", "Cold"]),
}
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def record(fields: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional=fields)


def change(fields: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[dict[str, str | None]]:
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in fields.items()})


def contact_rows(before: dict[str, dict[str, str]], wanted: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The delta that takes records from `before` to `wanted`, as a plan has it: clears apart, a stage back in two steps."""
    rows = []
    for record_id, changes in wanted.items():
        now = before[record_id]
        news = {n: v for n, v in changes.items() if now.get(n) != v}
        cleared = {n: None for n, v in news.items() if v is None}
        after = {n: v for n, v in news.items() if v is not None}
        stage = after.get("lifecyclestage")
        if stage and now.get("lifecyclestage") and STAGES.index(stage) < STAGES.index(now["lifecyclestage"]):
            cleared["lifecyclestage"] = None
        if cleared:
            rows.append(row("hubspot", "contact", "clear", cleared, record_id=record_id, before=now, sequence=1))
        if after:
            rows.append(row("hubspot", "contact", "update", after, record_id=record_id, before=now, sequence=2))
    return rows


@QUICK
@given(
    st.lists(st.tuples(record(CONTACT), change(CONTACT)), max_size=4),
    st.lists(record(CONTACT), max_size=3),
    st.booleans(),
)
def test_hubspot(
    pairs: list[tuple[dict[str, str], dict[str, str | None]]], creates: list[dict[str, str]], marketing: bool
) -> None:
    before = {
        str(n): {"email": f"c{n}@x.com", "hs_marketable_status": "false", **r} for n, (r, _) in enumerate(pairs, 1)
    }
    wanted = {str(n): c for n, (_, c) in enumerate(pairs, 1)}
    rows = contact_rows(before, wanted)
    for n, fields in enumerate(creates):
        email = f"new{n}@x.com"
        new = {"email": email, **fields}
        rows.append(row("hubspot", "contact", "create", new, key=email, link=f"00Q{n}", marketing=marketing and n == 0))
    expected = {i: {k: v for k, v in {**before[i], **wanted[i]}.items() if v is not None} for i in before}
    with TemporaryDirectory() as place:
        folder = Path(place) / "n"
        manifest = written(
            folder,
            rows,
            properties=list(PROPERTIES.values()),
            owners=[{"id": "71", "email": "Ann@us.com"}, {"id": "72", "email": "bo@us.com"}],
        )
        portal = Portal("0-1", PROPERTIES, copy.deepcopy(before), {"ann@us.com": "71", "bo@us.com": "72"}, STAGES)
        portal.load(folder)
        assert portal.errors == []
        assert manifest.held_back == []
        assert {i: r for i, r in portal.records.items() if i in before} == expected
        made = sorted((r for i, r in portal.records.items() if i not in before), key=lambda r: r["email"])
        assert made == [
            {**fields, "email": f"new{n}@x.com", "hs_marketable_status": str(marketing and n == 0).lower()}
            for n, fields in enumerate(creates)
        ]
        once = copy.deepcopy(portal.records)
        portal.load(folder)
        assert portal.records == once
        if (folder / "undo").exists():
            portal.load(folder / "undo")
            assert {i: r for i, r in portal.records.items() if i in before} == before
            listed = folder / "undo" / "cannot-be-undone.jsonl"
            codes = [json.loads(line)["code"] for line in listed.read_text().splitlines()] if listed.exists() else []
            assert codes == [Reason.CREATED_RECORD] * len(creates)


@QUICK
@given(
    st.lists(st.tuples(record(LEAD), change(LEAD)), max_size=4),
    st.lists(record(LEAD), max_size=3),
    st.sampled_from(["LF", "CRLF"]),
    st.booleans(),
)
def test_salesforce(
    pairs: list[tuple[dict[str, str], dict[str, str | None]]], creates: list[dict[str, str]], ending: str, keyed: bool
) -> None:
    ids = [f"00Q{n:012d}EAA" for n in range(len(pairs))]
    before = {i: {"LastName": "Ek", "Company": "Acme", **r} for i, (r, _) in zip(ids, pairs, strict=True)}
    rows = []
    for record_id, (_, wanted) in zip(ids, pairs, strict=True):
        news = {n: v for n, v in wanted.items() if before[record_id].get(n) != v}
        if news:
            rows.append(row("salesforce", "lead", "update", news, record_id=record_id, before=before[record_id]))
    for n, fields in enumerate(creates):
        new = {"LastName": f"New{n}", "Company": "Acme", **fields}
        rows.append(row("salesforce", "lead", "create", new, key=f"n{n}@x.com", link=str(100 + n)))
    expected = {
        i: {k: v for k, v in {**before[i], **wanted}.items() if v is not None}
        for i, (_, wanted) in zip(ids, pairs, strict=True)
    }
    external = "external_id: Ext__c, " if keyed else ""
    with TemporaryDirectory() as place:
        folder = Path(place) / "n"
        manifest = written(
            folder,
            salesforce=rows,
            settings=f"imports: {{salesforce: {{{external}line_ending: {ending}}}}}\n",
            describe=list(FIELDS.values()),
        )
        org = Org("Lead", "00Q", FIELDS, copy.deepcopy(before), next_id=500)
        org.load(folder)
        assert [error for _, error in org.results if error] == []
        assert manifest.held_back == []
        assert {i: r for i, r in org.records.items() if i in before} == expected
        made = sorted((r for i, r in org.records.items() if i not in before), key=lambda r: r["LastName"])
        keys = [{"Ext__c": str(100 + n)} if keyed else {} for n in range(len(creates))]
        assert made == [
            {"LastName": f"New{n}", "Company": "Acme", **fields, **keys[n]} for n, fields in enumerate(creates)
        ]
        once = copy.deepcopy(org.records)
        org.load(folder)
        changed = {i: r for i, r in org.records.items() if once.get(i) != r}
        assert changed == {} if keyed else set(changed) == set(org.records) - set(once)
        if (folder / "undo").exists():
            org.load(folder / "undo")
            kept = {
                i: r for i, r in before.items() if r.get(OPT_OUT) != "true"
            }  # what was not opted out is not taken back
            undone = {
                i: {n: v for n, v in r.items() if n != OPT_OUT or i not in kept}
                | ({OPT_OUT: expected[i][OPT_OUT]} if i in kept and OPT_OUT in expected[i] else {})
                for i, r in before.items()
            }
            assert {i: r for i, r in org.records.items() if i in before} == undone


def test_a_bad_field_keeps_the_whole_salesforce_record_out(tmp_path: Path) -> None:
    """SC-98, SC-49, P2-C2: too long, not in the restricted picklist, literal `#N/A`; the others load."""
    ids = [f"00Q{n:012d}EAA" for n in range(4)]
    bad = [{"Title": "x" * 129}, {"Rating": "Warm", "Title": "t"}, {"Description": "#N/A"}, {"Title": "CEO"}]
    rows = [row("salesforce", "lead", "update", f, record_id=i) for i, f in zip(ids, bad, strict=True)]
    folder = tmp_path / "n"
    manifest = written(folder, salesforce=rows, describe=list(FIELDS.values()))
    org = Org("Lead", "00Q", FIELDS, {i: {"LastName": "Ek", "Company": "A"} for i in ids})
    org.load(folder)
    assert org.results == [(ids[3], "")]
    held = [json.loads(line) for line in (folder / "held-back.jsonl").read_text().splitlines()]
    assert {(h["record_id"], h["code"], h["field"]) for h in held} == {
        (ids[0], "field_too_long", "Title"),
        (ids[1], "picklist_mismatch", "Rating"),
        (ids[2], "literal_null_marker", None),
    }
    assert {(h.code, h.rows) for h in manifest.held_back} == {
        ("field_too_long", 1),
        ("picklist_mismatch", 1),
        ("literal_null_marker", 1),
    }


def test_a_bad_value_stays_out_and_the_rest_of_the_hubspot_row_goes(tmp_path: Path) -> None:
    """P2-9C."""
    folder = tmp_path / "n"
    fields = {"rating": "Warm", "amount": "1,000", "hubspot_owner_id": "99", "city": "Oslo"}
    written(
        folder,
        [row("hubspot", "contact", "update", fields, record_id="1")],
        properties=list(PROPERTIES.values()),
        owners=[{"id": "71", "email": "ann@us.com"}],
    )
    portal = Portal("0-1", PROPERTIES, {"1": {"email": "a@x.com"}}, {"ann@us.com": "71"}, STAGES)
    portal.load(folder)
    assert portal.errors == []
    assert portal.records["1"] == {"email": "a@x.com", "city": "Oslo"}
    held = [json.loads(line) for line in (folder / "held-back.jsonl").read_text().splitlines()]
    assert sorted((h["code"], h["field"]) for h in held) == [
        ("invalid_enumeration_option", "rating"),
        ("invalid_format", "amount"),
        ("owner_not_found", "hubspot_owner_id"),
    ]


@pytest.mark.parametrize(("cell", "after"), [("b;c", "b;c"), (";b;c", "b;c")])
def test_multiple_checkboxes_replace(tmp_path: Path, cell: str, after: str) -> None:
    """SC-81: our files replace, whatever the value looks like; a leading semicolon would append."""
    folder = tmp_path / "n"
    written(
        folder,
        [row("hubspot", "contact", "update", {"hobbies": cell}, record_id="1")],
        properties=list(PROPERTIES.values()),
    )
    portal = Portal("0-1", PROPERTIES, {"1": {"hobbies": "a"}}, {}, STAGES)
    portal.load(folder)
    assert portal.records["1"] == {"hobbies": after}


def test_what_no_file_takes_back_is_listed_and_not_tried(tmp_path: Path) -> None:
    """P2-38: an opt-out stays, in both CRMs; the rest of the record goes back. Long lists are written as they are read."""
    folder = tmp_path / "n"
    properties = [*PROPERTIES.values(), property_row("hs_email_optout", type="bool", fieldType="booleancheckbox")]
    out, not_out = {"hs_email_optout": "true"}, {"hs_email_optout": "false"}
    changes: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
        ("update", {**out, "city": "Oslo"}, "1", {"city": "Bergen"}),
        ("update", out, "2", not_out),
        ("clear", {"city": None}, "2", {"city": "Rome"}),
        ("update", not_out, "3", out),
        ("delete", {}, "4", {}),
    ]
    rows = [row("hubspot", "contact", op, new, record_id=i, before=old) for op, new, i, old in changes]
    rows.append(row("hubspot", "contact", "create", {"email": "n@x.com"}, key="n@x.com", link='00Q"\n'))
    asked = [{"HasOptedOutOfEmail": "true", "City": "Oslo"}, {"HasOptedOutOfEmail": "false"}]
    were = [{"HasOptedOutOfEmail": "false", "City": "Rome"}, {"HasOptedOutOfEmail": "true"}]
    leads = ["00Q000000000001AAA", "00Q000000000002AAA"]
    salesforce = [
        row("salesforce", "lead", "update", new, record_id=i, before=old)
        for new, i, old in zip(asked, leads, were, strict=True)
    ]
    manifest = written(folder, rows, salesforce, properties=properties)
    undone = rows_of(folder / "undo" / "salesforce-lead-update.csv")
    assert [(r["Id"], r["City"], r["HasOptedOutOfEmail"]) for r in undone] == [
        (leads[0], "Rome", ""),
        (leads[1], "", "true"),
    ]
    before = {"1": {"city": "Bergen"}, "2": {"city": "Rome"}, "3": {"hs_email_optout": "true"}}
    portal = Portal("0-1", {p["name"]: p for p in properties}, copy.deepcopy(before), {}, STAGES)
    portal.load(folder)
    portal.load(folder / "undo")
    assert portal.errors == []
    assert {i: portal.records[i] for i in before} == {
        "1": {"city": "Bergen", "hs_email_optout": "true"},
        "2": {"city": "Rome", "hs_email_optout": "true"},
        "3": {"hs_email_optout": "true"},
    }
    listed = [json.loads(line) for line in (folder / "undo" / "cannot-be-undone.jsonl").read_text().splitlines()]
    assert [(r["code"], r["record_id"], r["link"]) for r in listed] == [
        ("created_record", None, '00Q"\n'),
        ("archived_record", "4", None),
        ("opted_out", "1", None),
        ("opted_out", "2", None),
        ("opted_out", leads[0], None),
    ]
    assert {r["code"] for r in listed} <= {str(reason) for reason in Reason}
    names = [c["file"] for c in json.loads((folder / "undo" / "manifest.json").read_text())["companions"]]
    assert "cannot-be-undone.jsonl" in names
    assert [c.file for c in manifest.companions if c.file.startswith("undo/")] == ["undo/manifest.json"]
