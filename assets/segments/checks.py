"""What deserves a look about tonight's segments: one whose size jumps. Judged by the step that writes them."""

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

SIZE = "segment_size_is_steady"
# A jump: a change by more than this share of the night before, and by more than so many records.
_SHARE, _RECORDS = 0.5, 20


def spec(key: str) -> dg.AssetCheckSpec:
    """The check of a night's segments."""
    return dg.AssetCheckSpec(
        SIZE,
        asset=key.split("/"),
        description=f"No segment grew or shrank by more than {_SHARE:.0%} (and {_RECORDS} records) since the night before.",
    )


def judge(key: str, definitions: pa.Table) -> dg.AssetCheckResult:
    """What the check says of the rows of core/segment/definition: the segments that jumped, with both sizes."""
    jumped = jumps(definitions)
    return dg.AssetCheckResult(
        check_name=SIZE,
        asset_key=key.split("/"),
        passed=not jumped,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "jumped": len(jumped),
            **{f"segment {segment_id}": f"{before} to {now}" for segment_id, (before, now) in jumped.items()},
        },
    )


def jumps(definitions: pa.Table) -> dict[str, tuple[int, int]]:
    """Segments that were there before and whose size jumped: id -> (members before, members now)."""
    found: dict[str, tuple[int, int]] = {}
    for row in definitions.filter(pc.is_valid(definitions["members"])).to_pylist():
        now, before = row["members"], row["members"] - row["entered"] + row["left"]
        change = abs(now - before)
        if (row["entered"] or row["left"]) and change > _RECORDS and change > _SHARE * before:
            found[row["segment_id"]] = (before, now)
    return found
