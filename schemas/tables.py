"""Which model declares which table. Keys are asset keys; tables whose columns depend on the portal are not here."""

import pandera.polars as pa

from schemas import segments, sync

TABLES: dict[str, type[pa.DataFrameModel]] = {
    "core/identity/link": sync.Link,
    "core/segment/membership": segments.Membership,
    "core/sync/decision": sync.Decision,
    "core/sync/change": sync.Change,
    "core/sync/ledger": sync.Ledger,
    "core/sync/ledger_field": sync.LedgerField,
    "out/delta/hubspot": sync.Delta,
    "out/delta/salesforce": sync.Delta,
}

# Identity of a row in tables that keep versions: the newest row of each key is the state.
KEYS: dict[str, list[str]] = {
    "core/sync/ledger": ["object", "pair_id"],
    "core/sync/ledger_field": ["object", "pair_id", "salesforce_id", "mapping"],
}

# Order in which rows are written: total, so that the same rows give the same files.
ORDER: dict[str, list[str]] = {
    "core/identity/link": ["hubspot_id", "rank", "salesforce_id"],
    "core/segment/membership": ["segment_id", "record_id"],
    "core/sync/decision": ["object", "direction", "hubspot_id", "salesforce_id"],
    "core/sync/change": ["system", "object", "pair_id", "record_id", "key", "sequence", "field"],
    "core/sync/ledger": KEYS["core/sync/ledger"],
    "core/sync/ledger_field": KEYS["core/sync/ledger_field"],
    "out/delta/hubspot": ["system", "object", "key", "record_id", "sequence"],
    "out/delta/salesforce": ["system", "object", "key", "record_id", "sequence"],
}
