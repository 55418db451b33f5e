"""One night of the identity stage as the tables that its assets write, with numbers for their pages."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from assets.identity import charts, duplicate, ids, model, night, overrides, sources, survive
from assets.shared import keys
from assets.shared.lake import Lake
from schemas.arrow import arrow_schema
from schemas.identity import ENTITIES, TABLES

KEY, WEIGHT, PAIR, REVIEW = (f"core/identity/{t}" for t in ("key", "weight", "pair", "review"))
CLUSTER, ALIAS, PERSON, COMPANY = (f"core/identity/{t}" for t in ("cluster", "alias", "person", "company"))
DUPLICATES = {system: f"out/duplicate/{system}" for system in duplicate.SYSTEMS}


@dataclass(frozen=True)
class Night:
    """Tables by key, and metadata by key."""

    tables: dict[str, pa.Table]
    metadata: dict[str, dict[str, Any]]
    largest: int
    clusters: int


def build(lake: Lake, at: str, before: str, decided: overrides.Overrides) -> Night:
    """All tables of the night `at`; entities keep the ids of the newest night before `before`."""
    frames: dict[str, list[pl.DataFrame]] = {key: [] for key in TABLES}
    metadata: dict[str, dict[str, Any]] = {}
    largest = count = 0
    linked = _linked(lake, at)
    for entity in ENTITIES:
        with lake.connect(at) as session:
            sources.use_staged(session)
            found = night.resolve_entity(session, entity, decided)
        named = ids.named(entity, at, found.clusters, *_previous(lake, before, entity))
        live = found.fields.filter("live")
        golden = survive.golden(entity, live, named.members)
        pairs = pl.DataFrame(found.pairs)
        dumped = json.dumps(model.dump(found.matched.model), sort_keys=True)
        weights = pl.DataFrame(
            {"version": [found.matched.model.version], "records": [found.matched.records], "model": [dumped]}
        )
        frames[KEY].append(found.keys)
        frames[WEIGHT].append(weights.with_columns(pl.lit(entity).alias("entity")))
        frames[PAIR].append(pairs)
        frames[REVIEW].append(pl.DataFrame(found.review))
        frames[CLUSTER].append(named.members.with_columns(pl.lit(entity).alias("entity")))
        frames[ALIAS].append(named.aliases.with_columns(pl.lit(entity).alias("entity")))
        frames[PERSON if entity == "person" else COMPANY].append(golden)
        merges = duplicate.duplicates(entity, live, named.members, pairs, linked)
        for system, key in DUPLICATES.items():
            frames[key].append(merges.filter(pl.col("system") == system))
        for key, numbers in _numbers(entity, found, named).items():
            metadata.setdefault(key, {}).update(numbers)
        sizes = named.members.group_by("entity_id").len()["len"]
        largest, count = max(largest, *sizes.to_list(), 0), count + sizes.len()
    tables = {key: _conformed(key, parts) for key, parts in frames.items()}
    return Night(tables, metadata, largest, count)


def decided(config_path: Path) -> overrides.Overrides:
    """The decisions beside a sync.yaml. Raises InputRefused."""
    return overrides.read(config_path.parent / overrides.FILE)


def _previous(lake: Lake, before: str, entity: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Members and aliases of the newest night before one."""
    nights = [n for n in lake.nights(CLUSTER) if n < before]
    members = pl.DataFrame(schema={"record": pl.String, "entity_id": pl.String, "since": pl.String})
    aliases = pl.DataFrame(schema={"alias_id": pl.String, "entity_id": pl.String, "since": pl.String})
    if not nights:
        return members, aliases
    with lake.connect(nights[-1]) as session:
        session.use(CLUSTER)
        session.use(ALIAS)
        old = session.sql(f"SELECT entity, record, entity_id, since FROM {keys.relation(CLUSTER)}").pl()  # noqa: S608
        known = session.sql(f"SELECT entity, alias_id, entity_id, since FROM {keys.relation(ALIAS)}").pl()  # noqa: S608
    mine = pl.col("entity") == entity
    return old.filter(mine).drop("entity"), known.filter(mine).drop("entity")


def _linked(lake: Lake, at: str) -> pl.Series:
    """Records that sync with the other CRM tonight."""
    with lake.connect(at) as session:
        session.use(keys.LINK)
        rows = session.sql(
            "SELECT hubspot_id, salesforce_object, salesforce_id FROM core__identity__link WHERE is_current"
        ).pl()
    name = pl.col("salesforce_object")
    theirs = pl.concat_str(pl.lit("salesforce/"), name.str.to_lowercase(), pl.lit("/"), "salesforce_id")
    ours = pl.when(name == "Account").then(pl.lit("hubspot/company/")).otherwise(pl.lit("hubspot/contact/"))
    both: pl.DataFrame = pl.concat([rows.select(record=theirs), rows.select(record=pl.concat_str(ours, "hubspot_id"))])
    return both["record"]


def _conformed(key: str, parts: list[pl.DataFrame]) -> pa.Table:
    schema = arrow_schema(TABLES[key])
    tables = [part.select(schema.names).to_arrow().cast(schema) for part in parts]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _numbers(entity: str, found: night.Resolved, named: ids.Named) -> dict[str, dict[str, Any]]:
    """Counts and pictures: pairs by rule before scoring, weights, cluster sizes, precision estimate, guards."""
    pairs = pl.DataFrame(found.pairs)
    merged = pairs.filter(pl.col("zone") == "merge")
    likely = merged.filter(pl.col("tier") == "T3")
    by_rule = {row["rule"]: row["kept"] for row in found.matched.rules.to_dicts() if row["pairs"]}
    dropped = {row["rule"]: row["dropped_keys"] for row in found.matched.rules.to_dicts() if row["dropped_keys"]}
    binned = pairs.filter(pl.col("tier") == "T3").with_columns(bin=(pl.col("weight") / 4).floor().cast(pl.Int64) * 4)
    weights = {f"{row[0]:+d} to {row[0] + 4:+d}": row[1] for row in binned.group_by("bin").len().sort("bin").rows()}
    sizes = named.members.group_by("entity_id").len()["len"].value_counts().sort("len")
    by_size = {str(row[0]): row[1] for row in sizes.rows()}
    guards = dict(pl.DataFrame(found.review).group_by("guard").len().sort("guard").rows())
    estimate = float(likely["probability"].mean() or 1.0) if likely.height else 1.0  # type: ignore[arg-type]
    return {
        PAIR: {
            f"{entity} candidate pairs by rule": by_rule,
            f"{entity} key values dropped by rule": dropped,
            f"{entity} pairs merged": merged.height,
            f"{entity} estimated precision of T3": round(estimate, 4),
            f"{entity} match weights": charts.bars(weights, f"{entity}: likeness pairs by match weight"),
        },
        REVIEW: {f"{entity} stopped by guard": guards},
        CLUSTER: {
            f"{entity} entities": named.members["entity_id"].n_unique(),
            f"{entity} components cut": found.clustered.conflicting,
            f"{entity} cluster sizes": charts.bars(by_size, f"{entity}: entities by number of records"),
        },
    }
