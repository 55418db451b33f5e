"""What keeps a night's files from being written, asked before the first byte (design section 5)."""

from dataclasses import dataclass, field

from assets.shared.failures import GuardStopped
from assets.shared.words import counted
from schemas.config import SyncConfig
from schemas.imports import Tier


@dataclass(frozen=True)
class Counts:
    """A night in numbers. `rejects` has, for each object, rejected and delivered rows."""

    operations: int = 0
    deletes: int = 0
    rejects: dict[str, tuple[int, int]] = field(default_factory=dict)
    tier: Tier | None = None


def exceeded(counts: Counts, config: SyncConfig) -> list[str]:
    """Every guard that stops the night, each as a sentence with the setting's path."""
    guards, found = config.guards, []
    if guards.max_changes is not None and counts.operations > guards.max_changes:
        found.append(
            f"guards.max_changes: {counted(counts.operations, 'operation')}; at most {guards.max_changes:,} allowed"
        )
    if guards.max_deletes is not None and counts.deletes > guards.max_deletes:
        found.append(
            f"guards.max_deletes: {counted(counts.deletes, 'deletion')}; at most {guards.max_deletes:,} allowed"
        )
    for name, (rejected, delivered) in sorted(counts.rejects.items()):
        limit = guards.max_reject_rate
        if limit is not None and rejected and rejected / delivered > limit:
            rows = counted(delivered, "row")
            found.append(
                f"guards.max_reject_rate: {name}: {rejected:,} of {rows} rejected, {100 * limit:g} % are allowed"
            )
    tier = counts.tier
    if tier and tier.exceeded_by and config.marketing.tier_exceeded == "stop":
        found.append(
            f"marketing.contact_tier: {tier.after} marketing contacts, the tier has {tier.tier}: {tier.exceeded_by} too many"
        )
    return found


def stop_if_exceeded(counts: Counts, config: SyncConfig) -> None:
    """Raises GuardStopped (exit status 3) with every guard that is exceeded."""
    found = exceeded(counts, config)
    if found:
        raise GuardStopped("; ".join(found))
