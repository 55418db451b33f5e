"""Names, addresses and tokens planted in input and environment are found nowhere that is not for them.

They may be in tables and import files of the private lake, and nowhere else: not in what commands print, the logs and
metadata that Dagster keeps, the logs of the tables, manifests, status lines and alerts; least of all when a night is refused.
"""

import gzip
import json
from pathlib import Path

import pytest

from tests.pipeline.world import NIGHTS, World
from tests.support.killed import Ran, crosswalk

CANARY = "zqcanary"
ADDRESS = f"{CANARY}.mail@example.com"
TOKENS = {
    "HUBSPOT_ACCESS_TOKEN": f"pat-{CANARY}-token", "HUBSPOT_CLIENT_SECRET": f"{CANARY}-secret",
    "HUBSPOT_REFRESH_TOKEN": f"{CANARY}-refresh", "SALESFORCE_CLIENT_ID": f"3MVG9{CANARY}",
    "SALESFORCE_CLIENT_SECRET": f"{CANARY}secret", "SALESFORCE_USERNAME": ADDRESS,
    "CROSSWALK_ALERT_WEBHOOK": f"http://127.0.0.1:9/{CANARY}",
}  # fmt: skip
PRIVATE = (".parquet", ".csv", ".jsonl", ".arrow")  # tables and import files: the place of personal data


class Planted:
    """A world whose people are canaries, with a Dagster home and an alert command of its own."""

    def __init__(self, folder: Path, **overrides: object) -> None:
        self.world = World(folder, initial_sync="full", **overrides)
        self.home, self.alerts = folder / "home", folder / "alerts"
        self.home.mkdir()
        for path in (folder / "exports").rglob("*.csv"):
            path.write_text(path.read_text().replace("Ann", f"{CANARY}First").replace("a@x.com", ADDRESS))
        self.printed: list[Ran] = []

    def __call__(self, *arguments: str) -> Ran:
        environment = {**TOKENS, "DAGSTER_HOME": str(self.home), "CROSSWALK_ALERT_COMMAND": f"tee -a {self.alerts}"}
        options = ["--config", str(self.world.config), "--lake", str(self.world.lake)]
        ran = crosswalk(self.world.folder / "said", *arguments, *options, environment=environment)
        self.printed.append(ran)
        return ran

    def spoil(self, crm: str, name: str, lines: list[str]) -> None:
        path = self.world.exports(NIGHTS[0]) / crm / name
        path.write_text(path.read_text() + "".join(f"{line}\n" for line in lines))

    def leaks(self) -> list[str]:
        """Places outside tables and import files in which a canary is, upper and lower case alike."""
        found = [f"printed: {ran.out}{ran.err}" for ran in self.printed if CANARY in f"{ran.out}{ran.err}".lower()]
        places = [path for root in (self.home, self.world.lake) for path in root.rglob("*") if path.is_file()]
        places += [self.alerts] if self.alerts.exists() else []
        told = [p for p in places if p.suffix not in PRIVATE or p.name == "status.jsonl" or self.home in p.parents]
        return found + [str(path) for path in told if CANARY.encode() in path.read_bytes().lower()]


@pytest.mark.slow
def test_a_night_with_bad_rows_that_a_guard_stops(tmp_path: Path) -> None:
    planted = Planted(tmp_path, guards={"max_changes": 0, "max_reject_rate": None, "max_shrink": None})
    header = (planted.world.exports(NIGHTS[0]) / "hubspot" / "contacts.csv").read_text().splitlines()[0].split(",")
    blank = [""] * (len(header) - 2)
    planted.spoil("hubspot", "contacts.csv", [
        ",".join([CANARY, ADDRESS, *blank]),  # an id that is none
        ",".join(["901", ADDRESS, *blank, CANARY, CANARY]),  # too many cells
        ",".join(["902", *[f"{CANARY} 31/31/2020"] * (len(header) - 1)]),  # values of no kind
        f'903,"{CANARY}"x,' + ",".join(blank),
        ",".join(["904", f"{CANARY}\udcff", *blank]).encode("utf-8", "surrogateescape").decode("latin-1"),
    ])  # fmt: skip
    ran = planted("nightly", "--night", NIGHTS[0])
    assert ran.status == 3, ran.err
    assert planted.leaks() == []
    alert = json.loads(planted.alerts.read_text())
    assert (alert["exit_status"], alert["night"]) == (3, NIGHTS[0])
    assert list(planted.home.rglob("*.db"))  # the events were kept where they were looked for
    tables = b"".join(path.read_bytes() for path in planted.world.lake.rglob("*.parquet"))
    assert len(tables) > 10_000


REFUSED = {
    "no id": ("hubspot", "contacts.csv", f"email,name\n{ADDRESS},{CANARY}\n"),
    "no header": ("salesforce", "Lead.csv", f"{CANARY},{ADDRESS},{CANARY}\n{CANARY},{ADDRESS},{CANARY}\n"),
    "cut off": ("hubspot", "owners.json", f'[{{"id": "7", "email": "{ADDRESS}", "firstName": "{CANARY}'),
    "no answer": ("hubspot", "lists.json", json.dumps({CANARY: ADDRESS})),
    "one object": ("salesforce", "describe/Lead.json", json.dumps({"name": CANARY, "fields": CANARY})),
    "broken lines": ("hubspot", "companies.jsonl", f'{{"id":"1","properties":{{"name":"{CANARY}"\n{CANARY}\n'),
}


def test_nights_that_are_refused(tmp_path: Path) -> None:
    planted = Planted(tmp_path)
    for crm, name, content in REFUSED.values():
        path = planted.world.exports(NIGHTS[0]) / crm / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    packed = planted.world.exports(NIGHTS[0]) / "salesforce" / "Contact.csv.gz"
    packed.write_bytes(gzip.compress(f"Id,Email\n003,{ADDRESS}\n".encode())[:-9])
    packed.with_name("Contact.csv").unlink()
    ran = planted("nightly", "--night", NIGHTS[0])
    assert (ran.status, planted.leaks()) == (2, [])
    assert "contacts.csv" in ran.err


@pytest.mark.parametrize(
    "lines",
    [
        f"integration: {{access_token: {CANARY}}}",
        f"hold_back: [{{email: [{ADDRESS}], fields: [{CANARY}]}}]",
        f"resync: [{{night: {CANARY}, emails: [{ADDRESS}]}}]",
        f"timezone: {CANARY}",
        f"{CANARY}: : {ADDRESS}",
        f"guards: {{max_changes: {ADDRESS}}}",
    ],
)
def test_configurations_that_are_refused(tmp_path: Path, lines: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A value of sync.yaml may be a person's; its path says enough."""
    from pipelines.cli.core import run

    world = World(tmp_path)
    kept = [line for line in world.config.read_text().splitlines() if not line.startswith(lines.split(":")[0])]
    world.config.write_text("\n".join([*kept, lines]) + "\n")
    assert run(["check", "--config", str(world.config), "--lake", str(world.lake)]) == 2
    said = capfd.readouterr()
    assert CANARY not in said.out.lower() + said.err.lower().replace(lines.split(":")[0], "")
