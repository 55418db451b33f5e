"""The command line as a user meets it: exit statuses, one-line errors, what is printed, nothing written when refused."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import pipelines.cli
from assets.shared.words import counted
from pipelines.cli.core import run
from tests.pipeline.world import NIGHTS, World, files, rows
from tests.support.ids import real

assert pipelines.cli.app  # registers the commands


class Ran:
    """Exit status and output of one command."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def crosswalk(capfd: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(world: World, *arguments: str, lake: Path | None = None) -> Ran:
        capfd.readouterr()
        status = run([*arguments, "--config", str(world.config), "--lake", str(lake or world.lake)])
        captured = capfd.readouterr()
        return Ran(status, captured.out, captured.err)

    return call


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two nights through the nightly job; the later exports are not delivered yet."""
    world = World(tmp_path_factory.mktemp("cli"))
    later = [world.exports(night).rename(world.folder / f"later-{night}") for night in NIGHTS[2:]]
    assert run(["nightly", "--missing", "--config", str(world.config), "--lake", str(world.lake)]) == 0
    for path in later:
        path.rename(world.folder / "exports" / path.name.removeprefix("later-"))
    return world


def test_nightly_runs_every_missing_night_in_order(world: World) -> None:
    from assets.shared.lake import Lake

    assert Lake(world.lake).nights("core/identity/link") == NIGHTS[:2]
    status = [json.loads(line) for line in (world.lake / "status.jsonl").read_text().splitlines()]
    assert [(line["night"], line["exit_status"], line["mode"]) for line in status] == [
        (n, 0, "run") for n in NIGHTS[:2]
    ]


def test_the_job_and_the_plain_calls_write_the_same(world: World, tmp_path: Path) -> None:
    from assets.shared.lake import Lake
    from pipelines.configuration import read_config
    from tests.support.night import run_night

    for night in NIGHTS[:2]:
        run_night(read_config(world.config), Lake(tmp_path / "plain"), night, who_is_who=world.config)
    assert rows(tmp_path / "plain") == rows(world.lake)
    assert files(tmp_path / "plain") == files(world.lake)


def test_plan_opens_with_the_counts(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "plan")
    assert ran.status == 0
    assert ran.out.startswith("HubSpot: ")
    assert "do not sync" in " ".join(ran.out.split())


def test_plan_rows_have_the_documented_keys_in_order(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "plan", "--format", "jsonl")
    keys = ["night", "system", "object", "op", "record_id", "key", "link", "changes", "sequence", "since", "reasons",
            "warnings", "marketing", "status"]  # fmt: skip
    assert ran.lines
    assert all(list(line) == keys for line in ran.lines)
    order = [
        tuple(str(line[k] or "") for k in ("system", "object", "key", "record_id", "sequence")) for line in ran.lines
    ]
    assert order == sorted(order)
    assert {line["status"] for line in ran.lines} <= {"new", "pending", "gone"}


def test_plan_of_one_system_and_against_itself(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "plan", "--system", "hubspot", "--against", NIGHTS[1], "--format", "jsonl")
    assert {(line["system"], line["status"]) for line in ran.lines} <= {("hubspot", "pending")}


def test_the_summary_of_one_system_says_nothing_of_the_other(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    """Not even that nothing is to be done there: the plan of both has creates in each."""
    for system, other in (("hubspot", "salesforce"), ("salesforce", "hubspot")):
        ran = crosswalk(world, "plan", "--system", system)
        assert (ran.status, other in ran.out.lower()) == (0, False)
        waiting = crosswalk(world, "decisions", "--direction", f"to_{system}", "--format", "jsonl").lines
        unsynced = sum(line["outcome"] in ("skip", "reject") for line in waiting)
        assert f"{counted(unsynced, 'does', 'do')} not sync" in ran.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("check", "--record", "cassette.json"), "needs --live"),
        (("segment", "1", "--members", "--sql"), "exclude each other"),
        (("segment", "1", "--explain", "a@x.com", "--compare", *NIGHTS[:2]), "exclude each other"),
    ],
)
def test_options_that_do_not_go_together_are_refused(  # type: ignore[no-untyped-def]
    world: World, crosswalk, arguments: tuple[str, ...], why: str
) -> None:
    ran = crosswalk(world, *arguments)
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert why in ran.err


def test_a_night_that_held_nobody_has_a_plan(tmp_path: Path, crosswalk) -> None:  # type: ignore[no-untyped-def]
    from tests.support.portal import Portal
    from tests.support.run import run_night

    world = World(tmp_path)
    Portal().write(world.exports(NIGHTS[0]))
    run_night(world.config, world.lake, NIGHTS[0])
    ran = crosswalk(world, "plan", "--format", "jsonl")
    assert (ran.status, ran.out) == (0, "")


def test_decisions_filter_by_outcome_reason_and_direction(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "decisions", "--outcome", "skip", "--reason", "no_email", "--direction", "to_salesforce",
                    "--format", "jsonl")  # fmt: skip
    assert [line["hubspot_id"] for line in ran.lines] == [real("H3")]


def test_a_direction_is_one_of_the_nights_or_of_the_sync_yamls_apps(tmp_path: Path, crosswalk) -> None:  # type: ignore[no-untyped-def]
    """An app that was asked about and sent nobody has an empty answer; what is no app has none."""
    from tests.support.run import run_night

    world = World(tmp_path, data_sync=[{"app": "netsuite", "supports": ["contacts"]}])
    run_night(world.config, world.lake, NIGHTS[0])
    ran = crosswalk(world, "decisions", "--direction", "to_netsuite", "--format", "jsonl")
    assert (ran.status, ran.out) == (0, "")
    ran = crosswalk(world, "decisions", "--direction", "to_netsiute")
    assert (ran.status, ran.out) == (2, "")
    assert "is not one of to_salesforce, to_hubspot, to_netsuite" in ran.err
    world.config.write_text("nonsense: [")
    ran = crosswalk(world, "decisions", "--direction", "to_netsuite")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)


def test_explain_tells_of_both_records_and_the_ledger(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "explain", "A@x.com ", "--format", "jsonl")
    (story,) = ran.lines
    assert {record["id"] for record in story["records"]} == {real("H1"), real("L1")}  # type: ignore[union-attr]
    changed = [(record["id"], set(record["changed"])) for record in story["records"]]  # type: ignore[union-attr]
    assert changed == [
        (real("H1"), set()),
        (real("L1"), set()),
        (real("L1"), {"FirstName", "LastModifiedDate", "SystemModstamp"}),
    ]
    assert [link["rule"] for link in story["links"]]  # type: ignore[union-attr]
    assert story["ledger"]
    for same in (real("L1"), f" {real('L1')[:15]}", real("L1").lower()):
        assert crosswalk(world, "explain", same).status == 0


def test_an_unknown_record_ends_with_1_and_one_line(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "explain", "nobody@nowhere.example")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (1, "", 1)


def test_a_replay_ends_with_0_and_says_so(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    before = rows(world.lake), files(world.lake)
    ran = crosswalk(world, "nightly", "--night", NIGHTS[0])
    assert ran.status == 0
    assert "replay" in ran.out
    assert "import files" not in ran.out  # those that lie there may be of another plan
    assert (rows(world.lake), files(world.lake)) == before


def test_simulate_writes_nothing_and_shows_what_would_differ(world: World, tmp_path: Path, capfd) -> None:  # type: ignore[no-untyped-def]
    other = tmp_path / "other.yaml"
    other.write_text(world.config.read_text().replace("create_as: lead", "create_as: contact"))
    before = rows(world.lake), files(world.lake)
    status = run(
        ["simulate", "--config", str(other), "--lake", str(world.lake), "--night", NIGHTS[1], "--format", "jsonl"]
    )
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert status == 0
    assert {line["status"] for line in lines} <= {"gained", "lost", "same"}
    assert {line["object"] for line in lines if line["status"] == "gained"} == {"contact"}
    assert (rows(world.lake), files(world.lake)) == before


def test_simulate_prints_no_table_without_rows(tmp_path: Path, crosswalk) -> None:  # type: ignore[no-untyped-def]
    from tests.support.portal import Portal
    from tests.support.run import run_night

    world = World(tmp_path)
    Portal().write(world.exports(NIGHTS[0]))
    run_night(world.config, world.lake, NIGHTS[0])
    ran = crosswalk(world, "simulate", "--night", NIGHTS[0])
    assert (ran.status, "difference" in ran.out, "┃" in ran.out) == (0, False, False)
    assert f"neither the present plan nor that of {world.config} changes anything" in ran.out
    assert crosswalk(world, "simulate", "--night", NIGHTS[0], "--people").out.startswith("Nobody enters or leaves")


def test_forget_leaves_nobody_and_a_proof_without_the_data(world: World, crosswalk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    import shutil

    lake = tmp_path / "lake"
    shutil.copytree(world.lake, lake)
    (lake / ".fetch").mkdir(exist_ok=True)
    (lake / ".fetch" / "hubspot.journal").write_text("b@x.com")  # as a fetch that met a quota leaves it
    ran = crosswalk(world, "forget", "b@x.com", lake=lake)
    assert not (lake / ".fetch" / "hubspot.journal").exists()
    assert ran.status == 0
    texts = [text for table in rows(lake).values() for text in table]
    names = ("b@x.com", real("C2"), f'"{real("H2")}"')
    assert not [text for text in texts if any(name in text for name in names)]
    assert [text for text in texts if "a@x.com" in text]
    (proof,) = (lake / "forgotten").iterdir()
    assert not any(name.strip('"') in proof.read_text() for name in names)
    assert json.loads(proof.read_text())["remaining"] == 0
    assert not [p for p in lake.rglob("*") if p.is_file() and b"b@x.com" in p.read_bytes()]
    assert crosswalk(world, "explain", "b@x.com", lake=lake).status == 1
    manifests = [*lake.rglob("manifest.json")]
    assert any(path.parent.name == "undo" for path in manifests)
    for manifest in manifests:
        for file in json.loads(manifest.read_text())["files"]:
            assert hashlib.sha256((manifest.parent / file["file"]).read_bytes()).hexdigest() == file["sha256"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "--night", "yesterday"], "a night is a date"),
        (["nightly", "--night", "2026-W10-7"], "a night is a date"),
        (["plan", "--system", "sap"], "hubspot, salesforce"),
        (["plan", "--format", "xml"], "table, jsonl"),
        (["decisions", "--outcome", "maybe"], "is not one of"),
        (["decisions", "--reason", "no_mail"], "did you mean no_email?"),
        (["decisions", "--direction", "sideways"], "to_salesforce, to_hubspot"),
        (["decisions", "--direction", "to_nowhere"], "'to_nowhere' is not one of to_salesforce, to_hubspot"),
        (["label", "--entity", "deal"], "person, company"),
        (["backfill", "--from", "2026-03-02", "--to", "2026-03-01"], "--from is after --to"),
        (["nightly", "--night", "2020-01-01"], "before the first night"),
        (["nonsense"], "No such command"),
    ],
)
def test_usage_ends_with_2_and_one_line(world: World, crosswalk, arguments: list[str], words: str) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, *arguments)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert words in ran.err


def test_no_command_shows_the_help_and_ends_with_2(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    shown = capfd.readouterr()
    assert "Usage" in shown.out
    assert shown.err == "error: name a command\n"


def test_a_lake_that_is_not_there_ends_with_2(world: World, crosswalk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert crosswalk(world, "plan", lake=tmp_path / "none").status == 2
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", [["nightly"], ["migrate"], ["plan"]])
def test_a_lake_that_is_a_file_ends_with_2(world: World, crosswalk, tmp_path: Path, command: list[str]) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("x")
    ran = crosswalk(world, *command, lake=tmp_path / "file")
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert str(tmp_path / "file") in ran.err


@pytest.mark.parametrize("name", ["50%25", "a\\b", "a\nb"])
def test_a_lake_that_delta_would_look_for_elsewhere_ends_with_2(
    world: World, crosswalk, tmp_path: Path, name: str
) -> None:  # type: ignore[no-untyped-def]
    ran = crosswalk(world, "nightly", lake=tmp_path / name)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert not (tmp_path / name).exists()


def test_a_blank_variable_is_none(world: World, monkeypatch: pytest.MonkeyPatch, capfd) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("CROSSWALK_LAKE", "")
    monkeypatch.setenv("CROSSWALK_CONFIG", str(world.config))
    assert run(["plan"]) == 0, capfd.readouterr().err


def test_the_newest_night_again_says_that_it_is_not_read_again(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    newest = max(night for night in NIGHTS if (world.lake / "files" / night).exists())
    said = f"{newest}: fetched before and kept; --refetch reads the sources again"
    assert said in crosswalk(world, "nightly", "--night", newest).err
    assert said not in crosswalk(world, "nightly", "--night", newest, "--refetch").err


def test_a_night_the_lake_does_not_have_ends_with_1(world: World, crosswalk) -> None:  # type: ignore[no-untyped-def]
    assert crosswalk(world, "plan", "--night", NIGHTS[3]).status == 1


def test_a_night_whose_run_was_killed_is_not_said_to_be_folded(world: World, crosswalk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from assets.shared import keys, unfinished
    from assets.shared.lake import Lake

    shutil.copytree(world.lake, tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    unfinished.begin(lake, NIGHTS[1:2])
    lake.drop(keys.LINK, NIGHTS[1:2])
    ran = crosswalk(world, "plan", "--night", NIGHTS[1], lake=tmp_path / "lake")
    assert (ran.status, "or was killed; run it again" in ran.err) == (1, True), ran.err
