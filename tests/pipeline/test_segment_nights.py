"""Segments on a lake that was built from exports: the command line, membership over the nights, refusals."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from assets.hubspot.extract import extract
from assets.hubspot.stage import stage
from assets.segments.checks import jumps
from assets.segments.membership import segment_tables
from assets.segments.resolve import inclusion
from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from pipelines.cli import app  # noqa: F401 - registers the commands
from pipelines.cli.core import run
from schemas.config import SyncConfig, parse
from tests.unit.segments.people import condition, everybody

FIRST, SECOND, THIRD = "2026-11-18", "2026-11-19", "2026-11-20"
PROPERTIES = [
    {"name": "email", "label": "Email", "type": "string", "fieldType": "text"},
    {"name": "stage", "label": "Stage", "type": "enumeration", "fieldType": "select"},
    {"name": "hobby", "label": "Hobby", "type": "enumeration", "fieldType": "checkbox"},
    {"name": "score", "label": "Score", "type": "number", "fieldType": "number"},
    {"name": "due", "label": "Due", "type": "date", "fieldType": "date"},
    {"name": "total", "label": "Total", "type": "number", "fieldType": "calculation_equation", "calculated": True},
    {"name": "secret", "label": "Secret", "type": "string", "fieldType": "text"},
]
HEADER = ("hs_object_id", "email", "stage", "hobby", "score", "due", "total", "lastmodifieddate", "associatedcompanyid")
OWN = """
segments:
  - name: High scores
    where: [{property: score, at_least: 50}]
"""
HIGH = everybody(condition("score", "NUMBER", "IS_GREATER_THAN_OR_EQUAL_TO", value=50))
FORMS = everybody({"filterType": "FORM_SUBMISSION", "operator": "FILLED_OUT"})


def listed(list_id: str, branch: Any = None, kind: str = "DYNAMIC", status: str = "COMPLETE", obj: str = "0-1") -> dict:
    return {
        "listId": list_id, "name": f"List {list_id}", "objectTypeId": obj, "processingType": kind,
        "processingStatus": status, "filterBranch": branch,
    }  # fmt: skip


class Portal:
    """A portal whose exports are delivered night by night into a lake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = Lake(folder / "lake")
        self.lake.prepare()
        self.contacts: dict[str, tuple[Any, ...]] = {
            "1": ("ann@x.example", "lead", "a;b", 60, "2026-11-20", 1),
            "2": ("bo@x.example", "customer", "b", 10, "2026-11-19", 1),
            "3": ("cy@x.example", "", "", "", "", ""),
        }
        self.lists: list[dict] = []
        self.members: list[tuple[str, str]] | None = None
        self.account: dict[str, Any] | None = None
        self.history: dict[str, str] = {}  # by record id, what the API has under propertiesWithHistory
        self.pairs: str | None = "contact_id,company_id\n1,91\n1,92\n2,92\n"
        self.deals: str | None = None  # as HubSpot's export tool writes them, in place of the API's object

    def config(self, wanted: str | int | None = None) -> SyncConfig:
        text = (
            "timezone: Europe/Oslo\nstart: 2026-11-01\nsources:\n"
            '  hubspot: {path: "{night}"}\n  salesforce: {path: "sf"}\n'
            f"integration: {{inclusion_segment: {json.dumps(wanted)}}}\n"
        )
        (self.folder / "sync.yaml").write_text(text)
        return parse(text, self.folder)

    def deliver(self, night: str) -> None:
        here = self.folder / night
        (here / "properties").mkdir(parents=True)
        (here / "associations").mkdir()
        with (here / "contacts.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*HEADER, *(["propertiesWithHistory"] if self.history else [])])
            for record_id, values in self.contacts.items():
                told = [self.history.get(record_id, "")] if self.history else []
                writer.writerow([record_id, *values, f"{night}T08:00:00Z", "91" if record_id == "1" else "", *told])
        (here / "companies.csv").write_text("hs_object_id,industry,numberofemployees\n91,SOFTWARE,10\n92,BANKING,900\n")
        deal = {"id": "71", "properties": {"amount": "5"}, "associations": {"contacts": {"results": [{"id": "2"}]}}}
        if self.deals is None:
            (here / "deals.jsonl").write_text(json.dumps(deal) + "\n")
        else:
            (here / "deals.csv").write_text(self.deals)
        if self.pairs is not None:
            (here / "associations/contact_company.csv").write_text(self.pairs)
        (here / "properties/contacts.json").write_text(json.dumps({"results": PROPERTIES}))
        (here / "lists.json").write_text(json.dumps({"lists": self.lists}))
        if self.members is not None:
            (here / "list_memberships.csv").write_text(
                "listId,recordId\n" + "".join(f"{a},{b}\n" for a, b in self.members)
            )
        if self.account is not None:
            (here / "account.json").write_text(json.dumps(self.account))
        extract(self.lake, night, here, snapshot="full", max_shrink=1.0)
        stage(self.lake, [night], snapshot="full")

    def decide(self, night: str, wanted: str | int | None = None) -> dict[tuple[str, str], str]:
        """Write a night's segments; gives (segment, record) -> change."""
        with self.lake.connect(night) as session:
            tables = segment_tables(session, self.config(wanted))
        for key, rows in tables.items():
            self.lake.write(key, night, rows)
        return {(r["segment_id"], r["record_id"]): r["change"] for r in tables[keys.MEMBERSHIP].to_pylist()}

    def command(self, *arguments: str) -> int:
        self.config()
        return run(["segment", "--config", str(self.folder / "sync.yaml"), "--lake", str(self.lake.root), *arguments])

    def asked(self, capfd: pytest.CaptureFixture[str], definition: Any, *arguments: str) -> tuple[int, list[str], str]:
        """Exit status, the members' ids and what was said of a definition in a file."""
        path = self.folder / "asked.json"
        path.write_text(json.dumps(definition))
        status = self.command("--file", str(path), "--members", "--format", "jsonl", *arguments)
        out, err = capfd.readouterr()
        return status, [json.loads(line)["id"] for line in out.splitlines()], err


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return Portal(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    """A portal of one night that tests only ask questions of."""
    portal = Portal(tmp_path_factory.mktemp("standing"))
    portal.deliver(FIRST)
    return portal


def one(name: str, kind: str, operator: str, **payload: Any) -> dict:
    return everybody(condition(name, kind, operator, **payload))


def test_days_are_the_portals_where_its_account_was_delivered(
    portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    """segments.md 2: the definition's zone, else the portal's, else that of sync.yaml. Everybody was edited at 08:00 UTC."""
    today: dict[str, Any] = {"timeType": "INDEXED", "indexReference": {"referenceType": "TODAY"}}
    edited = one("lastmodifieddate", "TIME_POINT", "IS_AFTER", timePoint=today)
    portal.deliver(FIRST)
    assert portal.asked(capfd, edited)[:2] == (0, ["1", "2", "3"])  # the day begins at 23:00 UTC
    portal.account = {"portalId": 62515, "timeZone": "Pacific/Honolulu", "utcOffset": "-10:00"}
    portal.deliver(SECOND)
    assert portal.asked(capfd, edited)[:2] == (0, [])  # ... at 10:00 UTC
    there = one("lastmodifieddate", "TIME_POINT", "IS_AFTER", timePoint=today | {"zoneId": "Europe/Oslo"})
    assert portal.asked(capfd, there)[:2] == (0, ["1", "2", "3"])
    portal.account["timeZone"] = "Mars/Olympus"
    portal.deliver(THIRD)
    status, _, said = portal.asked(capfd, edited)
    assert status == 2
    assert "staged/hubspot/account: timeZone 'Mars/Olympus' is no time zone" in said


def test_an_update_is_read_from_the_property_history_where_it_was_delivered(
    portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    """segments.md 13: every record was edited this morning; of Ann's address the history says that it is older."""
    portal.history = {"1": json.dumps({"email": [{"value": "ann@x.example", "timestamp": "2026-01-05T10:00:00Z"}]})}
    portal.deliver(FIRST)
    today = {"timeType": "INDEXED", "indexReference": {"referenceType": "TODAY"}}
    edited = one("email", "TIME_POINT", "IS_AFTER", timePoint=today, propertyParser="UPDATED_AT")
    assert portal.asked(capfd, edited)[:2] == (0, ["2", "3"])


def test_a_definition_is_evaluated_on_the_lakes_newest_night(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    portal.deliver(FIRST)
    portal.contacts["2"] = ("bo@x.example", "customer", "b", 55, "2026-11-19", 1)
    portal.deliver(SECOND)
    assert portal.asked(capfd, HIGH) == (0, ["1", "2"], "")
    assert portal.asked(capfd, HIGH, "--night", FIRST)[1] == ["1"]
    assert portal.asked(capfd, listed("7", HIGH))[1] == ["1", "2"]
    assert portal.asked(capfd, {"list": listed("7", HIGH)})[1] == ["1", "2"]
    ever = one("score", "NUMBER", "HAS_EVER_BEEN_EQUAL_TO", value=10)
    assert portal.asked(capfd, ever)[1] == ["2"]
    assert portal.asked(capfd, one("due", "DATE", "IS_EQUAL_TO", year=2026, month="NOVEMBER", day=19))[1] == ["2"]
    assert portal.asked(capfd, one("stage", "ENUMERATION", "IS_NONE_OF", values=["lead"]))[1] == ["2"]
    blank = one("stage", "ENUMERATION", "IS_NONE_OF", values=["lead"], includeObjectsWithNoValueSet=True)
    assert portal.asked(capfd, blank)[1] == ["2", "3"]


def test_a_number_is_asked_for_by_all_its_digits(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    portal.deliver(FIRST)
    for record_id, score in (("1", 9007199254740993), ("2", 9007199254740992)):
        portal.contacts[record_id] = (f"{record_id}@x.example", "lead", "", score, "", "")
    portal.deliver(SECOND)
    for operator in ("IS_EQUAL_TO", "IS_GREATER_THAN_OR_EQUAL_TO", "HAS_EVER_BEEN_EQUAL_TO"):
        asked = one("score", "NUMBER", operator, value=9007199254740993)
        assert portal.asked(capfd, asked) == (0, ["1"], "")
        assert portal.asked(capfd, asked, "--night", FIRST)[1] == []
    portal.contacts["1"] = ("1@x.example", "lead", "", 5, "", "")
    portal.deliver(THIRD)
    assert portal.asked(capfd, one("score", "NUMBER", "HAS_EVER_BEEN_EQUAL_TO", value=9007199254740993))[1] == ["1"]


def test_no_primary_company_is_an_answer_where_the_export_tells(
    portal: Portal, capfd: pytest.CaptureFixture[str]
) -> None:
    """The pairs say for each company whether it is the primary one, and here none is: that is not the same as not known."""
    primary = {"filterBranchType": "ASSOCIATION", "objectTypeId": "0-2", "operator": "IN_LIST", "associationTypeId": 1,
               "associationCategory": "HUBSPOT_DEFINED", "filters": []}  # fmt: skip
    portal.pairs = "contact_id,company_id,label,primary\n1,91,,true\n2,92,,false\n"
    portal.deliver(FIRST)
    assert portal.asked(capfd, everybody(branches=(primary,)))[1] == ["1"]
    portal.pairs = "contact_id,company_id,label,primary\n1,91,,false\n2,92,,false\n"
    portal.deliver(SECOND)
    assert portal.asked(capfd, everybody(branches=(primary,))) == (0, [], "")


def linked(type_id: int, object_id: str, *filters: dict, operator: str = "IN_LIST") -> dict:
    return everybody(branches=({"filterBranchType": "ASSOCIATION", "objectTypeId": object_id, "operator": operator,
                                "associationTypeId": type_id, "associationCategory": "HUBSPOT_DEFINED",
                                "filters": list(filters)},))  # fmt: skip


def test_associations_that_nobody_delivered_are_not_none(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    """segments.md 11: not evaluable, never an empty set; a file of a header alone is one, and then there are none.

    Contact 1 names its primary company, the deals' file tells of companies alone: that much is known.
    """
    portal.pairs, portal.deals = None, "Record ID,Deal Name,Associated Company IDs\n71,Big,91\n"
    portal.deliver(FIRST)
    none = {"type": "NUM_OCCURRENCES", "minOccurrences": 0, "maxOccurrences": 0}
    kind = {"associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED"}
    counted = everybody({"filterType": "NUM_ASSOCIATIONS", "coalescingRefineBy": none, **kind})
    for asked in (linked(279, "0-2"), linked(279, "0-2", operator="NOT_IN_LIST"), linked(4, "0-3"), counted):
        status, ids, said = portal.asked(capfd, asked)
        assert (status, ids) == (2, [])
        assert "which was not delivered" in said
    assert portal.asked(capfd, linked(1, "0-2"))[1] == ["1"]
    assert portal.asked(capfd, linked(341, "0-2"), "--object", "deal")[1] == ["71"]
    portal.pairs = "contact_id,company_id\n"
    portal.deliver(SECOND)
    assert portal.asked(capfd, linked(279, "0-2", operator="NOT_IN_LIST"))[1] == ["1", "2", "3"]
    assert portal.asked(capfd, counted)[1] == ["1", "2", "3"]


def test_associations_of_the_lake(standing: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    banking = condition("industry", "ENUMERATION", "IS_ANY_OF", values=["BANKING"])
    assert standing.asked(capfd, linked(279, "0-2", banking))[1] == ["1", "2"]
    assert standing.asked(capfd, linked(1, "0-2", banking))[1] == []  # primary: as the contact's own property says
    assert standing.asked(capfd, linked(1, "0-2"))[1] == ["1"]
    back = {**linked(3, "0-1", condition("email", "STRING", "STARTS_WITH", value="bo"))}
    assert standing.asked(capfd, back, "--object", "deal")[1] == ["71"]
    assert standing.asked(capfd, linked(4, "0-3", condition("amount", "NUMBER", "IS_EQUAL_TO", value=5)))[1] == ["2"]
    status, _, err = standing.asked(capfd, linked(342, "0-3"), "--object", "company")
    assert (status, err) == (0, "")


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (
            one("nope", "BOOL", "IS_EQUAL_TO", value=True),
            "asked.json: $.filterBranches[0].filters[0].property: unknown property",
        ),
        (one("op", "ALL_PROPERTY", "IS_KNOWN"), "unknown property 'op'"),
        (one("secret", "ALL_PROPERTY", "IS_UNKNOWN"), "property 'secret' of the contact was not delivered"),
        (one("score", "STRING", "IS_EQUAL_TO", value="x"), "STRING does not fit property 'score', which is a number"),
        (one("total", "NUMBER", "HAS_EVER_BEEN_EQUAL_TO", value=1), "is calculated and has no history"),
        (FORMS, "FORM_SUBMISSION cannot be evaluated"),
        (everybody({"filterType": "IN_LIST", "listId": "99", "operator": "IN_LIST"}), "not among the exported lists"),
        (listed("7", HIGH, kind="SNAPSHOT"), "is static"),
        (listed("7", HIGH, status="PROCESSING"), "is still processing"),
        (listed("7", HIGH, obj="0-5"), "object type 0-5"),
        ([], "must be an object"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    standing: Portal, capfd: pytest.CaptureFixture[str], definition: Any, words: str
) -> None:
    status, ids, err = standing.asked(capfd, definition)
    assert (status, ids) == (2, [])
    assert words in err


def test_the_command_line_says_what_it_did_not_find(standing: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    assert standing.command("nobody knows") == 1
    assert standing.command("--file", "nowhere.json") == 2
    assert standing.command("7", "--file", "x.json") == 2
    assert standing.command("--members") == 2
    assert standing.command("--night", "2030-01-01", "x") == 1
    (standing.folder / "broken.json").write_text("{")
    assert standing.command("--file", str(standing.folder / "broken.json")) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_delivered_and_evaluated_members_stand_side_by_side(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    portal.lists, portal.members = [listed("7", HIGH), listed("8", FORMS)], [("7", "2"), ("8", "3")]
    portal.deliver(FIRST)
    assert portal.command("7", "--format", "jsonl") == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["evaluated"], found["delivered"]) == (1, 1)
    assert (found["only_delivered"], found["only_evaluated"]) == (["2"], ["1"])
    assert found["sentence"] == "contacts: Score is at least 50"
    assert portal.command("List 7", "--members") == 0
    assert capfd.readouterr().out == "2\n"
    assert portal.command("7", "--members", "--evaluate") == 0
    assert capfd.readouterr().out == "1\n"
    assert portal.command("8", "--members") == 0
    assert capfd.readouterr().out == "3\n"
    assert portal.command("8", "--sql") == 2
    assert portal.command("7", "--explain", "ANN@x.example", "--format", "jsonl") == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["holds"] for line in lines] == [True, True, True]
    assert portal.command("7", "--explain", "who@x.example") == 1


def test_two_nights_compared(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    (portal.folder / "segments.yaml").write_text(OWN)
    portal.deliver(FIRST)
    portal.contacts["1"], portal.contacts["2"] = (
        ("ann@x.example", "", "", 1, "", 1),
        ("bo@x.example", "", "", 99, "", 1),
    )
    portal.deliver(SECOND)
    assert portal.command("High scores", "--compare", FIRST, SECOND, "--format", "jsonl") == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert lines == [{"id": "1", "change": "left"}, {"id": "2", "change": "entered"}]


def test_entered_stayed_and_left(portal: Portal) -> None:
    portal.lists, portal.members = [listed("7", HIGH)], []
    portal.deliver(FIRST)
    assert portal.decide(FIRST) == {}
    portal.members = [("7", "1"), ("7", "2")]
    portal.deliver(SECOND)
    assert portal.decide(SECOND) == {("7", "1"): "entered", ("7", "2"): "entered"}
    portal.members = [("7", "2"), ("7", "3")]
    portal.deliver(THIRD)
    third = {("7", "1"): "left", ("7", "2"): "stayed", ("7", "3"): "entered"}
    assert portal.decide(THIRD) == third
    assert portal.decide(THIRD) == third  # a night can be run again
    with portal.lake.connect(THIRD) as session:
        session.use(keys.MEMBERSHIP)
        rows = session.con.execute("SELECT record_id, since FROM core__segment__membership ORDER BY ALL").fetchall()
    assert rows == [("1", SECOND), ("2", SECOND), ("3", THIRD)]


def test_a_changed_definition_and_a_first_night_are_no_entries(portal: Portal) -> None:
    portal.lists = [listed("7", HIGH)]
    portal.deliver(FIRST)
    assert portal.decide(FIRST) == {("7", "1"): "stayed"}
    portal.lists = [listed("7", one("score", "NUMBER", "IS_LESS_THAN", value=50))]
    portal.deliver(SECOND)
    assert portal.decide(SECOND) == {("7", "1"): "left", ("7", "2"): "stayed"}


def test_a_segment_of_our_own_that_was_empty_is_entered(portal: Portal) -> None:
    (portal.folder / "segments.yaml").write_text(OWN.replace("50", "90"))
    portal.deliver(FIRST)
    assert portal.decide(FIRST) == {}
    portal.contacts["2"] = ("bo@x.example", "", "", 99, "", 1)
    portal.deliver(SECOND)
    assert portal.decide(SECOND) == {("High scores", "2"): "entered"}


def test_what_cannot_be_known_has_reasons_and_no_members(portal: Portal) -> None:
    portal.lists = [
        listed("7", FORMS),
        listed("8", HIGH, status="PROCESSING"),
        listed("9", kind="MANUAL"),
        listed("10", HIGH),
    ]
    portal.deliver(FIRST)
    portal.decide(FIRST)
    with portal.lake.connect(FIRST) as session:
        session.use(keys.DEFINITION)
        rows = session.con.execute(
            "SELECT segment_id, source, members, reasons[1] FROM core__segment__definition ORDER BY len(segment_id), segment_id"
        ).fetchall()
    assert [row[:3] for row in rows] == [
        ("7", None, None),
        ("8", None, None),
        ("9", None, None),
        ("10", "evaluated", 1),
    ]
    assert [word in row[3] for row, word in zip(rows, ("FORM_SUBMISSION", "processing", "static"), strict=False)] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("lists", "members", "words"),
    [
        ([], None, "there is no list or segment '7'"),
        ([listed("7", kind="MANUAL")], [("7", "1")], "is static; only an active list can be the inclusion segment"),
        ([listed("7", HIGH, kind="SNAPSHOT")], None, "is static; only an active list"),
        ([listed("7", HIGH, kind="FROZEN")], [("7", "1")], "is active or static, which its processingType does not"),
        (
            [listed("7", HIGH, status="PROCESSING")],
            [("7", "1")],
            "is still processing in HubSpot; it must not be read as empty",
        ),
        ([listed("7", HIGH, obj="0-2")], [("7", "91")], "holds records of another object"),
        ([listed("7", FORMS)], None, "FORM_SUBMISSION cannot be evaluated"),
        ([listed("7", one("nope", "ALL_PROPERTY", "IS_KNOWN"))], None, "unknown property 'nope'"),
        ([listed("7")], None, "without its filters"),
    ],
)
def test_an_inclusion_segment_that_cannot_be_used_is_refused(
    portal: Portal, lists: list[dict], members: list[tuple[str, str]] | None, words: str
) -> None:
    portal.lists, portal.members = lists, members
    portal.deliver(FIRST)
    with portal.lake.connect(FIRST) as session, pytest.raises(InputRefused, match=words):
        segment_tables(session, portal.config(7))


def test_an_inclusion_segment_is_found_by_id_and_by_name(portal: Portal) -> None:
    (portal.folder / "segments.yaml").write_text(OWN)
    portal.lists, portal.members = (
        [listed("7", FORMS), listed("8", HIGH), {**listed("9", HIGH), "name": "List 8"}],
        [("7", "1")],
    )
    portal.deliver(FIRST)
    with portal.lake.connect(FIRST) as session:
        assert inclusion(session, portal.config(None)) is None
        assert inclusion(session, portal.config(7)) == "7"  # delivered: nobody needs to evaluate it
        assert inclusion(session, portal.config("List 7")) == "7"
        assert inclusion(session, portal.config("High scores")) == "High scores"
        with pytest.raises(InputRefused, match="2 lists are called 'List 8': 8, 9"):
            inclusion(session, portal.config("List 8"))


def test_a_segment_of_our_own_may_not_have_a_lists_name(portal: Portal) -> None:
    (portal.folder / "segments.yaml").write_text(OWN.replace("High scores", "List 7"))
    portal.lists = [listed("7", HIGH)]
    portal.deliver(FIRST)
    with (
        portal.lake.connect(FIRST) as session,
        pytest.raises(InputRefused, match="is the name of a HubSpot list as well"),
    ):
        segment_tables(session, portal.config())


def test_a_jump_in_size_is_seen(portal: Portal) -> None:
    portal.lists, portal.members = (
        [listed("7", HIGH), listed("8", HIGH)],
        [("7", str(n)) for n in range(100)] + [("8", "1")],
    )
    portal.deliver(FIRST)
    portal.decide(FIRST)
    portal.members = [("7", str(n)) for n in range(40)] + [("8", str(n)) for n in range(10)]
    portal.deliver(SECOND)
    with portal.lake.connect(SECOND) as session:
        found = jumps(segment_tables(session, portal.config())[keys.DEFINITION])
    assert found == {"7": (100, 40)}
