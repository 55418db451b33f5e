"""Damaged deliveries of every kind of file: refused by name, or rejected line by line; no crash, no hang, no good row lost."""

import random
import resource as limits
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from assets.shared.failures import InputRefused
from tests.support.exports import GOOD, Exports
from tests.support.mutations import bomb, damaged

NIGHT, BEFORE = "2026-11-18", "2026-11-17"
TIME_LIMIT = 60
CASES, CHUNK = 2_000, 100
RESULTS = {
    "hubspot": (
        "results/contacts-update-errors.csv",
        "Row,Error type,Column,Value\n1,INVALID_EMAIL,email,x\n2,OTHER,,\n",
    ),
    "salesforce": (
        "results/Lead-update-error.csv",
        '"sf__Id","sf__Error","Id"\n"","DUPLICATE_VALUE:x","00Q000000000001"\n',
    ),
}
PEOPLE = ("contacts.csv", "contacts.jsonl", "Lead.csv")
JSONL = {
    "hubspot": ("contacts.jsonl", '{"id":"1","properties":{"email":"a@x.example","score":"1"},"archived":false}\n'
                '{"id":"2","properties":{"email":"b@x.example"},"archived":false}\n'
                '{"id":"3","properties":{},"archived":true}\n'),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One night of one CRM in which one or two files are damaged."""

    crm: str
    files: dict[str, bytes]
    kinds: tuple[str, ...]


def case(number: int) -> Case:
    """The same number, the same case."""
    rnd = random.Random(number)
    crm = rnd.choice(["hubspot", "salesforce"])
    files = {name: text.encode() for name, text in {**GOOD[crm], **dict([RESULTS[crm]])}.items()}
    if crm in JSONL and rnd.random() < 0.3:
        del files["contacts.csv"]
        files[JSONL[crm][0]] = JSONL[crm][1].encode()
    kinds, changed = [], {}
    for name in rnd.sample(sorted(files), rnd.choice([1, 1, 1, 2])):
        renamed, content, kind = damaged(name, files.pop(name), rnd)
        changed[renamed] = content
        kinds.append(f"{kind} of {Path(name).suffix[1:]}")
    if rnd.random() < 0.8:  # the people alone beside them: a night of few files takes a fifth of the time
        files = {name: content for name, content in files.items() if name in PEOPLE}
    return Case(crm, {**files, **changed}, tuple(kinds))


@contextmanager
def in_time(what: object) -> Iterator[None]:
    """Fails what takes longer than a minute."""

    def late(*_: Any) -> None:
        pytest.fail(f"{what} hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(TIME_LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(number: int, folder: Path) -> str:
    """Fetch and stage a case; how it ended. Fails for a crash, a refusal without a file's name, or rows unaccounted for."""
    one = case(number)
    exports = Exports(folder)
    exports.write(one.crm, NIGHT, one.files, good=False)
    problems: list[str] = []
    with in_time(f"case {number}"), exports.lake.at_work():
        try:
            found = exports.extract(one.crm, NIGHT)
            report = exports.stage(one.crm, NIGHT)
        except InputRefused as refused:
            problems = refused.problems
    if problems:
        named = tuple(str(exports.folder(one.crm, NIGHT) / name) for name in one.files)
        assert all(problem.startswith(named) for problem in problems), (number, problems)
        assert not exports.lake.nights(f"raw/{one.crm}/delivery")
        return "refused"
    for name, counts in report.entities.items():
        listed = sum(int(str(file["rows"])) for file in found.files if file["entity"] == name)
        assert counts.delivered == listed, (number, name)
        assert counts.collapsed >= 0, (number, name)
        assert counts.delivered == counts.good + counts.rejected + counts.collapsed, (number, name)
    return "rejected" if any(counts.rejected for counts in report.entities.values()) else "read"


def played(numbers: range, folder: Path) -> Counter[str]:
    """Counts of how cases ended."""
    counts = Counter[str]()
    for number in numbers:
        counts[outcome(number, folder / str(number))] += 1
    return counts


def test_damaged_deliveries(tmp_path: Path) -> None:
    counts = played(range(20), tmp_path)
    assert counts.total() == 20
    assert min(counts["refused"], counts["rejected"] + counts["read"]) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, CASES, CHUNK))
def test_two_thousand_damaged_deliveries(tmp_path: Path, start: int) -> None:
    counts = played(range(start, start + CHUNK), tmp_path)
    print(dict(counts))
    assert counts.total() == CHUNK


def people(count: int) -> list[str]:
    """A header and sound rows with quotes and line ends in them."""
    rows = [f'{100 + i},p{i}@x.example,"Main St {i}, left\nOslo ""{i}""",{i}' for i in range(count)]
    return ["hs_object_id,email,address,score", *rows]


def lost(seed: int, folder: Path) -> None:
    """Some rows among many are damaged, each in itself; whatever was not touched is staged."""
    rnd = random.Random(seed)
    rows = people(200)
    hit = set(rnd.sample(range(1, len(rows)), rnd.choice([1, 1, 2, 5])))
    for place in hit:
        row = rows[place]
        start = rnd.randrange(len(row))
        rows[place] = row[:start] + rnd.choice(['"', '""', ",", "\0", "é", "\t", "", "'", '","']) + row[start + 1 :]
    content = "\n".join(rows).encode("latin-1" if rnd.random() < 0.3 else "utf-8") + b"\n"
    exports = Exports(folder)
    exports.write("hubspot", NIGHT, {"contacts.csv": content}, good=False)
    with in_time(seed), exports.lake.at_work():
        exports.extract("hubspot", NIGHT)
        exports.stage("hubspot", NIGHT)
    live = {row["hs_object_id"] for row in exports.rows("staged/hubspot/contact", NIGHT, "hs_object_id")}
    assert {str(99 + i) for i in range(1, len(rows)) if i not in hit} <= live, seed


@pytest.mark.parametrize("seed", range(8))
def test_no_good_row_is_lost(tmp_path: Path, seed: int) -> None:
    lost(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(100, 500, 100))
def test_no_good_row_of_many_is_lost(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 100):
        lost(seed, tmp_path / str(seed))


BOMBS = {
    "letters": ("contacts.csv.gz", b"hs_object_id,email\n1,", b"x"), "quotes": ("contacts.csv.gz", b"hs_object_id\n", b'"'),
    "blank lines": ("contacts.csv.gz", b"hs_object_id\n1\n", b"\n"), "zeros": ("contacts.csv.gz", b"hs_object_id\n1\n", b"\0"),
    "rows": ("contacts.csv.gz", b"hs_object_id,email\n", b"1,a@x.example\n"), "header": ("contacts.csv.gz", b"a", b",a"),
    "objects": ("contacts.jsonl.gz", b"", b'{"id":"1","properties":{"email":"a@x.example"}}\n'),
    "one object": ("contacts.jsonl.gz", b'{"id":"1","properties":{"email":"', b"x"),
    "blanks": ("owners.json.gz", b"[", b" "), "depth": ("lists.json.gz", b"", b"["),
    "records": ("properties/contacts.json.gz", b'{"results":[{"name":"x"}', b',{"name":"x"}'),
}  # fmt: skip


def burst(folder: Path, name: str, first: bytes, repeated: bytes, answer: Any) -> None:
    """In a process of its own: what came of a bomb, how much memory (bytes) and disk it took at most."""
    exports = Exports(folder)
    stem = name.removesuffix(".gz")
    exports.write("hubspot", NIGHT, {"contacts.csv": None if stem.startswith("contacts") else GOOD["hubspot"]["contacts.csv"],
                                     stem: None, name: bomb(first, repeated, 2 << 30)}, good=False)  # fmt: skip
    try:
        exports.extract("hubspot", NIGHT)
        said = "read"
    except InputRefused as refused:
        said = refused.problems[0]
    spilled = sum(path.stat().st_size for path in exports.lake.root.rglob("*") if path.is_file())
    answer.put((said, limits.getrusage(limits.RUSAGE_SELF).ru_maxrss << 10, spilled))


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_file_that_unpacks_to_gigabytes(tmp_path: Path, kind: str) -> None:
    name, first, repeated = BOMBS[kind]
    context = get_context("forkserver")
    answer = context.Queue()
    process = context.Process(target=burst, args=(tmp_path, name, first, repeated, answer))
    process.start()
    said, memory, disk = answer.get(timeout=120)
    process.join()
    assert said.startswith(str(Exports(tmp_path).folder("hubspot", NIGHT) / name)), said
    assert memory < 2 << 30
    assert disk < 100 << 20
