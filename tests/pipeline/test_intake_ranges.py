"""Staging a range of nights leaves what staging them one by one leaves, whatever the nights brought."""

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.exports import STAGE, Exports

NIGHTS = [(date(2026, 11, 1) + timedelta(days=number)).isoformat() for number in range(6)]
TABLES = ["hubspot/contact", "hubspot/list_membership", "salesforce/lead"]


def contacts(rnd: random.Random, night: str) -> str:
    """Some of eight contacts, edited or not, archived or not; survivors name whom they took in."""
    lines = ["hs_object_id,email,archived,hs_merged_object_ids,lastmodifieddate"]
    for person in sorted(rnd.sample(range(1, 9), rnd.randint(2, 8))):
        merged = str(rnd.randint(1, 8)) if rnd.random() < 0.1 else ""
        archived = str(rnd.random() < 0.1).lower()
        lines.append(f"{person},p{person}-{rnd.choice('ab')}@x.example,{archived},{merged},{night}T10:00:00Z")
    return without(rnd, lines)


def leads(rnd: random.Random, night: str) -> str:
    """Some of six leads, deleted or not, merged into another or not, and now and then one that is refused."""
    lines = ["Id,Email,LastName,IsDeleted,MasterRecordId,SystemModstamp"]
    for person in sorted(rnd.sample(range(1, 7), rnd.randint(1, 6))):
        deleted = rnd.random() < 0.2
        master = f"00Q{rnd.randint(1, 6):012}" if deleted and rnd.random() < 0.5 else ""
        id_ = f"00Q{person:012}" if rnd.random() < 0.95 else "00Q"
        lines.append(
            f"{id_},l{person}@x.example,{rnd.choice('AB')},{str(deleted).lower()},{master},{night}T10:00:00.000+0000"
        )
    return without(rnd, lines)


def without(rnd: random.Random, lines: list[str]) -> str:
    """The lines of a file that lacks a column now and then, never the first one."""
    place = rnd.randint(1, 20)
    rows = [line.split(",") for line in lines]
    return "".join(",".join(row[:place] + row[place + 1 :]) + "\n" for row in rows)


def members(rnd: random.Random) -> str:
    chosen = sorted(rnd.sample(range(1, 9), rnd.randint(0, 8)))
    return "listId,recordId\n" + "".join(f"5,{person}\n" for person in chosen)


def fetched(root: Path, seed: int) -> Exports:
    """Nights of both CRMs in the lake, nothing staged; one CRM skips a night now and then."""
    rnd, exports = random.Random(seed), Exports(root)
    for night in NIGHTS:
        brought = {
            "hubspot": {"contacts.csv": contacts(rnd, night), "list_memberships.csv": members(rnd)},
            "salesforce": {"Lead.csv": leads(rnd, night)},
        }
        for crm, files in brought.items():
            if rnd.random() < 0.85:
                exports.write(crm, night, files, good=False)
                exports.extract(crm, night, max_shrink=1.0)
    return exports


def nights_of(exports: Exports, crm: str) -> list[str]:
    return exports.lake.nights(f"raw/{crm}/delivery")


def staged(exports: Exports) -> dict[str, list[dict[str, object]]]:
    """Every version and every refusal, in an order of their own."""
    found = {}
    for key in [f"{layer}/{table}" for table in TABLES for layer in ("staged", "rejected")]:
        rows = exports.rows(key, NIGHTS[-1], versions=True) if exports.lake.nights(key) else []
        found[key] = sorted(rows, key=repr)
    return found


@pytest.mark.parametrize(("seed", "snapshot"), [(1, "full"), (2, "full"), (3, "incremental")])
def test_a_range_is_staged_as_its_nights(tmp_path: Path, seed: int, snapshot: str) -> None:
    single, whole = fetched(tmp_path / "single", seed), fetched(tmp_path / "whole", seed)
    for crm, stage in STAGE.items():
        nights = nights_of(single, crm)
        alone = {n: stage(single.lake, [n], snapshot=snapshot)[n] for n in nights}
        assert stage(whole.lake, nights, snapshot=snapshot) == alone
    assert staged(whole) == staged(single)
    assert len({row["op"] for row in staged(whole)["staged/hubspot/contact"]}) > 1


def test_what_lies_between_the_nights_of_a_run_counts(tmp_path: Path) -> None:
    """A night that was staged before and is not staged again (its raw rows are past retention) keeps its versions."""
    exports = fetched(tmp_path / "some", 1)
    nights = nights_of(exports, "hubspot")
    STAGE["hubspot"](exports.lake, nights, snapshot="full")
    before = staged(exports)
    STAGE["hubspot"](exports.lake, [nights[0], *nights[3:]], snapshot="full")
    assert staged(exports) == before
