"""Preflight of damaged files: it never fails, never tells one thing twice, and every line is one of the file's."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.import_files.csv_window import NotReadableError
from assets.import_files.preflight import Settings, preflight
from assets.import_files.records import HubSpotRecords, SalesforceRecords
from tests.unit.import_files.test_preflight import CONTACT_GOOD, LEAD_GOOD, known

KNOWN = known()
RECORDS = {
    "hubspot-contacts": HubSpotRecords(
        pa.array(["1"]), pa.array(["c0@x.com"]), pa.array(["lead"]), pa.array([], pa.string())
    ),
    "salesforce-lead": SalesforceRecords(pa.array(["00Q000000000001EAA"])),
}
GOOD = {"hubspot-contacts": CONTACT_GOOD, "salesforce-lead": LEAD_GOOD}
PIECES = [
    b'"',
    b'""',
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x00",
    b"\xe9",
    b"\xef\xbb\xbf",
    b"\xf0\x9f",
    b" ",
    b"#N/A",
]
NAMELESS = (
    "a column has no name",
    "an earlier column has the same name",
)  # then a name does not say which column it is
DAMAGE = st.tuples(st.floats(0, 1), st.integers(0, 4), st.sampled_from(PIECES) | st.binary(min_size=1, max_size=3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(GOOD)), st.sampled_from(["\n", "\r\n"]), st.lists(DAMAGE, min_size=1, max_size=4))
def test_damage_is_found_and_nothing_fails(kind: str, ending: str, damage: list[tuple[float, int, bytes]]) -> None:
    text = io.StringIO()
    rows = [[value.format(n=n) for value in GOOD[kind].values()] for n in range(3)]
    csv.writer(text, lineterminator=ending).writerows([list(GOOD[kind]), *rows])
    data = text.getvalue().encode()
    for where, taken, put in damage:
        at = round(where * len(data))
        data = data[:at] + put + data[at + taken :]
    with TemporaryDirectory() as place:
        path = Path(place) / "f.csv"
        path.write_bytes(data)
        try:
            found = list(preflight(path, kind, KNOWN, Settings(records=RECORDS[kind])).rows())
        except NotReadableError:
            return
    told = [(f["line"], f["column"], f["rule"], f["message"]) for f in found]
    if not any(message in NAMELESS for *_, message in told):
        assert len(set(told)) == len(told)
    assert all(1 <= line <= data.count(b"\n") + data.count(b"\r") + 1 for line, *_ in told)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_without_damage_there_is_nothing_to_tell(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = [[value.format(n=n) for value in GOOD[kind].values()] for n in range(7, 10)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(GOOD[kind]), *rows])
    assert list(preflight(path, kind, KNOWN, Settings(records=RECORDS[kind])).rows()) == []
