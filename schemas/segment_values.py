"""Scalars of HubSpot's filter grammar, as strict types: what is not exactly of the type is an error, never coerced.

Bounds keep every value inside what a date or a SQL literal can hold, so that a hostile definition is refused where it
is read and not somewhere inside the database.
"""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr

# Epoch milliseconds of 0001-01-02 and 9999-12-30: a day inside what datetime holds, so that no zone leaves it.
_FIRST_MILLISECOND, _LAST_MILLISECOND = -62_135_510_400_000, 253_402_128_000_000
_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("has a NUL character, which no record can hold")
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError("is not valid Unicode text")
    return value


@cache
def zones() -> frozenset[str]:
    """Names of the IANA database on this machine."""
    return frozenset(available_timezones())


def _known_zone(value: str) -> str:
    if value not in zones():
        raise ValueError("is not a known time zone, such as Europe/Oslo or US/Eastern")
    return value


def _listed(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def month_number(value: object) -> int:
    """1 to 12 from a number or a name: `3`, `"MARCH"` and `"MAR"` are the same month. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12:
        return value
    if isinstance(value, str):
        if value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= 12:
            return int(value)
        for number, name in enumerate(_MONTHS, start=1):
            if value.upper() in (name, name[:3]):
                return number
    raise ValueError("is not a month: 1 to 12, or a name such as MARCH or MAR")


def month_name(number: int) -> str:
    """`March` for 3."""
    return _MONTHS[number - 1].capitalize()


Text = Annotated[StrictStr, AfterValidator(_storable)]
Name = Annotated[StrictStr, Field(min_length=1), AfterValidator(_storable)]
ListId = Annotated[StrictStr, Field(min_length=1), AfterValidator(_storable), BeforeValidator(_listed)]
Number = Annotated[StrictInt | StrictFloat, Field(allow_inf_nan=False, ge=-1e308, le=1e308)]
Flag = StrictBool
Milliseconds = Annotated[StrictInt, Field(ge=_FIRST_MILLISECOND, le=_LAST_MILLISECOND)]
Days = Annotated[StrictInt, Field(ge=0, le=200_000)]
Units = Annotated[StrictInt, Field(ge=1, le=1_000)]
Count = Annotated[StrictInt, Field(ge=0)]
AssociationType = Annotated[StrictInt, Field(ge=0)]
Month = Annotated[int, BeforeValidator(month_number)]
Year = Annotated[StrictInt, Field(ge=1000, le=9000)]
Zone = Annotated[StrictStr, AfterValidator(_known_zone)]
