"""What an analyst sees on an asset's page: specs with owner, kinds, columns and SQL, and numbers of each night.

Numbers, codes and file names only: no cell values, no e-mail addresses.
"""

import html
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.shared import keys
from assets.shared.lake import Lake
from schemas import hubspot, salesforce
from schemas.arrow import columns, duckdb_type
from schemas.tables import TABLES

Metadata = dict[str, Any]
# As the lake may lie anywhere and have any nights, the statements name neither.
_NEWEST_NIGHT = """-- duckdb -readonly <lake>/analyst.duckdb
SELECT * FROM {name}
WHERE night = (SELECT max(night) FROM {name})
LIMIT 100;"""
_STATE = """-- the newest version of each row:
SELECT * FROM {name}__state LIMIT 100;"""
DATA, REVOPS = "team:data-eng", "team:revops"


def spec(
    key: str,
    description: str,
    *,
    deps: Iterable[str] = (),
    kinds: Iterable[str] = ("duckdb", "sql"),
    group: str | None = None,
    skippable: bool = False,
) -> dg.AssetSpec:
    """The declaration of one asset: what a row is and the grain, owner, group, kinds, columns and SQL."""
    layer = key.split("/")[0]
    table = not key.startswith("out/import/")
    return dg.AssetSpec(
        key=key.split("/"),
        deps=[dg.AssetKey(dep.split("/")) for dep in deps],
        description=description,
        group_name=group or group_of(key),
        owners=[REVOPS if group_of(key) in ("segments", "sync", "delivery") else DATA],
        kinds={*kinds, "deltalake"} if table else set(kinds),
        tags={"domain": "crm", "layer": layer, "pii": "true" if _personal(key) else "false"},
        skippable=skippable,
        metadata={
            **({"dagster/column_schema": column_schema(key)} if key in TABLES else {}),
            **({"dagster/table_name": keys.relation(key), "sql": example_sql(key)} if table else {}),
        },
    )


def group_of(key: str) -> str:
    """Group of an asset in the UI: raw_hubspot, staged_salesforce, identity, segments, sync, delivery."""
    layer, domain, *_ = key.split("/")
    if layer == "raw":
        return f"raw_{domain}"
    if layer in ("staged", "rejected"):
        return f"staged_{domain}"
    if layer == "core":
        return {"identity": "identity", "segment": "segments"}.get(domain, "sync")
    return "delivery"


def column_schema(key: str, schema: pa.Schema | None = None) -> dg.TableSchema:
    """Columns of a declared table, or of the given Arrow schema."""
    if schema is None and key in TABLES:
        found = [(c.name, c.type, c.nullable, c.description) for c in columns(TABLES[key])]
    else:
        found = [(f.name, duckdb_type(f.type), f.nullable, "") for f in schema or pa.schema([])]
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name,
                kind,
                description=html.escape(text, quote=False) or None,
                constraints=dg.TableColumnConstraints(nullable=nullable),
            )
            for name, kind, nullable, text in [*found, ("night", "VARCHAR", False, "the night of the row")]
        ]
    )


def example_sql(key: str) -> dg.MarkdownMetadataValue:
    """How to read the table with DuckDB, through the views that every run renews."""
    name = keys.relation(key)
    parts = [_NEWEST_NIGHT, _STATE] if keys.state_key(key) else [_NEWEST_NIGHT]
    text = "\n".join(part.format(name=name) for part in parts)
    return dg.MetadataValue.md(f"```sql\n{text}\n```")


def table_metadata(lake: Lake, key: str, rows: int, extra: Mapping[str, Any] | None = None) -> Metadata:
    """Numbers of one materialization: rows of the night, columns, where the table lies, and what the stage adds."""
    found: Metadata = {
        "dagster/partition_row_count": rows,
        "dagster/uri": str(lake.root / key),
        **{name: _plain(name, value) for name, value in (extra or {}).items()},
    }
    if key not in TABLES and lake.exists(key):
        found["dagster/column_schema"] = column_schema(key, lake.schema(key))
    return found


def counts_table(counts: Mapping[str, int], name: str = "reason") -> dg.TableMetadataValue:
    """A small table of counts, largest first: reject reasons, operations by kind."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dg.MetadataValue.table([dg.TableRecord({name: code, "rows": number}) for code, number in ordered])


def _plain(name: str, value: Any) -> Any:
    """Counts as a table headed by what is counted: `outcomes` has a column `outcome`."""
    if isinstance(value, dict) and all(isinstance(v, int) for v in value.values()):
        return counts_table(value, name.removesuffix("s")) if value else "none"
    return value


def _personal(key: str) -> bool:
    """Whether some column of the table, of the entity it is of, or of the deltas its files are made of is personal."""
    key = key.replace("out/import/", "out/delta/")
    _, crm, name = key.split("/")
    entity = {"hubspot": hubspot.ENTITIES, "salesforce": salesforce.ENTITIES}.get(crm, {}).get(name)
    model = TABLES.get(key, entity.model if entity else None)
    return model is not None and any((c.metadata or {}).get("pii") for c in model.to_schema().columns.values())
