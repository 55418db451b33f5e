"""Making the nights of a portal: slices of people, companies, lists, metadata, and the account of what was planted."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tests.bench.portal import hubspot_people, lists, metadata, sales, salesforce_people, staff
from tests.bench.portal.draw import Ints
from tests.bench.portal.extras import extras
from tests.bench.portal.hubspot_people import Neighbours
from tests.bench.portal.layout import Portal
from tests.bench.portal.organisations import accounts, companies, organisations
from tests.bench.portal.planted import planted
from tests.bench.portal.sink import Sink
from tests.bench.portal.state import Snapshot, snapshot

Progress = Callable[[int, int, int], None]
PLANTED = "planted.json"


def generate(
    portal: Portal,
    out: Path,
    delivery: Literal["full", "incremental"] = "full",
    varied: bool = True,
    rows: int = 100_000,
    progress: Progress = lambda night, done, total: None,
) -> None:
    """Write the folders `<out>/<night>/{hubspot,salesforce}` and `planted.json` of every night.

    With `incremental` delivery, nights after the first hold only the records changed that night. `rows` is the size of a
    slice; it bounds memory and never shows in the result. `progress` gets night, people done and people in all.
    """
    for name in portal.nights.names:
        _make_room(out / name)
    for night, name in enumerate(portal.nights.names, start=1):
        since = int(portal.nights.starts[night]) if delivery == "incremental" and night > 1 else None
        with Sink(out / name, night, varied) as sink:
            _night(portal, night, sink, since, rows, progress)
            account = {
                "night": name,
                "seed": portal.seed,
                "people": portal.people,
                "rows": dict(sorted(sink.rows.items())),
            }
        account |= planted(portal, night)
        extras(portal, night, out / name, account, varied)
        (out / name / PLANTED).write_text(_readable(account) + "\n", encoding="utf-8", newline="")


def _readable(account: dict[str, Any]) -> str:
    """JSON with one record a line: short, and a diff shows which record is another."""
    text = json.dumps(account, ensure_ascii=False, indent=1)
    return re.sub(r'\{\s+"hubspot": \[([^]]*)\],\s+"salesforce": \[([^]]*)\]\s+\}', _on_one_line, text)


def _on_one_line(record: re.Match[str]) -> str:
    hubspot, salesforce = (re.sub(r"\s+", " ", ids).strip() for ids in record.groups())
    return f'{{"hubspot": [{hubspot}], "salesforce": [{salesforce}]}}'


def _make_room(folder: Path) -> None:
    """Remove what an earlier run made, and nothing else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / PLANTED).exists():
        raise FileExistsError(f"{folder} holds files that this generator has not made; choose another --out")
    shutil.rmtree(folder, ignore_errors=True)


def _night(portal: Portal, night: int, sink: Sink, since: int | None, rows: int, progress: Progress) -> None:
    firms = Neighbours(organisations(portal, night), organisations(portal, 1))
    people_at = np.zeros(portal.firms.size, dtype=np.int64)
    done = 0
    for number in portal.slices(rows):
        found = snapshot(portal, number, night)
        sink.write("hubspot/list_memberships", lists.memberships(portal, found, firms.tonight))
        there = (found.hs["exists"] == 1) & hubspot_people.works_at(firms.tonight, found, found.hs)
        people_at += np.bincount(found.subjects.company.number[there], minlength=portal.firms.size)
        if since is None:
            _people(portal, found, firms, sink, None)
        done += len(number)
        progress(night, done, portal.cast.size)
    sink.write("hubspot/list_memberships", lists.company_memberships(portal, firms.tonight))
    if since is not None:
        for number in portal.restless(night, rows):
            _people(portal, snapshot(portal, number, night), firms, sink, since)
    _rest(portal, firms, sink, since, people_at)
    _documents(portal, night, sink)


def _people(portal: Portal, found: Snapshot, firms: Neighbours, sink: Sink, since: int | None) -> None:
    sink.write("hubspot/contacts", hubspot_people.contacts(portal, found, firms, since))
    sink.write("hubspot/associations/contact_company", hubspot_people.associations(portal, found, firms.tonight, since))
    sink.write("salesforce/Lead", salesforce_people.people(portal, found, firms.tonight, 0, since))
    sink.write("salesforce/Contact", salesforce_people.people(portal, found, firms.tonight, 1, since))
    sink.write("salesforce/Account", salesforce_people.conversion_accounts(portal, found, since))
    sink.write("salesforce/CampaignMember", sales.members(portal, found, since))
    sink.write("salesforce/Opportunity", sales.opportunities(portal, found, firms.tonight, since))
    sink.write("salesforce/OpportunityContactRole", sales.roles(portal, found, since))


def _rest(portal: Portal, firms: Neighbours, sink: Sink, since: int | None, people_at: Ints) -> None:
    sink.write("hubspot/companies", companies(portal, firms.tonight, people_at, since))
    sink.write("hubspot/deals", sales.deals(portal, firms.tonight, since))
    sink.write("salesforce/Account", accounts(portal, firms.tonight, since))
    sink.write("salesforce/Opportunity", sales.account_opportunities(portal, firms.tonight, since))
    sink.write("salesforce/User", staff.users(portal))
    sink.write("salesforce/Campaign", sales.campaigns(portal))


def _documents(portal: Portal, night: int, sink: Sink) -> None:
    bare = night % 3 == 2  # the API's answer, or the array inside it
    sink.document("hubspot/lists.json", lists.definitions(portal), None if bare else "lists")
    sink.document("hubspot/account.json", metadata.ACCOUNT)
    sink.document("hubspot/owners.json", staff.owners(portal), None if bare else "results")
    for kind in metadata.HUBSPOT_OBJECTS:
        found = metadata.properties(kind, sales.campaigns(portal))
        sink.document(f"hubspot/properties/{kind}.json", found, None if bare else "results")
    for sobject in metadata.SOBJECTS:
        sink.document(f"salesforce/describe/{sobject}.json", metadata.describe(sobject))
