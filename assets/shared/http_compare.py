"""What came through an API, compared with what the source itself counts, and with how it described itself the night before."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from assets.shared import keys
from assets.shared.http_failures import RecordsMissing
from assets.shared.lake import Lake


@dataclass(frozen=True)
class Count:
    """Records of one kind that came, beside the source's own totals before and after."""

    what: str
    found: int
    before: int
    after: int


def reconcile(what: str, found: int, before: int, after: int, *, new: int = 0) -> Count:
    """Raises RecordsMissing where a count lies outside the source's own totals before and after.

    `new`: rows that are too young for the source's index to count.
    """
    low, high = sorted((before, after))
    if found < low or found - new > high:
        raise RecordsMissing(what, found, low, high)
    return Count(what, found, before, after)


def too_many_gone(crm: str, missed: Mapping[str, tuple[int, int]], max_shrink: float) -> list[str]:
    """Problems: objects of whose records (gone without a trace, of how many) more are gone than `max_shrink`, a share, allows."""
    return [
        f"{crm}: {gone:,} of {of:,} {name} records are gone without a trace, {100 * gone / of:.1f} %; guards.max_shrink allows "
        f"{100 * max_shrink:g} %. Perhaps the credentials see less than before; if it is right, run once with --accept-shrink"
        for name, (gone, of) in sorted(missed.items())
        if gone and gone / of > max_shrink
    ]


def drift(lake: Lake, key: str, nights: list[str], found: Mapping[tuple[str, str], str]) -> list[str]:
    """Notes on what changed since the newest earlier night: (object, name) -> type."""
    earlier = [n for n in lake.nights(key) if n < nights[0]]
    if not earlier:
        return []
    with lake.connect(earlier[-1]) as session:
        session.use(key)
        rows = session.sql(exp.select("object", "name", "type").from_(keys.relation(key))).fetchall()
    before = {(o, n): t for o, n, t in rows if (o, n) != (None, None)}
    objects = {o for o, _ in found}
    notes = [f"{o}.{n}: new, {t}" for (o, n), t in sorted(found.items()) if (o, n) not in before]
    notes += [
        f"{o}.{n}: is {found[o, n]} now, was {t}"
        for (o, n), t in sorted(before.items())
        if (o, n) in found and found[o, n] != t
    ]
    return notes + [
        f"{o}.{n}: gone, or hidden from the integration's user"
        for o, n in sorted(before)
        if o in objects and (o, n) not in found
    ]
