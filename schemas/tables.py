"""Which model declares which table. Keys are asset keys; tables whose columns depend on the portal are not here."""

import pandera.polars as pa

from schemas import delivery, hubspot, identity, salesforce, segments, sync

TABLES: dict[str, type[pa.DataFrameModel]] = {
    "core/identity/link": sync.Link,
    **identity.TABLES,
    "core/segment/membership": segments.Membership,
    "core/segment/definition": segments.SegmentDefinition,
    "core/sync/decision": sync.Decision,
    "core/sync/change": sync.Change,
    "core/sync/lifecycle_request": sync.LifecycleRequest,
    "core/sync/ledger": sync.Ledger,
    "core/sync/ledger_field": sync.LedgerField,
    "out/delta/hubspot": sync.Delta,
    "out/delta/salesforce": sync.Delta,
}

# Identity of a row in tables that keep versions: the newest row of each key is the state.
KEYS: dict[str, list[str]] = {
    **identity.VERSIONED,
    "core/sync/ledger": ["object", "pair_id"],
    "core/sync/ledger_field": ["object", "pair_id", "salesforce_id", "mapping"],
}

# Order in which rows are written: total, so that the same rows give the same files.
ORDER: dict[str, list[str]] = {
    "core/identity/link": ["hubspot_id", "rank", "salesforce_id"],
    **identity.ORDER,
    "core/segment/membership": ["segment_id", "record_id"],
    "core/segment/definition": ["segment_id"],
    "core/sync/decision": ["object", "direction", "hubspot_id", "salesforce_id"],
    "core/sync/change": ["system", "object", "pair_id", "record_id", "key", "sequence", "field"],
    "core/sync/lifecycle_request": ["update_id", "line", "record_id", "code"],
    "core/sync/ledger": KEYS["core/sync/ledger"],
    "core/sync/ledger_field": KEYS["core/sync/ledger_field"],
    "out/delta/hubspot": ["system", "object", "key", "record_id", "sequence"],
    "out/delta/salesforce": ["system", "object", "key", "record_id", "sequence"],
}

# What the two CRMs deliver: one table of files and one of unreadable lines a CRM, one of rejected records an entity.
for _crm, _entities in (("hubspot", hubspot.ENTITIES), ("salesforce", salesforce.ENTITIES)):
    TABLES[f"raw/{_crm}/delivery"] = delivery.Delivery
    ORDER[f"raw/{_crm}/delivery"] = ["file"]
    TABLES[f"raw/{_crm}/unreadable"] = delivery.Unreadable
    ORDER[f"raw/{_crm}/unreadable"] = ["source_file", "source_line"]
    for _entity in _entities:
        TABLES[f"rejected/{_crm}/{_entity}"] = delivery.Rejected
        ORDER[f"rejected/{_crm}/{_entity}"] = ["source_file", "source_line", "record_id"]
