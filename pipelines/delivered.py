"""Which nights the sources have delivered, and which night a command means when it is not told one."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from assets.shared.failures import InputRefused
from schemas.config import SyncConfig
from schemas.config_sources import Source

_NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}")


def delivered(config: SyncConfig) -> list[str]:
    """Nights that both CRMs have delivered, ascending; without `{night}` in the paths, the last night that is over."""
    found = [_nights(source) for source in (config.sources.hubspot, config.sources.salesforce)]
    named = [nights for nights in found if nights is not None]
    if not named:
        return [last_over(config)]
    both = set.intersection(*named)
    return sorted(night for night in both if night >= config.start)


def has_nights(config: SyncConfig) -> bool:
    """Whether the sources keep a folder a night, so that an earlier night can be read again."""
    return all(_nights(source) is not None for source in (config.sources.hubspot, config.sources.salesforce))


def newest(config: SyncConfig) -> str:
    """The newest delivered night. Raises InputRefused where nothing was delivered."""
    nights = delivered(config)
    if not nights:
        raise InputRefused("no night has been delivered by both CRMs; look at sources.hubspot.path and salesforce.path")
    return nights[-1]


def last_over(config: SyncConfig) -> str:
    """The last night that is over, in the configured time zone."""
    return (datetime.now(UTC).astimezone(config.zone).date() - timedelta(days=1)).isoformat()


def days_ahead(config: SyncConfig, night: str) -> int:
    """How many days a night lies after the last one that is over; a delivered night may be run before it ends."""
    return max((date.fromisoformat(night) - date.fromisoformat(last_over(config))).days, 0)


def _nights(source: Source) -> set[str] | None:
    """Nights whose folder is there; None where the source has no folder a night (a fixed folder, an API)."""
    if source.kind == "api" or not source.nightly:
        return None
    pattern = source.folder("{night}")
    parts = pattern.parts
    index = next(i for i, part in enumerate(parts) if "{night}" in part)
    base, name = Path(*parts[:index]), parts[index]
    matcher = re.compile(re.escape(name).replace(re.escape("{night}"), f"({_NIGHT.pattern})"))
    if not base.is_dir():
        return set()
    found = set()
    for entry in base.iterdir():
        match = matcher.fullmatch(entry.name)
        if match and _is_date(match[1]) and source.folder(match[1]).is_dir():
            found.add(match[1])
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
