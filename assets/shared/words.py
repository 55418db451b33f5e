"""Numbers in messages with the word for what is counted."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 night`, `1,000 nights`; `many` where the plural is not that of most words."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
