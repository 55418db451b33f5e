"""Retention, rollback and the analysts' views."""

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from assets.shared import keys, upkeep
from assets.shared.failures import CrosswalkError
from assets.shared.lake import Lake
from assets.shared.nights import decided_before, newest_decided
from assets.shared.rollback import roll_back, versions
from assets.shared.upkeep import compact, expire, fold, horizon, publish_views
from pipelines.report.plans import decided_nights, night_of
from schemas.arrow import arrow_schema
from schemas.config_output import Retention
from schemas.tables import TABLES

RAW, STAGED = keys.raw("hubspot", "contact"), keys.staged("hubspot", "contact")
LEDGER = arrow_schema(TABLES[keys.LEDGER])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.prepare()
    return lake


def contacts(*values: tuple[str, str]) -> pa.Table:
    return pa.table(
        {"hs_object_id": [i for i, _ in values], "email": [e for _, e in values], "op": ["upsert"] * len(values)}
    )


def ledger(pair: str) -> pa.Table:
    row = dict.fromkeys(LEDGER.names) | {"object": "person", "pair_id": pair, "triggers": []}
    return pa.Table.from_pylist([row], schema=LEDGER)


def test_a_refused_run_leaves_every_table_as_it_was(lake: Lake) -> None:
    lake.write(RAW, "2026-01-01", contacts(("1", "a")))
    lake.write(keys.LEDGER, "2026-01-01", ledger("hs:1"))
    before = versions(lake)
    lake.write(RAW, "2026-01-01", contacts(("1", "b")))
    lake.write(RAW, "2026-01-02", contacts(("2", "c")))
    lake.write(keys.LEDGER, "2026-01-02", ledger("hs:2"))
    lake.write(STAGED, "2026-01-02", contacts(("2", "c")))
    roll_back(lake, before)
    assert lake.nights(RAW) == ["2026-01-01"]
    assert not lake.exists(STAGED)
    assert newest_decided(lake) == "2026-01-01"
    with lake.connect("2026-01-01") as session:
        session.use(RAW)
        assert session.sql("SELECT email FROM raw__hubspot__contact").fetchall() == [("a",)]


def test_a_night_written_after_a_rollback_counts_again(lake: Lake) -> None:
    lake.write(keys.LEDGER, "2026-01-01", ledger("hs:1"))
    before = versions(lake)
    lake.write(keys.LEDGER, "2026-01-02", ledger("hs:2"))
    roll_back(lake, before)
    lake.write(keys.LEDGER, "2026-01-03", LEDGER.empty_table())
    assert newest_decided(lake) == "2026-01-03"


def test_retention_counts_back_from_the_night_and_spares_the_memory(lake: Lake) -> None:
    for night in ("2026-01-01", "2026-01-02", "2026-01-03"):
        lake.write(RAW, night, contacts((night, "a")))
        lake.write(STAGED, night, contacts((night, "a")))
        lake.write(keys.LEDGER, night, ledger(night))
        (lake.root / "files" / night).mkdir(parents=True)
    expire(lake, "2026-01-03", Retention(raw=2, core=1, out=2))
    assert lake.nights(RAW) == ["2026-01-02", "2026-01-03"]
    assert len(lake.nights(STAGED)) == 3
    assert len(lake.nights(keys.LEDGER)) == 3
    assert sorted(p.name for p in (lake.root / "files").iterdir()) == ["2026-01-02", "2026-01-03"]
    assert decided_nights(lake) == ["2026-01-02", "2026-01-03"]
    with pytest.raises(CrosswalkError, match="2026-01-01: is past retention; 2026-01-02 is the oldest night"):
        night_of(lake, "2026-01-01")
    expire(lake, "2026-01-03", Retention(raw=2, core=1, out=400))
    assert decided_nights(lake) == [
        "2026-01-02",
        "2026-01-03",
    ]  # what was dropped does not come back with a longer retention


def test_the_keys_of_matching_are_folded_by_the_retention_of_core(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = arrow_schema(TABLES[keys.MATCH_KEY])
    blank = {"entity": "person", "live": True, "emails": [], "mailboxes": [], "compared_hash": "", "row_hash": ""}

    def versions_of(*values: tuple[str, str, bool]) -> pa.Table:
        rows = [dict.fromkeys(schema.names) | blank | {"record": r, "first": f, "gone": g} for r, f, g in values]
        return pa.Table.from_pylist(rows, schema=schema)

    lake.write(keys.MATCH_KEY, "2026-01-01", versions_of(("1", "ana", False), ("2", "bo", False), ("3", "eva", False)))
    lake.write(keys.MATCH_KEY, "2026-01-02", versions_of(("2", "bob", False), ("3", None, True)))  # type: ignore[arg-type]
    lake.write(keys.MATCH_KEY, "2026-01-04", versions_of(("1", "anna", False)))
    monkeypatch.setattr(upkeep, "FOLD_NIGHTS", 2)
    kept = Retention(raw=None, core=2, out=None)
    assert expire(lake, "2026-01-04", kept) == {}
    assert fold(lake, "2026-01-04", kept) == {keys.MATCH_KEY: 2}
    assert lake.nights(keys.MATCH_KEY) == ["2026-01-02", "2026-01-04"]
    with lake.connect("2026-01-04") as session:
        session.use(keys.MATCH_KEY)
        state = session.sql("SELECT record, first, gone FROM core__identity__key ORDER BY record").fetchall()
    assert state == [("1", "anna", False), ("2", "bob", False)]


def test_a_horizon_keeps_as_many_nights_as_it_says() -> None:
    assert horizon("2026-03-01", 2) == "2026-02-28"
    assert horizon("2026-03-01", None) is None


def test_compaction_changes_no_row(lake: Lake) -> None:
    batches = [contacts((str(n), "x")) for n in range(3)]
    for table in batches:
        lake.write(STAGED, "2026-01-01", pa.concat_tables(batches))
        del table
    compact(lake)
    with lake.connect("2026-01-01") as session:
        session.use(STAGED)
        assert session.scalar("SELECT count(*) FROM staged__hubspot__contact") == 3


def test_many_nights_are_folded_without_changing_any_state(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty nights, the last ten of them kept: each of these sees what it saw, and 30 files have become one."""
    nights = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 21)]
    lead = keys.staged("salesforce", "lead")
    for number, night in enumerate(nights):
        changed = [str(number % 7), str(number % 11 + 100)]
        ops = ["delete" if number % 5 == 0 else "upsert", "upsert"]
        lake.write(lead, night, pa.table({"Id": changed, "op": ops, "Email": [night, night]}))
        lake.write(keys.LEDGER, night, ledger(f"hs:{number % 9}") if number % 3 else LEDGER.empty_table())
        lake.write(keys.LEDGER_FIELD, night, arrow_schema(TABLES[keys.LEDGER_FIELD]).empty_table())
    kept = Retention(raw=2, core=5, out=10)
    before = {night: state(lake, lead, night) for night in nights[30:]}
    ledgers = {night: state(lake, keys.LEDGER, night) for night in nights[30:]}
    decided = [decided_before(lake, night) for night in nights[32:]]
    assert fold(lake, nights[-1], Retention(raw=2, core=5, out=None)) == {}
    assert fold(lake, nights[-1], kept) == {lead: 30}
    monkeypatch.setattr(upkeep, "FOLD_NIGHTS", 20)  # two thirds of the ledger's nights have rows
    assert fold(lake, nights[-1], kept) == {keys.LEDGER: 20}
    assert lake.nights(lead) == nights[29:]
    assert len(lake.files(lead)) == 11
    assert {night: state(lake, lead, night) for night in nights[30:]} == before
    assert {night: state(lake, keys.LEDGER, night) for night in nights[30:]} == ledgers
    assert [decided_before(lake, night) for night in nights[32:]] == decided


def test_what_lists_may_ask_about_is_not_folded(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "FOLD_NIGHTS", 2)
    for night in ("2026-01-01", "2026-01-02", "2026-01-03"):
        lake.write(STAGED, night, contacts(("1", night)))
    assert fold(lake, "2026-03-01", Retention(raw=1, core=1, out=1)) == {}
    assert len(lake.nights(STAGED)) == 3


def test_files_that_no_version_names_go_after_a_day(lake: Lake) -> None:
    lake.write(STAGED, "2026-01-01", contacts(("1", "a")))
    folder = lake.root / STAGED / "night=2026-01-01"
    for name, age in (("old", 2), ("young", 0)):
        path = folder / f"{name}.parquet"
        path.write_bytes(b"left by a run that was killed")
        at = path.stat().st_mtime - age * 86_400
        os.utime(path, (at, at))
    compact(lake)
    assert not (folder / "old.parquet").exists()
    assert (folder / "young.parquet").exists()
    assert len(lake.files(STAGED)) == 1


def test_checkpoints_are_written_whatever_the_number_of_commits(lake: Lake) -> None:
    for _ in range(3):
        for _ in range(13):
            lake.write(STAGED, "2026-01-01", contacts(("1", "a")))
        compact(lake)
    assert len(list((lake.root / STAGED / "_delta_log").glob("*.checkpoint.parquet"))) == 1


def state(lake: Lake, key: str, night: str) -> list[dict[str, object]]:
    """What a night reads, its own column `night` apart."""
    with lake.connect(night) as session:
        session.use(key)
        rows = session.sql(f"FROM {keys.relation(key)}").to_arrow_table().drop_columns(["night"])
    return sorted(rows.to_pylist(), key=str)


def test_views_show_every_night_and_the_state(lake: Lake) -> None:
    lake.write(STAGED, "2026-01-01", contacts(("1", "old"), ("2", "same")))
    lake.write(STAGED, "2026-01-02", contacts(("1", "new")))
    path = publish_views(lake)
    assert path.stat().st_mode & 0o077 == 0
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM staged__hubspot__contact").fetchall() == [(3,)]
        state = con.sql("SELECT hs_object_id, email FROM staged__hubspot__contact__state ORDER BY 1").fetchall()
    assert state == [("1", "new"), ("2", "same")]
