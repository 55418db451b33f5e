"""A lake as an older Crosswalk would have left it, made of one that this Crosswalk wrote."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake

from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.nights import decided_nights

LEAD = keys.staged("salesforce", "lead")
RAW_LEAD = keys.raw("salesforce", "lead")
# Columns that are left out, and those of another type, by table.
WITHOUT = {keys.LEDGER: ["gone_since"], keys.LEDGER_FIELD: ["given_to", "given"], RAW_LEAD: []}
OTHERWISE = {
    keys.LINK: {"rank": "INTEGER"},
    LEAD: {"CreatedDate": "strftime(CreatedDate, '%Y-%m-%dT%H:%M:%S.%gZ')"},
    RAW_LEAD: {},
}


def as_version_1(lake: Path) -> None:
    """Five tables as they were before schema version 2: columns that are not there yet or of another type, cells in a log."""
    opened = Lake(lake)
    for key in sorted({*WITHOUT, *OTHERWISE}):
        nights = sorted({*opened.nights(key), *(decided_nights(opened) if key == keys.LEDGER else ())})
        tables = {night: _older(opened, key, night) for night in nights}
        shutil.rmtree(lake / key)
        for night, rows in tables.items():
            write_deltalake(
                str(lake / key),
                rows,
                partition_by=["night"],
                mode="append",
                configuration={"delta.dataSkippingStatsColumns": "Id"} if key == RAW_LEAD else None,
                commit_properties=CommitProperties(custom_metadata={"night": night}),
            )
    (lake / "lake.json").write_text(json.dumps({"schema_version": 1}) + "\n")


def with_whole_nights(lake: Path, whole: list[str], among: Sequence[str], version: int) -> None:
    """Nights of tables as they were before schema version 3 or 4: all rows every night, and no column `gone`."""
    opened = Lake(lake)
    for key in among:
        nights = {
            night: _standing(opened, key, night) if night in whole else _rows(opened, key, night)
            for night in opened.nights(key)
        }
        shutil.rmtree(lake / key)
        for night, rows in nights.items():
            custom = CommitProperties(custom_metadata={"night": night})
            options = {"partition_by": ["night"], "mode": "append", "schema_mode": "merge", "commit_properties": custom}
            write_deltalake(str(lake / key), rows, **options)
    (lake / "lake.json").write_text(json.dumps({"schema_version": version}) + "\n")


def _standing(lake: Lake, key: str, night: str) -> pa.Table:
    """All rows of a night, as its state."""
    with lake.connect() as session:
        session.use(key, before=night + "~")
        table = keys.relation(key)
        return session.sql(
            f"SELECT * EXCLUDE (gone) REPLACE ('{night}' AS night) FROM {table} WHERE NOT gone"
        ).to_arrow_table()


def _rows(lake: Lake, key: str, night: str) -> pa.Table:
    with lake.connect() as session:
        session.use(key, versions=True)
        return session.sql(f"FROM {keys.relation(key)} WHERE night = '{night}'").to_arrow_table()


def _older(lake: Lake, key: str, night: str) -> pa.Table:
    gone = [f'"{name}"' for name in WITHOUT.get(key, [])]
    other = OTHERWISE.get(key, {})
    values = [f"CAST({n} AS {kind}) AS {n}" if kind.isupper() else f"{kind} AS {n}" for n, kind in other.items()]
    exclude = f"EXCLUDE ({', '.join(gone)})" if gone else ""
    replace = f"REPLACE ({', '.join(values)})" if values else ""
    with lake.connect() as session:
        session.use(key, versions=True)
        relation = keys.relation(key)
        return session.sql(f"SELECT * {exclude} {replace} FROM {relation} WHERE night = '{night}'").to_arrow_table()
