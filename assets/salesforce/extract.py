"""Salesforce's exports (Data Export, Data Loader, Bulk results, describe) into `raw/salesforce/*`."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from assets.shared.delivery import RESULT, File
from assets.shared.lake import Lake
from assets.shared.landing import Extraction, Landing, kept
from schemas.contract import kinds
from schemas.delivery import Entity
from schemas.salesforce import ENTITIES

# What Data Loader adds to the columns of the file that it loaded: ID before them, STATUS or ERROR after them, in capitals.
_DATA_LOADER = {"ID": "sf__Id", "STATUS": "sf__Created", "ERROR": "sf__Error"}
# Columns of `field` come from the keys of describe's fields under the same names.
_FIELD_POINTERS = {name: f"/{name}" for name in kinds(ENTITIES["field"].model)}


class SalesforceReading:
    """API names throughout; upper and lower case do not matter in a header, as they do not in Salesforce."""

    crm = "salesforce"
    entities: Mapping[str, Entity] = ENTITIES
    lists: tuple[str, ...] = ("fields",)
    answers: tuple[str, ...] = ("sf__Id", "sf__Error")

    def names(self, entity: str, header: list[str]) -> tuple[list[str], set[str]]:
        """API names are as delivered; those of Data Loader's results are called as those of the Bulk API."""
        if entity == RESULT and header[-1] in ("STATUS", "ERROR"):
            return [_DATA_LOADER.get(name, name) for name in header], set()
        return header, set()

    def cells(self, entity: str, table: pa.Table, labelled: set[str]) -> pa.Table:
        """Cells are as delivered."""
        return table

    def pointers(self, entity: str, file: File) -> tuple[dict[str, str], str | None]:
        """Keys of one field of describe."""
        return _FIELD_POINTERS, None

    def records(self, entity: str, file: File, found: list[object]) -> list[object]:
        """Fields of one object, with the object's name."""
        return [{**field, "object": file.object} if isinstance(field, dict) else field for field in found]


def extract(
    lake: Lake,
    night: str,
    folder: Path,
    *,
    refetch: bool = False,
    accept_shrink: bool = False,
    snapshot: str,
    max_shrink: float | None,
) -> Extraction:
    """Fetch one night of Salesforce's exports from `folder` into raw/salesforce/<entity>, `delivery`, `unreadable`, `result`.

    A night fetched before is kept unless `refetch`. Raises InputRefused with every problem of the night, before anything
    is written. `snapshot` is `full` or `incremental`; `max_shrink`: the share of a file's rows on the newest earlier night that
    may be missing; None: all of them.
    """
    if not refetch and (found := kept(lake, "salesforce", night)):
        return found
    landing = Landing(lake, SalesforceReading(), night, Path(folder))
    return landing.fetch(accept_shrink=accept_shrink, snapshot=snapshot, max_shrink=max_shrink)
