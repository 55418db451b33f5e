"""One object whose fields fill more than one query: several queries over the same records, put together by Id.

A record that came with one query and not with another (made or deleted in between) is left to the next night; whether any is
missing shows when the records are counted against the org's own total.
"""

from collections.abc import Iterator

import pyarrow as pa

from assets.salesforce.api_fetch import Fetched
from assets.shared.http_run import together


class Wide:
    """The queries of one object, asked side by side."""

    rows: int | None = None  # not known before the parts are put together

    def __init__(self, parts: list[Fetched]) -> None:
        self.parts = parts
        self.ask = parts[0].ask

    @property
    def totals(self) -> tuple[int, int]:
        """The org's own counts before and after."""
        return min(part.totals[0] for part in self.parts), max(part.totals[1] for part in self.parts)

    async def run(self) -> None:
        """Fetch what is not yet there."""
        await together(*(part.run() for part in self.parts))

    def ids(self) -> pa.Array:
        """Ids of the rows."""
        return next(self.tables()).column("Id").combine_chunks()

    def tables(self) -> Iterator[pa.Table]:
        """The rows as text columns, in the order of their ids: one table, for no object has millions of such rows."""
        first, *others = (_whole(part) for part in self.parts)
        for other in others:
            first = first.join(other, "Id", join_type="inner")
        yield first.sort_by("Id").select(self.ask.columns)


def _whole(part: Fetched) -> pa.Table:
    empty = pa.table({name: pa.array([], pa.string()) for name in part.columns})
    return pa.concat_tables([empty, *part.tables()])
