"""Forms of values, requests, parts and days: the small pieces of the files."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assets.import_files import dataloader, forms, parts, reference
from assets.import_files.days import load_days
from assets.import_files.knowledge import knowledge
from assets.import_files.parts import PartWriter
from assets.import_files.self_check import judge
from assets.shared.failures import InputRefused
from schemas.imports import BulkJob, ColumnMapping, FileImportPage, ImportRequest, ManifestFile, RequestFile
from tests.unit.import_files.deltas import NIGHT, config, field_row, properties_of, property_row, row, rows_of, written

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("2024-02-01T08:00:00.000Z", "2024-02-01T08:00:00.000Z"),
        ("2024-02-01T08:00:00Z", "2024-02-01T08:00:00Z"),
        ("2024-02-01T09:00:00+01:00", "2024-02-01T08:00:00.000Z"),
        ("2024-02-01T09:00:00.123456+0100", "2024-02-01T08:00:00.123Z"),
        ("2024-02-01 09:00", "2024-02-01T08:00:00.000Z"),
        ("2024-07-01 09:00:00", "2024-07-01T07:00:00.000Z"),
        ("#N/A", "#N/A"),
        ("soon", "soon"),
        (None, None),
    ],
)
def test_times_for_salesforce(value: str | None, after: str | None) -> None:
    """SC-94, P2-B5."""
    assert forms.bulk_datetime(pa.array([value], pa.string()), OSLO).to_pylist() == [after]


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("2024-02-01", "2024-02-01"),
        ("2024-02-01T23:30:00Z", "2024-02-02"),
        ("2024-02-01 09:00", "2024-02-01"),
        ("#N/A", "#N/A"),
        (None, None),
    ],
)
def test_days_have_no_offset(value: str | None, after: str | None) -> None:
    """SC-94: a day, without an offset."""
    assert forms.plain_date(pa.array([value], pa.string()), OSLO).to_pylist() == [after]


def test_times_and_days_in_a_file(tmp_path: Path) -> None:
    """SC-94."""
    describe = [field_row("Seen__c", type="datetime", length=0), field_row("Day__c", type="date", length=0)]
    fields = {"Seen__c": "2024-02-01T09:00:00+01:00", "Day__c": "2024-02-01"}
    written(
        tmp_path / "n",
        salesforce=[row("salesforce", "lead", "update", fields, record_id="00Q000000000001EAA")],
        describe=describe,
    )
    assert rows_of(tmp_path / "n" / "salesforce-lead-update.csv") == [
        {"Id": "00Q000000000001EAA", "Day__c": "2024-02-01", "Seen__c": "2024-02-01T08:00:00.000Z"}
    ]


def mapping(name: str, kind: str = "STANDARD", object_type: str = "0-1") -> ColumnMapping:
    return ColumnMapping.model_validate(
        {"columnObjectTypeId": object_type, "columnName": name, "propertyName": name, "columnType": kind}
    )


def request(**more: object) -> ImportRequest:
    page = FileImportPage(column_mappings=[mapping("Email", "HUBSPOT_ALTERNATE_ID")])
    body = {
        "name": "n",
        "importOperations": {"0-1": "UPSERT"},
        "dateFormat": "YEAR_MONTH_DAY",
        "timeZone": "UTC",
        "files": [RequestFile(file_name="f.csv", file_import_page=page)],
    }
    return ImportRequest.model_validate({k: v for k, v in (body | more).items() if v is not None})


def page_of(*mappings: ColumnMapping) -> list[RequestFile]:
    return [RequestFile(file_name="f.csv", file_import_page=FileImportPage(column_mappings=list(mappings)))]


def test_a_complete_request() -> None:
    """P2-94: every key, as the API names it."""
    assert request(marketableContactImport=True, createContactListFromImport=True).body() == {
        "name": "n",
        "importOperations": {"0-1": "UPSERT"},
        "dateFormat": "YEAR_MONTH_DAY",
        "marketableContactImport": True,
        "createContactListFromImport": True,
        "timeZone": "UTC",
        "files": [
            {
                "fileName": "f.csv",
                "fileFormat": "CSV",
                "fileImportPage": {
                    "hasHeader": True,
                    "columnMappings": [
                        {
                            "columnObjectTypeId": "0-1",
                            "columnName": "Email",
                            "propertyName": "Email",
                            "columnType": "HUBSPOT_ALTERNATE_ID",
                        }
                    ],
                },
            }
        ],
    }


COMPANY = {"importOperations": {"0-2": "UPSERT"}, "files": page_of(mapping("d", "HUBSPOT_ALTERNATE_ID", "0-2"))}
BOTH = {"importOperations": {"0-1": "UPSERT", "0-2": "UPSERT"}}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"dateFormat": None}, "dateFormat"),
        ({"name": ""}, "name"),
        ({"files": page_of(mapping("First Name"))}, "P1-67"),
        ({"files": page_of(mapping("a", "HUBSPOT_OBJECT_ID"), mapping("a"))}, "P2-90"),
        ({"files": page_of(mapping("a", "HUBSPOT_OBJECT_ID"), *(mapping(f"c{n}") for n in range(999)))}, "P2-90"),
        (BOTH | {"marketableContactImport": True}, "P2-97"),
        (COMPANY | {"marketableContactImport": True}, "P2-97"),
        (COMPANY | {"createContactListFromImport": True}, "P1-71"),
    ],
)
def test_what_hubspot_would_refuse_cannot_be_built(more: dict[str, object], says: str) -> None:
    """SC-82, SC-79, SC-84."""
    with pytest.raises(ValidationError, match=says):
        request(**more)


def test_a_job_names_an_external_id_exactly_for_an_upsert() -> None:
    assert (
        BulkJob(object="Lead", operation="upsert", external_id_field_name="X__c").body()["externalIdFieldName"]
        == "X__c"
    )
    for wrong in ({"operation": "upsert"}, {"operation": "insert", "external_id_field_name": "X__c"}):
        with pytest.raises(ValidationError, match="P2-B8"):
            BulkJob.model_validate({"object": "Lead"} | wrong)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=12), st.none() | st.text(max_size=12)), max_size=30),
    st.integers(1, 7),
    st.integers(90, 200),
    st.integers(1, 11),
    st.sampled_from(["LF", "CRLF"]),
)
def test_parts_stay_below_their_limits_and_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str | None]],
    most_rows: int,
    most_bytes: int,
    slice_size: int,
    ending: str,
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    writer = PartWriter(folder, "f", ["a", "b"], max_rows=most_rows, max_bytes=most_bytes, line_ending=ending)
    for start in range(0, len(rows), slice_size):
        piece = rows[start : start + slice_size]
        writer.write([pa.array([r[i] for r in piece], pa.string()) for i in (0, 1)])
    done = writer.close()
    data = [(folder / part.file).read_bytes() for part in done]
    assert [len(d) for d in data] == [p.bytes for p in done]
    assert all(p.bytes <= most_bytes and p.rows <= most_rows for p in done)
    assert sum(p.rows for p in done) == len(rows)
    whole = parts.encode(
        pa.table(
            [[r[0] for r in rows], [r[1] for r in rows]], schema=pa.schema([("0", pa.string()), ("1", pa.string())])
        ),
        parts.EOL[ending],
    )
    header = f"a,b{parts.EOL[ending]}".encode()
    assert all(d.startswith(header) for d in data)
    assert b"".join(d.removeprefix(header) for d in data) == whole
    assert [p.file for p in done] == (
        ["f.csv"]
        if len(done) == 1
        else [f"f-{n:0{len(str(len(done)))}}-of-{len(done)}.csv" for n in range(1, len(done) + 1)]
    )


def test_a_row_that_no_file_can_hold_is_an_error(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, "f", ["a"], max_rows=10, max_bytes=20)
    with pytest.raises(ValueError, match="larger than a file"):
        writer.write([pa.array(["x" * 30])])


def test_hubspot_splits_columns_and_every_set_is_found_by_the_identifier(tmp_path: Path) -> None:
    """P2-90: 999 columns at most; the second set waits for the first, which creates the record."""
    fields = {"email": "a@x.com"} | {f"p{n:04}": str(n) for n in range(1500)}
    rows = [row("hubspot", "contact", "create", fields, key="a@x.com")]
    rows.append(row("hubspot", "contact", "create", {"email": "b@x.com", "p1400": "x"}, key="b@x.com"))
    manifest = written(tmp_path / "n", rows)
    first, second = manifest.files
    assert (first.file, first.rows, second.rows) == ("hubspot-contacts-create-columns-1.csv", 2, 2)
    assert second.waits_for == [first.file]
    for file in (first, second):
        assert len(rows_of(tmp_path / "n" / file.file)[0]) <= 999
    merged: dict[str, dict[str, str]] = {}
    for file in (first, second):
        for line in properties_of(tmp_path / "n", file.file):
            merged.setdefault(line["email"], {}).update({k: v for k, v in line.items() if v})
    assert merged == {"a@x.com": fields, "b@x.com": {"email": "b@x.com", "p1400": "x"}}


def test_salesforce_splits_a_header_that_is_too_long(tmp_path: Path) -> None:
    """P2-B2: 32,000 characters of header; an update goes in several jobs."""
    fields = {f"{'x' * 90}{n:04}__c": str(n) for n in range(400)}
    written(tmp_path / "n", salesforce=[row("salesforce", "lead", "update", fields, record_id="00Q000000000001EAA")])
    files = sorted((tmp_path / "n").glob("*.csv"))
    assert len(files) == 2
    merged: dict[str, str] = {}
    for file in files:
        assert len(file.read_text().split("\n")[0]) <= 32_000
        [line] = rows_of(file)
        assert line.pop("Id") == "00Q000000000001EAA"
        merged |= line
    assert merged == fields


def test_doubled_external_ids_are_caught_before_writing(tmp_path: Path) -> None:
    """SC-96."""
    fields = {"LastName": "Ek", "Company": "A"}
    rows = [
        row("salesforce", "lead", "create", fields, link="7"),
        row("salesforce", "lead", "create", fields, link="7"),
    ]
    rows.append(row("salesforce", "lead", "create", fields, link="8"))
    manifest = written(
        tmp_path / "n",
        salesforce=rows,
        settings="imports: {salesforce: {external_id: Ext__c}}\n",
        describe=[field_row("LastName"), field_row("Company"), field_row("Ext__c", externalId=True)],
    )
    assert rows_of(tmp_path / "n" / "salesforce-lead-create.csv") == [{"Ext__c": "8", "Company": "A", "LastName": "Ek"}]
    assert [(h.code, h.rows) for h in manifest.held_back] == [("duplicate_external_id", 2)]
    job = json.loads((tmp_path / "n" / "salesforce-lead-create.csv.job.json").read_text())
    assert (job["operation"], job["externalIdFieldName"]) == ("upsert", "Ext__c")


def test_further_columns_update_what_the_first_file_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P2-90, P2-93, P2-9F: whatever the mode, and each with the legal basis."""
    few = reference.limits()
    few = few.model_copy(update={"hubspot": few.hubspot.model_copy(update={"max_columns": 4})})
    monkeypatch.setattr(reference, "limits", lambda: few)
    fields = {"email": "a@x.com", "firstname": "Ann", "jobtitle": "CEO", "lastname": "Ek"}
    gdpr = "gdpr: {enabled: true, legal_basis: [Not applicable]}"
    written(
        tmp_path / "n",
        hubspot=[row("hubspot", "contact", "create", fields, key="a@x.com", link="00Q000000000001EAA")],
        settings=f"imports: {{hubspot: {{mode: create, {gdpr}}}}}\n",
    )
    stem, found = "hubspot-contacts-create-columns", []
    for number in (1, 2):
        request = json.loads((tmp_path / "n" / f"{stem}-{number}.csv.request.json").read_text())
        [line] = rows_of(tmp_path / "n" / f"{stem}-{number}.csv")
        found.append((request["importOperations"], line))
    basis = {"Email": "a@x.com", "hs_legal_basis": "Not applicable"}
    assert found == [
        ({"0-1": "CREATE"}, basis | {"First Name": "Ann", "Job Title": "CEO"}),
        ({"0-1": "UPDATE"}, basis | {"Last Name": "Ek"}),
    ]


def test_labels_head_the_columns_unless_two_are_the_same(tmp_path: Path) -> None:
    """P2-9G."""
    from tests.unit.import_files.deltas import property_row

    properties = [property_row("a", label="Same"), property_row("b", label="same"), property_row("c", label="Clear")]
    properties += [property_row("d", label="c"), property_row("e", label="Record ID")]
    fields = dict.fromkeys("abcde", "x")
    written(tmp_path / "n", [row("hubspot", "contact", "update", fields, record_id="1")], properties=properties)
    assert list(rows_of(tmp_path / "n" / "hubspot-contacts-update.csv")[0]) == [
        "Record ID",
        "a",
        "b",
        "Clear",
        "d",
        "e",
    ]


def test_a_label_of_what_is_not_in_the_file_heads_no_column(tmp_path: Path) -> None:
    """P2-9G: HubSpot's import tool would take the column for the property that is called so, and `Email` for the address."""
    properties = [
        property_row("a", label="Shoe size"),
        property_row("b", label="Email"),
        property_row("c", label="other"),
    ]
    properties += [property_row("size", label="shoe size"), property_row("other", label="Something else")]
    fields = dict.fromkeys("abc", "x")
    written(tmp_path / "n", [row("hubspot", "contact", "update", fields, record_id="1")], properties=properties)
    assert list(rows_of(tmp_path / "n" / "hubspot-contacts-update.csv")[0]) == ["Record ID", "a", "b", "c"]


def test_legal_basis_for_contacts_that_are_created(tmp_path: Path) -> None:
    """P2-9F: the exact values, joined by semicolons, on creates; nothing where GDPR is off."""
    rows = [
        row("hubspot", "contact", "create", {"email": "a@x.com"}, key="a@x.com"),
        row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1"),
    ]
    basis = ["Legitimate interest – prospect/lead", "Not applicable"]
    gdpr = json.dumps({"hubspot": {"gdpr": {"enabled": True, "legal_basis": basis}}}, ensure_ascii=False)
    written(tmp_path / "n", rows, settings=f"imports: {gdpr}\n")
    assert properties_of(tmp_path / "n", "hubspot-contacts-create.csv") == [
        {"email": "a@x.com", "hs_legal_basis": ";".join(basis)}
    ]
    assert properties_of(tmp_path / "n", "hubspot-contacts-update.csv") == [{"hs_object_id": "1", "city": "Oslo"}]
    written(tmp_path / "off", rows)
    assert properties_of(tmp_path / "off", "hubspot-contacts-create.csv") == [{"email": "a@x.com"}]


def test_a_legal_basis_that_hubspot_does_not_have_is_refused(tmp_path: Path) -> None:
    """P2-9F: a hyphen where HubSpot has an en dash is another value; nothing is written."""
    basis = ["Not applicable", "Legitimate interest - prospect/lead"]
    gdpr = json.dumps({"hubspot": {"gdpr": {"enabled": True, "legal_basis": basis}}})
    with pytest.raises(InputRefused, match=r"legal_basis\.1"):
        written(tmp_path / "n", settings=f"imports: {gdpr}\n")
    assert list(tmp_path.iterdir()) == []
    off = json.dumps({"hubspot": {"gdpr": {"enabled": False, "legal_basis": basis}}})
    assert written(tmp_path / "n", settings=f"imports: {off}\n").files == []


def file(order: int, rows: int, target: str = "hubspot", via: str = "import") -> ManifestFile:
    return ManifestFile.model_validate(
        {
            "file": f"{order}.csv",
            "target": target,
            "object": "contact",
            "operation": "update",
            "rows": rows,
            "bytes": 1,
            "sha256": "",
            "via": via,
            "order": order,
        }
    )


def test_a_day_holds_what_the_allowance_allows() -> None:
    """P2-91: 10,000,000 rows and 500 imports a day in HubSpot; P2-B2: 15,000 batches of 10,000 in Salesforce."""
    million = 1_048_575
    days = load_days([file(n, million) for n in range(1, 12)])
    assert [(d.day, d.orders) for d in days] == [(1, [1, 2, 3, 4, 5, 6, 7, 8, 9]), (2, [10, 11])]
    assert [len(d.orders) for d in load_days([file(n, 1) for n in range(1, 502)])] == [500, 1]
    assert [len(d.orders) for d in load_days([file(n, 1, via="api") for n in range(1, 502)])] == [501]
    days = load_days([file(1, 80_000_000, "salesforce"), file(2, 70_000_001, "salesforce")])
    assert [(d.target, d.day, d.orders) for d in days] == [("salesforce", 1, [1]), ("salesforce", 2, [2])]


def test_data_loader_knows_columns_and_process() -> None:
    assert dataloader.mapping(["Id", "Account.Ext__c", "A b"]).decode() == (
        "#Mapping values\nId=Id\nAccount.Ext__c=Account\\:Ext__c\nA\\ b=A b\n"
    )
    job = BulkJob(object="Lead", operation="upsert", external_id_field_name="Ext__c")
    text = dataloader.processes([dataloader.Process("f.csv", job)]).decode()
    for key, value in {
        "sfdc.entity": "Lead",
        "process.operation": "upsert",
        "sfdc.externalIdField": "Ext__c",
        "dataAccess.name": "f.csv",
        "process.mappingFile": "f.csv.sdl",
        "sfdc.useBulkApi": "true",
        "sfdc.insertNulls": "false",
        "sfdc.truncateFields": "false",
    }.items():
        assert f'<entry key="{key}" value="{value}"/>' in text
    assert "password" not in text.lower()


def test_what_finds_a_record_is_there_in_every_portal(tmp_path: Path) -> None:
    """Property and describe files may be extracts; with GDPR on the legal basis is there too (P2-92, P2-9F)."""
    gdpr = {"hubspot": {"gdpr": {"enabled": True, "legal_basis": ["Not applicable"]}}}
    more = f"imports: {json.dumps(gdpr)}\n"
    properties, describe = [property_row("lifecyclestage")], [field_row("Title")]
    manifest = written(
        tmp_path / "n",
        [
            row("hubspot", "contact", "create", {"lifecyclestage": "lead"}, key="a@x.com"),
            row("hubspot", "contact", "update", {"lifecyclestage": "lead"}, record_id="7"),
        ],
        [row("salesforce", "lead", "update", {"Title": "CEO"}, record_id="00Q000000000001EAA")],
        settings=more,
        properties=properties,
        describe=describe,
    )
    assert properties_of(tmp_path / "n", "hubspot-contacts-create.csv") == [
        {"email": "a@x.com", "hs_legal_basis": "Not applicable", "lifecyclestage": "lead"}
    ]
    tables = (pa.Table.from_pylist(properties), pa.Table.from_pylist(describe))
    judge(manifest, tmp_path / "n", knowledge(config(more), NIGHT, *tables))
