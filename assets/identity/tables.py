"""One night of the identity stage as the tables that its assets write, with numbers for their pages.

Keys, pairs, clusters and golden records are kept as versions: what nothing touched stands as the night before left it. Golden
records are made anew where a record changed or its component was touched, everything else is written only where it differs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from assets.identity import compare, duplicate, ids, link, night, numbers, overrides, past, sources, survive, versions
from assets.shared import keys
from assets.shared.lake import Lake
from assets.shared.rows import Rows, Spilled, spilled
from assets.shared.sql import Session
from schemas.arrow import arrow_schema
from schemas.identity import ENTITIES, ORDER, TABLES

KEY, WEIGHT, SHARE, OVERRIDE = past.KEY, past.WEIGHT, past.SHARE, past.OVERRIDE
PAIR, CLUSTER, ALIAS, PERSON, COMPANY = past.PAIR, past.CLUSTER, past.ALIAS, past.PERSON, past.COMPANY
REVIEW = past.REVIEW
DUPLICATES = {system: f"out/duplicate/{system}" for system in duplicate.SYSTEMS}
SQL = night.SQL
SLICE = 50_000  # entities whose merges are worked out at a time: their pairs come with all their evidence


@dataclass(frozen=True)
class Night:
    """Tables by key, in their order, the large ones on disk; links by the rules; and metadata by key."""

    tables: dict[str, Rows]
    links: pa.Table
    metadata: dict[str, dict[str, Any]]
    largest: int
    clusters: int


def build(lake: Lake, at: str, before: str, decided: overrides.Overrides, *, everything: bool = False) -> Night:
    """All tables of the night `at`, carried on from the newest night before `before`.

    `everything` compares all records anew by the weights there are; the result is the same.
    """
    parts: dict[str, list[pa.Table | Spilled]] = {key: [] for key in TABLES}
    metadata: dict[str, dict[str, Any]] = {}
    largest = count = 0
    with lake.connect(at) as session:
        links = link.by_rules(session, before)
    for entity in sorted(ENTITIES):  # the order of the tables' rows
        with lake.connect(at) as session:
            sources.use_staged(session)
            session.register(keys.relation(keys.LINK), links)
            known = past.use(session, entity, before, everything=everything)
            found = night.resolve_entity(session, entity, decided, known, at)
            sizes = _named(session, entity, at, found)
            for key, table in _tables(session, entity, known, found):
                parts[key].append(table)
            for name, told in numbers.of(session, entity, found, sizes).items():
                metadata.setdefault(f"core/identity/{name}", {}).update(told)
        largest, count = max(largest, *sizes["size"], 0), count + sum(sizes["entities"])
    parts[OVERRIDE].append(_conformed(OVERRIDE, decided.rows().to_arrow()))
    return Night({key: Rows(key, found) for key, found in parts.items()}, links, metadata, largest, count)


def decided(config_path: Path) -> overrides.Overrides:
    """The decisions beside a sync.yaml. Raises InputRefused."""
    return overrides.read(config_path.parent / overrides.FILE)


def _named(session: Session, entity: str, at: str, found: night.Resolved) -> pl.DataFrame:
    """Make `entity_now` (rows of `core/identity/cluster`) and `entity_alias`; how many entities have how many records."""
    members = session.sql((SQL / "members_before.sql").read_text()).pl()
    aliases = session.sql("SELECT alias_id, entity_id, since FROM known_alias").pl()
    named = ids.named(entity, at, found.clusters, members, aliases)
    session.register("named", named.members)
    session.register("entity_alias", named.aliases)
    session.run(SQL / "entity_now.sql")
    sizes: pl.DataFrame = session.sql((SQL / "entity_size.sql").read_text(encoding="utf-8")).pl()
    return sizes


def _tables(
    session: Session, entity: str, known: past.Past, found: night.Resolved
) -> Iterator[tuple[str, pa.Table | Spilled]]:
    """Every table of an entity by key."""
    session.define("new_key", (SQL / "new_key.sql").read_text(encoding="utf-8"))
    yield KEY, spilled(session, KEY, _versions(session, KEY, ["new_key"], "gone_key"))
    yield WEIGHT, _conformed(WEIGHT, pl.DataFrame([found.weights]).to_arrow())
    if found.shares is not None:
        yield SHARE, _conformed(SHARE, found.shares)
    for step in ("new_pair", "gone_pair", "new_member", "gone_member", "gone_entity"):
        session.run(SQL / f"{step}.sql")
    yield PAIR, spilled(session, PAIR, _versions(session, PAIR, ["new_pair"], "gone_pair"))
    yield REVIEW, _conformed(REVIEW, found.review)
    yield CLUSTER, spilled(session, CLUSTER, _versions(session, CLUSTER, ["new_member"], "gone_member"))
    session.define("every_alias", "SELECT entity, entity_alias.* FROM entity_alias CROSS JOIN level")
    yield ALIAS, _conformed(ALIAS, session.table("every_alias"))
    golden = PERSON if entity == "person" else COMPANY
    past.known(session, "known_link", keys.LINK, past.linked_before(session.lake, known))
    session.run(SQL / "relinked.sql")
    session.run(SQL / "stale_entity.sql")
    session.run(SQL / "stale_member.sql")
    session.define("stale_field", compare.over("stale_field", field=f"{entity}_field"))
    made = survive.golden(session, entity)
    yield golden, spilled(session, golden, _versions(session, golden, made, survive.GONE))
    for step in ("left_entity", "mergeable"):
        session.run(SQL / f"{step}.sql")
    linked = session.sql((SQL / "syncing.sql").read_text(encoding="utf-8")).pl()["record"]
    merges = pl.concat([duplicate.duplicates(entity, *slice_, linked) for slice_ in _mergeable(session)])
    for system, key in DUPLICATES.items():
        past.known(session, "known_row", key, found.before)
        session.run(SQL / "standing_row.sql")
        made_anew = _conformed(key, merges.filter(pl.col("system") == system).to_arrow())
        every = pa.concat_tables([made_anew, _conformed(key, session.table("standing_row"))])
        yield key, every.sort_by([(name, "ascending") for name in ORDER[key]])


def _mergeable(session: Session) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """What may be merged, some entities at a time: their records with raw fields, and their pairs."""
    every = session.sql("SELECT DISTINCT entity_id FROM mergeable ORDER BY entity_id").pl()
    for start in range(0, max(every.height, 1), SLICE):
        session.register("entity_slice", every.slice(start, SLICE))
        session.define("mergeable_slice", "SELECT mergeable.* FROM mergeable SEMI JOIN entity_slice USING (entity_id)")
        pairs = session.sql(compare.over("stale_pair", mergeable="mergeable_slice")).pl()
        yield session.sql("FROM mergeable_slice ORDER BY record").pl(), pairs


def _versions(session: Session, key: str, made: Iterable[str], gone: str) -> Iterator[str]:
    """Name the versions of a table, relation after relation of rows, each with what is there no more."""
    for name in made:
        session.define("version", versions.of(key, name, gone))
        yield "version"


def _conformed(key: str, table: pa.Table) -> pa.Table:
    schema = arrow_schema(TABLES[key])
    return table.select(schema.names).cast(schema)
