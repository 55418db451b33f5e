"""Payloads of PROPERTY operations: one model a shape, several operation types may share one.

`schemas.segment_registry` says which operation type has which payload and operators, and which properties it fits.
"""

from calendar import monthrange
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StrictInt, StrictStr, model_validator

from schemas.segment_time import Part, Reading, TimePoint
from schemas.segment_values import Days, Flag, Milliseconds, Month, Name, Number, Text, Units, Year

Endpoint = Literal["INCLUSIVE", "EXCLUSIVE"]


class Operation(Part):
    """What every operation has. Operators are checked against the registry, which knows them by operation type."""

    operation_type: StrictStr
    operator: StrictStr
    include_objects_with_no_value_set: Flag = False
    # What HubSpot's own editors leave in a definition and nothing depends on.
    operator_name: StrictStr | None = None
    property_type: StrictStr | None = None
    render_spec: StrictStr | None = None


class Known(Operation):
    """Whether there is a value at all."""


class OneText(Operation):
    """One text to compare with."""

    value: Text


class ManyTexts(Operation):
    """Any of several texts to compare with."""

    values: list[Text]


class OneNumber(Operation):
    """One number to compare with."""

    value: Number


class NumberRange(Operation):
    """Two numbers, both included."""

    lower_bound: Number
    upper_bound: Number


class OneBool(Operation):
    """True or false."""

    value: Flag


class Options(Operation):
    """Internal values of options."""

    values: list[Text]


class OneInstant(Operation):
    """One instant, in epoch milliseconds."""

    timestamp: Milliseconds
    requires_time_zone_conversion: Flag | None = None


class OneDay(Operation):
    """One day of the calendar."""

    year: Year
    month: Month
    day: Annotated[StrictInt, Field(ge=1, le=31)]

    @model_validator(mode="after")
    def _is_a_day(self) -> "OneDay":
        if self.day > monthrange(self.year, self.month)[1]:
            raise ValueError("is not a day of the calendar")
        return self


class RollingDays(Operation):
    """A number of days before or after the night."""

    number_of_days: Days
    requires_time_zone_conversion: Flag | None = None


class InstantRange(Operation):
    """Two instants in epoch milliseconds, both included."""

    lower_bound: Milliseconds = Field(validation_alias=AliasChoices("lowerBound", "lowerBoundTimestamp"))
    upper_bound: Milliseconds = Field(validation_alias=AliasChoices("upperBound", "upperBoundTimestamp"))
    requires_time_zone_conversion: Flag | None = None


class CalendarUnits(Operation):
    """Whole days, weeks, months, quarters or years around the night."""

    time_unit: Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
    time_unit_count: Units | None = None
    use_fiscal_year: Flag | None = None
    fiscal_year_start: Month | None = None


class OtherProperty(Operation):
    """Another property of the same record to compare with."""

    comparison_property_name: Name


class OtherDate(OtherProperty):
    """Another date of the same record, and what stands for it where it has no value."""

    default_comparison_value: Text | StrictInt | None = None


class AtPoint(Operation):
    """Before or after one point in time."""

    type: Literal["TIME_POINT"] | None = None
    time_point: TimePoint
    endpoint_behavior: Endpoint | None = None
    property_parser: Reading = "VALUE"


class BetweenPoints(Operation):
    """Between two points in time or outside of them."""

    type: Literal["TIME_RANGED"] | None = None
    lower_bound_time_point: TimePoint
    upper_bound_time_point: TimePoint
    lower_bound_endpoint_behavior: Endpoint | None = None
    upper_bound_endpoint_behavior: Endpoint | None = None
    property_parser: Reading = "VALUE"
