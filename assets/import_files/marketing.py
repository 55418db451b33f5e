"""Marketing contacts: who is one, who becomes one by a night's files, and whether the contact tier holds them."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from schemas.config_output import Marketing
from schemas.import_marketing import toggle_of
from schemas.imports import Tier


def new_statuses(contacts: pa.Table, marketing: Marketing) -> pa.Array:
    """Marketing status of created contacts, one boolean a row.

    `contacts` has `app` (name of the app that created it) and `createdate` (HubSpot's, timestamp). Strictly after the
    app's toggle was turned on: marketing; before or at that time, by an app without a toggle, or without the
    permission: not (P1-33 to P1-38, X4).
    """
    names = [app.name for app in marketing.apps if app.creates_contacts]
    times: list[datetime | None] = [toggle_of(marketing, app) for app in marketing.apps if app.creates_contacts]
    if not marketing.can_set_status:
        times = [None] * len(times)
    place = pc.index_in(contacts["app"], pa.array(names, pa.string()))
    turned_on = pa.array(times, pa.timestamp("us", "UTC")).take(place)
    return pc.fill_null(pc.greater(pc.cast(contacts["createdate"], pa.timestamp("us", "UTC")), turned_on), False)


def is_marketing(contacts: pa.Table, night: str, next_update: str | None) -> pa.Array:
    """Who counts as a marketing contact on a night, one boolean a row.

    `contacts` has `marketing` and `until_renewal`. A contact set to non-marketing stays one until the next update date
    and stops on that date (P2-A3): `until_renewal` true means *will stop*.
    """
    status = pc.fill_null(contacts["marketing"], False)
    if next_update is None or night < next_update:
        return status
    return pc.and_not(status, pc.fill_null(contacts["until_renewal"], False))


def tier(marketing: Marketing, *, before: int, created: int, promoted: int, demoted: int) -> Tier:
    """Marketing contacts before and after a night's files (P2-A4). `demoted` of them stop at the next update date."""
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
