"""What comes with a few nights only: the CRMs' answers to earlier imports, and a file of lifecycle stages to load."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.bench.portal.draw import Ints
from tests.bench.portal.hubspot_people import contact_ids
from tests.bench.portal.layout import KIND, NO_STORY, Portal
from tests.bench.portal.salesforce_people import record_ids
from tests.bench.portal.state import Snapshot, snapshot
from tests.bench.portal.story import STAGE
from tests.bench.portal.values import Cells
from tests.bench.portal.vocabulary import gather, table

NIGHT = 3
_ERRORS = table([
    "FIELD_CUSTOM_VALIDATION_EXCEPTION:Title cannot change while an approval is pending:Title --",
    "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--",
    "INSUFFICIENT_ACCESS_OR_READONLY:insufficient access rights on object id:--",
])  # fmt: skip
_CELLS = {  # family of rows in lifecycle.csv: present stage, cell, rules
    "lifecycle_file_forward": ("lead", ("Customer", "opportunity", "Marketing Qualified Lead"), "P1-66 P1-68"),
    "lifecycle_file_custom_stage": ("lead", ("Trial", "1863050417"), "P2-61 P1-68"),
    "lifecycle_file_same": ("customer", ("Customer", "customer"), "P1-66"),
    "lifecycle_file_backward": ("customer", ("Lead", "subscriber"), "P1-62 P1-66 P2-62"),
    "lifecycle_file_case_and_space": ("lead", (" customer ", "CUSTOMER"), "P2-63 X8"),
    "lifecycle_file_unknown_label": ("lead", ("MQL", "Kunde"), "P1-68 P2-63"),
    "lifecycle_file_blank": ("lead", ("",), "P2-64"),
}


def extras(portal: Portal, night: int, folder: Path, account: dict[str, Any], varied: bool) -> None:
    """Write results/ and lifecycle.csv beside a varied third night, and add their families to the account."""
    if night != NIGHT or not varied:
        return
    _salesforce_results(portal, folder / "salesforce" / "results")
    _hubspot_results(portal, folder / "hubspot" / "results")
    account["families"] |= _lifecycle(portal, folder / "lifecycle.csv")


def _of_last_night(portal: Portal, story: str) -> tuple[Snapshot, Cells]:
    """The people whose event was on the night before, as HubSpot had them then."""
    planted = next(each for each in portal.cast.planted if each.story.name == story)
    members = planted.members()
    found = snapshot(portal, members[portal.cast.night_of(members) == NIGHT - 1], NIGHT - 1)
    return found, Cells(portal, found.subjects, found.hs)


def _record_ids(portal: Portal, found: Snapshot) -> pl.Series:
    return record_ids(portal, found.subjects.number, found.sf["kind"], 0)


def _salesforce_results(portal: Portal, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    refused, cells = _of_last_night(portal, "import_refused")
    taken, taken_cells = _of_last_night(portal, "import_succeeded")
    for kind, name in ((0, "Lead"), (1, "Contact")):
        own = _record_ids(portal, refused)
        place = np.arange(len(own))
        rows = pl.DataFrame({"sf__Id": own, "sf__Error": gather(_ERRORS, place % 3), "Id": own, "Title": cells.title()})
        _write(rows.filter(pl.Series(refused.sf["kind"] == kind)), folder / f"{name}-update-error.csv")
        own = _record_ids(portal, taken)
        rows = pl.DataFrame({"sf__Id": own, "sf__Created": "false", "Id": own, "Title": taken_cells.title()})
        _write(rows.filter(pl.Series(taken.sf["kind"] == kind)), folder / f"{name}-update-success.csv")
    made, cells = _of_last_night(portal, "new_in_hubspot_created_in_salesforce")
    _write(pl.DataFrame({
        "sf__Id": _record_ids(portal, made), "sf__Created": "true", "LastName": cells.last(), "Company": cells.company(),
        "Email": _emails(made),
    }), folder / "Lead-insert-success.csv")  # fmt: skip
    refused, cells = _of_last_night(portal, "new_in_hubspot_as_contact")
    _write(pl.DataFrame({
        "sf__Id": "", "sf__Error": "DUPLICATES_DETECTED:Use one of these records?:--", "LastName": cells.last(),
        "Email": _emails(refused),
    }), folder / "Contact-insert-error.csv")  # fmt: skip


def _hubspot_results(portal: Portal, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    changed, _ = _of_last_night(portal, "salesforce_changed")
    phone = Cells(portal, changed.subjects, changed.sf).phone("phone")
    _write(pl.DataFrame({
        "Record ID": contact_ids(portal, changed.subjects.number), "Email": _emails(changed), "Phone Number": phone,
        "Error code": "INVALID_CUSTOM_PROPERTY_VALIDATION", "Reason": "The phone number breaks a validation rule of this portal",
    }).head(3), folder / "contacts-update-errors.csv")  # fmt: skip


def _emails(found: Snapshot) -> pl.Series:
    return found.subjects.emails(found.hs["email"].astype(np.int64))


def _write(rows: pl.DataFrame, path: Path) -> None:
    rows.write_csv(path, quote_style="always")


def _lifecycle(portal: Portal, path: Path) -> dict[str, Any]:
    """The stage file: people of known stage, each row a case; one unknown address, one person twice."""
    number = next(portal.slices(20_000))
    found = snapshot(portal, number, NIGHT)
    ordinary = (
        (found.subjects.story == NO_STORY) & (found.subjects.kind == KIND["contact_pair"]) & (found.hs["email"] == 0)
    )
    families: dict[str, Any] = {}
    parts: list[tuple[Ints, tuple[str, ...]]] = []
    used = dict.fromkeys(STAGE, 0)
    for name, (stage, cells, rules) in _CELLS.items():
        here = np.flatnonzero(ordinary & (found.hs["stage"] == STAGE[stage]))[
            used[stage] : used[stage] + 2 * len(cells)
        ]
        used[stage] += 2 * len(cells)
        parts.append((here, cells))
        ids = [{"hubspot": [each], "salesforce": []} for each in contact_ids(portal, number[here])]
        what = f"cells {', '.join(map(repr, cells))} for stage {stage}"
        families[name] = {"rules": rules.split(), "what": what, "count": len(ids), "records": ids}
    emails = _emails(found)
    lines = [
        (emails[int(person)], cells[place % len(cells)]) for here, cells in parts for place, person in enumerate(here)
    ]
    lines += [("nobody@nordwind.example", "Customer"), (lines[0][0], "Evangelist")]
    pl.DataFrame(lines, schema=["Email", "Lifecycle stage"], orient="row").write_csv(path)
    return families
