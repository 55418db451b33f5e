"""Bulk updates of lifecycle stages over whole nights: as an import and as a workflow (rules 1.5 and 2.7, SC-54 to SC-61)."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.lake import Lake
from schemas.config import ConfigError
from tests.support.configuration import write_config
from tests.support.ids import real
from tests.support.outcome import Names, Outcome
from tests.support.portal import Portal, night_of
from tests.support.run import run_night

OPTIONS = {"subscriber": "Abonnent", "lead": "Lead", "180001": "Trial", "customer": "Kunde", "other": "Other"}
Update = dict[str, Any]


class Nights:
    """A portal of contacts by stage, its lake, and nights that are run one after the other."""

    def __init__(self, folder: Path, stages: dict[str, str | None], **kinds: dict[str, Any]) -> None:
        self.folder = folder
        self.portal = Portal()
        self.portal.properties = kinds
        for name, stage in stages.items():
            self.portal.edit(name, {"email": f"{name.lower()}@x.com", "lifecyclestage": stage}, night_of(1), first=True)

    def run(self, number: int, *updates: Update, **settings: Any) -> Outcome:
        night = night_of(number)
        self.portal.write(self.folder / "exports" / night)
        config = write_config(self.folder / "sync.yaml", {"lifecycle": {"updates": list(updates)}, **settings})
        run_night(config, self.folder / "lake", night)
        return Outcome(Lake(self.folder / "lake"), night, Names({}))

    def file(self, *lines: str, backward: str = "ignore", night: str = "night 1") -> Update:
        (self.folder / "stages.csv").write_text("".join(f"{line}\n" for line in lines))
        return {"object": "contact", "file": "stages.csv", "night": night, "backward": backward}


def steps(outcome: Outcome) -> dict[tuple[str, str], dict[str, str | None]]:
    """(record, operation) -> fields."""
    return {(row["target"], row["op"]): row["changes"] for row in outcome.deltas()}


def requests(outcome: Outcome) -> list[tuple[int | None, str | None]]:
    """Requests that came to nothing: line and code."""
    return sorted((row["line"] or 0, row["code"]) for row in outcome.rows(keys.LIFECYCLE_REQUEST) if row["code"])


def stages(*names: Iterable[str]) -> dict[str, Any]:
    return {"H": {"lifecyclestage": {"type": "enumeration", "fieldType": "radio", "options": OPTIONS}}}


def test_a_file_moves_stages_forward_only(tmp_path: Path) -> None:
    """P1-66 to P1-68, P2-60 to P2-64, P2-9D: by e-mail, secondary e-mail or record id, by value or English label."""
    nights = Nights(
        tmp_path,
        {"H1": "lead", "H2": "customer", "H3": None, "H4": "subscriber", "H5": "lead", "H6": "customer", "H7": "gone",
         "H8": "subscriber"},
        **stages(),
    )  # fmt: skip
    nights.portal.know("H", ["hs_additional_emails"])
    nights.portal.edit("H4", {"hs_additional_emails": "old@x.com;older@x.com"}, night_of(1))
    update = nights.file(
        "Email,Record ID,Lifecycle stage",
        " H1@x.com,,Customer",  # 2 forward, by label, in other letters
        "h2@x.com,,lead",  # 3 backward
        f",{real('H3')},180001",  # 4 by id; from no stage
        "older@x.com,,trial",  # 5 secondary e-mail, label without regard to letters
        "h5@x.com,,Kunde",  # 6 the portal's own language
        "h6@x.com,,customer",  # 7 the same stage
        "h7@x.com,,Lead",  # 8 the present stage is no longer one
        "nobody@x.com,,Lead",  # 9
        "h8@x.com,,lead",  # 10 a later row counts
        "h8@x.com,,Other",  # 11 the last stage of the portal
        "h1@x.com,,",  # 12 blank
    )
    outcome = nights.run(1, update)
    assert steps(outcome) == {
        ("H1", "update"): {"lifecyclestage": "customer"},
        ("H3", "update"): {"lifecyclestage": "180001"},
        ("H4", "update"): {"lifecyclestage": "180001"},
        ("H7", "update"): {"lifecyclestage": "lead"},
        ("H8", "update"): {"lifecyclestage": "other"},
    }
    assert requests(outcome) == [
        (3, "stage_backward"),
        (6, "invalid_enumeration_option: lifecyclestage"),
        (9, "record_not_found"),
        (10, "doubled_row"),
        (12, "stage_blank"),
    ]
    said = {
        d["hubspot"]: (d["outcome"], d["reasons"], d["warnings"])
        for d in outcome.decisions()
        if d["direction"] == "to_hubspot"
    }
    assert said["H1"] == ("update", ["lifecycle_update"], [])
    assert said["H2"] == ("unchanged", [], ["stage_backward"])
    assert {row["since"] for row in outcome.deltas()} == {outcome.night}
    ignored = [json.loads(line) for line in (outcome.folder / "lifecycle-ignored.jsonl").read_text().splitlines()]
    assert sorted((row["line"], row["code"]) for row in ignored) == requests(outcome)


def test_an_extract_of_the_property_file_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No mapped field exists then, and none is compared; the record id is there all the same."""
    nights = Nights(tmp_path, {"H1": "customer"}, **stages())
    whole = nights.portal.write

    def extract(folder: Path) -> None:
        whole(folder)
        (file,) = (folder / "hubspot" / "properties").iterdir()
        listed = json.loads(file.read_text())["results"]
        file.write_text(json.dumps([row for row in listed if row["name"] == "lifecyclestage"]))

    monkeypatch.setattr(nights.portal, "write", extract)
    outcome = nights.run(1, nights.file("Email,Lifecycle stage", "h1@x.com,lead", backward="clear_then_set"))
    assert [f["file"] for f in outcome.manifest()["files"]] == [
        "clear-hubspot-contacts.jsonl",
        "hubspot-contacts-update-after-clear.csv",
    ]
    assert steps(outcome) == {("H1", "clear"): {"lifecyclestage": None}, ("H1", "update"): {"lifecyclestage": "lead"}}


def test_backward_is_a_clear_and_then_a_set_in_two_packages(tmp_path: Path) -> None:
    """P1-62, SC-56; other columns of the row go with the set."""
    nights = Nights(tmp_path, {"H1": "customer", "H2": "lead"})
    update = nights.file(
        "Email,Lifecycle stage,Job title", "h1@x.com,Lead,CEO", "h2@x.com,Customer,", backward="clear_then_set"
    )
    outcome = nights.run(1, update)
    assert steps(outcome) == {
        ("H1", "clear"): {"lifecyclestage": None},
        ("H1", "update"): {"jobtitle": "CEO", "lifecyclestage": "lead"},
        ("H2", "update"): {"lifecyclestage": "customer"},
    }
    later = next(
        file for file in outcome.manifest()["files"] if file["file"] == "hubspot-contacts-update-after-clear.csv"
    )
    assert later["waits_for"] == ["clear-hubspot-contacts.jsonl"]


def test_other_columns_are_an_import_too(tmp_path: Path) -> None:
    """P1-66, P1-69, P2-9D: labels and values of every kind; what a property cannot take stays out, and says so."""
    kinds = {
        "lifecyclestage": {"type": "enumeration", "fieldType": "radio", "options": OPTIONS},
        "jobtitle": {"label": "Job Title"},
        "size": {"type": "number", "fieldType": "number", "label": "Size"},
        "vip": {"type": "bool", "fieldType": "booleancheckbox", "label": "VIP"},
        "since": {"type": "date", "fieldType": "date", "label": "Since"},
        "tier": {
            "type": "enumeration",
            "fieldType": "select",
            "label": "Tier",
            "options": {"g": "Gold", "s": "Silver"},
        },
        "tags": {"type": "enumeration", "fieldType": "checkbox", "label": "Tags", "options": {"a": "A a", "b": "B b"}},
        "score": {"type": "number", "fieldType": "number", "label": "Score", "calculated": True},
    }
    nights = Nights(tmp_path, {f"H{n}": "lead" for n in range(1, 9)}, H=kinds)
    nights.portal.know("H", ["size", "vip", "since", "tier", "tags", "score"])
    nights.portal.edit("H1", {"size": "7.0", "tier": "g", "tags": "b;a"}, night_of(1))
    for name in ("H4", "H5", "H7", "H8"):
        nights.portal.edit(name, {"tags": "a"}, night_of(1))
    outcome = nights.run(
        1,
        nights.file(
            "Email,Lifecycle stage,job title,Size,VIP,Since,Tier,Tags,Score,Shoe",
            "h1@x.com,,CTO,7,yes,2026-02-01,gold,A a;B b,,9",  # nothing new in size, tier, tags
            "h1@x.com,,CEO,,,,,,,",
            "h2@x.com,Customer,,8,,,s,B b;a,,",
            "h3@x.com,,,many,perhaps,soon,Bronze,C,3,",
            "h4@x.com,,,,,,,;B b,,",  # a leading semicolon adds (P2-98)
            "h5@x.com,,,,,,,b,,",  # without one, what is there is replaced
            "h6@x.com,,,,,,,;b,,",
            "h7@x.com,,,,,,,;,,",  # no option is a blank, which clears nothing (P2-99)
            "h8@x.com,,,,,,,b,,",
            "h8@x.com,,,,,,, ; ;,,",
        ),
    )
    assert steps(outcome) == {
        ("H1", "update"): {"jobtitle": "CEO", "vip": "true", "since": "2026-02-01"},
        ("H2", "update"): {"lifecyclestage": "customer", "size": "8", "tier": "s", "tags": "a;b"},
        ("H4", "update"): {"tags": "a;b"},
        ("H5", "update"): {"tags": "b"},
        ("H6", "update"): {"tags": "b"},
        ("H8", "update"): {"tags": "b"},
    }
    assert (1, "unknown_property: Shoe") in requests(outcome)
    [said] = [d["warnings"] for d in outcome.decisions() if d["hubspot"] == "H3" and d["direction"] == "to_hubspot"]
    assert said == [
        "invalid_enumeration_option: tags",
        "invalid_enumeration_option: tier",
        "invalid_format: since",
        "invalid_format: size",
        "invalid_format: vip",
        "read_only_property: score",
    ]


def test_a_row_that_names_two_records_means_neither(tmp_path: Path) -> None:
    """P2-2H: an id beside another record's address; a domain of two companies. A column that is none is said, too (P1-67)."""
    nights = Nights(tmp_path, {"H1": "lead", "H2": "lead"})
    nights.portal.know("K", ["lifecyclestage"])
    for name in ("K1", "K2"):
        nights.portal.edit(name, {"domain": "dup.example", "lifecyclestage": "lead"}, night_of(1), first=True)
    update = nights.file(
        "Email,Record ID,Lifecycle stage", f"h2@x.com,{real('H1')},Customer", f"new@x.com,{real('H2')},Customer"
    )
    (tmp_path / "companies.csv").write_text("Company domain name,Lifecycle stage\ndup.example,Customer\n")
    companies = {"object": "company", "file": "companies.csv", "night": "night 1"}
    outcome = nights.run(1, update, companies)
    assert steps(outcome) == {("H2", "update"): {"lifecyclestage": "customer"}}
    assert requests(outcome) == [(2, "several_records"), (2, "several_records")]
    (tmp_path / "companies.csv").write_text("Company domain name;Lifecycle stage\ndup.example;Customer\n")
    with pytest.raises(InputRefused, match=r"P1-68[\s\S]*P1-67"):
        nights.run(2, companies | {"night": "night 2"})


def test_companies_by_domain(tmp_path: Path) -> None:
    """P1-60, P1-67."""
    nights = Nights(tmp_path, {"H1": "lead"})
    nights.portal.know("K", ["lifecyclestage"])
    nights.portal.edit("K1", {"domain": "Acme.example", "lifecyclestage": "lead"}, night_of(1), first=True)
    (tmp_path / "companies.csv").write_text(
        "Company domain name,Lifecycle stage\nacme.example,Customer\nh1@x.com,Customer\n"
    )
    outcome = nights.run(1, {"object": "company", "file": "companies.csv", "night": "night 1"})
    assert steps(outcome) == {("K1", "update"): {"lifecyclestage": "customer"}}
    assert requests(outcome) == [(3, "record_not_found")]


def test_a_segment_is_enrolled_once_or_every_night(tmp_path: Path) -> None:
    """P1-61 to P1-63: as a workflow, backward too; once is once, and a night run again gives the same."""
    once = {"object": "contact", "enroll": "S1", "set": "Lead"}
    always = once | {"continuous": True}
    nights = Nights(tmp_path, {"H1": "customer", "H2": "subscriber", "H3": "customer"})
    nights.portal.edit("S1", ["H1", "H2"], night_of(1), first=True)
    moved = {
        ("H1", "clear"): {"lifecyclestage": None},
        ("H1", "update"): {"lifecyclestage": "lead"},
        ("H2", "update"): {"lifecyclestage": "lead"},
    }
    assert steps(nights.run(1, once)) == moved
    assert steps(nights.run(1, once)) == moved
    nights.portal.edit("S1", ["H1", "H2", "H3"], night_of(2))
    assert steps(nights.run(2, once)) == {}
    third = {("H3", "clear"): {"lifecyclestage": None}, ("H3", "update"): {"lifecyclestage": "lead"}}
    assert steps(nights.run(3, always)) == moved | third
    assert steps(nights.run(4, always)) == moved | third
    later = always | {"night": night_of(6)}
    assert steps(nights.run(5, later)) == {}
    assert steps(nights.run(6, later)) == steps(nights.run(7, later)) == moved | third


def test_an_update_that_runs_once_has_run_also_where_it_met_nobody(tmp_path: Path) -> None:
    """P1-63."""
    nights = Nights(tmp_path, {"H1": "lead"})
    nights.portal.edit("S1", [], night_of(1), first=True)
    once = {"object": "contact", "enroll": "S1", "set": "Customer"}
    outcome = nights.run(1, once)
    assert (steps(outcome), requests(outcome)) == ({}, [(0, "nobody_enrolled")])
    nights.portal.edit("S1", ["H1"], night_of(2))
    assert steps(nights.run(2, once)) == {}


def test_what_is_held_back_stays(tmp_path: Path) -> None:
    """hold_back comes before any update, of the record or of one field."""
    nights = Nights(tmp_path, {"H1": "lead", "H2": "lead", "H3": "lead"})
    held = [{"email": "h1@x.com"}, {"email": "h2@x.com", "fields": ["lifecyclestage"]}]
    update = nights.file("Email,Lifecycle stage,Job title", *(f"h{n}@x.com,Customer,CEO" for n in (1, 2, 3)))
    outcome = nights.run(1, update, hold_back=held)
    assert steps(outcome) == {
        ("H2", "update"): {"jobtitle": "CEO"},
        ("H3", "update"): {"jobtitle": "CEO", "lifecyclestage": "customer"},
    }
    assert requests(outcome) == [(2, "held_back"), (3, "held_back: lifecyclestage")]


def test_the_sync_and_an_update_make_one_operation(tmp_path: Path) -> None:
    """A field that both would write gets what the update asks for; a stage that the sync gives counts as present."""
    nights = Nights(tmp_path, {"H1": "subscriber"})
    nights.portal.edit("L1", {"Email": "h1@x.com"}, night_of(1), first=True)
    nights.run(1)
    nights.portal.edit("L1", {"Phone": "+47 22 00 00 00", "Title": "CFO"}, night_of(2))
    update = nights.file("Email,Lifecycle stage,Job title", "h1@x.com,Customer,CEO", night="night 2")
    [operation] = nights.run(2, update).deltas()
    assert operation["changes"] == {"phone": "+47 22 00 00 00", "jobtitle": "CEO", "lifecyclestage": "customer"}
    assert operation["reasons"] == ["mapped_change", "lifecycle_update"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Email,Stage\na@x.com,Lead\n", "P1-68"),
        ("Company,Lifecycle stage\nAnn,Lead\n", "P1-67"),
        ('Email,Lifecycle stage\na@x.com,"Lead\n', "line 2"),
        ("", "empty"),
    ],
)
def test_a_stage_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, says: str) -> None:
    nights = Nights(tmp_path, {"H1": "lead"})
    update = nights.file()
    (tmp_path / "stages.csv").write_text(text)
    with pytest.raises(InputRefused, match=says):
        nights.run(1, update)
    assert Lake(tmp_path / "lake").nights(keys.DECISION) == []


def test_an_unknown_segment_stage_or_file_is_refused(tmp_path: Path) -> None:
    """Each with its path: a file that is not there before anything else, segments where they are known."""
    nights = Nights(tmp_path, {"H1": "lead"})
    nights.portal.edit("S1", ["H1"], night_of(1), first=True)
    updates: list[Update] = [
        {"object": "contact", "enroll": "77", "set": "Lead", "continuous": True},
        {"object": "contact", "enroll": "S1", "set": "MQL", "continuous": True},
    ]
    with pytest.raises(ConfigError, match=r"lifecycle\.updates\[2\]\.file: is not there"):
        nights.run(1, *updates, {"object": "contact", "file": "nowhere.csv", "night": "night 1"})
    with pytest.raises(InputRefused) as caught:
        nights.run(1, *updates)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "lifecycle.updates[0].enroll",
        "lifecycle.updates[1].set",
    ]
