"""Alerts, late nights, old runs, older lakes: what an operator relies on without looking."""

import io
import json
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterError

import pipelines.cli
from assets.shared import keys
from assets.shared.failures import GuardStopped, InputRefused, QuotaReached
from assets.shared.lake import Lake
from assets.shared.nights import Span
from pipelines import hooks, migrations
from pipelines.cli.core import place, report, run
from pipelines.configuration import read_config
from pipelines.hooks import late_night, send_alert
from pipelines.instance import prune
from pipelines.outcome import finished
from pipelines.settings import Settings
from schemas.arrow import arrow_schema
from schemas.config import ConfigError
from schemas.tables import TABLES
from tests.support.configuration import write_config
from tests.support.portal import Portal, night_of

assert pipelines.cli.app  # registers the commands


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes]]]:
    """A receiver on this machine, and what it received."""
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alert", received
    server.shutdown()
    server.server_close()


def settings(**given: object) -> Settings:
    return Settings().model_copy(update=given)


def decided(lake: Lake, *nights: str) -> None:
    """The lake has decided these nights."""
    schema = arrow_schema(TABLES[keys.LEDGER])
    row = dict.fromkeys(schema.names) | {"object": "person", "pair_id": "hs:1", "triggers": []}
    import pyarrow as pa

    lake.prepare()
    for night in nights:
        lake.write(keys.LEDGER, night, pa.Table.from_pylist([row], schema=schema))


def test_an_alert_goes_to_the_command_and_the_webhook(tmp_path: Path, webhook: tuple[str, list[bytes]]) -> None:
    url, received = webhook
    kept = tmp_path / "alerts"
    code = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    send_alert(
        settings(alert_command=f'{sys.executable} -c "{code}" {kept}', alert_webhook=url), {"night": "2026-01-01"}
    )
    assert json.loads(kept.read_text()) == {"night": "2026-01-01"}
    assert [json.loads(line) for line in received] == [{"night": "2026-01-01"}]


@pytest.mark.parametrize(
    "given",
    [
        {"alert_command": "/no/such/command"}, {"alert_command": "'unclosed"}, {"alert_webhook": "http://127.0.0.1:9/"},
        {"alert_webhook": "http://127.0.0.1:99999/"}, {"alert_webhook": "http://[broken/"}, {"alert_webhook": "file:///etc/passwd"},
        {"alert_command": "false"},
    ],
)  # fmt: skip
def test_an_alert_that_cannot_be_delivered_changes_nothing(given: dict[str, str]) -> None:
    send_alert(settings(**given), {"night": "2026-01-01"})


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (GuardStopped("x"), 3, "stopped by a guard"), (InputRefused("x"), 2, "refused"),
        (QuotaReached("x"), 4, "stopped at an API quota"), (RuntimeError("secret"), 1, "failed"),
        (KeyboardInterrupt(), 1, "failed"),
    ],
)  # fmt: skip
def test_each_end_leaves_a_status_line_and_one_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, word: str
) -> None:
    sent: list[dict[str, object]] = []
    monkeypatch.setattr("pipelines.outcome.send_alert", lambda _, line: sent.append(line))
    here = place(write_config(tmp_path / "sync.yaml"), tmp_path / "lake")
    Lake(here.lake_path).prepare()
    with pytest.raises(type(error)), finished(here, ["2026-03-01"]):
        raise error
    (line,) = [json.loads(text) for text in (here.lake_path / "status.jsonl").read_text().splitlines()]
    assert (line["night"], line["exit_status"], line["status"]) == ("2026-03-01", status, word)
    assert "secret" not in json.dumps(line)
    assert sent == [line]


def test_a_reader_who_goes_away_is_no_failure_of_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`crosswalk nightly | head`: rich ends the process where nobody reads any more."""

    def gone(*_: object) -> None:
        raise SystemExit(1)

    sent: list[object] = []
    monkeypatch.setattr("pipelines.outcome.send_alert", lambda *line: sent.append(line))
    monkeypatch.setattr("pipelines.runner.run_nights", lambda *_, **__: Span(("2026-03-01",), "run", None))
    monkeypatch.setattr("pipelines.cli.run._tell", gone)
    lake = tmp_path / "lake"
    Lake(lake).prepare()
    with pytest.raises(SystemExit):
        run(
            [
                "nightly",
                "--night",
                "2026-03-01",
                "--config",
                str(write_config(tmp_path / "sync.yaml")),
                "--lake",
                str(lake),
            ]
        )
    assert [(line["status"], line["exit_status"], line["mode"]) for line in status_lines(lake)] == [("done", 0, "run")]
    assert sent == []


def test_a_good_night_alerts_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr("pipelines.outcome.send_alert", lambda *line: sent.append(line))
    here = place(write_config(tmp_path / "sync.yaml"), tmp_path / "lake")
    with finished(here, ["2026-03-01"]):
        pass
    assert sent == []
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    ("now", "nights", "late"),
    [
        ("2026-03-03T06:00Z", ["2026-03-01"], "2026-03-02"),
        ("2026-03-03T05:59Z", ["2026-03-01"], None),
        ("2026-03-03T06:00Z", ["2026-03-01", "2026-03-02"], None),
        ("2026-03-01T09:00Z", [], None),  # the night before is before the first one there is
    ],
)
def test_a_night_is_late_from_an_hour_on(tmp_path: Path, now: str, nights: list[str], late: str | None) -> None:
    lake = Lake(tmp_path / "lake")
    decided(lake, *nights)
    config = read_config(write_config(tmp_path / "sync.yaml"))
    assert late_night(config, lake, 6, datetime.fromisoformat(now)) == late


def test_the_hour_is_of_the_configured_time_zone(tmp_path: Path) -> None:
    config = read_config(write_config(tmp_path / "sync.yaml", {"timezone": "Pacific/Auckland"}))
    lake = Lake(tmp_path / "lake")
    assert (
        late_night(config, lake, 6, datetime(2026, 3, 3, 17, 30, tzinfo=UTC)) == "2026-03-03"
    )  # 06:30 of the 4th there
    assert late_night(config, lake, 6, datetime(2026, 3, 3, 16, 30, tzinfo=UTC)) is None


def test_a_late_night_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(hooks, "send_alert", lambda _, line: sent.append(line))
    monkeypatch.setattr(hooks, "late_night", lambda *_: "2026-03-02")
    Lake(tmp_path / "lake").prepare()
    sensor = hooks.late_sensor(settings(), write_config(tmp_path / "sync.yaml"), tmp_path / "lake")
    context = dg.build_sensor_context()
    sensor.evaluate_tick(context)
    sensor.evaluate_tick(dg.build_sensor_context(cursor=context.cursor))
    assert sent == status_lines(tmp_path / "lake") == [{"night": "2026-03-02", "status": "late"}]


def status_lines(lake: Path) -> list[dict[str, object]]:
    """What `status.jsonl` of a lake says."""
    path = lake / "status.jsonl"
    return [json.loads(text) for text in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize(
    ("tags", "alerts"), [({"dagster/partition": "2026-03-02"}, 1), ({hooks.CLI_TAG: "command line"}, 0)]
)
@pytest.mark.parametrize(
    ("error", "code", "word"),
    [(GuardStopped("x"), 3, "stopped by a guard"), (InputRefused("x"), 2, "refused"), (ConfigError([]), 2, "refused"),
     (QuotaReached("x"), 4, "stopped at an API quota"), (RuntimeError("secret"), 1, "failed")],
)  # fmt: skip
def test_a_run_of_the_ui_leaves_a_line_and_an_alert_and_one_of_the_command_line_did_so_itself(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: int,
    word: str,
    tags: dict[str, str],
    alerts: int,
) -> None:
    @dg.op
    def broken() -> None:
        raise error

    @dg.job(executor_def=dg.in_process_executor)
    def night() -> None:
        broken()

    sent: list[dict[str, object]] = []
    monkeypatch.setattr(hooks, "send_alert", lambda _, line: sent.append(line))
    Lake(tmp_path / "lake").prepare()
    with dg.DagsterInstance.ephemeral() as instance:
        ran = night.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            "alert", ran.get_run_failure_event(), instance, ran.dagster_run
        ).for_run_failure()
        hooks.alert_sensor(settings(), tmp_path / "lake")(context)
    line = {"night": "2026-03-02", "status": word, "exit_status": code, "run": ran.run_id}
    assert sent == status_lines(tmp_path / "lake") == [line][:alerts]


def test_pruning_keeps_what_says_that_a_night_is_there(tmp_path: Path) -> None:
    nights = dg.DailyPartitionsDefinition("2026-03-01", end_date="2026-03-05")

    @dg.asset(partitions_def=nights)
    def table() -> None:
        """Nothing but its materialization."""

    @dg.asset(partitions_def=nights)
    def broken() -> None:
        raise RuntimeError

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        for night in ("2026-03-01", "2026-03-01"):
            dg.materialize([table], partition_key=night, instance=instance)
        dg.materialize([broken], partition_key="2026-03-03", instance=instance, raise_on_error=False)
        assert prune(instance, datetime.now(UTC) - timedelta(days=1)) == (0, 0)
        assert prune(instance, datetime.now(UTC) + timedelta(days=1)) == (2, 1)
        assert instance.get_materialized_partitions(table.key) == {"2026-03-01"}


def older(tmp_path: Path, version: int) -> Path:
    lake = tmp_path / "lake"
    decided(Lake(lake), "2026-03-01")
    (lake / "lake.json").write_text(json.dumps({"schema_version": version}) + "\n")
    return lake


def test_a_lake_of_an_older_version_is_refused_until_it_is_migrated(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = older(tmp_path, 1)
    config = write_config(tmp_path / "sync.yaml")
    arguments = ["--config", str(config), "--lake", str(lake)]
    assert run(["plan", *arguments]) == 2
    assert "crosswalk migrate" in capfd.readouterr().err
    assert run(["migrate", *arguments]) == 0
    said = capfd.readouterr().out.splitlines()  # its tables were in order already
    assert said == [f"the lake has schema version {number} now" for number in (2, 3, 4)]
    assert json.loads((lake / "lake.json").read_text()) == {"schema_version": 4}
    assert run(["migrate", *arguments]) == 0
    assert "nothing to do" in capfd.readouterr().out


def test_a_migration_goes_on_after_the_step_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = older(tmp_path, -1)
    tried: list[int] = []

    def fails(_: Lake) -> list[str]:
        tried.append(0)
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(migrations.STEPS, -1, lambda _: tried.append(-1) or ["first"])
    monkeypatch.setitem(migrations.STEPS, 0, fails)
    with pytest.raises(OSError, match="No space"):
        migrations.migrate(lake)
    monkeypatch.setitem(migrations.STEPS, 0, lambda _: ["second"])
    assert [line for line in migrations.migrate(lake) if "version" not in line] == ["second"]
    assert tried == [-1, 0]


@pytest.mark.parametrize(
    ("version", "words"), [(99, "newer than this Crosswalk"), (-7, "no step from schema version -7")]
)
def test_a_lake_that_cannot_be_migrated_says_why(tmp_path: Path, version: int, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        migrations.migrate(older(tmp_path, version))


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Folders of one night, as a user has them."""
    portal = Portal()
    portal.edit("H1", {"email": "a@x.com"}, night_of(1), first=True)
    portal.edit("L1", {"Email": "a@x.com"}, night_of(1), first=True)
    portal.write(tmp_path / "exports" / night_of(1))
    return tmp_path / "exports" / night_of(1)


def test_init_takes_its_answers_as_options(exports: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "new" / "sync.yaml"
    given = [
        "--hubspot",
        str(exports / "hubspot"),
        "--salesforce",
        str(exports / "salesforce"),
        "--timezone",
        "Europe/Oslo",
    ]
    arguments = ["init", *given, "--config", str(config), "--lake", str(tmp_path / "lake")]
    assert run(arguments) == 0
    loaded = read_config(config)
    assert (loaded.timezone, loaded.start) == ("Europe/Oslo", night_of(1))
    assert loaded.sources.hubspot.folder(night_of(1)).resolve() == (exports / "hubspot").resolve()
    assert "{night}" in config.read_text()
    capfd.readouterr()
    written = config.read_bytes()
    assert run(arguments) == 2
    assert "--force" in capfd.readouterr().err
    assert config.read_bytes() == written
    assert run([*arguments, "--force"]) == 0
    assert not (tmp_path / "lake").exists()


def test_init_quotes_whatever_a_folder_is_called(exports: Path, tmp_path: Path) -> None:
    moved = exports.rename(tmp_path / 'a "folder" of Åse\'s #1')
    given = ["--hubspot", str(moved / "hubspot"), "--salesforce", str(moved / "salesforce"), "--timezone", "UTC"]
    start = ["--start", night_of(1)]
    config = tmp_path / "sync.yaml"
    assert run(["init", *given, *start, "--config", str(config), "--lake", str(tmp_path / "lake")]) == 0
    assert read_config(config).sources.hubspot.folder(night_of(1)).resolve() == (moved / "hubspot").resolve()


def test_init_without_a_terminal_names_the_option_that_it_needs(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a script nobody answers: 'aborted' and status 1 would say neither what is missing nor that it is usage."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    given = ["--hubspot", str(exports / "hubspot"), "--salesforce", str(exports / "salesforce")]
    assert run(["init", *given, "--config", str(tmp_path / "sync.yaml"), "--lake", str(tmp_path / "lake")]) == 2
    assert "Invalid value for --timezone" in capfd.readouterr().err
    assert not (tmp_path / "sync.yaml").exists()


def test_init_asks_for_what_it_was_not_told(exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([str(exports / "hubspot"), str(exports / "salesforce"), "UTC"])
    asked: list[str] = []
    monkeypatch.setattr("typer.prompt", lambda text, **_: asked.append(text) or next(answers))
    assert run(["init", "--config", str(tmp_path / "sync.yaml"), "--lake", str(tmp_path / "lake")]) == 0
    assert len(asked) == 3
    assert read_config(tmp_path / "sync.yaml").start == night_of(1)


@pytest.mark.parametrize(("folder", "zone"), [("nowhere", "UTC"), ("salesforce", "Nowhere/City")])
def test_init_writes_nothing_that_it_would_refuse(exports: Path, tmp_path: Path, folder: str, zone: str) -> None:
    given = ["--hubspot", str(exports / "hubspot"), "--salesforce", str(exports / folder), "--timezone", zone]
    assert run(["init", *given, "--config", str(tmp_path / "sync.yaml"), "--lake", str(tmp_path / "lake")]) == 2
    assert not (tmp_path / "sync.yaml").exists()


def test_init_keeps_its_file_where_the_exports_want_something(
    exports: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every problem, then what to do; 1, for 2 would say that nothing was written."""
    people = exports / "salesforce" / "Lead.csv"
    whole = people.read_text()
    people.write_text("Email\na@x.com\n")
    (exports / "hubspot" / "contacts.csv").write_text("email\na@x.com\n")
    given = ["--hubspot", str(exports / "hubspot"), "--salesforce", str(exports / "salesforce"), "--timezone", "UTC"]
    config, lake = tmp_path / "sync.yaml", tmp_path / "lake"
    assert run(["init", *given, "--config", str(config), "--lake", str(lake)]) == 1
    *problems, last = capfd.readouterr().err.splitlines()
    assert len(problems) == 2
    assert f"run `crosswalk check --config {config} --lake {lake}`" in last
    assert read_config(config).timezone == "UTC"
    people.write_text(whole)
    (exports / "hubspot" / "contacts.csv").write_text("hs_object_id,email\n1,a@x.com\n")
    assert run(["check", "--config", str(config), "--lake", str(lake)]) == 0


class Refusing(dg.ConfigurableResource[None]):
    """A resource that cannot be made."""

    def create_resource(self, context: dg.InitResourceContext) -> None:
        raise InputRefused("the lake is another's")


def test_what_a_resource_raises_is_said_as_if_dagster_were_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    @dg.asset
    def made(refusing: Refusing) -> None:
        raise AssertionError

    with pytest.raises(DagsterError) as caught:
        dg.materialize([made], resources={"refusing": Refusing()}, run_config={"loggers": {"console": {}}})
    capfd.readouterr()
    assert report(caught.value) == 2
    assert capfd.readouterr().err == "error: the lake is another's\n"
