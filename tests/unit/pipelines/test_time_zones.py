"""Days begin where the pinned time zones say, which are DuckDB's too, whatever the machine has."""

import zoneinfo
from datetime import date

import duckdb
import pytest

import pipelines
from assets.shared.nights import start_of


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "America/Vancouver", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("night", ["2024-03-31", "2026-07-01", "2026-11-20"])
def test_python_and_duckdb_agree_on_midnight(zone: str, night: str) -> None:
    assert pipelines.__doc__
    assert zoneinfo.TZPATH == ()
    with duckdb.connect() as con:
        con.execute("LOAD icu")
        query = "SELECT epoch_us(timezone(?, CAST(? AS TIMESTAMP)))"
        found = con.execute(query, [zone, date.fromisoformat(night).isoformat()]).fetchall()[0][0]
    assert found == int(start_of(night, zoneinfo.ZoneInfo(zone)).timestamp() * 1_000_000)
