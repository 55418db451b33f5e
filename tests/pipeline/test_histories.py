"""Random histories of two CRMs, decided by Crosswalk and, record by record, by a naive interpreter of the rules.

Many histories with people of their own lie side by side in one pair of CRMs, so that a night of all of them costs little
more than a night of one. Where they disagree, the histories are made smaller until nothing can be left out. After the
last night everything is loaded twice more: then nothing may be left to do.
"""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.reference.companies import is_inside, live_accounts
from tests.reference.identity import email_of, live_people, secondary_emails
from tests.reference.model import Night, Settings
from tests.support.histories import Played, play, shrunk
from tests.support.history import many
from tests.support.settings import CONFIGURATIONS, drawn

QUIET = 2
TOLD = 5  # how many disagreements are made small and told
PARTS = 4  # of each configuration in the slow tier: one takes about ten seconds


def check(number: int, salt: int, settings: Settings, folder: Path, nights: int) -> None:
    """Play that many histories under one configuration: the same decisions, and every invariant."""
    played = play(many(number, salt, nights), settings, folder, QUIET)
    different = [one for one in played if one.difference()]
    if different:
        small = shrunk([one.story.history for one in different[:TOLD]], settings, folder)
        told = "\n\n".join(f"{one.story.history.told()}\n{one.difference()}" for one in small)
        pytest.fail(f"{len(different)} of {number} histories are decided differently, the first of them:\n\n{told}")
    broken = [problem for one in played for problem in invariants(one, settings)]
    assert broken == []


@pytest.mark.parametrize("index", range(len(CONFIGURATIONS)))
def test_same_decisions(index: int, tmp_path: Path) -> None:
    """204 histories under configurations chosen for what they reach."""
    check(34, 100 + index, CONFIGURATIONS[index], tmp_path, 4)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("index", range(12))
def test_same_decisions_on_many(index: int, part: int, tmp_path: Path) -> None:
    """2,016 longer histories, half of them under any configuration at all; `-k many` with `[3-1]` plays one part of one."""
    settings = CONFIGURATIONS[index] if index < len(CONFIGURATIONS) else drawn(Random(index))
    check(42, 200 + 100 * index + part, settings, tmp_path, 6)


def invariants(one: Played, settings: Settings) -> list[str]:
    """What must hold on every night of every history, whatever the rules say."""
    found = []
    for number, (night, deltas, decided) in enumerate(zip(one.inputs, one.deltas, one.decided, strict=True), 1):
        problems = [
            *written_where_nothing_may_be(night, deltas),
            *touched_outside(night, deltas, settings.on(number)),
            *given_twice(night, deltas),
            *not_decided_once(night, decided),
        ]
        found += [f"{problem} on night {number} of\n{one.story.history.told()}" for problem in problems]
    if one.deltas[-1]:
        found.append(f"something is left to do after everything was loaded:\n{one.story.history.told()}")
    return found


def written_where_nothing_may_be(night: Night, deltas: list[dict[str, Any]]) -> list[str]:
    """Only live records are written: no converted lead, nothing deleted, nothing gone."""
    live = {**live_people(night), **live_accounts(night), **night.of("H"), **night.of("K")}
    return [f"{d['op']} of {d['target']}" for d in deltas if d["op"] != "create" and d["target"] not in live]


def touched_outside(night: Night, deltas: list[dict[str, Any]], settings: Settings) -> list[str]:
    """Nobody outside the segment is touched, except in HubSpot by the one auto-create."""
    if settings.segment is None:
        return []
    found = []
    for delta in deltas:
        record = delta["target"] if delta["system"] == "hubspot" else delta["link"]
        inside = record in night.members or (record[0] == "K" and is_inside(record, night, settings))
        if delta["object"] in ("company", "account") and delta["op"] == "create":
            continue  # an account becomes a company with or without contacts, a company an account by its contacts (P2-50, P2-52)
        allowed = delta["system"] == "hubspot" and delta["op"] != "delete" and "auto_create" in delta["reasons"]
        if not inside and not allowed:
            found.append(f"{delta['op']} of {delta['target']} outside the segment")
    return found


def given_twice(night: Night, deltas: list[dict[str, Any]]) -> list[str]:
    """At most one HubSpot contact an e-mail: none is given to two of them, nor to one while another has it."""
    people = [d for d in deltas if (d["system"], d["object"]) == ("hubspot", "contact")]
    given = [(d["changes"]["email"], d["target"]) for d in people if d["changes"].get("email")]
    held = {
        (email, name)
        for name, row in night.of("H").items()
        for email in (email_of(row), *secondary_emails(row))
        if email
    }
    every = [email for email, _ in given]
    return [
        f"second contact of {email}"
        for email, target in given
        if every.count(email) > 1 or any(email == other and name != target for other, name in held)
    ]


def not_decided_once(night: Night, decided: list[tuple[str, str]]) -> list[str]:
    """Each candidate has exactly one decision in each direction, and only candidates have one."""
    people = [("to_salesforce", name) for name in {**night.of("H"), **night.of("K")}]
    people += [("to_hubspot", name) for name in {**live_people(night), **live_accounts(night)}]
    twice = [
        f"{direction} decided twice: {name}" for direction, name in set(decided) if decided.count((direction, name)) > 1
    ]
    never = [f"{direction} not decided: {name}" for direction, name in people if (direction, name) not in decided]
    return [*twice, *never, *(f"{d} decided, no candidate: {name}" for d, name in decided if (d, name) not in people)]
