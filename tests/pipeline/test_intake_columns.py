"""What was known stands where a column is missing from a delivery, and is a version of nothing."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from assets.shared import staging
from assets.shared.http_land import ApiLanding
from assets.shared.sql import Session
from assets.shared.staged_state import States
from schemas.delivery import Entity
from schemas.salesforce import ENTITIES
from tests.support.exports import Exports

ONE, TWO, THREE = "2026-11-18", "2026-11-19", "2026-11-20"
LEAD, CONTACT = "staged/salesforce/lead", "staged/hubspot/contact"
LI, MO, NY = "00Q000000000001", "00Q000000000002", "00Q000000000003"
STATE = ("IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId")
DESCRIBED = json.dumps(
    {
        "name": "Lead",
        "fields": [
            {"name": "Total__c", "type": "double"},
            {"name": "Day__c", "type": "date"},
            {"name": "At__c", "type": "datetime"},
            {"name": "Is__c", "type": "boolean"},
            {"name": "Other__c", "type": "reference"},
        ],
    }
)
VALUES = {
    "Total__c": "9007199254740993",
    "Day__c": "2026-02-28",
    "At__c": "2026-02-28T23:59:59.123456Z",
    "Is__c": "false",
    "Other__c": "001000000000001",
    "Text__c": " kept, as it is ",
    "NumberOfEmployees": "12",
    "Email": "li@x.example",
}


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


def table(rows: list[dict[str, str]], without: tuple[str, ...] = ()) -> str:
    """A CSV file of rows with the same columns, some of which it lacks."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [name for name in rows[0] if name not in without], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def leads(exports: Exports, night: str, file: str, snapshot: str = "incremental") -> int:
    """Stage a night of leads; the number of versions."""
    files: dict[str, str | bytes | None] = {"Lead.csv": file, "describe/Lead.json": DESCRIBED}
    return exports.night("salesforce", night, files, snapshot=snapshot).entities["lead"].versions


@pytest.mark.parametrize("snapshot", ["full", "incremental"])
@pytest.mark.parametrize("missing", [STATE, *((name,) for name in STATE)], ids="+".join)
def test_a_state_that_is_not_delivered_is_no_version(exports: Exports, snapshot: str, missing: tuple[str, ...]) -> None:
    states = (
        ("1", "false", "", "false", ""),
        ("2", "true", "", "false", ""),
        ("3", "true", LI, "false", ""),
        ("4", "false", "", "true", "003000000000001"),
    )
    rows = [dict(zip(("Id", *STATE), (f"00Q00000000000{n}", *values), strict=True)) for n, *values in states]
    assert leads(exports, ONE, table(rows), snapshot) == 4
    assert leads(exports, TWO, table(rows, missing), snapshot) == 0
    assert leads(exports, THREE, table(rows), snapshot) == 0


def test_a_merge_is_seen_where_the_column_of_deletions_is_missing(exports: Exports) -> None:
    row = {"Id": LI, "IsDeleted": "false", "MasterRecordId": ""}
    leads(exports, ONE, table([row]))
    leads(exports, TWO, table([{**row, "MasterRecordId": MO}], ("IsDeleted",)))
    assert exports.rows(LEAD, TWO, "op, left(merged_into, 15) AS into") == [{"op": "merge", "into": MO}]


@pytest.mark.parametrize("missing", [tuple(VALUES), *((name,) for name in VALUES)], ids=lambda names: str(len(names)))
def test_a_column_that_an_increment_lacks_is_no_version(exports: Exports, missing: tuple[str, ...]) -> None:
    row = {"Id": LI, "Phone": "1", **VALUES}
    assert leads(exports, ONE, table([row])) == 1
    known = exports.rows(LEAD, ONE)
    assert leads(exports, TWO, table([row], missing)) == 0
    assert leads(exports, THREE, table([{**row, "Phone": "2"}], missing)) == 1
    own = {"night", "Phone", "row_hash"}
    (was,), (now,) = known, exports.rows(LEAD, THREE)
    assert {name: now[name] for name in was if name not in own} == {n: v for n, v in was.items() if n not in own}
    assert leads(exports, "2026-11-21", table([{**row, "Phone": "2"}])) == 0


def test_the_past_is_read_once_however_many_batches_there_are(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH_ROWS", 1)  # a thousand rows at least
    asked: list[str] = []
    past = States.past

    def counted(self: States, session: Session, entity: Entity, records: exp.Select) -> str:
        asked.append(records.sql())
        return past(self, session, entity, records)

    monkeypatch.setattr(States, "past", counted)
    rows = [{"Id": f"00Q{n:012}", "Email": f"p{n}@x.example", "Text__c": f"kept {n}"} for n in range(2500)]
    assert leads(exports, ONE, table(rows)) == 2500
    asked.clear()
    changed = [{**row, "Email": f"new.{row['Email']}"} if n % 1000 == 7 else row for n, row in enumerate(rows)]
    assert leads(exports, TWO, table(changed, without=("Text__c",))) == 3
    assert sorted(asked) == sorted({*asked})
    assert sum("typed" in query for query in asked) == 1
    state = exports.rows(LEAD, TWO, "Email, Text__c")
    assert {row["Email"]: row["Text__c"] for row in state} == {row["Email"]: row["Text__c"] for row in changed}


def test_what_an_increment_lacks_is_blank_of_a_new_record_and_the_last_value_of_one_that_returns(
    exports: Exports,
) -> None:
    there = {"Id": LI, "IsDeleted": "false", "Text__c": "a", "Phone": "1"}
    leads(exports, ONE, table([there, {**there, "Id": MO}]))
    leads(exports, TWO, table([{**there, "IsDeleted": "true", "Phone": "2"}], ("Text__c",)))
    leads(exports, THREE, table([there, {**there, "Id": MO, "Text__c": ""}, {**there, "Id": NY}], ("Text__c",)))
    query = 'left(Id, 15) AS id, op, "Text__c" AS text, Phone AS phone'
    assert [tuple(row.values()) for row in exports.rows(LEAD, THREE, query)] == [
        (LI, "upsert", "a", "1"),
        (MO, "upsert", "a", "1"),
        (NY, "upsert", None, "1"),
    ]


def test_a_full_delivery_that_lacks_a_column_says_that_it_is_blank(exports: Exports) -> None:
    row = {"Id": LI, "Text__c": "a"}
    leads(exports, ONE, table([row]), "full")
    assert leads(exports, TWO, table([row], ("Text__c",)), "full") == 1
    assert exports.rows(LEAD, TWO, '"Text__c" AS text') == [{"text": None}]


def test_objects_lack_what_none_of_a_file_has(exports: Exports) -> None:
    """A key that another object of the file has is a column of it, and blank in those that lack it; so is one that is null."""

    def night(at: str, *objects: dict[str, Any]) -> None:
        lines = [json.dumps({"id": str(n), "properties": has}) for n, has in enumerate(objects, 1)]
        exports.night("hubspot", at, {"contacts.jsonl": "\n".join(lines) + "\n"}, snapshot="incremental")

    def found(at: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in exports.rows(CONTACT, at, "email, phone, score")]

    night(ONE, {"email": "a@x.example", "phone": "1", "score": "5"}, {"email": "b@x.example", "phone": "2"})
    night(TWO, {"email": "a@x.example", "phone": "1"}, {"email": "c@x.example"})
    assert found(TWO) == [("a@x.example", "1", "5"), ("c@x.example", None, None)]
    night(THREE, {"email": "a@x.example", "phone": None})  # asked for, and empty
    assert found(THREE) == [("a@x.example", None, "5"), ("c@x.example", None, None)]


def test_a_property_that_is_called_as_a_part_of_its_object_is_beside_it(exports: Exports) -> None:
    line = {"id": "1", "createdAt": "2026-01-01T00:00:00Z", "properties": {"createdat": "x"}}
    exports.night("hubspot", ONE, {"contacts.jsonl": json.dumps(line) + "\n"})
    found = exports.rows(CONTACT, ONE, 'CAST(createdate AS DATE)::VARCHAR AS "at", "createdAt_2" AS own')
    assert found == [{"at": "2026-01-01", "own": "x"}]


def test_a_night_without_a_column_run_again_is_the_same(exports: Exports) -> None:
    row = {"Id": LI, "Phone": "1", **VALUES}
    leads(exports, ONE, table([row]))
    leads(exports, TWO, table([{**row, "Phone": "2"}], tuple(VALUES)))
    before = written(exports)
    exports.stage("salesforce", TWO, snapshot="incremental")
    assert written(exports) == before
    exports.lake.drop(LEAD, [ONE, TWO])
    for night in (ONE, TWO):
        exports.stage("salesforce", night, snapshot="incremental")
    assert written(exports) == before


def written(exports: Exports) -> list[bytes]:
    """The files of the leads that were staged."""
    return [Path(path).read_bytes() for path in exports.lake.files(LEAD)]


def fetched(exports: Exports, night: str, ended: list[str], **cells: list[str]) -> None:
    """Stage a night of leads from an API: what changed, and what is gone without a trace."""
    landing = ApiLanding(exports.lake, "salesforce", ENTITIES, {night: datetime(2026, 11, 25, tzinfo=UTC)})
    if cells:
        landing.add("lead", "Lead.csv", [pa.table(cells)])
    landing.gone("lead", "Lead.csv", pa.table({"Id": pa.array(ended, pa.string())}))
    landing.finish({}, [], 0.0)
    landing.close()
    exports.stage("salesforce", night, snapshot="incremental")


def test_a_record_that_is_gone_does_not_speak_for_those_that_changed(exports: Exports) -> None:
    """An API was not asked for a column: the last values of what is no more have it, and say nothing of the others."""

    def found(at: str) -> list[tuple[object, ...]]:
        query = 'left(Id, 15) AS id, op, Phone, "Text__c"'
        return [tuple(row.values()) for row in exports.rows(LEAD, at, query)]

    fetched(exports, ONE, [], Id=[LI, MO, NY], Phone=["1", "2", "3"], Text__c=["a", "b", "c"])
    ids = [str(row["Id"]) for row in exports.rows(LEAD, ONE, "Id")]
    fetched(exports, TWO, ids[1:2], Id=[LI], Phone=["4"])
    assert found(TWO) == [(LI, "upsert", "4", "a"), (MO, "delete", "2", "b"), (NY, "upsert", "3", "c")]
    fetched(exports, THREE, ids[2:])
    assert found(THREE) == [(LI, "upsert", "4", "a"), (MO, "delete", "2", "b"), (NY, "delete", "3", "c")]


def test_the_last_values_of_a_record_that_is_gone_have_all_their_digits(exports: Exports) -> None:
    numbers = ["9007199254740993", "0.1234567890123456789", "12.5", "1e20"]
    records = [f"00Q00000000000{n}" for n in range(len(numbers))]
    fetched(exports, ONE, [], Id=records, AnnualRevenue=numbers)
    before = exports.rows(LEAD, ONE)
    assert [row["_exact__AnnualRevenue"] for row in before] == [*numbers[:2], None, None]
    fetched(exports, TWO, [str(row["Id"]) for row in before])
    assert [
        field.name for field in exports.lake.schema("raw/salesforce/lead") or [] if field.name.startswith("_exact")
    ] == []
    after = exports.rows(LEAD, TWO)
    assert {row["op"] for row in after} == {"delete"}
    kept = [name for name in before[0] if name not in ("op", "night")]
    assert [[row[name] for name in kept] for row in after] == [[row[name] for name in kept] for row in before]


@pytest.mark.parametrize(("entity", "file"), [("company", "companies.csv"), ("deal", "deals.csv")])
def test_the_time_of_a_contact_is_a_column_as_any_other_where_a_company_or_deal_has_it(
    exports: Exports, entity: str, file: str
) -> None:
    """Which of two rows with one id is the newer is told by the object's own time alone."""
    rows = [
        {
            "hs_object_id": "1",
            "lastmodifieddate": "2026-11-01T00:00:00Z",
            "hs_lastmodifieddate": "2026-11-03T00:00:00Z",
        },
        {
            "hs_object_id": "1",
            "lastmodifieddate": "2026-11-02T00:00:00Z",
            "hs_lastmodifieddate": "2026-11-02T00:00:00Z",
        },
    ]
    contacts = table([{"hs_object_id": "1"}])
    exports.night("hubspot", ONE, {"contacts.csv": contacts, file: table(rows)})
    assert exports.rows(f"staged/hubspot/{entity}", ONE, "lastmodifieddate AS said") == [
        {"said": "2026-11-01T00:00:00Z"}
    ]
