"""Damaged deliveries end in a refusal with a file name or in rejected rows: never in a crash, never in a lost row."""

import random
from pathlib import Path

import pytest

from assets.shared.failures import InputRefused
from tests.support.exports import GOOD, Exports

NIGHT = "2026-11-18"
JUNK = b'",\n\r\0\xff{}[]:x1;<\xc3\\ '


def mutated(content: bytes, rnd: random.Random) -> bytes:
    """A few bytes replaced, doubled or cut off."""
    data = bytearray(content)
    for _ in range(rnd.choice([1, 1, 2, 5])):
        start = rnd.randrange(len(data) + 1)
        end = min(len(data), start + rnd.choice([0, 1, 1, 3, 20]))
        if rnd.random() < 0.8:
            data[start:end] = bytes(rnd.choice(JUNK) for _ in range(rnd.choice([0, 1, 1, 3])))
        elif rnd.random() < 0.5:
            data[start:start] = data[start:end] * 2
        else:
            del data[start:]
    return bytes(data)


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
@pytest.mark.parametrize("seed", range(6))
def test_any_damage_is_refused_or_rejected(tmp_path: Path, crm: str, seed: int) -> None:
    rnd = random.Random(seed)
    damaged = rnd.sample(sorted(GOOD[crm]), 2)
    exports = Exports(tmp_path)
    exports.write(crm, NIGHT, {name: mutated(GOOD[crm][name].encode(), rnd) for name in damaged})
    problems: list[str] = []
    try:
        exports.extract(crm, NIGHT)
    except InputRefused as refused:
        problems = refused.problems
    if problems:
        named = tuple(str(exports.folder(crm, NIGHT) / name) for name in damaged)
        assert all(problem.startswith(named) for problem in problems)
        return
    for counts in exports.stage(crm, NIGHT).entities.values():
        assert counts.collapsed >= 0
        assert counts.delivered == counts.good + counts.rejected + counts.collapsed


@pytest.mark.parametrize("seed", range(6))
def test_undamaged_rows_are_staged(tmp_path: Path, seed: int) -> None:
    """One line below the header is damaged; every other row is staged, and nothing that was there is taken as gone."""
    rnd = random.Random(seed)
    head, *rows = [
        "hs_object_id,email,address",
        *(f'{i},p{i}@x.example,"Main St {i}, left\nOslo"' for i in range(100, 112)),
    ]
    hit = rnd.randrange(len(rows))
    exports = Exports(tmp_path)
    exports.night("hubspot", NIGHT, {"contacts.csv": "\n".join([head, *rows]) + "\n"})
    start = rnd.randrange(len(rows[hit]) - 1)
    spoilt = rows[hit][:start] + rnd.choice(['"', '""', ",", "x", ""]) + rows[hit][start + 1 :]
    lines = [*rows[:hit], spoilt, *rows[hit + 1 :]]
    exports.night("hubspot", "2026-11-19", {"contacts.csv": "\n".join([head, *lines]) + "\n"})
    live = exports.rows("staged/hubspot/contact", "2026-11-19", "hs_object_id, op")
    others = {str(i) for i in range(100, 112)} - {rows[hit].split(",")[0]}
    assert others <= {row["hs_object_id"] for row in live if row["op"] == "upsert"}
