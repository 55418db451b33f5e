"""HubSpot's exports (CSV by internal names or default English labels, API objects one a line) into `raw/hubspot/*`."""

from pathlib import Path

from assets.hubspot.reading import HubspotReading
from assets.shared.lake import Lake
from assets.shared.landing import Extraction, Landing, kept


def extract(
    lake: Lake,
    night: str,
    folder: Path,
    *,
    refetch: bool = False,
    accept_shrink: bool = False,
    snapshot: str,
    max_shrink: float | None,
) -> Extraction:
    """Fetch one night of HubSpot's exports from `folder` into raw/hubspot/<entity>, `delivery`, `unreadable`, `result`.

    A night fetched before is kept unless `refetch`. Raises InputRefused with every problem of the night, before anything
    is written. `snapshot` is `full` or `incremental`; `max_shrink`: the share of a file's rows on the newest earlier night that
    may be missing; None: all of them.
    """
    if not refetch and (found := kept(lake, "hubspot", night)):
        return found
    landing = Landing(lake, HubspotReading(Path(folder)), night, Path(folder))
    return landing.fetch(accept_shrink=accept_shrink, snapshot=snapshot, max_shrink=max_shrink)
