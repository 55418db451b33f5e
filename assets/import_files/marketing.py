"""The contact tier: how many marketing contacts a night's files leave, against what is paid for (P2-A4)."""

from schemas.config_output import Marketing
from schemas.imports import Tier


def tier(marketing: Marketing, *, before: int, created: int, promoted: int, demoted: int) -> Tier:
    """Marketing contacts before and after a night's files. `demoted` of them stop at the next update date (P2-A3)."""
    after = before + created + promoted
    allowed = marketing.contact_tier
    return Tier(
        before=before,
        created=created,
        promoted=promoted,
        demoted=demoted,
        after=after,
        tier=allowed,
        exceeded_by=max(0, after - allowed) if allowed is not None else 0,
    )
