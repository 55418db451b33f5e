"""The import assets on a lake: written whole, stopped by guards, silent on a replay, judged before they are published."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from assets.import_files import night as night_module
from assets.import_files.assets import build_assets
from assets.import_files.night import write_night
from assets.import_files.self_check import OwnFileRefusedError
from assets.shared import keys
from assets.shared.failures import GuardStopped
from assets.shared.lake import Lake
from assets.shared.partitions import nightly
from assets.shared.resource import Crosswalk
from schemas.config import load
from tests.unit.import_files.deltas import BASE, options, properties_of, property_row, row, table

NIGHT = "2026-11-20"
BEFORE = "2026-11-19"
STAGED = {
    "op": "upsert",
    "merged_into": None,
    "row_hash": "x",
    "hash_version": "v1",
    "source_file": "f",
    "source_line": 2,
}
STAGES = options("subscriber", "lead", "customer")


def contact(record_id: str, email: str, stage: str | None = None, **more: Any) -> dict[str, Any]:
    fields = {"hs_marketable_status": False, "hs_marketable_until_renewal": None, "hs_additional_emails": None}
    return {"hs_object_id": record_id, "email": email, "lifecyclestage": stage} | fields | more | STAGED


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with three contacts, a segment and properties, whose night has one update, one creation and one deletion."""
    made = Lake(tmp_path / "lake")
    made.prepare()
    contacts = [
        contact("1", "a@x.com", "customer", hs_marketable_status=True),
        contact("2", "b@x.com", "lead", hs_additional_emails="old@x.com;older@x.com"),
        contact("3", "c@x.com", None),
    ]
    made.write("staged/hubspot/contact", BEFORE, pa.Table.from_pylist(contacts))
    names = ("email", "city", "jobtitle", "hs_object_id")
    properties = [property_row(name) for name in names] + [
        property_row("lifecyclestage", type="enumeration", fieldType="radio", options=STAGES)
    ]
    made.write("staged/hubspot/property", BEFORE, pa.Table.from_pylist([p | STAGED for p in properties]))
    deltas = [
        row("hubspot", "contact", "update", {"city": "Oslo"}, record_id="1", key="a@x.com", before={"city": "Bergen"}),
        row(
            "hubspot",
            "contact",
            "create",
            {"email": "n@x.com"},
            key="n@x.com",
            link="00Q000000000009EAA",
            marketing=True,
        ),
        row("hubspot", "contact", "delete", {}, record_id="3", key="c@x.com"),
    ]
    made.write(keys.DELTA_HUBSPOT, NIGHT, table(deltas))
    made.write(keys.DELTA_SALESFORCE, NIGHT, table([]))
    return made


def settings(folder: Path, more: str = "guards: {max_deletes: 5}\n") -> Path:
    path = folder / "sync.yaml"
    path.write_text(BASE + more)
    return path


def materialize(lake: Lake, config: Path) -> dg.ExecuteInProcessResult:
    crosswalk = Crosswalk(config_path=str(config), lake_path=str(lake.root))
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            build_assets(nightly("Europe/Oslo", "2026-11-01")),
            partition_key=NIGHT,
            resources={"crosswalk": crosswalk},
            instance=instance,
            raise_on_error=False,
        )


def test_both_assets_are_one_folder_and_the_check_passes(lake: Lake, tmp_path: Path) -> None:
    result = materialize(lake, settings(tmp_path))
    assert result.success
    events = {tuple(e.asset_key.path): e.materialization.metadata for e in result.get_asset_materialization_events()}
    assert set(events) == {("out", "import", "hubspot"), ("out", "import", "salesforce")}
    assert events["out", "import", "hubspot"]["dagster/partition_row_count"].value == 3
    assert {str(m["folder"].value) for m in events.values()} == {str(lake.root / "files" / NIGHT)}
    checks = result.get_asset_check_evaluations()
    assert [(c.check_name, c.passed, c.blocking) for c in checks] == [("preflight", True, True)] * 2
    folder = lake.root / "files" / NIGHT
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [f["file"] for f in manifest["files"]] == [
        "hubspot-contacts-create-marketing.csv",
        "hubspot-contacts-update.csv",
        "archive-hubspot-contacts.jsonl",
    ]
    assert manifest["configuration_digest"] == load(tmp_path / "sync.yaml").digest
    assert (manifest["marketing"]["before"], manifest["marketing"]["after"]) == (1, 2)
    text = json.dumps([str(v) for m in events.values() for v in m.values()])
    assert "x.com" not in text


def test_a_replay_writes_nothing_and_leaves_what_is_there(lake: Lake, tmp_path: Path) -> None:
    config = settings(tmp_path)
    assert materialize(lake, config).success
    before = {p: p.read_bytes() for p in (lake.root / "files").rglob("*") if p.is_file()}
    lake.write(keys.LEDGER, "2026-11-25", pa.Table.from_pylist([], schema=lake.schema(keys.LEDGER)))
    lake.write(keys.DELTA_HUBSPOT, NIGHT, table([]))
    result = materialize(lake, config)
    assert result.success
    assert {p: p.read_bytes() for p in (lake.root / "files").rglob("*") if p.is_file()} == before


def test_a_guard_stops_the_files_and_takes_the_older_ones_away(lake: Lake, tmp_path: Path) -> None:
    write_night(lake, [NIGHT], load(settings(tmp_path)))
    assert (lake.root / "files" / NIGHT).is_dir()
    stopped = load(settings(tmp_path, "guards: {max_deletes: 0, max_changes: 2}\n"))
    with pytest.raises(GuardStopped, match=r"max_changes: 3 .*max_deletes: 1"):
        write_night(lake, [NIGHT], stopped)
    assert not (lake.root / "files" / NIGHT).exists()
    assert lake.nights(keys.DELTA_HUBSPOT) == [NIGHT]


def test_rejected_rows_stop_the_files(lake: Lake, tmp_path: Path) -> None:
    rows = pa.table({"Id": [str(n) for n in range(10)]})
    lake.write(keys.raw("salesforce", "lead"), NIGHT, rows)
    rejected = [{"record_id": "1", "reasons": ["invalid_email: Email"], "source_file": "Lead.csv", "source_line": 2}]
    lake.write(keys.rejected("salesforce", "lead"), NIGHT, pa.Table.from_pylist(rejected))
    with pytest.raises(GuardStopped, match="salesforce lead: 1 of 10 rows rejected"):
        write_night(lake, [NIGHT], load(settings(tmp_path)))
    assert write_night(
        lake, [NIGHT], load(settings(tmp_path, "guards: {max_deletes: 5, max_reject_rate: 0.1}\n"))
    ).files


def test_lines_that_cannot_be_read_were_delivered(lake: Lake, tmp_path: Path) -> None:
    """A file in another encoding leaves no row at all; of other nights nothing counts."""
    key = keys.raw("hubspot", "unreadable")
    line = {"entity": "contact", "record_id": None, "reason": "invalid_encoding", "source_file": "contacts.csv"}
    lines = pa.Table.from_pylist([line | {"source_line": n} for n in (2, 3)])
    for night in (BEFORE, NIGHT):
        lake.write(key, night, lines.select([f.name for f in lake.schema(key) or []]))
    rejected = [
        {"record_id": None, "reasons": ["invalid_encoding"], "source_file": "contacts.csv", "source_line": n}
        for n in (2, 3)
    ]
    lake.write(
        keys.rejected("hubspot", "contact"),
        NIGHT,
        pa.Table.from_pylist(rejected, schema=lake.schema(keys.rejected("hubspot", "contact"))),
    )
    with pytest.raises(GuardStopped, match="hubspot contact: 2 of 2 rows rejected"):
        write_night(lake, [NIGHT], load(settings(tmp_path)))


def test_the_tier_stops_the_files(lake: Lake, tmp_path: Path) -> None:
    more = "guards: {max_deletes: 5}\nmarketing: {contact_tier: 1, tier_exceeded: %s}\n"
    with pytest.raises(GuardStopped, match="contact_tier: 2 marketing contacts"):
        write_night(lake, [NIGHT], load(settings(tmp_path, more % "stop")))
    assert write_night(lake, [NIGHT], load(settings(tmp_path, more % "warn"))).warnings == ["tier_exceeded"]


def test_a_file_that_a_crm_would_refuse_is_not_published(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path)
    assert materialize(lake, config).success
    before = {p: p.read_bytes() for p in (lake.root / "files").rglob("*") if p.is_file()}
    original = night_module.write_relation

    def spoilt(*arguments: Any) -> Any:
        manifest = original(*arguments)
        path = arguments[2] / "hubspot-contacts-update.csv"
        path.write_text(path.read_text().replace('"1"', '"one"'))
        return manifest

    monkeypatch.setattr(night_module, "write_relation", spoilt)
    result = materialize(lake, config)
    assert not result.success
    passed = {c.asset_key.path[-1]: c.passed for c in result.get_asset_check_evaluations()}
    assert passed == {"hubspot": False, "salesforce": True}
    assert {p: p.read_bytes() for p in (lake.root / "files").rglob("*") if p.is_file()} == before


def test_an_undo_that_a_crm_would_refuse_is_not_published_either(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = night_module.write_relation

    def spoilt(*arguments: Any) -> Any:
        manifest = original(*arguments)
        path = arguments[2] / "undo" / "hubspot-contacts-update.csv"
        path.write_text(path.read_text().replace('"1"', '"one"'))
        return manifest

    monkeypatch.setattr(night_module, "write_relation", spoilt)
    with pytest.raises(OwnFileRefusedError, match=r"undo/hubspot-contacts-update\.csv line 2"):
        write_night(lake, [NIGHT], load(settings(tmp_path)))
    assert not (lake.root / "files" / NIGHT).exists()


def test_folded_nights_have_no_files(lake: Lake, tmp_path: Path) -> None:
    old = lake.root / "files" / BEFORE
    old.mkdir(parents=True)
    (old / "manifest.json").write_text("{}")
    write_night(lake, [BEFORE, NIGHT], load(settings(tmp_path)))
    assert [p.name for p in sorted((lake.root / "files").iterdir())] == [NIGHT]


def test_a_secondary_email_beside_the_record_id_stays_out(lake: Lake, tmp_path: Path) -> None:
    """SC-86."""
    changes = {"email": "Old@x.com", "city": "Oslo"}
    lake.write(keys.DELTA_HUBSPOT, NIGHT, table([row("hubspot", "contact", "update", changes, record_id="2")]))
    manifest = write_night(lake, [NIGHT], load(settings(tmp_path)))
    assert properties_of(lake.root / "files" / NIGHT, "hubspot-contacts-update.csv") == [
        {"hs_object_id": "2", "email": "", "city": "Oslo"}
    ]
    assert [(h.code, h.field, h.rows) for h in manifest.held_back] == [("email_in_use", "email", 1)]


def test_contacts_whom_the_import_promotes_are_listed_as_lasting(lake: Lake, tmp_path: Path) -> None:
    """P2-A1, P2-A3: contact 2 becomes a marketing contact, contact 1 is one already."""
    rows = [row("hubspot", "contact", "update", {"city": "Oslo"}, record_id=record_id) for record_id in ("1", "2")]
    lake.write(keys.DELTA_HUBSPOT, NIGHT, table(rows))
    manifest = write_night(lake, [NIGHT], load(settings(tmp_path, "imports: {hubspot: {marketing: true}}\n")))
    listed = (lake.root / "files" / NIGHT / "undo" / "cannot-be-undone.jsonl").read_text().splitlines()
    assert [(json.loads(line)["record_id"], json.loads(line)["code"]) for line in listed] == [("2", "became_marketing")]
    assert manifest.marketing is not None
    assert (manifest.marketing.before, manifest.marketing.promoted, manifest.marketing.after) == (1, 1, 2)
