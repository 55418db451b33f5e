"""The plan of a night: its operations, compared with another night's, and the counts a RevOps lead asks for first."""

from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from assets.shared import keys, nights
from assets.shared.failures import CrosswalkError
from assets.shared.lake import Lake
from assets.shared.unfinished import torn
from schemas.arrow import arrow_schema
from schemas.tables import TABLES

SYSTEMS = ("hubspot", "salesforce")
DELTAS = (keys.DELTA_HUBSPOT, keys.DELTA_SALESFORCE)
DECIDED = (keys.LINK, keys.DECISION, keys.LEDGER, keys.LEDGER_FIELD, *DELTAS)
COLUMNS = ["night", *arrow_schema(TABLES[keys.DELTA_HUBSPOT]).names]
ORDER = ["system", "object", "key", "record_id", "sequence"]
# One operation is the same on two nights if it does the same to the same record; a create has no id yet. Its sequence does not
# matter: a clear before it may be loaded by now.
SAME = ["system", "object", "op", "record_id", "key", "link"]


def decided_nights(lake: Lake) -> list[str]:
    """Nights that were decided, also those that left no rows, ascending.

    One that a run has written half, and is at or was killed at, is not among them, nor one whose deltas are past retention.
    """
    with_rows = {night for key in DECIDED for night in lake.nights(key)}
    oldest = nights.kept_from(lake)
    kept = {night for night in (*with_rows, *nights.decided_nights(lake)) if night >= oldest}
    return sorted((kept | {night for key in DELTAS for night in lake.nights(key)}) - torn(lake))


def night_of(lake: Lake, night: str | None) -> str:
    """The night asked for, else the newest. Raises CrosswalkError where the lake has no such night."""
    known = decided_nights(lake)
    if not known:
        raise CrosswalkError(f"{lake.root}: no night has been decided yet; run `crosswalk nightly`")
    if night is not None and night not in known:
        raise CrosswalkError(f"{night}: {_why_not(lake, night, known)}")
    return night or known[-1]


def _why_not(lake: Lake, night: str, known: list[str]) -> str:
    if night < nights.kept_from(lake):
        return f"is past retention; {known[0]} is the oldest night whose plan is kept"
    if night in torn(lake):
        return "a run over it is at work, or was killed; run it again"
    if night not in lake.nights(keys.raw("hubspot", "delivery")):
        return f"the lake has no such night; it has {known[0]} to {known[-1]}"
    later = next((other for other in known if other > night), None)
    ends = f"; look at {later}, the next that was decided" if later else ""
    return f"was delivered, but has no plan of its own: a range is decided as of its end, a historical import not at all{ends}"


def operations(lake: Lake, night: str, system: str | None = None) -> pl.DataFrame:
    """Rows of out/delta of one night, in the order of section 7."""
    wanted = [key for key in DELTAS if system is None or key.endswith(system)]
    with lake.connect(night) as session:
        frames = []
        for key in wanted:
            session.use(key)
            frames.append(_frame(session.table(keys.relation(key))))
    return pl.concat(frames).select(COLUMNS).sort(ORDER, nulls_last=False)


def compared(tonight: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Tonight's operations as `new` or `pending`, and the other night's that are not there any more as `gone`."""
    now, before = identified(tonight), identified(other)
    status = (
        pl.when(pl.col("identity").is_in(before["identity"].implode())).then(pl.lit("pending")).otherwise(pl.lit("new"))
    )
    gone = before.join(now, on="identity", how="anti").with_columns(pl.lit("gone").alias("status"))
    both = pl.concat([now.with_columns(status.alias("status")), gone.select([*now.columns, "status"])])
    return both.drop("identity").sort([*ORDER, "status"], nulls_last=False)


def plan(lake: Lake, night: str, against: str | None = None, system: str | None = None) -> pl.DataFrame:
    """The plan of a night with `status`, against another night or the newest decided one before it."""
    tonight = operations(lake, night, system)
    if against is None:
        earlier = [n for n in decided_nights(lake) if n < night]
        against = earlier[-1] if earlier else None
    other = operations(lake, against, system) if against else tonight.clear()
    return compared(tonight, other)


def decisions(lake: Lake, night: str) -> pl.DataFrame:
    """Rows of core/sync/decision of one night."""
    columns = ["night", *arrow_schema(TABLES[keys.DECISION]).names]
    with lake.connect(night) as session:
        session.use(keys.DECISION)
        table = session.table(keys.relation(keys.DECISION))
    order = ["object", "direction", "hubspot_id", "salesforce_id"]
    return _frame(table).select(columns).sort(order, nulls_last=False)


def of_members(rows: pl.DataFrame, lake: Lake, night: str, segment: str) -> pl.DataFrame:
    """Decisions about those in a segment (its id or name) on a night. Raises CrosswalkError where there is no such segment."""
    with lake.connect(night) as session:
        session.use(keys.DEFINITION)
        known = _frame(session.table(keys.relation(keys.DEFINITION)))
        session.use(keys.MEMBERSHIP)
        stays = _frame(session.table(keys.relation(keys.MEMBERSHIP)))
    asked = known.filter((pl.col("segment_id") == segment) | (pl.col("name") == segment))
    if asked.is_empty():
        raise CrosswalkError(f"{segment}: there is no such segment on {night}")
    if asked["source"].is_null().all():
        raise CrosswalkError(f"{segment}: its members on {night} cannot be known: {'; '.join(asked['reasons'][0])}")
    inside = stays.filter(pl.col("change") != "left").join(asked.select("segment_id", "object"), on="segment_id")
    who = inside.select(pl.col("object").replace("contact", "person"), hubspot_id="record_id")
    return rows.join(who, on=["object", "hubspot_id"], how="semi")


@dataclass
class Summary:
    """Counts of a plan: operations by (system, object, op), fields, outcomes, reasons why not, statuses, warnings."""

    night: str
    systems: tuple[str, ...] = SYSTEMS
    operations: dict[tuple[str, ...], int] = field(default_factory=dict)
    fields: dict[tuple[str, ...], int] = field(default_factory=dict)
    unsynced: int = 0
    reasons: dict[tuple[str, ...], int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All operations of the night."""
        return sum(self.operations.values())

    def of(self, system: str, op: str) -> int:
        """Operations of one kind in one system."""
        return sum(n for (s, _, o), n in self.operations.items() if s == system and o == op)

    def as_dict(self) -> dict[str, int]:
        """Flat counts for metadata and status lines: `hubspot_create`, `not_synced` and so on."""
        found: dict[str, int] = {}
        for (system, _, op), number in self.operations.items():
            found[f"{system}_{op}"] = found.get(f"{system}_{op}", 0) + number
        return {**found, "not_synced": self.unsynced}


def summary(night: str, rows: pl.DataFrame, decided: pl.DataFrame, system: str | None = None) -> Summary:
    """Counts of a plan as `plan` gives it and of the night's decisions; of one system's plan, those in its direction."""
    found = Summary(night, SYSTEMS if system is None else (system,))
    if system is not None:
        decided = decided.filter(pl.col("direction") == f"to_{system}")
    live = rows.filter(pl.col("status") != "gone") if "status" in rows.columns else rows
    found.operations = _counts(live, ["system", "object", "op"])
    changes = live.select(
        "system", "object", pl.col("changes").list.eval(pl.element().struct.field("field")).alias("field")
    )
    found.fields = _counts(changes.explode("field").drop_nulls("field"), ["system", "object", "field"])
    if "status" in rows.columns:
        found.statuses = {k[0]: v for k, v in _counts(rows, ["status"]).items()}
    refused = decided.filter(pl.col("outcome").is_in(["skip", "reject"]))
    found.unsynced = refused.height
    coded = refused.select("outcome", pl.col("reasons").alias("reason")).explode("reason").drop_nulls("reason")
    coded = coded.with_columns(pl.col("reason").str.split(":").list.first())
    found.reasons = _counts(coded, ["outcome", "reason"])
    warned = pl.concat([decided.select("warnings"), live.select("warnings")]).explode("warnings").drop_nulls("warnings")
    found.warnings = {
        k[0]: v
        for k, v in _counts(warned.with_columns(pl.col("warnings").str.split(":").list.first()), ["warnings"]).items()
    }
    return found


def identified(rows: pl.DataFrame) -> pl.DataFrame:
    """Operations with `identity`: the same text for the same operation on the same record, whatever values it gives.

    An existing record is known by its id, whatever its key and link; one to be made by its counterpart, else by its key.
    """
    exists = pl.col("record_id").is_not_null()
    moot = {"key": exists | pl.col("link").is_not_null(), "link": exists}
    parts = [
        pl.when(~moot.get(name, pl.lit(False))).then(pl.col(name).cast(pl.String)).fill_null("\x00") for name in SAME
    ]
    return rows.with_columns(pl.concat_str(parts, separator="\x1f").alias("identity"))


def _counts(rows: pl.DataFrame, by: list[str]) -> dict[tuple[str, ...], int]:
    grouped = rows.group_by(by).len().sort(pl.col("len"), *by, descending=[True, *[False] * len(by)])
    return {tuple(row[:-1]): row[-1] for row in grouped.iter_rows()}


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is never a series
    return frame
