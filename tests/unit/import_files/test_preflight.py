"""Preflight: every planted defect found on its line and in its column, none invented."""

import csv
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from assets.import_files.csv_window import NotReadableError
from assets.import_files.knowledge import Knowledge, knowledge
from assets.import_files.preflight import Settings, preflight
from assets.import_files.records import HubSpotRecords, SalesforceRecords
from tests.unit.import_files.deltas import NIGHT, config, field_row, options, property_row

PROPERTIES = [
    property_row("hs_object_id", label="Record ID", type="number", read_only=True),
    property_row("email", label="Email"),
    property_row("firstname", label="First Name"),
    property_row("lastname", label="Last Name"),
    property_row("city", label="City"),
    property_row("amount", label="Amount", type="number", fieldType="number"),
    property_row("start", label="Start", type="date", fieldType="date"),
    property_row("seen", label="Seen", type="datetime", fieldType="date"),
    property_row("vip", label="VIP", type="bool", fieldType="booleancheckbox"),
    property_row(
        "rating", label="Rating", type="enumeration", fieldType="select", options=options(("HOT", "Hot lead"), "Cold")
    ),
    property_row("hobbies", label="Hobbies", type="enumeration", fieldType="checkbox", options=options("a", "b", "c")),
    property_row("hubspot_owner_id", label="Contact owner", type="enumeration", fieldType="select"),
    property_row(
        "lifecyclestage",
        label="Lifecycle Stage",
        type="enumeration",
        fieldType="radio",
        options=options(("subscriber", "Abonnent"), ("lead", "Lead"), ("180001", "Trial"), ("customer", "Kunde")),
    ),
    property_row("createdate", label="Create Date", type="datetime", fieldType="date", read_only=True),
    property_row("hs_legal_basis", label="Legal basis", type="enumeration", fieldType="checkbox"),
    property_row("hs_object_id", object="company", label="Record ID", type="number", read_only=True),
    property_row("domain", object="company", label="Company domain name"),
    property_row("name", object="company", label="Company name"),
    property_row(
        "lifecyclestage", object="company", label="Lifecycle Stage", type="enumeration", options=options("lead")
    ),
]
FIELDS = [
    field_row("Id", type="id", length=18, createable=False, updateable=False, idLookup=True),
    field_row("LastName", length=80, nillable=False),
    field_row("FirstName", length=40),
    field_row("Name", length=121, createable=False, updateable=False),
    field_row("Company", nillable=False),
    field_row("Email", type="email", length=80),
    field_row("Title", length=128),
    field_row("Start__c", type="date", length=0),
    field_row("Seen__c", type="datetime", length=0),
    field_row("NumberOfEmployees", type="int", length=0),
    field_row("AnnualRevenue", type="currency", length=0, precision=8, scale=2),
    field_row("HasOptedOutOfEmail", type="boolean", length=0, nillable=False, defaultedOnCreate=True),
    field_row(
        "Rating",
        type="picklist",
        restrictedPicklist=True,
        picklistValues=json.dumps([{"value": "Hot", "active": True}, {"value": "Old", "active": False}]),
    ),
    field_row(
        "Tags__c",
        type="multipicklist",
        restrictedPicklist=True,
        picklistValues=json.dumps([{"value": "x"}, {"value": "y"}]),
    ),
    field_row(
        "OwnerId", type="reference", length=18, nillable=False, defaultedOnCreate=True, referenceTo='["Group", "User"]'
    ),
    field_row("Parent__c", type="reference", length=18, referenceTo='["Account"]'),
    field_row("CreatedDate", type="datetime", length=0, createable=False, updateable=False),
    field_row("Ext__c", externalId=True),
    field_row("Name", object="Account", nillable=False),
    field_row("Ext__c", object="Account", externalId=True),
]


def known(settings: str = "", *, portal: bool = True) -> Knowledge:
    owners = [{"id": "1", "email": "Ann@us.com", "firstName": "Ann", "lastName": "Lee", "archived": False}]
    owners.append({"id": "2", "email": "gone@us.com", "firstName": "Bo", "lastName": "Ek", "archived": True})
    if not portal:
        return knowledge(config(settings), NIGHT)
    tables = (pa.Table.from_pylist(rows) for rows in (PROPERTIES, FIELDS, owners))
    return knowledge(config(settings), NIGHT, *tables)


def write(path: Path, header: list[str], rows: list[list[str]], eol: str = "\n") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator=eol).writerows([header, *rows])
    return path


def found(
    path: Path, kind: str, *, settings: str = "", how: Settings | None = None, portal: bool = True
) -> list[tuple[Any, ...]]:
    """(line, column, rule, effect) of every finding."""
    rows = preflight(path, kind, known(settings, portal=portal), how).rows()
    return [(r["line"], r["column"], r["rule"], r["effect"]) for r in rows]


CONTACT_GOOD = {
    "Email": "c{n}@x.com",
    "First Name": "Ann",
    "Amount": "1234.5",
    "Start": "2024-02-29",
    "Seen": "2024-02-01T09:00:00Z",
    "VIP": "Yes",
    "Rating": "hot LEAD",
    "Hobbies": ";a;c",
    "Contact owner": "ann LEE",
    "Lifecycle Stage": "Customer",
    "City": "line one\nline two",
}
CONTACT_BAD = [
    ("Email", "not an address", "P2-9C", "row refused"),
    ("Email", "a@x.com;b@x.com", "P2-9C", "row refused"),
    ("Email", "a@x", "P2-9C", "row refused"),
    ("Amount", "1,234", "P2-98", "value dropped"),
    ("Amount", "12 kr", "P2-98", "value dropped"),
    ("Amount", "$5", "P2-98", "value dropped"),
    ("Start", "2024-02-30", "P2-98", "value dropped"),
    ("Start", "yesterday", "P2-98", "value dropped"),
    ("Seen", "01.02.2024 9:00", "P2-98", "value dropped"),
    ("VIP", "1", "P2-98", "value dropped"),
    ("Rating", "Warm", "P2-9C", "value dropped"),
    ("Hobbies", "a;d", "P2-9C", "value dropped"),
    ("Contact owner", "Bo Ek", "P2-98", "value dropped"),
    ("Contact owner", "nobody@us.com", "P2-98", "value dropped"),
    ("Lifecycle Stage", "MQL", "P2-63", "value dropped"),
    ("Lifecycle Stage", "Kunde", "P2-63", "value dropped"),
    ("City", "x" * 65_537, "P2-98", "value dropped"),
]
LEAD_GOOD = {
    "Id": "00Q{n:012}EAA",
    "LastName": "Ek",
    "Email": "a@x.com",
    "Title": "x" * 128,
    "Start__c": "2024-02-29",
    "Seen__c": "2024-02-01T08:00:00.000Z",
    "NumberOfEmployees": "12",
    "AnnualRevenue": "999999.99",
    "HasOptedOutOfEmail": "false",
    "Rating": "#N/A",
    "Tags__c": "y;x",
    "OwnerId": "005000000000001AAA",
    "Parent__c": "001000000000001",
    "FirstName": "a\r\nb",
}
LEAD_BAD = [
    ("Id", "00Q1", "P2-29", "row refused"),
    ("Id", "003000000000009AAA", "P2-29", "row refused"),
    ("Id", "", "P2-B0", "row refused"),
    ("LastName", "#N/A", "P2-07", "row refused"),
    ("Email", "a@", "P2-C1", "row refused"),
    ("Title", "x" * 129, "P2-BB", "row refused"),
    ("Start__c", "2024-02-01T00:00:00Z", "P2-B5", "row refused"),
    ("Start__c", "01/02/2024", "P2-B5", "row refused"),
    ("Seen__c", "2024-02-01", "P2-B5", "row refused"),
    ("Seen__c", "2024-02-30T08:00:00Z", "P2-B5", "row refused"),
    ("NumberOfEmployees", "12.5", "P2-C1", "row refused"),
    ("NumberOfEmployees", "1-10", "P2-C1", "row refused"),
    ("AnnualRevenue", "1,000", "P2-C1", "row refused"),
    ("AnnualRevenue", "1000000", "P2-C1", "row refused"),
    ("HasOptedOutOfEmail", "yes", "P2-B6", "row refused"),
    ("HasOptedOutOfEmail", "#N/A", "P2-07", "row refused"),
    ("OwnerId", "#N/A", "P2-07", "row refused"),
    ("Rating", "Old", "P2-C1", "row refused"),
    ("Rating", "hot", "P2-C1", "row refused"),
    ("Tags__c", "x;z", "P2-C1", "row refused"),
    ("OwnerId", "003000000000001AAA", "P2-29", "row refused"),
    ("Parent__c", "acme", "P2-29", "row refused"),
]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [("hubspot-contacts", CONTACT_GOOD, CONTACT_BAD), ("salesforce-lead", LEAD_GOOD, LEAD_BAD)],
    ids=["hubspot", "salesforce"],
)
@pytest.mark.parametrize("seed", range(4))
def test_planted_defects_are_found_and_nothing_else(
    tmp_path: Path, kind: str, good: dict[str, str], bad: list[tuple[str, str, str, str]], seed: int
) -> None:
    draw = random.Random(seed)
    header = list(good)
    draw.shuffle(header)
    rows, planted, line = [], [], 2
    for n in range(300):
        cells = {
            name: "" if draw.random() < 0.3 and name not in ("Email", "Id") else v.format(n=n)
            for name, v in good.items()
        }
        if draw.random() < 0.3:
            column, value, rule, effect = draw.choice(bad)
            cells[column] = value
            planted.append((line, column, rule, effect))
        rows.append([cells[name] for name in header])
        line += 1 + "".join(rows[-1]).count("\n")
    path = write(tmp_path / "f.csv", header, rows)
    identifier = header.index("Id" if "Id" in header else "Email")
    seen: set[str] = set()
    doubled, line = [], 2
    for cells_ in rows:
        value = cells_[identifier].strip()
        value = value.lower() if "Id" not in header else value
        if value and value in seen:
            doubled.append((line, header[identifier], "P2-B8" if "Id" in header else "P2-9D", "row refused"))
        seen.add(value)
        line += 1 + "".join(cells_).count("\n")
    assert sorted(found(path, kind)) == sorted(planted + doubled)


def test_a_clean_file_has_no_findings_whatever_its_line_endings(tmp_path: Path) -> None:
    for eol in ("\n", "\r\n"):
        rows = [[v.format(n=n) for v in LEAD_GOOD.values()] for n in range(5)]
        assert found(write(tmp_path / "f.csv", list(LEAD_GOOD), rows, eol), "salesforce-lead") == []
        rows = [[v.format(n=n) for v in CONTACT_GOOD.values()] for n in range(5)]
        assert found(write(tmp_path / "f.csv", list(CONTACT_GOOD), rows, eol), "hubspot-contacts") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Email,City\na@x.com\nb@x.com,Oslo\n", [(2, None, "P2-90", "row refused")]),
        ("Email,City\na@x.com,Oslo,Norway\nb@x.com,Oslo\n", [(2, None, "P2-90", "row refused")]),
        ('Email,City\na@x.com,5" pipe\nb@x.com,Oslo\n', [(2, "City", "P2-B4", "row refused")]),
        ('Email,City\n"a@x.com" ,Oslo\nb@x.com,Oslo\n', [(2, "Email", "P2-B4", "row refused")]),
        ('Email,City\na@x.com,"Oslo\nb@x.com,Oslo\n', [(2, "City", "P2-B4", "row refused")]),
        (
            'Email,City\na@x.com,"Oslo\nb@x.com,"Bergen"\nc@x.com,x\nbad,y\n',
            [(2, "City", "P2-B4", "row refused"), (5, "Email", "P2-9C", "row refused")],
        ),
        ("Email,City\n\na@x.com,Oslo\n\nbad,Oslo\n", [(5, "Email", "P2-9C", "row refused")]),
        ("Email,Email\na@x.com,b@x.com\n", [(1, "Email", "P2-90", "file refused")]),
        ("Email,\na@x.com,\n", [(1, "", "P2-90", "file refused")]),
        ("First Name,City\nAnn,Oslo\n", [(1, None, "P1-67", "file refused")]),
        ("Email,Shoe size\na@x.com,44\n", [(1, "Shoe size", "P2-9G", "silently ignored")]),
        ("Email,Create Date\na@x.com,x\n", [(1, "Create Date", "P2-9A", "value dropped")]),
        ("Email,hs_marketable_status\na@x.com,true\n", [(1, "hs_marketable_status", "P2-9A", "value dropped")]),
        ("Email\n", [(1, None, "P2-91", "file refused")]),
        ("Email,First Name\n,\n", [(2, "Email", "P2-92", "row refused")]),
        ("Email,First Name\n,Ann\n", [(2, "Email", "P2-92", "new record")]),
        ("Record ID,City\n12x,Oslo\n13,\n", [(2, "Record ID", "P2-9C", "row refused")]),
        ("Email,City\na@x.com,Oslo\nA@X.com ,Oslo\n", [(3, "Email", "P2-9D", "row refused")]),
        ("Email;City\na@x.com;Oslo\nbad;x\n", [(1, None, "P2-90", "file refused"), (3, "Email", "P2-9C", "row refused")]),
        ("Email\tCity\na@x.com\tOslo\n", [(1, None, "P2-90", "file refused")]),
        ("Email,First Name,firstname\na@x.com,A,B\n", [(1, "firstname", "P2-90", "file refused")]),
        (
            "Record ID,Email\n1,a@x.com\n1,a@x.com\n2,A@x.com\n",
            [(3, "Record ID", "P2-9D", "overwrites"), (4, "Email", "P2-9D", "row refused")],
        ),
        (
            "Email,City\na@x.com,#N/A\nb@x.com,NULL\nc@x.com,N/A\n",
            [(2, "City", "P2-99", "overwrites"), (3, "City", "P2-99", "overwrites")],
        ),
        ("Email,Last Name\na@x.com,Null\n", []),
        ("Email,City\na@x.com,Os\x00l\x00o\n", [(2, "City", "P2-90", "value dropped")]),
        ("Email,City\na@x.com,=1+1\nb@x.com,@SUM(A1)\nc@x.com,+4799999999\n", []),
        ("Email,City,Shoe size\n", [(1, None, "P2-91", "file refused"), (1, "Shoe size", "P2-9G", "silently ignored")]),
        ("EMAIL,firstname\na@x.com,Ann\n", []),
    ],
)  # fmt: skip
def test_the_form_of_a_contact_file(tmp_path: Path, text: str, expected: list[tuple[Any, ...]]) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, newline="")
    assert sorted(found(path, "hubspot-contacts"), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LastName,First Name\nEk,Bo\n", {(1, "First Name", "P2-B0"), (1, "Company", "P2-07")}),
        ("LastName,Company\n,Acme\n", {(2, "LastName", "P2-07")}),
        ("LastName,Company\n#N/A,Acme\n", {(2, "LastName", "P2-07")}),
        ("Id,Name\n00Q000000000001EAA,x\n", {(1, "Name", "P2-3B")}),
        ("Id,CreatedDate\n00Q000000000001EAA,x\n", {(1, "CreatedDate", "P2-39")}),
        ("Id,Title\n00Q000000000001EAA,a\r\n00Q000000000002EAA,b\n", {(2, None, "P2-B3")}),
        ("Id,Title\r\n00Q000000000001EAA,a\n", {(2, None, "P2-B3")}),
        ("Id,Title\r00Q000000000001EAA,a\r", {(1, None, "P2-B3")}),
        ("Id;Title\n00Q000000000001EAA;a\n", {(1, None, "P2-B3")}),
        ("\ufeffId,Title\n00Q000000000001EAA,a\n", {(1, "Id", "P2-B0")}),
        ("Id,Id\n00Q000000000001EAA,00Q000000000002EAA\n", {(1, "Id", "P2-B0")}),
        ("Id,Title\n00Q000000000001EAA,null\n00Q000000000002EAA,#n/a\n", {(2, "Title", "P2-B1"), (3, "Title", "P2-B1")}),
        ("Id,Title\n00Q000000000001EAA,#N/A\n00Q000000000002EAA,=x\n", set()),
        ("Id,Title\n00Q000000000001EAA,a\n00Q000000000001,b\n", {(3, "Id", "P2-B8")}),
        ("Id,Title\n00Q000000000001AAA,a\n", {(2, "Id", "P2-29")}),
        ("Id,Title\n00q000000000001eaa,a\n", set()),
        ("Id,Title\n00Q000000000001,a\x00b\n", {(2, "Title", "P2-B0")}),
        (
            "Id,Parent__c\n00Q000000000001,001000000000001AAB\n00Q000000000002,003000000000001\n",
            {(2, "Parent__c", "P2-29"), (3, "Parent__c", "P2-29")},
        ),
        ("Id,Title\n00Q000000000001EAA,a\n00Q000000000001EAA,b\n", {(3, "Id", "P2-B8")}),
        ("Id,Parent__r.Ext__c\n00Q000000000001EAA,a\n", set()),
        ("Id,Parent__r.Name\n00Q000000000001EAA,a\n", {(1, "Parent__r.Name", "P2-B7")}),
        ("Id,Parent__r.Parent.Name\n00Q000000000001EAA,a\n", {(1, "Parent__r.Parent.Name", "P2-B7")}),
        ("Id,Parent__r.\n00Q000000000001EAA,a\n", {(1, "Parent__r.", "P2-B7")}),
        ("Id,.Ext__c\n00Q000000000001EAA,a\n", {(1, ".Ext__c", "P2-B7")}),
        ("Id,User:Owner.\n00Q000000000001EAA,a\n", {(1, "User:Owner.", "P2-B7")}),
        ("Id,Foo__r.Ext__c\n00Q000000000001EAA,a\n", {(1, "Foo__r.Ext__c", "P2-B7")}),
        ("Id,Owner.Email\n00Q000000000001EAA,a\n", {(1, "Owner.Email", "P2-B7")}),
        ("Id,User:Owner.Email\n00Q000000000001EAA,a\n", set()),
        ("Id,User:Owner.Name\n00Q000000000001EAA,a\n", {(1, "User:Owner.Name", "P2-B7")}),
        ("Id,Group:Owner.Name\n00Q000000000001EAA,a\n", set()),
        ("Id,Title\n00Q000000000001EAA\n", {(2, None, "P2-B0")}),
        ("id,lastname\n00Q000000000001EAA,Ek\n", set()),
    ],
)  # fmt: skip
def test_the_form_of_a_lead_file(tmp_path: Path, text: str, expected: set[tuple[Any, ...]]) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, newline="")
    assert {(line, column, rule) for line, column, rule, _ in found(path, "salesforce-lead")} == expected


def test_relationship_columns_without_a_describe(tmp_path: Path) -> None:
    """P2-B7: standard fields are known, and which of them find a record; nobody knows the others."""
    wrong = ["Account.Name", "Account.AccountNumber", "Account.", "ReportsTo.LastName", "Account.Owner.Name",
             "Owner.Name", "Owner.alias"]  # fmt: skip
    right = ["Account.Ext__c", "Account.Id", "ReportsTo.Email", "Own__r.Name", "Owner.Username", "Owner.Ext__c"]
    path = write(tmp_path / "f.csv", ["Id", *wrong, *right], [["003000000000001AAA", *"abcdefghijklm"]])
    expected = [(1, name, "P2-B7", "file refused") for name in wrong]
    assert found(path, "salesforce-contact", portal=False) == expected


def test_relationship_columns_of_an_org_that_describes_its_users(tmp_path: Path) -> None:
    """P2-B7: an external id of users finds them, a field that is none does not, nor one that is not there."""
    users = [field_row("Id", object="User", idLookup=True), field_row("Number__c", object="User", externalId=True),
             field_row("Name", object="User"), field_row("Email", object="User")]  # fmt: skip
    described = knowledge(config(), NIGHT, None, pa.Table.from_pylist([*FIELDS, *users]))
    names = ["User:Owner.Number__c", "User:Owner.Id", "User:Owner.Name", "User:Owner.Email", "User:Owner.Ext__c"]
    path = write(tmp_path / "f.csv", ["Id", *names], [["00Q000000000001EAA", *"abcde"]])
    rows = preflight(path, "salesforce-lead", described).rows()
    assert [(row["column"], row["rule"]) for row in rows] == [(name, "P2-B7") for name in names[2:]]


def test_companies_need_a_domain(tmp_path: Path) -> None:
    """SC-79."""
    path = write(tmp_path / "f.csv", ["Company name"], [["Acme"]])
    assert found(path, "hubspot-companies") == [(1, None, "P1-67", "file refused")]
    path = write(
        tmp_path / "f.csv",
        ["Company domain name", "Company name"],
        [["acme.com", "Acme"], ["", "Foo"], ["a b", "B"], ["https://www.ACME.com/x", "C"]],
    )
    assert found(path, "hubspot-companies") == [
        (3, "Company domain name", "P1-67", "row refused"),
        (4, "Company domain name", "P2-9B", "row refused"),
        (5, "Company domain name", "P2-9D", "row refused"),
    ]
    own = found(path, "hubspot-companies", how=Settings(is_own=True))
    assert [f[0] for f in own] == [3, 4]


@pytest.mark.parametrize(("columns", "refused"), [(999, False), (1000, True)])
def test_fewer_than_a_thousand_columns(tmp_path: Path, columns: int, refused: bool) -> None:
    """SC-84."""
    header = ["Email", *(f"c{n}" for n in range(columns - 1))]
    path = write(tmp_path / "f.csv", header, [["a@x.com", *[""] * (columns - 1)]])
    effects = {(rule, effect) for _, _, rule, effect in found(path, "hubspot-contacts", portal=False)}
    assert effects == ({("P2-90", "file refused")} if refused else set())


@pytest.mark.parametrize(
    ("dates", "said", "bad"),
    [
        (["03/04/2024", "31/12/2024"], None, []),
        (["03/04/2024", "12/31/2024"], None, []),
        (["03/04/2024", "31/12/2024", "12/31/2024", "30/12/2024"], None, [4]),
        (["2024-04-03", "03/04/2024", "2024-04-05"], None, [3]),
        (["31/12/2024"], "MONTH_DAY_YEAR", [2]),
        (["31/12/2024"], "DAY_MONTH_YEAR", []),
        (["05/05/2024"], None, []),
        (["05/05/2024", "03/04/2024"], "DAY_MONTH_YEAR", []),
    ],
)
def test_dates_have_one_order_in_a_file(tmp_path: Path, dates: list[str], said: str | None, bad: list[int]) -> None:
    """SC-82, P2-98."""
    rows = [[f"{n}@x.com", d] for n, d in enumerate(dates)]
    path = write(tmp_path / "f.csv", ["Email", "Start"], rows)
    assert [f[0] for f in found(path, "hubspot-contacts", how=Settings(date_format=said))] == bad


def test_days_that_two_orders_fit_may_be_misread(tmp_path: Path) -> None:
    """P2-94: nobody says which order the file has, and its days do not show it; one finding a column."""
    path = write(
        tmp_path / "f.csv",
        ["Email", "Start"],
        [["a@x.com", "05/05/2024"], ["b@x.com", "03/04/2024"], ["c@x.com", "01/02/2024"]],
    )
    assert found(path, "hubspot-contacts") == [(3, "Start", "P2-94", "may be misread")]
    assert found(path, "hubspot-contacts", how=Settings(date_format="MONTH_DAY_YEAR")) == []


def test_legal_basis_is_asked_for_letter_by_letter(tmp_path: Path) -> None:
    """P2-9F: an en dash in two of the values; nothing where GDPR is off."""
    gdpr = "imports: {hubspot: {gdpr: {enabled: true, legal_basis: [Not applicable]}}}\n"
    rows = [
        ["a@x.com", "Legitimate interest – prospect/lead;Not applicable"],
        ["b@x.com", "Legitimate interest - prospect/lead"],
        ["c@x.com", ""],
    ]
    path = write(tmp_path / "f.csv", ["Email", "Legal basis"], rows)
    assert found(path, "hubspot-contacts", settings=gdpr) == [
        (3, "Legal basis", "P2-9F", "row refused"),
        (4, "Legal basis", "P2-9F", "row refused"),
    ]
    path = write(tmp_path / "g.csv", ["Email"], [["a@x.com"]])
    assert found(path, "hubspot-contacts", settings=gdpr) == [(1, None, "P2-9F", "file refused")]
    assert found(path, "hubspot-contacts") == []
    path = write(tmp_path / "h.csv", ["Email", "Legal basis"], rows)
    assert found(path, "hubspot-contacts") == [(3, "Legal basis", "P2-9F", "value dropped")]


def test_what_the_portal_knows_of_the_records(tmp_path: Path) -> None:
    """P1-66, P2-2G, P2-2H: evidence from the records, and no doubt about records that nobody knows."""
    records = HubSpotRecords(
        ids=pa.array(["1", "2", "3"]),
        names=pa.array(["a@x.com", "b@x.com", None]),
        stages=pa.array(["customer", None, "lead"]),
        secondary=pa.array(["1 old@x.com"]),
        deleted=pa.array(["66"]),
    )
    rows = [
        ["1", "", "Lead"],
        ["2", "b@x.com", "Lead"],
        ["1", "old@x.com", "customer"],
        ["1", "b@x.com", ""],
        ["77", "new@x.com", "Lead"],
        ["", "A@x.com", "subscriber"],
        ["66", "", ""],
        ["2", "old@x.com", ""],
        ["", "OLD@x.com", "Lead"],
    ]
    path = write(tmp_path / "f.csv", ["Record ID", "Email", "Lifecycle Stage"], rows)
    got = [f for f in found(path, "hubspot-contacts", how=Settings(records=records)) if f[2] != "P2-9D"]
    assert got == [
        (2, "Lifecycle Stage", "P1-66", "silently ignored"),
        (4, "Email", "P2-2G", "overwrites"),
        (5, "Email", "P2-2H", "row refused"),
        (7, "Lifecycle Stage", "P1-66", "silently ignored"),
        (8, "Record ID", "P2-9C", "row refused"),
        (9, "Email", "P2-2H", "row refused"),
        (10, "Lifecycle Stage", "P1-66", "silently ignored"),
    ]


def test_a_company_is_known_by_any_spelling_of_its_domain(tmp_path: Path) -> None:
    """P1-66, P2-2H."""
    none = pa.array([], pa.string())
    names = pa.array(["acme.com", "b.com"])
    records = HubSpotRecords(pa.array(["1", "2"]), names, pa.array(["customer", "lead"]), none)
    rows = [["1", "https://www.b.com/", ""], ["", "http://ACME.com", "Lead"], ["", "www.c.com", "Lead"]]
    path = write(tmp_path / "f.csv", ["Record ID", "Company domain name", "Lifecycle Stage"], rows)
    assert found(path, "hubspot-companies", how=Settings(records=records), portal=False) == [
        (2, "Company domain name", "P2-2H", "row refused"),
        (3, "Lifecycle Stage", "P1-66", "silently ignored"),
    ]


def test_a_state_needs_its_country(tmp_path: Path) -> None:
    """P2-3B: a null is no country and no state; on an update the country may be there already, unless it is blanked."""
    picklists = [field_row(name) for name in ("State", "StateCode", "Country", "CountryCode")]
    portal = knowledge(config(), NIGHT, None, pa.Table.from_pylist([*FIELDS, *picklists]), None)

    def lines(kind: str, header: list[str], rows: list[list[str]]) -> list[int]:
        path = write(tmp_path / "f.csv", header, rows)
        return [r["line"] for r in preflight(path, kind, portal, None).rows() if r["rule"] == "P2-3B"]

    named = ["LastName", "Company", "State", "Country"]
    rows = [["Ek", "A", "Ohio", "#N/A"], ["Ek", "B", "#N/A", ""], ["Ek", "C", "Ohio", "US"], ["Ek", "D", "Ohio", ""]]
    assert lines("salesforce-lead", named, rows) == [2, 5]
    ids = [f"00Q00000000000{n}" for n in range(1, 5)]
    rows = [[ids[0], "Ohio", "#N/A"], [ids[1], "Ohio", ""], [ids[2], "#N/A", "#N/A"], [ids[3], "", "#N/A"]]
    assert lines("salesforce-lead", ["Id", "State", "Country"], rows) == [2]


def test_converted_leads_and_inactive_owners(tmp_path: Path) -> None:
    path = write(
        tmp_path / "f.csv",
        ["Id", "OwnerId"],
        [["00Q000000000001", "005000000000009AAA"], ["00Q000000000002EAA", "005000000000001AAA"]],
    )
    how = Settings(
        inactive_users=frozenset({"005000000000009AAA"}),
        records=SalesforceRecords(pa.array(["00Q000000000001EAA"]), pa.array(["00Q000000000002EAA"])),
    )
    assert found(path, "salesforce-lead", how=how) == [
        (2, "Id", "P2-2C", "row refused"),
        (2, "OwnerId", "P2-BC", "row refused"),
        (3, "Id", "P2-C1", "row refused"),
    ]


def test_a_queue_owns_leads_only(tmp_path: Path) -> None:
    """P2-BC."""
    lead = write(tmp_path / "l.csv", ["Id", "OwnerId"], [["00Q000000000001EAA", "00G000000000001EAA"]])
    assert found(lead, "salesforce-lead") == []
    contact = write(tmp_path / "c.csv", ["Id", "OwnerId"], [["003000000000001AAA", "00G000000000001EAA"]])
    assert found(contact, "salesforce-contact") == [(2, "OwnerId", "P2-BC", "row refused")]


def test_a_request_beside_the_file_is_obeyed_and_judged(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", ["mail", "day", "more"], [["a@x.com", "31/12/2024", "x"]])
    mappings = [
        {
            "columnObjectTypeId": "0-1",
            "columnName": "mail",
            "propertyName": "email",
            "columnType": "HUBSPOT_ALTERNATE_ID",
        },
        {"columnObjectTypeId": "0-1", "columnName": "day", "propertyName": "start"},
        {"columnObjectTypeId": "0-1", "columnName": "gone", "propertyName": "city"},
    ]
    request = {
        "name": "n",
        "importOperations": {"0-1": "UPDATE"},
        "files": [{"fileName": "f.csv", "fileImportPage": {"hasHeader": True, "columnMappings": mappings}}],
    }
    beside = tmp_path / "f.csv.request.json"
    beside.write_text(json.dumps(request))
    assert found(path, "hubspot-contacts") == [
        (1, None, "P2-94", "file refused"),
        (1, "gone", "P2-94", "file refused"),
        (1, "more", "P2-94", "file refused"),
    ]
    beside.write_text(json.dumps(request | {"dateFormat": "MONTH_DAY_YEAR"}))
    assert (2, "day", "P2-98", "value dropped") in found(path, "hubspot-contacts")


EMAIL = {
    "columnObjectTypeId": "0-1",
    "columnName": "Email",
    "propertyName": "email",
    "columnType": "HUBSPOT_ALTERNATE_ID",
}
REQUEST = {"name": "n", "importOperations": {"0-1": "UPSERT"}, "dateFormat": "YEAR_MONTH_DAY"}


@pytest.mark.parametrize(
    ("changed", "mapping", "rules"),
    [
        ({}, {}, set()),
        ({"somethingNew": 1, "timeZone": "UTC"}, {}, set()),
        ({"name": ""}, {}, {"P1-70"}),
        ({"dateFormat": "ISO"}, {}, {"P2-94"}),
        ({"importOperations": {}}, {}, {"P2-94"}),
        ({"importOperations": {"0-1": "MERGE"}}, {}, {"P2-93"}),
        ({"importOperations": {"0-2": "UPSERT"}, "marketableContactImport": True}, {}, {"P1-71"}),
        ({"importOperations": {"0-2": "UPSERT"}, "createContactListFromImport": True}, {}, {"P1-71"}),
        ({}, {"idColumnType": "HUBSPOT_ALTERNATE_ID"}, {"P2-95"}),
        ({}, {"columnType": "ALTERNATE"}, {"P2-95", "P1-67"}),
        ({}, {"propertyName": None}, {"P2-96", "P1-67"}),
        ({"files": "f.csv"}, {}, {"P2-94", "P1-67"}),
    ],
)  # fmt: skip
def test_the_inside_of_a_request(
    tmp_path: Path, changed: dict[str, Any], mapping: dict[str, Any], rules: set[str]
) -> None:
    """P2-94 to P2-97: HubSpot's schema checks nothing of it; what is new in it is not doubted."""
    path = write(tmp_path / "f.csv", ["Email"], [["a@x.com"]])
    page = {"hasHeader": True, "columnMappings": [EMAIL | mapping]}
    body = REQUEST | {"files": [{"fileName": "f.csv", "fileFormat": "CSV", "fileImportPage": page}]} | changed
    (tmp_path / "f.csv.request.json").write_text(json.dumps(body))
    assert {rule for _, _, rule, _ in found(path, "hubspot-contacts")} == rules


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({}, set()),
        ({"assignmentRuleId": "01Q", "contentType": "CSV"}, set()),
        ({"operation": "merge"}, {"P2-B3"}),
        ({"lineEnding": "CR"}, {"P2-B3"}),
        ({"columnDelimiter": "COLON"}, {"P2-B3"}),
        ({"columnDelimiter": "SEMICOLON"}, {"P2-B3"}),
        ({"object": "Contact"}, {"P2-B0"}),
        ({"externalIdFieldName": "Ext__c"}, {"P2-B8"}),
    ],
)
def test_the_inside_of_a_job(tmp_path: Path, changed: dict[str, Any], rules: set[str]) -> None:
    path = write(tmp_path / "f.csv", ["Id", "Title"], [["00Q000000000001EAA", "a"]])
    (tmp_path / "f.csv.job.json").write_text(json.dumps({"object": "Lead", "operation": "update"} | changed))
    assert rules <= {rule for _, _, rule, _ in found(path, "salesforce-lead")}
    assert bool(rules) == bool(found(path, "salesforce-lead"))


def test_what_lies_beside_and_is_no_json(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", ["Email"], [["a@x.com"]])
    (tmp_path / "f.csv.request.json").write_text("{")
    assert found(path, "hubspot-contacts") == [(1, None, "P2-94", "file refused")]


def test_data_loader_reads_more_words_for_yes(tmp_path: Path) -> None:
    """P2-B6: with a mapping and no job beside, the file is Data Loader's."""
    path = write(tmp_path / "f.csv", ["Id", "HasOptedOutOfEmail"], [["00Q000000000001EAA", "Yes"]])
    assert found(path, "salesforce-lead") == [(2, "HasOptedOutOfEmail", "P2-B6", "row refused")]
    (tmp_path / "f.csv.sdl").write_text("Id=Id\nHasOptedOutOfEmail=HasOptedOutOfEmail\n")
    assert found(path, "salesforce-lead") == []


def test_a_file_of_contacts_and_companies(tmp_path: Path) -> None:
    """P2-96: each column is judged as what it goes to; the other object needs an identifier too."""
    rows = [
        ["a@x.com", "Ann", "acme.com", "lead"],
        ["b@x.com", "Bo", "not a domain", "customer"],
        ["b@x.com", "", "acme.com", ""],
    ]
    path = write(tmp_path / "f.csv", ["Email", "First", "Domain", "Stage"], rows)
    first = {"columnObjectTypeId": "0-1", "columnName": "First", "propertyName": "firstname"}
    domain = {"columnObjectTypeId": "0-2", "columnName": "Domain", "propertyName": "domain"}
    stage = {"columnObjectTypeId": "0-2", "columnName": "Stage", "propertyName": "lifecyclestage"}
    body = REQUEST | {"importOperations": {"0-1": "UPSERT", "0-2": "UPSERT"}, "marketableContactImport": True}

    def judged(**more: str) -> list[tuple[Any, ...]]:
        page = {"hasHeader": True, "columnMappings": [EMAIL, first, domain | more, stage]}
        text = json.dumps(body | {"files": [{"fileName": "f.csv", "fileImportPage": page}]})
        (tmp_path / "f.csv.request.json").write_text(text)
        return found(path, "hubspot-contacts")

    expected = [
        (1, None, "P2-97", "silently ignored"),
        (3, "Domain", "P2-9B", "row refused"),
        (3, "Stage", "P2-63", "value dropped"),
        (4, "Email", "P2-9D", "row refused"),
    ]
    assert judged(columnType="HUBSPOT_ALTERNATE_ID") == expected
    assert judged() == [(1, None, "P1-67", "file refused"), *expected]


def test_a_stage_may_go_back_after_a_clear(tmp_path: Path) -> None:
    """P1-66: our own second package, beside a manifest that says it waits for the clear."""
    path = write(tmp_path / "f.csv", ["Email", "Stage"], [["a@x.com", "lead"]])
    stage = {"columnObjectTypeId": "0-1", "columnName": "Stage", "propertyName": "lifecyclestage"}
    page = {"hasHeader": True, "columnMappings": [EMAIL, stage]}
    body = REQUEST | {"files": [{"fileName": "f.csv", "fileImportPage": page}]}
    (tmp_path / "f.csv.request.json").write_text(json.dumps(body))
    none = pa.array([], pa.string())
    how = Settings(records=HubSpotRecords(pa.array(["1"]), pa.array(["a@x.com"]), pa.array(["customer"]), none))
    assert found(path, "hubspot-contacts", how=how) == [(2, "Stage", "P1-66", "silently ignored")]
    files = [
        {"file": "c.jsonl", "operation": "clear"},
        {"file": "f.csv", "operation": "update", "waits_for": ["c.jsonl"]},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"files": files}))
    assert found(path, "hubspot-contacts", how=how) == []


def test_create_leaves_known_records_alone(tmp_path: Path) -> None:
    """P2-93."""
    path = write(tmp_path / "f.csv", ["Email"], [["a@x.com"], ["new@x.com"]])
    page = {"hasHeader": True, "columnMappings": [EMAIL]}
    body = REQUEST | {"importOperations": {"0-1": "CREATE"}, "files": [{"fileName": "f.csv", "fileImportPage": page}]}
    (tmp_path / "f.csv.request.json").write_text(json.dumps(body))
    none = pa.array([], pa.string())
    records = HubSpotRecords(pa.array(["1"]), pa.array(["a@x.com"]), pa.array(["lead"]), none)
    assert found(path, "hubspot-contacts", how=Settings(records=records)) == [(2, "Email", "P2-93", "row refused")]


def test_an_upsert_needs_a_field_that_finds_records(tmp_path: Path) -> None:
    """P2-B8: an external id, or the Id where nothing else is named."""
    path = write(tmp_path / "f.csv", ["Title", "LastName", "Company"], [["1", "Ek", "A"]])
    job = {
        "object": "Lead",
        "operation": "upsert",
        "externalIdFieldName": "Title",
        "contentType": "CSV",
        "lineEnding": "LF",
    }
    (tmp_path / "f.csv.job.json").write_text(json.dumps(job))
    assert found(path, "salesforce-lead") == [(1, "Title", "P2-B8", "file refused")]
    path = write(tmp_path / "g.csv", ["Id", "Title"], [["00Q000000000001EAA", "CEO"], ["", "CTO"]])
    assert found(path, "salesforce-lead", how=Settings(operation="upsert")) == [(3, "Id", "P2-B8", "row refused")]


def test_the_boxes_of_a_request_are_true_or_false(tmp_path: Path) -> None:
    """P2-94."""
    path = write(tmp_path / "f.csv", ["Email"], [["a@x.com"]])
    page = {"hasHeader": True, "columnMappings": [EMAIL]}
    body = REQUEST | {"marketableContactImport": "yes", "files": [{"fileName": "f.csv", "fileImportPage": page}]}
    (tmp_path / "f.csv.request.json").write_text(json.dumps(body))
    assert [f[2:] for f in found(path, "hubspot-contacts")] == [("P2-94", "file refused")]


def test_a_job_beside_the_file_is_obeyed(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", ["Ext__c", "LastName"], [["1", "Ek"], ["", "Bo"], ["1", "Al"]])
    beside = tmp_path / "f.csv.job.json"
    job = {
        "object": "Lead",
        "operation": "upsert",
        "externalIdFieldName": "Ext__c",
        "contentType": "CSV",
        "lineEnding": "CRLF",
    }
    beside.write_text(json.dumps(job))
    assert found(path, "salesforce-lead") == [
        (1, None, "P2-B3", "file refused"),
        (3, "Ext__c", "P2-B8", "row refused"),
        (4, "Ext__c", "P2-B8", "row refused"),
    ]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("Email,City\na@x.com,Zürich\nb@x.com,Oslo\n".encode("latin-1"))
    assert found(path, "hubspot-contacts") == [(2, "City", "P2-90", "file refused")]
    path.write_bytes("Email,City\na@x.com,Zürich Örlikon\n".encode("latin-1"))
    assert found(path, "hubspot-contacts") == [(2, "City", "P2-90", "file refused")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04xxxx",
        b"<!DOCTYPE html><html>",
        "Email\na@x.com\n".encode("utf-16"),
        b"\x1f\x8b\x08",
        b"\x00\x01\x02",
        b"  \n ",
    ],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(data)
    with pytest.raises(NotReadableError):
        found(path, "hubspot-contacts")


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"\xef\xbb\xbfEmail,City\r\na@x.com,Oslo\r\n")
    assert found(path, "hubspot-contacts") == []


def test_without_a_portal_custom_columns_are_not_doubted(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", ["Email", "Shoe size", "Create Date"], [["a@x.com", "44", "x"]])
    assert found(path, "hubspot-contacts", portal=False) == [(1, "Create Date", "P2-9A", "value dropped")]
    path = write(tmp_path / "g.csv", ["LastName", "Company", "Shoe__c", "FirstName"], [["Ek", "A", "44", "x" * 41]])
    assert found(path, "salesforce-lead", portal=False) == [(2, "FirstName", "P2-BB", "row refused")]


def test_findings_name_no_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", list(CONTACT_GOOD), [[f"secret{n}" for n, _ in enumerate(CONTACT_GOOD)]])
    text = json.dumps(list(preflight(path, "hubspot-contacts", known()).rows()))
    assert "secret" not in text


def test_progress_hears_of_every_window_to_the_end(tmp_path: Path) -> None:
    text = "Email,First Name\n" + "".join(f"p{n}@example.com,{'x' * 60}\n" for n in range(80_000))
    path = tmp_path / "f.csv"
    path.write_text(text, newline="")
    heard: list[int] = []
    preflight(path, "hubspot-contacts", knowledge(config(), NIGHT), progress=heard.append)
    assert len(heard) > 1
    assert heard == sorted(heard)
    assert heard[-1] == path.stat().st_size
