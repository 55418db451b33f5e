"""Cursors of one walk through pages: it notices when a server's pages lead in a circle, which would never end."""

from assets.shared.http_failures import CallRefused


class Walk:
    """Remembers the cursors of one walk; `what` names in messages what is paged through."""

    def __init__(self, what: str, start: str | None = None) -> None:
        self._what = what
        self._seen = {start}
        self._last = start

    def on(self, cursor: object) -> str | None:
        """The cursor of the next page; None at the end. A page that names its own cursor as the next one is the end, too.

        Raises CallRefused for a cursor of an earlier page.
        """
        following = str(cursor) if cursor else None
        if following is None or following == self._last:
            return None
        if following in self._seen:
            raise CallRefused(f"{self._what}: its pages lead in a circle")
        self._seen.add(following)
        self._last = following
        return following
