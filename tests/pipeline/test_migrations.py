"""A lake that an older Crosswalk wrote, a CRM that changed a column's type, another way to hash: whole lakes are compared."""

import json
import re
import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sqlglot import exp

import pipelines.cli
from assets.shared import keys, staging, versions
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from pipelines.cli.core import run
from pipelines.migrations import as_declared, migrate
from schemas.arrow import arrow_schema
from schemas.contract import Contract
from schemas.tables import TABLES
from tests.pipeline.world import NIGHTS, World, files, rows
from tests.support.ids import real
from tests.support.older import LEAD, RAW_LEAD, as_version_1
from tests.support.run import run_night

assert pipelines.cli.app  # registers the commands


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two nights in order, in `<folder>/lake`; the others are delivered."""
    world = World(tmp_path_factory.mktemp("older"), initial_sync="full")
    for night in NIGHTS[:2]:
        run_night(world.config, world.lake, night)
    return world


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world.lake, tmp_path / "lake"))


def test_an_older_lake_is_brought_up_and_goes_on_as_if_it_had_never_been_older(
    world: World, lake: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    never = Path(shutil.copytree(world.lake, tmp_path / "never"))
    before = rows(lake)
    as_version_1(lake)
    told = ["--config", str(world.config), "--lake", str(lake)]
    assert run(["nightly", "--night", NIGHTS[2], *told]) == 2
    assert "schema version 1, this Crosswalk reads 4; run `crosswalk migrate`" in " ".join(
        capfd.readouterr().err.split()
    )
    assert run(["migrate", *told]) == 0
    said = capfd.readouterr().out
    assert set(re.findall(r"^(\S+): written anew", said, re.MULTILINE)) == {
        keys.LINK, keys.LEDGER, keys.LEDGER_FIELD, LEAD, RAW_LEAD,
    }  # fmt: skip
    found = rows(lake)
    # Which field was given, and what, is not known of an older ledger.
    given = re.compile(r'"given(_to)?":("[^"]*"|null)')
    for told_of in (before, found):
        told_of[keys.LEDGER_FIELD] = [given.sub("", row) for row in told_of[keys.LEDGER_FIELD]]
    assert found == before
    for lake_ in (lake, never):
        run_night(world.config, lake_, NIGHTS[2])
    assert files(lake) == files(never)
    ours, theirs = rows(lake), rows(never)
    assert {key for key in theirs if ours.get(key) != theirs[key]} <= {keys.LEDGER_FIELD}


def test_tables_have_the_types_of_today_and_logs_count_no_cells(lake: Path) -> None:
    as_version_1(lake)
    assert any(real("L1") in text for text in _log(lake, RAW_LEAD))
    migrate(lake)
    for key in (keys.LINK, keys.LEDGER, keys.LEDGER_FIELD):
        kept = {f.name: str(f.type) for f in DeltaTable(str(lake / key)).schema().fields}
        assert set(kept) == {*arrow_schema(TABLES[key]).names, "night"}
    assert Lake(lake).schema(LEAD).field("CreatedDate").type == Lake(lake).schema(LEAD).field("SystemModstamp").type
    assert not any(real("L1") in text for text in _log(lake, RAW_LEAD))
    assert json.loads((lake / "lake.json").read_text()) == {"schema_version": 4}
    assert as_declared(Lake(lake)) == []


def _log(lake: Path, key: str) -> list[str]:
    return [path.read_text() for path in (lake / key / "_delta_log").glob("*.json")]


def test_values_that_do_not_fit_are_refused_before_anything_is_written(lake: Path) -> None:
    as_version_1(lake)
    opened = Lake(lake)
    with opened.connect(NIGHTS[1]) as session:
        session.use(LEAD, versions=True)
        broken = session.sql(
            f"SELECT * EXCLUDE (night) REPLACE ('yesterday' AS CreatedDate) FROM {keys.relation(LEAD)} "
            f"WHERE night = '{NIGHTS[0]}'"
        ).to_arrow_table()
    opened.write(LEAD, NIGHTS[0], broken)
    before = rows(lake)
    with pytest.raises(InputRefused, match=r"staged/salesforce/lead: 2 values of CreatedDate cannot be TIMESTAMPTZ"):
        migrate(lake)
    assert rows(lake) == before
    assert json.loads((lake / "lake.json").read_text()) == {"schema_version": 1}


def test_a_migration_that_was_killed_is_run_again(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(lake)
    as_version_1(lake)
    rename = Path.rename
    aside: list[Path] = []

    def killed(self: Path, target: Path) -> Path:
        if ".anew" in str(self):
            raise KeyboardInterrupt
        aside.append(self)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(lake)
    assert len(aside) == 1
    assert not aside[0].exists()
    migrate(lake)
    assert rows(lake).keys() == before.keys()
    assert as_declared(Lake(lake)) == []
    assert not (lake / ".anew").exists()


def test_a_column_whose_type_the_crm_changed_becomes_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    world = World(tmp_path / "world", initial_sync="full")
    for night, kind in zip(NIGHTS, ("double", "double", "string"), strict=False):
        folder = world.exports(night) / "salesforce"
        lines = (folder / "Lead.csv").read_text().splitlines()
        scored = [f"{line},{cell}" for line, cell in zip(lines, ["Score__c", "5", "2.5", ""], strict=False)]
        (folder / "Lead.csv").write_text("\n".join(scored) + "\n")
        (folder / "describe").mkdir()
        described = {"name": "Lead", "fields": [{"name": n, "type": "string"} for n in lines[0].split(",")]}
        described["fields"].append({"name": "Score__c", "type": kind})
        (folder / "describe" / "Lead.json").write_text(json.dumps(described))
    for night in NIGHTS[:2]:
        run_night(world.config, world.lake, night)
    with pytest.raises(InputRefused, match=r"`crosswalk migrate --as-text staged/salesforce/lead\.Score__c`"):
        run_night(world.config, world.lake, NIGHTS[2])
    told = ["--config", str(world.config), "--lake", str(world.lake)]
    assert run(["migrate", "--as-text", "staged/salesforce/lead.Score__c", *told]) == 0
    assert capfd.readouterr().out.strip() == "staged/salesforce/lead: Score__c became text"
    run_night(world.config, world.lake, NIGHTS[2])
    with Lake(world.lake).connect() as session:
        session.use(LEAD, versions=True)
        found = session.sql(f"SELECT DISTINCT Score__c FROM {keys.relation(LEAD)} ORDER BY ALL").fetchall()
    assert found == [("2.5",), ("5",), (None,)]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("staged/salesforce/lead.Nothing__c", "there is no such column"),
        ("core/sync/ledger.since", "there is no such column"),
        ("staged/salesforce/lead.CreatedDate", "Crosswalk itself says what this column is"),
    ],
)
def test_other_columns_do_not_become_text(world: World, column: str, words: str) -> None:
    before = rows(world.lake)
    with pytest.raises(InputRefused, match=words):
        migrate(world.lake, [column])
    assert rows(world.lake) == before


def test_a_new_hash_version_opens_no_trigger(
    world: World, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every record gets a version with the new hash, once, and the plan is the one of the old hash, to the byte."""
    never = Path(shutil.copytree(world.lake, tmp_path / "never"))

    def salted(found: Contract) -> exp.Expr:
        return exp.func("md5", exp.DPipe(this=versions.row_hash(found), expression=exp.Literal.string("2"), safe=True))

    run_night(world.config, never, NIGHTS[2])
    with monkeypatch.context() as patched:
        patched.setattr(versions, "HASH_VERSION", "v2")
        patched.setattr(staging, "row_hash", salted)
        run_night(world.config, lake, NIGHTS[2])
        with Lake(lake).connect(NIGHTS[2]) as session:
            session.use(LEAD)
            assert session.sql(f"SELECT DISTINCT hash_version FROM {keys.relation(LEAD)}").fetchall() == [("v2",)]
        run_night(world.config, lake, NIGHTS[3])
        quiet = Lake(lake).nights(LEAD)
    run_night(world.config, never, NIGHTS[3])
    assert quiet == sorted({*Lake(never).nights(LEAD), NIGHTS[2]})
    assert files(lake) == files(never)
    ours, theirs = rows(lake), rows(never)
    decided = [key for key in theirs if key.startswith(("core/sync/decision", "core/sync/change", "out/"))]
    assert decided
    assert {key: ours[key] for key in decided} == {key: theirs[key] for key in decided}
