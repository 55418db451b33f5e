"""A naive interpreter of filterBranch JSON, one record at a time: the judge of the compiler in differential tests.

Written from HubSpot's documentation and docs/segments.md alone and sharing no code with the compiler. A filter gives True,
False or None (the record has no value); None becomes pass or fail by `includeObjectsWithNoValueSet`, last of all.
"""

import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class World:
    """Records by object and id, their versions, the pairs between them, delivered lists, and the night."""

    def __init__(self, today: date, zone: str) -> None:
        self.today, self.zone = today, zone
        self.now = midnight(today + timedelta(days=1), zone) - timedelta(microseconds=1)
        self.records: dict[str, dict[str, Record]] = {"contact": {}, "company": {}}
        self.versions: dict[str, dict[str, list[Record]]] = {"contact": {}, "company": {}}
        self.pairs: list[tuple[str, str, bool]] = []
        self.delivered: dict[str, set[str]] = {}
        self.lists: dict[str, tuple[str, dict]] = {}
        self.several: set[str] = set()

    def members(self, tree: dict, obj: str) -> set[str]:
        return {i for i, record in self.records[obj].items() if self.branch(tree, obj, i, record)}

    # Branches ---------------------------------------------------------------------------------------------------

    def branch(self, tree: dict, obj: str, record_id: str, record: Record) -> bool:
        kind = tree["filterBranchType"]
        if kind == "ASSOCIATION":
            target, ids = self.associated(obj, record_id, tree["associationTypeId"])
            found = any(self.all(tree, target, i) for i in ids)
            return found if tree["operator"] == "IN_LIST" else not found
        if kind == "PROPERTY_ASSOCIATION":
            target = {"0-1": "contact", "0-2": "company"}[tree["objectTypeId"]]
            held = as_id(record[tree["propertyWithObjectId"]])
            found = held in self.records[target] and self.all(tree, target, held)
            return found if tree["operator"] == "IN_LIST" else not found
        parts = self.parts(tree, obj, record_id, record)
        return {"AND": all, "OR": any, "NOT_ALL": lambda p: not all(p), "NOT_ANY": lambda p: not any(p)}[kind](parts)

    def all(self, tree: dict, obj: str, record_id: str) -> bool:
        record = self.records[obj].get(record_id)
        return record is not None and all(self.parts(tree, obj, record_id, record))

    def parts(self, tree: dict, obj: str, record_id: str, record: Record) -> list[bool]:
        found = [self.filter(f, obj, record_id, record) for f in tree.get("filters", [])]
        return found + [self.branch(b, obj, record_id, record) for b in tree.get("filterBranches", [])]

    def associated(self, obj: str, record_id: str, type_id: int) -> tuple[str, list[str]]:
        target = "company" if obj == "contact" else "contact"
        found = set()
        for contact, company, primary in self.pairs:
            mine, other = (contact, company) if obj == "contact" else (company, contact)
            if mine == record_id and (primary or type_id in (279, 280)):
                found.add(other)
        return target, sorted(found)

    # Filters ----------------------------------------------------------------------------------------------------

    def filter(self, f: dict, obj: str, record_id: str, record: Record) -> bool:
        kind = f["filterType"]
        if kind == "PROPERTY":
            return self.property(f["property"], f["operation"], obj, record_id, record)
        if kind == "CONSTANT":
            return f["shouldAccept"]
        if kind == "IN_LIST":
            return self.in_list(f["listId"], record_id) == (f["operator"] == "IN_LIST")
        if kind == "NUM_ASSOCIATIONS":
            return occurs(len(self.associated(obj, record_id, f["associationTypeId"])[1]), f["coalescingRefineBy"])
        if kind == "ASSOCIATION":
            ids = self.associated(obj, record_id, f["associationTypeId"])[1]
            inside = [self.in_list(f["listId"], i) for i in ids]
            refined = f.get("coalescingRefineBy") or {"type": "SET_OCCURRENCES", "setType": "ANY"}
            if refined["type"] == "NUM_OCCURRENCES":
                found = occurs(sum(inside), refined)
            else:
                found = {
                    "ANY": any(inside),
                    "ANY_INCLUDE_EMPTY": any(inside) or not inside,
                    "ALL": bool(inside) and all(inside),
                    "ALL_INCLUDE_EMPTY": all(inside),
                    "NONE": not any(inside),
                    "NONE_EXCLUDE_EMPTY": bool(inside) and not any(inside),
                }[refined["setType"]]
            return found == (f["operator"] == "IN_LIST")
        held = as_id(record[f["propertyWithObjectId"]])
        return (held is not None and self.in_list(f["listId"], held)) == (f["operator"] == "IN_LIST")

    def in_list(self, list_id: str, record_id: str) -> bool:
        if list_id in self.delivered:
            return record_id in self.delivered[list_id]
        obj, tree = self.lists[list_id]
        record = self.records[obj].get(record_id)
        return record is not None and self.branch(tree, obj, record_id, record)

    # Properties -------------------------------------------------------------------------------------------------

    def property(self, name: str, op: dict, obj: str, record_id: str, record: Record) -> bool:
        operator, value = op["operator"], record[name]
        blank = value is None or value == ""
        if operator in ("IS_KNOWN", "IS_NOT_BLANK"):
            return not blank
        if operator in ("IS_UNKNOWN", "IS_BLANK"):
            return blank
        if not self.comparable(op, record):
            return False
        answer: bool | None
        if blank or (self.reads_update(op) and record["modified"] is None):
            answer = None
        elif operator.startswith(("HAS_EVER", "HAS_NEVER")):
            values = [v[name] for v in self.versions[obj][record_id]]
            ever = any(self.positive(op, v, record, name) for v in values if v is not None and v != "")
            answer = ever == operator.startswith("HAS_EVER")
        else:
            answer = self.positive(op, value, record, name) != negative(operator)
        return bool(op.get("includeObjectsWithNoValueSet")) if answer is None else answer

    def reads_update(self, op: dict) -> bool:
        points = (op.get("timePoint"), op.get("lowerBoundTimePoint"), op.get("upperBoundTimePoint"))
        return (
            op.get("propertyParser") == "UPDATED_AT"
            or op["operationType"] in ("ROLLING_PROPERTY_UPDATED", "COMPARATIVE_PROPERTY_UPDATED")
            or any(p and p.get("referenceType") == "UPDATED_AT" for p in points)
        )

    def comparable(self, op: dict, record: Record) -> bool:
        """A blank property to compare with fails whatever the flag says, unless a default stands for it."""
        names = [op["comparisonPropertyName"]] if "comparisonPropertyName" in op else []
        points = (op.get("timePoint"), op.get("lowerBoundTimePoint"), op.get("upperBoundTimePoint"))
        names += [p["property"] for p in points if p and p["timeType"] == "PROPERTY_REFERENCED"]
        return bool(op.get("defaultComparisonValue")) or all(record[n] not in (None, "") for n in names)

    def positive(self, op: dict, value: Any, record: Record, name: str) -> bool:
        """The test of an operator as if it were not negative, on a value that is there."""
        kind, operator = op["operationType"], op["operator"]
        if kind in ("STRING", "MULTISTRING"):
            return any(text(operator, value, v) for v in op.get("values", [op.get("value")]))
        if kind == "STRING_COMPARATIVE":
            return text(operator, value, record[op["comparisonPropertyName"]])
        if kind == "ENUMERATION":
            return options(operator, value, op["values"], name in self.several)
        if kind in ("NUMBER", "NUMBER_RANGED", "NUMBER_COMPARATIVE"):
            other = record[op["comparisonPropertyName"]] if kind == "NUMBER_COMPARATIVE" else op.get("value")
            return numbers(operator, as_number(value), as_number(other), op)
        if kind in ("BOOL", "BOOL_COMPARATIVE"):
            wanted = op["value"] if kind == "BOOL" else as_bool(record[op["comparisonPropertyName"]])
            return as_bool(value) is not None and as_bool(value) == wanted
        return self.time(op, value, record)

    # Time -------------------------------------------------------------------------------------------------------

    def time(self, op: dict, value: Any, record: Record) -> bool:
        kind, operator, zone = op["operationType"], op["operator"], self.zone
        if kind in ("ROLLING_PROPERTY_UPDATED", "COMPARATIVE_PROPERTY_UPDATED"):
            value = record["modified"]
        if kind in ("TIME_POINT", "TIME_RANGED"):
            return self.at_points(op, value, record)
        value = as_time(value)
        if value is None:
            return False
        at = begins(value, zone)
        if kind == "DATETIME":
            point = EPOCH + timedelta(milliseconds=op["timestamp"])
            if operator == "IS_EQUAL_TO":
                return at == point if isinstance(value, datetime) else value == point.astimezone(ZoneInfo(zone)).date()
            return at < point if "BEFORE" in operator else at > point
        if kind == "RANGED_DATE":
            return op["lowerBound"] <= (at - EPOCH) / timedelta(milliseconds=1) <= op["upperBound"]
        if kind == "DATE" and "day" in op:
            month = op["month"] if isinstance(op["month"], int) else 1 + MONTHS.index(op["month"][:3])
            named = date(op["year"], month, op["day"])
            mine = value if not isinstance(value, datetime) else at.astimezone(ZoneInfo(zone)).date()
            if operator == "IS_EQUAL_TO":
                return mine == named
            return mine < named if "BEFORE" in operator else mine > named
        if kind in ("ROLLING_DATE_RANGE", "DATE", "ROLLING_PROPERTY_UPDATED"):
            ago = midnight(self.today - timedelta(days=op["numberOfDays"]), zone)
            ahead = midnight(self.today + timedelta(days=op["numberOfDays"]), zone)
            return {
                "IS_LESS_THAN_X_DAYS_AGO": ago <= at <= self.now,
                "IS_MORE_THAN_X_DAYS_AGO": at < ago,
                "IS_LESS_THAN_X_DAYS_FROM_NOW": self.now <= at <= ahead,
                "IS_MORE_THAN_X_DAYS_FROM_NOW": at > ahead,
                "UPDATED_IN_LAST_X_DAYS": ago <= at <= self.now,
                "NOT_UPDATED_IN_LAST_X_DAYS": ago <= at <= self.now,
            }[operator]
        if kind == "CALENDAR_DATE":
            return self.calendar(op, at)
        return self.compared_dates(op, value, record)

    def compared_dates(self, op: dict, value: Any, record: Record) -> bool:
        """COMPARATIVE_DATE and COMPARATIVE_PROPERTY_UPDATED."""
        before = op["operator"] == "IS_BEFORE"
        other = record[op["comparisonPropertyName"]]
        if other is None or other == "":
            default = op["defaultComparisonValue"]
            if default.lstrip("-").isdigit():
                right = EPOCH + timedelta(milliseconds=int(default))
            elif len(default) == 10:
                right = midnight(date.fromisoformat(default), self.zone)
            else:
                right = datetime.fromisoformat(default)
            left = begins(value, self.zone)
            return left < right if before else left > right
        if op["operationType"] == "COMPARATIVE_PROPERTY_UPDATED":
            return False
        return order(value, as_time(other), self.zone, "<" if before else ">")

    def calendar(self, op: dict, at: datetime) -> bool:
        """Walks unit by unit from the night's own."""
        unit, count = op["timeUnit"], op.get("timeUnitCount") or 1
        first = month_number(op["fiscalYearStart"]) if op.get("useFiscalYear") and op.get("fiscalYearStart") else 1
        days = [self.today]
        if op["operator"] == "IN_LAST_TIME_UNIT":
            days = [self.shift(unit, -n) for n in range(1, count + 1)]
        if op["operator"] == "IN_NEXT_TIME_UNIT":
            days = [self.shift(unit, n) for n in range(1, count + 1)]
        mine = {unit_of(at.astimezone(ZoneInfo(self.zone)).date(), unit, first)}
        inside = not mine.isdisjoint({unit_of(d, unit, first) for d in days})
        return inside and (op["operator"] != "IN_THIS_TIME_UNIT_SO_FAR" or at <= self.now)

    def shift(self, unit: str, count: int) -> date:
        if unit in ("DAY", "WEEK"):
            return self.today + timedelta(days=count * (1 if unit == "DAY" else 7))
        months = count * {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
        return plus_months(self.today.replace(day=1), months)

    def at_points(self, op: dict, value: Any, record: Record) -> bool:
        if op["operationType"] == "TIME_POINT":
            sign = "<" if op["operator"] == "IS_BEFORE" else ">"
            sign += "=" if op.get("endpointBehavior") == "INCLUSIVE" else ""
            return self.against(sign, op["timePoint"], op, value, record)
        lower = ">" if op.get("lowerBoundEndpointBehavior") == "EXCLUSIVE" else ">="
        upper = "<" if op.get("upperBoundEndpointBehavior") == "EXCLUSIVE" else "<="
        return self.against(lower, op["lowerBoundTimePoint"], op, value, record) and self.against(
            upper, op["upperBoundTimePoint"], op, value, record
        )

    def against(self, sign: str, point: dict, op: dict, value: Any, record: Record) -> bool:
        zone = point.get("zoneId") or self.zone
        left = self.read(op.get("propertyParser", "VALUE"), value, record, zone)
        if point["timeType"] == "PROPERTY_REFERENCED":
            right = self.read(point.get("referenceType", "VALUE"), record[point["property"]], record, zone)
            return order(left, right, zone, sign)
        right = self.instant(point, zone)
        return left is not None and compare(begins(left, zone), right, sign)

    def read(self, reading: str, value: Any, record: Record, zone: str) -> Any:
        if reading == "UPDATED_AT":
            return record["modified"]
        value = as_time(value)
        if value is None or reading == "VALUE":
            return value
        if reading == "VALUE_WITH_ZONE_SAME_LOCAL_CONVERSION":
            if not isinstance(value, datetime):
                return value
            return local(value.astimezone(UTC).replace(tzinfo=None), zone)
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(zone if reading == "ANNIVERSARY" else "UTC")).date()
        year = self.today.year
        return date(year, value.month, min(value.day, monthrange(year, value.month)[1]))

    def instant(self, point: dict, zone: str) -> datetime:
        clock = ("hour", "minute", "second", "millisecond")
        if point["timeType"] == "DATE":
            h, m, s, ms = (point.get(k) or 0 for k in clock)
            return local(
                datetime.combine(date(point["year"], point["month"], point["day"]), time(h, m, s, ms * 1000)), zone
            )
        ref, t = point["indexReference"], self.today
        if ref["referenceType"] == "NOW":
            wall = self.now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        else:
            day, month = ref.get("day", 1), ref.get("month", 1)
            found = {
                "TODAY": lambda: t,
                "WEEK": lambda: next(
                    d
                    for d in (t + timedelta(days=n) for n in range(-6, 7))
                    if unit_of(d, "WEEK", 1) == unit_of(t, "WEEK", 1)
                    and DAYS[d.isoweekday() % 7] == ref.get("dayOfWeek", "SUNDAY")
                ),
                "MONTH": lambda: clipped(t.year, t.month, day),
                "QUARTER": lambda: clipped(t.year, 3 * ((t.month - 1) // 3) + (month - 1) % 3 + 1, day),
                "YEAR": lambda: clipped(t.year, month, day),
                "FISCAL_YEAR": lambda: max(d for d in (clipped(y, month, day) for y in (t.year - 1, t.year)) if d <= t),
                "FISCAL_QUARTER": lambda: max(
                    d
                    for y in (t.year - 1, t.year)
                    for m in range(4)
                    if (d := clipped(y, (month + 3 * m - 1) % 12 + 1, day)) <= t
                ),
            }[ref["referenceType"]]()
            wall = datetime.combine(found, time())
        given = {k: ref[k] for k in clock[:3] if ref.get(k) is not None}
        if ref.get("millisecond") is not None:
            given["microsecond"] = ref["millisecond"] * 1000
        wall = wall.replace(**given)
        off = {k: v or 0 for k, v in (point.get("offset") or {}).items()}
        months = 12 * off.get("years", 0) + 3 * off.get("quarters", 0) + off.get("months", 0)
        day = plus_months(wall.date(), months) + timedelta(days=off.get("days", 0) + 7 * off.get("weeks", 0))
        small = {k: off.get(k, 0) for k in ("hours", "minutes", "seconds", "milliseconds")}
        return local(datetime.combine(day, wall.time()), zone) + timedelta(**small)


# Values ---------------------------------------------------------------------------------------------------------


def negative(operator: str) -> bool:
    return operator.startswith(("IS_NOT", "DOES_NOT", "IS_NONE", "HAS_NEVER", "NOT_UPDATED"))


def folded(value: str) -> str:
    return value.casefold().replace("i\u0307", "i")


def is_word(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LNM"


def text(operator: str, value: str, other: str) -> bool:
    mine, other = folded(value), folded(other)
    if "CONTAIN" in operator and "EXACTLY" in operator:
        ends = [(i, i + len(other)) for i in range(len(mine) + 1) if mine.startswith(other, i)]
        return any((a == 0 or not is_word(mine[a - 1])) and (b == len(mine) or not is_word(mine[b])) for a, b in ends)
    if "CONTAIN" in operator:
        return other in mine
    if operator == "STARTS_WITH":
        return mine.startswith(other)
    if operator == "ENDS_WITH":
        return mine.endswith(other)
    return mine == other


def options(operator: str, value: str, wanted: list[str], several: bool) -> bool:
    mine = {v for v in value.split(";") if v} if several else {value}
    if "ANY_OF" in operator or operator == "IS_NONE_OF":
        return bool(mine & set(wanted))
    if "EXACTLY" in operator:
        return mine == set(wanted)
    return set(wanted) <= mine


def as_number(value: Any) -> float | None:
    if not isinstance(value, str):
        return value
    stripped = value.strip(" \t")
    if not stripped or not set(stripped) <= set("+-.0123456789eE"):
        return None
    try:
        return float(stripped)
    except ValueError:
        return None


def as_bool(value: Any) -> bool | None:
    if not isinstance(value, str):
        return value
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(value.lower())


def as_id(value: Any) -> str | None:
    if isinstance(value, float):
        return str(int(value))
    return value


def numbers(operator: str, mine: float | None, other: float | None, op: dict) -> bool:
    if mine is None:
        return False
    if "BETWEEN" in operator:
        return op["lowerBound"] <= mine <= op["upperBound"]
    if other is None:
        return False
    return {
        "IS_GREATER_THAN": mine > other,
        "IS_GREATER_THAN_OR_EQUAL_TO": mine >= other,
        "IS_LESS_THAN": mine < other,
        "IS_LESS_THAN_OR_EQUAL_TO": mine <= other,
    }.get(operator, mine == other)


def occurs(count: int, refined: dict) -> bool:
    least, most = refined.get("minOccurrences") or 0, refined.get("maxOccurrences")
    return least <= count and (most is None or count <= most)


# Days and instants ----------------------------------------------------------------------------------------------


def local(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    return local(datetime.combine(day, time()), zone)


def begins(value: date | datetime, zone: str) -> datetime:
    return value if isinstance(value, datetime) else midnight(value, zone)


def as_time(value: Any) -> Any:
    """A date or an instant; undeclared text may be either, or epoch milliseconds, or nothing of the kind."""
    if not isinstance(value, str):
        return value
    if value.lstrip("-").isdigit():
        return EPOCH + timedelta(milliseconds=int(value))
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def compare(left: Any, right: Any, sign: str) -> bool:
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]


def order(left: Any, right: Any, zone: str, sign: str) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, datetime) == isinstance(right, datetime):
        return compare(left, right, sign)
    return compare(begins(left, zone), begins(right, zone), sign)


def clipped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return clipped(index // 12, index % 12 + 1, day.day)


def month_number(value: Any) -> int:
    return value if isinstance(value, int) else 1 + MONTHS.index(value[:3].upper())


def unit_of(day: date, unit: str, first_month: int) -> Any:
    """A name for the unit a day is in: equal for days of the same one."""
    if unit == "DAY":
        return day
    if unit == "WEEK":
        return day - timedelta(days=day.isoweekday() % 7)
    months = day.year * 12 + day.month - first_month
    return months // {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
