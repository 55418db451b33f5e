"""A night's folder: which rows go into which file, in which form, under which manifest."""

import hashlib
import json
import random
from pathlib import Path

import pytest

from assets.shared.failures import InputRefused
from tests.unit.import_files import deltas
from tests.unit.import_files.deltas import (
    bodies_of,
    field_row,
    properties_of,
    property_row,
    row,
    rows_of,
    table,
    written,
)

LEAD = "00Q000000000001EAA"


def files_of(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def contact(op: str, fields: dict[str, str | None], **more: object) -> dict[str, object]:
    return row("hubspot", "contact", op, fields, **more)  # type: ignore[arg-type]


def test_creates_are_grouped_by_marketing_status(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    manifest = written(
        folder,
        [
            contact("create", {"email": "a@x.com", "firstname": "Ann"}, key="a@x.com", marketing=True),
            contact("create", {"email": "b@x.com"}, key="b@x.com", marketing=False),
        ],
    )
    assert [(f.file, f.rows, f.order) for f in manifest.files] == [
        ("hubspot-contacts-create.csv", 1, 1),
        ("hubspot-contacts-create-marketing.csv", 1, 2),
    ]
    assert properties_of(folder, "hubspot-contacts-create-marketing.csv") == [{"email": "a@x.com", "firstname": "Ann"}]
    requests = [json.loads((folder / f"{f.file}.request.json").read_text()) for f in manifest.files]
    assert [r["marketableContactImport"] for r in requests] == [False, True]
    assert all(r["dateFormat"] == "YEAR_MONTH_DAY" and r["name"] == "Crosswalk 2026-11-20" for r in requests)
    mapping = requests[1]["files"][0]["fileImportPage"]["columnMappings"][0]
    assert mapping == {
        "columnObjectTypeId": "0-1",
        "columnName": "Email",
        "propertyName": "email",
        "columnType": "HUBSPOT_ALTERNATE_ID",
    }


def test_an_update_is_found_by_record_id_and_a_clear_is_its_own_file(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    manifest = written(
        folder,
        [
            contact("update", {"jobtitle": "CEO", "email": "new@x.com"}, record_id="7", key="a@x.com"),
            contact("clear", {"city": None}, record_id="7", key="a@x.com"),
            contact("delete", {}, record_id="9", key="d@x.com"),
        ],
    )
    assert [f.file for f in manifest.files] == [
        "clear-hubspot-contacts.jsonl",
        "hubspot-contacts-update.csv",
        "archive-hubspot-contacts.jsonl",
    ]
    assert [f.via for f in manifest.files] == ["api", "import", "api"]
    assert bodies_of(folder / "clear-hubspot-contacts.jsonl") == [{"id": "7", "properties": {"city": ""}}]
    assert bodies_of(folder / "archive-hubspot-contacts.jsonl") == [{"id": "9"}]
    assert properties_of(folder, "hubspot-contacts-update.csv") == [
        {"hs_object_id": "7", "email": "new@x.com", "jobtitle": "CEO"}
    ]
    request = json.loads((folder / "hubspot-contacts-update.csv.request.json").read_text())
    types = {m["propertyName"]: m["columnType"] for m in request["files"][0]["fileImportPage"]["columnMappings"]}
    assert types == {"hs_object_id": "HUBSPOT_OBJECT_ID", "email": "STANDARD", "jobtitle": "STANDARD"}


def test_a_backward_stage_is_cleared_first_and_the_second_package_waits(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    manifest = written(
        folder,
        [
            contact("clear", {"lifecyclestage": None}, record_id="7"),
            contact("update", {"lifecyclestage": "lead"}, record_id="7", sequence=2),
            contact("update", {"lifecyclestage": "customer"}, record_id="8"),
        ],
    )
    by_name = {f.file: f for f in manifest.files}
    later = by_name["hubspot-contacts-update-after-clear.csv"]
    assert later.waits_for == ["clear-hubspot-contacts.jsonl"]
    assert later.order > by_name["clear-hubspot-contacts.jsonl"].order
    assert properties_of(folder, later.file) == [{"hs_object_id": "7", "lifecyclestage": "lead"}]
    assert properties_of(folder, "hubspot-contacts-update.csv") == [{"hs_object_id": "8", "lifecyclestage": "customer"}]


def test_salesforce_update_null_leave_and_union_header(tmp_path: Path) -> None:
    """SC-91 and SC-95b: `#N/A` clears, an empty cell leaves alone, the header has every record's fields."""
    folder = tmp_path / "n"
    manifest = written(
        folder,
        salesforce=[
            row("salesforce", "lead", "update", {"Title": None}, record_id=LEAD),
            row("salesforce", "lead", "update", {"Phone": "+4712"}, record_id="00Q000000000002EAA"),
        ],
    )
    assert rows_of(folder / "salesforce-lead-update.csv") == [
        {"Id": LEAD, "Phone": "", "Title": "#N/A"},
        {"Id": "00Q000000000002EAA", "Phone": "+4712", "Title": ""},
    ]
    job = json.loads((folder / "salesforce-lead-update.csv.job.json").read_text())
    assert job == {
        "object": "Lead",
        "operation": "update",
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    assert [(f.target, f.object, f.operation, f.rows) for f in manifest.files] == [("salesforce", "lead", "update", 2)]


def test_salesforce_insert_has_no_id_and_no_null_marker(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    fields = {"LastName": "Ek", "Company": "Acme", "Title": None}
    written(folder, salesforce=[row("salesforce", "lead", "create", fields, key="b@x.com", link="3")])
    assert rows_of(folder / "salesforce-lead-create.csv") == [{"Company": "Acme", "LastName": "Ek"}]


def test_a_blank_that_salesforce_no_longer_takes_is_not_brought_back(tmp_path: Path) -> None:
    """The rest of the record goes back all the same; a blank checkbox was one that is not ticked (P2-07)."""
    folder = tmp_path / "n"
    before = {"Company": None, "Status": None, "Vip__c": None, "Title": "CTO"}
    after = {"Company": "Acme", "Status": "Open", "Vip__c": "true", "Title": "CEO"}
    written(
        folder,
        salesforce=[
            row("salesforce", "lead", "update", after, record_id=LEAD, before=before),
            row(
                "salesforce",
                "lead",
                "update",
                {"Status": "Open"},
                record_id="00Q000000000002EAA",
                before={"Status": None},
            ),
        ],
        describe=[
            field_row("Id", type="id"),
            field_row("Company", nillable=False),
            field_row("Status", type="picklist", nillable=False, defaultedOnCreate=True),
            field_row("Vip__c", type="boolean", nillable=False, defaultedOnCreate=True),
            field_row("Title"),
        ],
    )
    assert rows_of(folder / "undo" / "salesforce-lead-update.csv") == [
        {"Id": LEAD, "Company": "", "Status": "", "Title": "CTO", "Vip__c": "false"}
    ]
    listed = [json.loads(line) for line in (folder / "undo" / "held-back.jsonl").read_text().splitlines()]
    assert [(h["record_id"], h["field"], h["code"], h["effect"]) for h in listed] == [
        (LEAD, "Company", "required_field_missing", "value"),
        (LEAD, "Status", "required_field_missing", "value"),
        ("00Q000000000002EAA", "Status", "required_field_missing", "value"),
    ]


def test_manifest_describes_the_bytes_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    written(folder, [contact("update", {"city": "Oslo"}, record_id="7")])
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["night"] == deltas.NIGHT
    assert manifest["configuration_digest"] == deltas.config().digest
    [entry] = manifest["files"]
    data = (folder / entry["file"]).read_bytes()
    assert set(entry) == {"file", "target", "object", "operation", "rows", "bytes", "sha256", "via", "order"}
    assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    for companion in manifest["companions"]:
        assert hashlib.sha256((folder / companion["file"]).read_bytes()).hexdigest() == companion["sha256"]
    written_files = {p.relative_to(folder).as_posix() for p in files_of(folder) if p.parent == folder}
    listed = {c["file"] for c in manifest["companions"]}
    assert written_files == {"manifest.json", entry["file"], *listed} - {"undo/manifest.json"}


def test_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    written(folder, [contact("update", {"city": "Oslo"}, record_id="7")])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in files_of(folder)} == {0o600}


def test_shuffled_rows_give_the_same_bytes_and_a_rerun_replaces_the_folder(tmp_path: Path) -> None:
    rows = [
        contact("update", {"city": f"c{n}", "phone": f"p{n}"}, record_id=str(n), key=f"{n}@x.com") for n in range(500)
    ]
    rows += [contact("create", {"email": f"n{n}@x.com"}, key=f"n{n}@x.com", marketing=n % 2 == 0) for n in range(50)]
    folder = tmp_path / "n"
    written(folder, rows)
    before = {p: p.read_bytes() for p in files_of(folder)}
    (folder / "left-over").write_text("x")
    random.Random(1).shuffle(rows)
    written(folder, rows)
    assert {p: p.read_bytes() for p in files_of(folder)} == before
    assert [p.name for p in tmp_path.iterdir()] == ["n"]


def test_a_failure_leaves_the_last_good_folder(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    written(folder, [contact("update", {"city": "Oslo"}, record_id="7")])
    before = {p: p.read_bytes() for p in files_of(folder)}
    settings = "imports: {salesforce: {external_id: Name}}\n"
    lead = row("salesforce", "lead", "create", {"LastName": "Ek", "Company": "A"}, link="7")
    with pytest.raises(InputRefused, match="external_id"):
        written(folder, salesforce=[lead], settings=settings, describe=[field_row("Name")])
    assert {p: p.read_bytes() for p in files_of(folder)} == before
    assert [p.name for p in tmp_path.iterdir()] == ["n"]


def test_no_operations_give_a_manifest_without_files(tmp_path: Path) -> None:
    manifest = written(tmp_path / "n")
    assert manifest.files == []
    assert [p.name for p in (tmp_path / "n").iterdir()] == ["manifest.json"]


def test_read_only_and_unknown_properties_stay_out_and_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    fields = {"city": "Oslo", "hs_marketable_status": "true", "score": "3", "gone": "x"}
    properties = [property_row("city"), property_row("score", calculated=True)]
    manifest = written(folder, [contact("update", fields, record_id="7")], properties=properties)
    assert properties_of(folder, "hubspot-contacts-update.csv") == [{"hs_object_id": "7", "city": "Oslo"}]
    assert {(h.code, h.field, h.rows) for h in manifest.held_back} == {
        ("read_only_property", "score", 1),
        ("unknown_property", "gone", 1),
        ("unknown_property", "hs_marketable_status", 1),
    }


def test_doubled_identifiers_become_one_row_and_a_blank_does_not_erase(tmp_path: Path) -> None:
    """SC-87."""
    folder = tmp_path / "n"
    rows = [
        contact(
            "create",
            {"email": "a@x.com", "jobtitle": "CTO", "city": "Oslo"},
            key="a@x.com",
            link="1",
            since="2026-11-01",
        ),
        contact(
            "create", {"email": "A@x.com", "jobtitle": "CEO", "city": None}, key="a@x.com", link="2", since="2026-11-02"
        ),
    ]
    written(folder, rows)
    assert properties_of(folder, "hubspot-contacts-create.csv") == [
        {"email": "A@x.com", "jobtitle": "CEO", "city": "Oslo"}
    ]


def test_companies_without_a_domain_go_through_the_api(tmp_path: Path) -> None:
    """P1-67: an import of companies needs the domain; a company that has only a name, whatever it is, cannot be in one."""
    folder = tmp_path / "n"
    written(
        folder,
        [
            row("hubspot", "company", "create", {"name": "Acme", "domain": "acme.com"}, key="acme.com", link="0011"),
            row("hubspot", "company", "create", {"name": 'Foo "&" Co'}, key='foo "&" co', link="0012"),
            row("hubspot", "company", "create", {"name": "Name.com"}, key="Name.com", link="0013"),
        ],
    )
    assert properties_of(folder, "hubspot-companies-create.csv") == [{"domain": "acme.com", "name": "Acme"}]
    assert bodies_of(folder / "create-hubspot-companies.jsonl") == [
        {"properties": {"name": "Name.com"}, "objectWriteTraceId": "0013"},
        {"properties": {"name": 'Foo "&" Co'}, "objectWriteTraceId": "0012"},
    ]


def test_companies_that_share_a_domain_go_through_the_api(tmp_path: Path) -> None:
    """P2-51, P2-9D: an import would find one by the other's domain, however it is written."""
    folder = tmp_path / "n"
    made = [("acme.com", "0011"), ("www.DUP.com", "0012"), ("https://dup.com/", "0013")]
    written(folder, [row("hubspot", "company", "create", {"name": n, "domain": d}, key=d, link=n) for d, n in made])
    assert properties_of(folder, "hubspot-companies-create.csv") == [{"domain": "acme.com", "name": "0011"}]
    created = [body["properties"]["name"] for body in bodies_of(folder / "create-hubspot-companies.jsonl")]
    assert sorted(created) == ["0012", "0013"]


def test_batch_bodies_hold_a_hundred_records_a_line(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    manifest = written(folder, [contact("clear", {"city": None}, record_id=str(n)) for n in range(1, 251)])
    lines = (folder / "clear-hubspot-contacts.jsonl").read_text().splitlines()
    assert [len(json.loads(line)["inputs"]) for line in lines] == [100, 100, 50]
    assert manifest.files[0].rows == 250


@pytest.mark.parametrize(
    ("mode", "files", "held"),
    [
        ("upsert", {"create", "update", "clear", "delete"}, set()),
        ("create", {"create", "delete"}, {"update", "clear"}),
        ("update", {"update", "clear", "delete"}, {"create"}),
    ],
)
def test_what_the_mode_cannot_carry_stays_out_with_a_warning(
    tmp_path: Path, mode: str, files: set[str], held: set[str]
) -> None:
    rows = [
        contact("create", {"email": "a@x.com"}, key="a@x.com"),
        contact("update", {"city": "Oslo"}, record_id="7"),
        contact("clear", {"phone": None}, record_id="7"),
        contact("delete", {}, record_id="8"),
    ]
    manifest = written(tmp_path / "n", rows, settings=f"imports: {{hubspot: {{mode: {mode}}}}}\n")
    assert {f.operation for f in manifest.files} == files
    assert {h.operation for h in manifest.held_back if h.code == "import_mode"} == held
    for f in manifest.files:
        if f.via == "import":
            request = json.loads((tmp_path / "n" / f"{f.file}.request.json").read_text())
            assert request["importOperations"] == {"0-1": mode.upper()}


def test_tables_as_the_lake_gives_them_have_a_night(tmp_path: Path) -> None:
    rows = table([contact("update", {"city": "Oslo"}, record_id="7")])
    rows = rows.append_column("night", [[deltas.NIGHT]])
    config = deltas.config()
    none = table([])
    manifest = deltas.write_files(
        rows, none, night=deltas.NIGHT, config=config, properties=None, describe=None, folder=tmp_path / "n"
    )
    assert [f.rows for f in manifest.files] == [1]


def test_an_object_without_the_external_id_is_inserted_and_told(tmp_path: Path) -> None:
    """P2-B8: leads are upserted by the key; of accounts nothing is keyed, so equal values are no doubles."""
    describe = [
        *(field_row(name) for name in ("LastName", "Company")),
        field_row("Ext__c", externalId=True),
        *(field_row(name, object="Account") for name in ("Name", "Ext__c")),
    ]
    rows = [
        row("salesforce", "lead", "create", {"LastName": "Ek", "Company": "A"}, key="a@x.com", link="7"),
        *(row("salesforce", "account", "create", {"Name": n, "Ext__c": "E1"}, key=n, link=n) for n in ("One", "Two")),
    ]
    settings = (
        "imports: {salesforce: {external_id: Ext__c}}\n"
        "mappings: [{hubspot: ext, salesforce: Ext__c, rule: two_way, object: company}]\n"
    )
    manifest = written(tmp_path / "n", salesforce=rows, settings=settings, describe=describe)
    jobs = {
        f.object: json.loads((tmp_path / "n" / f"{f.file}.job.json").read_text())["operation"]
        for f in manifest.files
        if f.target == "salesforce"
    }
    assert jobs["account"] == "insert"
    assert {f.object: f.rows for f in manifest.files}["account"] == 2
    assert "no_external_id" in manifest.warnings
