"""Points in time of HubSpot's filter grammar: a date, a point relative to the night, another property's value.

Only shapes; what instant a point is on a given night is worked out by `assets.segments.points`.
"""

from calendar import monthrange
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator
from pydantic.alias_generators import to_camel

from schemas.segment_values import Name, Year, Zone

Reading = Literal[
    "VALUE",
    "UPDATED_AT",
    "ANNIVERSARY",
    "VALUE_WITH_ZONE_SAME_LOCAL_CONVERSION",
    "ANNIVERSARY_WITH_ZONE_SAME_LOCAL_CONVERSION",
]
Weekday = Literal["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]


class Part(BaseModel):
    """Base of every model of the grammar: frozen, unknown keys refused, JSON keys in camel case."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class ClockTime(Part):
    """A time of day; parts that are not given are not set."""

    hour: Annotated[StrictInt, Field(ge=0, le=23)] | None = None
    minute: Annotated[StrictInt, Field(ge=0, le=59)] | None = None
    second: Annotated[StrictInt, Field(ge=0, le=59)] | None = None
    millisecond: Annotated[StrictInt, Field(ge=0, le=999)] | None = None


class Offset(Part):
    """Signed calendar distance: years to days move the wall clock, hours to milliseconds the instant."""

    years: Annotated[StrictInt, Field(ge=-500, le=500)] | None = None
    quarters: Annotated[StrictInt, Field(ge=-2_000, le=2_000)] | None = None
    months: Annotated[StrictInt, Field(ge=-6_000, le=6_000)] | None = None
    weeks: Annotated[StrictInt, Field(ge=-26_000, le=26_000)] | None = None
    days: Annotated[StrictInt, Field(ge=-180_000, le=180_000)] | None = None
    hours: Annotated[StrictInt, Field(ge=-4_000_000, le=4_000_000)] | None = None
    minutes: Annotated[StrictInt, Field(ge=-250_000_000, le=250_000_000)] | None = None
    seconds: Annotated[StrictInt, Field(ge=-15_000_000_000, le=15_000_000_000)] | None = None
    milliseconds: Annotated[StrictInt, Field(ge=-15_000_000_000_000, le=15_000_000_000_000)] | None = None


class Now(ClockTime):
    """The night's last instant."""

    reference_type: Literal["NOW"]


class Today(ClockTime):
    """The night's own date."""

    reference_type: Literal["TODAY"]


class Week(ClockTime):
    """A weekday of the week the night is in; weeks begin on Sunday."""

    reference_type: Literal["WEEK"]
    day_of_week: Weekday = "SUNDAY"


class Month(ClockTime):
    """A day of the night's month; a day beyond its end is its last."""

    reference_type: Literal["MONTH"]
    day: Annotated[StrictInt, Field(ge=1, le=31)] = 1


class Quarter(ClockTime):
    """A day of a month of the night's quarter; months count from 1 within it, or are one of its calendar months."""

    reference_type: Literal["QUARTER"]
    month: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    day: Annotated[StrictInt, Field(ge=1, le=31)] = 1


class YearDay(ClockTime):
    """A day of the night's calendar year."""

    reference_type: Literal["YEAR"]
    month: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    day: Annotated[StrictInt, Field(ge=1, le=31)] = 1


class FiscalQuarter(ClockTime):
    """First day of the fiscal quarter the night is in; month and day say where fiscal years begin."""

    reference_type: Literal["FISCAL_QUARTER"]
    month: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    day: Annotated[StrictInt, Field(ge=1, le=31)] = 1


class FiscalYear(ClockTime):
    """First day of the fiscal year the night is in; month and day say where it begins."""

    reference_type: Literal["FISCAL_YEAR"]
    month: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    day: Annotated[StrictInt, Field(ge=1, le=31)] = 1


IndexReference = Annotated[
    Now | Today | Week | Month | Quarter | YearDay | FiscalQuarter | FiscalYear, Field(discriminator="reference_type")
]


class _Point(Part):
    zone_id: Zone | None = None
    timezone_source: Literal["CUSTOM", "USER", "PORTAL"] | None = None


class DatePoint(ClockTime, _Point):
    """A wall-clock time; parts of the time of day that are not given are 0."""

    time_type: Literal["DATE"]
    year: Year
    month: Annotated[StrictInt, Field(ge=1, le=12)]
    day: Annotated[StrictInt, Field(ge=1, le=31)]

    @model_validator(mode="after")
    def _is_a_day(self) -> "DatePoint":
        if self.day > monthrange(self.year, self.month)[1]:
            raise ValueError("is not a day of the calendar")
        return self


class IndexedPoint(_Point):
    """A point relative to the night."""

    time_type: Literal["INDEXED"]
    index_reference: IndexReference
    offset: Offset | None = None


class PropertyPoint(_Point):
    """Another property of the same record."""

    time_type: Literal["PROPERTY_REFERENCED"]
    property: Name
    reference_type: Reading = "VALUE"


TimePoint = Annotated[DatePoint | IndexedPoint | PropertyPoint, Field(discriminator="time_type")]
