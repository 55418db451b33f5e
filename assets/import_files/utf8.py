"""Where a text is not UTF-8."""

import codecs

_HANDLER = "crosswalk-note"
_MOST = 10_000


def broken_bytes(data: bytes) -> list[int]:
    """Places of the bytes that are not UTF-8, at most ten thousand; nearly free for a text that is."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return []
    places: list[int] = []

    def note(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError) or len(places) >= _MOST:
            return "", len(data)
        places.append(error.start)
        return "?", error.end

    codecs.register_error(_HANDLER, note)
    data.decode("utf-8", errors=_HANDLER)
    return places
