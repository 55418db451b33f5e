"""Every (operation type, operator) of HubSpot's PROPERTY filters: what it tests, and which properties it fits.

The table is the one place that knows the operators. The parser refuses what is not in it, the compiler and the printer
dispatch on `Operator.test`, docs/segments.md is checked against it, and a contract test compares it both ways with the
official SDK. A negative operator passes exactly where its positive one fails, for records that have a value.
"""

from dataclasses import dataclass, field

from schemas import segment_operations as shapes


@dataclass(frozen=True)
class Operator:
    """What an operator tests; `negated`: passes where the test fails; `history`: any version may pass the test."""

    test: str
    negated: bool = False
    history: bool = False


@dataclass(frozen=True)
class OperationType:
    """One operation type: its payload, the property kinds it fits (empty: any), its operators, its other spellings."""

    payload: type[shapes.Operation]
    kinds: frozenset[str]
    operators: dict[str, Operator]
    spellings: tuple[str, ...] = ()
    alternatives: dict[str, type[shapes.Operation]] = field(default_factory=dict)

    def payload_of(self, operator: str) -> type[shapes.Operation]:
        """Payload of one operator, where it has another than its operation type."""
        return self.alternatives.get(operator, self.payload)


TEXT, NUMBER, BOOL, CHOICE, DATE, DATETIME = "text", "number", "bool", "choice", "date", "datetime"
OPEN = "open"  # an undeclared text column: any operation may read it
_DATES = frozenset({DATE, DATETIME})


def _pairs(*rows: tuple[str, str, str], history: bool = False) -> dict[str, Operator]:
    """Operators from rows (test, positive name, negative name); an empty name is none."""
    named = {row[1]: Operator(row[0], history=history) for row in rows if row[1]}
    return named | {row[2]: Operator(row[0], negated=True, history=history) for row in rows if row[2]}


_EVER_EQUAL = _pairs(("equal", "HAS_EVER_BEEN_EQUAL_TO", "HAS_NEVER_BEEN_EQUAL_TO"), history=True)
_TEXT = _pairs(
    ("equal", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO"),
    ("contains", "CONTAINS", "DOES_NOT_CONTAIN"),
    ("starts", "STARTS_WITH", ""),
    ("ends", "ENDS_WITH", ""),
)
_NUMBER = _pairs(
    ("equal", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO"),
    ("greater", "IS_GREATER_THAN", ""),
    ("greater_or_equal", "IS_GREATER_THAN_OR_EQUAL_TO", ""),
    ("less", "IS_LESS_THAN", ""),
    ("less_or_equal", "IS_LESS_THAN_OR_EQUAL_TO", ""),
)
_EQUAL = _pairs(("equal", "IS_EQUAL_TO", "IS_NOT_EQUAL_TO"))
_BETWEEN = _pairs(("between", "IS_BETWEEN", "IS_NOT_BETWEEN"))
_ORDER = _pairs(("before", "IS_BEFORE", ""), ("after", "IS_AFTER", ""))
_ORDER_DATE = _pairs(("before", "IS_BEFORE_DATE", ""), ("after", "IS_AFTER_DATE", ""))
_ROLLING = _pairs(
    ("less_ago", "IS_LESS_THAN_X_DAYS_AGO", ""),
    ("more_ago", "IS_MORE_THAN_X_DAYS_AGO", ""),
    ("less_ahead", "IS_LESS_THAN_X_DAYS_FROM_NOW", ""),
    ("more_ahead", "IS_MORE_THAN_X_DAYS_FROM_NOW", ""),
)

OPERATION_TYPES: dict[str, OperationType] = {
    "ALL_PROPERTY": OperationType(
        shapes.Known,
        frozenset(),
        _pairs(("known", "IS_KNOWN", "IS_UNKNOWN"), ("known", "IS_NOT_BLANK", "IS_BLANK")),
        ("alltypes",),
    ),
    "STRING": OperationType(
        shapes.OneText,
        frozenset({TEXT}),
        _TEXT | _EVER_EQUAL | _pairs(("contains", "HAS_EVER_CONTAINED", "HAS_NEVER_CONTAINED"), history=True),
        ("string",),
    ),
    "MULTISTRING": OperationType(
        shapes.ManyTexts,
        frozenset({TEXT}),
        _TEXT | _EVER_EQUAL | _pairs(("phrase", "CONTAINS_EXACTLY", "DOES_NOT_CONTAIN_EXACTLY")),
        ("multistring",),
    ),
    "NUMBER": OperationType(shapes.OneNumber, frozenset({NUMBER}), _NUMBER | _EVER_EQUAL, ("number",)),
    "NUMBER_RANGED": OperationType(shapes.NumberRange, frozenset({NUMBER}), _BETWEEN, ("number-ranged",)),
    "BOOL": OperationType(shapes.OneBool, frozenset({BOOL}), _EQUAL | _EVER_EQUAL, ("bool",)),
    "ENUMERATION": OperationType(
        shapes.Options,
        frozenset({CHOICE}),
        _pairs(
            ("any", "IS_ANY_OF", "IS_NONE_OF"),
            ("exactly", "IS_EXACTLY", "IS_NOT_EXACTLY"),
            ("all", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"),
        )
        | _pairs(
            ("any", "HAS_EVER_BEEN_ANY_OF", "HAS_NEVER_BEEN_ANY_OF"),
            ("exactly", "HAS_EVER_BEEN_EXACTLY", "HAS_NEVER_BEEN_EXACTLY"),
            ("all", "HAS_EVER_CONTAINED_ALL", "HAS_NEVER_CONTAINED_ALL"),
            history=True,
        ),
        ("enumeration",),
    ),
    "DATETIME": OperationType(
        shapes.OneInstant,
        _DATES,
        _pairs(("equal", "IS_EQUAL_TO", "")) | _ORDER | _ORDER_DATE,
        ("datetime",),
    ),
    "DATE": OperationType(
        shapes.OneDay,
        _DATES,
        _pairs(("equal", "IS_EQUAL_TO", "")) | _ORDER | _ORDER_DATE | _ROLLING,
        ("date",),
        alternatives=dict.fromkeys(_ROLLING, shapes.RollingDays),
    ),
    "ROLLING_DATE_RANGE": OperationType(shapes.RollingDays, _DATES, _ROLLING, ("datetime-rolling",)),
    "RANGED_DATE": OperationType(shapes.InstantRange, _DATES, _BETWEEN, ("datetime-ranged",)),
    "CALENDAR_DATE": OperationType(
        shapes.CalendarUnits,
        _DATES,
        _pairs(
            ("this", "IN_THIS_TIME_UNIT", ""),
            ("so_far", "IN_THIS_TIME_UNIT_SO_FAR", ""),
            ("next", "IN_NEXT_TIME_UNIT", ""),
            ("last", "IN_LAST_TIME_UNIT", ""),
        ),
        ("calendar-date",),
    ),
    "COMPARATIVE_DATE": OperationType(shapes.OtherDate, _DATES, _ORDER, ("datetime-comparative",)),
    "COMPARATIVE_PROPERTY_UPDATED": OperationType(
        shapes.OtherDate, frozenset(), _ORDER, ("property-updated-comparative",)
    ),
    "BOOL_COMPARATIVE": OperationType(shapes.OtherProperty, frozenset({BOOL}), _EQUAL, ("bool-comparative",)),
    "NUMBER_COMPARATIVE": OperationType(shapes.OtherProperty, frozenset({NUMBER}), _NUMBER, ("number-comparative",)),
    "STRING_COMPARATIVE": OperationType(shapes.OtherProperty, frozenset({TEXT}), _TEXT, ("string-comparative",)),
    "ROLLING_PROPERTY_UPDATED": OperationType(
        shapes.RollingDays,
        frozenset(),
        _pairs(("updated", "UPDATED_IN_LAST_X_DAYS", "NOT_UPDATED_IN_LAST_X_DAYS")),
        ("rolling-property-updated",),
    ),
    "TIME_POINT": OperationType(shapes.AtPoint, _DATES, _ORDER, ("timepoint",)),
    "TIME_RANGED": OperationType(shapes.BetweenPoints, _DATES, _BETWEEN, ("rangedtime",)),
}

# Every accepted spelling of an operation type, and the name the rest of the code knows it by.
SPELLINGS: dict[str, str] = {
    spelling: name for name, kind in OPERATION_TYPES.items() for spelling in (name, *kind.spellings)
}
