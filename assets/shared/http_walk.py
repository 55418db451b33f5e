"""Cursors of one walk through pages: a server whose pages lead in a circle is told, for nothing else would end it."""

from assets.shared.http_failures import CallRefused


class Walk:
    """Remembers the cursors of a walk; `what` is walked through."""

    def __init__(self, what: str, start: str | None = None) -> None:
        self._what = what
        self._seen = {start}
        self._last = start

    def on(self, cursor: object) -> str | None:
        """The cursor to go on with; None at the end, which a page that leads to itself is, too.

        Raises CallRefused for one that was here before.
        """
        following = str(cursor) if cursor else None
        if following is None or following == self._last:
            return None
        if following in self._seen:
            raise CallRefused(f"{self._what}: its pages lead in a circle")
        self._seen.add(following)
        self._last = following
        return following
