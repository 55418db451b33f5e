"""A folder of exports as rows: read by the exports' own extraction into a lake that is thrown away."""

import tempfile
from pathlib import Path
from typing import Any

from sqlglot import exp

from assets.hubspot.extract import extract as extract_hubspot
from assets.salesforce.extract import extract as extract_salesforce
from assets.shared import keys
from assets.shared.lake import Lake

_NIGHT = "2000-01-01"


def tables_of(crm: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Raw rows by entity: text by internal or API name. Raises InputRefused for what is no delivery."""
    with tempfile.TemporaryDirectory() as scratch:
        lake = Lake(Path(scratch))
        lake.prepare()
        extract = extract_hubspot if crm == "hubspot" else extract_salesforce
        extract(lake, _NIGHT, folder, snapshot="full", max_shrink=None)
        found = {}
        for entity in keys.ENTITIES[crm]:
            key = keys.raw(crm, entity)
            if not lake.nights(key):
                continue
            with lake.connect(_NIGHT) as session:
                session.use(key)
                rows = exp.select("*").from_(keys.relation(key)).order_by("source_file", "source_line")
                found[entity] = session.sql(rows).to_arrow_table().to_pylist()
        return found
