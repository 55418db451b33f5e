"""Many random histories in one lake: told night by night, decided by Crosswalk and by the interpreter."""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assets.shared.lake import Lake
from pipelines.configuration import read_config
from tests.reference import companies, people
from tests.reference.model import Decision, Ledger, Night, Operation, Result, Settings
from tests.support.configuration import write_config
from tests.support.direct import Direct
from tests.support.history import BLOCK, CAMPAIGNS, COLUMNS, OWNERS, USERS, History
from tests.support.ids import short
from tests.support.outcome import Names, Outcome
from tests.support.portal import Portal, night_of
from tests.support.settings import as_yaml
from tests.support.story import Story


@dataclass
class Played:
    """One history and what both said about each of its nights."""

    story: Story
    expected: list[Result] = field(default_factory=list)
    operations: list[set[Operation]] = field(default_factory=list)
    decisions: list[set[Decision]] = field(default_factory=list)
    rows: list[list[dict[str, Any]]] = field(default_factory=list)  # decisions as they stand in the table
    deltas: list[list[dict[str, Any]]] = field(default_factory=list)
    inputs: list[Night] = field(default_factory=list)
    decided: list[list[tuple[str, str]]] = field(default_factory=list)  # direction and candidate of every decision

    def difference(self) -> str | None:
        """The first night on which they disagree, in words."""
        nights = zip(self.expected, self.operations, self.decisions, strict=True)
        for number, (result, operations, decisions) in enumerate(nights, 1):
            if result.operations != operations or result.decisions != decisions:
                expected = result.operations | result.decisions
                return _told(f"night {number}", expected, operations | decisions)
        return None


def _told(what: str, expected: set, found: set) -> str:
    lines = [what, *(f"  rules only:     {x}" for x in sorted(expected - found, key=str))]
    return "\n".join([*lines, *(f"  Crosswalk only: {x}" for x in sorted(found - expected, key=str))])


def play(histories: list[History], settings: Settings, folder: Path, quiet_nights: int = 0) -> list[Played]:
    """Play histories of one configuration side by side, and then `quiet_nights` on which every plan is loaded."""
    if quiet_nights:
        histories = [
            replace(h, nights=h.nights + ((),) * quiet_nights, shares=h.shares + (1.0,) * quiet_nights)
            for h in histories
        ]
    played = [Played(Story(history, number)) for number, history in enumerate(histories, 1)]
    resyncs = _resyncs(histories)
    settings = replace(settings, resync={night: frozenset(emails) for night, emails in resyncs.items()})
    ledgers, company_ledgers = [Ledger() for _ in histories], [Ledger() for _ in histories]
    lake = Lake(folder / "lake")
    lake.prepare()
    direct = Direct(lake)
    for number in range(1, max(len(h.nights) for h in histories) + 1):
        tonight = settings.on(number)
        config = read_config(write_config(folder / "sync.yaml", as_yaml(tonight, resyncs)))
        for one in played:
            one.story.tell(number)
        direct.night(config, night_of(number), together(played), set().union(*(p.story.members for p in played)))
        outcome = Outcome(lake, night_of(number), Names({}))
        decided = candidates_of(direct.decided)
        deltas, rows = by_history(outcome.deltas()), by_history(outcome.decisions())
        for index, one in enumerate(played, 1):
            one.inputs.append(one.story.night(number))
            about = people.decide(one.story.night(number), ledgers[index - 1], tonight)
            firms = companies.decide(one.story.night(number), company_ledgers[index - 1], tonight, about.links)
            one.expected.append(
                Result(about.operations | firms.operations, about.decisions | firms.decisions, about.links)
            )
            one.deltas.append(deltas.get(index, []))
            one.decided.append(decided.get(index, []))
            one.rows.append(rows.get(index, []))
            one.operations.append({as_operation(row) for row in one.deltas[-1]})
            one.decisions.append({said for row in one.rows[-1] if (said := as_decision(row))})
            one.story.plan = one.operations[-1]
    return played


def shrunk(failing: list[History], settings: Settings, folder: Path) -> list[Played]:
    """Ever smaller histories that still fail. Each round tries all smaller ones of all histories in one lake."""
    best = list(failing)
    while True:
        tried = [(index, smaller) for index, history in enumerate(best) for smaller in history.smaller()]
        played = play([history for _, history in tried], settings, Path(tempfile.mkdtemp(dir=folder)))
        still = [(index, one.story.history) for (index, _), one in zip(tried, played, strict=True) if one.difference()]
        if not still:
            return play(best, settings, Path(tempfile.mkdtemp(dir=folder)))
        for index in {index for index, _ in still}:
            best[index] = min((history for i, history in still if i == index), key=History.size)


def together(played: list[Played]) -> Portal:
    """All histories' people in one portal, with what they share."""
    portal = Portal(COLUMNS)
    portal.owners = dict(OWNERS)
    portal.rows = {name: {"Id": name, **row} for name, row in USERS.items()}
    portal.rows |= {name: {"Id": name, "Name": name, "IsActive": True} for name in CAMPAIGNS}
    for one in played:
        portal.rows |= one.story.portal.rows
        portal.merged |= one.story.portal.merged
        portal.associations += [
            {"contact_id": contact, "company_id": company} for contact, company in sorted(one.story.companies.items())
        ]
    return portal


def _resyncs(histories: list[History]) -> dict[str, set[str]]:
    """The resyncs of all histories are settings, so they are there from the first night on."""
    found: dict[str, set[str]] = {}
    for number, history in enumerate(histories, 1):
        for night, events in enumerate(history.nights, 1):
            for event in events:
                if event.kind == "resync":
                    found.setdefault(night_of(night), set()).add(f"{event.email}{number}@x.com")
    return found


def by_history(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Rows of deltas or decisions by the number of their history, which is in every name and e-mail."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        name = row.get("target") or row.get("hubspot") or row["salesforce"]
        number = int(name.split("@")[0][1:]) if "@" in name else int(name[1:]) // BLOCK
        found.setdefault(number, []).append(row)
    return found


def candidates_of(decided: list[tuple[str, str | None, str | None]]) -> dict[int, list[tuple[str, str]]]:
    """Every decision by the number of its history: direction, and the short name of the candidate."""
    found: dict[int, list[tuple[str, str]]] = {}
    for direction, hubspot, salesforce in decided:
        name = short(hubspot if direction == "to_salesforce" else salesforce) or ""
        found.setdefault(int(name[1:]) // BLOCK, []).append((direction, name))
    return found


def as_operation(row: dict[str, Any]) -> Operation:
    return Operation.of(row["system"], row["object"], row["op"], row["target"], row["changes"])


def as_decision(row: dict[str, Any]) -> Decision | None:
    """A decision as the interpreter says it: reasons where nothing is written, no row for what is merely unchanged."""
    of_contact = row["direction"] == "to_salesforce" or row["outcome"] == "delete"
    stops = row["outcome"] in ("skip", "reject", "unchanged")
    reasons = tuple(sorted(row["reasons"])) if stops else ()
    if row["outcome"] == "unchanged" and reasons != ("no_trigger",):
        return None
    return Decision(row["direction"], row["hubspot" if of_contact else "salesforce"], row["outcome"], reasons)
