"""The segments that sync.yaml names beside the inclusion segment: each has members tonight, or the night is refused.

A segment that is missing, ambiguous, of another object, or whose members cannot be known is never read as one without
members: a filter would keep everybody out, and a manual trigger would reach nobody.
"""

from assets.shared.failures import InputRefused
from assets.shared.sql import Session

_FIND = """
SELECT segment_id, object, source, reasons
FROM core__segment__definition
WHERE segment_id = ? OR name = ?
ORDER BY segment_id
"""


class NamedSegments:
    """Looks segments up by id or name, in `core/segment/definition` of the night; problems are collected."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.problems: list[str] = []

    def id_of(self, path: str, wanted: str | int | None, object_: str | None = None) -> str | None:
        """Id of a segment, None where none is wanted; what is wrong with it is a problem of `path`.

        `object_` is what its members must be (contact, company), None for any.
        """
        if wanted is None:
            return None
        rows = self._session.con.execute(_FIND, [str(wanted), str(wanted)]).fetchall()
        exact = [row for row in rows if row[0] == str(wanted)] or rows
        problems = _problems(str(wanted), exact, object_)
        self.problems += [f"{path}: {problem}" for problem in problems]
        return None if problems else str(exact[0][0])

    def refuse(self) -> None:
        """Raises InputRefused with every problem there was."""
        if self.problems:
            raise InputRefused(self.problems)


def _problems(wanted: str, rows: list[tuple[str, str | None, str | None, list[str]]], object_: str | None) -> list[str]:
    if not rows:
        return [f"there is no list or segment {wanted!r}"]
    if len(rows) > 1:
        return [f"{len(rows)} lists are called {wanted!r}: {', '.join(row[0] for row in rows)}; give the list id"]
    segment_id, found, source, reasons = rows[0]
    if object_ is not None and found != object_:
        return [f"list {segment_id} holds records of another object ({found or 'not in the lake'}, not {object_})"]
    return list(reasons or ["its members cannot be known"]) if source is None else []
